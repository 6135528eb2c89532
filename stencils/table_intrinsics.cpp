// Intrinsics of the table library, and setmetatable.
#include "stencils/field_lookup.hpp"
#include "stencils/intrinsic_forms.hpp"
#include "stencils/intrinsics.hpp"
#include "stencils/metamethod_entry.hpp"
#include "vm/table_parts.hpp"

namespace selvage {

namespace {

// setmetatable of a table that had none, by a change of shape that has been made before. The cache of stores remembers
// it under the metatable in place of a key.
inline bool setMetatable(const Machine& m, Value& result) {
  if (m.x0 < 2 || m.base[0].tag != Tag::Table || m.base[1].tag != Tag::Table) return false;
  Table* const table = m.base[0].table();
  const Table* const metatable = m.base[1].table();
  const Shape* const shape = table->shape;
  const InlineCache* const change = findMetatableChange(*m.vm, shape, metatable);
  const bool hasNoFinalizer = (metatable->aux >> static_cast<uint32_t>(Event::Gc) & 1) != 0;
  if (change == nullptr || !hasNoFinalizer || table->barrier != 0 || (table->flags & tableIsWatched) != 0) return false;
  table->shape = change->newShape;
  result = m.base[0];
  return true;
}

// Whether the table's elements 1..arrayCount are all that it has, and its length is their number.
inline bool isMeasuredArray(const Table* table) {
  return hasNoMetamethod(table->shape->metatable, Event::Len) && hasElementsInArrayOnly(table);
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_setMetatable(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return intrinsicHandler<setMetatable>(SELVAGE_ARGUMENTS);
}

// table.insert at the end, where there is room.
extern "C" SELVAGE_HANDLER void selvage_tableInsert(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (m.x0 == 2 && m.base[0].tag == Tag::Table && m.base[1].tag != Tag::Nil) [[likely]] {
    Table* const table = m.base[0].table();
    const uint32_t count = table->arrayCount;
    if (isMeasuredArray(table) && hasNoMetamethod(table->shape->metatable, Event::NewIndex) &&
        count < table->arrayCapacity && table->barrier == 0) [[likely]] {
      SplitStorage::set(table->array, count, m.base[1]);
      table->arrayCount = count + 1;
      m.x0 = 0;
      SELVAGE_GO(m, m.base[-1].as<Handler>());
    }
  }
  SELVAGE_GO(m, &selvage_callNative);
}

// table.remove of the last element.
extern "C" SELVAGE_HANDLER void selvage_tableRemove(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (m.x0 == 1 && m.base[0].tag == Tag::Table) [[likely]] {
    Table* const table = m.base[0].table();
    const uint32_t count = table->arrayCount;
    if (isMeasuredArray(table) && count != 0 && table->barrier == 0) [[likely]] {
      auto* const returnTo = m.base[-1].as<Handler>();
      m.base[-2] = SplitStorage::get(table->array, count - 1);
      SplitStorage::tagByte(table->array, count - 1) = static_cast<uint8_t>(Tag::Nil);
      dropTrailingNils(table);
      m.x0 = 1;
      SELVAGE_GO(m, returnTo);
    }
  }
  SELVAGE_GO(m, &selvage_callNative);
}

// table.unpack of an array.
extern "C" SELVAGE_HANDLER void selvage_tableUnpack(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  int64_t first = 1;
  if (m.x0 == 0 || m.base[0].tag != Tag::Table || !optionalIntegerAt(m, 1, first)) [[unlikely]]
    SELVAGE_GO(m, &selvage_callNative);
  Table* const table = m.base[0].table();
  int64_t last = table->arrayCount;
  if (!isPlainArray(table) || !optionalIntegerAt(m, 2, last)) [[unlikely]]
    SELVAGE_GO(m, &selvage_callNative);
  const uint64_t steps = static_cast<uint64_t>(last) - static_cast<uint64_t>(first);
  const uint64_t count = first <= last ? steps + 1 : 0;
  const bool hasRoom = steps < maxStackSlots && m.base + steps < stackLimit(*m.vm);
  if (first < 1 || (count != 0 && !hasRoom)) [[unlikely]]
    SELVAGE_GO(m, &selvage_callNative);
  auto* const returnTo = m.base[-1].as<Handler>();
  Value* const target = m.base - frameHeaderSlots;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t index = static_cast<uint64_t>(first) - 1 + i;
    if (index < table->arrayCount) target[i] = SplitStorage::get(table->array, static_cast<int64_t>(index));
    else target[i].tag = Tag::Nil;
  }
  m.x0 = count;
  SELVAGE_GO(m, returnTo);
}

}  // namespace selvage
