// What a shape owns outside of the heap: its keys, which it shares with other shapes of its branch, and its transitions.
// For shape.cpp and what checks it.
#pragma once

#include <cstdint>

#include "vm/memory.hpp"
#include "vm/shape.hpp"

namespace selvage {

struct ShapeIndex {
  uint32_t references;  // shapes that use it
  uint32_t count;       // keys
  uint32_t capacity;
  uint32_t liveCount;  // for sweepShapes
  String** keys;       // by field index
  uint16_t* slots;     // open-addressed by hash: field index plus 1, or 0; null until a lookup needs it
  uint32_t slotMask;
  Memory* memory;
};

struct ShapeTransitions {
  struct Entry {
    uint64_t key;  // a String or Table address, or one of the marks below; 0: empty
    Shape* child;
  };
  uint32_t count;
  uint32_t capacity;  // up to linearCapacity searched from the start, beyond that (a power of 2) hashed
  Entry entries[1];   // really capacity
};

constexpr uint32_t linearCapacity = 8;
constexpr uint64_t noMetatableMark = 1;
constexpr uint64_t dictionaryMark = 2;
constexpr uint64_t deadMark = 3;  // its successor died when there was no memory to rebuild the transitions

}  // namespace selvage
