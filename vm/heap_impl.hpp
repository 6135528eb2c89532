// The heap's inside: blocks of cells with mark bits kept apart from them, large objects, the collector's state.
//
// Only the object layer (heap, collector, finalizers, strings, shapes) includes this. A chunk is a piece of memory
// aligned to its own size; its first block holds the mark bits of all its cells (one bit for every 16 bytes), the
// others hold cells of one size class each. From any cell's address its mark bit is thus found by arithmetic alone.
// Large objects are allocated one by one and carry their mark in their own header.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string_view>
#include <utility>

#include "vm/heap.hpp"
#include "vm/memory.hpp"
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

// How much more than the memory limit the chunks may take that the objects within the limit are in.
constexpr size_t chunkAllowance = size_t{4} << 20;

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
  explicit SizeClass(Memory& memory) : blocks(memory) {}
  List<Block> blocks;
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
  explicit MarkStack(Memory& owner) : memory(owner) { reset(); }
  ~MarkStack() { freeBytes(memory, first, bytes()); }
  MarkStack(const MarkStack&) = delete;
  MarkStack& operator=(const MarkStack&) = delete;
  bool isEmpty() const { return end == first; }
  Object* pop() { return *--end; }
  void push(Object* object) {
    if (end == limit && !makeRoom(object)) [[unlikely]]
      return;
    *end++ = object;
  }
  // Gives memory back after a deep marking.
  void shrink();
  // Whether objects were left out since this was asked last, for want of memory: they are to be found again.
  bool takeOverflow() { return std::exchange(hasOverflowed, false); }

 private:
  void reset();
  size_t bytes() const { return static_cast<size_t>(limit - first) * sizeof(Object*); }
  bool makeRoom(const Object* object);

  Memory& memory;
  bool hasOverflowed = false;
  Object** first = nullptr;
  Object** end = nullptr;
  Object** limit = nullptr;
};

// ---- objects of the VM outside of the heap ----
template <class T, class... Arguments>
T* makeIn(Memory& memory, Arguments&&... arguments) {
  void* room = allocateBytes(memory, sizeof(T));
  if (room == nullptr) throw std::bad_alloc();
  try {
    return new (room) T(static_cast<Arguments&&>(arguments)...);
  } catch (...) {
    freeBytes(memory, room, sizeof(T));
    throw;
  }
}
template <class T>
void destroyIn(Memory& memory, T* object) {
  if (object == nullptr) return;
  object->~T();
  freeBytes(memory, object, sizeof(T));
}

// Makes room for so many elements more, at least doubling the room there is. False when there is no memory.
template <class T>
[[nodiscard]] bool makeRoom(List<T>& list, size_t more = 1) noexcept {
  if (list.capacity() - list.size() >= more) [[likely]]
    return true;
  try {
    list.reserve(std::max(2 * list.capacity(), list.size() + more));
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

// A piece of memory with one or several chunks in it, which are given back together.
struct Region {
  char* memory;
  size_t bytes;
  char* firstChunk;
  uint32_t chunkCount;
  bool isMapped;  // from mmap, not from Memory::function
};
inline size_t blocksOf(const Region& region) { return region.chunkCount * (blocksInChunk - 1); }

struct HeapImpl {
  explicit HeapImpl(Memory& memory);

  List<SizeClass> classes;  // sizeClassCount
  List<Region> regions;
  List<char*> freeBlocks;  // has room for all blocks
  List<LargeHeader*> large;

  CollectorSettings settings;

  // Stress mode: cells come from these runs, so that Heap::allocateFast never succeeds and each allocation is seen.
  uint32_t stressPeriod = 0;  // a collection is requested by every stressPeriod-th allocation; 0: not in stress mode
  uint32_t stressCountdown = 0;
  uint64_t allocationsUntilFailure = 0;  // the last of these allocations of objects fails; 0: none does
  uint64_t furtherFailures = 0;          // and so many after it
  Heap::Run stressRuns[sizeClassCount] = {};

  MarkStack markStack;
  List<Table*> weakValueTables;  // found by the marking that is going on
  List<Table*> ephemeronTables;
  List<Table*> allWeakTables;
  bool isCollecting = false;

  List<Value*> spareStacks;  // of dead threads, of the size that new ones begin with: see thread.cpp
  bool hasRefused = false;   // memory has been asked for in vain since the last collection: it keeps nothing in reserve

  List<Shape*> shapes;        // all
  List<Object*> pinned;       // roots for the VM's whole life
  List<Object*> finalizable;  // have a finalizer, in the order of their registration
  List<Object*> pending;      // dead, their finalizers to be called from `pendingStart` on; has room for `finalizable`
  size_t pendingStart = 0;
  bool isFinalizing = false;  // a finalizer is running: no collections
  String* memoryMessage = nullptr;
  uint64_t collections = 0;  // so far; what is known of an object that nothing keeps alive holds while this stays
};

// Bytes of the tags below the payloads of a split storage.
constexpr size_t splitTagBytes(uint32_t elements) { return (size_t{elements} + 7) & ~size_t{7}; }

// ---- heap.cpp ----
// As allocateObject, but without memory std::bad_alloc is thrown: for objects that are made deep inside an operation.
Object* allocateOrThrow(VM& vm, size_t bytes, ObjectKind kind);
// As allocateObject, with the usual case inline: for objects that are made very often.
inline Object* allocateOften(VM& vm, size_t bytes, ObjectKind kind) {
  Object* object = bytes <= maxCellBytes ? vm.heap.allocateFast(bytes) : nullptr;
  if (object == nullptr) [[unlikely]]
    return allocateObject(vm, bytes, kind);
  Heap::setHeader(object, kind);
  return object;
}
// Requests a collection if so much has been allocated: after allocating memory outside of the heap.
void requestIfDue(VM& vm);
// Sets Heap::threshold from what is allocated now (at the end of a collection: what lives), less the bytes of what only
// finalizers that have yet to run keep.
void setThreshold(VM& vm, size_t leavingBytes = 0);
// Keeps an object alive as long as the VM.
void pinObject(VM& vm, Object* object);
void releaseLarge(VM& vm, LargeHeader* header);

// ---- heap_blocks.cpp ----
// Finds the next run of free cells of a size class, sweeping as far as needed. False: no memory.
bool findFreeRun(VM& vm, size_t sizeClass, Heap::Run& run);
void clearMarks(VM& vm);
// After marking: counts what lives, takes free blocks from their size class and makes every block be swept anew.
// Returns the bytes of the marked cells.
size_t beginSweep(VM& vm);
// Bytes of the cells marked so far.
size_t markedBytes(const VM& vm);
// Gives whole free chunks that are not likely to be needed soon back to the system.
void giveBackChunks(VM& vm);
void releaseChunks(VM& vm);

// ---- memory.cpp ----
void adviseHugePages(void* memory, size_t bytes);  // whether the system grants the wish does not matter

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
// Gives back the stacks that are kept for new threads.
void releaseSpareStacks(VM& vm);

// ---- function.cpp ----
void releaseProto(VM& vm, Proto* proto);  // what it owns outside of its cell

}  // namespace selvage
