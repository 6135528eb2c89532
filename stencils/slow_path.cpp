// Calls and returns on behalf of slow paths.
#include "stencils/slow_path.hpp"

#include <algorithm>

#include "vm/frame.hpp"

namespace selvage {

bool ensureStack(VM& vm, uint32_t slots) try {
  if (vm.top + slots <= stackLimit(vm) || growStack(vm, slots)) [[likely]]
    return true;
  return failStackOverflow(vm);
} catch (const std::bad_alloc&) {
  return failMemory(vm);
}

namespace {

// What fails while a function is entered is the error of its caller, if that is Lua code that does not protect the
// call: leaves the frame at vm.base, which has just been made. False: its caller is something else, and the frame
// stays.
bool leaveForCaller(VM& vm) {
  const Frame callee{vm.base};
  const uint32_t callerPc = callee.callerPc();
  const bool isCaught = callee.returnAddress() == &selvage_pcallReturn ||
                        callee.returnAddress() == &selvage_xpcallReturn || callee.returnAddress() == &selvage_leave ||
                        callee.isBottom();
  if (isCaught) return false;
  const Frame caller = callee.caller();
  if (!caller.function().isFunction() || !caller.callee()->isLua()) return false;
  Proto* proto = caller.callee()->proto();
  vm.base = caller.base;
  vm.constants = proto->constants;
  vm.pc = proto->code.data() + callerPc;
  vm.top = vm.base + proto->frameSlots;
  return true;
}

Handler* enterCalled(VM& vm) {
  int chain = 0;
  while (!vm.base[-2].isFunction()) {
    const Value called = vm.base[-2];
    const Value handler = metamethodOf(vm, called, Event::Call);
    vm.top = vm.base + vm.transfer;
    if (++chain > maxMetamethodChain || handler.isNil()) {
      leaveForCaller(vm);
      failCall(vm, called);
      return resumeRaising();
    }
    if (vm.top + 1 > stackLimit(vm) && !growStack(vm, 1)) return overflowAtEntry(vm);
    std::copy_backward(vm.base, vm.base + vm.transfer, vm.base + vm.transfer + 1);
    vm.base[0] = called;
    vm.base[-2] = handler;
    ++vm.transfer;
  }
  const Function* const function = vm.base[-2].function();
  if (vm.hookedThreads != 0 && !function->isLua()) [[unlikely]]
    return enterHookedNative(vm);
  return function->code->entry;
}

}  // namespace

Handler* overflowAtEntry(VM& vm) {
  failStackOverflow(vm, leaveForCaller(vm));
  return resumeRaising();
}

Handler* enterCallee(VM& vm) {
  return orMemoryError(vm, [&vm] { return enterCalled(vm); });
}

Handler* callFrame(VM& vm, Value* base, uint32_t count, Handler* returnTo) {
  Frame{base}.setHeader(returnTo, vm.base);
  vm.base = base;
  vm.top = base + count;
  vm.transfer = count;
  return enterCallee(vm);
}

Handler* callFromSlowPath(VM& vm, Handler* returnTo, Value data, Value function, std::span<const Value> arguments) {
  const auto count = static_cast<uint32_t>(arguments.size());
  if (!ensureStack(vm, count + 1 + frameHeaderSlots)) return resumeRaising();
  Value* const start = vm.top;
  start[0] = data;
  start[1] = function;
  start[1].extra = static_cast<uint32_t>(vm.pc - runningProto(vm).code.data());
  Value* const base = start + 1 + frameHeaderSlots;
  std::copy(arguments.begin(), arguments.end(), base);
  return callFrame(vm, base, count, returnTo);
}

Continuation returnToCaller(VM& vm) {
  const Frame callee{vm.base};
  Continuation result{vm.transfer > 0 ? callee.base[-2] : Value::nil(), callee.base[-3]};
  const uint32_t index = callee.callerPc();
  vm.base = callee.caller().base;
  Proto* const proto = Frame{vm.base}.callee()->proto();
  vm.constants = proto->constants;
  vm.pc = proto->code.data() + index;
  vm.top = vm.base + proto->frameSlots;
  return result;
}

Handler* returnFromNative(VM& vm, const Value* results, uint64_t count) {
  auto* const returnTo = vm.base[-1].as<Handler>();
  Value* const target = vm.base - frameHeaderSlots;
  if (results != target) std::copy(results, results + count, target);
  vm.transfer = count;
  return returnTo;
}

}  // namespace selvage
