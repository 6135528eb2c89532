// Conditions: comparisons and logical operators as jumps, and as values.
#include <algorithm>

#include "compiler/function_compiler.hpp"

namespace selvage {

namespace {

// Where the operands of an order comparison are.
enum class Form : uint8_t { Slots, ConstantRight, ConstantLeft };

// [is it <=][is it negated][form]
constexpr Opcode orderOpcodes[2][2][3] = {
    {{Opcode::JumpIfLess, Opcode::JumpIfLessConstant, Opcode::JumpIfConstantLess},
     {Opcode::JumpIfNotLess, Opcode::JumpIfNotLessConstant, Opcode::JumpIfNotConstantLess}},
    {{Opcode::JumpIfLessEqual, Opcode::JumpIfLessEqualConstant, Opcode::JumpIfConstantLessEqual},
     {Opcode::JumpIfNotLessEqual, Opcode::JumpIfNotLessEqualConstant, Opcode::JumpIfNotConstantLessEqual}}};

constexpr bool isEquality(BinaryOperator operation) {
  return operation == BinaryOperator::Equal || operation == BinaryOperator::NotEqual;
}

bool isNot(const Expression* expression) {
  return expression->kind == ExpressionKind::Unary && expression->unaryOperator == UnaryOperator::Not;
}

}  // namespace

bool FunctionCompiler::isBooleanExpression(Expression* expression) {
  bool isNegated = false;
  while (isNot(expression)) {
    expression = expression->as<UnaryExpression>()->operand;
    isNegated = true;
  }
  if (expression->kind != ExpressionKind::Binary) return false;
  return isComparison(expression->binaryOperator) || (isNegated && isLogical(expression->binaryOperator));
}

ArenaList<FunctionCompiler::LogicalOperand> FunctionCompiler::logicalOperands(BinaryExpression* expression) {
  ArenaList<LogicalOperand> operands(context.arena);
  const BinaryOperator operation = expression->binaryOperator;
  Expression* node = expression;
  uint32_t operatorLine = 0;  // nothing stands behind the last one
  while (node->kind == ExpressionKind::Binary && node->binaryOperator == operation) {
    operands.push_back({node->as<BinaryExpression>()->right, operatorLine});
    operatorLine = node->line;
    node = node->as<BinaryExpression>()->left;
  }
  operands.push_back({node, operatorLine});
  std::reverse(operands.begin(), operands.end());
  return operands;
}

std::optional<uint32_t> FunctionCompiler::comparisonConstant(BinaryOperator comparison, Expression* expression) {
  if (!isEquality(comparison)) return numericConstant(expression);
  if (expression->kind != ExpressionKind::Constant) return {};
  const Value value = expression->as<ConstantExpression>()->value;
  if (value.isString() && !value.string()->isShort()) return {};
  return operandConstant(expression);
}

FunctionCompiler::Operand FunctionCompiler::comparisonLeft(BinaryExpression* expression) {
  if (expression->right->kind != ExpressionKind::Constant) {
    if (const auto constant = comparisonConstant(expression->binaryOperator, expression->left)) {
      return {true, *constant};
    }
  }
  return {false, compileToAny(expression->left)};
}

uint32_t FunctionCompiler::emitOrder(BinaryOperator comparison, Operand left, Operand right, bool when) {
  const bool isSwapped = comparison == BinaryOperator::Greater || comparison == BinaryOperator::GreaterEqual;
  const bool orEqual = comparison == BinaryOperator::LessEqual || comparison == BinaryOperator::GreaterEqual;
  if (isSwapped) std::swap(left, right);
  const Form form = left.isConstant ? Form::ConstantLeft : right.isConstant ? Form::ConstantRight : Form::Slots;
  const Opcode opcode = orderOpcodes[orEqual][!when][static_cast<size_t>(form)];
  return emitter.emitExtended(opcode, left.index, right.index, 0, 0);
}

uint32_t FunctionCompiler::emitComparison(BinaryExpression* expression, Operand left, bool when) {
  const BinaryOperator comparison = expression->binaryOperator;
  Operand right{};
  const auto constant = left.isConstant ? std::nullopt : comparisonConstant(comparison, expression->right);
  if (constant) {
    right = {true, *constant};
  } else {
    right = {false, compileToAny(expression->right)};
  }
  emitter.setLine(expression->line);
  if (!isEquality(comparison)) return emitOrder(comparison, left, right, when);
  if (left.isConstant) std::swap(left, right);
  const bool jumpsIfEqual = (comparison == BinaryOperator::Equal) == when;
  const Opcode opcode = right.isConstant ? (jumpsIfEqual ? Opcode::JumpIfEqualConstant : Opcode::JumpIfNotEqualConstant)
                                         : (jumpsIfEqual ? Opcode::JumpIfEqual : Opcode::JumpIfNotEqual);
  return emitter.emitExtended(opcode, left.index, right.index, 0, 0);
}

void FunctionCompiler::compileCondition(Expression* expression, bool when, JumpList& jumps, uint32_t jumpLine) {
  if (!mayGoOn()) return;
  while (isNot(expression)) {
    expression = expression->as<UnaryExpression>()->operand;
    when = !when;
  }
  if (expression->kind == ExpressionKind::Constant) {
    const bool isTruthy = !expression->as<ConstantExpression>()->value.isFalsy();
    emitter.setLine(expression->line);
    if (isTruthy == when) jumps.push_back(emitter.emitJump());
    return;
  }
  TemporaryScope scope(*this);
  if (expression->kind == ExpressionKind::Binary) {
    auto* binary = expression->as<BinaryExpression>();
    if (isComparison(binary->binaryOperator)) {
      const Operand left = comparisonLeft(binary);
      jumps.push_back(emitComparison(binary, left, when));
      return;
    }
    if (isLogical(binary->binaryOperator)) {
      const ArenaList<LogicalOperand> operands = logicalOperands(binary);
      // The truth that decides the whole expression when one operand has it.
      const bool deciding = binary->binaryOperator == BinaryOperator::Or;
      JumpList decided(context.arena);
      for (size_t i = 0; i + 1 < operands.size(); ++i) {
        compileCondition(operands[i].expression, deciding, when == deciding ? jumps : decided,
                         operands[i].operatorLine);
      }
      compileCondition(operands.back().expression, when, jumps, jumpLine);
      emitter.bindHere(decided);
      return;
    }
  }
  const uint32_t slot = compileToAny(expression);
  emitter.setLine(jumpLine);
  jumps.push_back(emitter.emitWide(when ? Opcode::JumpIfTrue : Opcode::JumpIfFalse, slot, 0));
}

void FunctionCompiler::compileConditionValue(Expression* expression, Destination destination) {
  BooleanExits exits(context.arena);
  compileCondition(expression, true, exits.whenTrue);
  bindBooleanExits(destination.slot, exits, false);
}

void FunctionCompiler::bindBooleanExits(uint32_t slot, BooleanExits& exits, bool hasValue) {
  const bool loadsFalse = !hasValue || !exits.whenFalse.empty();
  if (loadsFalse) {
    if (hasValue && emitter.isReachable()) exits.end.push_back(emitter.emitJump());
    emitter.bindHere(exits.whenFalse);
    emitter.emit(Opcode::LoadFalse, slot);
  }
  if (!exits.whenTrue.empty()) {
    if (emitter.isReachable()) {
      exits.end.push_back(emitter.emitJump());
      if (loadsFalse) emitter.noteFallIn(exits.end.back());
    }
    emitter.bindHere(exits.whenTrue);
    emitter.emit(Opcode::LoadTrue, slot);
  }
  emitter.bindHere(exits.end);
}

void FunctionCompiler::compileLogical(BinaryExpression* expression, Destination destination) {
  const ArenaList<LogicalOperand> operands = logicalOperands(expression);
  const bool deciding = expression->binaryOperator == BinaryOperator::Or;
  BooleanExits exits(context.arena);
  for (size_t i = 0; i + 1 < operands.size(); ++i) compileValueJump(operands[i], destination, deciding, exits);
  Expression* const last = operands.back().expression;
  if (isBooleanExpression(last)) {
    compileCondition(last, true, exits.whenTrue);
    bindBooleanExits(destination.slot, exits, false);
  } else {
    compileTo(last, destination);
    bindBooleanExits(destination.slot, exits, true);
  }
}

void FunctionCompiler::compileValueJump(LogicalOperand operand, Destination destination, bool when,
                                        BooleanExits& exits) {
  Expression* const expression = operand.expression;
  if (isNot(expression) || isBooleanExpression(expression)) {
    compileCondition(expression, when, when ? exits.whenTrue : exits.whenFalse, operand.operatorLine);
    return;
  }
  if (expression->kind == ExpressionKind::Constant) {
    if (expression->as<ConstantExpression>()->value.isFalsy() == when) return;
    compileTo(expression, destination);
    exits.end.push_back(emitter.emitJump());
    return;
  }
  if (expression->kind == ExpressionKind::Binary && isLogical(expression->binaryOperator)) {
    const ArenaList<LogicalOperand> operands = logicalOperands(expression->as<BinaryExpression>());
    const bool deciding = expression->binaryOperator == BinaryOperator::Or;
    JumpList decided(context.arena);
    for (size_t i = 0; i + 1 < operands.size(); ++i) {
      if (when == deciding) {
        compileValueJump(operands[i], destination, when, exits);
      } else {
        compileCondition(operands[i].expression, deciding, decided, operands[i].operatorLine);
      }
    }
    compileValueJump({operands.back().expression, operand.operatorLine}, destination, when, exits);
    emitter.bindHere(decided);
    return;
  }
  TemporaryScope scope(*this);
  const std::optional<uint32_t> scratch = destination.isFresh ? std::optional(destination.slot) : std::nullopt;
  const uint32_t slot = compileToAny(expression, scratch);
  emitter.setLine(operand.operatorLine);
  if (slot == destination.slot) {
    exits.end.push_back(emitter.emitWide(when ? Opcode::JumpIfTrue : Opcode::JumpIfFalse, slot, 0));
  } else {
    const Opcode opcode = when ? Opcode::CopyJumpIfTrue : Opcode::CopyJumpIfFalse;
    exits.end.push_back(emitter.emitExtended(opcode, destination.slot, slot, 0, 0));
  }
}

}  // namespace selvage
