// What slow paths are made of.
//
// A slow path is a plain C++ function `Handler* work(VM& vm)`: on entry vm.base, vm.pc, vm.constants, vm.transfer (x0)
// and vm.top are those of the machine; it returns the handler to go on with and leaves in the same fields what that
// handler is to find in its registers. So no slow path has to know the calling convention, and all of them can move
// the stack, collect garbage and switch coroutines.
#pragma once

#include <cstdint>
#include <new>
#include <span>

#include "opcodes.hpp"
#include "stencils/interpreter.hpp"
#include "stencils/registers.hpp"
#include "stencils/slow_paths.hpp"
#include "vm/operations.hpp"
#include "vm/vm.hpp"

namespace selvage {

using SlowPath = Handler*(VM& vm);

inline const ConstantsHeader& constantsHeader(const Value* constants) {
  return reinterpret_cast<const ConstantsHeader*>(constants)[-1];
}
inline Proto& runningProto(VM& vm) { return *constantsHeader(vm.constants).proto; }

// What `work` returns, a handler; or, when there is no memory for what it needs (std::bad_alloc), the one that raises
// the error. All C++ code that handlers call and that may allocate is called through this: no exception may pass a
// handler.
template <class Work>
inline Handler* orMemoryError(VM& vm, Work&& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    failMemory(vm);
    return &selvage_raise;
  }
}

// The handler that runs `work`. In a Lua frame all slots of the frame are live while it runs.
template <SlowPath& work, bool inLuaFrame>
SELVAGE_HANDLER void slowPathHandler(SELVAGE_PARAMETERS) {
  vm->base = base;
  vm->pc = pc;
  vm->constants = constants;
  vm->transfer = x0;
  if constexpr (inLuaFrame) vm->top = base + constantsHeader(constants).proto->frameSlots;
  Machine m;
  Handler* const target = orMemoryError(*vm, [vm] { return work(*vm); });
  forgetAllButCount(m);
  m.vm = vm;
  m.base = vm->base;
  m.pc = vm->pc;
  m.constants = vm->constants;
  m.x0 = vm->transfer;
  SELVAGE_GO(m, target);
}

// Gives a slow path of a Lua frame, or one of a native frame or return address, its name in the machine.
#define SELVAGE_SLOW_PATH(name, work)                                          \
  extern "C" SELVAGE_HANDLER void name(SELVAGE_PARAMETERS) {                   \
    [[clang::musttail]] return slowPathHandler<work, true>(SELVAGE_ARGUMENTS); \
  }
#define SELVAGE_NATIVE_PATH(name, work)                                         \
  extern "C" SELVAGE_HANDLER void name(SELVAGE_PARAMETERS) {                    \
    [[clang::musttail]] return slowPathHandler<work, false>(SELVAGE_ARGUMENTS); \
  }

// ---- operands of the instruction at vm.pc ----
inline Value& slotAt(VM& vm, uint32_t units) {
  return *reinterpret_cast<Value*>(reinterpret_cast<uint64_t*>(vm.base) + units);
}
inline const Value& constantAt(VM& vm, uint32_t units) {
  return *reinterpret_cast<const Value*>(reinterpret_cast<const uint64_t*>(vm.constants) + units);
}
inline const Value& operandAt(VM& vm, OperandKind kind, uint32_t units) {
  return kind == OperandKind::Constant ? constantAt(vm, units) : slotAt(vm, units);
}
inline const OpcodeInfo& infoAt(const Instruction* pc) { return opcodeInfo[pc->opcode]; }
inline const OpcodeTraits& traitsAt(const Instruction* pc) { return opcodeTraits()[pc->opcode]; }
inline const Instruction* nextInstruction(const Instruction* pc) { return pc + infoAt(pc).words(); }
inline const Instruction* jumpTarget(const Instruction* pc) {
  const int32_t distance = infoAt(pc).extension == OperandKind::JumpExtension ? pc->extension() : pc->wide;
  return nextInstruction(pc) + distance;
}

