// The second level behind the inline caches: one cache for the whole VM, by shape and key.
//
// An instruction that meets objects of several shapes misses its own cache again and again; what it needs is usually
// here. A hit also refills the instruction's cache, so that one whose objects have merely changed hits it from then on.
// Entries are InlineCaches, made and forgotten under the same rules.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

// ---- facts ----

// That what has `shape` has the field at `index`: itself, or the table `holder` on its __index chain; or, for a store,
// that it takes on `newShape` by being given one there.
inline InlineCache fieldFact(Shape* shape, String* key, int32_t index, Table* holder = nullptr,
                             Shape* newShape = nullptr) {
  return {shape, 8 * index, -1 - index, holder, newShape, key};
}
// That reading the field gives nil.
inline InlineCache absenceFact(Shape* shape, String* key) { return {shape, 0, fieldIsAbsent, nullptr, nullptr, key}; }

// An instruction's own cache takes on a fact about `shape`: the next object is most often of the same shape. The holder
// and the new shape are left to the caller: of a load's cache the one, of a store's the other is always null.
[[gnu::always_inline]] inline void refill(InlineCache& own, Shape* shape, const InlineCache& fact) {
  own.replacements += own.shape != nullptr && own.shape != shape;
  own.payloadOffset = fact.payloadOffset;
  own.tagOffset = fact.tagOffset;
  own.shape = shape;
}

// The field that a fact tells of, in the object that it is about or in the fact's holder.
[[gnu::always_inline]] inline Value fieldAt(const InlineCache& fact, const Table* receiver) {
  const Table* const holder = fact.holder != nullptr ? fact.holder : receiver;
  const char* const fields = reinterpret_cast<const char*>(holder->fields);
  return {*reinterpret_cast<const uint64_t*>(fields + fact.payloadOffset),
          static_cast<Tag>(*reinterpret_cast<const uint8_t*>(fields + fact.tagOffset))};
}

// Stores into a table of the fact's shape that needs no barrier. False: not to be done here.
[[gnu::always_inline]] inline bool storeAt(const InlineCache& fact, Table* table, Value value) {
  if (fact.newShape != nullptr) {
    // Nil adds no field; a watched table must tell when one is added.
    const bool isRoomy = fact.payloadOffset < static_cast<int64_t>(table->fieldCapacity) * 8;
    if (!isRoomy || (table->flags & tableIsWatched) != 0 || value.tag == Tag::Nil) return false;
    table->shape = fact.newShape;
  }
  char* const fields = reinterpret_cast<char*>(table->fields);
  *reinterpret_cast<uint64_t*>(fields + fact.payloadOffset) = value.bits;
  *reinterpret_cast<uint8_t*>(fields + fact.tagOffset) = static_cast<uint8_t>(value.tag);
  return true;
}

// ---- the cache of the VM ----

inline uint64_t lookupPlace(const Shape* shape, const String* key) {
  static_assert(lookupCacheSize == 1024);
  const uint64_t mixed = reinterpret_cast<uint64_t>(shape) ^ (reinterpret_cast<uint64_t>(key) << 7);
  return mixed * 0x9E3779B97F4A7C15 >> 54;
}

// Each fact has two places: two that fall together would otherwise drive each other out at every turn of a loop that
// needs both.
[[gnu::always_inline]] inline const InlineCache* findRemembered(const InlineCache* cache, const Shape* shape,
                                                                const String* key) {
  const uint64_t place = lookupPlace(shape, key);
  const InlineCache* entry = &cache[place];
  if (entry->shape == shape && entry->key == key) [[likely]]
    return entry;
  entry = &cache[place ^ 2];
  return entry->shape == shape && entry->key == key ? entry : nullptr;
}
inline void rememberInVM(InlineCache* cache, const InlineCache& fact) {
  InlineCache& entry = cache[lookupPlace(fact.shape, fact.key)];
  const bool isSame = entry.shape == fact.shape && entry.key == fact.key;
  if (entry.shape != nullptr && !isSame) cache[lookupPlace(fact.shape, fact.key) ^ 2] = entry;
  entry = fact;
}

// Where to go on when a receiver has the field, but nil, and a metatable; the entry's shape is beyondOwnField(shape).
inline InlineCache& entryBeyond(InlineCache* cache, const Shape* shape, const String* key) {
  return cache[lookupPlace(shape, key) ^ 1];
}

// The shape that a table of `shape` without metatable takes on with `metatable` is in the cache of stores, under the
// metatable in place of a key: no string has its address.
inline const InlineCache* findMetatableChange(const VM& vm, const Shape* shape, const Table* metatable) {
  return findRemembered(vm.storeCache, shape, reinterpret_cast<const String*>(metatable));
}
inline void rememberMetatable(VM& vm, Shape* shape, Table* metatable, Shape* newShape) {
  rememberInVM(vm.storeCache, {shape, 0, 0, nullptr, newShape, reinterpret_cast<String*>(metatable)});
}

extern "C" {
// Fields that are nil or absent, or computed by a metamethod. The receiver of the first has a shape.
extern Handler selvage_getFieldBeyond, selvage_getFieldComputed, selvage_selfBeyond, selvage_setFieldBeyond;
// What a miss of the second level leaves to: the whole lookup, which fills both.
extern Handler selvage_getFieldMiss, selvage_selfMiss, selvage_setFieldMiss;
}

}  // namespace selvage
