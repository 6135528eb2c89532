// Debug hooks (vm/hook.hpp): what happens before each instruction and around each call while a thread has one.
//
// All opcodes then lead to selvage_hookedInstruction, which calls the hook if there is reason to and goes on with the
// opcode's own handler. Native functions have no instructions: their calls are seen by enterCallee, and their returns
// by a frame that is slipped in between them and their callers.
#include "vm/hook.hpp"

#include <algorithm>

#include "stencils/machine_entry.hpp"
#include "stencils/slow_path.hpp"
#include "vm/frame.hpp"
#include "vm/instruction_fields.hpp"

namespace selvage {

extern "C" Handler selvage_resumeAfterHook;

namespace {

uint32_t slotOf(const VM& vm, const Value* slot) { return static_cast<uint32_t>(slot - vm.current->stack); }

// Values that a call or a return passes on, as local variables of the frame at vm.base.
struct Transfer {
  uint32_t first = 0;
  uint32_t count = 0;
};

// Calls the hook of the running thread above vm.top. False: it failed.
bool callHook(VM& vm, HookEvent event, uint32_t line, Transfer transfer) {
  Thread& thread = *vm.current;
  const uint32_t variableResults = vm.variableResults;
  thread.hook.isRunning = true;
  thread.hook.frame = slotOf(vm, vm.top + frameHeaderSlots);
  thread.hook.firstTransferred = transfer.count == 0 ? 0 : transfer.first;
  thread.hook.transferredCount = transfer.count;
  const bool succeeded = thread.hook.function(vm, event, line);
  thread.hook.isRunning = false;
  applyHookRequests(vm);  // what the function itself has asked for is so for the next event
  vm.variableResults = variableResults;
  return succeeded;
}

bool isHookedAt(const VM& vm, uint32_t mask) {
  const Hook& hook = vm.current->hook;
  return (hook.mask & mask) != 0 && !hook.isRunning;
}

// Notes that the function at vm.base is leaving: its caller goes on after its call instruction.
void noteReturn(VM& vm) {
  const Frame frame{vm.base};
  const Frame caller = frame.caller();
  if (frame.isBottom() || !caller.function().isFunction() || !caller.callee()->isLua()) return;
  vm.current->hook.lastBase = slotOf(vm, caller.base);
  vm.current->hook.lastWord = frame.callerPc();
}

enum class Role { Plain, Enter, Call, IteratorCall, TailCall, Return };

Role roleOf(Opcode opcode) {
  switch (opcode) {
    case Opcode::Enter:
    case Opcode::EnterVararg: return Role::Enter;
    case Opcode::Call:
    case Opcode::CallVariable:
    case Opcode::CallMultiple:
    case Opcode::CallVariableMultiple: return Role::Call;
    case Opcode::GenericForCall: return Role::IteratorCall;
    case Opcode::TailCall:
    case Opcode::TailCallVariable: return Role::TailCall;
    case Opcode::Return0:
    case Opcode::Return1:
    case Opcode::Return:
    case Opcode::ReturnVariable:
    case Opcode::Return0FromVararg:
    case Opcode::Return1FromVararg:
    case Opcode::ReturnFromVararg:
    case Opcode::ReturnVariableFromVararg: return Role::Return;
    default: return Role::Plain;
  }
}

// Whether the instruction takes VM::variableResults values, which may reach above the frame's slots.
bool takesVariableResults(const Instruction& instruction) {
  switch (static_cast<Opcode>(instruction.opcode)) {
    case Opcode::CallVariable:
    case Opcode::CallVariableMultiple:
    case Opcode::TailCallVariable:
    case Opcode::ReturnVariable:
    case Opcode::ReturnVariableFromVararg:
    case Opcode::SetListVariable: return true;
    case Opcode::CloseReturn: return instruction.extension() != 0;
    default: return false;
  }
}

uint32_t returnedCount(const VM& vm, const Instruction& instruction) {
  switch (static_cast<Opcode>(instruction.opcode)) {
    case Opcode::Return0:
    case Opcode::Return0FromVararg: return 0;
    case Opcode::Return1:
    case Opcode::Return1FromVararg: return 1;
    default: return instruction.b + (takesVariableResults(instruction) ? vm.variableResults : 0);
  }
}

// Whether the instruction at `to` is a jump that the reference has not come to from the one at `from`: it threads
// jumps, also to those that begin a loop's next turn. (The word before an instruction need not begin one: see
// hookBefore.)
bool isLeaptOver(const Proto& proto, uint32_t from, uint32_t to) {
  const Opcode opcode = opcodeOf(proto.code[to]);
  if (opcode != Opcode::Jump && opcode != Opcode::LoopJump) return false;
  const JumpVisit visit = visitOf(proto.code[to]);
  if (visit != JumpVisit::Usual) return visit == JumpVisit::Never;
  if (opcode == Opcode::Jump || from >= proto.code.size()) return false;
  const Opcode origin = opcodeOf(proto.code[from]);
  if (from + 1 == to) return origin == Opcode::Jump;
  // From an instruction that does not jump it has come by way of a jump that was leapt over itself.
  return (isThreadable(origin) || !hasJump(infoOf(origin))) && nextInstruction(&proto.code[from]) != &proto.code[to];
}

// The events that are due before an instruction that is not the entry of a function. False: a hook failed.
bool hookBefore(VM& vm, const Proto& proto, uint32_t word) {
  Hook& hook = vm.current->hook;
  if (hook.isEntering) {
    hook.isEntering = false;
    hook.lastBase = slotOf(vm, vm.base);
    hook.lastWord = word;  // so that it begins a line
    if ((hook.mask & hookAtCall) != 0) {
      const HookEvent event = Frame{vm.base}.isTailCalled() ? HookEvent::TailCall : HookEvent::Call;
      if (!callHook(vm, event, 0, {1, proto.parameterCount})) return false;
    }
  } else if (slotOf(vm, vm.base) != hook.lastBase) {
    hook.lastBase = slotOf(vm, vm.base);
    hook.lastWord = word - 1;  // the call from which it has come back
  }
  if ((hook.mask & hookAtCount) != 0 && --hook.untilCount == 0) {
    hook.untilCount = hook.interval;
    if (!callHook(vm, HookEvent::Count, 0, {})) return false;
  }
  if ((hook.mask & hookAtLine) != 0) {
    const uint32_t lastWord = hook.lastWord;
    if (isLeaptOver(proto, lastWord, word)) return true;
    hook.lastWord = word;
    // Code without lines still has a first one.
    const auto lineAt = [&](uint32_t i) { return i < proto.lines.size() ? proto.lines[i] : 0; };
    // A closing instruction is carried out again after each handler, which is no way back.
    const auto opcode = static_cast<Opcode>(proto.code[word].opcode);
    const bool isContinued = word == lastWord && (opcode == Opcode::Close || opcode == Opcode::CloseReturn);
    const bool isNewLine = (word <= lastWord && !isContinued) || lineAt(word) != lineAt(lastWord);
    if (isNewLine && !callHook(vm, HookEvent::Line, lineAt(word), {})) return false;
  }
  return true;
}

// The call instruction at vm.pc, whose callee is no Lua function.
Handler* callHooked(VM& vm) {
  const Instruction& instruction = *vm.pc;
  Value* const callee = &slotAt(vm, instruction.a) + frameHeaderSlots;
  const uint64_t count = instruction.b + (takesVariableResults(instruction) ? vm.variableResults : 0);
  callee[-2].extra = static_cast<uint32_t>(vm.pc - runningProto(vm).code.data());
  return callFrame(vm, callee, static_cast<uint32_t>(count), traitsAt(vm.pc).resume);
}

// The hook's function has asked for a yield: the instruction at vm.pc is carried out after the next resume. The frame
// from which the coroutine yields nothing is no function's; beneath it is what the instruction may need.
Handler* yieldFromHook(VM& vm) {
  vm.current->hook.yields = false;
  if (!ensureStack(vm, 1 + frameHeaderSlots + nativeMinimumSlots)) return resumeRaising();
  Value* const base = vm.top + 1 + frameHeaderSlots;
  base[-3] = Value::integer(vm.variableResults);
  base[-2] = Value::nil();
  base[-2].extra = static_cast<uint32_t>(vm.pc - runningProto(vm).code.data());
  Frame{base}.setHeader(&selvage_resumeAfterHook, vm.base);
  vm.base = vm.top = base;
  return passYield(vm);
}

// What is left to do for the instruction at vm.pc once the hook has been called.
Handler* performHooked(VM& vm) {
  const Instruction* const pc = vm.pc;
  Handler* const handler = interpreterHandlers()[pc->opcode];
  const Role role = roleOf(static_cast<Opcode>(pc->opcode));
  if (role == Role::Return) {
    const bool hasOperand = infoAt(pc).a != OperandKind::None;
    const Value* const first = hasOperand ? &slotAt(vm, pc->a) : vm.base;
    if (!hookReturn(vm, first, returnedCount(vm, *pc))) return resumeRaising();
  } else if (isHookedAt(vm, hookAtCall | hookAtReturn)) {
    if (role == Role::IteratorCall) return callIterator(vm);
    const Value& callee = slotAt(vm, pc->a);
    if (role == Role::Call && !(callee.isFunction() && callee.function()->isLua())) return callHooked(vm);
  }
  return handler;
}

Handler* hookedInstruction(VM& vm) {
  if (vm.countsInstructions) {
    if (vm.instructionsLeft == 0) {
      exceed(vm, Bound::Instructions);
      failExceeded(vm);
      return resumeRaising();
    }
    --vm.instructionsLeft;
  }
  applyHookRequests(vm);
  const Instruction* const pc = vm.pc;
  if (!isHookedAt(vm, anyHook)) return interpreterHandlers()[pc->opcode];
  Hook& hook = vm.current->hook;
  if (roleOf(static_cast<Opcode>(pc->opcode)) == Role::Enter) {
    hook.isEntering = true;
    return interpreterHandlers()[pc->opcode];
  }
  if (takesVariableResults(*pc)) vm.top += vm.variableResults;
  const Proto& proto = runningProto(vm);
  if (!hookBefore(vm, proto, static_cast<uint32_t>(pc - proto.code.data()))) return resumeRaising();
  return hook.yields ? yieldFromHook(vm) : performHooked(vm);
}

// The coroutine that a hook has stopped is resumed.
Handler* resumeAfterHook(VM& vm) {
  vm.variableResults = static_cast<uint32_t>(returnToCaller(vm).data.integer());
  if (takesVariableResults(*vm.pc)) vm.top += vm.variableResults;
  return isHookedAt(vm, anyHook) ? performHooked(vm) : resumeAt(vm, vm.pc);
}

// Slips a frame in between the native function at vm.base and its caller.
bool seeReturn(VM& vm) {
  if (!ensureStack(vm, frameHeaderSlots + nativeMinimumSlots)) return false;
  const uint64_t count = vm.transfer;
  Value* const base = vm.base + frameHeaderSlots;
  std::copy_backward(vm.base, vm.base + count, base + count);
  base[-2] = vm.base[-2];
  base[-2].extra = 0;
  Frame{base}.setHeader(&selvage_hookedNativeReturn, frameHeaderSlots * sizeof(Value));
  vm.base = base;
  vm.top = base + count;
  return true;
}

// Native functions that may set a hook: their own return is the first that it sees.
Handler* callSeeingReturn(VM& vm) {
  vm.top = vm.base + vm.transfer;
  const bool isSeen = Frame{vm.base}.returnAddress() == &selvage_hookedNativeReturn;
  return isSeen || seeReturn(vm) ? &selvage_callNative : resumeRaising();
}

// Its results stand where the slipped-in frame's header was, which is where its real frame's first slots are.
Handler* hookedNativeReturn(VM& vm) {
  const auto count = static_cast<uint32_t>(vm.transfer);
  Value* results = vm.base - frameHeaderSlots;
  if (isHookedAt(vm, hookAtReturn)) {
    // The frame is made whole again, with the results in the places of the arguments.
    vm.top = vm.base;
    if (!ensureStack(vm, count + nativeMinimumSlots)) return resumeRaising();
    std::copy_backward(results, results + count, vm.base + count);
    vm.base[-2] = Frame{vm.base}.caller().function();
    Frame{vm.base}.setHeader(&selvage_hookedNativeReturn, Frame{vm.base}.distance());
    vm.top = vm.base + count;
    if (!hookReturn(vm, vm.base, count)) return resumeRaising();
    results = vm.base;
  }
  vm.base = Frame{vm.base}.caller().base;
  noteReturn(vm);
  return returnFromNative(vm, results, count);
}

}  // namespace

bool hookReturn(VM& vm, const Value* first, uint32_t count) {
  const Transfer transfer{static_cast<uint32_t>(first - vm.base) + 1, count};
  if (isHookedAt(vm, hookAtReturn) && !callHook(vm, HookEvent::Return, 0, transfer)) return false;
  if (isHookedAt(vm, anyHook)) noteReturn(vm);
  return true;
}

Handler* enterHookedNative(VM& vm) {
  Handler* const entry = vm.base[-2].function()->code->entry;
  vm.top = vm.base + vm.transfer;
  if (!isHookedAt(vm, hookAtCall | hookAtReturn)) return entry;
  const auto count = static_cast<uint32_t>(vm.transfer);
  if (!seeReturn(vm)) return resumeRaising();
  if (isHookedAt(vm, hookAtCall) && !callHook(vm, HookEvent::Call, 0, {1, count})) return resumeRaising();
  vm.transfer = count;
  return entry;
}

SELVAGE_SLOW_PATH(selvage_hookedInstruction, hookedInstruction)
SELVAGE_NATIVE_PATH(selvage_resumeAfterHook, resumeAfterHook)
SELVAGE_NATIVE_PATH(selvage_hookedNativeReturn, hookedNativeReturn)
SELVAGE_NATIVE_PATH(selvage_callSeeingReturn, callSeeingReturn)

}  // namespace selvage
