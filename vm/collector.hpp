// The collector's marking, as its parts see it (collector.cpp, weak_tables.cpp).
#pragma once

#include <unordered_map>

#include "vm/heap_impl.hpp"
#include "vm/table_hash.hpp"

namespace selvage {

// One marking. Whatever a reference leads to is put on a stack without being touched. What comes off the stack passes
// through a short queue in which its memory is prefetched, and a table through another one for its parts, because a
// marking spends nearly all of its time waiting for memory.
class Marker {
 public:
  explicit Marker(VM& machine) : vm(machine), impl(*machine.heap.impl), valuesOfKeys(machine) {}

  void mark(Value value) {
    if (value.isCollectable()) impl.markStack.push(value.object());
  }
  void markObject(Object* object) {
    if (object != nullptr) impl.markStack.push(object);
  }
  void markString(String* string) {
    if (string != nullptr) setMarked(string);
  }
  void markShape(Shape* shape);
  void markStorage(void* data) {
    if (data != nullptr) setMarked(static_cast<Object*>(data) - 1);
  }
  // Follows references until nothing is left to follow.
  void propagate();

  // ---- weak_tables.cpp ----
  // Follows what is strong in a weak table and notes the table for later. Its storage and shape are already marked.
  // False: there is no memory for the note, so the table has to count as a strong one for once.
  bool traverseWeak(Table* table, bool weakKeys, bool weakValues);
  // Marks the values of ephemerons whose keys are marked, until there are no more.
  void convergeEphemerons();
  // Removes entries with unmarked values from the tables noted so far, from the given counts on.
  void clearWeakValues(size_t firstWeakValue, size_t firstAllWeak);
  void clearWeakKeys();

 private:
  void visit(Object* object);
  void scan(Object* object);  // puts what it refers to on the stack
  void drain();               // as propagate, but what the stack had no room for may be left out
  void rescan();
  void queueTable(Table* table);
  void traverseTable(Table* table);
  void traverseFunction(Function* function);
  void traverseThread(Thread* thread);
  void traverseProto(Proto* proto);
  void markSplit(uint64_t* payloads, uint32_t count);
  bool markEphemeronValues(Table* table);
  void indexEphemerons();
  // Whether a weak reference is to be cleared. Strings are values, never removed from weak tables (manual 2.5.4).
  bool isDead(Value value) {
    if (!value.isCollectable()) return false;
    if (value.isString()) {
      setMarked(value.object());
      return false;
    }
    return !isMarked(value.object());
  }

  // A first-in-first-out queue of fixed length whose places may be empty (null).
  template <class T>
  struct Queue {
    static constexpr size_t length = 8;
    T* places[length] = {};
    size_t next = 0;
    // Puts an object (or null) in, and takes out what was put in `length` calls before.
    T* exchange(T* object) {
      T* oldest = places[next];
      places[next] = object;
      next = (next + 1) % length;
      return oldest;
    }
  };

  VM& vm;
  HeapImpl& impl;
  Queue<Object> objects;
  Queue<Table> tables;
  const Shape* lastShape = nullptr;  // is marked already
  // Unmarked keys of ephemerons and their values, when marking the values in passes over the tables took too long.
  std::unordered_multimap<Object*, Object*, std::hash<Object*>, std::equal_to<>,
                          Allocator<std::pair<Object* const, Object*>>>
      valuesOfKeys;
};

// Keeps a dead key's place without keeping its object.
inline void killKey(HashNode& node) {
  if (node.keyTag != deadKeyTag && isCollectable(static_cast<Tag>(node.keyTag))) node.keyTag = deadKeyTag;
}

}  // namespace selvage