// ---- going on ----
// At an instruction of the running Lua function, in stitched code where that can be entered.
inline Handler* resumeAt(VM& vm, const Instruction* pc) {
  vm.pc = pc;
  const Proto& proto = runningProto(vm);
  if (proto.resumeAddresses != nullptr) {
    if (Handler* stitched = proto.resumeAddresses[pc - proto.code.data()]; stitched != nullptr) return stitched;
  }
  return vm.dispatch[pc->opcode];
}
inline Handler* resumeNext(VM& vm) { return resumeAt(vm, nextInstruction(vm.pc)); }
// After an instruction that may have allocated: a safepoint.
inline Handler* resumeAfterAllocation(VM& vm) {
  if ((vm.safepoint.load(std::memory_order_relaxed) & safepointCollect) != 0) [[unlikely]]
    collectIfRequested(vm);
  return resumeNext(vm);
}
inline Handler* resumeRaising() { return &selvage_raise; }

// ---- calls made by slow paths; none of them throws ----
// Makes room for `slots` more above vm.top, or raises "stack overflow".
[[nodiscard]] bool ensureStack(VM& vm, uint32_t slots);
// Raises the error for a stack at its limit; false.
bool failStackOverflow(VM& vm, bool hasPosition = true);
// The same where it is the function of the frame at vm.base that has no room: as in the reference the error is its
// caller's.
Handler* overflowAtEntry(VM& vm);
// Calls whatever stands in vm.base[-2] with vm.transfer arguments from vm.base on (__call included). The frame's header
// must be complete.
Handler* enterCallee(VM& vm);
// The same for the function in base[-2], with the `count` arguments from `base` on, in a frame above that of vm.base
// which returns to `returnTo`.
Handler* callFrame(VM& vm, Value* base, uint32_t count, Handler* returnTo);
// enterCallee for the iterator of the GenericForCall at vm.pc.
Handler* callIterator(VM& vm);
// What enterCallee does for a native function while hooks are on.
Handler* enterHookedNative(VM& vm);
// The function of the frame at vm.base is about to return `count` values, which stand from `first` on: calls the hook.
// False: it failed.
bool hookReturn(VM& vm, const Value* first, uint32_t count);
// Pushes a frame above the running one and calls `function`; `returnTo` is where it returns to. `data` is kept for the
// continuation (see Continuation).
Handler* callFromSlowPath(VM& vm, Handler* returnTo, Value data, Value function, std::span<const Value> arguments);

// The calls from slow paths return to these.
extern "C" {
extern Handler selvage_storeResult;           // first result to slot a, next instruction
extern Handler selvage_compareResult;         // truth of the first result decides the jump
extern Handler selvage_compareResultNegated;  // its opposite does
extern Handler selvage_discardResult;         // next instruction
extern Handler selvage_repeat;                // the same instruction again
extern Handler selvage_tailCallReturnSlow;
extern Handler selvage_concatResult;                                  // goes on with a concatenation
extern Handler selvage_pairsReturn;                                   // of a __pairs metamethod
extern Handler selvage_tailCallReturn, selvage_tailCallReturnVararg;  // of a native function, from its caller's frame
extern Handler selvage_closeReturnResult;                             // goes on with a CloseReturn
extern Handler selvage_pcallReturn, selvage_xpcallReturn, selvage_handlerReturn;
extern Handler selvage_closedThenCatch, selvage_closedThenLeave;
extern Handler selvage_callForNative, selvage_callForNativeReturn;  // see NativeCall::returnsCall
extern Handler selvage_leave, selvage_leaveFailed, selvage_coroutineReturn;
}

// Where a native function that the TailCall at `pc` calls returns to. Whether a thread has a hook by then is seen there.
inline Handler* tailCallReturnOf(const Instruction* pc) {
  return pc->c != 0 ? &selvage_tailCallReturnVararg : &selvage_tailCallReturn;
}

// At the entry of a return address that the frame of callFromSlowPath returned to: goes back to the frame that made the
// call and tells what it needs.
struct Continuation {
  Value result;  // the first result, or nil
  Value data;
};
Continuation returnToCaller(VM& vm);

// A coroutine has ended with an error (vm.error); its stack is left as it is. Goes on in its resumer.
Handler* endCoroutineWithError(VM& vm);

// Leaves the current native frame with `count` results standing from `results` on (which may overlap the frame).
Handler* returnFromNative(VM& vm, const Value* results, uint64_t count);

}  // namespace selvage
