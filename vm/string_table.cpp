#include "vm/string_table.hpp"

#include <utility>

#include "vm/heap_impl.hpp"

namespace selvage {

StringTable::~StringTable() { freeBytes(memory_, block_, bytesFor(groupCount())); }

bool StringTable::grow() {
  size_t groups = places_ == nullptr ? firstGroups : groupMask_ + 1;
  while ((count_ + 1) * 8 > groups * groupSize * 5) groups *= 2;
  return resize(groups) || (places_ != nullptr && count_ + removed_ + 1 < capacity());
}

void StringTable::insert(String* string) {
  for (Probe probe(string->aux, groupMask_);; probe.next(groupMask_)) {
    const uint64_t bytes = groupAt(probe.group);
    const uint64_t free = bytes & signBits;
    if (free == 0) continue;
    const size_t place = probe.group * groupSize + byteIndex(free);
    if (bytes_[place] == removedByte) --removed_;
    bytes_[place] = upperBits(string->aux);
    places_[place] = string;
    ++count_;
    return;
  }
}

bool StringTable::resize(size_t groups) {
  void* block = allocateBytes(memory_, bytesFor(groups));
  if (block == nullptr) return false;
  StringTable old(memory_);
  old.block_ = std::exchange(block_, block);
  auto* memory = reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(block) + alignment - 1) & ~(alignment - 1));
  old.places_ = places_;
  old.bytes_ = bytes_;
  old.groupMask_ = groupMask_;
  places_ = reinterpret_cast<String**>(memory);
  bytes_ = reinterpret_cast<uint8_t*>(memory + groups * groupSize * sizeof(String*));
  std::memset(bytes_, emptyByte, groups * groupSize);
  groupMask_ = groups - 1;
  count_ = removed_ = 0;
  const size_t places = old.capacity();
  for (size_t i = 0; i < places; ++i) {
    // Hashes are in the strings, which are rarely in the processor's caches.
    const size_t ahead = i + prefetchDistance;
    if (ahead < places && (old.bytes_[ahead] & emptyByte) == 0) __builtin_prefetch(old.places_[ahead]);
    if ((old.bytes_[i] & emptyByte) == 0) insert(old.places_[i]);
  }
  return true;
}

void StringTable::shrink(size_t countBefore) {
  // What there was before will be there again before the next collection.
  size_t groups = groupMask_ + 1;
  while (groups > firstGroups && countBefore * 8 < groups * groupSize) groups /= 2;
  if (groups != groupMask_ + 1) resize(groups);
}

}  // namespace selvage
