// Memory for objects that die together: the syntax tree of one chunk, and the containers with which it is parsed and
// compiled.
//
// Allocation bumps a pointer; what objects take is not freed before the arena is, and only trivially destructible ones
// live in it. Containers give their blocks back, for the next container (ArenaList): most functions are small, and a
// malloc for each list that one needs would cost more than compiling it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "vm/memory.hpp"

namespace selvage {

class Arena {
 public:
  explicit Arena(Memory& owner) : memory(owner) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() {
    for (Chunk* chunk = chunks; chunk != nullptr;) {
      Chunk* older = chunk->older;
      freeBytes(memory, chunk, chunk->bytes);
      chunk = older;
    }
  }

  // Uninitialised memory, aligned for any node. Throws std::bad_alloc.
  void* allocate(size_t bytes) {
    bytes = (bytes + alignment - 1) & ~(alignment - 1);
    if (static_cast<size_t>(end - next) < bytes) [[unlikely]]
      addChunk(bytes);
    char* result = next;
    next += bytes;
    return result;
  }

  template <class T, class... Arguments>
  T* make(Arguments&&... arguments) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignment);
    return new (allocate(sizeof(T))) T{std::forward<Arguments>(arguments)...};
  }

  // A copy of `items` that lives as long as the arena.
  template <class T>
  std::span<T> copy(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignment);
    if (items.empty()) return {};
    T* result = static_cast<T*>(allocate(items.size_bytes()));
    for (size_t i = 0; i < items.size(); ++i) new (result + i) T(items[i]);
    return {result, items.size()};
  }

  // A container's memory. Throws std::bad_alloc.
  void* allocateBlock(size_t bytes) {
    if (bytes > maxBlockBytes) [[unlikely]] {
      void* const large = allocateBytes(memory, bytes);
      if (large == nullptr) throwOutOfMemory();
      return large;
    }
    FreeBlock*& free = freeBlocks[blockClass(bytes)];
    if (free == nullptr) return allocate(size_t{minBlockBytes} << blockClass(bytes));
    return std::exchange(free, free->next);
  }
  // `bytes` as it was allocated with.
  void freeBlock(void* block, size_t bytes) {
    if (bytes > maxBlockBytes) [[unlikely]] {
      freeBytes(memory, block, bytes);
      return;
    }
    FreeBlock*& free = freeBlocks[blockClass(bytes)];
    free = new (block) FreeBlock{free};
  }

 private:
  static constexpr size_t alignment = 8;
  static constexpr size_t firstChunkBytes = 8 * 1024;
  static constexpr size_t maxChunkBytes = 512 * 1024;
  // Blocks have sizes of powers of two; longer ones are not the arena's own.
  static constexpr size_t minBlockBytes = 16;
  static constexpr size_t blockClasses = 11;
  static constexpr size_t maxBlockBytes = minBlockBytes << (blockClasses - 1);

  struct FreeBlock {
    FreeBlock* next;
  };
  static size_t blockClass(size_t bytes) {
    return bytes <= minBlockBytes ? 0 : static_cast<size_t>(std::bit_width((bytes - 1) / minBlockBytes));
  }

  struct Chunk {
    Chunk* older;
    size_t bytes;
  };

  void addChunk(size_t bytes) {
    const size_t size = sizeof(Chunk) + (bytes > nextChunkBytes ? bytes : nextChunkBytes);
    auto* chunk = static_cast<Chunk*>(allocateBytes(memory, size));
    if (chunk == nullptr) throwOutOfMemory();
    chunk->older = chunks;
    chunk->bytes = size;
    chunks = chunk;
    next = reinterpret_cast<char*>(chunk) + sizeof(Chunk);
    end = reinterpret_cast<char*>(chunk) + size;
    if (nextChunkBytes < maxChunkBytes) nextChunkBytes *= 2;
  }

  Memory& memory;
  // Where small chunks find all that they need.
  alignas(alignment) char ownBytes[4096];
  char* next = ownBytes;
  char* end = ownBytes + sizeof ownBytes;
  Chunk* chunks = nullptr;
  size_t nextChunkBytes = firstChunkBytes;
  FreeBlock* freeBlocks[blockClasses] = {};
};

// For containers of the C++ library that do not outlive the arena.
template <class T>
class ArenaAllocator {
 public:
  using value_type = T;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using is_always_equal = std::false_type;

  ArenaAllocator(Arena& owner) noexcept : arena_(&owner) {}
  template <class U>
  ArenaAllocator(const ArenaAllocator<U>& other) noexcept : arena_(&other.arena()) {}

  T* allocate(size_t count) {
    static_assert(alignof(T) <= 8);
    if (count > SIZE_MAX / 2 / sizeof(T)) throwOutOfMemory();
    return static_cast<T*>(arena_->allocateBlock(count * sizeof(T)));
  }
  void deallocate(T* block, size_t count) noexcept { arena_->freeBlock(block, count * sizeof(T)); }

  Arena& arena() const { return *arena_; }
  bool operator==(const ArenaAllocator& other) const { return arena_ == other.arena_; }

 private:
  Arena* arena_;
};

template <class T>
using ArenaList = std::vector<T, ArenaAllocator<T>>;

}  // namespace selvage
