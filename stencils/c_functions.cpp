// C functions, the machine's side: calling them, entering the machine from them, going on after a yield; see
// vm/c_function.hpp. How they are called and left on the C stack is in c_stack.cpp.
#include "vm/c_function.hpp"

#include <algorithm>

#include "stencils/c_stack.hpp"
#include "stencils/entries.hpp"
#include "stencils/machine_entry.hpp"
#include "stencils/slow_path.hpp"
#include "vm/bounds.hpp"
#include "vm/call.hpp"
#include "vm/frame.hpp"
#include "vm/native.hpp"
#include "vm/operations.hpp"
#include "vm/pending_variables.hpp"

namespace selvage {

extern "C" Handler selvage_closedInC;

namespace {

// ---- returning ----

Handler* leftC(VM& vm) {
  if (!vm.isUnwindingToYield) return resumeRaising();
  if (vm.current->yieldableEntries > 0) return passYield(vm);
  vm.isUnwindingToYield = false;
  vm.transfer = static_cast<uint64_t>(vm.top - vm.base);
  return &selvage_coroutineYield;
}

// Calls the handler of the innermost variable that the C function at vm.base has marked, above its `count` results, in
// a frame that returns to selvage_closedInC, so that it may yield. Null when none is pending.
Handler* closeOneOfC(VM& vm, uint64_t count) {
  const Thread& thread = *vm.current;
  if (thread.toBeClosed.empty() || thread.stack + thread.toBeClosed.back() < vm.base) return nullptr;
  if (!hasRoom(vm, 1 + frameHeaderSlots + nativeMinimumSlots)) return resumeRaising();
  const Value value = thread.stack[thread.toBeClosed.back()];
  vm.current->toBeClosed.pop_back();
  *vm.top = Value::integer(static_cast<int64_t>(count));  // the number is kept beneath the frame
  Value* const frame = vm.top + 1 + frameHeaderSlots;
  frame[-2] = metamethodOf(vm, value, Event::Close);
  frame[-2].extra = 0;
  frame[0] = value;
  frame[1] = Value::nil();
  return callFrame(vm, frame, 2, &selvage_closedInC);
}

// A C function returns vm.transfer values from the top of its stack; what it has marked with lua_toclose is closed
// first.
Handler* returnFromC(VM& vm) {
  const uint64_t count = vm.transfer;
  if (vm.hasClosableInC) {
    if (Handler* const call = closeOneOfC(vm, count); call != nullptr) return call;
  }
  if (vm.safepoint.load(std::memory_order_relaxed) != 0) return &selvage_nativeSafepoint;
  return returnFromNative(vm, vm.top - count, count);
}

// A handler that closeOneOfC has called has returned.
Handler* closedInC(VM& vm) {
  vm.top = vm.base - (1 + frameHeaderSlots);
  vm.transfer = static_cast<uint64_t>(vm.top->integer());
  vm.base = Frame{vm.base}.caller().base;
  return returnFromC(vm);
}

// ---- going on after a yield ----

// Calls the continuation of the C function at vm.base; its results are those of the function.
Handler* runContinuation(VM& vm, CContinuation continuation, int status, intptr_t context) {
  const int count = runC(vm, reinterpret_cast<void*>(continuation), status, context);
  if (count == leftEarly) return leftC(vm);
  vm.transfer = static_cast<uint64_t>(std::max(count, 0));
  return returnFromC(vm);
}

constexpr int statusYielded = 1;  // LUA_YIELD

// `count` values from `results` on take the places of the frame at vm.base and of what lies beneath it. Then the
// continuation runs.
Handler* continueWith(VM& vm, const Value* results, uint64_t count, int status) {
  Value* const frame = vm.base;
  const auto continuation = reinterpret_cast<CContinuation>(frame[continuationFunction].bits);
  const auto context = static_cast<intptr_t>(frame[continuationContext].integer());
  const auto wanted = static_cast<int>(frame[continuationContext].extra);
  Value* const target = frame + continuationHandler;
  vm.base = Frame{frame}.caller().base;
  std::copy(results, results + count, target);
  if (wanted >= 0) {
    for (auto i = count; i < static_cast<uint64_t>(wanted); ++i) target[i] = Value::nil();
    count = static_cast<uint64_t>(wanted);
  }
  vm.top = target + count;
  if (continuation != nullptr) return runContinuation(vm, continuation, status, context);
  vm.transfer = count;
  return returnFromC(vm);
}

Handler* continueAfter(VM& vm) { return continueWith(vm, vm.base - frameHeaderSlots, vm.transfer, statusYielded); }

void writeContinuation(Value* slots, Value handler, CContinuation continuation, intptr_t context, int wanted) {
  slots[0] = handler;
  slots[1] = Value::integer(context);
  slots[1].extra = static_cast<uint32_t>(wanted);
  slots[2] = Value::pointer(reinterpret_cast<void*>(continuation));
}

}  // namespace

Handler* continueWithError(VM& vm) {
  const Value error = vm.error;
  const int status = statusOf(vm.errorKind);
  vm.error = Value::nil();
  vm.errorIsHandled = false;
  setStackLimit(vm, stackLimitOf(*vm.current));
  vm.base[continuationContext].extra = static_cast<uint32_t>(allResults);
  return continueWith(vm, &error, 1, status);
}

extern "C" SELVAGE_HANDLER void selvage_leaveProtected(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return selvage_leave(SELVAGE_ARGUMENTS);
}

SELVAGE_NATIVE_PATH(selvage_leftC, leftC)
SELVAGE_NATIVE_PATH(selvage_returnFromCClosing, returnFromC)
SELVAGE_NATIVE_PATH(selvage_closedInC, closedInC)
SELVAGE_NATIVE_PATH(selvage_continueCall, continueAfter)
SELVAGE_NATIVE_PATH(selvage_continueProtected, continueAfter)
SELVAGE_NATIVE_PATH(selvage_continueYield, continueAfter)

extern "C" SELVAGE_HANDLER void selvage_callC(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  vm->base = base;
  vm->top = base + x0;
  const int count =
      runC(*vm, reinterpret_cast<void*>(static_cast<NativeFunction*>(base[-2].function())->upvalues[0].bits), 0, 0);
  m.base = m.vm->base;
  forgetAllButCount(m);
  m.x0 = static_cast<uint64_t>(count);
  if (count < 0) [[unlikely]]
    SELVAGE_GO(m, &selvage_leftC);
  if (m.vm->hasClosableInC) [[unlikely]]
    SELVAGE_GO(m, &selvage_returnFromCClosing);
  SELVAGE_GO(m, returnResults(m, count));
}

// ---- what the C API is made of ----

NativeFunction* newCFunction(VM& vm, CFunctionPointer pointer, uint32_t upvalues) {
  static constexpr NativeCode code = makeNative("?", nullptr, &selvage_callC);
  NativeFunction* function = newNativeFunction(vm, code, upvalues + 1);
  if (function != nullptr) function->upvalues[0] = Value::pointer(reinterpret_cast<void*>(pointer));
  return function;
}

int statusOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Run: return 2;
    case ErrorKind::Memory: return 4;
    case ErrorKind::Handler: return 5;
  }
  return 2;
}

