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

// Memory for one or several chunks: pages of the system's, or a block of the VM's allocator, in which they are aligned.
// The region's memory is null when there is none.
Region makeRegion(Memory& memory, uint32_t chunks) {
  Region region{};
  region.chunkCount = chunks;
  region.isMapped = memory.isSystem();
  const size_t usable = chunks * chunkBytes;
  // Malloc's alignment is that of the objects at least.
  region.bytes = region.isMapped ? usable : usable + chunkBytes - alignof(std::max_align_t);
  if (memory.limit != 0 && memory.bytes + region.bytes > memory.limit + chunkAllowance) return region;
  void* block = region.isMapped ? mapAligned(region.bytes) : memory.function(memory.userData, nullptr, 0, region.bytes);
  if (block == nullptr) return region;
  region.memory = static_cast<char*>(block);
  region.firstChunk =
      reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(block) + chunkBytes - 1) & ~(chunkBytes - 1));
  memory.bytes += region.bytes;
  memory.chunkBytes += region.bytes;
  return region;
}

void releaseRegion(Memory& memory, const Region& region) {
  memory.bytes -= region.bytes;
  memory.chunkBytes -= region.bytes;
  if (region.isMapped) munmap(region.memory, region.bytes);
  else memory.function(memory.userData, region.memory, region.bytes, 0);
}

// Adds a chunk to the heap, or as many as fill a huge page once the heap is so large that it will probably need them.
bool addChunks(VM& vm) {
  constexpr size_t chunksBeforeHugePages = 8;
  HeapImpl& impl = *vm.heap.impl;
  size_t chunks = 0;
  for (const Region& region : impl.regions) chunks += region.chunkCount;
  const uint32_t added = chunks < chunksBeforeHugePages ? 1 : hugePageBytes / chunkBytes;
  if (!makeRoom(impl.regions) || !makeRoom(impl.freeBlocks, (chunks + added) * (blocksInChunk - 1))) return false;
  const Region region = makeRegion(vm.memory, added);
  if (region.memory == nullptr) return false;
  if (region.isMapped) adviseHugePages(region.memory, region.bytes);
  impl.regions.push_back(region);
  for (uint32_t chunk = added; chunk-- > 0;) {
    for (size_t i = blocksInChunk - 1; i >= 1; --i) {
      impl.freeBlocks.push_back(region.firstChunk + chunk * chunkBytes + i * blockBytes);
    }
  }
  return true;
}

char* takeBlock(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  if (impl.freeBlocks.empty() && !addChunks(vm)) return nullptr;
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

void giveBackChunks(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  // What will be allocated until the next collection may well need blocks of its own, and some classes more.
  const size_t expected = vm.heap.threshold - std::min(vm.heap.threshold, vm.memory.bytesInUse());
  const size_t keptFreeBlocks = expected / blockBytes * 5 / 4 + 2 * sizeClassCount;
  if (impl.freeBlocks.size() < keptFreeBlocks + blocksInChunk) return;
  std::sort(impl.freeBlocks.begin(), impl.freeBlocks.end(), std::greater<>());
  const auto isAbove = [](const char* block, const char* address) { return block > address; };
  std::erase_if(impl.regions, [&](const Region& region) {
    const char* end = region.firstChunk + region.chunkCount * chunkBytes;
    const auto first = std::lower_bound(impl.freeBlocks.begin(), impl.freeBlocks.end(), end, isAbove);
    const auto last = std::lower_bound(first, impl.freeBlocks.end(), region.firstChunk, isAbove);
    const size_t blocks = blocksOf(region);
    const bool isFree = static_cast<size_t>(last - first) == blocks;
    if (!isFree || impl.freeBlocks.size() - blocks < keptFreeBlocks) return false;
    impl.freeBlocks.erase(first, last);
    releaseRegion(vm.memory, region);
    return true;
  });
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
      vm.memory.cellBytes += static_cast<size_t>(end - cell);
      return true;
    }
    while (cells.nextBlock < cells.blocks.size() &&
           cells.blocks[cells.nextBlock].liveCells == cells.blocks[cells.nextBlock].cellCount) {
      ++cells.nextBlock;
    }
    if (cells.nextBlock == cells.blocks.size()) {
      char* memory = makeRoom(cells.blocks) ? takeBlock(vm) : nullptr;
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
  for (const Region& region : impl.regions) {
    for (uint32_t i = 0; i < region.chunkCount; ++i) {
      std::memset(markBitsOfChunk(region.firstChunk + i * chunkBytes), 0, markBytes);
    }
  }
  for (LargeHeader* header : impl.large) header->object()->mark &= static_cast<uint8_t>(~largeIsMarked);
}

namespace {

uint32_t markedCells(const Block& block) {
  const uint64_t* words = markWordOf(block.cells);
  uint32_t marked = 0;
  for (size_t i = 0; i < markWordsInBlock; ++i) marked += static_cast<uint32_t>(std::popcount(words[i]));
  return marked;
}

}  // namespace

size_t markedBytes(const VM& vm) {
  size_t bytes = 0;
  for (size_t sizeClass = 1; sizeClass < sizeClassCount; ++sizeClass) {
    for (const Block& block : vm.heap.impl->classes[sizeClass].blocks) {
      bytes += markedCells(block) * sizeClass * cellGranularity;
    }
  }
  return bytes;
}

size_t beginSweep(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  size_t liveBytes = 0;
  for (size_t sizeClass = 1; sizeClass < sizeClassCount; ++sizeClass) {
    SizeClass& cells = impl.classes[sizeClass];
    const size_t cellBytes = sizeClass * cellGranularity;
    size_t kept = 0;
    for (Block& block : cells.blocks) {
      const uint32_t live = markedCells(block);
      block.liveCells = live;
      liveBytes += live * cellBytes;
      if (impl.stressPeriod != 0) overwriteDeadCells(block, cellBytes);
      if (live == 0) {
        impl.freeBlocks.push_back(block.cells);
      } else {
        cells.blocks[kept++] = block;
      }
    }
    cells.blocks.erase(cells.blocks.begin() + static_cast<ptrdiff_t>(kept), cells.blocks.end());
    cells.nextBlock = 0;
    cells.cursor = cells.blockEnd = nullptr;
    vm.heap.runs[sizeClass] = {};
    impl.stressRuns[sizeClass] = {};
  }
  return liveBytes;
}

void releaseChunks(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  for (const Region& region : impl.regions) releaseRegion(vm.memory, region);
  impl.regions.clear();
  impl.freeBlocks.clear();
}

}  // namespace selvage
