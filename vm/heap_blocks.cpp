// Blocks: memory for cells, and lazy sweeping.
//
// Nothing is swept when a marking ends. When a size class needs cells, the mark bits of its next block are searched
// for a run of unmarked cells, which allocation then uses up by bumping a pointer; the dead cells themselves are never
// looked at. Cells allocated since the last marking are unmarked too, but lie behind the cursor, which only moves
// forward until the next marking.

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "vm/heap_impl.hpp"

namespace selvage {

namespace {

uint64_t* markBitsOfChunk(char* chunk) { return markWordOf(chunk); }

// Whether the system grants the wish does not matter.
void adviseHugePages([[maybe_unused]] void* memory, [[maybe_unused]] size_t bytes) {
#ifdef MADV_HUGEPAGE
  const auto start = (reinterpret_cast<uintptr_t>(memory) + hugePageBytes - 1) & ~(hugePageBytes - 1);
  const auto end = (reinterpret_cast<uintptr_t>(memory) + bytes) & ~(hugePageBytes - 1);
  if (start < end) madvise(reinterpret_cast<void*>(start), end - start, MADV_HUGEPAGE);
#endif
}

// Memory aligned to its own size, a power of 2.
char* mapAligned(size_t bytes) {
  void* mapped = mmap(nullptr, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  char* start = static_cast<char*>(mapped);
  char* aligned = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(start) + bytes - 1) & ~(bytes - 1));
  char* end = start + 2 * bytes;
  if (aligned != start) munmap(start, static_cast<size_t>(aligned - start));
  if (aligned + bytes != end) munmap(aligned + bytes, static_cast<size_t>(end - aligned - bytes));
  return aligned;
}

// Adds a chunk to the heap, or as many as fill a huge page once the heap is so large that it will probably need them.
bool mapChunks(HeapImpl& impl) {
  constexpr size_t chunksBeforeHugePages = 8;
  const size_t bytes = impl.chunks.size() < chunksBeforeHugePages ? chunkBytes : hugePageBytes;
  char* memory = mapAligned(bytes);
  if (memory == nullptr) return false;
  adviseHugePages(memory, bytes);
  for (char* chunk = memory + bytes - chunkBytes; chunk >= memory; chunk -= chunkBytes) {
    impl.chunks.push_back(chunk);
    for (size_t i = blocksInChunk - 1; i >= 1; --i) impl.freeBlocks.push_back(chunk + i * blockBytes);
  }
  return true;
}

char* takeBlock(HeapImpl& impl) {
  if (impl.freeBlocks.empty() && !mapChunks(impl)) return nullptr;
  char* block = impl.freeBlocks.back();
  impl.freeBlocks.pop_back();
  return block;
}

// The first marked cell in [from, end), or end.
char* nextMarkedCell(char* from, char* end) {
  const uint64_t* word = markWordOf(from);
  uint64_t bits = *word & (~uint64_t{0} << (reinterpret_cast<uintptr_t>(from) / cellGranularity % 64));
  char* wordStart = reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(from) & ~(64 * cellGranularity - 1));
  while (bits == 0) {
    wordStart += 64 * cellGranularity;
    if (wordStart >= end) return end;
    bits = *++word;
  }
  char* cell = wordStart + static_cast<size_t>(std::countr_zero(bits)) * cellGranularity;
  return std::min(cell, end);
}

// Stress mode: makes the use of a dead object show.
void overwriteDeadCells(Block& block, size_t cellBytes) {
  for (char* cell = block.cells; cell < block.end; cell += cellBytes) {
    if (!isCellMarked(cell)) std::memset(cell, 0xDB, cellBytes);
  }
}

}  // namespace

void* allocateMemory(size_t bytes, size_t alignment) {
  void* memory = nullptr;
  if (posix_memalign(&memory, bytes < hugePageBytes ? alignment : hugePageBytes, bytes) != 0) return nullptr;
  adviseHugePages(memory, bytes);
  return memory;
}

