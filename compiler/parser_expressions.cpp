// Expressions (manual 3.4), by operator precedence. Constants are folded as the tree is built.
#include <optional>

#include "compiler/constant_folding.hpp"
#include "compiler/syntax_parser.hpp"
#include "vm/vm.hpp"

namespace selvage {

namespace {
struct OperatorInfo {
  BinaryOperator operation;
  int8_t left;   // priority towards the left; 0: no binary operator
  int8_t right;  // lower than `left`: groups from the right
};

constexpr int unaryPriority = 12;

constexpr OperatorInfo binaryOperator(Token token) {
  switch (token) {
    case Token::Plus: return {BinaryOperator::Add, 10, 10};
    case Token::Minus: return {BinaryOperator::Sub, 10, 10};
    case Token::Star: return {BinaryOperator::Mul, 11, 11};
    case Token::Slash: return {BinaryOperator::Div, 11, 11};
    case Token::DoubleSlash: return {BinaryOperator::IDiv, 11, 11};
    case Token::Percent: return {BinaryOperator::Mod, 11, 11};
    case Token::Caret: return {BinaryOperator::Pow, 14, 13};
    case Token::DoubleDot: return {BinaryOperator::Concat, 9, 8};
    case Token::ShiftLeft: return {BinaryOperator::Shl, 7, 7};
    case Token::ShiftRight: return {BinaryOperator::Shr, 7, 7};
    case Token::Ampersand: return {BinaryOperator::BAnd, 6, 6};
    case Token::Tilde: return {BinaryOperator::BXor, 5, 5};
    case Token::Pipe: return {BinaryOperator::BOr, 4, 4};
    case Token::Equal: return {BinaryOperator::Equal, 3, 3};
    case Token::NotEqual: return {BinaryOperator::NotEqual, 3, 3};
    case Token::Less: return {BinaryOperator::Less, 3, 3};
    case Token::LessEqual: return {BinaryOperator::LessEqual, 3, 3};
    case Token::Greater: return {BinaryOperator::Greater, 3, 3};
    case Token::GreaterEqual: return {BinaryOperator::GreaterEqual, 3, 3};
    case Token::And: return {BinaryOperator::And, 2, 2};
    case Token::Or: return {BinaryOperator::Or, 1, 1};
    default: return {BinaryOperator::Add, 0, 0};
  }
}

std::optional<UnaryOperator> unaryOperator(Token token) {
  switch (token) {
    case Token::Not: return UnaryOperator::Not;
    case Token::Minus: return UnaryOperator::Minus;
    case Token::Tilde: return UnaryOperator::BitNot;
    case Token::Hash: return UnaryOperator::Length;
    default: return std::nullopt;
  }
}
}  // namespace

// ---- operators ----

Expression* SyntaxParser::subExpression(int limit) {
  const Level level(*this);
  Expression* left;
  if (const std::optional<UnaryOperator> prefix = unaryOperator(token())) {
    const uint32_t line = lexer.line();
    lexer.next();
    left = subExpression(unaryPriority);
    left = unary(*prefix, left, *prefix == UnaryOperator::Not ? lexer.lastLine() : line);
  } else {
    left = simpleExpression();
  }
  for (OperatorInfo info = binaryOperator(token()); info.left > limit; info = binaryOperator(token())) {
    if (info.operation == BinaryOperator::Concat) {
      left = concatenation(left);
      continue;
    }
    const uint32_t line = lexer.line();
    takeAt(left, line);
    lexer.next();
    Expression* right = subExpression(info.right);
    settle(right);
    left = binary(info.operation, left, right, isComparison(info.operation) ? lexer.lastLine() : line);
  }
  return left;
}

// As in the reference, a variable or constant is read when the token after it has told what becomes of it: an operand
// on the line of its operator, an argument on that of the comma or parenthesis behind it.
void SyntaxParser::takeAt(Expression* operand, uint32_t line) {
  if (operand->isTaken) return;
  switch (operand->kind) {
    case ExpressionKind::Constant:
    case ExpressionKind::Local:
    case ExpressionKind::Upvalue:
    case ExpressionKind::Global:
    case ExpressionKind::Index: operand->line = line; break;
    case ExpressionKind::Binary:
      if (isLogical(operand->binaryOperator)) takeAt(operand->as<BinaryExpression>()->right, line);
      break;
    default: break;
  }
}

// A right operand, or what stands in parentheses, has been read when they end, unless it is a local variable or a
// constant.
void SyntaxParser::settle(Expression* operand) {
  operand->isTaken = operand->kind != ExpressionKind::Local && operand->kind != ExpressionKind::Constant;
}

// A whole chain a .. b .. c, with the reference's nesting: each operand is one level inside the one before it.
Expression* SyntaxParser::concatenation(Expression* first) {
  constexpr int operandLimit = binaryOperator(Token::DoubleDot).left;
  uint32_t line = lexer.line();  // of the last operator: as in the reference, the chain is one instruction there
  const uint32_t outerDepth = depth;
  const size_t list = expressions.begin();
  Expression* operand = first;
  expressions.add(operand);
  for (; token() == Token::DoubleDot; ++depth) {
    line = lexer.line();
    takeAt(operand, line);
    lexer.next();
    operand = subExpression(operandLimit);
    expressions.add(operand);
  }
  depth = outerDepth;
  auto* node = makeExpression<ConcatExpression>(ExpressionKind::Concat, line);
  node->operands = expressions.finish(list, arena);
  return node;
}

Expression* SyntaxParser::constant(Value value, uint32_t line) {
  auto* node = makeExpression<ConstantExpression>(ExpressionKind::Constant, line);
  node->value = value;
  return node;
}

Expression* SyntaxParser::truncated(Expression* operand) {
  if (!operand->hasMultipleValues()) return operand;
  auto* node = makeExpression<TruncatedExpression>(ExpressionKind::Truncated, operand->line);
  node->operand = operand;
  return node;
}

Expression* SyntaxParser::unary(UnaryOperator operation, Expression* operand, uint32_t line) {
  if (operand->kind == ExpressionKind::Constant) {
    if (const auto value = foldUnary(operation, operand->as<ConstantExpression>()->value)) {
      return constant(*value, line);
    }
  }
  auto* node = makeExpression<UnaryExpression>(ExpressionKind::Unary, line);
  node->unaryOperator = operation;
  node->operand = operand;
  return node;
}

Expression* SyntaxParser::binary(BinaryOperator operation, Expression* left, Expression* right, uint32_t line) {
  if (left->kind == ExpressionKind::Constant) {
    const Value value = left->as<ConstantExpression>()->value;
    if (isLogical(operation)) {
      const bool isDecided = value.isFalsy() == (operation == BinaryOperator::And);
      if (!isDecided) return truncated(right);
    } else if (right->kind == ExpressionKind::Constant) {
      if (const auto result = foldBinary(operation, value, right->as<ConstantExpression>()->value)) {
        return constant(*result, line);
      }
    }
  }
  auto* node = makeExpression<BinaryExpression>(ExpressionKind::Binary, line);
  node->binaryOperator = operation;
  node->left = left;
  node->right = right;
  return node;
}

// ---- operands ----

Expression* SyntaxParser::simpleExpression() {
  const uint32_t line = lexer.line();
  Expression* result;
  switch (token()) {
    case Token::Number: result = constant(lexer.number(), line); break;
    case Token::String: result = stringConstant(lexer.string(), line); break;
    case Token::Nil: result = constant(Value::nil(), line); break;
    case Token::True: result = constant(Value::boolean(true), line); break;
    case Token::False: result = constant(Value::boolean(false), line); break;
    case Token::TripleDot:
      if (!scopes.function().node->isVararg) lexer.syntaxError("cannot use '...' outside a vararg function");
      result = makeExpression<Expression>(ExpressionKind::Vararg, lexer.lastLine());
      break;
    case Token::LeftBrace: return table();
    case Token::Function: lexer.next(); return functionBody(false, lexer.line());
    default: return suffixedExpression().expression;
  }
  lexer.next();
  return result;
}

Expression* SyntaxParser::resolvedName(const ResolvedName& resolved, uint32_t line) {
  switch (resolved.kind) {
    case ResolvedName::Kind::Local: {
      auto* node = makeExpression<LocalExpression>(ExpressionKind::Local, line);
      node->local = resolved.variable;
      return node;
    }
    case ResolvedName::Kind::Upvalue: {
      auto* node = makeExpression<UpvalueExpression>(ExpressionKind::Upvalue, line);
      node->index = resolved.upvalue;
      return node;
    }
    case ResolvedName::Kind::Constant: return constant(resolved.variable->constant, line);
    case ResolvedName::Kind::Global: break;
  }
  return constant(Value::nil(), line);
}

SyntaxParser::SuffixedExpression SyntaxParser::name() {
  String* const identifier = expectName();
  const uint32_t line = lexer.lastLine();
  const ResolvedName resolved = scopes.resolve(identifier);
  if (resolved.kind != ResolvedName::Kind::Global) return {resolvedName(resolved, line), true, resolved.variable};
  auto* node = makeExpression<GlobalExpression>(ExpressionKind::Global, line);
  node->environment = resolvedName(scopes.resolve(environmentName), line);
  node->name = identifier;
  return {node, true, nullptr};
}

SyntaxParser::SuffixedExpression SyntaxParser::primaryExpression() {
  if (token() == Token::Name) return name();
  const uint32_t line = lexer.line();
  if (token() != Token::LeftParenthesis) {
    lexer.syntaxError("unexpected symbol");
    return {constant(Value::nil(), line), false, nullptr};
  }
  lexer.next();
  Expression* inner = expression();
  expectClosing(Token::RightParenthesis, Token::LeftParenthesis, line);
  takeAt(inner, lexer.lastLine());
  settle(inner);
  return {truncated(inner), false, nullptr};
}

// At a `.` or `:`.
Expression* SyntaxParser::fieldAccess(Expression* object) {
  lexer.next();
  String* field = expectName();
  auto* node = makeExpression<IndexExpression>(ExpressionKind::Index, lexer.lastLine());
  node->object = object;
  node->key = stringConstant(field, node->line);
  return node;
}

SyntaxParser::SuffixedExpression SyntaxParser::suffixedExpression() {
  SuffixedExpression result = primaryExpression();
  while (true) {
    switch (token()) {
      case Token::Dot: result = {fieldAccess(result.expression), true, nullptr}; break;
      case Token::LeftBracket: {
        lexer.next();
        Expression* key = expression();
        expect(Token::RightBracket);
        auto* node = makeExpression<IndexExpression>(ExpressionKind::Index, lexer.lastLine());
        node->object = result.expression;
        node->key = key;
        result = {node, true, nullptr};
        break;
      }
      case Token::Colon: {
        lexer.next();
        auto* node = makeExpression<MethodCallExpression>(ExpressionKind::MethodCall, lexer.line());
        node->object = result.expression;
        node->name = expectName();
        node->nameLine = lexer.lastLine();
        node->line = lexer.line();
        node->arguments = arguments(node->line);
        result = {node, false, nullptr};
        break;
      }
      case Token::LeftParenthesis:
      case Token::LeftBrace:
      case Token::String: {
        auto* node = makeExpression<CallExpression>(ExpressionKind::Call, lexer.line());
        node->function = result.expression;
        node->arguments = arguments(node->line);
        result = {node, false, nullptr};
        break;
      }
      default: return result;
    }
  }
}

std::span<Expression*> SyntaxParser::arguments(uint32_t line) {
  const size_t list = expressions.begin();
  switch (token()) {
    case Token::LeftParenthesis: {
      lexer.next();
      std::span<Expression*> result;
      if (token() != Token::RightParenthesis) result = expressionList();
      expectClosing(Token::RightParenthesis, Token::LeftParenthesis, line);
      if (!result.empty()) takeAt(result.back(), lexer.lastLine());
      return result;
    }
    case Token::LeftBrace: expressions.add(table()); break;
    case Token::String:
      expressions.add(stringConstant(lexer.string(), lexer.line()));
      lexer.next();
      break;
    default: lexer.syntaxError("function arguments expected");
  }
  return expressions.finish(list, arena);
}

std::span<Expression*> SyntaxParser::expressionList() {
  const size_t list = expressions.begin();
  Expression* item = expression();
  expressions.add(item);
  while (accept(Token::Comma)) {
    takeAt(item, lexer.lastLine());
    item = expression();
    expressions.add(item);
  }
  return expressions.finish(list, arena);
}

Expression* SyntaxParser::table() {
  const uint32_t line = lexer.line();
  auto* node = makeExpression<TableExpression>(ExpressionKind::Table, lexer.lastLine());
  const size_t list = tableItems.begin();
  expect(Token::LeftBrace);
  while (token() != Token::RightBrace) {
    TableItem item{};
    const bool isNamed = token() == Token::Name && lexer.lookAhead() == Token::Assign;
    if (isNamed) {
      String* field = expectName();
      item.key = stringConstant(field, lexer.lastLine());
    } else if (token() == Token::LeftBracket) {
      lexer.next();
      item.key = expression();
      expect(Token::RightBracket);
    }
    if (item.key != nullptr) {
      ++node->keyedCount;
      expect(Token::Assign);
    } else {
      ++node->positionalCount;
    }
    item.value = expression();
    item.line = lexer.lastLine();
    const bool isSeparated = accept(Token::Comma) || accept(Token::Semicolon);
    if (item.key == nullptr && isSeparated) {
      item.line = lexer.lastLine();
      takeAt(item.value, item.line);
    }
    tableItems.add(item);
    if (!isSeparated) break;
  }
  expectClosing(Token::RightBrace, Token::LeftBrace, line);
  node->lastLine = lexer.lastLine();
  node->items = tableItems.finish(list, arena);
  if (!node->items.empty() && node->items.back().key == nullptr) takeAt(node->items.back().value, node->lastLine);
  return node;
}

// ---- functions ----

void SyntaxParser::parameters(FunctionNode* function, bool isMethod) {
  const size_t list = locals.begin();
  if (isMethod) {
    locals.add(scopes.declare(selfName));
    scopes.activate(1);
  }
  const size_t firstNamed = locals.begin();
  if (token() != Token::RightParenthesis) {
    do {
      if (token() == Token::Name) {
        locals.add(scopes.declare(expectName()));
      } else if (accept(Token::TripleDot)) {
        function->isVararg = true;
      } else {
        lexer.syntaxError("<name> or '...' expected");
      }
    } while (!function->isVararg && accept(Token::Comma));
  }
  scopes.activate(static_cast<uint32_t>(locals.countFrom(firstNamed)));
  function->parameters = locals.finish(list, arena);
}

// From the `(` on. `line` is where the function begins.
FunctionExpression* SyntaxParser::functionBody(bool isMethod, uint32_t line) {
  auto* function = arena.make<FunctionNode>();
  function->parent = scopes.function().node;
  ++function->parent->functionCount;
  function->line = line;
  function->body = arena.make<BlockNode>();
  FunctionScope scope{.node = function};
  BlockScope body{.node = function->body};
  scopes.openFunction(scope, body);
  expect(Token::LeftParenthesis);
  parameters(function, isMethod);
  expect(Token::RightParenthesis);
  function->body->statements = statementList();
  function->lastLine = function->body->lastLine = lexer.line();
  expectClosing(Token::End, Token::Function, line);
  scopes.closeFunction();
  auto* node = makeExpression<FunctionExpression>(ExpressionKind::Function, lexer.lastLine());
  node->function = function;
  return node;
}

}  // namespace selvage