namespace {

// A frame that is protected or may be left by a yield has a continuation's slots beneath it.
template <bool isProtected, bool isYieldable>
[[gnu::always_inline]] inline Exit enterCall(VM& vm, uint32_t arguments, int wanted, const Value* messageHandler,
                                             CContinuation continuation, intptr_t context) {
  constexpr uint32_t beneath = isProtected || isYieldable ? continuationSlots : 0;
  Thread& thread = *vm.current;
  const SavedMachine saved(vm);
  Value* const function = vm.top - arguments - 1;
  Exit exit = Exit::Failed;
  if (isNestedTooDeep(vm)) [[unlikely]] {
    failWithPosition(vm, cStackOverflow);
  } else if (hasRoom(vm, beneath + frameHeaderSlots + nativeMinimumSlots)) [[likely]] {
    Value* const from = saved.moved(vm, function);
    Value* const base = from + beneath + frameHeaderSlots;
#pragma clang loop unroll(disable) vectorize(disable)
    for (Value* argument = vm.top - 1; argument != from; --argument) {
      argument[beneath + frameHeaderSlots - 1] = *argument;
    }
    base[-2] = *from;
    if constexpr (beneath != 0) {
      const Value handler = isProtected ? *messageHandler : Value::nil();
      writeContinuation(from, handler, continuation, context, wanted);
    }
    exit = enterFrame(vm, base, arguments, isProtected ? &selvage_leaveProtected : &selvage_leave,
                      isYieldable ? thread.yieldableEntries : thread.nativeDepth);
  }
  Value* const target = saved.moved(vm, function);
  if (isYieldable && exit == Exit::Yielded) {
    // What was called goes on when the coroutine does, and returns to where there is no C function any more.
    target[beneath + 1].bits =
        reinterpret_cast<uint64_t>(isProtected ? &selvage_continueProtected : &selvage_continueCall);
    return exit;
  }
  const auto count = static_cast<uint32_t>(vm.transfer);
  saved.restore(vm);
  // What came to its end before it saw that it was over its bounds fails all the same.
  if (isProtected && exit == Exit::Returned && isOverBounds(vm)) [[unlikely]] {
    failExceeded(vm);
    exit = Exit::Failed;
  }
  if (exit != Exit::Returned) [[unlikely]] {
    vm.top = target;
    collectIfRequested(vm);
    if (isProtected) setStackLimit(vm, stackLimitOf(thread));
    return exit;
  }
  const uint32_t kept = wanted == allResults ? count : static_cast<uint32_t>(wanted);
  if constexpr (beneath != 0) {
#pragma clang loop unroll(disable) vectorize(disable)
    for (uint32_t i = 0; i < count; ++i) target[i] = target[i + beneath];
  }
  for (uint32_t i = count; i < kept; ++i) target[i] = Value::nil();
  vm.top = target + kept;
  return exit;
}

bool canYield(const VM& vm, CContinuation continuation) {
  return continuation != nullptr && vm.current->nativeDepth == 0 && vm.current->resumer != nullptr;
}

}  // namespace