void giveBackChunks(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  // What will be allocated until the next collection may well need blocks of its own, and some classes more.
  const size_t expected = vm.heap.threshold - std::min(vm.heap.threshold, vm.heap.allocated);
  const size_t keptFreeBlocks = expected / blockBytes * 5 / 4 + 2 * sizeClassCount;
  if (impl.freeBlocks.size() < keptFreeBlocks + blocksInChunk) return;
  std::sort(impl.freeBlocks.begin(), impl.freeBlocks.end(), std::greater<>());
  auto chunkOf = [](char* block) {
    return reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(block) & ~(chunkBytes - 1));
  };
  std::vector<char*> kept;
  std::vector<char*> released;
  const size_t total = impl.freeBlocks.size();
  for (size_t i = 0; i < total;) {
    size_t j = i + 1;
    while (j < total && chunkOf(impl.freeBlocks[j]) == chunkOf(impl.freeBlocks[i])) ++j;
    const size_t remaining = total - released.size() * (blocksInChunk - 1);
    if (j - i == blocksInChunk - 1 && remaining > keptFreeBlocks) {
      released.push_back(chunkOf(impl.freeBlocks[i]));
    } else {
      kept.insert(kept.end(), impl.freeBlocks.begin() + static_cast<ptrdiff_t>(i),
                  impl.freeBlocks.begin() + static_cast<ptrdiff_t>(j));
    }
    i = j;
  }
  impl.freeBlocks = std::move(kept);
  std::sort(released.begin(), released.end());
  std::erase_if(impl.chunks, [&](char* chunk) { return std::binary_search(released.begin(), released.end(), chunk); });
  for (char* chunk : released) munmap(chunk, chunkBytes);
}

bool findFreeRun(VM& vm, size_t sizeClass, Heap::Run& run) {
  HeapImpl& impl = *vm.heap.impl;
  SizeClass& cells = impl.classes[sizeClass];
  const size_t cellBytes = sizeClass * cellGranularity;
  for (;;) {
    char* cell = cells.cursor;
    while (cell < cells.blockEnd && isCellMarked(cell)) cell += cellBytes;
    if (cell < cells.blockEnd) {
      char* end = nextMarkedCell(cell, cells.blockEnd);
      cells.cursor = end < cells.blockEnd ? end + cellBytes : end;
      run = {cell, end};
      vm.heap.allocated += static_cast<size_t>(end - cell);
      return true;
    }
    while (cells.nextBlock < cells.blocks.size() &&
           cells.blocks[cells.nextBlock].liveCells == cells.blocks[cells.nextBlock].cellCount) {
      ++cells.nextBlock;
    }
    if (cells.nextBlock == cells.blocks.size()) {
      char* memory = takeBlock(impl);
      if (memory == nullptr) return false;
      const size_t count = blockBytes / cellBytes;
      cells.blocks.push_back({memory, memory + count * cellBytes, 0, static_cast<uint32_t>(count)});
      std::memset(markWordOf(memory), 0, markWordsInBlock * sizeof(uint64_t));
    }
    const Block& block = cells.blocks[cells.nextBlock++];
    cells.cursor = block.cells;
    cells.blockEnd = block.end;
  }
}

void clearMarks(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  for (char* chunk : impl.chunks) std::memset(markBitsOfChunk(chunk), 0, markBytes);
  for (LargeHeader* header : impl.large) header->object()->mark &= static_cast<uint8_t>(~largeIsMarked);
}

size_t beginSweep(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  size_t liveBytes = 0;
  for (size_t sizeClass = 1; sizeClass < sizeClassCount; ++sizeClass) {
    SizeClass& cells = impl.classes[sizeClass];
    const size_t cellBytes = sizeClass * cellGranularity;
    size_t kept = 0;
    for (Block& block : cells.blocks) {
      const uint64_t* words = markWordOf(block.cells);
      uint32_t live = 0;
      for (size_t i = 0; i < markWordsInBlock; ++i) live += static_cast<uint32_t>(std::popcount(words[i]));
      block.liveCells = live;
      liveBytes += live * cellBytes;
      if (impl.stressPeriod != 0) overwriteDeadCells(block, cellBytes);
      if (live == 0) {
        impl.freeBlocks.push_back(block.cells);
      } else {
        cells.blocks[kept++] = block;
      }
    }
    cells.blocks.resize(kept);
    cells.nextBlock = 0;
    cells.cursor = cells.blockEnd = nullptr;
    vm.heap.runs[sizeClass] = {};
    impl.stressRuns[sizeClass] = {};
  }
  return liveBytes;
}

void releaseChunks(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  for (char* chunk : impl.chunks) munmap(chunk, chunkBytes);
  impl.chunks.clear();
  impl.freeBlocks.clear();
}

}  // namespace selvage
