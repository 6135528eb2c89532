// The heap: allocation, write barrier, collection.
//
// Objects of up to maxCellBytes live in blocks of one size class each, larger ones are allocated singly. Nothing
// ever moves. Allocation never collects: it counts, and when enough has been allocated it requests a collection,
// which runs at the next safepoint (an allocating instruction's end, a native function's return). Native code thus
// needs no handles as long as it does not call back into Lua; what must survive such a call is on the Lua stack.
//
// Every store of a reference into an object already in the heap goes through writeBarrier, so that an incremental or
// generational collector can be put behind the same interface.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vm/object.hpp"
#include "vm/value.hpp"

namespace selvage {

struct VM;
struct HeapImpl;  // heap.cpp

constexpr size_t cellGranularity = 16;
constexpr size_t maxCellBytes = 512;
constexpr size_t sizeClassCount = maxCellBytes / cellGranularity + 1;
constexpr size_t sizeClassOf(size_t bytes) { return (bytes + cellGranularity - 1) / cellGranularity; }

struct Heap {
  // For each size class the rest of a run of free cells; allocation bumps `next` up to `end`.
  struct Run {
    char* next;
    char* end;
  };
  Run runs[sizeClassCount];
  size_t threshold;  // a collection is requested when so many bytes are in use (Memory::bytesInUse)
  HeapImpl* impl;

  // The inline path: null when the run is used up (or in stress mode). `bytes` <= maxCellBytes. The header is not set.
  Object* allocateFast(size_t bytes) {
    Run& run = runs[sizeClassOf(bytes)];
    char* result = run.next;
    if (static_cast<size_t>(run.end - result) < sizeClassOf(bytes) * cellGranularity) return nullptr;
    run.next = result + sizeClassOf(bytes) * cellGranularity;
    return reinterpret_cast<Object*>(result);
  }
  static void setHeader(Object* object, ObjectKind kind, uint8_t flags = 0, uint32_t aux = 0) {
    object->kind = kind;
    object->mark = 0;
    object->barrier = 0;
    object->flags = flags;
    object->aux = aux;
  }
};

void initializeHeap(VM& vm);
void destroyHeap(VM& vm);  // runs no finalizers; see closeFinalizers

// An object of any size with its header set; contents beyond the header are not initialised. Requests a collection
// when due. Null when the system or the memory limit refuses.
Object* allocateObject(VM& vm, size_t bytes, ObjectKind kind);
// Storage of any size (split storage, hash parts): kind Storage, 8 header bytes and then the data. Null as above.
void* allocateStorage(VM& vm, size_t dataBytes);
// Gives storage back before the collector would, or does nothing.
void freeStorage(VM& vm, void* data);
// Payload pointer of a new split storage for n elements (tags nil, payloads undefined), or null.
uint64_t* allocateSplit(VM& vm, uint32_t elements);
void freeSplit(VM& vm, uint64_t* payloads, uint32_t elements);

void writeBarrierSlow(VM& vm, Object* owner);
// After storing `value` into `owner`.
inline void writeBarrier(VM& vm, Object* owner, Value value) {
  if (owner->barrier != 0 && value.isCollectable()) [[unlikely]]
    writeBarrierSlow(vm, owner);
}
inline void writeBarrier(VM& vm, Object* owner) {
  if (owner->barrier != 0) [[unlikely]]
    writeBarrierSlow(vm, owner);
}

// A whole collection, then finalizers that became due (unless `runFinalizers` is false). Only at a safepoint: every
// live value is reachable from the VM's roots and from the running stack below vm.top. May run Lua code, may move
// stacks (as growStack does). False: nothing
// was done because a finalizer is running.
bool collectGarbage(VM& vm, bool runFinalizers = true);
// What a safepoint calls when Safepoint::collect is requested.
void collectIfRequested(VM& vm);
// collectgarbage("step"/"stop"/"restart"/"incremental"/"generational"/"count") state.
struct CollectorSettings {
  bool isStopped = false;
  bool isGenerational = false;
  int pause = 200;
  int stepMultiplier = 100;
  int stepSize = 13;
  int minorMultiplier = 20;
  int majorMultiplier = 100;
  uint64_t steppedBytes = 0;  // asked for by collectgarbage("step") since the last cycle
};
CollectorSettings& collectorSettings(VM& vm);
// Whether a finalizer is running.
bool isFinalizing(const VM& vm);
size_t heapBytes(const VM& vm);  // in use now
// What heapBytes may not exceed (0: no limit). The chunks that cells are in may exceed it by `chunkAllowance` more.
void setMemoryLimit(VM& vm, size_t bytes);

// Makes room for one more object with a finalizer, so that the next registerFinalizer does not throw. Throws
// std::bad_alloc.
void reserveFinalizer(VM& vm);
// An object (table or userdata) whose metatable has __gc was given that metatable (manual 2.5.3). Throws
// std::bad_alloc.
void registerFinalizer(VM& vm, Object* object);
// At lua_close: runs all finalizers in reverse order of marking.
void closeFinalizers(VM& vm);

}  // namespace selvage
