// Positions and stack tracebacks; see the header.
#include "vm/traceback.hpp"

#include "vm/chunk_name.hpp"
#include "vm/format_text.hpp"
#include "vm/hook.hpp"

namespace selvage {

namespace {

// Tracebacks show so many of the first and of the last levels of a deep stack.
constexpr int firstLevelsShown = 10;
constexpr int lastLevelsShown = 11;

// Walks the frames of a thread from the innermost outwards.
class FrameWalk {
 public:
  FrameWalk(VM& vm, Thread* thread) {
    const bool isRunning = thread == vm.current;
    activation_.frame = {isRunning ? vm.base : thread->base};
    activation_.top = isRunning ? vm.top : thread->top;
    if (activation_.frame.base == nullptr || (!isRunning && !thread->isStarted)) return;
    // A C function or a hook yields from a frame of its own, which is no function's.
    const Frame innermost = activation_.frame;
    const bool isYielding = !innermost.function().isFunction() && !innermost.isBottom();
    if (isYielding) activation_.frame = innermost.caller();
    if (thread->hook.isRunning) hookBase_ = thread->stack + thread->hook.frame;
    if (thread->finalizerFrame != 0) finalizerBase_ = thread->stack + thread->finalizerFrame;
    settle();
    if (!atFrame_ || !activation_.isLua) return;
    const Instruction* const pc = isRunning ? vm.pc : thread->pc;
    activation_.pc = isYielding ? innermost.callerPc() : static_cast<uint32_t>(pc - activation_.proto().code.data());
  }

  bool atFrame() const { return atFrame_; }
  const Activation& activation() const { return activation_; }

  void next() {
    Frame callee = activation_.frame;
    if (callee.returnAddress() == &selvage_hookedNativeReturn) callee = callee.caller();
    if (callee.isBottom() || isMovedBottom(callee)) {
      atFrame_ = false;
      return;
    }
    activation_.top = (hasMoved(callee) ? callee.beforeVarargs().base : callee.base) - frameHeaderSlots;
    const bool isHook = activation_.isHook;
    activation_.frame = callee.caller();
    // What a native function has called though it cannot be called has a frame, but is no level.
    while (!activation_.frame.function().isFunction() && !activation_.frame.isBottom()) {
      callee = activation_.frame;
      activation_.frame = callee.caller();
    }
    settle();
    activation_.isHooked = isHook;
    activation_.pc = callee.callerPc();
  }

  // How the code that called this function names it.
  VariableName name(VM& vm) const {
    if (activation_.frame.isTailCalled()) return {};
    if (activation_.isHook) return {"hook", "?"};
    if (activation_.isFinalizer) return {"metamethod", "__gc"};
    FrameWalk caller = *this;
    caller.next();
    if (!caller.atFrame() || !caller.activation().isLua) return {};
    return nameOfCall(vm, caller.activation().proto(), caller.activation().pc);
  }

 private:
  // Whether a vararg function has moved its frame above the extra arguments.
  bool hasMoved(const Frame& frame) const {
    return activation_.isLua && activation_.proto().isVararg && activation_.pc != 0 &&
           frame.base == activation_.frame.base;
  }
  bool isMovedBottom(const Frame& frame) const { return hasMoved(frame) && frame.beforeVarargs().isBottom(); }

  // The host's own bottom frame has no function and is not a level.
  void settle() {
    atFrame_ = activation_.frame.function().isFunction();
    activation_.isLua = atFrame_ && activation_.frame.callee()->isLua();
    activation_.isHook = activation_.frame.base == hookBase_;
    activation_.isFinalizer = activation_.frame.base == finalizerBase_;
  }

