// Memory for objects that die together: the syntax tree of one chunk.
//
// Allocation bumps a pointer; nothing is freed before the arena is. Only trivially destructible objects live in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

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

 private:
  static constexpr size_t alignment = 8;
  static constexpr size_t firstChunkBytes = 8 * 1024;
  static constexpr size_t maxChunkBytes = 512 * 1024;

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
  char* next = nullptr;
  char* end = nullptr;
  Chunk* chunks = nullptr;
  size_t nextChunkBytes = firstChunkBytes;
};

}  // namespace selvage
