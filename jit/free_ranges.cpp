// See free_ranges.hpp.
#include "jit/free_ranges.hpp"

#include <iterator>

namespace selvage {

void FreeRanges::erase(std::map<size_t, size_t>::iterator range) {
  bySize.erase({range->second, range->first});
  byOffset.erase(range);
}

void FreeRanges::add(size_t offset, size_t size) {
  const auto after = byOffset.lower_bound(offset);
  if (after != byOffset.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == offset) {
      offset = before->first;
      size += before->second;
      erase(before);
    }
  }
  if (after != byOffset.end() && offset + size == after->first) {
    size += after->second;
    erase(after);
  }
  byOffset.emplace(offset, size);
  bySize.emplace(size, offset);
}

std::optional<size_t> FreeRanges::take(size_t size) {
  const auto found = bySize.lower_bound({size, 0});
  if (found == bySize.end()) return std::nullopt;
  const size_t offset = found->second;
  if (found->first == size) {
    erase(byOffset.find(offset));
    return offset;
  }
  // The rest keeps its nodes: most of the time this is one large range that shrinks.
  auto sizeNode = bySize.extract(found);
  auto offsetNode = byOffset.extract(offset);
  sizeNode.value().first -= size;
  sizeNode.value().second += size;
  offsetNode.key() += size;
  offsetNode.mapped() -= size;
  bySize.insert(std::move(sizeNode));
  byOffset.insert(std::move(offsetNode));
  return offset;
}

}  // namespace selvage
