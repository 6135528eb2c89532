// Tables: raw access to elements, fields and everything else, metatables.

#include "vm/table.hpp"

#include <unordered_set>

#include <algorithm>

#include "vm/heap.hpp"
#include "vm/number.hpp"
#include "vm/table_hash.hpp"
#include "vm/table_parts.hpp"
#include "vm/vm.hpp"

namespace selvage {

namespace {

// The form in which keys other than nil are stored: integers for floats that equal one, zeroes for booleans' payloads.
Value normalizeKey(Value key) {
  if (key.isFloat()) {
    int64_t integer;
    if (exactInteger(key.number(), integer)) return Value::integer(integer);
  } else if (key.isBoolean()) {
    return Value::boolean(key.tag == Tag::True);
  }
  return key;
}

void noteWatchedChange(VM& vm, const Table* table) {
  if ((table->flags & tableIsWatched) != 0 && vm.cachesMayDepend) flushInlineCaches(vm);
}

// Stores under a normalised key into the hash part.
TableStatus setInHash(VM& vm, Table* table, Value key, Value value) {
  if (table->hash != nullptr) {
    if (HashNode* node = findNode(table->hash, key); node != nullptr) {
      node->setValue(value);
      writeBarrier(vm, table, value);
      return TableStatus::Ok;
    }
  }
  if (value.isNil()) return TableStatus::Ok;
  HashNode* node = table->hash == nullptr ? nullptr : insertNode(table->hash, key);
  if (node == nullptr) {
    if (!rebuildParts(vm, table, key)) return TableStatus::OutOfMemory;
    if (key.isInteger() && static_cast<uint64_t>(key.integer()) - 1 < table->arrayCount) {
      SplitStorage::set(table->array, key.integer() - 1, value);
      writeBarrier(vm, table, value);
      return TableStatus::Ok;
    }
    node = insertInNewPart(table->hash, key);
  }
  node->setValue(value);
  writeBarrier(vm, table, key);
  writeBarrier(vm, table, value);
  return TableStatus::Ok;
}

constexpr uint64_t maxFilledGap = 16;

// t[arrayCount + 1] = value, and whatever follows it in the hash part.
TableStatus append(VM& vm, Table* table, Value value) {
  const Value key = Value::integer(int64_t{table->arrayCount} + 1);
  if (table->arrayCount == table->arrayCapacity) {
    // An array part so sparse that doubling it might waste memory without end (a queue, say) does not grow; then this
    // key may be in the hash part.
    const bool isInHash = table->hash != nullptr && findInteger(table->hash, key.integer()) != nullptr;
    if (isInHash || !isMostlyUsed(table)) return setInHash(vm, table, key, value);
    if (!tableReserveArray(vm, table, std::max<uint64_t>(4, uint64_t{table->arrayCapacity} * 2))) {
      return TableStatus::OutOfMemory;
    }
  }
  if (table->hash != nullptr && table->hash->hasIntegers != 0) takeFromHash(table, key.integer());
  SplitStorage::set(table->array, table->arrayCount++, value);
  writeBarrier(vm, table, value);
  if (table->hash != nullptr && table->hash->hasIntegers != 0) migrateFollowing(table);
  return TableStatus::Ok;
}

TableStatus addField(VM& vm, Table* table, String* key, Value value) {
  const uint32_t index = table->shape->fieldCount();
  if (index >= table->fieldCapacity && !growFields(vm, table)) return TableStatus::OutOfMemory;
  table->shape = shapeWithKey(vm, table->shape, key);
  SplitStorage::set(table->fields, index, value);
  writeBarrier(vm, table);
  return TableStatus::Ok;
}

constexpr uint32_t maxDynamicFields = 32;
constexpr uint32_t minFieldsToThinOut = 16;

// Whether a table that is about to get a new key had better be a dictionary.
bool shouldBecomeDictionary(const Table* table, const String* key, bool isDynamic) {
  const Shape* shape = table->shape;
  const uint32_t fields = shape->fieldCount();
  if (fields >= maxShapeFields) return true;
  if (isDynamic && (fields >= maxDynamicFields || hasManySuccessors(shape, key))) return true;
  if (fields < table->fieldCapacity || fields < minFieldsToThinOut) return false;
  uint32_t used = 0;
  for (uint32_t i = 0; i < fields; ++i) used += SplitStorage::tag(table->fields, i) != Tag::Nil;
  return used <= fields / 2;
}

}  // namespace

Value tableGetInteger(Table* table, int64_t key) {
  const uint64_t index = static_cast<uint64_t>(key) - 1;
  if (index < table->arrayCount) return SplitStorage::get(table->array, static_cast<int64_t>(index));
  if (table->hash == nullptr) return Value::nil();
  const HashNode* node = findInteger(table->hash, key);
  return node == nullptr ? Value::nil() : node->getValue();
}

Value tableGetString(Table* table, String* key) {
  if (key->isShort() && !table->shape->isDictionary()) {
    const int32_t field = findField(table->shape, key);
    return field < 0 ? Value::nil() : SplitStorage::get(table->fields, field);
  }
  if (table->hash == nullptr) return Value::nil();
  const HashNode* node = key->isShort() ? findShortString(table->hash, key) : findNode(table->hash, Value::string(key));
  return node == nullptr ? Value::nil() : node->getValue();
}

Value tableGet(Table* table, Value key) {
  switch (key.tag) {
    case Tag::Nil: return Value::nil();
    case Tag::Integer: return tableGetInteger(table, key.integer());
    case Tag::String: return tableGetString(table, key.string());
    case Tag::Float: {
      int64_t integer;
      if (exactInteger(key.number(), integer)) return tableGetInteger(table, integer);
      break;
    }
    case Tag::False:
    case Tag::True: key = normalizeKey(key); break;
    default: break;
  }
  if (table->hash == nullptr) return Value::nil();
  const HashNode* node = findNode(table->hash, key);
  return node == nullptr ? Value::nil() : node->getValue();
}

TableStatus tableSet(VM& vm, Table* table, Value key, Value value) {
  if (isReadOnly(table)) [[unlikely]]
    return TableStatus::ReadOnly;
  switch (key.tag) {
    case Tag::Nil: return TableStatus::KeyIsNil;
    case Tag::Integer: return tableSetInteger(vm, table, key.integer(), value);
    case Tag::String: return tableSetString(vm, table, key.string(), value, true);
    case Tag::Float: {
      const Value normal = normalizeKey(key);
      if (normal.isInteger()) return tableSetInteger(vm, table, normal.integer(), value);
      if (key.number() != key.number()) return TableStatus::KeyIsNaN;
      return setInHash(vm, table, key, value);
    }
    default: return setInHash(vm, table, normalizeKey(key), value);
  }
}

TableStatus tableSetInteger(VM& vm, Table* table, int64_t key, Value value) {
  if (isReadOnly(table)) [[unlikely]]
    return TableStatus::ReadOnly;
  const uint64_t index = static_cast<uint64_t>(key) - 1;
  if (index < table->arrayCount) {
    SplitStorage::set(table->array, static_cast<int64_t>(index), value);
    if (value.isNil()) {
      if (index == table->arrayCount - 1) dropTrailingNils(table);
      return TableStatus::Ok;
    }
    writeBarrier(vm, table, value);
    return TableStatus::Ok;
  }
  if (value.isNil()) {
    if (table->hash == nullptr) return TableStatus::Ok;
    if (HashNode* node = findInteger(table->hash, key); node != nullptr) node->setValue(value);
    return TableStatus::Ok;
  }
  if (index == table->arrayCount) return append(vm, table, value);
  if (index < table->arrayCapacity && index - table->arrayCount <= maxFilledGap) {
    while (table->arrayCount < index) {
      const Value between = table->hash == nullptr || table->hash->hasIntegers == 0
                                ? Value::nil()
                                : takeFromHash(table, int64_t{table->arrayCount} + 1);
      SplitStorage::set(table->array, table->arrayCount++, between);
    }
    return append(vm, table, value);
  }
  return setInHash(vm, table, Value::integer(key), value);
}

TableStatus tableSetString(VM& vm, Table* table, String* key, Value value, bool isDynamic) {
  if (isReadOnly(table)) [[unlikely]]
    return TableStatus::ReadOnly;
  if (!key->isShort()) return setInHash(vm, table, Value::string(key), value);
  const bool isEventLike = (key->flags & stringIsEventLike) != 0;
  if (isEventLike) table->aux = 0;
  if (!table->shape->isDictionary()) {
    if (const int32_t field = findField(table->shape, key); field >= 0) {
      const bool wasAbsent = SplitStorage::tag(table->fields, field) == Tag::Nil;
      SplitStorage::set(table->fields, field, value);
      writeBarrier(vm, table, value);
      if (wasAbsent || isEventLike) noteWatchedChange(vm, table);
      return TableStatus::Ok;
    }
    if (value.isNil()) return TableStatus::Ok;
    if (!shouldBecomeDictionary(table, key, isDynamic)) {
      const TableStatus status = addField(vm, table, key, value);
      noteWatchedChange(vm, table);
      return status;
    }
    if (!becomeDictionary(vm, table)) return TableStatus::OutOfMemory;
    noteWatchedChange(vm, table);
  }
  if ((table->flags & tableIsWatched) != 0 && vm.cachesMayDepend) {
    if (isEventLike || tableGetString(table, key).isNil()) flushInlineCaches(vm);
  }
  return setInHash(vm, table, Value::string(key), value);
}

int64_t tableLength(Table* table) {
  const uint32_t count = table->arrayCount;
  if (count > 0 && SplitStorage::tag(table->array, count - 1) == Tag::Nil) {
    // Element `low` is present (or 0), element `high` is absent.
    uint32_t low = 0;
    uint32_t high = count;
    while (high - low > 1) {
      const uint32_t middle = low + (high - low) / 2;
      (SplitStorage::tag(table->array, middle - 1) == Tag::Nil ? high : low) = middle;
    }
    return low;
  }
  HashPart* hash = table->hash;
  if (hash == nullptr || hash->hasIntegers == 0) return count;
  const auto isPresent = [hash](int64_t key) {
    const HashNode* node = findInteger(hash, key);
    return node != nullptr && !node->isEmpty();
  };
  int64_t low = count;
  if (!isPresent(low + 1)) return low;
  // Doubles the distance until an absent key, then halves it.
  int64_t high = low + 1;
  while (isPresent(high)) {
    low = high;
    if (high > INT64_MAX / 2) {
      while (low < INT64_MAX && isPresent(low + 1)) ++low;
      return low;
    }
    high *= 2;
  }
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (isPresent(middle) ? low : high) = middle;
  }
  return low;
}

