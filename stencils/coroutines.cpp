// Coroutine switches (manual 2.6): resume and yield are entries of library functions that swap the running stack and
// jump to a return address, so a switch costs about as much as a call and never touches the C stack.
//
// While a thread does not run, its `base` is that of the native frame in which it stopped: `yield`'s, into which the
// values of the next resume are returned, or `resume`'s, into which the values of a yield are. A thread not yet started
// has its function in stack[0] and `base` above the frame header.
#include <algorithm>

#include "stencils/entries.hpp"
#include "stencils/slow_path.hpp"
#include "vm/call.hpp"
#include "vm/frame.hpp"
#include "vm/thread.hpp"
#include "vm/traceback.hpp"

namespace selvage {

namespace {

constexpr uint32_t maxResumeDepth = 195;  // of coroutines running each other, as deep as the reference goes

void switchTo(VM& vm, Thread& thread) {
  vm.current = &thread;
  vm.base = thread.base;
  vm.top = thread.top;
  vm.stackLimit = stackLimitOf(thread);
}

void leave(VM& vm, ThreadStatus status) {
  Thread& thread = *vm.current;
  thread.status = status;
  thread.base = vm.base;
  thread.top = vm.top;
  thread.pc = vm.pc;
}

// Returns values that stand on another stack from the native frame at vm.base, after `true` or `false` if `flag` asks.
Handler* deliver(VM& vm, const Value* values, uint64_t count, const bool* flag) {
  const uint64_t total = count + (flag != nullptr ? 1 : 0);
  vm.top = vm.base;
  if (!ensureStack(vm, static_cast<uint32_t>(total + nativeMinimumSlots))) return resumeRaising();
  auto* const returnTo = vm.base[-1].as<Handler>();
  Value* target = vm.base - frameHeaderSlots;
  if (flag != nullptr) *target++ = Value::boolean(*flag);
  std::copy(values, values + count, target);
  vm.transfer = total;
  return returnTo;
}

// From the coroutine that runs to its resumer, with `count` values from `values` on.
Handler* giveBack(VM& vm, Thread& from, const Value* values, uint64_t count) {
  Thread& resumer = *from.resumer;
  from.resumer = nullptr;
  --vm.resumeDepth;
  resumer.status = ThreadStatus::Running;
  switchTo(vm, resumer);
  const bool success = true;
  return deliver(vm, values, count, from.isWrapped ? nullptr : &success);
}

Handler* resume(VM& vm, Thread& thread, uint32_t firstArgument) {
  const auto count = static_cast<uint32_t>(vm.transfer) - firstArgument;
  Thread& resumer = *vm.current;
  leave(vm, ThreadStatus::Normal);
  thread.resumer = &resumer;
  thread.status = ThreadStatus::Running;
  ++vm.resumeDepth;
  switchTo(vm, thread);
  // A call's arguments and a yield's results differ only in where they go.
  if (!ensureStack(vm, count + nativeMinimumSlots)) return resumeRaising();
  const Value* const arguments = resumer.base + firstArgument;
  if (thread.isStarted) return deliver(vm, arguments, count, nullptr);
  thread.isStarted = true;
  std::copy(arguments, arguments + count, vm.base);
  vm.top = vm.base + count;
  vm.transfer = count;
  Frame{vm.base}.setHeader(&selvage_coroutineReturn, 0);
  return enterCallee(vm);
}

// Why a thread cannot be resumed, or null.
const char* resumeObstacle(VM& vm, const Thread& thread) {
  if (thread.status == ThreadStatus::Dead) return "cannot resume dead coroutine";
  if (thread.status != ThreadStatus::Suspended) return "cannot resume non-suspended coroutine";
  if (vm.resumeDepth >= maxResumeDepth) return "C stack overflow";
  return nullptr;
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
  Thread& thread = *vm.current;
  NativeCall call{vm, static_cast<uint32_t>(vm.transfer)};
  if (thread.resumer == nullptr) {
    call.fail(Value::string(newString(vm, "attempt to yield from outside a coroutine")));
    return resumeRaising();
  }
  if (thread.nativeDepth > 0) {
    call.fail(Value::string(newString(vm, "attempt to yield across a C-call boundary")));
    return resumeRaising();
  }
  const uint64_t count = vm.transfer;
  leave(vm, ThreadStatus::Suspended);
  return giveBack(vm, thread, thread.base, count);
}

Handler* coroutineReturn(VM& vm) {
  Thread& thread = *vm.current;
  const Value* results = vm.base - frameHeaderSlots;
  const uint64_t count = vm.transfer;
  vm.top = const_cast<Value*>(results) + count;
  leave(vm, ThreadStatus::Dead);
  Handler* const next = giveBack(vm, thread, results, count);
  thread.top = thread.stack;
  return next;
}

}  // namespace

Handler* endCoroutineWithError(VM& vm) {
  Thread& thread = *vm.current;
  const Value error = vm.error;
  vm.error = Value::nil();
  vm.errorIsHandled = false;
  leave(vm, ThreadStatus::Dead);
  thread.hasError = true;
  thread.error = error;
  Thread& resumer = *thread.resumer;
  thread.resumer = nullptr;
  --vm.resumeDepth;
  resumer.status = ThreadStatus::Running;
  switchTo(vm, resumer);
  if (!thread.isWrapped) {
    const bool success = false;
    return deliver(vm, &error, 1, &success);
  }
  // The function made by wrap closes the coroutine and raises the error again, with its own position before a string.
  Value propagated = error;
  closeThread(vm, thread, propagated);
  if (propagated.isString()) {
    const std::string text = positionOf(vm, 1) + std::string(propagated.string()->view());
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
    vm.base = thread.stack + frameHeaderSlots;
    vm.pc = nullptr;
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
  if (thread.stack != nullptr) {
    vm.current = &thread;
    closeUpvalues(vm, thread.stack);
  }
  thread.status = ThreadStatus::Dead;
  thread.top = thread.stack;
  running.status = statusBefore;
  switchTo(vm, running);
  return !failed;
}

SELVAGE_NATIVE_PATH(selvage_coroutineResume, coroutineResume)
SELVAGE_NATIVE_PATH(selvage_coroutineWrapCall, coroutineWrapCall)
SELVAGE_NATIVE_PATH(selvage_coroutineYield, coroutineYield)
SELVAGE_NATIVE_PATH(selvage_coroutineReturn, coroutineReturn)

}  // namespace selvage
