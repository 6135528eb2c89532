// The heap's outside: allocation of objects and storage, accounting, limits, when to collect.

#include "vm/heap.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "vm/heap_impl.hpp"

namespace selvage {

namespace {

void requestCollection(VM& vm) { vm.safepoint.fetch_or(safepointCollect, std::memory_order_relaxed); }

// An object could not be had: garbage may be what is in the way.
std::nullptr_t refuse(VM& vm) {
  requestCollection(vm);
  return nullptr;
}

// False: this is the allocation that is to fail.
bool countForStress(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  if (impl.stressCountdown-- <= 1) {
    impl.stressCountdown = impl.stressPeriod;
    requestCollection(vm);
  }
  if (impl.allocationsUntilFailure == 0 || --impl.allocationsUntilFailure != 0) return true;
  if (impl.furtherFailures > 0) {
    --impl.furtherFailures;
    impl.allocationsUntilFailure = 1;
  }
  return false;
}

Object* takeCell(Heap::Run& run, size_t cellBytes) {
  char* cell = run.next;
  run.next = cell + cellBytes;
  return reinterpret_cast<Object*>(cell);
}

Object* allocateCellSlow(VM& vm, size_t bytes) {
  HeapImpl& impl = *vm.heap.impl;
  const size_t sizeClass = sizeClassOf(bytes);
  const size_t cellBytes = sizeClass * cellGranularity;
  Heap::Run& run = impl.stressPeriod == 0 ? vm.heap.runs[sizeClass] : impl.stressRuns[sizeClass];
  if (impl.stressPeriod != 0 && !countForStress(vm)) return nullptr;
  if (run.next == run.end) {
    if (vm.memory.wouldExceedLimit(cellBytes) || !findFreeRun(vm, sizeClass, run)) return refuse(vm);
    requestIfDue(vm);
  }
  return takeCell(run, cellBytes);
}

// What lua_Alloc is told that new memory is for: the manual's LUA_T constant.
size_t allocationKind(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::String: return 4;
    case ObjectKind::Table: return 5;
    case ObjectKind::Function: return 6;
    case ObjectKind::Userdata: return 7;
    case ObjectKind::Thread: return 8;
    default: return 0;
  }
}

Object* allocateLarge(VM& vm, size_t bytes, ObjectKind kind) {
  HeapImpl& impl = *vm.heap.impl;
  if (impl.stressPeriod != 0 && !countForStress(vm)) return nullptr;
  if (bytes > SIZE_MAX / 4 || !makeRoom(impl.large)) return refuse(vm);
  void* block = allocateBytes(vm.memory, sizeof(LargeHeader) + bytes, allocationKind(kind));
  if (block == nullptr) return refuse(vm);
  auto* header = static_cast<LargeHeader*>(block);
  header->bytes = bytes;
  header->index = impl.large.size();
  impl.large.push_back(header);
  requestIfDue(vm);
  return header->object();
}

}  // namespace

HeapImpl::HeapImpl(Memory& memory)
    : classes(sizeClassCount, SizeClass(memory), memory),
      regions(memory),
      freeBlocks(memory),
      large(memory),
      markStack(memory),
      weakValueTables(memory),
      ephemeronTables(memory),
      allWeakTables(memory),
      spareStacks(memory),
      shapes(memory),
      pinned(memory),
      finalizable(memory),
      pending(memory) {}

void requestIfDue(VM& vm) {
  if (vm.memory.bytesInUse() >= vm.heap.threshold) requestCollection(vm);
}

void initializeHeap(VM& vm) {
  vm.heap.impl = makeIn<HeapImpl>(vm.memory, vm.memory);
  std::fill(std::begin(vm.heap.runs), std::end(vm.heap.runs), Heap::Run{});
  vm.heap.threshold = minimumThreshold;
  if (const char* stress = std::getenv("SELVAGE_GC_STRESS"); stress != nullptr) {
    const long period = std::strtol(stress, nullptr, 10);
    if (period > 0) vm.heap.impl->stressPeriod = vm.heap.impl->stressCountdown = static_cast<uint32_t>(period);
  }
}

void destroyHeap(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  for (Proto* proto = vm.protos; proto != nullptr; proto = proto->nextProto) releaseProto(vm, proto);
  vm.protos = nullptr;
  for (Thread* thread = vm.threads; thread != nullptr;) {
    Thread* next = thread->nextThread;
    destroyThread(vm, thread);
    thread = next;
  }
  vm.threads = nullptr;
  if (vm.mainThread != nullptr) destroyThread(vm, vm.mainThread);
  vm.mainThread = vm.current = nullptr;
  releaseSpareStacks(vm);
  destroyShapes(vm);
  destroyStrings(vm);
  for (LargeHeader* header : impl.large) freeBytes(vm.memory, header, sizeof(LargeHeader) + header->bytes);
  releaseChunks(vm);
  destroyIn(vm.memory, vm.heap.impl);
  vm.heap.impl = nullptr;
}