// Positions count the whole capacity of the array part, so that they do not change when trailing elements are removed.

uint32_t tableAdvance(Table* table, uint32_t position, Value& key, Value& value) {
  for (; position < table->arrayCount; ++position) {
    if (SplitStorage::tag(table->array, position) == Tag::Nil) continue;
    key = Value::integer(int64_t{position} + 1);
    value = SplitStorage::get(table->array, position);
    return position + 1;
  }
  uint32_t index = std::max(position, table->arrayCapacity) - table->arrayCapacity;
  const uint32_t fields = table->shape->fieldCount();
  for (; index < fields; ++index) {
    if (SplitStorage::tag(table->fields, index) == Tag::Nil) continue;
    key = Value::string(fieldKey(table->shape, index));
    value = SplitStorage::get(table->fields, index);
    return table->arrayCapacity + index + 1;
  }
  if (table->hash == nullptr) return 0;
  const uint32_t nodes = table->hash->size();
  for (index -= fields; index < nodes; ++index) {
    const HashNode& node = table->hash->nodes[index];
    if (node.isEmpty()) continue;
    key = node.getKey();
    value = node.getValue();
    return table->arrayCapacity + fields + index + 1;
  }
  return 0;
}

int64_t tablePositionAfter(Table* table, Value key) {
  if (key.isNil()) return 0;
  key = normalizeKey(key);
  const uint32_t fields = table->shape->fieldCount();
  if (key.isInteger() && static_cast<uint64_t>(key.integer()) - 1 < table->arrayCount) return key.integer();
  if (key.isString() && key.string()->isShort() && !table->shape->isDictionary()) {
    const int32_t field = findField(table->shape, key.string());
    if (field >= 0) return int64_t{table->arrayCapacity} + field + 1;
  }
  if (table->hash != nullptr) {
    if (const HashNode* node = findNodeOfTraversal(table->hash, key); node != nullptr) {
      return int64_t{table->arrayCapacity} + fields + (node - table->hash->nodes) + 1;
    }
  }
  // An element at the end of the array part that was removed during the traversal.
  if (key.isInteger() && static_cast<uint64_t>(key.integer()) - 1 < table->arrayCapacity) return key.integer();
  return -1;
}

