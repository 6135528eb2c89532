// Errors: unwinding the Lua stack, pcall, xpcall (manual 2.3, 6.1).
//
// Nothing is thrown. Whoever fails sets vm.error and goes to selvage_raise, which looks down the frames for the nearest
// one that was called by pcall or xpcall, or from C++ code, or the coroutine's first. Message handlers run on top of
// the failing frame and cannot yield, as in the reference; then pending to-be-closed variables are closed, innermost
// first, each in a frame of its own whose caller is the catching frame, so that they can fail and yield like any other
// function.
#include <algorithm>

#include "stencils/entries.hpp"
#include "stencils/machine_entry.hpp"
#include "stencils/slow_path.hpp"
#include "vm/bounds.hpp"
#include "vm/call.hpp"
#include "vm/frame.hpp"

namespace selvage {

namespace {

// A handler that fails is handled by itself. The reference meets its limit of nested C calls at about these depths: one
// handler is told, those of the room kept for handling that error run as before, and then it is over.
constexpr int overflowHandlerDepth = 196;
constexpr int maxHandlerDepth = 215;
constexpr std::string_view errorInErrorHandling = "error in error handling";

// ---- catching ----

// Delivers vm.error as the results of the pcall or xpcall whose native frame is at vm.base.
Handler* catchError(VM& vm) {
  vm.top = vm.base;
  collectIfRequested(vm);  // a program that goes from error to error has no other safepoint
  auto* const returnTo = vm.base[-1].as<Handler>();
  vm.base[-2] = Value::boolean(false);
  vm.base[-1] = vm.error;
  vm.error = Value::nil();
  vm.errorIsHandled = false;
  setStackLimit(vm, stackLimitOf(*vm.current));
  --vm.current->protectedDepth;
  vm.transfer = 2;
  vm.top = vm.base;
  return returnTo;
}

Handler* leaveWithError(VM&) { return &selvage_leaveFailed; }

// Closes what is pending above `vm.base`, the native frame that catches, and ends with `finish`. `closed` is the return
// address of the handlers' frames.
Handler* closeThen(VM& vm, Handler* closed, Handler* (*finish)(VM&)) {
  Thread& thread = *vm.current;
  // No handler gets anywhere in a script that is over its bounds.
  while (isOverBounds(vm) && !thread.toBeClosed.empty() && thread.stack + thread.toBeClosed.back() >= vm.base) {
    thread.toBeClosed.pop_back();
  }
  if (!thread.toBeClosed.empty() && thread.stack + thread.toBeClosed.back() >= vm.base) {
    Value* const variable = thread.stack + thread.toBeClosed.back();
    thread.toBeClosed.pop_back();
    closeUpvalues(vm, variable);
    const Value value = *variable;
    const Value handler = metamethodOf(vm, value, Event::Close);
    Value* const frame = variable + 1 + frameHeaderSlots;
    *variable = vm.error;  // kept here meanwhile
    frame[-2] = handler;
    frame[-2].extra = 0;
    frame[0] = value;
    frame[1] = vm.error;
    return callFrame(vm, frame, 2, closed);
  }
  closeUpvalues(vm, vm.base);
  return finish(vm);
}

// A __close handler has returned: back to the catching frame with the error as it was.
void afterClosing(VM& vm) {
  vm.error = vm.base[-3];
  vm.errorIsHandled = true;
  vm.base = Frame{vm.base}.caller().base;
}

Handler* closedThenCatch(VM& vm) {
  afterClosing(vm);
  return closeThen(vm, &selvage_closedThenCatch, catchError);
}

Handler* closedThenLeave(VM& vm) {
  afterClosing(vm);
  return closeThen(vm, &selvage_closedThenLeave, leaveWithError);
}

Handler* closedThenContinue(VM& vm) {
  afterClosing(vm);
  return closeThen(vm, &selvage_closedThenContinue, continueWithError);
}

// ---- raising ----

bool isCatchAddress(Handler* address) {
  return address == &selvage_pcallReturn || address == &selvage_xpcallReturn || address == &selvage_closedThenCatch;
}

// Walks the frames from the failing one outwards, each as its caller made it: what lies beneath a frame belongs to its
// caller, and a vararg function has moved away from there.
class CallerFrames {
 public:
  explicit CallerFrames(const VM& vm) : moved_{vm.base} {
    if (isLua()) word_ = static_cast<uint32_t>(vm.pc - moved_.callee()->proto()->code.data());
  }
  Frame frame() const {
    // The first instruction of a vararg function is what moves its frame.
    const bool hasMoved = word_ != 0 && isLua() && moved_.callee()->proto()->isVararg;
    return hasMoved ? moved_.beforeVarargs() : moved_;
  }
  void next() {
    word_ = moved_.callerPc();
    moved_ = moved_.caller();
  }

