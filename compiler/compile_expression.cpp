// Expressions: values, variables, operators.
#include "compiler/function_compiler.hpp"

#include <limits>

namespace selvage {

namespace {

struct ArithmeticOpcodes {
  Opcode slots;
  Opcode constantRight;
  Opcode constantLeft;
};

// In the order of BinaryOperator.
constexpr ArithmeticOpcodes arithmeticOpcodes[] = {
    {Opcode::Add, Opcode::AddConstant, Opcode::ConstantAdd},
    {Opcode::Sub, Opcode::SubConstant, Opcode::ConstantSub},
    {Opcode::Mul, Opcode::MulConstant, Opcode::ConstantMul},
    {Opcode::Mod, Opcode::ModConstant, Opcode::ConstantMod},
    {Opcode::Pow, Opcode::PowConstant, Opcode::ConstantPow},
    {Opcode::Div, Opcode::DivConstant, Opcode::ConstantDiv},
    {Opcode::IDiv, Opcode::IDivConstant, Opcode::ConstantIDiv},
    {Opcode::BAnd, Opcode::BAndConstant, Opcode::ConstantBAnd},
    {Opcode::BOr, Opcode::BOrConstant, Opcode::ConstantBOr},
    {Opcode::BXor, Opcode::BXorConstant, Opcode::ConstantBXor},
    {Opcode::Shl, Opcode::ShlConstant, Opcode::ConstantShl},
    {Opcode::Shr, Opcode::ShrConstant, Opcode::ConstantShr},
};
static_assert(std::size(arithmeticOpcodes) == static_cast<size_t>(BinaryOperator::Shr) + 1);

Opcode opcodeOf(UnaryOperator operation) {
  switch (operation) {
    case UnaryOperator::Minus: return Opcode::Unm;
    case UnaryOperator::Not: return Opcode::Not;
    case UnaryOperator::Length: return Opcode::Length;
    case UnaryOperator::BitNot: return Opcode::BNot;
  }
  return Opcode::Unm;
}

}  // namespace

bool FunctionCompiler::isWithoutEffect(Expression* expression) {
  switch (expression->kind) {
    case ExpressionKind::Constant:
    case ExpressionKind::Vararg:
    case ExpressionKind::Function:
    case ExpressionKind::Local:
    case ExpressionKind::Upvalue: return true;
    default: return false;
  }
}

void FunctionCompiler::move(uint32_t to, uint32_t from) {
  if (to != from) emitter.emit(Opcode::Move, to, from);
}

void FunctionCompiler::loadConstantIndex(uint32_t index, uint32_t slot) {
  emitter.emitWide(Opcode::LoadConstant, slot, static_cast<int32_t>(index));
}

void FunctionCompiler::loadConstant(Value value, uint32_t slot) {
  switch (value.tag) {
    case Tag::Nil: emitter.emitLoadNil(slot, 1); return;
    case Tag::False: emitter.emit(Opcode::LoadFalse, slot); return;
    case Tag::True: emitter.emit(Opcode::LoadTrue, slot); return;
    case Tag::Integer:
      if (value.integer() >= std::numeric_limits<int32_t>::min() &&
          value.integer() <= std::numeric_limits<int32_t>::max()) {
        emitter.emitWide(Opcode::LoadInteger, slot, static_cast<int32_t>(value.integer()));
        return;
      }
      break;
    default: break;
  }
  loadConstantIndex(emitter.constant(value), slot);
}

std::optional<uint32_t> FunctionCompiler::operandConstant(Expression* expression) {
  if (expression->kind != ExpressionKind::Constant) return {};
  const uint32_t index = emitter.constant(expression->as<ConstantExpression>()->value);
  if (!BytecodeEmitter::fitsOperand(index)) return {};
  return index;
}

std::optional<uint32_t> FunctionCompiler::numericConstant(Expression* expression) {
  if (expression->kind != ExpressionKind::Constant) return {};
  if (!expression->as<ConstantExpression>()->value.isNumber()) return {};
  return operandConstant(expression);
}

uint32_t FunctionCompiler::compileToAny(Expression* expression, std::optional<uint32_t> scratch) {
  if (expression->kind == ExpressionKind::Local) return expression->as<LocalExpression>()->local->slot;
  const uint32_t slot = scratch ? *scratch : reserve();
  compileToFresh(expression, slot);
  return slot;
}

void FunctionCompiler::compileTo(Expression* expression, Destination destination) {
  if (!mayGoOn()) return;
  switch (expression->kind) {
    case ExpressionKind::Constant:
      emitter.setLine(expression->line);
      loadConstant(expression->as<ConstantExpression>()->value, destination.slot);
      return;
    case ExpressionKind::Vararg:
      emitter.setLine(expression->line);
      emitter.emit(Opcode::Vararg, destination.slot, 1);
      return;
    case ExpressionKind::Function: {
      FunctionNode& nested = *expression->as<FunctionExpression>()->function;
      const uint32_t proto = nestedProto(nested);
      emitter.setLine(nested.lastLine);
      emitter.emit(Opcode::Closure, destination.slot, proto);
      return;
    }
    case ExpressionKind::Local:
      emitter.setLine(expression->line);
      move(destination.slot, expression->as<LocalExpression>()->local->slot);
      return;
    case ExpressionKind::Upvalue:
      emitter.setLine(expression->line);
      emitter.emit(Opcode::GetUpvalue, destination.slot, expression->as<UpvalueExpression>()->index);
      return;
    case ExpressionKind::Global: compileGlobal(expression->as<GlobalExpression>(), destination); return;
    case ExpressionKind::Index:
    case ExpressionKind::Call:
    case ExpressionKind::MethodCall: compileChain(expression, destination, 1, CallUse::Values); return;
    case ExpressionKind::Unary: compileUnary(expression->as<UnaryExpression>(), destination); return;
    case ExpressionKind::Binary:
      if (isLogical(expression->binaryOperator)) {
        compileLogical(expression->as<BinaryExpression>(), destination);
      } else {
        compileBinary(expression->as<BinaryExpression>(), destination);
      }
      return;
    case ExpressionKind::Concat: compileConcat(expression->as<ConcatExpression>(), destination); return;
    case ExpressionKind::Table: compileTable(expression->as<TableExpression>(), destination); return;
    case ExpressionKind::Truncated: compileTo(expression->as<TruncatedExpression>()->operand, destination); return;
  }
}

void FunctionCompiler::getField(uint32_t slot, uint32_t object, String* name) {
  if (name->isShort() && emitter.canMakeCache()) {
    emitter.emit(Opcode::GetField, slot, object, emitter.makeCache(name));
    return;
  }
  TemporaryScope scope(*this);
  const uint32_t key = reserve();
  loadConstant(Value::string(name), key);
  emitter.emit(Opcode::GetIndex, slot, object, key);
}

void FunctionCompiler::compileGlobal(GlobalExpression* global, Destination destination) {
  TemporaryScope scope(*this);
  Expression* environment = global->environment;
  if (environment->kind == ExpressionKind::Upvalue && global->name->isShort() && emitter.canMakeCache()) {
    emitter.setLine(global->line);
    emitter.emit(Opcode::GetGlobal, destination.slot, environment->as<UpvalueExpression>()->index,
                 emitter.makeCache(global->name));
    return;
  }
  const std::optional<uint32_t> scratch = destination.isFresh ? std::optional(destination.slot) : std::nullopt;
  const uint32_t object = compileToAny(environment, scratch);
  emitter.setLine(global->line);
  getField(destination.slot, object, global->name);
}

void FunctionCompiler::compileIndexInto(uint32_t slot, uint32_t object, IndexExpression* expression) {
  Expression* key = expression->key;
  if (key->kind == ExpressionKind::Constant) {
    const Value value = key->as<ConstantExpression>()->value;
    if (value.isString()) {
      emitter.setLine(expression->line);
      getField(slot, object, value.string());
      return;
    }
    if (isIntegerOperand(value)) {
      emitter.setLine(expression->line);
      emitter.emit(Opcode::GetIndexInteger, slot, object, static_cast<uint32_t>(value.integer()));
      return;
    }
  }
  TemporaryScope scope(*this);
  const uint32_t keySlot = compileToAny(key);
  emitter.setLine(expression->line);
  emitter.emit(Opcode::GetIndex, slot, object, keySlot);
}

void FunctionCompiler::compileUnary(UnaryExpression* expression, Destination destination) {
  if (isBooleanExpression(expression)) {
    compileConditionValue(expression, destination);
    return;
  }
  TemporaryScope scope(*this);
  const std::optional<uint32_t> scratch = destination.isFresh ? std::optional(destination.slot) : std::nullopt;
  const uint32_t operand = compileToAny(expression->operand, scratch);
  emitter.setLine(expression->line);
  emitter.emit(opcodeOf(expression->unaryOperator), destination.slot, operand);
}

void FunctionCompiler::compileBinary(BinaryExpression* expression, Destination destination) {
  if (isComparison(expression->binaryOperator) && expression->left->kind != ExpressionKind::Binary) {
    compileConditionValue(expression, destination);
    return;
  }
  ArenaList<BinaryExpression*> links(context.arena);
  Expression* innermost = expression;
  while (innermost->kind == ExpressionKind::Binary && !isLogical(innermost->binaryOperator)) {
    links.push_back(innermost->as<BinaryExpression>());
    innermost = links.back()->left;
  }
  TemporaryScope scope(*this);
  std::optional<uint32_t> scratch;
  if (destination.isFresh) scratch = destination.slot;
  const auto scratchSlot = [&] {
    if (!scratch) scratch = reserve();
    return *scratch;
  };

  Operand left{};
  bool hasLeft = false;
  if (isArithmetic(links.back()->binaryOperator) && links.back()->right->kind != ExpressionKind::Constant) {
    if (const auto constant = numericConstant(innermost)) {
      left = {true, *constant};
      hasLeft = true;
    }
  }
  if (!hasLeft) {
    left = {false, innermost->kind == ExpressionKind::Local ? compileToAny(innermost)
                                                            : compileToAny(innermost, scratchSlot())};
  }
  while (!links.empty()) {
    BinaryExpression* link = links.back();
    links.pop_back();
    const uint32_t to = links.empty() ? destination.slot : scratchSlot();
    TemporaryScope rightScope(*this);
    if (isArithmetic(link->binaryOperator)) {
      const ArithmeticOpcodes& opcodes = arithmeticOpcodes[static_cast<size_t>(link->binaryOperator)];
      const std::optional<uint32_t> constant = left.isConstant ? std::nullopt : numericConstant(link->right);
      const bool isScratchFree = left.isConstant || left.index != scratch;
      const uint32_t right =
          constant ? *constant : compileToAny(link->right, isScratchFree ? scratch : std::optional<uint32_t>());
      emitter.setLine(link->line);
      emitter.emit(left.isConstant ? opcodes.constantLeft
                   : constant      ? opcodes.constantRight
                                   : opcodes.slots,
                   to, left.index, right);
    } else {
      BooleanExits exits(context.arena);
      exits.whenTrue.push_back(emitComparison(link, left, true));
      bindBooleanExits(to, exits, false);
    }
    left = {false, to};
  }
}

void FunctionCompiler::compileConcat(ConcatExpression* expression, Destination destination) {
  TemporaryScope scope(*this);
  const auto count = static_cast<uint32_t>(expression->operands.size());
  const bool usesDestination = destination.isFresh && isOnTop(destination.slot);
  const uint32_t first = usesDestination ? destination.slot : reserve();
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t slot = i == 0 ? first : reserve();
    compileToFresh(expression->operands[i], slot);
  }
  emitter.setLine(expression->line);
  emitter.emit(Opcode::Concat, destination.slot, first, count);
}

}  // namespace selvage