  Activation activation_{};
  bool atFrame_ = false;
  const Value* hookBase_ = nullptr;       // of the debug hook's frame, while it runs
  const Value* finalizerBase_ = nullptr;  // of a running finalizer's
};

std::string_view fieldHolding(Table* table, Value function) {
  Value key;
  Value value;
  for (uint32_t position = tableAdvance(table, 0, key, value); position != 0;
       position = tableAdvance(table, position, key, value)) {
    if (key.isString() && value.isFunction() && value.bits == function.bits) return key.string()->view();
  }
  return {};
}

Value loadedModules(VM& vm) {
  const String* name = newString(vm, loadedModulesKey);
  return name == nullptr ? Value::nil() : tableGet(vm.registry, Value::string(name));
}

Text describeFunction(VM& vm, const Activation& activation, const VariableName& name) {
  const Text global = globalNameOf(vm, activation.frame.function());
  if (!global.empty()) return formatText(vm, "function '{}'", global);
  if (name.kind != nullptr) return formatText(vm, "{} '{}'", name.kind, name.name);
  if (!activation.isLua) return {"?", vm};
  const Proto& proto = activation.proto();
  if (proto.lineDefined == 0) return {"main chunk", vm};
  return formatText(vm, "function <{}:{}>", displayName(proto.source->view()).view(), proto.lineDefined);
}

Text describeLevel(VM& vm, const Activation& activation, const VariableName& name) {
  Text place(vm);
  if (!activation.isLua) {
    place = "[C]";
  } else {
    place = displayName(activation.proto().source->view()).view();
    if (activation.line() != 0) place += formatText(vm, ":{}", activation.line());
  }
  const std::string_view tail = activation.frame.isTailCalled() ? "\n\t(...tail calls...)" : "";
  return formatText(vm, "\n\t{}: in {}{}", place, describeFunction(vm, activation, name), tail);
}

}  // namespace

std::optional<Activation> activationAt(VM& vm, Thread* thread, int level) {
  if (level < 0) return std::nullopt;
  FrameWalk walk(vm, thread);
  for (; walk.atFrame() && level > 0; --level) walk.next();
  if (!walk.atFrame()) return std::nullopt;
  return walk.activation();
}

std::optional<Activation> activationWithBase(VM& vm, Thread* thread, const Value* base, int& level) {
  level = 0;
  for (FrameWalk walk(vm, thread); walk.atFrame(); walk.next(), ++level) {
    if (walk.activation().frame.base == base) return walk.activation();
  }
  return std::nullopt;
}

VariableName nameOfActivation(VM& vm, Thread* thread, int level) {
  FrameWalk walk(vm, thread);
  for (; walk.atFrame() && level > 0; --level) walk.next();
  return walk.atFrame() ? walk.name(vm) : VariableName{};
}

Text positionOf(VM& vm, int level) {
  const auto activation = activationAt(vm, vm.current, level);
  if (!activation || activation->line() == 0) return Text(vm);
  return formatText(vm, "{}:{}: ", displayName(activation->proto().source->view()).view(), activation->line());
}

Text globalNameOf(VM& vm, Value function) {
  const Value modules = loadedModules(vm);
  if (!modules.isTable()) return Text(vm);
  Value key;
  Value value;
  for (uint32_t position = tableAdvance(modules.table(), 0, key, value); position != 0;
       position = tableAdvance(modules.table(), position, key, value)) {
    if (!key.isString()) continue;
    const std::string_view module = key.string()->view();
    if (value.isFunction() && value.bits == function.bits) return Text(module, vm);
    if (!value.isTable()) continue;
    const std::string_view field = fieldHolding(value.table(), function);
    if (!field.empty()) return module == "_G" ? Text(field, vm) : formatText(vm, "{}.{}", module, field);
  }
  return Text(vm);
}

Text traceback(VM& vm, Thread* thread, std::optional<std::string_view> message, int level) {
  Text text(vm);
  if (message) text.append(*message).push_back('\n');
  text += "stack traceback:";

  int levels = 0;
  for (FrameWalk walk(vm, thread); walk.atFrame(); walk.next()) ++levels;
  // The level may be any number.
  const int64_t first = level;
  const bool isCut = levels - first > firstLevelsShown + lastLevelsShown + 1;
  const int64_t cutFrom = first + firstLevelsShown;
  const int64_t cutTo = levels - lastLevelsShown;

  FrameWalk walk(vm, thread);
  for (int i = 0; walk.atFrame(); ++i, walk.next()) {
    if (i < level) continue;
    if (isCut && i >= cutFrom && i < cutTo) {
      // As in the reference, the level in whose place this line stands is not counted.
      if (i == cutFrom) text += formatText(vm, "\n\t...\t(skipping {} levels)", cutTo - cutFrom - 1);
      continue;
    }
    text += describeLevel(vm, walk.activation(), walk.name(vm));
  }
  return text;
}

}  // namespace selvage
