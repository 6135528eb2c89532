// The table in which short strings are interned.
//
// Open-addressed, in groups of eight places. Beside each place is a byte that says whether it holds a string and, if
// so, seven bits of its hash: a search looks at the bytes of a whole group at once and touches a place, and the string
// itself, only when it very probably holds the one sought. New strings are what is looked for most often, and the bytes
// are an eighth as large as the places, so that such a search mostly stays within the processor's nearer caches.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "vm/memory.hpp"
#include "vm/string.hpp"

namespace selvage {

class StringTable {
 public:
  explicit StringTable(Memory& owner) : memory_(owner) {}
  StringTable(const StringTable&) = delete;
  StringTable& operator=(const StringTable&) = delete;
  ~StringTable();

  size_t capacity() const { return groupCount() * groupSize; }  // places

  // The string with this text and hash, or null.
  String* find(std::string_view text, uint32_t hash) const {
    const uint64_t wanted = everyByte * upperBits(hash);
    // Whether the string is found or put in, the places will be needed: one line of the cache for each group.
    __builtin_prefetch(places_ + (hash & groupMask_) * groupSize);
    for (Probe probe(hash, groupMask_);; probe.next(groupMask_)) {
      const uint64_t bytes = groupAt(probe.group);
      // A byte beside an equal one may seem equal too; the string tells.
      const uint64_t different = bytes ^ wanted;
      for (uint64_t found = (different - everyByte) & ~different & signBits; found != 0; found &= found - 1) {
        String* string = places_[probe.group * groupSize + byteIndex(found)];
        if (string->aux == hash && string->length == text.size() && isEqual(string->text, text)) return string;
      }
      if (hasEmpty(bytes)) return nullptr;
    }
  }
  // Whether there is room for one more string.
  bool hasRoom() const { return (count_ + removed_ + 1) * 4 <= capacity() * 3; }
  // Makes room for more strings, as far as there is memory. False: there is no room for another one (a quarter of the
  // places is still empty when hasRoom() becomes false, and all but one of them can be used up).
  bool grow();
  // Puts in a string that is not there yet; there is room.
  void insert(String* string);
  // Takes out the strings for which `isLive` is false and makes the table smaller if it has become far too large.
  template <class IsLive>
  void sweep(IsLive isLive);

 private:
  static constexpr size_t groupSize = 8;
  static constexpr size_t firstGroups = 128;
  static constexpr uint64_t everyByte = 0x0101010101010101;
  static constexpr uint64_t signBits = 0x80 * everyByte;
  // The byte of a place: the upper bits of the hash, or one of these.
  static constexpr uint8_t emptyByte = 0x80;
  static constexpr uint8_t removedByte = 0xFE;  // its string died, but searches have passed over it
  static constexpr size_t prefetchDistance = 16;
  static constexpr size_t alignment = groupSize * sizeof(String*);

  // The groups in which a string may be, one after the other, until one has an empty place.
  struct Probe {
    Probe(uint32_t hash, size_t mask) : group(hash & mask) {}
    void next(size_t mask) { group = (group + ++step) & mask; }
    size_t group;
    size_t step = 0;
  };

  static uint8_t upperBits(uint32_t hash) { return static_cast<uint8_t>(hash >> 25); }
  static size_t byteIndex(uint64_t found) { return static_cast<size_t>(std::countr_zero(found)) / 8; }
  static uint64_t holding(uint64_t bytes) { return ~bytes & signBits; }  // the places that hold strings
  // Only an empty place's byte has the sign bit and not the one beneath it.
  static bool hasEmpty(uint64_t bytes) { return (bytes & ~(bytes << 1) & signBits) != 0; }
  // Malloc's alignment is less than that of the groups.
  static size_t bytesFor(size_t groups) { return groups * (groupSize + groupSize * sizeof(String*)) + alignment; }

  static bool isEqual(const char* left, std::string_view right) {
    const size_t length = right.size();
    const auto differAt = [&](size_t i, auto word) {
      auto other = word;
      std::memcpy(&word, left + i, sizeof(word));
      std::memcpy(&other, right.data() + i, sizeof(word));
      return word != other;
    };
    if (length >= 8) {
      for (size_t i = 0; i + 8 < length; i += 8) {
        if (differAt(i, uint64_t{})) return false;
      }
      return !differAt(length - 8, uint64_t{});
    }
    if (length >= 4) return !differAt(0, uint32_t{}) && !differAt(length - 4, uint32_t{});
    for (size_t i = 0; i < length; ++i) {
      if (left[i] != right[i]) return false;
    }
    return true;
  }

  size_t groupCount() const { return places_ == nullptr ? 0 : groupMask_ + 1; }
  uint64_t groupAt(size_t group) const {
    uint64_t bytes;
    std::memcpy(&bytes, bytes_ + group * groupSize, sizeof(bytes));
    return bytes;
  }
  bool resize(size_t groups);
  void shrink(size_t countBefore);

  Memory& memory_;
  void* block_ = nullptr;
  uint8_t* bytes_ = nullptr;  // behind the places, in the same memory
  String** places_ = nullptr;
  size_t groupMask_ = 0;  // number of groups, a power of 2, minus 1
  size_t count_ = 0;      // strings
  size_t removed_ = 0;    // places with removedByte
};

template <class IsLive>
void StringTable::sweep(IsLive isLive) {
  const size_t countBefore = count_;
  for (size_t group = 0; group <= groupMask_; ++group) {
    uint64_t bytes = groupAt(group);
    uint64_t dead = 0;
    for (uint64_t strings = holding(bytes); strings != 0; strings &= strings - 1) {
      const size_t i = byteIndex(strings);
      if (!isLive(places_[group * groupSize + i])) dead |= uint64_t{0xFF} << i * 8;
    }
    if (dead == 0) continue;
    // No search has passed over a group with an empty place.
    const bool isNeverPassed = hasEmpty(bytes);
    bytes = (bytes & ~dead) | (dead & everyByte * (isNeverPassed ? emptyByte : removedByte));
    std::memcpy(bytes_ + group * groupSize, &bytes, sizeof(bytes));
    const auto died = static_cast<size_t>(std::popcount(dead)) / 8;
    count_ -= died;
    if (!isNeverPassed) removed_ += died;
  }
  shrink(countBefore);
}

}  // namespace selvage
