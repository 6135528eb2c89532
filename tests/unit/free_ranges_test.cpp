// Free ranges against a plain map of bytes.
#include "jit/free_ranges.hpp"

#include <random>
#include <vector>

#include <catch2/catch.hpp>

using namespace selvage;

TEST_CASE("ranges that were given back one by one can be taken as a whole", "[free_ranges]") {
  FreeRanges ranges;
  for (size_t offset : {32, 0, 64, 16, 48}) ranges.add(offset, 16);
  CHECK_FALSE(ranges.take(81));
  CHECK(ranges.take(80) == 0);
  CHECK_FALSE(ranges.take(1));
}

TEST_CASE("the smallest range that suffices is taken", "[free_ranges]") {
  FreeRanges ranges;
  ranges.add(0, 100);
  ranges.add(200, 10);
  ranges.add(300, 50);
  CHECK(ranges.take(10) == 200);
  CHECK(ranges.take(20) == 300);
  CHECK(ranges.take(30) == 320);
  CHECK(ranges.take(1) == 0);
}

TEST_CASE("no byte is taken twice and none is lost", "[free_ranges]") {
  constexpr size_t bytes = 4096;
  std::vector<bool> isTaken(bytes);
  std::vector<std::pair<size_t, size_t>> taken;
  FreeRanges ranges;
  ranges.add(0, bytes);
  std::mt19937 random(7);
  for (int step = 0; step < 20000; ++step) {
    if (random() % 2 == 0 || taken.empty()) {
      const size_t size = 1 + random() % 200;
      const auto offset = ranges.take(size);
      if (!offset) continue;
      for (size_t i = 0; i < size; ++i) {
        REQUIRE_FALSE(isTaken[*offset + i]);
        isTaken[*offset + i] = true;
      }
      taken.emplace_back(*offset, size);
    } else {
      std::swap(taken[random() % taken.size()], taken.back());
      const auto [offset, size] = taken.back();
      taken.pop_back();
      for (size_t i = 0; i < size; ++i) isTaken[offset + i] = false;
      ranges.add(offset, size);
    }
  }
  for (const auto& [offset, size] : taken) ranges.add(offset, size);
  CHECK(ranges.take(bytes) == 0);
}
