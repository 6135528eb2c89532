// The syntax tree that the parser makes and the bytecode compiler reads.
//
// Nodes live in an Arena and are trivially destructible. A node's `kind` says which struct it is; node->as<T>()
// downcasts. Names are already resolved: a use of a variable is a LocalExpression, an UpvalueExpression or a
// GlobalExpression (a field of _ENV), and gotos point to their labels. All rules of the language that can be checked
// without running have been checked, so the compiler only ever fails on limits of the bytecode.
//
// What the compiler can rely on:
// - Equal strings in one tree are the same String object, long ones too, so constants can be compared by pointer.
// - Constant expressions are folded (numeric operators, `not`, `and`/`or` with a constant left side), and uses of
//   compile-time constants (`local x <const> = 5`) are ConstantExpressions. The folding rules are the reference's;
//   see constant_folding.hpp.
// - Nesting is limited (see maxSyntaxDepth in parser.hpp), so recursing over the tree is safe, except along *left
//   spines*, which the grammar makes without nesting and which can have any length:
//     BinaryExpression::left                              (1 + 1 + 1 + ..., a and b and c ...)
//     IndexExpression::object, CallExpression::function, MethodCallExpression::object   (f(x)(y).z:m() ...)
//   A visitor must go down `leftSpine(node)` in a loop, collecting the nodes, evaluate the innermost one and then come
//   back up. Everything else (right operands, arguments, `..` chains, blocks) is bounded.
// - Lines are 1-based and are where the reference reports an error of that operation.
#pragma once

#include <cstdint>
#include <span>

#include "vm/string.hpp"
#include "vm/value.hpp"

namespace selvage {

struct BlockNode;
struct FunctionNode;

// ---- variables ----

enum class Attribute : uint8_t { None, Const, Close };

// A local variable, a parameter or one of the hidden variables of a for loop (named "(for state)"). Slots are assigned
// by the compiler.
struct LocalNode {
  String* name;
  BlockNode* block;     // that it is declared in; null: a hidden variable
  uint32_t line;        // of its declaration
  uint32_t depth;       // how many variables of its function are in scope where it is declared, not counting itself
  Attribute attribute;  // hidden variable 4 of a generic for has Close
  bool isCaptured;      // some nested function refers to it (final once its function has been parsed)
  bool isAssigned;      // assigned to after its initialisation
  bool isConstant;      // compile-time constant `constant`: needs no slot and no initialisation
  Value constant;
  uint32_t slot;  // for the compiler
};

// An upvalue of a function, in the order of its index.
struct UpvalueNode {
  String* name;
  LocalNode* variable;   // the variable that it is in the end, of whatever enclosing function; null: the chunk's _ENV
  bool fromParentLocal;  // `variable` is a local of the directly enclosing function; otherwise:
  uint32_t parentIndex;  // it is the enclosing function's upvalue with this index
  // The main function has exactly one, _ENV: fromParentLocal with variable null.
};

// The target of gotos: a label statement, or the end of a loop that contains a break (then name is "break").
// Jumping to it leaves the scope of every variable whose LocalNode::depth is >= `depth`; those of them that are
// captured or have Attribute::Close must be closed by the goto. The variables below `depth` are in scope, in the same
// slots, both at the goto and at the label. (At a label that ends its block, `depth` already excludes the block's
// variables.)
struct LabelNode {
  String* name;
  uint32_t line;
  uint32_t depth;
  bool isUsed;           // some goto refers to it
  bool hasBackwardJump;  // some goto that comes after it in the text does
};

// ---- expressions ----

enum class ExpressionKind : uint8_t {
  Constant,    // ConstantExpression: nil, booleans, numbers, strings
  Vararg,      // Expression: `...`; several values
  Function,    // FunctionExpression
  Local,       // LocalExpression; assignable
  Upvalue,     // UpvalueExpression; assignable
  Global,      // GlobalExpression; assignable
  Index,       // IndexExpression; assignable
  Call,        // CallExpression; several values
  MethodCall,  // MethodCallExpression; several values
  Unary,       // UnaryExpression
  Binary,      // BinaryExpression: all binary operators but `..`
  Concat,      // ConcatExpression
  Table,       // TableExpression
  Truncated,   // TruncatedExpression: a call or vararg in parentheses
};

enum class UnaryOperator : uint8_t { Minus, Not, Length, BitNot };

enum class BinaryOperator : uint8_t {
  // Arithmetic and bitwise.
  Add,
  Sub,
  Mul,
  Mod,
  Pow,
  Div,
  IDiv,
  BAnd,
  BOr,
  BXor,
  Shl,
  Shr,
  // Only between lexer and parser; in the tree it is a ConcatExpression.
  Concat,
  // Comparisons.
  Equal,
  Less,
  LessEqual,
  NotEqual,
  Greater,
  GreaterEqual,
  // Logic: the right side is evaluated only if needed.
  And,
  Or,
};
constexpr bool isArithmetic(BinaryOperator o) { return o <= BinaryOperator::Shr; }
constexpr bool isComparison(BinaryOperator o) {
  return o >= BinaryOperator::Equal && o <= BinaryOperator::GreaterEqual;
}
constexpr bool isLogical(BinaryOperator o) { return o >= BinaryOperator::And; }

struct Expression {
  ExpressionKind kind;
  union {  // in UnaryExpression and BinaryExpression; here so that it costs no word
    UnaryOperator unaryOperator;
    BinaryOperator binaryOperator;
  };
  bool isTaken;  // SyntaxParser::takeAt has no effect any more
  uint32_t line;

