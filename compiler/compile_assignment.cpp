// Assignments.
//
// The order of evaluation is the reference's: objects and keys of the targets from left to right, then the values,
// then the stores from right to left.
#include "compiler/function_compiler.hpp"

namespace selvage {

namespace {

// Whether the variable expression `variable` (a Local or Upvalue) is one of the targets.
bool isAssignedBy(const Expression* variable, std::span<Expression* const> targets) {
  for (const Expression* target : targets) {
    if (target->kind != variable->kind) continue;
    if (variable->kind == ExpressionKind::Local) {
      if (target->as<LocalExpression>()->local == variable->as<LocalExpression>()->local) return true;
    } else if (target->as<UpvalueExpression>()->index == variable->as<UpvalueExpression>()->index) {
      return true;
    }
  }
  return false;
}

}  // namespace

void FunctionCompiler::compileAssignment(AssignmentStatement* statement) {
  if (statement->targets.size() == 1 && statement->values.size() == 1) {
    TemporaryScope scope(*this);
    Target target = prepareTarget(statement->targets[0], {});
    target.line = statement->lastLine;
    const std::optional<uint32_t> update = emitUpdate(statement, target);
    storeExpression(target, statement->values[0]);
    if (update) {
      emitter.patchJump(*update, emitter.pc());
      emitter.noteFallIn(*update);
    }
  } else {
    compileMultipleAssignment(statement);
  }
}

std::optional<uint32_t> FunctionCompiler::emitUpdate(const AssignmentStatement* statement, const Target& target) {
  if (target.kind != Target::Kind::Upvalue || statement->values[0]->kind != ExpressionKind::Binary) return {};
  auto* sum = statement->values[0]->as<BinaryExpression>();
  const bool isAddition = sum->binaryOperator == BinaryOperator::Add;
  if (!isAddition && sum->binaryOperator != BinaryOperator::Sub) return {};
  if (sum->left->kind != ExpressionKind::Upvalue || sum->left->as<UpvalueExpression>()->index != target.object)
    return {};
  // On one line, so that debug hooks see nothing of what is passed by.
  if (sum->left->line != sum->line || sum->line != target.line) return {};
  emitter.setLine(sum->line);
  if (sum->right->kind == ExpressionKind::Local) {
    const uint32_t slot = sum->right->as<LocalExpression>()->local->slot;
    return emitter.emitExtended(isAddition ? Opcode::AddToUpvalue : Opcode::SubFromUpvalue, target.object, slot, 0, 0);
  }
  const std::optional<uint32_t> constant = numericConstant(sum->right);
  if (!constant) return {};
  return emitter.emitExtended(isAddition ? Opcode::AddConstantToUpvalue : Opcode::SubConstantFromUpvalue, target.object,
                              *constant, 0, 0);
}

void FunctionCompiler::compileMultipleAssignment(AssignmentStatement* statement) {
  TemporaryScope scope(*this);
  const std::span<Expression*> targets = statement->targets;
  const std::span<Expression*> values = statement->values;
  ArenaList<Target> prepared(context.arena);
  for (size_t i = 0; i < targets.size(); ++i) {
    prepared.push_back(prepareTarget(targets[i], targets.subspan(i + 1)));
    prepared.back().line = statement->lastLine;
  }
  if (targets.size() != values.size()) {
    const uint32_t first = freeSlot;
    compileAdjustedList(values, static_cast<uint32_t>(targets.size()));
    for (size_t i = targets.size(); i-- > 0;) store(prepared[i], first + static_cast<uint32_t>(i));
    return;
  }
  // Constants, and variables that nothing ever assigns to, need not be evaluated ahead of the stores; nor does the
  // last value, which is stored at once.
  const auto canWait = [](const Expression* value) {
    return value->kind == ExpressionKind::Constant ||
           (value->kind == ExpressionKind::Local && !value->as<LocalExpression>()->local->isAssigned);
  };
  ArenaList<uint32_t> slots(values.size(), context.arena);
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    if (!canWait(values[i])) compileToFresh(values[i], slots[i] = reserve());
  }
  storeExpression(prepared.back(), values.back());
  for (size_t i = targets.size() - 1; i-- > 0;) {
    if (canWait(values[i])) {
      storeExpression(prepared[i], values[i]);
    } else {
      store(prepared[i], slots[i]);
    }
  }
}

void FunctionCompiler::compileFunctionStatement(FunctionStatement* statement) {
  TemporaryScope scope(*this);
  Target target = prepareTarget(statement->target, {});
  target.line = statement->line;
  const bool isLocal = target.kind == Target::Kind::Local;
  const uint32_t slot = isLocal ? target.object : reserve();
  const uint32_t proto = nestedProto(*statement->function);
  emitter.setLine(statement->function->lastLine);
  emitter.emit(Opcode::Closure, slot, proto);
  if (!isLocal) store(target, slot);
}

