// Shapes: the tree of key sequences, with key lists shared along its branches.
//
// Every shape refers to a list of keys of which its own are a prefix. A shape that adds a key at the end of a list
// extends that list instead of copying it, so a branch of the tree has one list, and one hash index over it: a key
// found beyond a shape's own number of fields is not in that shape.

#include "vm/shape.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <span>

#include "vm/heap_impl.hpp"
#include "vm/shape_parts.hpp"

namespace selvage {

namespace {

constexpr uint32_t linearFields = 8;

using Entry = ShapeTransitions::Entry;

// ---- key lists ----

size_t slotsBytes(const ShapeIndex* index) { return (size_t{index->slotMask} + 1) * sizeof(uint16_t); }

ShapeIndex* makeIndex(Memory& memory, const ShapeIndex* prefix, uint32_t count) {
  const uint32_t capacity = std::max<uint32_t>(4, std::bit_ceil(count + 1));
  auto* index = static_cast<ShapeIndex*>(allocateZeroedBytes(memory, sizeof(ShapeIndex)));
  void* keys = index == nullptr ? nullptr : allocateBytes(memory, capacity * sizeof(String*));
  if (keys == nullptr) {
    freeBytes(memory, index, sizeof(ShapeIndex));
    throw std::bad_alloc();
  }
  index->memory = &memory;
  index->references = 1;
  index->count = count;
  index->capacity = capacity;
  index->keys = static_cast<String**>(keys);
  if (count != 0) std::memcpy(index->keys, prefix->keys, count * sizeof(String*));
  return index;
}

void dropSlots(ShapeIndex* index) {
  if (index->slots != nullptr) freeBytes(*index->memory, index->slots, slotsBytes(index));
  index->slots = nullptr;
}

void releaseIndex(ShapeIndex* index) {
  if (index == nullptr || --index->references != 0) return;
  Memory& memory = *index->memory;
  dropSlots(index);
  freeBytes(memory, index->keys, index->capacity * sizeof(String*));
  freeBytes(memory, index, sizeof(ShapeIndex));
}

void enterSlot(ShapeIndex* index, uint32_t field) {
  uint32_t position = index->keys[field]->aux & index->slotMask;
  while (index->slots[position] != 0) position = (position + 1) & index->slotMask;
  index->slots[position] = static_cast<uint16_t>(field + 1);
}

bool buildSlots(ShapeIndex* index) {
  const uint32_t capacity = std::bit_ceil(index->capacity * 2);
  index->slots = static_cast<uint16_t*>(allocateZeroedBytes(*index->memory, capacity * sizeof(uint16_t)));
  if (index->slots == nullptr) return false;
  index->slotMask = capacity - 1;
  for (uint32_t field = 0; field < index->count; ++field) enterSlot(index, field);
  return true;
}

// Makes room for one key more. Throws std::bad_alloc.
void reserveKey(ShapeIndex* index) {
  if (index->count < index->capacity) return;
  const size_t bytes = index->capacity * sizeof(String*);
  auto* keys = static_cast<String**>(resizeBytes(*index->memory, index->keys, bytes, bytes * 2));
  if (keys == nullptr) throw std::bad_alloc();
  dropSlots(index);
  index->keys = keys;
  index->capacity *= 2;
}

void appendKey(ShapeIndex* index, String* key) {
  index->keys[index->count++] = key;
  if (index->slots != nullptr) enterSlot(index, index->count - 1);
}

int32_t scanKeys(const ShapeIndex* index, uint32_t count, const String* key) {
  for (uint32_t i = 0; i < count; ++i) {
    if (index->keys[i] == key) return static_cast<int32_t>(i);
  }
  return -1;
}

// ---- transitions ----

uint32_t hashTransition(uint64_t key) { return static_cast<uint32_t>(key * 0x9E3779B97F4A7C15 >> 32); }

Shape* findTransition(const Shape* shape, uint64_t key) {
  const ShapeTransitions* transitions = shape->transitions;
  if (transitions == nullptr) return nullptr;
  if (transitions->capacity <= linearCapacity) {
    for (uint32_t i = 0; i < transitions->count; ++i) {
      if (transitions->entries[i].key == key) return transitions->entries[i].child;
    }
    return nullptr;
  }
  const uint32_t mask = transitions->capacity - 1;
  for (uint32_t i = hashTransition(key) & mask;; i = (i + 1) & mask) {
    if (transitions->entries[i].key == key) return transitions->entries[i].child;
    if (transitions->entries[i].key == 0) return nullptr;
  }
}

void enterTransition(ShapeTransitions* transitions, Entry entry) {
  uint32_t position = transitions->count;
  if (transitions->capacity > linearCapacity) {
    const uint32_t mask = transitions->capacity - 1;
    position = hashTransition(entry.key) & mask;
    while (transitions->entries[position].key != 0) position = (position + 1) & mask;
  }
  transitions->entries[position] = entry;
  ++transitions->count;
}

size_t transitionsBytes(uint32_t capacity) { return offsetof(ShapeTransitions, entries) + capacity * sizeof(Entry); }

void releaseTransitions(Memory& memory, ShapeTransitions* transitions) {
  if (transitions != nullptr) freeBytes(memory, transitions, transitionsBytes(transitions->capacity));
}

// Has the entries that `keep` accepts, and no others, in transitions with room for `extra` more, or in none if there
// are none. False: no memory, nothing changed.
template <class Keep>
bool rebuildTransitions(Memory& memory, ShapeTransitions*& place, uint32_t extra, Keep keep) {
  ShapeTransitions* const old = place;
  uint32_t wanted = extra;
  for (uint32_t i = 0; i < (old == nullptr ? 0 : old->capacity); ++i) {
    wanted += old->entries[i].key != 0 && keep(old->entries[i]);
  }
  if (wanted == 0) {
    releaseTransitions(memory, old);
    place = nullptr;
    return true;
  }
  const uint32_t capacity = wanted <= linearCapacity ? std::bit_ceil(wanted) : std::bit_ceil(wanted * 2);
  auto* transitions = static_cast<ShapeTransitions*>(allocateZeroedBytes(memory, transitionsBytes(capacity)));
  if (transitions == nullptr) return false;
  transitions->capacity = capacity;
  for (uint32_t i = 0; i < (old == nullptr ? 0 : old->capacity); ++i) {
    if (old->entries[i].key != 0 && keep(old->entries[i])) enterTransition(transitions, old->entries[i]);
  }
  releaseTransitions(memory, old);
  place = transitions;
  return true;
}

bool isInUse(const Entry& entry) { return entry.key != deadMark; }

// Makes room for one transition more. Throws std::bad_alloc.
void reserveTransition(Memory& memory, Shape* shape) {
  const ShapeTransitions* transitions = shape->transitions;
  const bool isFull = transitions == nullptr ||
                      (transitions->capacity <= linearCapacity ? transitions->count == transitions->capacity
                                                               : transitions->count * 4 >= transitions->capacity * 3);
  if (isFull && !rebuildTransitions(memory, shape->transitions, 1, isInUse)) throw std::bad_alloc();
}

// ---- making shapes ----

// `transition`: from the parent, if there is one. `index` is taken over. Throws std::bad_alloc; then nothing has
// changed.
Shape* makeShape(VM& vm, uint32_t fields, Shape* parent, String* key, Table* metatable, ShapeIndex* index,
                 uint64_t transition) {
  if (parent != nullptr) reserveTransition(vm.memory, parent);
  List<Shape*>& shapes = vm.heap.impl->shapes;
  if (!makeRoom(shapes)) throw std::bad_alloc();
  auto* shape = static_cast<Shape*>(allocateOrThrow(vm, sizeof(Shape), ObjectKind::Shape));
  if (index != nullptr) ++index->references;
  shape->aux = fields;
  shape->metatable = metatable;
  shape->parent = parent;
  shape->key = key;
  shape->transitions = nullptr;
  shape->index = index;
  shapes.push_back(shape);
  if (parent != nullptr) enterTransition(parent->transitions, {transition, shape});
  return shape;
}

uint64_t metatableKey(const Table* metatable) {
  return metatable == nullptr ? noMetatableMark : reinterpret_cast<uint64_t>(metatable);
}

}  // namespace

Shape* newRootShape(VM& vm, Table* metatable) { return makeShape(vm, 0, nullptr, nullptr, metatable, nullptr, 0); }

int32_t findField(Shape* shape, const String* key) {
  ShapeIndex* index = shape->index;
  const uint32_t count = shape->fieldCount();
  if (count <= linearFields) return scanKeys(index, count, key);
  if (index->slots == nullptr && !buildSlots(index)) return scanKeys(index, count, key);
  for (uint32_t position = key->aux & index->slotMask;; position = (position + 1) & index->slotMask) {
    const uint32_t slot = index->slots[position];
    if (slot == 0) return -1;
    if (index->keys[slot - 1] == key) return slot <= count ? static_cast<int32_t>(slot - 1) : -1;
  }
}

String* fieldKey(Shape* shape, uint32_t index) { return shape->index->keys[index]; }

Shape* shapeWithKey(VM& vm, Shape* shape, String* key) {
  const auto transition = reinterpret_cast<uint64_t>(key);
  if (Shape* known = findTransition(shape, transition); known != nullptr) return known;
  const uint32_t fields = shape->fieldCount();
  ShapeIndex* index = shape->index;
  const bool isShared = index != nullptr && index->count == fields;
  if (!isShared) index = makeIndex(vm.memory, index, fields);
  Shape* child = nullptr;
  try {
    reserveKey(index);
    child = makeShape(vm, fields + 1, shape, key, shape->metatable, index, transition);
  } catch (const std::bad_alloc&) {
    if (!isShared) releaseIndex(index);
    throw;
  }
  if (!isShared) --index->references;  // now the shape's alone
  appendKey(index, key);
  return child;
}

Shape* shapeWithMetatable(VM& vm, Shape* shape, Table* metatable) {
  if (shape->metatable == metatable) return shape;
  if (shape->isDictionary()) return dictionaryShape(vm, shapeWithMetatable(vm, vm.emptyShape, metatable));
  // Shapes that differ in the metatable only are all derived from the same one.
  Shape* origin = shape;
  while (origin->parent != nullptr && origin->parent->fieldCount() == shape->fieldCount()) origin = origin->parent;
  if (origin->metatable == metatable) return origin;
  const uint64_t transition = metatableKey(metatable);
  if (Shape* known = findTransition(origin, transition); known != nullptr) return known;
  return makeShape(vm, origin->fieldCount(), origin, origin->key, metatable, origin->index, transition);
}

Shape* dictionaryShape(VM& vm, Shape* shape) {
  if (shape->isDictionary()) return shape;
  Shape* root = shapeWithMetatable(vm, vm.emptyShape, shape->metatable);
  if (Shape* known = findTransition(root, dictionaryMark); known != nullptr) return known;
  Shape* child = makeShape(vm, 0, root, nullptr, root->metatable, nullptr, dictionaryMark);
  child->flags |= shapeIsDictionary;
  return child;
}

bool hasManySuccessors(const Shape* shape, const String* key) {
  return shape->transitions != nullptr && shape->transitions->count >= 64 &&
         findTransition(shape, reinterpret_cast<uint64_t>(key)) == nullptr;
}

void sweepShapes(VM& vm) {
  List<Shape*>& shapes = vm.heap.impl->shapes;
  const bool anyDied = std::any_of(shapes.begin(), shapes.end(), [](Shape* shape) { return !isCellMarked(shape); });
  if (!anyDied) return;

  for (Shape* shape : shapes) {
    if (shape->index != nullptr) shape->index->liveCount = 0;
  }
  size_t kept = 0;
  for (Shape* shape : shapes) {
    if (!isCellMarked(shape)) {
      releaseIndex(shape->index);
      releaseTransitions(vm.memory, shape->transitions);
      continue;
    }
    shapes[kept++] = shape;
    if (shape->index != nullptr) shape->index->liveCount = std::max(shape->index->liveCount, shape->fieldCount());
    ShapeTransitions* transitions = shape->transitions;
    if (transitions == nullptr) continue;
    const auto isLive = [](const Entry& entry) { return isInUse(entry) && isCellMarked(entry.child); };
    const bool losesSome = std::any_of(transitions->entries, transitions->entries + transitions->capacity,
                                       [&](const Entry& entry) { return entry.key != 0 && !isLive(entry); });
    if (losesSome && !rebuildTransitions(vm.memory, shape->transitions, 0, isLive)) {
      for (Entry& entry : std::span(transitions->entries, transitions->capacity)) {
        if (entry.key != 0 && !isLive(entry)) entry = {deadMark, nullptr};
      }
    }
  }
  shapes.erase(shapes.begin() + static_cast<ptrdiff_t>(kept), shapes.end());
  // Keys that only dead shapes had may be dead themselves.
  for (Shape* shape : shapes) {
    ShapeIndex* index = shape->index;
    if (index == nullptr || index->count == index->liveCount) continue;
    index->count = index->liveCount;
    dropSlots(index);
  }
}

void destroyShapes(VM& vm) {
  for (Shape* shape : vm.heap.impl->shapes) {
    releaseIndex(shape->index);
    releaseTransitions(vm.memory, shape->transitions);
  }
  vm.heap.impl->shapes.clear();
}

}  // namespace selvage