  // A call or vararg: can give any number of values at the end of a list.
  bool hasMultipleValues() const {
    return kind == ExpressionKind::Call || kind == ExpressionKind::MethodCall || kind == ExpressionKind::Vararg;
  }
  template <class T>
  T* as() {
    return static_cast<T*>(this);
  }
  template <class T>
  const T* as() const {
    return static_cast<const T*>(this);
  }
};

struct ConstantExpression : Expression {
  Value value;
};

struct FunctionExpression : Expression {
  FunctionNode* function;
};

struct LocalExpression : Expression {  // never of a compile-time constant
  LocalNode* local;
};

struct UpvalueExpression : Expression {
  uint32_t index;  // into FunctionNode::upvalues of the function that contains the expression
};

// A free name: _ENV.name.
struct GlobalExpression : Expression {
  Expression* environment;  // the variable _ENV: Upvalue, Local or (when declared as a constant) Constant
  String* name;             // may be a long string
};

// a.b and a[b]; a.b has a constant string as its key. line: of the name or the `]`.
struct IndexExpression : Expression {
  Expression* object;
  Expression* key;
};

// line: of the first token of the arguments, as in the reference since 5.4.7: for `a.b` on line 1 and `(x)` on line 2
// it is 2. The same for method calls.
struct CallExpression : Expression {
  Expression* function;
  std::span<Expression*> arguments;
};

struct MethodCallExpression : Expression {
  Expression* object;
  String* name;       // may be a long string
  uint32_t nameLine;  // where looking up the method fails
  std::span<Expression*> arguments;
};

// line: of the operator.
struct UnaryExpression : Expression {
  Expression* operand;
};

struct BinaryExpression : Expression {
  Expression* left;
  Expression* right;
};

// a .. b .. c, which groups from the right: all operands are evaluated in order and then concatenated. At least two.
// line: of the first operator.
struct ConcatExpression : Expression {
  std::span<Expression*> operands;
};

struct TableItem {
  Expression* key;  // null: a positional item, which has the next array index
  Expression* value;
  uint32_t line;  // where it is stored: of its last token or, behind a positional one, the separator
};

// line: of the token before the `{`, where the reference makes the table. If the last item is positional and
// hasMultipleValues, all its values are stored.
struct TableExpression : Expression {
  std::span<TableItem> items;  // in the order of evaluation
  uint32_t positionalCount;
  uint32_t keyedCount;
  uint32_t lastLine;  // of the `}`
};

struct TruncatedExpression : Expression {
  Expression* operand;
};

// The next node down the left spine, or null at its end.
inline Expression* leftSpine(Expression* node) {
  switch (node->kind) {
    case ExpressionKind::Binary: return node->as<BinaryExpression>()->left;
    case ExpressionKind::Index: return node->as<IndexExpression>()->object;
    case ExpressionKind::Call: return node->as<CallExpression>()->function;
    case ExpressionKind::MethodCall: return node->as<MethodCallExpression>()->object;
    default: return nullptr;
  }
}

// ---- statements ----

enum class StatementKind : uint8_t {
  Local,
  LocalFunction,
  Assignment,
  Function,
  Call,
  Do,
  While,
  Repeat,
  If,
  NumericFor,
  GenericFor,
  Return,
  Goto,
  Label,
};

struct Statement {
  StatementKind kind;
  uint32_t line;  // of the first token

