// How a table's parts grow, shrink and trade places (table_parts.cpp).
#pragma once

#include <cstdint>

#include "vm/heap.hpp"
#include "vm/table.hpp"

namespace selvage {

struct VM;

// Where a table object made with room for `capacity` fields has them.
inline uint64_t* fieldsInTable(Table* table, uint32_t capacity) {
  return reinterpret_cast<uint64_t*>(reinterpret_cast<char*>(table) + sizeof(Table) + ((capacity + 7) & ~7U));
}
inline bool hasFieldsInside(Table* table) { return table->fields == fieldsInTable(table, table->fieldCapacity); }
// Where a table object made with room for `fields` fields and `elements` array elements has the latter.
inline uint64_t* arrayInTable(Table* table, uint32_t fields, uint32_t elements) {
  return reinterpret_cast<uint64_t*>(reinterpret_cast<char*>(table) + tableBytes(fields) + ((elements + 7) & ~7U));
}
inline bool hasArrayInside(const Table* table) { return (table->flags & tableHasArrayInside) != 0; }

// Tables with more fields than this have them in storage of their own, so that the table is not a large object.
constexpr uint32_t maxFieldsInside = 48;
static_assert(tableBytes(maxFieldsInside) <= maxCellBytes);
// So few array elements lie in the table object if there is room.
constexpr uint32_t maxElementsInside = 8;

// Whether more than half of the elements of the array part are present.
bool isMostlyUsed(const Table* table);
// Makes arrayCount end at an element that is present.
inline void dropTrailingNils(Table* table) {
  uint32_t count = table->arrayCount;
  while (count > 0 && SplitStorage::tag(table->array, count - 1) == Tag::Nil) --count;
  table->arrayCount = count;
}
// Whether elements before+1..before+count can be stored by storeList: nothing is at or behind their places, and their
// stores are nothing that the collector has to know.
inline bool hasRoomForList(const Table* table, uint64_t before, uint64_t count) {
  return table->hash == nullptr && table->arrayCount == before && before + count <= table->arrayCapacity &&
         table->barrier == 0;
}
inline void storeList(Table* table, uint64_t before, const Value* values, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) SplitStorage::set(table->array, static_cast<int64_t>(before + i), values[i]);
  table->arrayCount = static_cast<uint32_t>(before + count);
  dropTrailingNils(table);
}
// Removes an integer key from the hash part for good; its value, or nil.
Value takeFromHash(Table* table, int64_t key);
// Moves the keys that follow the array part and fit into its capacity from the hash part.
void migrateFollowing(Table* table);
// Room for at least one more field.
[[nodiscard]] bool growFields(VM& vm, Table* table);
// Moves the fields to the hash part.
[[nodiscard]] bool becomeDictionary(VM& vm, Table* table);
// Gives array and hash part the sizes that suit their keys and `newKey`, which is neither in the array part nor (with a
// value) in the hash part. Afterwards newKey is an index below arrayCount or a free node awaits it.
[[nodiscard]] bool rebuildParts(VM& vm, Table* table, Value newKey);

}  // namespace selvage
