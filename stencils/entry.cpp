// Between C++ and Lua: calling a native function from Lua code, and calling Lua from C++ code.
#include <new>

#include "stencils/machine_entry.hpp"
#include "stencils/slow_path.hpp"
#include "vm/bounds.hpp"
#include "vm/call.hpp"
#include "vm/frame.hpp"

namespace selvage {

namespace {

Handler* nativeSafepoint(VM& vm) {
  // The function's frame is still whole; its results are the last values below the top.
  if (!heedRequests(vm)) return resumeRaising();
  const uint64_t count = vm.transfer;
  collectIfRequested(vm);
  vm.transfer = count;
  const Value* results = vm.top - count;
  return returnFromNative(vm, results, count);
}

// NativeCall::returnsCall: what was pushed last is the function to call.
Handler* callForNative(VM& vm) {
  if (!ensureStack(vm, frameHeaderSlots + nativeMinimumSlots)) return resumeRaising();
  Value* const base = vm.top - 1 + frameHeaderSlots;
  base[-2].extra = 0;
  return callFrame(vm, base, 0, &selvage_callForNativeReturn);
}

Handler* callForNativeReturn(VM& vm) {
  const Value* const results = vm.base - frameHeaderSlots;
  vm.base = Frame{vm.base}.caller().base;
  return returnFromNative(vm, results, vm.transfer);
}

// Buffers of library functions are the C++ library's, which reports by an exception that there is no memory for them.
inline int run(const NativeCode& code, NativeCall& call) {
  try {
    return code.function(call);
  } catch (const std::bad_alloc&) {
    return call.failMemory();
  }
}

}  // namespace

SELVAGE_NATIVE_PATH(selvage_callForNative, callForNative)
SELVAGE_NATIVE_PATH(selvage_callForNativeReturn, callForNativeReturn)

extern "C" SELVAGE_HANDLER void selvage_nativeSafepoint(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return slowPathHandler<nativeSafepoint, false>(SELVAGE_ARGUMENTS);
}

extern "C" SELVAGE_HANDLER void selvage_callNative(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  vm->base = base;
  vm->top = base + x0;
  NativeCall call{*vm, static_cast<uint32_t>(x0)};
  const int count = run(*static_cast<NativeCode*>(base[-2].function()->code), call);
  m.base = m.vm->base;
  forgetAllButCount(m);
  m.x0 = static_cast<uint64_t>(count);
  if (count < 0) [[unlikely]] {
    if (count == nativeCalls) SELVAGE_GO(m, &selvage_callForNative);
    SELVAGE_GO(m, &selvage_raise);
  }
  SELVAGE_GO(m, returnResults(m, count));
}

// The frame that enterFrame made has returned: back to C++.
extern "C" SELVAGE_HANDLER void selvage_leave(SELVAGE_PARAMETERS) {
  vm->base = base;
  vm->transfer = x0;
  vm->exit = Exit::Returned;
}

extern "C" SELVAGE_HANDLER void selvage_leaveFailed(SELVAGE_PARAMETERS) { vm->exit = Exit::Failed; }

bool callValue(VM& vm, Value function, std::span<const Value> arguments, int wanted, uint32_t* got) {
  if (isNestedTooDeep(vm)) return failWithPosition(vm, cStackOverflow);
  // When the state is closed the host's finalizers run all the same; Lua functions stop at their entries.
  if (isOverBounds(vm) && !vm.isClosing) [[unlikely]]
    return failExceeded(vm);
  const auto count = static_cast<uint32_t>(arguments.size());
  Thread& thread = *vm.current;
  // Arguments may stand on the stack that is about to move.
  Value* const oldStack = thread.stack;
  const bool areOnStack =
      !arguments.empty() && arguments.data() >= oldStack && arguments.data() < oldStack + thread.stackSlots;
  const auto argumentOffset = areOnStack ? arguments.data() - oldStack : 0;
  if (!ensureStack(vm, count + frameHeaderSlots + nativeMinimumSlots)) return false;
  const Value* source = areOnStack ? thread.stack + argumentOffset : arguments.data();

  const SavedMachine saved(vm);
  Value* const base = vm.top + frameHeaderSlots;
  base[-2] = function;
  for (uint32_t i = 0; i < count; ++i) base[i] = source[i];
  const Exit exit = enterFrame(vm, base, count, &selvage_leave, thread.nativeDepth);
  const uint64_t results = vm.transfer;
  saved.restore(vm);
  if (exit != Exit::Returned) {
    // What ran out of memory has left garbage behind, which must not be in the way of what the host does next.
    collectIfRequested(vm);
    return false;
  }
  // The results stand where the function stood, at vm.top.
  if (got != nullptr) *got = static_cast<uint32_t>(results);
  const uint64_t kept = wanted == allResults ? results : static_cast<uint64_t>(wanted);
  for (uint64_t i = results; i < kept; ++i) vm.top[i] = Value::nil();
  vm.top += kept;
  return true;
}

}  // namespace selvage
