#include "stencils/field_lookup.hpp"

#include "stencils/metamethod_entry.hpp"

namespace selvage {

namespace {

InlineCache& cacheOf(const Machine& m) {
  return *const_cast<InlineCache*>(
      reinterpret_cast<const InlineCache*>(reinterpret_cast<const uint64_t*>(m.constants) + m.pc->c));
}

[[gnu::always_inline]] inline Value readAt(const InlineCache& entry, Table* receiver) {
  const Table* holder = entry.holder != nullptr ? entry.holder : receiver;
  const char* fields = reinterpret_cast<const char*>(holder->fields);
  return {*reinterpret_cast<const uint64_t*>(fields + entry.payloadOffset),
          static_cast<Tag>(*reinterpret_cast<const uint8_t*>(fields + entry.tagOffset))};
}

// Reads the instruction's key from `receiver`, which may also be a userdata (hasShape). Null when it was found and is not
// nil; otherwise the handler that knows more.
[[gnu::always_inline]] inline Handler* lookUp(Machine& m, Table* receiver, Value& result) {
  forgetSpare(m);
  Shape* const shape = receiver->shape;
  InlineCache& own = cacheOf(m);
  const InlineCache* entry = findRemembered(m.vm->lookupCache, shape, own.key);
  if (entry == nullptr) return &selvage_getFieldMiss;
  if (entry->tagOffset >= fieldIsAbsent)
    return entry->tagOffset == fieldIsComputed ? &selvage_getFieldComputed : &selvage_getFieldBeyond;
  // The next object is most often of the same shape.
  own.replacements += own.shape != nullptr && own.shape != shape;
  own.payloadOffset = entry->payloadOffset;
  own.tagOffset = entry->tagOffset;
  own.holder = entry->holder;
  own.newShape = nullptr;
  own.shape = shape;
  result = readAt(*entry, receiver);
  return result.tag != Tag::Nil ? nullptr : &selvage_getFieldBeyond;
}

// Enters the function that computes the instruction's field, or takes the store of one. Null where there is none, or it is
// not known.
template <class... Values>
[[gnu::always_inline]] inline Handler* enterComputing(Machine& m, const InlineCache* cache, Value receiver,
                                                      Handler* returnTo, Values... values) {
  if (!hasShape(receiver.tag)) return nullptr;
  String* const key = cacheOf(m).key;
  const InlineCache* const entry = findRemembered(cache, receiver.table()->shape, key);
  if (entry == nullptr || entry->tagOffset != fieldIsComputed) return nullptr;
  const char* const fields = reinterpret_cast<const char*>(entry->holder->fields);
  auto* const function = *reinterpret_cast<Function* const*>(fields + entry->payloadOffset);
  return enterFunction(m, function, returnTo, receiver, Value::string(key), values...);
}

// Whether reading the instruction's key from `receiver` gives nil, or what the __index chain has under it where the
// receiver has a field that is nil.
[[gnu::always_inline]] inline bool lookUpBeyond(const Machine& m, Table* receiver, Value& result) {
  Shape* const shape = receiver->shape;
  const String* key = cacheOf(m).key;
  result.tag = Tag::Nil;
  const InlineCache* entry = findRemembered(m.vm->lookupCache, shape, key);
  if (entry == nullptr) return false;
  if (entry->tagOffset == fieldIsAbsent) return true;
  if (entry->holder != nullptr) return false;
  if (shape->metatable == nullptr) return true;
  const InlineCache& beyond = entryBeyond(m.vm->lookupCache, shape, key);
  if (beyond.shape != beyondOwnField(shape) || beyond.key != key) return false;
  if (beyond.tagOffset == fieldIsAbsent) return true;
  result = readAt(beyond, receiver);
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
  forgetTransfers(m);
  const Value object = slotOf(m, m.pc->b);
  if (Handler* const entry = enterComputing(m, m.vm->lookupCache, object, &selvage_storeResult); entry != nullptr)
    SELVAGE_GO(m, entry);
  SELVAGE_GO(m, leaveFor(m, &selvage_getFieldMiss));
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
  if (Handler* const entry = enterComputing(m, m.vm->lookupCache, object, &selvage_storeResult); entry != nullptr)
    SELVAGE_GO(m, entry);
  SELVAGE_GO(m, &selvage_selfMiss);
}

extern "C" SELVAGE_HANDLER void selvage_setField(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->a);
  const Value value = operandOf(m, opcodeInfo[m.pc->opcode].b, m.pc->b);
  if (object.tag == Tag::Table) [[likely]] {
    Table* table = object.table();
    Shape* const shape = table->shape;
    InlineCache& own = cacheOf(m);
    const InlineCache* entry = findRemembered(m.vm->storeCache, shape, own.key);
    if (entry != nullptr && entry->tagOffset < fieldIsAbsent && table->barrier == 0) [[likely]] {
      own.replacements += own.shape != nullptr && own.shape != shape;
      own.payloadOffset = entry->payloadOffset;
      own.tagOffset = entry->tagOffset;
      own.holder = nullptr;
      own.newShape = entry->newShape;
      own.shape = shape;
      // Nil adds no field; a watched table must tell when one is added.
      const bool isRoomy =
          value.tag != Tag::Nil && entry->payloadOffset < static_cast<int64_t>(table->fieldCapacity) * 8;
      if (entry->newShape == nullptr || (isRoomy && (table->flags & tableIsWatched) == 0)) [[likely]] {
        if (entry->newShape != nullptr) table->shape = entry->newShape;
        char* fields = reinterpret_cast<char*>(table->fields);
        *reinterpret_cast<uint64_t*>(fields + entry->payloadOffset) = value.bits;
        *reinterpret_cast<uint8_t*>(fields + entry->tagOffset) = static_cast<uint8_t>(value.tag);
        SELVAGE_GO(m, passedNext(m));
      }
    }
  }
  SELVAGE_GO(m, &selvage_setFieldBeyond);
}

extern "C" SELVAGE_HANDLER void selvage_setFieldBeyond(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->a);
  const Value value = operandOf(m, opcodeInfo[m.pc->opcode].b, m.pc->b);
  if (Handler* const entry = enterComputing(m, m.vm->storeCache, object, &selvage_discardResult, value);
      entry != nullptr) {
    SELVAGE_GO(m, entry);
  }
  SELVAGE_GO(m, &selvage_setFieldMiss);
}

}  // namespace selvage
