// The intern table's data; string.cpp says how it works.
#pragma once

#include <cstddef>
#include <cstdint>

namespace selvage {

struct StringTable {
  uint64_t* entries = nullptr;
  size_t mask = 0;     // capacity - 1, the capacity being a power of 2
  size_t count = 0;    // strings
  size_t removed = 0;  // entries whose string died, still in the way of probes
};

}  // namespace selvage
