// The second level behind the inline caches: one cache for the whole VM, by shape and key.
//
// An instruction that meets objects of several shapes misses its own cache again and again; what it needs is usually
// here. A hit also refills the instruction's cache, so that one whose objects have merely changed hits it from then on.
// Entries are InlineCaches, made and forgotten under the same rules.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

inline uint64_t lookupPlace(const Shape* shape, const String* key) {
  const uint64_t mixed = (reinterpret_cast<uint64_t>(shape) >> 4) ^ (reinterpret_cast<uint64_t>(key) >> 3);
  return (mixed ^ (mixed >> 10)) % lookupCacheSize;
}
inline InlineCache& lookupEntry(InlineCache* cache, const Shape* shape, const String* key) {
  return cache[lookupPlace(shape, key)];
}
// Where to go on when a receiver has the field, but nil, and a metatable; the entry's shape is beyondOwnField(shape).
inline InlineCache& entryBeyond(InlineCache* cache, const Shape* shape, const String* key) {
  return cache[lookupPlace(shape, key) ^ 1];
}

// Where the cache of stores has the shape that a table of `shape` without metatable takes on with `metatable`.
inline InlineCache& metatableEntry(VM& vm, const Shape* shape, const Table* metatable) {
  return lookupEntry(vm.storeCache, shape, reinterpret_cast<const String*>(metatable));
}
inline void rememberMetatable(VM& vm, Shape* shape, Table* metatable, Shape* newShape) {
  // The metatable stands in the place of the key: no string has its address.
  metatableEntry(vm, shape, metatable) = {shape, 0, 0, nullptr, newShape, reinterpret_cast<String*>(metatable)};
}

extern "C" {
// Fields that are nil or absent.
extern Handler selvage_getFieldBeyond;
// What a miss of the second level leaves to: the whole lookup, which fills both.
extern Handler selvage_getFieldMiss, selvage_selfMiss, selvage_setFieldMiss;
}

}  // namespace selvage
