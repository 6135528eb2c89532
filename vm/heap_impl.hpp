// The heap's inside: blocks of cells with mark bits kept apart from them, large objects, the collector's state.
//
// Only the object layer (heap, collector, finalizers, strings, shapes) includes this. A chunk is a piece of memory
// aligned to its own size; its first block holds the mark bits of all its cells (one bit for every 16 bytes), the
// others hold cells of one size class each. From any cell's address its mark bit is thus found by arithmetic alone.
// Large objects are allocated one by one and carry their mark in their own header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "vm/heap.hpp"
#include "vm/vm.hpp"

namespace selvage {

constexpr size_t chunkBytes = size_t{1} << 20;
constexpr size_t blockBytes = size_t{1} << 16;
constexpr size_t blocksInChunk = chunkBytes / blockBytes;  // the first is for the mark bits
constexpr size_t markBytes = chunkBytes / cellGranularity / 8;
constexpr size_t markColours = blockBytes / markBytes;
constexpr size_t markWordsInBlock = blockBytes / cellGranularity / 64;

constexpr size_t hugePageBytes = size_t{1} << 21;  // of x86-64
static_assert(hugePageBytes % chunkBytes == 0);

constexpr size_t minimumThreshold = size_t{2} << 20;  // bytes allocated before a small heap is collected

// Bits of Object::mark.
enum ObjectMark : uint8_t {
  objectIsLarge = 1,  // not in a block; the next bit is its mark
  largeIsMarked = 2,
  objectHasFinalizer = 4,  // is in HeapImpl::finalizable
};

// The word with an address's mark bit. Chunks take turns in where in their first block the bits are, so that the bits
// of different chunks do not all compete for the same sets of the processor's caches.
inline uint64_t* markWordOf(const void* address) {
  const auto bits = reinterpret_cast<uintptr_t>(address);
  const uintptr_t chunk = bits & ~(chunkBytes - 1);
  const uintptr_t colour = (bits / chunkBytes) % markColours;
  const uintptr_t granule = (bits & (chunkBytes - 1)) / cellGranularity;
  return reinterpret_cast<uint64_t*>(chunk + colour * markBytes) + granule / 64;
}
inline uint64_t markMaskOf(const void* address) {
  return uint64_t{1} << (reinterpret_cast<uintptr_t>(address) / cellGranularity % 64);
}
// Of an object that is known to be small.
inline bool isCellMarked(const void* cell) { return (*markWordOf(cell) & markMaskOf(cell)) != 0; }

inline bool isMarked(const Object* object) {
  if ((object->mark & objectIsLarge) != 0) return (object->mark & largeIsMarked) != 0;
  return isCellMarked(object);
}
// True if the object was not marked before.
inline bool setMarked(Object* object) {
  if ((object->mark & objectIsLarge) != 0) {
    if ((object->mark & largeIsMarked) != 0) return false;
    object->mark |= largeIsMarked;
    return true;
  }
  uint64_t* word = markWordOf(object);
  const uint64_t mask = markMaskOf(object);
  if ((*word & mask) != 0) return false;
  *word |= mask;
  return true;
}

// Cells of one size class.
struct Block {
  char* cells;
  char* end;           // of the last whole cell
  uint32_t liveCells;  // as the last marking found
  uint32_t cellCount;
};

struct SizeClass {
  std::vector<Block> blocks;
  size_t nextBlock = 0;      // blocks before it have been swept since the last marking
  char* cursor = nullptr;    // where in the block being swept the search for a free run goes on
  char* blockEnd = nullptr;  // its end; both null when there is none
};

// In front of a large object.
struct alignas(16) LargeHeader {
  size_t bytes;  // of the object
  size_t index;  // in HeapImpl::large
  Object* object() { return reinterpret_cast<Object*>(this + 1); }
  static LargeHeader* of(Object* object) { return reinterpret_cast<LargeHeader*>(object) - 1; }
};

// Objects that a marking has met and not yet looked at.
class MarkStack {
 public:
  ~MarkStack() { std::free(first); }
  MarkStack() = default;
  MarkStack(const MarkStack&) = delete;
  MarkStack& operator=(const MarkStack&) = delete;
  bool isEmpty() const { return end == first; }
  Object* pop() { return *--end; }
  void push(Object* object) {
    if (end == limit) [[unlikely]]
      grow();
    *end++ = object;
  }
  void shrink();  // gives memory back after a deep marking

