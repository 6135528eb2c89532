// How a table's parts grow, shrink and trade places (table_parts.cpp).
#pragma once

#include <cstdint>

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

// Whether more than half of the elements of the array part are present.
bool isMostlyUsed(const Table* table);
// Makes arrayCount end at an element that is present.
inline void dropTrailingNils(Table* table) {
  uint32_t count = table->arrayCount;
  while (count > 0 && SplitStorage::tag(table->array, count - 1) == Tag::Nil) --count;
  table->arrayCount = count;
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