 private:
  bool isLua() const { return moved_.function().isFunction() && moved_.callee()->isLua(); }

  Frame moved_;
  uint32_t word_ = 0;
};

bool isHandlerRunning(const VM& vm) {
  for (CallerFrames frames(vm);; frames.next()) {
    if (frames.frame().returnAddress() == &selvage_handlerReturn) return true;
    if (frames.frame().isBottom()) return false;
  }
}

// The message handler in force at the failing frame: that of the nearest pcall (which has none) or xpcall, looking
// through calls from C++ code. `depth` counts running handlers on the way.
Value messageHandler(VM& vm, int& depth) {
  for (CallerFrames frames(vm);; frames.next()) {
    const Frame frame = frames.frame();
    Handler* const address = frame.returnAddress();
    // Errors of finalizers become warnings: they are no business of whoever happens to run meanwhile.
    if (vm.current->finalizerFrame != 0 && frame.base == vm.current->stack + vm.current->finalizerFrame) {
      return Value::nil();
    }
    if (address == &selvage_handlerReturn) ++depth;
    if (address == &selvage_xpcallReturn) return frame.caller().base[0];
    if (address == &selvage_leaveProtected || address == &selvage_continueProtected) {
      return frame.base[continuationHandler];
    }
    if (address == &selvage_pcallReturn || frame.isBottom()) return Value::nil();
    if (address == &selvage_closedThenCatch) {
      const Frame catching = frame.caller();
      return catching.callee()->code->entry == &selvage_xpcall ? catching.base[0] : Value::nil();
    }
  }
}

void failInHandler(VM& vm) {
  vm.error = Value::string(newString(vm, errorInErrorHandling));
  vm.errorKind = ErrorKind::Handler;
}

// The handler that vm.error is to be passed to now. Nil: none, or the error has become one of error handling itself.
// From here on the error counts as handled.
Value handlerForError(VM& vm) {
  int depth = 0;
  const Value handler = messageHandler(vm, depth);
  vm.errorIsHandled = true;
  // As in the reference, no handler sees that memory ran out. A script over its bounds gets no further.
  if (vm.errorKind == ErrorKind::Memory || isOverBounds(vm)) return Value::nil();
  if (depth >= maxHandlerDepth) {
    failInHandler(vm);
    return Value::nil();
  }
  if (depth == overflowHandlerDepth && !handler.isNil()) {
    failWithPosition(vm, cStackOverflow);
    vm.errorIsHandled = true;
  }
  return handler;
}

Handler* raise(VM& vm) {
  // Over its bounds a script catches nothing any more, whatever is being raised.
  const bool isOver = isOverBounds(vm);
  if (isOver && !vm.errorIsOfBound) failExceeded(vm);
  if (!vm.errorIsHandled) {
    if (const Value handler = handlerForError(vm); !handler.isNil()) {
      // Above everything that is live, with the room that is kept for this when the stack is full.
      Value* const frame = vm.top + frameHeaderSlots;
      if (frame + 1 + nativeMinimumSlots < vm.current->stack + vm.current->stackSlots) {
        frame[-2] = handler;
        frame[-2].extra = callerPcHere(vm);
        frame[0] = vm.error;
        ++vm.current->nativeDepth;
        return callFrame(vm, frame, 1, &selvage_handlerReturn);
      }
      failInHandler(vm);
    }
  }
  for (CallerFrames frames(vm);; frames.next()) {
    const Frame frame = frames.frame();
    Handler* const address = frame.returnAddress();
    if (address == &selvage_handlerReturn) --vm.current->nativeDepth;
    if (isCatchAddress(address) && isOver) {
      --vm.current->protectedDepth;
      continue;
    }
    if (isCatchAddress(address)) {
      vm.base = frame.caller().base;
      return closeThen(vm, &selvage_closedThenCatch, catchError);
    }
    if (address == &selvage_leave || address == &selvage_leaveProtected || address == &selvage_closedThenLeave) {
      vm.base = address == &selvage_closedThenLeave ? frame.caller().base : frame.base;
      return closeThen(vm, &selvage_closedThenLeave, leaveWithError);
    }
    if (address == &selvage_continueProtected || address == &selvage_closedThenContinue) {
      vm.base = address == &selvage_closedThenContinue ? frame.caller().base : frame.base;
      return closeThen(vm, &selvage_closedThenContinue, continueWithError);
    }
    // The stack stays as it is, for tracebacks.
    if (frame.isBottom()) return endCoroutineWithError(vm);
  }
}

Handler* handlerReturn(VM& vm) {
  vm.error = vm.transfer > 0 ? vm.base[-2] : Value::nil();
  vm.errorIsHandled = true;
  --vm.current->nativeDepth;
  const Frame handler{vm.base};
  const Frame failed = handler.caller();
  vm.base = failed.base;
  if (failed.function().isFunction() && failed.callee()->isLua()) {
    vm.pc = failed.callee()->proto()->code.data() + handler.callerPc();
  }
  return raise(vm);
}

// ---- pcall and xpcall as library functions ----

// False: there are too many protected calls.
bool enterProtected(VM& vm) {
  if (vm.current->protectedDepth >= maxProtectedDepth) return failWithPosition(vm, cStackOverflow);
  if (!ensureStack(vm, nativeMinimumSlots)) return false;
  ++vm.current->protectedDepth;
  return true;
}

Handler* pcall(VM& vm) {
  vm.top = vm.base + vm.transfer;
  if (vm.transfer == 0) {
    NativeCall{vm, 0}.failArgument(0, "value expected");
    return resumeRaising();
  }
  if (!enterProtected(vm)) return resumeRaising();
  // The function's slot becomes that of its frame; the arguments make room for the header.
  std::copy_backward(vm.base + 1, vm.base + vm.transfer, vm.base + vm.transfer + 1);
  Value* const frame = vm.base + frameHeaderSlots;
  frame[-2].extra = 0;
  return callFrame(vm, frame, static_cast<uint32_t>(vm.transfer - 1), &selvage_pcallReturn);
}

Handler* xpcall(VM& vm) {
  NativeCall call{vm, static_cast<uint32_t>(vm.transfer)};
  vm.top = vm.base + vm.transfer;
  if (vm.transfer < 2 || !vm.base[1].isFunction()) {
    call.failType(1, "function");
    return resumeRaising();
  }
  if (!enterProtected(vm)) return resumeRaising();
  std::copy_backward(vm.base + 2, vm.base + vm.transfer, vm.base + vm.transfer + 1);
  std::swap(vm.base[0].bits, vm.base[1].bits);
  std::swap(vm.base[0].tag, vm.base[1].tag);
  Value* const frame = vm.base + 1 + frameHeaderSlots;
  frame[-2].extra = 0;
  return callFrame(vm, frame, static_cast<uint32_t>(vm.transfer - 2), &selvage_xpcallReturn);
}

// The protected function returned: `true` and its results are the results.
Handler* protectedReturn(VM& vm) {
  const Frame callee{vm.base};
  const Value* results = callee.base - frameHeaderSlots;
  const uint64_t count = vm.transfer;
  vm.base = callee.caller().base;
  --vm.current->protectedDepth;
  auto* const returnTo = vm.base[-1].as<Handler>();
  Value* const target = vm.base - frameHeaderSlots;
  std::copy(results, results + count, target + 1);
  target[0] = Value::boolean(true);
  vm.transfer = count + 1;
  return returnTo;
}

}  // namespace

bool failStackOverflow(VM& vm, bool hasPosition) {
  if (!vm.errorIsHandled || !isHandlerRunning(vm)) {
    return hasPosition ? failWithPosition(vm, "stack overflow")
                       : fail(vm, Value::string(newString(vm, "stack overflow")));
  }
  // The room kept for message handlers is used up, too: no other handler is to see that.
  failInHandler(vm);
  return false;
}

void passToMessageHandler(VM& vm) {
  if (vm.errorIsHandled) return;
  const Value handler = handlerForError(vm);
  const Value error = vm.error;
  if (!handler.isNil() && callValue(vm, handler, std::span(&error, 1), 1)) vm.error = *--vm.top;
}

SELVAGE_NATIVE_PATH(selvage_raise, raise)
SELVAGE_NATIVE_PATH(selvage_handlerReturn, handlerReturn)
SELVAGE_NATIVE_PATH(selvage_closedThenCatch, closedThenCatch)
SELVAGE_NATIVE_PATH(selvage_closedThenLeave, closedThenLeave)
SELVAGE_NATIVE_PATH(selvage_closedThenContinue, closedThenContinue)
SELVAGE_NATIVE_PATH(selvage_pcall, pcall)
SELVAGE_NATIVE_PATH(selvage_xpcall, xpcall)
SELVAGE_NATIVE_PATH(selvage_pcallReturn, protectedReturn)
SELVAGE_NATIVE_PATH(selvage_xpcallReturn, protectedReturn)

}  // namespace selvage