Object* allocateObject(VM& vm, size_t bytes, ObjectKind kind) {
  Object* object;
  if (bytes <= maxCellBytes) {
    object = vm.heap.allocateFast(bytes);
    if (object == nullptr) object = allocateCellSlow(vm, bytes);
    if (object == nullptr) return nullptr;
    Heap::setHeader(object, kind);
  } else {
    object = allocateLarge(vm, bytes, kind);
    if (object == nullptr) return nullptr;
    Heap::setHeader(object, kind);
    object->mark = objectIsLarge;
  }
  return object;
}

Object* allocateOrThrow(VM& vm, size_t bytes, ObjectKind kind) {
  Object* object = allocateObject(vm, bytes, kind);
  if (object == nullptr) throw std::bad_alloc();
  return object;
}

void* allocateStorage(VM& vm, size_t dataBytes) {
  if (dataBytes > SIZE_MAX / 2) return nullptr;
  Object* object = allocateObject(vm, sizeof(Object) + dataBytes, ObjectKind::Storage);
  return object == nullptr ? nullptr : object + 1;
}

void releaseLarge(VM& vm, LargeHeader* header) {
  HeapImpl& impl = *vm.heap.impl;
  LargeHeader* last = impl.large.back();
  last->index = header->index;
  impl.large[header->index] = last;
  impl.large.pop_back();
  freeBytes(vm.memory, header, sizeof(LargeHeader) + header->bytes);
}

void freeStorage(VM& vm, void* data) {
  if (data == nullptr) return;
  Object* object = static_cast<Object*>(data) - 1;
  if ((object->mark & objectIsLarge) != 0) releaseLarge(vm, LargeHeader::of(object));
}

uint64_t* allocateSplit(VM& vm, uint32_t elements) {
  const size_t tagBytes = splitTagBytes(elements);
  auto* data = static_cast<char*>(allocateStorage(vm, tagBytes + size_t{elements} * 8));
  if (data == nullptr) return nullptr;
  std::memset(data, 0, tagBytes);
  return reinterpret_cast<uint64_t*>(data + tagBytes);
}

void freeSplit(VM& vm, uint64_t* payloads, uint32_t elements) {
  if (payloads != nullptr) freeStorage(vm, reinterpret_cast<char*>(payloads) - splitTagBytes(elements));
}

void writeBarrierSlow(VM&, Object* owner) {
  // No collection is ever half-way when code runs, so no object asks for this; forget the request.
  owner->barrier &= barrierIsReadOnly;
}

void pinObject(VM& vm, Object* object) { vm.heap.impl->pinned.push_back(object); }

void collectIfRequested(VM& vm) {
  const uint32_t bits = vm.safepoint.fetch_and(~uint32_t{safepointCollect}, std::memory_order_relaxed);
  if ((bits & safepointCollect) == 0) return;
  HeapImpl& impl = *vm.heap.impl;
  if (impl.settings.isStopped || impl.isFinalizing) {
    // Ask again only after some more allocation.
    vm.heap.threshold = std::max(vm.heap.threshold, vm.memory.bytesInUse() + minimumThreshold);
    return;
  }
  // A finalizer would not get anywhere in a script that is over its bounds.
  collectGarbage(vm, (bits & safepointExceeded) == 0);
}

void setThreshold(VM& vm, size_t leavingBytes) {
  const HeapImpl& impl = *vm.heap.impl;
  const size_t allocated = vm.memory.bytesInUse();
  const auto pause = static_cast<size_t>(std::clamp(impl.settings.pause, 110, 1000));
  size_t threshold =
      std::max(allocated + minimumThreshold, (allocated - std::min(leavingBytes, allocated)) / 100 * pause);
  if (const size_t limit = vm.memory.limit; limit != 0) {
    // Half of what the limit leaves, so that garbage is collected before it makes an allocation fail.
    const size_t left = limit > allocated ? limit - allocated : 0;
    threshold = std::min(threshold, allocated + left / 2);
  }
  vm.heap.threshold = threshold;
}

CollectorSettings& collectorSettings(VM& vm) { return vm.heap.impl->settings; }

bool isFinalizing(const VM& vm) { return vm.heap.impl->isFinalizing; }

size_t heapBytes(const VM& vm) {
  size_t unused = 0;
  for (const Heap::Run& run : vm.heap.runs) unused += static_cast<size_t>(run.end - run.next);
  for (const Heap::Run& run : vm.heap.impl->stressRuns) unused += static_cast<size_t>(run.end - run.next);
  return vm.memory.bytesInUse() - unused;
}

void setMemoryLimit(VM& vm, size_t bytes) {
  vm.memory.limit = bytes;
  setThreshold(vm);
}

}  // namespace selvage
