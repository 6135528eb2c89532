#include "stencils/field_lookup.hpp"

#include "stencils/slow_path.hpp"

namespace selvage {

namespace {

InlineCache& cacheOf(const Machine& m) {
  return *const_cast<InlineCache*>(
      reinterpret_cast<const InlineCache*>(reinterpret_cast<const uint64_t*>(m.constants) + m.pc->c));
}
Value& slotOf(const Machine& m, uint32_t units) {
  return *reinterpret_cast<Value*>(reinterpret_cast<uint64_t*>(m.base) + units);
}

// The next instruction; those that use this cache are one word long.
Handler* resume(Machine& m) {
  m.pc += 1;
  const Proto& proto = *constantsHeader(m.constants).proto;
  if (proto.resumeAddresses != nullptr) {
    if (Handler* stitched = proto.resumeAddresses[m.pc - proto.code.data()]; stitched != nullptr) return stitched;
  }
  return m.vm->dispatch[m.pc->opcode];
}

// Reads the instruction's key from an object with `shape`, which is `receiver` if it is a table.
bool lookUp(const Machine& m, Shape* shape, Table* receiver, Value& result) {
  InlineCache& own = cacheOf(m);
  const InlineCache* entry = &own;
  if (own.shape != shape) {
    entry = &lookupEntry(m.vm->lookupCache, shape, own.key);
    if (entry->shape != shape || entry->key != own.key) return false;
    if (entry->tagOffset == fieldIsAbsent) {
      result.tag = Tag::Nil;
      return true;
    }
    own.payloadOffset = entry->payloadOffset;
    own.tagOffset = entry->tagOffset;
    own.holder = entry->holder;
    own.newShape = nullptr;
    own.shape = shape;
  }
  const Table* holder = entry->holder != nullptr ? entry->holder : receiver;
  const char* fields = reinterpret_cast<const char*>(holder->fields);
  result.tag = static_cast<Tag>(*reinterpret_cast<const uint8_t*>(fields + entry->tagOffset));
  result.bits = *reinterpret_cast<const uint64_t*>(fields + entry->payloadOffset);
  // A nil field of the receiver itself is simply nil where no metatable has a say.
  return result.tag != Tag::Nil || (entry->holder == nullptr && shape->metatable == nullptr);
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_getField(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->b);
  Value result;
  if (object.tag == Tag::Table && lookUp(m, object.table()->shape, object.table(), result)) [[likely]] {
    slotOf(m, m.pc->a) = result;
    SELVAGE_GO(m, resume(m));
  }
  SELVAGE_GO(m, &selvage_getFieldMiss);
}

extern "C" SELVAGE_HANDLER void selvage_self(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->b);
  Value result;
  if (object.tag == Tag::Table && lookUp(m, object.table()->shape, object.table(), result)) [[likely]] {
    (&slotOf(m, m.pc->a))[frameHeaderSlots] = object;
    slotOf(m, m.pc->a) = result;
    SELVAGE_GO(m, resume(m));
  }
  SELVAGE_GO(m, &selvage_selfMiss);
}

extern "C" SELVAGE_HANDLER void selvage_setField(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value object = slotOf(m, m.pc->a);
  const Value value = opcodeInfo[m.pc->opcode].b == OperandKind::Constant
                          ? *reinterpret_cast<const Value*>(reinterpret_cast<const uint64_t*>(m.constants) + m.pc->b)
                          : slotOf(m, m.pc->b);
  if (object.tag == Tag::Table && value.tag != Tag::Nil) [[likely]] {
    Table* table = object.table();
    Shape* const shape = table->shape;
    InlineCache& own = cacheOf(m);
    const InlineCache& entry = lookupEntry(m.vm->storeCache, shape, own.key);
    if (entry.shape == shape && entry.key == own.key && table->barrier == 0) [[likely]] {
      own.payloadOffset = entry.payloadOffset;
      own.tagOffset = entry.tagOffset;
      own.holder = nullptr;
      own.newShape = entry.newShape;
      own.shape = shape;
      const bool isRoomy = entry.payloadOffset < static_cast<int64_t>(table->fieldCapacity) * 8;
      if (entry.newShape == nullptr || (isRoomy && (table->flags & tableIsWatched) == 0)) [[likely]] {
        if (entry.newShape != nullptr) table->shape = entry.newShape;
        char* fields = reinterpret_cast<char*>(table->fields);
        *reinterpret_cast<uint64_t*>(fields + entry.payloadOffset) = value.bits;
        *reinterpret_cast<uint8_t*>(fields + entry.tagOffset) = static_cast<uint8_t>(value.tag);
        SELVAGE_GO(m, resume(m));
      }
    }
  }
  SELVAGE_GO(m, &selvage_setFieldMiss);
}

}  // namespace selvage
