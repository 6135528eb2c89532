// To-be-closed variables of blocks (manual 3.3.8) without a C call: variables become pending, their __close metamethods
// are entered and returned from. What no metamethod is known of, and captured variables in the same block, are for the
// slow paths (slow_calls.cpp), which fill the cache by which metamethods are found here.
#include "stencils/to_be_closed.hpp"

#include "stencils/metamethod_entry.hpp"
#include "vm/thread.hpp"

namespace selvage {

namespace {

// Enters the handler of the innermost pending variable from the instruction's slot on, which then closes what is left;
// goes on with the next instruction when that is nothing.
[[gnu::always_inline]] inline Handler* closeNext(Machine& m, Handler* miss) {
  const Value* const from = &slotOf(m, m.pc->a);
  Thread& thread = *m.vm->current;
  if (thread.openUpvalues != nullptr && thread.openUpvalues->value >= from) return leaveFor(m, miss);
  PendingSlots& pending = thread.toBeClosed;
  if (pending.empty() || thread.stack + pending.back() < from) return resumeAt(m, nextInstruction(m.pc));
  const Value variable = thread.stack[pending.back()];
  const Value metamethod = findMetamethod(m, metatableOf(m, variable), Event::Close);
  if (metamethod.tag != Tag::Function) return leaveFor(m, miss);
  Handler* const entry = enterFunction(m, metamethod.function(), &selvage_repeat, variable, Value::nil());
  if (entry == nullptr) return leaveFor(m, miss);
  pending.pop_back();
  return entry;
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_toBeClosed(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value* const variable = &slotOf(m, m.pc->a);
  if (!isFalsy(variable->tag)) {
    Thread& thread = *m.vm->current;
    PendingSlots& pending = thread.toBeClosed;
    if (!pending.hasRoom() || findMetamethod(m, metatableOf(m, *variable), Event::Close).isNil())
      SELVAGE_GO(m, leaveFor(m, &selvage_toBeClosedMiss));
    pending.addWithRoom(static_cast<uint32_t>(variable - thread.stack));
  }
  SELVAGE_GO(m, resumeAt(m, nextInstruction(m.pc)));
}

extern "C" SELVAGE_HANDLER void selvage_close(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  SELVAGE_GO(m, closeNext(m, &selvage_closeMiss));
}

// Results of variable number may reach above the frame.
extern "C" SELVAGE_HANDLER void selvage_closeReturn(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (m.pc->extension() != 0) SELVAGE_GO(m, leaveFor(m, &selvage_closeReturnMiss));
  SELVAGE_GO(m, closeNext(m, &selvage_closeReturnMiss));
}

extern "C" SELVAGE_HANDLER void selvage_repeat(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  returnToInstruction(m);
  SELVAGE_GO(m, resumeAt(m, m.pc));
}

}  // namespace selvage
