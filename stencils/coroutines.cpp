// Coroutine switches (manual 2.6): resume and yield are entries of library functions that swap the running stack and
// jump to a return address, so a switch costs about as much as a call and never touches the C stack. Between Lua
// functions that are in the midst of things it needs no C++ function either.
//
// While a thread does not run, its `base` is that of the native frame in which it stopped: `yield`'s, into which the
// values of the next resume are returned, or `resume`'s, into which the values of a yield are. A thread not yet started
// has its function on the top of its bottom frame.
//
// C code can resume and yield as well (lua_resume, lua_yieldk; vm/c_function.hpp). A thread that it has resumed keeps
// what it yields on its own stack. A yield beneath calls made by C functions first leaves these, one entry into the
// machine after the other.
#include <algorithm>

#include "stencils/entries.hpp"
#include "stencils/fast_path.hpp"
#include "stencils/machine_entry.hpp"
#include "stencils/slow_path.hpp"
#include "vm/c_function.hpp"
#include "vm/call.hpp"
#include "vm/frame.hpp"
#include "vm/thread.hpp"
#include "vm/traceback.hpp"

namespace selvage {

extern "C" {
// What is left for slow paths: errors, a coroutine's start, entries by C functions to be left, a stack to be grown.
extern Handler selvage_coroutineResumeSlow, selvage_coroutineWrapCallSlow, selvage_coroutineYieldSlow;
}

namespace {

void switchTo(VM& vm, Thread& thread) {
  vm.current = &thread;
  Value* base = thread.base;
  asm("" : "+r"(base));  // not in one piece with the top: neither was stored like that
  vm.base = base;
  vm.top = thread.top;
  setStackLimit(vm, stackLimitOf(thread));
}

void leave(VM& vm, ThreadStatus status) {
  Thread& thread = *vm.current;
  thread.status = status;
  thread.base = vm.base;
  thread.top = vm.top;
  thread.pc = vm.pc;
}

// Returns values from the native frame at vm.base, after `true` or `false` if `flag` asks. There is room for them.
[[gnu::always_inline]] inline Handler* deliverWithRoom(VM& vm, const Value* values, uint64_t count, const bool* flag) {
  vm.top = vm.base;
  Value* target = vm.base - frameHeaderSlots;
  if (flag != nullptr) *target++ = Value::boolean(*flag);
  vm.transfer = count + (flag != nullptr ? 1 : 0);
  auto* const returnTo = vm.base[-1].as<Handler>();
#pragma clang loop unroll(disable) vectorize(disable)
  for (uint64_t i = 0; i < count; ++i) target[i] = values[i];
  return returnTo;
}

// The values stand on another stack.
Handler* deliver(VM& vm, const Value* values, uint64_t count, const bool* flag) {
  vm.top = vm.base;
  if (!hasRoom(vm, static_cast<uint32_t>(count + 1 + nativeMinimumSlots))) return resumeRaising();
  return deliverWithRoom(vm, values, count, flag);
}

// The running coroutine has stopped: its resumer runs again.
void returnToResumer(VM& vm) {
  Thread& from = *vm.current;
  Thread& resumer = *from.resumer;
  from.resumer = nullptr;
  --vm.resumeDepth;
  resumer.status = ThreadStatus::Running;
  switchTo(vm, resumer);
}

// From the coroutine that runs to its resumer, with `count` values from `values` on.
[[gnu::always_inline]] inline Handler* giveBack(VM& vm, Thread& from, const Value* values, uint64_t count) {
  returnToResumer(vm);
  if (from.isResumedFromC) {
    vm.transfer = count;
    return &selvage_leaveSwitched;
  }
  constexpr const char* tooMany = "too many results to resume";
  const bool fits = static_cast<uint64_t>(vm.base - vm.current->stack) + count + nativeMinimumSlots < maxStackSlots;
  if (!fits && from.isWrapped) {
    vm.top = vm.base;
    NativeCall{vm, 0}.fail(tooMany);
    return resumeRaising();
  }
  const Value message = fits ? Value::nil() : Value::string(newString(vm, tooMany));
  if (!fits) return deliver(vm, &message, 1, &fits);
  return deliver(vm, values, count, from.isWrapped ? nullptr : &fits);
}

// `thread` runs from now on, resumed by the one that did.
void switchToResumed(VM& vm, Thread& thread) {
  Thread& resumer = *vm.current;
  leave(vm, ThreadStatus::Normal);
  thread.resumer = &resumer;
  thread.status = ThreadStatus::Running;
  thread.yieldableEntries = 0;
  ++vm.resumeDepth;
  switchTo(vm, thread);
}

// Calls the function of a thread that has not run yet, which stands just below `function + 1`, with `count` arguments,
// which are copied from `arguments` on.
Handler* start(VM& vm, Thread& thread, Value* function, const Value* arguments, uint32_t count) {
  thread.isStarted = true;
  Value* const base = function + frameHeaderSlots;
  if (arguments >= base) std::copy(arguments, arguments + count, base);
  else std::copy_backward(arguments, arguments + count, base + count);
  base[-2].extra = 0;
  return callFrame(vm, base, count, &selvage_coroutineReturn);
}

Handler* resume(VM& vm, Thread& thread, uint32_t firstArgument) {
  const auto count = static_cast<uint32_t>(vm.transfer) - firstArgument;
  const Thread& resumer = *vm.current;
  thread.isResumedFromC = false;
  switchToResumed(vm, thread);
  // A call's arguments and a yield's results differ only in where they go.
  if (!hasRoom(vm, count + frameHeaderSlots + nativeMinimumSlots)) return resumeRaising();
  const Value* const arguments = resumer.base + firstArgument;
  if (thread.isStarted) return deliverWithRoom(vm, arguments, count, nullptr);
  // Of what C code may have pushed, all but the first value are arguments.
  const auto pushed = static_cast<uint32_t>(vm.top - vm.base) - 1;
  for (uint32_t i = 0; i < count; ++i) *vm.top++ = arguments[i];
  return start(vm, thread, vm.base, vm.base + 1, pushed + count);
}

Handler* coroutineResume(VM& vm) {
  vm.top = vm.base + vm.transfer;
  NativeCall call{vm, static_cast<uint32_t>(vm.transfer)};
  if (call.count == 0 || !vm.base[0].isThread()) {
    call.failType(0, "thread");
    return resumeRaising();
  }
  Thread& thread = *vm.base[0].thread();
  if (const char* obstacle = resumeObstacle(vm, thread); obstacle != nullptr) {
    call.push(Value::boolean(false));
    call.push(Value::string(newString(vm, obstacle)));
    return returnFromNative(vm, vm.top - 2, 2);
  }
  thread.isWrapped = false;
  return resume(vm, thread, 1);
}

Handler* coroutineWrapCall(VM& vm) {
  vm.top = vm.base + vm.transfer;
  Thread& thread = *static_cast<NativeFunction*>(vm.base[-2].function())->upvalues[0].thread();
  if (const char* obstacle = resumeObstacle(vm, thread); obstacle != nullptr) {
    NativeCall{vm, static_cast<uint32_t>(vm.transfer)}.fail(obstacle);
    return resumeRaising();
  }
  thread.isWrapped = true;
  return resume(vm, thread, 0);
}

Handler* coroutineYield(VM& vm) {
  vm.top = vm.base + vm.transfer;
  if (const std::string_view obstacle = yieldObstacle(vm, 0); !obstacle.empty()) {
    NativeCall{vm, static_cast<uint32_t>(vm.transfer)}.fail(Value::string(newString(vm, obstacle)));
    return resumeRaising();
  }
  return passYield(vm);
}

Handler* coroutineReturn(VM& vm) {
  Thread& thread = *vm.current;
  const Value* results = vm.base - frameHeaderSlots;
  const uint64_t count = vm.transfer;
  vm.top = const_cast<Value*>(results) + count;
  vm.base = Frame{vm.base}.caller().base;
  leave(vm, ThreadStatus::Dead);
  thread.isStarted = false;
  Handler* const next = giveBack(vm, thread, results, count);
  if (!thread.isResumedFromC) thread.top = thread.base;
  return next;
}

}  // namespace

Handler* passYield(VM& vm) {
  Thread& thread = *vm.current;
  vm.isUnwindingToYield = thread.yieldableEntries > 0;
  if (vm.isUnwindingToYield) return &selvage_leaveYielded;
  const auto count = static_cast<uint64_t>(vm.top - vm.base);
  leave(vm, ThreadStatus::Suspended);
  // Lua code takes the values, lua_resume leaves them to its caller.
  if (!thread.isResumedFromC) thread.top = thread.base;
  return giveBack(vm, thread, thread.base, count);
}

Exit resumeFromC(VM& vm, Thread& thread, uint32_t count, int& results) {
  // The rest of what SavedMachine keeps is in the resumer while it does not run.
  const Instruction* const pc = vm.pc;
  const Value* const constants = vm.constants;
  const uint64_t transfer = vm.transfer;
  applyHookRequests(vm);
  thread.isResumedFromC = true;
  switchToResumed(vm, thread);
  ++vm.nativeDepth;
  if (!hasRoom(vm, frameHeaderSlots + nativeMinimumSlots)) [[unlikely]] {
    enterMachine(vm, resumeRaising());
  } else if (thread.isStarted) [[likely]] {
    enterMachine(vm, deliverWithRoom(vm, vm.top - count, count, nullptr));
  } else {
    enterMachine(vm, start(vm, thread, vm.top - count - 1, vm.top - count, count));
  }
  --vm.nativeDepth;
  results = static_cast<int>(vm.transfer);
  vm.pc = pc;
  vm.constants = constants;
  vm.transfer = transfer;
  return vm.exit;
}

Handler* endCoroutineWithError(VM& vm) {
  Thread& thread = *vm.current;
  const Value error = vm.error;
  thread.errorKind = vm.errorKind;
  vm.error = Value::nil();
  vm.errorIsHandled = false;
  leave(vm, ThreadStatus::Dead);
  thread.hasError = true;
  thread.error = error;
  returnToResumer(vm);
  if (thread.isResumedFromC) {
    *thread.top++ = error;
    return &selvage_leaveFailed;
  }
  if (isOverBounds(vm)) {
    vm.error = error;
    return resumeRaising();
  }
  if (!thread.isWrapped) {
    const bool success = false;
    return deliver(vm, &error, 1, &success);
  }
  // The function made by wrap closes the coroutine and raises the error again, with its own position before a string,
  // but for the one about memory.
  Value propagated = error;
  closeThread(vm, thread, propagated);
  if (propagated.isString() && !isMemoryMessage(vm, propagated)) {
    const Text text = positionOf(vm, 1) + Text(propagated.string()->view(), vm);
    propagated = Value::string(newString(vm, text));
  }
  fail(vm, propagated);
  return resumeRaising();
}

bool closeThread(VM& vm, Thread& thread, Value& error) {
  bool failed = thread.hasError;
  if (failed) error = thread.error;
  thread.hasError = false;
  thread.error = Value::nil();
  Thread& running = *vm.current;
  const ThreadStatus statusBefore = running.status;
  leave(vm, ThreadStatus::Normal);
  if (thread.isStarted && !thread.toBeClosed.empty()) {
    const Value* const savedConstants = vm.constants;
    const Instruction* const savedPc = vm.pc;
    const Value savedError = vm.error;
    thread.status = ThreadStatus::Running;
    switchTo(vm, thread);
    // Nothing of what was running is any more: no message handler is in force.
    vm.base = thread.stack + frameHeaderSlots;  // the bottom frame's
    vm.pc = nullptr;
    while (isOverBounds(vm) && !thread.toBeClosed.empty()) thread.toBeClosed.pop_back();
    while (!thread.toBeClosed.empty()) {
      Value* const variable = thread.stack + thread.toBeClosed.back();
      thread.toBeClosed.pop_back();
      closeUpvalues(vm, variable);
      const Value value = *variable;
      const Value arguments[] = {value, failed ? error : Value::nil()};
      if (failed) *variable = error;  // keeps it alive
      if (!callValue(vm, metamethodOf(vm, value, Event::Close), arguments, 0)) {
        failed = true;
        error = vm.error;
        vm.error = Value::nil();
        vm.errorIsHandled = false;
      }
    }
    vm.error = savedError;
    vm.constants = savedConstants;
    vm.pc = savedPc;
  }
  vm.current = &thread;
  closeUpvalues(vm, thread.stack);
  thread.status = ThreadStatus::Dead;
  thread.isStarted = false;
  thread.base = thread.top = thread.stack + frameHeaderSlots;
  running.status = statusBefore;
  switchTo(vm, running);
  return !failed;
}

extern "C" SELVAGE_HANDLER void selvage_leaveSwitched(SELVAGE_PARAMETERS) {
  vm->transfer = x0;
  vm->exit = Exit::Returned;
}

extern "C" SELVAGE_HANDLER void selvage_leaveYielded(SELVAGE_PARAMETERS) { vm->exit = Exit::Yielded; }

SELVAGE_NATIVE_PATH(selvage_coroutineResumeSlow, coroutineResume)
SELVAGE_NATIVE_PATH(selvage_coroutineWrapCallSlow, coroutineWrapCall)
SELVAGE_NATIVE_PATH(selvage_coroutineYieldSlow, coroutineYield)
SELVAGE_NATIVE_PATH(selvage_coroutineReturn, coroutineReturn)

// ---- switches without a C call ----

namespace {

inline void stopAt(const Machine& m, Thread& thread, ThreadStatus status) {
  thread.status = status;
  thread.base = m.base;
  thread.top = m.base + m.x0;
  thread.pc = m.pc;
}

inline bool hasRoomAt(const Thread& thread, const Value* slot, uint64_t slots) {
  return slot + slots <= stackLimitOf(thread);
}

// Goes on in the native frame in which `thread` stopped, with the `count` values from `values` on.
inline Handler* goOnIn(Machine& m, const Thread& thread, Value* target, const Value* values, uint64_t count) {
  m.vm->current = const_cast<Thread*>(&thread);
  setStackLimit(*m.vm, stackLimitOf(thread));
  m.base = thread.base;
  auto* const returnTo = m.base[-1].as<Handler>();
#pragma clang loop unroll(disable) vectorize(disable)
  for (uint64_t i = 0; i < count; ++i) target[i] = values[i];
  return returnTo;
}

// Resumes `thread`, which waits in a yield, with all arguments but `skipped`. Null when that is for the slow path.
[[gnu::always_inline]] inline Handler* resumeWaiting(Machine& m, Thread& thread, uint32_t skipped, bool isWrapped) {
  const uint64_t count = m.x0 - skipped;
  const bool isWaiting = thread.status == ThreadStatus::Suspended && thread.isStarted;
  if (!isWaiting || m.vm->resumeDepth >= maxResumeDepth || !hasRoomAt(thread, thread.base, count + nativeMinimumSlots))
    return nullptr;
  Thread& resumer = *m.vm->current;
  stopAt(m, resumer, ThreadStatus::Normal);
  thread.resumer = &resumer;
  thread.status = ThreadStatus::Running;
  thread.yieldableEntries = 0;
  thread.isResumedFromC = false;
  thread.isWrapped = isWrapped;
  ++m.vm->resumeDepth;
  const Value* const values = m.base + skipped;
  m.x0 = count;
  forgetAllButCount(m);
  return goOnIn(m, thread, thread.base - frameHeaderSlots, values, count);
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_coroutineResume(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (x0 != 0 && base[0].tag == Tag::Thread) [[likely]] {
    Handler* const next = resumeWaiting(m, *base[0].thread(), 1, false);
    if (next != nullptr) [[likely]]
      SELVAGE_GO(m, next);
  }
  SELVAGE_GO(m, &selvage_coroutineResumeSlow);
}

extern "C" SELVAGE_HANDLER void selvage_coroutineWrapCall(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  Thread& thread = *static_cast<NativeFunction*>(base[-2].function())->upvalues[0].thread();
  if (Handler* const next = resumeWaiting(m, thread, 0, true); next != nullptr) [[likely]]
    SELVAGE_GO(m, next);
  SELVAGE_GO(m, &selvage_coroutineWrapCallSlow);
}

extern "C" SELVAGE_HANDLER void selvage_coroutineYield(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  Thread& thread = *vm->current;
  Thread* const resumer = thread.resumer;
  const bool isFromC = thread.isResumedFromC;
  const bool canYield = resumer != nullptr && thread.nativeDepth == 0 && thread.yieldableEntries == 0;
  if (!canYield || (!isFromC && !hasRoomAt(*resumer, resumer->base, x0 + 1 + nativeMinimumSlots))) [[unlikely]]
    SELVAGE_GO(m, &selvage_coroutineYieldSlow);
  stopAt(m, thread, ThreadStatus::Suspended);
  thread.resumer = nullptr;
  --vm->resumeDepth;
  resumer->status = ThreadStatus::Running;
  if (isFromC) {
    switchTo(*vm, *resumer);
    vm->transfer = x0;
    vm->exit = Exit::Returned;
    return;
  }
  thread.top = base;  // as in passYield
  const Value* const values = base;
  const uint64_t count = x0;
  Value* target = resumer->base - frameHeaderSlots;
  // The flag takes the place of the function, the return address is beyond it.
  if (!thread.isWrapped) {
    *target++ = Value::boolean(true);
    ++m.x0;
  }
  forgetAllButCount(m);
  SELVAGE_GO(m, goOnIn(m, *resumer, target, values, count));
}

}  // namespace selvage
