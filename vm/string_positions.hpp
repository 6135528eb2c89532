// Positions in strings as library functions take them: 1-based, negative ones count from the end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace selvage {

// A beginning: at least 1, possibly beyond the end.
constexpr uint64_t startPosition(int64_t position, size_t length) {
  if (position > 0) return static_cast<uint64_t>(position);
  if (position == 0 || position < -static_cast<int64_t>(length)) return 1;
  return length + static_cast<uint64_t>(position) + 1;
}

// An end: at most `length`, at least 0.
constexpr uint64_t endPosition(int64_t position, size_t length) {
  if (position > static_cast<int64_t>(length)) return length;
  if (position >= 0) return static_cast<uint64_t>(position);
  if (position < -static_cast<int64_t>(length)) return 0;
  return length + static_cast<uint64_t>(position) + 1;
}

}  // namespace selvage
