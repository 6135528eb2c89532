// The recursive-descent parser's state; statements are parsed in parser.cpp, expressions in parser_expressions.cpp.
//
// After an error the lexer gives only Eof, so every loop ends by itself and nothing needs to be unwound: parse
// functions always return a node, which nobody will look at.
#pragma once

#include <span>
#include <string_view>

#include "compiler/arena.hpp"
#include "compiler/ast.hpp"
#include "compiler/lexer.hpp"
#include "compiler/parser.hpp"
#include "compiler/scope.hpp"
#include "vm/vm.hpp"

namespace selvage {

class SyntaxParser {
 public:
  SyntaxParser(VM& vm, Arena& arena, std::string_view source, std::string_view chunkName, Text& error);

  FunctionNode* chunk();

 private:
  // Nodes of a list that is being read; list heads are positions in it, since lists nest.
  template <class T>
  class ListStack {
   public:
    explicit ListStack(Arena& arena) : items(arena) {}
    size_t begin() const { return items.size(); }
    void add(T item) { items.push_back(item); }
    size_t countFrom(size_t first) const { return items.size() - first; }
    // Ends the list: copies it to the arena.
    std::span<T> finish(size_t first, Arena& arena) {
      const std::span<T> result = arena.copy(std::span<const T>(items).subspan(first));
      items.resize(first);
      return result;
    }

   private:
    ArenaList<T> items;
  };

  // One level of nesting. The reference counts the same ones.
  class Level {
   public:
    explicit Level(SyntaxParser& parser) : parser(parser) {
      if (++parser.depth > maxSyntaxDepth || isCStackLow()) [[unlikely]]
        parser.lexer.plainError(cStackOverflow);
    }
    ~Level() { --parser.depth; }
    Level(const Level&) = delete;

   private:
    SyntaxParser& parser;
  };

  // What an assignment may be made to.
  struct SuffixedExpression {
    Expression* expression;
    bool isVariable;      // not a call, not in parentheses
    LocalNode* variable;  // that a name refers to; null: an unnamed place or a global
  };

  // ---- tokens ----
  Token token() const { return lexer.token(); }
  bool accept(Token wanted);
  void expect(Token wanted);
  // Expects what closes the construct that `opener` began on `line`.
  void expectClosing(Token wanted, Token opener, uint32_t line);
  void expectedError(Token wanted);
  String* expectName();
  bool atBlockEnd(bool untilEnds) const;

  template <class T>
  T* addStatement(StatementKind kind, uint32_t line) {
    T* node = arena.make<T>();
    node->kind = kind;
    node->line = line;
    statements.add(node);
    return node;
  }
  template <class T>
  T* makeExpression(ExpressionKind kind, uint32_t line) {
    T* node = arena.make<T>();
    node->kind = kind;
    node->line = line;
    return node;
  }

  // ---- statements ----
  void statement();
  std::span<Statement*> statementList();
  BlockNode* block();
  void ifStatement(uint32_t line);
  void whileStatement(uint32_t line);
  void repeatStatement(uint32_t line);
  void forStatement(uint32_t line);
  void numericFor(uint32_t line, BlockScope& loop, String* name);
  void genericFor(uint32_t line, BlockScope& loop, String* name);
  BlockNode* forBody(uint32_t variableCount);
  void functionStatement(uint32_t line);
  void localFunction(uint32_t line);
  void localStatement(uint32_t line);
  Attribute attribute();
  void labelStatement(uint32_t line);
  void gotoStatement();
  void breakStatement();
  void returnStatement(uint32_t line);
  void expressionStatement(uint32_t line);
  void assignment(uint32_t line, SuffixedExpression first);
  void assignmentTarget(const SuffixedExpression& target);
  void checkAssignable(const LocalNode* variable);

  // ---- expressions ----
  Expression* expression() { return subExpression(0); }
  Expression* subExpression(int limit);
  static void takeAt(Expression* operand, uint32_t line);
  static void settle(Expression* operand);
  Expression* concatenation(Expression* first);
  Expression* simpleExpression();
  SuffixedExpression suffixedExpression();
  SuffixedExpression primaryExpression();
  SuffixedExpression name();
  Expression* resolvedName(const ResolvedName& resolved, uint32_t line);
  Expression* fieldAccess(Expression* object);
  std::span<Expression*> arguments(uint32_t line);
  std::span<Expression*> expressionList();
  Expression* table();
  FunctionExpression* functionBody(bool isMethod, uint32_t line);
  void parameters(FunctionNode* function, bool isMethod);
  Expression* unary(UnaryOperator operation, Expression* operand, uint32_t line);
  Expression* binary(BinaryOperator operation, Expression* left, Expression* right, uint32_t line);
  Expression* truncated(Expression* operand);
  Expression* constant(Value value, uint32_t line);
  Expression* stringConstant(String* string, uint32_t line) { return constant(Value::string(string), line); }

  VM& vm;
  Arena& arena;
  Lexer lexer;
  Scopes scopes;
  uint32_t depth = 0;
  ListStack<Statement*> statements;
  ListStack<Expression*> expressions;
  ListStack<TableItem> tableItems;
  ListStack<IfClause> clauses;
  ListStack<LocalNode*> locals;
  // Names that the language itself gives.
  String* environmentName;
  String* selfName;
  String* breakName;
  String* stateName;
};

}  // namespace selvage