 private:
  void grow();
  Object** first = nullptr;
  Object** end = nullptr;
  Object** limit = nullptr;
};

struct HeapImpl {
  SizeClass classes[sizeClassCount];
  std::vector<char*> chunks;
  std::vector<char*> freeBlocks;
  std::vector<LargeHeader*> large;

  size_t external = 0;     // bytes outside of the heap's own memory that count: stacks, constants, indexes
  size_t memoryLimit = 0;  // 0: none
  CollectorSettings settings;

  // Stress mode: cells come from these runs, so that Heap::allocateFast never succeeds and each allocation is seen.
  uint32_t stressPeriod = 0;  // a collection is requested by every stressPeriod-th allocation; 0: not in stress mode
  uint32_t stressCountdown = 0;
  Heap::Run stressRuns[sizeClassCount] = {};

  MarkStack markStack;
  std::vector<Table*> weakValueTables;  // found by the marking that is going on
  std::vector<Table*> ephemeronTables;
  std::vector<Table*> allWeakTables;
  bool isCollecting = false;

  std::vector<Shape*> shapes;        // all
  std::vector<Object*> pinned;       // roots for the VM's whole life
  std::vector<Object*> finalizable;  // have a finalizer, in the order of their registration
  std::vector<Object*> pending;      // dead, their finalizers to be called from `pendingStart` on
  size_t pendingStart = 0;
  bool isFinalizing = false;  // a finalizer is running: no collections
  String* memoryMessage = nullptr;
};

// Bytes of the tags below the payloads of a split storage.
constexpr size_t splitTagBytes(uint32_t elements) { return (size_t{elements} + 7) & ~size_t{7}; }

// ---- heap.cpp ----
// As allocateObject, but beyond the memory limit if need be; ends the process when the system has no memory.
Object* allocateAlways(VM& vm, size_t bytes, ObjectKind kind);
// As allocateObject, with the usual case inline: for objects that are made very often.
inline Object* allocateOften(VM& vm, size_t bytes, ObjectKind kind) {
  Object* object = bytes <= maxCellBytes ? vm.heap.allocateFast(bytes) : nullptr;
  if (object == nullptr) [[unlikely]]
    return allocateObject(vm, bytes, kind);
  Heap::setHeader(object, kind);
  return object;
}
// Memory outside of the heap that is to count.
void addExternalBytes(VM& vm, size_t bytes);
void removeExternalBytes(VM& vm, size_t bytes);
bool wouldExceedLimit(const VM& vm, size_t bytes);
// Sets Heap::threshold from what is allocated now (at the end of a collection: what lives).
void setThreshold(VM& vm);
// Keeps an object alive as long as the VM.
void pinObject(VM& vm, Object* object);
void releaseLarge(VM& vm, LargeHeader* header);

// ---- heap_blocks.cpp ----
// Memory to be freed by std::free, aligned as asked. Asks for huge pages where it is large enough for them: most of what
// fresh memory costs are the page faults of its first use. Null when the system has none.
void* allocateMemory(size_t bytes, size_t alignment = alignof(std::max_align_t));
// Finds the next run of free cells of a size class, sweeping as far as needed. False: no memory.
bool findFreeRun(VM& vm, size_t sizeClass, Heap::Run& run);
void clearMarks(VM& vm);
// After marking: counts what lives, takes free blocks from their size class and makes every block be swept anew. Returns the bytes of
// the marked cells.
size_t beginSweep(VM& vm);
// Gives whole free chunks that are not likely to be needed soon back to the system.
void giveBackChunks(VM& vm);
void releaseChunks(VM& vm);

// ---- finalizers.cpp ----
// Moves the unmarked (or all) finalizable objects to the pending ones, the newest first.
void separateFinalizable(VM& vm, bool all);
void callPendingFinalizers(VM& vm);

// ---- string.cpp ----
void initializeStrings(VM& vm);
void destroyStrings(VM& vm);
void sweepStrings(VM& vm);  // removes unmarked strings from the intern table

// ---- shape.cpp ----
Shape* newRootShape(VM& vm, Table* metatable);
void sweepShapes(VM& vm);  // frees what unmarked shapes own and forgets them
void destroyShapes(VM& vm);

// ---- thread.cpp ----
// Gives back most of a stack that is far larger than what is in use. Moves the stack.
void shrinkStack(VM& vm, Thread& thread);

// ---- function.cpp ----
void releaseProto(VM& vm, Proto* proto);  // what it owns outside of its cell

}  // namespace selvage
