// Which parts of a region of memory are free: ranges of bytes, never two next to each other. Taking and giving back
// cost the logarithm of the number of ranges.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace selvage {

class FreeRanges {
 public:
  // Adds `size` bytes from `offset` on, none of which is free yet.
  void add(size_t offset, size_t size);
  // Takes the first `size` bytes of the smallest range that has so many, and returns where they are.
  std::optional<size_t> take(size_t size);

 private:
  std::map<size_t, size_t> byOffset;           // offset to size
  std::set<std::pair<size_t, size_t>> bySize;  // size and offset

  void erase(std::map<size_t, size_t>::iterator range);
};

}  // namespace selvage
