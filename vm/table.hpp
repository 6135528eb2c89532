// Tables: fields described by a shape, an array part for 1..n, a hash part for the rest.
//
// The array part and the fields keep tags and payloads apart, nine bytes an element: `array[i]` is a payload and
// the tag is the byte at -1-i from the same pointer (see SplitStorage), so one pointer reaches both and inline
// caches know both offsets.
//
// Invariants that the inline fast paths rely on:
// - elements arrayCount..arrayCapacity-1 of the array part are not initialised and never read; every key above
//   arrayCount is not in the array part. Elements below arrayCount may be nil.
// - arrayCount > 0 implies that element arrayCount-1 is not nil, except between a traversal's stores.
// - an integer key 1..arrayCount is never in the hash part; key arrayCount+1 may be in the hash part only when
//   `hash` is not null, so appending inline (index == arrayCount < arrayCapacity) is allowed when hash is null.
// - float keys with integer values are stored as integers. Short string keys are in the fields unless the shape is
//   a dictionary shape; then they are in the hash part.
// - a field that exists in the shape may be nil: then the key is absent.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vm/object.hpp"
#include "vm/shape.hpp"

namespace selvage {

struct VM;
struct HashPart;  // table.cpp

enum TableFlag : uint8_t {
  tableIsWatched = 1,  // is a metatable, or a table on some __index chain that an inline cache relies on: adding a
                       // key, storing under an event-like key, or changing its metatable flushes inline caches
  tableHasWeakKeys = 2,
  tableHasWeakValues = 4,
  tableIsMetatable = 8,
  tableHasArrayInside = 16,  // the array part lies in the table object, behind the room for fields
};

// A pointer to the payloads of n elements; the tags are bytes growing downwards from it.
struct SplitStorage {
  static uint8_t& tagByte(uint64_t* payloads, int64_t i) { return reinterpret_cast<uint8_t*>(payloads)[-1 - i]; }
  static Tag tag(uint64_t* payloads, int64_t i) { return static_cast<Tag>(tagByte(payloads, i)); }
  static Value get(uint64_t* payloads, int64_t i) { return {payloads[i], tag(payloads, i)}; }
  static void set(uint64_t* payloads, int64_t i, Value v) {
    payloads[i] = v.bits;
    tagByte(payloads, i) = static_cast<uint8_t>(v.tag);
  }
};

struct Table : Object {  // aux: bit e set means that event e is known to be absent from this (meta)table
  Shape* shape;          // never null
  uint64_t* fields;      // payloads of the shape's fields; null when fieldCapacity is 0
  uint64_t* array;       // payloads of the array part; null when arrayCapacity is 0
  uint32_t arrayCount;
  uint32_t arrayCapacity;
  HashPart* hash;  // or null
  uint32_t fieldCapacity;
  uint32_t reserved;
  // A table made with room for fields has them here: ((capacity + 7) & ~7) tag bytes, then the payloads. Behind them,
  // in the same form, may be the room for a few array elements that it was made with.

  Table* metatable() const { return shape->metatable; }
};
static_assert(sizeof(Table) == 56);

// Bytes of a table object with room for `fields` fields behind it.
constexpr size_t tableBytes(uint32_t fields) { return sizeof(Table) + ((fields + 7) & ~7U) + fields * 8; }

// Raw access (no metamethods). The get functions never allocate; nil when absent.
Value tableGet(Table* table, Value key);
Value tableGetInteger(Table* table, int64_t key);
Value tableGetString(Table* table, String* key);  // any string, short or long

enum class TableStatus { Ok, KeyIsNil, KeyIsNaN, OutOfMemory, TooLarge, ReadOnly };
// Raw store with write barrier. Storing nil removes.
[[nodiscard]] TableStatus tableSet(VM& vm, Table* table, Value key, Value value);
[[nodiscard]] TableStatus tableSetInteger(VM& vm, Table* table, int64_t key, Value value);
// `isDynamic`: the key came out of an expression (t[k] = v), so the table may be a dictionary; constant keys
// (t.k = v) keep shapes for much longer.
[[nodiscard]] TableStatus tableSetString(VM& vm, Table* table, String* key, Value value, bool isDynamic);

// A border (manual 3.4.7).
int64_t tableLength(Table* table);

// Traversal. Positions are 0-based over array part, fields, hash part, and stay valid while only existing keys are
// assigned to. tableAdvance finds the first non-nil element at or after `position`, writes key and value and
// returns the position after it, or returns 0 when there is none.
uint32_t tableAdvance(Table* table, uint32_t position, Value& key, Value& value);
// The position after a key for `next`; nil gives 0; -1 if the key is not in the table.
int64_t tablePositionAfter(Table* table, Value key);

// Room for at least so many array elements. False when memory does not suffice or the size is absurd.
[[nodiscard]] bool tableReserveArray(VM& vm, Table* table, uint64_t capacity);

// A read-only table refuses every store (TableStatus::ReadOnly); who sets its metatable must ask. Reading it is as fast
// as before. `isDeep`: with all tables that it leads to, as keys, values and metatables. Throws std::bad_alloc.
void setReadOnly(VM& vm, Table* table, bool isReadOnly, bool isDeep);
inline bool isReadOnly(const Table* table) { return (table->barrier & barrierIsReadOnly) != 0; }

// From now on what the table lacks as a metatable is remembered (aux), and what is cached of it watched.
void becomeMetatable(Table& table);
// Sets or removes (null) the metatable: shape transition, watching, weak mode, finalizer registration. Throws
// std::bad_alloc, and then the table is as it was.
void tableSetMetatable(VM& vm, Table* table, Table* metatable);

}  // namespace selvage
