// Making closures and closing upvalues, without a C call while the heap has free cells at hand.
#include "stencils/closures.hpp"

#include "stencils/fast_path.hpp"

namespace selvage {

namespace {

// The open upvalue of a slot of the running thread; null if it has to be made and there is no free cell at hand.
[[gnu::always_inline]] inline Upvalue* openUpvalue(VM& vm, Value* slot) {
  Upvalue** link = &vm.current->openUpvalues;
  while (*link != nullptr && (*link)->value > slot) link = &(*link)->next;
  if (*link != nullptr && (*link)->value == slot) return *link;
  auto* upvalue = static_cast<Upvalue*>(vm.heap.allocateFast(sizeof(Upvalue)));
  if (upvalue == nullptr) return nullptr;
  Heap::setHeader(upvalue, ObjectKind::Upvalue);
  upvalue->value = slot;
  upvalue->closed.tag = Tag::Nil;
  upvalue->next = *link;
  *link = upvalue;
  return upvalue;
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_closure(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  Proto* const proto = constantsHeader(m.constants).proto->protos[m.pc->b];
  const auto* enclosing = static_cast<const LuaFunction*>(m.base[-2].function());
  const auto count = static_cast<uint32_t>(proto->upvalues.size());
  const size_t bytes = luaFunctionBytes(count);
  if (bytes > maxCellBytes) SELVAGE_GO(m, leaveFor(m, &selvage_closureMiss));
  auto* function = static_cast<LuaFunction*>(m.vm->heap.allocateFast(bytes));
  if (function == nullptr) [[unlikely]]
    SELVAGE_GO(m, leaveFor(m, &selvage_closureMiss));
  Heap::setHeader(function, ObjectKind::Function, 0, count);
  function->code = proto;
  const UpvalueDescription* const descriptions = proto->upvalues.data();
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t index = descriptions[i].index;
    Upvalue* const upvalue =
        descriptions[i].fromParentStack ? openUpvalue(*m.vm, m.base + index) : enclosing->upvalues[index];
    // The unfinished function is garbage that nothing refers to.
    if (upvalue == nullptr) [[unlikely]]
      SELVAGE_GO(m, leaveFor(m, &selvage_closureMiss));
    function->upvalues[i] = upvalue;
  }
  slotOf(m, m.pc->a) = Value::function(function);
  SELVAGE_GO(m, passedNext(m));
}

extern "C" SELVAGE_HANDLER void selvage_closeUpvalues(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value* const from = &slotOf(m, m.pc->a);
  Upvalue*& open = m.vm->current->openUpvalues;
  while (open != nullptr && open->value >= from) {
    Upvalue* const upvalue = open;
    if (upvalue->barrier != 0) [[unlikely]]
      SELVAGE_GO(m, leaveFor(m, &selvage_closeUpvaluesMiss));
    open = upvalue->next;
    upvalue->closed = *upvalue->value;
    upvalue->value = &upvalue->closed;
  }
  SELVAGE_GO(m, passedNext(m));
}

}  // namespace selvage
