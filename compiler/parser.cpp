// Chunks, blocks and statements (manual 3.3).
#include "compiler/parser.hpp"

#include "compiler/syntax_parser.hpp"
#include "vm/format_text.hpp"
#include "vm/vm.hpp"

namespace selvage {

FunctionNode* parseChunk(VM& vm, Arena& arena, std::string_view source, std::string_view chunkName, Text& error) {
  SyntaxParser parser(vm, arena, source, chunkName, error);
  return parser.chunk();
}

SyntaxParser::SyntaxParser(VM& vm, Arena& arena, std::string_view source, std::string_view chunkName, Text& error)
    : vm(vm),
      arena(arena),
      lexer(vm, source, chunkName, error),
      scopes(vm, lexer, arena),
      statements(arena),
      expressions(arena),
      tableItems(arena),
      clauses(arena),
      locals(arena),
      environmentName(lexer.intern("_ENV")),
      selfName(lexer.intern("self")),
      breakName(lexer.intern("break")),
      stateName(lexer.intern("(for state)")) {}

FunctionNode* SyntaxParser::chunk() {
  auto* main = arena.make<FunctionNode>();
  main->isVararg = true;
  main->body = arena.make<BlockNode>();
  FunctionScope scope{.node = main};
  BlockScope body{.node = main->body};
  scopes.openFunction(scope, body);
  scopes.addEnvironment(environmentName);
  lexer.next();
  main->body->statements = statementList();
  main->body->lastLine = lexer.line();
  main->lastLine = lexer.lastLine();
  if (token() != Token::Eof) expectedError(Token::Eof);
  scopes.closeFunction();
  return lexer.hasFailed() ? nullptr : main;
}

// ---- tokens ----

bool SyntaxParser::accept(Token wanted) {
  if (token() != wanted) return false;
  lexer.next();
  return true;
}

void SyntaxParser::expectedError(Token wanted) {
  if (!lexer.hasFailed()) lexer.syntaxError(tokenName(wanted) + " expected");
}

void SyntaxParser::expect(Token wanted) {
  if (token() != wanted) [[unlikely]]
    return expectedError(wanted);
  lexer.next();
}

void SyntaxParser::expectClosing(Token wanted, Token opener, uint32_t line) {
  if (token() == wanted) [[likely]]
    return lexer.next();
  if (line == lexer.line()) return expectedError(wanted);
  lexer.syntaxError(formatText(vm, "{} expected (to close {} at line {})", tokenName(wanted), tokenName(opener), line));
}

String* SyntaxParser::expectName() {
  if (token() != Token::Name) [[unlikely]] {
    expectedError(Token::Name);
    return selfName;  // any name will do
  }
  String* result = lexer.string();
  lexer.next();
  return result;
}

// `until` ends a block of statements but not its scope.
bool SyntaxParser::atBlockEnd(bool untilEnds) const {
  switch (token()) {
    case Token::Else:
    case Token::ElseIf:
    case Token::End:
    case Token::Eof: return true;
    case Token::Until: return untilEnds;
    default: return false;
  }
}

// ---- blocks ----

std::span<Statement*> SyntaxParser::statementList() {
  const size_t list = statements.begin();
  while (!atBlockEnd(true)) {
    const bool isLast = token() == Token::Return;
    statement();
    if (isLast) break;
  }
  return statements.finish(list, arena);
}

BlockNode* SyntaxParser::block() {
  auto* node = arena.make<BlockNode>();
  BlockScope scope{.node = node};
  scopes.enterBlock(scope);
  node->statements = statementList();
  node->finalLine = lexer.lastLine();
  node->lastLine = lexer.line();
  scopes.leaveBlock();
  return node;
}

void SyntaxParser::statement() {
  const Level level(*this);
  const uint32_t line = lexer.line();
  switch (token()) {
    case Token::Semicolon: return lexer.next();
    case Token::If: return ifStatement(line);
    case Token::While: return whileStatement(line);
    case Token::Do: {
      lexer.next();
      auto* node = addStatement<DoStatement>(StatementKind::Do, line);
      node->body = block();
      return expectClosing(Token::End, Token::Do, line);
    }
    case Token::For: return forStatement(line);
    case Token::Repeat: return repeatStatement(line);
    case Token::Function: return functionStatement(line);
    case Token::Local: lexer.next(); return accept(Token::Function) ? localFunction(line) : localStatement(line);
    case Token::DoubleColon: lexer.next(); return labelStatement(line);
    case Token::Return: lexer.next(); return returnStatement(line);
    case Token::Break: return breakStatement();
    case Token::Goto: lexer.next(); return gotoStatement();
    default: return expressionStatement(line);
  }
}

// ---- conditions and loops ----

void SyntaxParser::ifStatement(uint32_t line) {
  auto* node = addStatement<IfStatement>(StatementKind::If, line);
  const size_t list = clauses.begin();
  do {
    IfClause clause{};
    clause.line = lexer.line();
    lexer.next();
    clause.condition = expression();
    clause.thenLine = lexer.line();
    expect(Token::Then);
    clause.body = block();
    clauses.add(clause);
  } while (token() == Token::ElseIf);
  if (accept(Token::Else)) node->otherwise = block();
  expectClosing(Token::End, Token::If, line);
  node->clauses = clauses.finish(list, arena);
}

void SyntaxParser::whileStatement(uint32_t line) {
  auto* node = addStatement<WhileStatement>(StatementKind::While, line);
  lexer.next();
  node->condition = expression();
  BlockScope loop{.isLoop = true};
  scopes.enterBlock(loop);
  expect(Token::Do);
  node->body = block();
  expectClosing(Token::End, Token::While, line);
  scopes.leaveBlock();
  node->breakLabel = loop.breakLabel;
}

void SyntaxParser::repeatStatement(uint32_t line) {
  auto* node = addStatement<RepeatStatement>(StatementKind::Repeat, line);
  node->body = arena.make<BlockNode>();
  BlockScope loop{.isLoop = true};
  BlockScope body{.node = node->body};
  scopes.enterBlock(loop);
  scopes.enterBlock(body);
  lexer.next();
  node->body->statements = statementList();
  node->body->lastLine = lexer.line();
  expectClosing(Token::Until, Token::Repeat, line);
  node->condition = expression();
  node->lastLine = lexer.lastLine();
  scopes.leaveBlock();
  scopes.leaveBlock();
  node->breakLabel = loop.breakLabel;
}

void SyntaxParser::forStatement(uint32_t line) {
  BlockScope loop{.isLoop = true};
  scopes.enterBlock(loop);
  lexer.next();
  String* name = expectName();
  switch (token()) {
    case Token::Assign: numericFor(line, loop, name); break;
    case Token::Comma:
    case Token::In: genericFor(line, loop, name); break;
    default: lexer.syntaxError("'=' or 'in' expected"); scopes.leaveBlock();
  }
}

// The loop's scope is left here, so that the break label is known.
void SyntaxParser::numericFor(uint32_t line, BlockScope& loop, String* name) {
  auto* node = addStatement<NumericForStatement>(StatementKind::NumericFor, line);
  for (LocalNode*& state : node->state) state = scopes.declare(stateName);
  node->variable = scopes.declare(name);
  expect(Token::Assign);
  node->start = expression();
  expect(Token::Comma);
  node->limit = expression();
  if (accept(Token::Comma)) node->step = expression();
  scopes.activate(static_cast<uint32_t>(std::size(node->state)));
  node->body = forBody(1);
  expectClosing(Token::End, Token::For, line);
  scopes.leaveBlock();
  node->breakLabel = loop.breakLabel;
}

void SyntaxParser::genericFor(uint32_t line, BlockScope& loop, String* name) {
  auto* node = addStatement<GenericForStatement>(StatementKind::GenericFor, line);
  for (LocalNode*& state : node->state) state = scopes.declare(stateName);
  node->state[3]->attribute = Attribute::Close;
  const size_t list = locals.begin();
  locals.add(scopes.declare(name));
  while (accept(Token::Comma)) locals.add(scopes.declare(expectName()));
  node->variables = locals.finish(list, arena);
  expect(Token::In);
  node->line = lexer.line();
  node->values = expressionList();
  scopes.activate(static_cast<uint32_t>(std::size(node->state)));
  scopes.markToBeClosed();
  node->body = forBody(static_cast<uint32_t>(node->variables.size()));
  expectClosing(Token::End, Token::For, line);
  scopes.leaveBlock();
  node->breakLabel = loop.breakLabel;
}

BlockNode* SyntaxParser::forBody(uint32_t variableCount) {
  auto* node = arena.make<BlockNode>();
  BlockScope scope{.node = node};
  expect(Token::Do);
  node->beginLine = lexer.lastLine();
  scopes.enterBlock(scope);
  scopes.activate(variableCount);
  scope.labelDepth = scopes.function().activeCount;
  node->statements = statementList();
  node->finalLine = lexer.lastLine();
  node->lastLine = lexer.line();
  scopes.leaveBlock();
  return node;
}

// ---- declarations ----

void SyntaxParser::functionStatement(uint32_t line) {
  lexer.next();
  SuffixedExpression target = name();
  bool isMethod = false;
  while (!isMethod && (token() == Token::Dot || token() == Token::Colon)) {
    isMethod = token() == Token::Colon;
    target = {fieldAccess(target.expression), true, nullptr};
  }
  FunctionNode* function = functionBody(isMethod, line)->function;
  checkAssignable(target.variable);
  auto* node = addStatement<FunctionStatement>(StatementKind::Function, line);
  node->target = target.expression;
  node->function = function;
  if (target.variable != nullptr) target.variable->isAssigned = true;
}

void SyntaxParser::localFunction(uint32_t line) {
  auto* node = addStatement<LocalFunctionStatement>(StatementKind::LocalFunction, line);
  node->variable = scopes.declare(expectName());
  scopes.activate(1);
  node->function = functionBody(false, lexer.line())->function;
}

Attribute SyntaxParser::attribute() {
  if (!accept(Token::Less)) return Attribute::None;
  const std::string_view text = expectName()->view();
  expect(Token::Greater);
  if (text == "const") return Attribute::Const;
  if (text == "close") return Attribute::Close;
  lexer.semanticError(formatText(vm, "unknown attribute '{}'", text));
  return Attribute::None;
}

void SyntaxParser::localStatement(uint32_t line) {
  auto* node = addStatement<LocalStatement>(StatementKind::Local, line);
  const size_t list = locals.begin();
  bool hasToBeClosed = false;
  do {
    LocalNode* variable = scopes.declare(expectName());
    variable->attribute = attribute();
    if (variable->attribute == Attribute::Close) {
      if (hasToBeClosed) lexer.semanticError("multiple to-be-closed variables in local list");
      hasToBeClosed = true;
    }
    locals.add(variable);
  } while (accept(Token::Comma));
  node->variables = locals.finish(list, arena);
  if (accept(Token::Assign)) node->values = expressionList();
  node->lastLine = lexer.lastLine();
  LocalNode* last = node->variables.back();
  if (last->attribute == Attribute::Const && node->values.size() == node->variables.size() &&
      node->values.back()->kind == ExpressionKind::Constant) {
    last->isConstant = true;
    last->constant = node->values.back()->as<ConstantExpression>()->value;
  }
  scopes.activate(static_cast<uint32_t>(node->variables.size()));
  if (hasToBeClosed) scopes.markToBeClosed();
}

// ---- jumps ----

void SyntaxParser::labelStatement(uint32_t line) {
  String* name = expectName();
  const uint32_t lastLine = lexer.line();
  expect(Token::DoubleColon);
  // Other empty statements come first, so that this label can be seen to end its block.
  while (token() == Token::Semicolon || token() == Token::DoubleColon) statement();
  LabelNode* label = scopes.declareLabel(name, line, atBlockEnd(false));
  addStatement<LabelStatement>(StatementKind::Label, lastLine)->label = label;
}

void SyntaxParser::gotoStatement() {
  auto* node = addStatement<GotoStatement>(StatementKind::Goto, lexer.line());
  node->isBreak = false;
  scopes.resolveGoto(node, expectName());
}

void SyntaxParser::breakStatement() {
  auto* node = addStatement<GotoStatement>(StatementKind::Goto, lexer.line());
  node->isBreak = true;
  lexer.next();
  scopes.resolveBreak(node, breakName);
}

void SyntaxParser::returnStatement(uint32_t line) {
  auto* node = addStatement<ReturnStatement>(StatementKind::Return, line);
  if (!atBlockEnd(true) && token() != Token::Semicolon) node->values = expressionList();
  node->line = lexer.lastLine();
  node->isInsideToBeClosed = scopes.block().isInsideToBeClosed;
  accept(Token::Semicolon);
}

// ---- calls and assignments ----

void SyntaxParser::expressionStatement(uint32_t line) {
  const SuffixedExpression first = suffixedExpression();
  if (token() == Token::Assign || token() == Token::Comma) return assignment(line, first);
  const ExpressionKind kind = first.expression->kind;
  if (kind != ExpressionKind::Call && kind != ExpressionKind::MethodCall) lexer.syntaxError("syntax error");
  addStatement<CallStatement>(StatementKind::Call, line)->call = first.expression;
}

void SyntaxParser::checkAssignable(const LocalNode* variable) {
  if (variable == nullptr || variable->attribute == Attribute::None) return;
  lexer.semanticError(formatText(vm, "attempt to assign to const variable '{}'", variable->name->view()));
}

void SyntaxParser::assignmentTarget(const SuffixedExpression& target) {
  if (!target.isVariable) lexer.syntaxError("syntax error");
  checkAssignable(target.variable);
  if (target.variable != nullptr) target.variable->isAssigned = true;
  expressions.add(target.expression);
}

// Each further target counts as one level of nesting around the rest, as in the reference.
void SyntaxParser::assignment(uint32_t line, SuffixedExpression first) {
  auto* node = addStatement<AssignmentStatement>(StatementKind::Assignment, line);
  const uint32_t outerDepth = depth;
  const size_t list = expressions.begin();
  assignmentTarget(first);
  while (accept(Token::Comma)) {
    const SuffixedExpression target = suffixedExpression();
    if (++depth > maxSyntaxDepth) lexer.plainError(cStackOverflow);
    assignmentTarget(target);
  }
  node->targets = expressions.finish(list, arena);
  expect(Token::Assign);
  node->values = expressionList();
  depth = outerDepth;
  node->lastLine = lexer.lastLine();
}

}  // namespace selvage
