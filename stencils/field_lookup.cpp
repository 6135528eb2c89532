#include "stencils/field_lookup.hpp"

#include "stencils/metamethod_entry.hpp"

namespace selvage {

namespace {

InlineCache& cacheOf(const Machine& m) {
  return *const_cast<InlineCache*>(
      reinterpret_cast<const InlineCache*>(reinterpret_cast<const uint64_t*>(m.constants) + m.pc->c));
}

// Reads the instruction's key from `receiver`, which may also be a userdata (hasShape). Null when it was found and is
// not nil; otherwise the handler that knows more.
[[gnu::always_inline]] inline Handler* lookUp(Machine& m, Table* receiver, Value& result) {
  forgetSpare(m);
  Shape* const shape = receiver->shape;
  InlineCache& own = cacheOf(m);
  const InlineCache* const fact = findRemembered(m.vm->lookupCache, shape, own.key);
  if (fact == nullptr) return &selvage_getFieldMiss;
  if (fact->tagOffset >= fieldIsAbsent)
    return fact->tagOffset == fieldIsComputed ? &selvage_getFieldComputed : &selvage_getFieldBeyond;
  refill(own, shape, *fact);
  own.holder = fact->holder;
  result = fieldAt(*fact, receiver);
  return result.tag != Tag::Nil ? nullptr : &selvage_getFieldBeyond;
}

// Where to go on: in the function that computes the instruction's field, or takes the store of one; in `miss` where
// there is none, or it is not known.
template <class... Values>
[[gnu::always_inline]] inline Handler* computingOr(Handler* miss, Machine& m, const InlineCache* cache, Value receiver,
                                                   Handler* returnTo, Values... values) {
  if (!hasShape(receiver.tag)) return leaveFor(m, miss);
  String* const key = cacheOf(m).key;
  const InlineCache* const fact = findRemembered(cache, receiver.table()->shape, key);
  if (fact == nullptr || fact->tagOffset != fieldIsComputed) return leaveFor(m, miss);
  const char* const fields = reinterpret_cast<const char*>(fact->holder->fields);
  auto* const function = *reinterpret_cast<Function* const*>(fields + fact->payloadOffset);
  return enterFunctionOr(miss, m, function, returnTo, receiver, Value::string(key), values...);
}

// Whether reading the instruction's key from `receiver` gives nil, or what the __index chain has under it where the
// receiver has a field that is nil.
[[gnu::always_inline]] inline bool lookUpBeyond(const Machine& m, Table* receiver, Value& result) {
  Shape* const shape = receiver->shape;
  const String* key = cacheOf(m).key;
  result.tag = Tag::Nil;
  const InlineCache* const fact = findRemembered(m.vm->lookupCache, shape, key);
  if (fact == nullptr) return false;
  if (fact->tagOffset == fieldIsAbsent) return true;
  if (fact->holder != nullptr) return false;
  if (shape->metatable == nullptr) return true;
  const InlineCache& beyond = entryBeyond(m.vm->lookupCache, shape, key);
  if (beyond.shape != beyondOwnField(shape) || beyond.key != key) return false;
  if (beyond.tagOffset == fieldIsAbsent) return true;
  result = fieldAt(beyond, receiver);
  return result.tag != Tag::Nil;
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_getField(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->b);
  if (!hasShape(object.tag)) [[unlikely]]
    SELVAGE_GO(m, &selvage_getFieldMiss);
  Value result;
  if (Handler* const further = lookUp(m, object.table(), result); further != nullptr) [[unlikely]]
    SELVAGE_GO(m, further);
  slotOf(m, m.pc->a) = result;
  SELVAGE_GO(m, passedNext(m));
}

extern "C" SELVAGE_HANDLER void selvage_getFieldBeyond(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->b);
  Value result;
  if (lookUpBeyond(m, object.table(), result)) [[likely]] {
    slotOf(m, m.pc->a) = result;
    SELVAGE_GO(m, passedNext(m));
  }
  SELVAGE_GO(m, &selvage_getFieldMiss);
}

extern "C" SELVAGE_HANDLER void selvage_getFieldComputed(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->b);
  SELVAGE_GO(m, computingOr(&selvage_getFieldMiss, m, m.vm->lookupCache, object, &selvage_storeResult));
}

extern "C" SELVAGE_HANDLER void selvage_self(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->b);
  Value result;
  if (hasShape(object.tag) && lookUp(m, object.table(), result) == nullptr) [[likely]] {
    (&slotOf(m, m.pc->a))[frameHeaderSlots] = object;
    slotOf(m, m.pc->a) = result;
    SELVAGE_GO(m, passedNext(m));
  }
  SELVAGE_GO(m, &selvage_selfBeyond);
}

extern "C" SELVAGE_HANDLER void selvage_selfBeyond(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->b);
  (&slotOf(m, m.pc->a))[frameHeaderSlots] = object;
  SELVAGE_GO(m, computingOr(&selvage_selfMiss, m, m.vm->lookupCache, object, &selvage_storeResult));
}

extern "C" SELVAGE_HANDLER void selvage_setField(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->a);
  const Value value = operandOf(m, opcodeInfo[m.pc->opcode].b, m.pc->b);
  if (object.tag == Tag::Table) [[likely]] {
    Table* const table = object.table();
    Shape* const shape = table->shape;
    InlineCache& own = cacheOf(m);
    const InlineCache* const fact = findRemembered(m.vm->storeCache, shape, own.key);
    if (fact != nullptr && fact->tagOffset < fieldIsAbsent && table->barrier == 0) [[likely]] {
      refill(own, shape, *fact);
      own.newShape = fact->newShape;
      if (storeAt(*fact, table, value)) [[likely]]
        SELVAGE_GO(m, passedNext(m));
    }
  }
  SELVAGE_GO(m, &selvage_setFieldBeyond);
}

extern "C" SELVAGE_HANDLER void selvage_setFieldBeyond(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->a);
  const Value value = operandOf(m, opcodeInfo[m.pc->opcode].b, m.pc->b);
  SELVAGE_GO(m, computingOr(&selvage_setFieldMiss, m, m.vm->storeCache, object, &selvage_discardResult, value));
}

}  // namespace selvage
