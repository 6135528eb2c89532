// Calls, the chains of indexing that lead to them, and lists of values.
#include "compiler/function_compiler.hpp"

namespace selvage {

namespace {

bool isChainLink(const Expression* expression) {
  return expression->kind == ExpressionKind::Index || expression->kind == ExpressionKind::Call ||
         expression->kind == ExpressionKind::MethodCall;
}

}  // namespace

void FunctionCompiler::compileChain(Expression* expression, Destination destination, uint32_t results, CallUse use) {
  ArenaList<Expression*> links(context.arena);
  Expression* root = expression;
  bool hasCall = false;
  for (; isChainLink(root); root = leftSpine(root)) {
    links.push_back(root);
    hasCall |= root->kind != ExpressionKind::Index;
  }
  TemporaryScope scope(*this);
  std::optional<uint32_t> work;
  if (destination.isFresh && (!hasCall || isOnTop(destination.slot))) work = destination.slot;
  const auto workSlot = [&] {
    if (!work) work = reserve();
    return *work;
  };

  uint32_t current;
  if (root->kind == ExpressionKind::Local && links.back()->kind != ExpressionKind::Call) {
    current = root->as<LocalExpression>()->local->slot;
  } else {
    current = workSlot();
    compileToFresh(root, current);
  }
  while (!links.empty()) {
    Expression* link = links.back();
    links.pop_back();
    const bool isLast = links.empty();
    if (link->kind == ExpressionKind::Index) {
      const uint32_t to = isLast ? destination.slot : workSlot();
      compileIndexInto(to, current, link->as<IndexExpression>());
      current = to;
    } else {
      const uint32_t frame = workSlot();
      compileCallInFrame(link, frame, current, isLast ? results : 1, isLast ? use : CallUse::Values);
      current = frame;
    }
  }
  if (current != destination.slot) move(destination.slot, current);
}

void FunctionCompiler::compileCallInFrame(Expression* call, uint32_t frame, uint32_t object, uint32_t results,
                                          CallUse use) {
  TemporaryScope scope(*this);
  ++openFrames;
  reserve();
  std::span<Expression*> arguments;
  uint32_t implicitArguments = 0;
  if (call->kind == ExpressionKind::MethodCall) {
    const auto* node = call->as<MethodCallExpression>();
    arguments = node->arguments;
    implicitArguments = 1;
    const uint32_t self = reserve();
    emitter.setLine(node->nameLine);
    if (node->name->isShort() && emitter.canMakeCache()) {
      emitter.emit(Opcode::Self, frame, object, emitter.makeCache(node->name));
    } else {
      move(self, object);
      loadConstant(Value::string(node->name), frame);
      emitter.emit(Opcode::GetIndex, frame, self, frame);
    }
  } else {
    arguments = call->as<CallExpression>()->arguments;
  }
  const ListResult list = compileList(arguments);
  const uint32_t count = list.count + implicitArguments;
  emitter.setLine(call->line);
  if (use == CallUse::Tail) {
    emitClose(closeNeedFrom(0));
    emitter.emit(list.isVariable ? Opcode::TailCallVariable : Opcode::TailCall, frame, count, function.isVararg);
  } else if (results == variableCount) {
    emitter.emit(list.isVariable ? Opcode::CallVariableMultiple : Opcode::CallMultiple, frame, count);
  } else {
    emitter.emit(list.isVariable ? Opcode::CallVariable : Opcode::Call, frame, count, results);
    coverSlots(frame + results);
  }
  --openFrames;
}

void FunctionCompiler::compileMultiple(Expression* expression, uint32_t slot, uint32_t count) {
  if (expression->kind != ExpressionKind::Vararg) {
    compileChain(expression, {slot, true}, count, CallUse::Values);
    return;
  }
  emitter.setLine(expression->line);
  if (count == variableCount) {
    emitter.emit(Opcode::VarargMultiple, slot);
  } else if (count != 0) {
    emitter.emit(Opcode::Vararg, slot, count);
    coverSlots(slot + count);
  }
}

FunctionCompiler::ListResult FunctionCompiler::compileList(std::span<Expression* const> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t slot = reserve();
    if (i + 1 == values.size() && values[i]->hasMultipleValues()) {
      compileMultiple(values[i], slot, variableCount);
      freeSlot = slot;
      return {static_cast<uint32_t>(i), true};
    }
    compileToFresh(values[i], slot);
  }
  return {static_cast<uint32_t>(values.size()), false};
}

void FunctionCompiler::compileAdjustedList(std::span<Expression* const> values, uint32_t count) {
  for (size_t i = 0; i < values.size(); ++i) {
    Expression* value = values[i];
    const bool isLast = i + 1 == values.size();
    const uint32_t wanted = i < count ? count - static_cast<uint32_t>(i) : 0;
    if (isLast && value->hasMultipleValues()) {
      TemporaryScope scope(*this);
      compileMultiple(value, reserve(), wanted);
    } else if (wanted == 0) {
      if (isWithoutEffect(value)) continue;
      TemporaryScope scope(*this);
      compileToFresh(value, reserve());
    } else {
      compileToFresh(value, reserve());
      continue;
    }
    if (wanted != 0) {
      reserve(wanted);
      return;
    }
  }
  if (values.size() < count) {
    const uint32_t missing = count - static_cast<uint32_t>(values.size());
    emitter.emitLoadNil(reserve(missing), missing);
  }
}

}  // namespace selvage