uint32_t FunctionCompiler::targetOperand(Expression* expression, std::span<Expression* const> laterTargets) {
  if (expression->kind == ExpressionKind::Local && isAssignedBy(expression, laterTargets)) {
    const uint32_t copy = reserve();
    compileToFresh(expression, copy);
    return copy;
  }
  return compileToAny(expression);
}

void FunctionCompiler::prepareKey(Target& target, Expression* key, std::span<Expression* const> laterTargets) {
  if (key->kind == ExpressionKind::Constant) {
    const Value value = key->as<ConstantExpression>()->value;
    if (value.isString() && value.string()->isShort()) {
      target.kind = Target::Kind::Field;
      target.name = value.string();
      return;
    }
    if (isIntegerOperand(value)) {
      target.kind = Target::Kind::IntegerIndex;
      target.key = static_cast<uint32_t>(value.integer());
      return;
    }
  }
  target.kind = Target::Kind::Index;
  target.key = targetOperand(key, laterTargets);
}

FunctionCompiler::Target FunctionCompiler::prepareTarget(Expression* target,
                                                         std::span<Expression* const> laterTargets) {
  Target result;
  result.line = target->line;
  switch (target->kind) {
    case ExpressionKind::Local:
      result.kind = Target::Kind::Local;
      result.object = target->as<LocalExpression>()->local->slot;
      return result;
    case ExpressionKind::Upvalue:
      result.kind = Target::Kind::Upvalue;
      result.object = target->as<UpvalueExpression>()->index;
      return result;
    case ExpressionKind::Global: {
      auto* global = target->as<GlobalExpression>();
      Expression* environment = global->environment;
      if (environment->kind == ExpressionKind::Upvalue && !isAssignedBy(environment, laterTargets) &&
          global->name->isShort() && emitter.canMakeCache()) {
        result.kind = Target::Kind::Global;
        result.object = environment->as<UpvalueExpression>()->index;
        result.name = global->name;
        return result;
      }
      result.object = targetOperand(environment, laterTargets);
      if (global->name->isShort()) {
        result.kind = Target::Kind::Field;
        result.name = global->name;
      } else {
        result.kind = Target::Kind::Index;
        loadConstant(Value::string(global->name), result.key = reserve());
      }
      return result;
    }
    default: {
      auto* index = target->as<IndexExpression>();
      result.object = targetOperand(index->object, laterTargets);
      prepareKey(result, index->key, laterTargets);
      return result;
    }
  }
}

void FunctionCompiler::store(const Target& target, uint32_t slot) {
  emitter.setLine(target.line);
  switch (target.kind) {
    case Target::Kind::Local: move(target.object, slot); return;
    case Target::Kind::Upvalue: emitter.emit(Opcode::SetUpvalue, target.object, slot); return;
    case Target::Kind::Global:
      emitter.emit(Opcode::SetGlobal, slot, target.object, emitter.makeCache(target.name));
      return;
    case Target::Kind::Field:
      if (emitter.canMakeCache()) {
        emitter.emit(Opcode::SetField, target.object, slot, emitter.makeCache(target.name));
      } else {
        TemporaryScope scope(*this);
        const uint32_t key = reserve();
        loadConstant(Value::string(target.name), key);
        emitter.emit(Opcode::SetIndex, target.object, key, slot);
      }
      return;
    case Target::Kind::IntegerIndex: emitter.emit(Opcode::SetIndexInteger, target.object, target.key, slot); return;
    case Target::Kind::Index: emitter.emit(Opcode::SetIndex, target.object, target.key, slot); return;
  }
}

void FunctionCompiler::storeExpression(const Target& target, Expression* value) {
  if (target.kind == Target::Kind::Local) {
    compileTo(value, {target.object, false});
    return;
  }
  if (target.kind == Target::Kind::Field && emitter.canMakeCache()) {
    if (const auto constant = operandConstant(value)) {
      emitter.setLine(target.line);
      emitter.emit(Opcode::SetFieldConstant, target.object, *constant, emitter.makeCache(target.name));
      return;
    }
  }
  if (target.kind == Target::Kind::Index) {
    if (const auto constant = operandConstant(value)) {
      emitter.setLine(target.line);
      emitter.emit(Opcode::SetIndexConstant, target.object, target.key, *constant);
      return;
    }
  }
  TemporaryScope scope(*this);
  const uint32_t slot = compileToAny(value);
  store(target, slot);
}

}  // namespace selvage
