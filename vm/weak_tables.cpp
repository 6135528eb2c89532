// Weak tables and ephemerons (manual 2.5.4) during a marking.

#include "vm/collector.hpp"

namespace selvage {

bool Marker::traverseWeak(Table* table, bool weakKeys, bool weakValues) {
  List<Table*>& list = !weakValues ? impl.ephemeronTables : !weakKeys ? impl.weakValueTables : impl.allWeakTables;
  if (!makeRoom(list)) return false;
  list.push_back(table);
  if (weakKeys && weakValues) return true;
  if (!weakValues) {
    // Ephemerons: integer and field keys cannot die, so only the hash part is one.
    markSplit(table->array, table->arrayCount);
    markSplit(table->fields, table->shape->fieldCount());
    markEphemeronValues(table);
    return true;
  }
  HashPart* hash = table->hash;
  for (uint32_t i = 0; hash != nullptr && i < hash->size(); ++i) {
    HashNode& node = hash->nodes[i];
    if (node.isEmpty()) {
      killKey(node);
    } else {
      mark(node.getKey());
    }
  }
  return true;
}

bool Marker::markEphemeronValues(Table* table) {
  HashPart* hash = table->hash;
  bool markedAny = false;
  for (uint32_t i = 0; hash != nullptr && i < hash->size(); ++i) {
    HashNode& node = hash->nodes[i];
    if (node.isEmpty()) {
      killKey(node);
      continue;
    }
    const Value value = node.getValue();
    if (!isDead(node.getKey()) && value.isCollectable() && !isMarked(value.object())) {
      markObject(value.object());
      markedAny = true;
    }
  }
  return markedAny;
}

void Marker::indexEphemerons() {
  for (Table* table : impl.ephemeronTables) {
    HashPart* hash = table->hash;
    for (uint32_t i = 0; hash != nullptr && i < hash->size(); ++i) {
      const HashNode& node = hash->nodes[i];
      if (node.isEmpty() || !isDead(node.getKey())) continue;
      const Value value = node.getValue();
      if (value.isCollectable() && !isMarked(value.object())) {
        valuesOfKeys.emplace(node.getKey().object(), value.object());
      }
    }
  }
}

void Marker::convergeEphemerons() {
  // A few passes nearly always suffice. When values are keys of further values in a long chain, each pass would find
  // only a little more of it, so then marking a key is made to mark its values at once.
  constexpr int maxSimplePasses = 3;
  bool changed = true;
  for (int pass = 0; changed; ++pass) {
    changed = false;
    if (pass >= maxSimplePasses) {
      try {
        indexEphemerons();
      } catch (const std::bad_alloc&) {
        pass = 0;  // it takes longer without, and there may be memory later
      }
    }
    // Tables found on the way are appended and visited as well.
    for (size_t i = 0; i < impl.ephemeronTables.size(); ++i) {
      if (markEphemeronValues(impl.ephemeronTables[i])) {
        changed = true;
        propagate();
      }
    }
    valuesOfKeys.clear();
  }
}

void Marker::clearWeakValues(size_t firstWeakValue, size_t firstAllWeak) {
  const auto clear = [this](Table* table) {
    for (uint32_t i = 0; i < table->arrayCount; ++i) {
      if (isDead(SplitStorage::get(table->array, i))) SplitStorage::set(table->array, i, Value::nil());
    }
    const uint32_t fields = table->shape->fieldCount();
    for (uint32_t i = 0; i < fields; ++i) {
      if (isDead(SplitStorage::get(table->fields, i))) SplitStorage::set(table->fields, i, Value::nil());
    }
    HashPart* hash = table->hash;
    for (uint32_t i = 0; hash != nullptr && i < hash->size(); ++i) {
      HashNode& node = hash->nodes[i];
      if (!node.isEmpty() && isDead(node.getValue())) node.setValue(Value::nil());
      if (node.isEmpty()) killKey(node);
    }
  };
  for (size_t i = firstWeakValue; i < impl.weakValueTables.size(); ++i) clear(impl.weakValueTables[i]);
  for (size_t i = firstAllWeak; i < impl.allWeakTables.size(); ++i) clear(impl.allWeakTables[i]);
}

void Marker::clearWeakKeys() {
  const auto clear = [this](Table* table) {
    HashPart* hash = table->hash;
    for (uint32_t i = 0; hash != nullptr && i < hash->size(); ++i) {
      HashNode& node = hash->nodes[i];
      if (!node.isEmpty() && isDead(node.getKey())) node.setValue(Value::nil());
      if (node.isEmpty()) killKey(node);
    }
  };
  for (Table* table : impl.ephemeronTables) clear(table);
  for (Table* table : impl.allWeakTables) clear(table);
}

}  // namespace selvage