  template <class T>
  T* as() {
    return static_cast<T*>(this);
  }
  template <class T>
  const T* as() const {
    return static_cast<const T*>(this);
  }
};

// The statements of one scope. Empty statements are not in it.
struct BlockNode {
  std::span<Statement*> statements;
  uint32_t depth;      // how many variables of the function are in scope around it
  uint32_t beginLine;  // of the token before its statements; only of the bodies of for loops
  uint32_t finalLine;  // of the last token of its statements, or of the one before them
  uint32_t lastLine;   // of the token that ends it
  bool hasCaptured;    // some variable declared directly in it isCaptured
  bool hasToBeClosed;  // or has Attribute::Close
};

// local a <const>, b <close> = ...  The variables come into scope after the values. At most one variable has Close.
// A variable with isConstant is the last one and has a value, a ConstantExpression that need not be evaluated; then
// there are as many values as variables.
struct LocalStatement : Statement {
  std::span<LocalNode*> variables;
  std::span<Expression*> values;
  uint32_t lastLine;  // of the last token
};

// The variable is in scope in the function.
struct LocalFunctionStatement : Statement {
  LocalNode* variable;
  FunctionNode* function;
};

// Targets are Local, Upvalue, Global or Index expressions.
struct AssignmentStatement : Statement {
  std::span<Expression*> targets;
  std::span<Expression*> values;
  uint32_t lastLine;  // of the last token: where the stores fail
};

// function a.b.c:m() ... end; `self` is already the first parameter. The store's line is the statement's.
struct FunctionStatement : Statement {
  Expression* target;
  FunctionNode* function;
};

struct CallStatement : Statement {
  Expression* call;  // Call or MethodCall
};

struct DoStatement : Statement {
  BlockNode* body;
};

struct WhileStatement : Statement {
  Expression* condition;
  BlockNode* body;
  LabelNode* breakLabel;  // null: no break refers to it; likewise below
};

// The condition is in the scope of the body's variables.
struct RepeatStatement : Statement {
  BlockNode* body;
  Expression* condition;
  LabelNode* breakLabel;
  uint32_t lastLine;  // of the condition's last token
};

struct IfClause {
  Expression* condition;
  BlockNode* body;
  uint32_t line;      // of the `if` or `elseif`
  uint32_t thenLine;  // of the `then`
};

struct IfStatement : Statement {
  std::span<IfClause> clauses;  // at least one
  BlockNode* otherwise;         // or null
};

// The loop's own variables are hidden ones; the visible variable belongs to the body's block.
struct NumericForStatement : Statement {
  LocalNode* state[3];
  LocalNode* variable;
  Expression* start;
  Expression* limit;
  Expression* step;  // null: 1
  BlockNode* body;
  LabelNode* breakLabel;
};

// line: of the first value, where calling the iterator fails.
struct GenericForStatement : Statement {
  LocalNode* state[4];  // the last one has Attribute::Close
  std::span<LocalNode*> variables;
  std::span<Expression*> values;
  BlockNode* body;
  LabelNode* breakLabel;
};

struct ReturnStatement : Statement {
  std::span<Expression*> values;
  bool isInsideToBeClosed;  // in the scope of a to-be-closed variable (or a generic for) of its function: no tail call
};

// goto or break.
struct GotoStatement : Statement {
  LabelNode* label;
  bool isBreak;
};

struct LabelStatement : Statement {
  LabelNode* label;
};

// ---- functions ----

struct FunctionNode {
  FunctionNode* parent;              // null: the main function
  std::span<LocalNode*> parameters;  // declared in `body`
  std::span<UpvalueNode> upvalues;
  BlockNode* body;
  uint32_t line;           // of `function`; 0: the main function
  uint32_t lastLine;       // of its `end`, or of the end of the chunk
  uint32_t functionCount;  // functions directly in it
  bool isVararg;
};

}  // namespace selvage
