// The coroutine library (manual 6.2). Resume, yield and the functions that wrap makes are entries into the machine
// (stencils/coroutines.cpp); the rest are ordinary native functions.
#include "stdlib/libraries.hpp"

#include "stencils/entries.hpp"
#include "vm/native.hpp"
#include "vm/thread.hpp"

namespace selvage {

namespace {

constexpr NativeCode wrapped = makeNative("wrap", nullptr, &selvage_coroutineWrapCall);

bool checkCoroutine(NativeCall& call, uint32_t i, Thread*& thread) {
  if (!call.has(i) || !call.argument(i).isThread()) {
    call.failType(i, "thread");
    return false;
  }
  thread = call.argument(i).thread();
  return true;
}

Thread* newCoroutine(NativeCall& call) {
  Thread* thread = newThread(call.vm);
  if (thread == nullptr) {
    call.failMemory();
    return nullptr;
  }
  *thread->top++ = call.argument(0);
  return thread;
}

int create(NativeCall& call) {
  if (!call.checkFunction(0)) return nativeFailed;
  Thread* thread = newCoroutine(call);
  return thread == nullptr ? nativeFailed : call.returns(Value::thread(thread));
}

int wrap(NativeCall& call) {
  if (!call.checkFunction(0)) return nativeFailed;
  Thread* thread = newCoroutine(call);
  if (thread == nullptr) return nativeFailed;
  NativeFunction* function = newNativeFunction(call.vm, wrapped, 1);
  function->upvalues[0] = Value::thread(thread);
  return call.returns(Value::function(function));
}

const char* statusName(const Thread& thread) {
  switch (thread.status) {
    case ThreadStatus::Suspended: return "suspended";
    case ThreadStatus::Running: return "running";
    case ThreadStatus::Normal: return "normal";
    case ThreadStatus::Dead: return "dead";
  }
  return "dead";
}

int status(NativeCall& call) {
  Thread* thread = nullptr;
  if (!checkCoroutine(call, 0, thread)) return nativeFailed;
  return call.returnsString(statusName(*thread));
}

int running(NativeCall& call) {
  return call.returns(Value::thread(call.vm.current), Value::boolean(call.vm.current == call.vm.mainThread));
}

int isYieldable(NativeCall& call) {
  Thread* thread = call.vm.current;
  if (call.has(0) && !checkCoroutine(call, 0, thread)) return nativeFailed;
  return call.returns(
      Value::boolean((thread != call.vm.mainThread || thread->resumer != nullptr) && thread->nativeDepth == 0));
}

int close(NativeCall& call) {
  Thread* thread = nullptr;
  if (!checkCoroutine(call, 0, thread)) return nativeFailed;
  if (thread->status != ThreadStatus::Suspended && thread->status != ThreadStatus::Dead) {
    Text message("cannot close a ", call.vm);
    message += statusName(*thread);
    message += " coroutine";
    return call.fail(message);
  }
  Value error = Value::nil();
  if (closeThread(call.vm, *thread, error)) return call.returns(Value::boolean(true));
  return call.returns(Value::boolean(false), error);
}

constexpr NativeCode functions[] = {
    makeNative("close", close),
    makeNative("create", create),
    makeNative("isyieldable", isYieldable),
    makeNative("resume", nullptr, &selvage_coroutineResume),
    makeNative("running", running),
    makeNative("status", status),
    makeNative("wrap", wrap),
    makeNative("yield", nullptr, &selvage_coroutineYield),
};

}  // namespace

Table* openCoroutineLibrary(VM& vm) { return newLibrary(vm, functions); }

}  // namespace selvage