Exit callFromC(VM& vm, uint32_t arguments, int wanted, CContinuation continuation, intptr_t context) {
  if (canYield(vm, continuation)) [[unlikely]]
    return enterCall<false, true>(vm, arguments, wanted, nullptr, continuation, context);
  return enterCall<false, false>(vm, arguments, wanted, nullptr, nullptr, 0);
}

Exit protectedCallFromC(VM& vm, uint32_t arguments, int wanted, const Value& messageHandler, CContinuation continuation,
                        intptr_t context) {
  if (canYield(vm, continuation)) [[unlikely]]
    return enterCall<true, true>(vm, arguments, wanted, &messageHandler, continuation, context);
  return enterCall<true, false>(vm, arguments, wanted, &messageHandler, nullptr, 0);
}

bool yieldFromC(VM& vm, uint32_t count, CContinuation continuation, intptr_t context) {
  Thread& thread = *vm.current;
  // A hook is called within an entry of its own, which is over by the time of the yield.
  const bool isHook = thread.hook.isRunning && vm.base[-2].isFunction() && vm.base[-2].function()->isLua();
  if (const std::string_view obstacle = yieldObstacle(vm, isHook ? 1 : 0); !obstacle.empty()) {
    return failWithPosition(vm, obstacle);
  }
  if (isHook) {
    thread.hook.yields = true;
    return true;
  }
  if (continuation == nullptr && !vm.hasClosableInC) {
    // The values of the next resume are the function's results: its frame is what they are returned from.
    vm.top = std::copy(vm.top - count, vm.top, vm.base);
    vm.isUnwindingToYield = true;
    return true;
  }
  if (!hasRoom(vm, continuationSlots + frameHeaderSlots + nativeMinimumSlots)) return false;
  Value* const from = vm.top - count;
  Value* const base = from + continuationSlots + frameHeaderSlots;
  std::copy_backward(from, vm.top, base + count);
  writeContinuation(from, Value::nil(), continuation, context, allResults);
  base[-2] = Value::nil();
  base[-2].extra = 0;
  Frame{base}.setHeader(&selvage_continueYield, vm.base);
  vm.base = base;
  vm.top = base + count;
  vm.isUnwindingToYield = true;
  return true;
}

void RunningThread::begin(Thread& thread) {
  VM& vm = vm_;
  pc_ = vm.pc;
  constants_ = vm.constants;
  transfer_ = vm.transfer;
  beforeStatus_ = before_->status;
  threadStatus_ = thread.status;
  before_->status = ThreadStatus::Normal;
  before_->base = vm.base;
  before_->top = vm.top;
  before_->pc = vm.pc;
  vm.current = &thread;
  thread.status = ThreadStatus::Running;
  ++thread.nativeDepth;
  vm.base = thread.base;
  vm.top = thread.top;
  setStackLimit(vm, stackLimitOf(thread));
}

void RunningThread::end() {
  Thread& thread = *vm_.current;
  --thread.nativeDepth;
  thread.status = threadStatus_;
  thread.base = vm_.base;
  thread.top = vm_.top;
  before_->status = beforeStatus_;
  vm_.current = before_;
  vm_.base = before_->base;
  vm_.top = before_->top;
  vm_.pc = pc_;
  vm_.constants = constants_;
  vm_.transfer = transfer_;
  setStackLimit(vm_, stackLimitOf(*before_));
}

}  // namespace selvage