void setReadOnly(VM& vm, Table* table, bool isReadOnly, bool isDeep) {
  const auto set = [isReadOnly](Table* other) {
    if (isReadOnly) other->barrier |= barrierIsReadOnly;
    else other->barrier &= static_cast<uint8_t>(~barrierIsReadOnly);
  };
  if (!isDeep) return set(table);
  List<Table*> reached({table}, vm);
  List<Table*> waiting({table}, vm);
  std::unordered_set<Table*, std::hash<Table*>, std::equal_to<>, Allocator<Table*>> known(vm);
  known.insert(table);
  const auto reach = [&](Table* other) {
    if (other == nullptr || !known.insert(other).second) return;
    reached.push_back(other);
    waiting.push_back(other);
  };
  while (!waiting.empty()) {
    Table* const next = waiting.back();
    waiting.pop_back();
    reach(next->metatable());
    Value key;
    Value value;
    for (uint32_t i = tableAdvance(next, 0, key, value); i != 0; i = tableAdvance(next, i, key, value)) {
      if (key.isTable()) reach(key.table());
      if (value.isTable()) reach(value.table());
    }
  }
  // Nothing is changed before all that needs memory is done.
  for (Table* other : reached) set(other);
}

void becomeMetatable(Table& table) {
  if ((table.flags & tableIsMetatable) == 0) table.aux = 0;
  table.flags |= tableIsMetatable | tableIsWatched;
}

void tableSetMetatable(VM& vm, Table* table, Table* metatable) {
  // What needs memory comes first: with its metatable the table gets its finalizer, or neither.
  if (metatable != nullptr) becomeMetatable(*metatable);
  const bool hasFinalizer = !metamethod(vm, metatable, Event::Gc).isNil();
  if (hasFinalizer) reserveFinalizer(vm);
  if (table->shape->metatable != metatable) {
    table->shape = shapeWithMetatable(vm, table->shape, metatable);
    writeBarrier(vm, table);
    noteWatchedChange(vm, table);
  }
  // Also when the metatable stays the same: that marks an object for finalization once more.
  if (hasFinalizer) registerFinalizer(vm, table);
}

}  // namespace selvage
