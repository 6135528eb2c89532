// The arena: nodes, and containers whose blocks are used again.
#include "compiler/arena.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <numeric>
#include <vector>

using namespace selvage;

TEST_CASE("Small things need no memory but the arena's own") {
  Memory memory;
  Arena arena(memory);
  ArenaList<uint32_t> list(arena);
  for (uint32_t i = 0; i < 100; ++i) list.push_back(i);
  CHECK(arena.make<uint64_t>(7U) != nullptr);
  CHECK(memory.bytes == 0);
}

TEST_CASE("Blocks that containers give back are used again") {
  Memory memory;
  Arena arena(memory);
  for (int round = 0; round < 10'000; ++round) {
    ArenaList<uint16_t> words(arena);
    ArenaList<uint64_t> numbers(arena);
    for (uint16_t i = 0; i < 50; ++i) {
      words.push_back(i);
      numbers.push_back(i);
    }
    REQUIRE(std::accumulate(words.begin(), words.end(), 0) == 49 * 25);
    REQUIRE(std::accumulate(numbers.begin(), numbers.end(), uint64_t{0}) == 49 * 25);
  }
  CHECK(memory.bytes == 0);
}

TEST_CASE("Blocks in use do not overlap, and the memory's owner gets back what it gave") {
  Memory memory;
  {
    Arena arena(memory);
    struct Block {
      unsigned char* start;
      size_t bytes;
    };
    std::vector<Block> blocks;
    uint32_t random = 1;
    for (unsigned i = 0; i < 3000; ++i) {
      random = random * 1664525 + 1013904223;
      const size_t bytes = 1 + (random >> 8) % (i % 50 == 0 ? 200'000 : 700);
      auto* start = static_cast<unsigned char*>(arena.allocateBlock(bytes));
      REQUIRE(reinterpret_cast<uintptr_t>(start) % 8 == 0);
      std::memset(start, static_cast<int>(i & 0xFF), bytes);
      if (i % 3 == 2) {
        const size_t victim = random % blocks.size();
        const Block& freed = blocks[victim];
        REQUIRE(std::all_of(freed.start, freed.start + freed.bytes, [&](auto byte) { return byte == *freed.start; }));
        arena.freeBlock(freed.start, freed.bytes);
        blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(victim));
      }
      blocks.push_back({start, bytes});
    }
    for (const Block& block : blocks) {
      REQUIRE(std::all_of(block.start, block.start + block.bytes, [&](auto byte) { return byte == *block.start; }));
      arena.freeBlock(block.start, block.bytes);
    }
    CHECK(memory.bytes != 0);
  }
  CHECK(memory.bytes == 0);
}
