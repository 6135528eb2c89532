// Inline caches: what one instruction has learned about the tables it saw.
//
// They live behind the constants of their proto, at an offset from the constants pointer that the instruction holds,
// and both tiers read the same ones. A hit is proved by one comparison of a shape. Whatever could make a cached
// fact untrue without changing the receiver's shape (a watched table changes) flushes all caches of the VM.
#pragma once

#include <cstdint>

#include "vm/object.hpp"

namespace selvage {

struct Shape;

struct InlineCache {
  Shape* shape;               // of the receiver; null while nothing is cached
  int32_t payloadOffset;      // from Table::fields: 8 * index
  int32_t tagOffset;          // from Table::fields: -1 - index
  Table* holder;              // reads: the table on the __index chain that has the field; null: the receiver has it
  Shape* newShape;            // writes: the shape after adding the field; null: the field exists
  String* key;                // constant for the life of the proto; a short string
  uint32_t replacements = 0;  // how often another shape took the place of one: 0 while only one was met
};
static_assert(sizeof(InlineCache) == 48);

// As a tag offset in the VM-wide lookup cache: the field is nowhere on the receiver's __index chain, which holds no
// function either, so reading it gives nil.
constexpr int32_t fieldIsAbsent = 0;
// The same for a field that the receiver has not, but its metatable (the entry's holder) has a function as __index, or
// as __newindex for stores, at the entry's payload offset. All greater tag offsets than fieldIsAbsent mean this.
constexpr int32_t fieldIsComputed = 1;

// The lookup cache also knows what follows when a receiver has the field, but nil: those entries are found under this
// in place of the shape.
inline Shape* beyondOwnField(Shape* shape) { return reinterpret_cast<Shape*>(reinterpret_cast<uint64_t>(shape) | 1); }

constexpr uint32_t inlineCacheUnits = sizeof(InlineCache) / 8;

// What a table constructor will build: used by NEWTABLE, behind the constants like the caches.
struct TableTemplate {
  Shape* shape;            // with all the named fields, or the empty shape; null until first used or when flushed
  uint32_t arrayCapacity;  // number of positional items (a hint)
  uint32_t fieldCapacity;  // room for fields in the table object itself
  uint32_t firstKey;       // the named fields are constants firstKey..firstKey+keyCount-1, in units of slots
  uint32_t keyCount;
};
static_assert(sizeof(TableTemplate) == 24);
constexpr uint32_t tableTemplateUnits = sizeof(TableTemplate) / 8;

}  // namespace selvage
