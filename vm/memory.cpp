// Blocks of a VM's memory, and what they come from when nobody else gives any.

#include "vm/memory.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "vm/heap_impl.hpp"

namespace selvage {

void adviseHugePages([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) {
#ifdef MADV_HUGEPAGE
  const auto start = (reinterpret_cast<uintptr_t>(memory) + hugePageBytes - 1) & ~(hugePageBytes - 1);
  const auto end = (reinterpret_cast<uintptr_t>(memory) + bytes) & ~(hugePageBytes - 1);
  if (start < end) madvise(reinterpret_cast<void*>(start), end - start, MADV_HUGEPAGE);
#endif
}

void* systemAllocate(void*, void* block, size_t, size_t newBytes) {
  if (newBytes == 0) {
    std::free(block);
    return nullptr;
  }
  if (block != nullptr) return std::realloc(block, newBytes);
  if (newBytes < hugePageBytes) return std::malloc(newBytes);
  void* memory = nullptr;
  if (posix_memalign(&memory, hugePageBytes, newBytes) != 0) return nullptr;
  adviseHugePages(memory, newBytes);
  return memory;
}

Memory& memoryOf(VM& vm) { return vm.memory; }

void throwOutOfMemory() { throw std::bad_alloc(); }

void* allocateBytes(Memory& memory, size_t bytes, size_t kind) {
  if (bytes > SIZE_MAX / 2 || memory.wouldExceedLimit(bytes)) return nullptr;
  void* block = memory.function(memory.userData, nullptr, kind, bytes);
  if (block != nullptr) memory.bytes += bytes;
  return block;
}

void* allocateZeroedBytes(Memory& memory, size_t bytes) {
  void* block = allocateBytes(memory, bytes);
  if (block != nullptr) std::memset(block, 0, bytes);
  return block;
}

void* resizeBytes(Memory& memory, void* block, size_t oldBytes, size_t newBytes) {
  if (block == nullptr) return allocateBytes(memory, newBytes);
  if (newBytes > SIZE_MAX / 2 || (newBytes > oldBytes && memory.wouldExceedLimit(newBytes - oldBytes))) return nullptr;
  void* resized = memory.function(memory.userData, block, oldBytes, newBytes);
  if (resized != nullptr) memory.bytes += newBytes - oldBytes;
  return resized;
}

void freeBytes(Memory& memory, void* block, size_t bytes) {
  if (block == nullptr) return;
  memory.bytes -= bytes;
  memory.function(memory.userData, block, bytes, 0);
}

}  // namespace selvage
