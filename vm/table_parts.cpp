// How a table's parts grow, shrink and trade places.

#include "vm/table_parts.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "vm/heap.hpp"
#include "vm/table_hash.hpp"
#include "vm/vm.hpp"

namespace selvage {

namespace {

constexpr uint32_t maxArrayCapacity = uint32_t{1} << 30;
constexpr uint32_t firstFieldCapacity = 4;

// How many integer keys lie in (2^(i-1), 2^i], for each i.
using KeyCensus = std::array<uint32_t, 32>;

void countKey(KeyCensus& census, int64_t key) {
  if (key >= 1 && key <= maxArrayCapacity)
    ++census[static_cast<size_t>(std::bit_width(static_cast<uint64_t>(key) - 1))];
}

uint32_t countPresent(const Table* table, uint32_t begin, uint32_t end) {
  uint32_t present = 0;
  for (uint32_t i = begin; i < end; ++i) present += SplitStorage::tag(table->array, i) != Tag::Nil;
  return present;
}

// The largest n (a power of 2, or 0) such that more than half of 1..n are among the counted keys.
uint32_t bestArraySize(const KeyCensus& census) {
  uint64_t below = 0;
  uint32_t best = 0;
  for (size_t i = 0; i <= 30; ++i) {
    below += census[i];
    if (below > (uint64_t{1} << i) / 2) best = uint32_t{1} << i;
  }
  return best;
}

void freeArray(VM& vm, Table* table) {
  if (hasArrayInside(table)) {
    table->flags &= static_cast<uint8_t>(~tableHasArrayInside);
  } else {
    freeSplit(vm, table->array, table->arrayCapacity);
  }
}

// Replaces the array part by one of this capacity (at least arrayCount). False: no memory, nothing changed.
bool resizeArray(VM& vm, Table* table, uint32_t capacity) {
  uint64_t* array = nullptr;
  if (capacity != 0) {
    array = allocateSplit(vm, capacity);
    if (array == nullptr) return false;
    const uint32_t count = table->arrayCount;
    if (count != 0) {
      std::memcpy(array, table->array, count * sizeof(uint64_t));
      std::memcpy(reinterpret_cast<char*>(array) - count, reinterpret_cast<char*>(table->array) - count, count);
    }
  }
  freeArray(vm, table);
  table->array = array;
  table->arrayCapacity = capacity;
  return true;
}

// Nodes for so many keys, with some to spare so that the next rebuilding is not near.
uint64_t nodesFor(uint64_t keys) { return keys <= 4 ? keys : keys + keys / 8; }

// A string key's hash is in the string, and rarely in the processor's cache: asks for those of nodes soon to be moved.
void prefetchKey(const HashPart* hash, uint32_t index) {
  constexpr uint32_t ahead = 8;
  if (index + ahead < hash->size() && hash->nodes[index + ahead].keyTag == static_cast<uint8_t>(Tag::String)) {
    __builtin_prefetch(reinterpret_cast<const void*>(hash->nodes[index + ahead].key));
  }
}

void moveNode(HashPart* to, const HashNode& node) {
  HashNode* target = insertInNewPart(to, node.getKey());
  target->value = node.value;
  target->valueTag = node.valueTag;
}

// Makes another part in the place of one in which too many keys meet. Without memory it stays: it is slow, but right.
void scatterIfCrowded(VM& vm, HashPart*& hash) {
  if (hash == nullptr || hash->isCrowded == 0 || hash->scatter != 0) return;
  HashPart* const scattered = newHashPart(vm, hash->size(), hash);
  if (scattered == nullptr) return;
  for (uint32_t i = 0; i < hash->size(); ++i) {
    if (!hash->nodes[i].isEmpty()) moveNode(scattered, hash->nodes[i]);
  }
  freeStorage(vm, hash);
  hash = scattered;
}

}  // namespace

bool isMostlyUsed(const Table* table) {
  return countPresent(table, 0, table->arrayCount) * uint64_t{2} >= table->arrayCount;
}

Value takeFromHash(Table* table, int64_t key) {
  HashNode* node = findInteger(table->hash, key);
  if (node == nullptr) return Value::nil();
  const Value value = node->getValue();
  node->setValue(Value::nil());
  node->keyTag = deadKeyTag;  // or a traversal would take it for the place of the array's element
  node->key = 0;
  return value;
}

void migrateFollowing(Table* table) {
  while (table->arrayCount < table->arrayCapacity) {
    const Value value = takeFromHash(table, int64_t{table->arrayCount} + 1);
    if (value.isNil()) return;
    SplitStorage::set(table->array, table->arrayCount++, value);
  }
}

bool growFields(VM& vm, Table* table) {
  const uint32_t capacity = std::max(firstFieldCapacity, table->fieldCapacity * 2);
  uint64_t* fields = allocateSplit(vm, capacity);
  if (fields == nullptr) return false;
  const uint32_t count = table->shape->fieldCount();
  if (count != 0) {
    std::memcpy(fields, table->fields, count * sizeof(uint64_t));
    std::memcpy(reinterpret_cast<char*>(fields) - count, reinterpret_cast<char*>(table->fields) - count, count);
  }
  if (!hasFieldsInside(table)) freeSplit(vm, table->fields, table->fieldCapacity);
  table->fields = fields;
  table->fieldCapacity = capacity;
  return true;
}

bool becomeDictionary(VM& vm, Table* table) {
  Shape* shape = table->shape;
  const uint32_t fields = shape->fieldCount();
  uint64_t keys = 1;
  for (uint32_t i = 0; i < fields; ++i) keys += SplitStorage::tag(table->fields, i) != Tag::Nil;
  HashPart* old = table->hash;
  for (uint32_t i = 0; old != nullptr && i < old->size(); ++i) keys += !old->nodes[i].isEmpty();
  // All that needs memory comes first: a table with the shape of fields that it has no more must never be seen.
  Shape* dictionary = dictionaryShape(vm, shape);
  HashPart* hash = newHashPart(vm, nodesFor(keys), old);
  if (hash == nullptr) return false;
  for (uint32_t i = 0; i < fields; ++i) {
    const Value value = SplitStorage::get(table->fields, i);
    if (!value.isNil()) insertInNewPart(hash, Value::string(fieldKey(shape, i)))->setValue(value);
  }
  for (uint32_t i = 0; old != nullptr && i < old->size(); ++i) {
    if (!old->nodes[i].isEmpty()) moveNode(hash, old->nodes[i]);
  }
  freeStorage(vm, old);
  scatterIfCrowded(vm, hash);
  if (!hasFieldsInside(table)) freeSplit(vm, table->fields, table->fieldCapacity);
  table->hash = hash;
  table->fields = nullptr;
  table->fieldCapacity = 0;
  table->shape = dictionary;
  writeBarrier(vm, table);
  return true;
}

bool rebuildParts(VM& vm, Table* table, Value newKey) {
  HashPart* old = table->hash;
  KeyCensus census{};
  uint64_t hashKeys = 1;
  bool hasIntegers = newKey.isInteger();
  if (newKey.isInteger()) countKey(census, newKey.integer());
  for (uint32_t i = 0; old != nullptr && i < old->size(); ++i) {
    const HashNode& node = old->nodes[i];
    if (node.isEmpty()) continue;
    ++hashKeys;
    if (node.getKey().isInteger()) {
      hasIntegers = true;
      countKey(census, node.getKey().integer());
    }
  }

  // Only integer keys can change what the array part had best be.
  uint32_t arraySize = table->arrayCapacity;
  if (hasIntegers) {
    for (uint32_t begin = 0, bit = 0; begin < table->arrayCount; ++bit) {
      const uint32_t end = std::min(table->arrayCount, uint32_t{1} << bit);
      census[bit] += countPresent(table, begin, end);
      begin = end;
    }
    arraySize = bestArraySize(census);
  }
  const auto belongsToArray = [&](const Value& key) {
    return hasIntegers && key.isInteger() && static_cast<uint64_t>(key.integer()) - 1 < arraySize;
  };

  // Where everything is to go, before anything is changed.
  uint32_t newCount = std::min(table->arrayCount, arraySize);
  if (belongsToArray(newKey)) {
    newCount = std::max(newCount, static_cast<uint32_t>(newKey.integer()));
    --hashKeys;
  }
  for (uint32_t i = 0; hasIntegers && old != nullptr && i < old->size(); ++i) {
    const HashNode& node = old->nodes[i];
    if (node.isEmpty() || !belongsToArray(node.getKey())) continue;
    newCount = std::max(newCount, static_cast<uint32_t>(node.key));
    --hashKeys;
  }
  const bool arrayShrinks = arraySize < table->arrayCount;
  if (arrayShrinks) hashKeys += countPresent(table, arraySize, table->arrayCount);

  HashPart* hash = nullptr;
  if (hashKeys != 0) {
    hash = newHashPart(vm, nodesFor(hashKeys), old);
    if (hash == nullptr) return false;
  }
  if (arrayShrinks) {
    const uint32_t oldCount = table->arrayCount;
    uint64_t* oldArray = table->array;
    uint64_t* array = arraySize == 0 ? nullptr : allocateSplit(vm, arraySize);
    if (arraySize != 0 && array == nullptr) return false;
    for (uint32_t i = 0; i < arraySize; ++i) SplitStorage::set(array, i, SplitStorage::get(oldArray, i));
    for (uint32_t i = arraySize; i < oldCount; ++i) {
      const Value value = SplitStorage::get(oldArray, i);
      if (!value.isNil()) insertInNewPart(hash, Value::integer(int64_t{i} + 1))->setValue(value);
    }
    freeArray(vm, table);
    table->array = array;
    table->arrayCapacity = arraySize;
    table->arrayCount = arraySize;
  } else if (arraySize > table->arrayCapacity) {
    if (!resizeArray(vm, table, arraySize)) return false;
  }
  for (; table->arrayCount < newCount; ++table->arrayCount) {
    SplitStorage::set(table->array, table->arrayCount, Value::nil());
  }

  for (uint32_t i = 0; old != nullptr && i < old->size(); ++i) {
    prefetchKey(old, i);
    const HashNode& node = old->nodes[i];
    if (node.isEmpty()) continue;
    if (belongsToArray(node.getKey())) {
      SplitStorage::set(table->array, static_cast<int64_t>(node.key) - 1, node.getValue());
    } else {
      moveNode(hash, node);
    }
  }
  freeStorage(vm, old);
  scatterIfCrowded(vm, hash);
  table->hash = hash;
  if (!belongsToArray(newKey)) dropTrailingNils(table);
  writeBarrier(vm, table);
  return true;
}

bool tableReserveArray(VM& vm, Table* table, uint64_t capacity) {
  if (capacity <= table->arrayCapacity) return true;
  if (capacity > maxArrayCapacity) return false;
  return resizeArray(vm, table, static_cast<uint32_t>(capacity));
}

}  // namespace selvage
