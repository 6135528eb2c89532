// Entering the machine from C++ code, and having everything back as it was when that has ended.
#pragma once

#include "stencils/fast_path.hpp"
#include "vm/frame.hpp"
#include "vm/vm.hpp"

namespace selvage {

// Runs both tiers from `target` on, with the registers as the VM's fields say, until a handler returns: see VM::exit.
// Both run below the caller: their handlers use no C stack of their own.
[[gnu::always_inline]] inline void enterMachine(VM& vm, Handler* target) {
  Machine m;
  m.x0 = vm.transfer;
  forgetAllButCount(m);
  target(&vm, vm.base, vm.pc, vm.constants, m.x0, m.x1, m.x2, m.x3, m.f0, m.f1, m.f2, m.f3);
}

// What the running frame's code has in the VM's fields, across an entry; the stack may move meanwhile.
class SavedMachine {
 public:
  explicit SavedMachine(const VM& vm)
      : stack_(vm.current->stack),
        base_(vm.base),
        top_(vm.top),
        pc_(vm.pc),
        constants_(vm.constants),
        transfer_(vm.transfer) {}
  // The same thread runs again.
  void restore(VM& vm) const {
    vm.base = moved(vm, base_);
    vm.top = moved(vm, top_);
    vm.pc = pc_;
    vm.constants = constants_;
    vm.transfer = transfer_;
  }
  // Where a slot of the stack is now.
  Value* moved(const VM& vm, Value* slot) const {
    Value* const stack = vm.current->stack;
    if (stack == stack_) [[likely]]
      return slot;
    return stack + (slot - stack_);
  }

 private:
  Value* stack_;
  Value* base_;
  Value* top_;
  const Instruction* pc_;
  const Value* constants_;
  uint64_t transfer_;
};

// enterCallee and ensureStack, without a call where there is nothing much to do.
inline Handler* entryOfCallee(VM& vm) {
  const Value& callee = vm.base[-2];
  return callee.isFunction() && vm.hookedThreads == 0 ? callee.function()->code->entry : enterCallee(vm);
}

// Calls the function in base[-2] with the `count` arguments from `base` on, in a frame that returns to `returnTo`, and
// comes back when that or an error has left the machine. `entries` counts the thread's entries of this kind meanwhile.
[[gnu::always_inline]] inline Exit enterFrame(VM& vm, Value* base, uint32_t count, Handler* returnTo,
                                              uint32_t& entries) {
  applyHookRequests(vm);
  base[-2].extra = callerPcHere(vm);
  Frame{base}.setHeader(returnTo, vm.base);
  vm.base = base;
  vm.top = base + count;
  vm.transfer = count;
  ++vm.nativeDepth;
  ++entries;
  enterMachine(vm, entryOfCallee(vm));
  --entries;
  --vm.nativeDepth;
  return vm.exit;
}

inline bool hasRoom(VM& vm, uint32_t slots) { return vm.top + slots <= stackLimit(vm) || ensureStack(vm, slots); }

// ---- the ends of native functions ----
// The returns of native functions when a safepoint has something to do: the results are above the frame, vm.transfer of
// them.
extern "C" Handler selvage_nativeSafepoint;

// Moves the `count` results on the top of the stack to where the caller of the native frame at machine.base wants them.
// Returns where to go on.
inline Handler* returnResults(Machine& machine, int count) {
  machine.x0 = static_cast<uint64_t>(count);
  // The results are still above the frame, where the collector sees them and the frame below them is whole.
  if (machine.vm->safepoint.load(std::memory_order_relaxed) != 0) [[unlikely]]
    return &selvage_nativeSafepoint;
  auto* const returnTo = machine.base[-1].as<Handler>();
  const Value* const results = machine.vm->top - count;
  Value* const target = machine.base - frameHeaderSlots;
#pragma clang loop unroll(disable) vectorize(disable)
  for (int i = 0; i < count; ++i) target[i] = results[i];
  return returnTo;
}

// ---- where entries and C functions go on; see c_functions.cpp and coroutines.cpp ----
extern "C" {
extern Handler selvage_leaveProtected;  // the frame called by lua_pcallk has returned
extern Handler selvage_leaveYielded;    // the entry is left by a yield
extern Handler selvage_leaveSwitched;   // the thread that lua_resume was called by runs again
extern Handler selvage_continueCall;  // those that lua_callk and lua_pcallk called, and lua_yieldk, once they were left
extern Handler selvage_continueProtected;
extern Handler selvage_continueYield;
extern Handler selvage_closedThenContinue;
}

// The slots beneath the function of a frame that a C function made and may not see the end of.
enum ContinuationSlot : int {
  continuationHandler = -5,   // the message handler or nil
  continuationContext = -4,   // an integer; extra: the number of results wanted
  continuationFunction = -3,  // the continuation or null, as a light userdata
};
constexpr uint32_t continuationSlots = 3;

// Why the running coroutine cannot yield, if it may be in so many entries into the machine from C; empty if it can. A
// coroutine other than the main one that nobody has resumed runs the __close metamethods of its end.
inline std::string_view yieldObstacle(const VM& vm, uint32_t entries) {
  const Thread& thread = *vm.current;
  if (thread.resumer == nullptr && &thread == vm.mainThread) return "attempt to yield from outside a coroutine";
  if (thread.resumer == nullptr || thread.nativeDepth > entries) return "attempt to yield across a C-call boundary";
  return {};
}

// An error has reached a frame that lua_pcallk called in a C function which was left since: `vm.base` is that frame's.
Handler* continueWithError(VM& vm);
// The running coroutine yields the values from vm.base to vm.top, unless entries into the machine have to be left
// first.
Handler* passYield(VM& vm);

}  // namespace selvage
