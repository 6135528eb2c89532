// Strings: hashing, and the table in which the short ones are interned.
//
// The table is open-addressed. An entry is a string's address with the upper half of its hash in the 16 bits that an
// address does not use, so that a probe touches a string only when it very probably is the one sought, and the
// collector's sweep touches none at all.

#include "vm/string.hpp"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "vm/heap_impl.hpp"
#include "vm/string_table.hpp"

namespace selvage {

namespace {

constexpr uint64_t emptyEntry = 0;
constexpr uint64_t removedEntry = 1;
constexpr uint64_t addressMask = (uint64_t{1} << 48) - 1;
constexpr size_t firstCapacity = 1024;

uint64_t entryOf(const String* string) {
  return reinterpret_cast<uint64_t>(string) | uint64_t{string->aux >> 16} << 48;
}
String* stringOf(uint64_t entry) { return reinterpret_cast<String*>(entry & addressMask); }
bool holdsString(uint64_t entry) { return entry > removedEntry; }

uint64_t readEight(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}
uint64_t readFour(const char* p) {
  uint32_t word;
  std::memcpy(&word, p, 4);
  return word;
}
// Both halves of the 128-bit product, folded: every input bit reaches every output bit.
uint64_t fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

constexpr uint64_t hashKeys[3] = {0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93};

uint32_t hashBytes(const char* text, size_t length, uint32_t seed) {
  uint64_t state = (uint64_t{seed} << 32 | seed) ^ hashKeys[0] ^ length * hashKeys[1];
  uint64_t first = 0;
  uint64_t last = 0;
  if (length > 16) {
    const char* p = text;
    const char* end = text + length;
    for (; end - p > 16; p += 16) state = fold(readEight(p) ^ hashKeys[1], readEight(p + 8) ^ state);
    first = readEight(end - 16);
    last = readEight(end - 8);
  } else if (length >= 8) {
    first = readEight(text);
    last = readEight(text + length - 8);
  } else if (length >= 4) {
    first = readFour(text);
    last = readFour(text + length - 4);
  } else if (length > 0) {
    const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(text[i])); };
    first = byte(0) << 16 | byte(length >> 1) << 8 | byte(length - 1);
  }
  const uint64_t hash = fold(first ^ hashKeys[2], last ^ state);
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

void resizeTable(VM& vm, size_t capacity) {
  StringTable& table = *vm.strings;
  auto* entries = static_cast<uint64_t*>(std::calloc(capacity, sizeof(uint64_t)));
  if (entries == nullptr) return;  // goes on with the old one, which still has room
  for (size_t i = 0; i <= table.mask && table.entries != nullptr; ++i) {
    if (!holdsString(table.entries[i])) continue;
    size_t position = stringOf(table.entries[i])->aux & (capacity - 1);
    while (entries[position] != emptyEntry) position = (position + 1) & (capacity - 1);
    entries[position] = table.entries[i];
  }
  if (table.entries != nullptr) removeExternalBytes(vm, (table.mask + 1) * sizeof(uint64_t));
  std::free(table.entries);
  addExternalBytes(vm, capacity * sizeof(uint64_t));
  table.entries = entries;
  table.mask = capacity - 1;
  table.removed = 0;
}

String* makeString(VM& vm, size_t length, bool always) {
  const size_t bytes = stringHeaderBytes + length + 1;
  Object* object =
      always ? allocateAlways(vm, bytes, ObjectKind::String) : allocateObject(vm, bytes, ObjectKind::String);
  auto* string = static_cast<String*>(object);
  if (string == nullptr) return nullptr;
  string->length = length;
  string->event = 0;
  string->reserved = 0;
  string->text[length] = '\0';
  return string;
}

}  // namespace

void initializeStrings(VM& vm) {
  vm.strings = new StringTable;
  resizeTable(vm, firstCapacity);
  if (vm.strings->entries == nullptr) std::abort();
}

void destroyStrings(VM& vm) {
  if (vm.strings == nullptr) return;
  std::free(vm.strings->entries);
  delete vm.strings;
  vm.strings = nullptr;
}

String* newString(VM& vm, std::string_view text) {
  const size_t length = text.size();
  if (length > maxShortLength) {
    String* string = newLongString(vm, length);
    if (string != nullptr) std::memcpy(string->text, text.data(), length);
    return string;
  }
  const uint32_t hash = hashBytes(text.data(), length, vm.seed);
  StringTable* table = vm.strings;
  const uint64_t upperHash = hash >> 16;
  size_t position = hash & table->mask;
  for (;; position = (position + 1) & table->mask) {
    const uint64_t entry = table->entries[position];
    if (entry == emptyEntry) break;
    if (entry >> 48 != upperHash || entry == removedEntry) continue;
    String* string = stringOf(entry);
    if (string->length != length) continue;
    if (length == 0 || std::memcmp(string->text, text.data(), length) == 0) return string;
  }

  String* string = makeString(vm, length, true);
  string->flags = stringIsShort | stringIsHashed;
  if (length >= 2 && text[0] == '_' && text[1] == '_') string->flags |= stringIsEventLike;
  string->aux = hash;
  if (length != 0) std::memcpy(string->text, text.data(), length);

  // Entries and removed ones together fill at most three quarters.
  if ((table->count + table->removed + 1) * 4 > (table->mask + 1) * 3) {
    size_t capacity = table->mask + 1;
    while ((table->count + 1) * 8 > capacity * 5) capacity *= 2;
    resizeTable(vm, capacity);
  }
  position = hash & table->mask;
  while (holdsString(table->entries[position])) position = (position + 1) & table->mask;
  if (table->entries[position] == removedEntry) --table->removed;
  table->entries[position] = entryOf(string);
  ++table->count;
  return string;
}

String* newLongString(VM& vm, size_t length) {
  if (length > SIZE_MAX / 4) return nullptr;
  String* string = makeString(vm, length, false);
  if (string != nullptr) string->aux = vm.seed;  // until it is hashed
  return string;
}

void sweepStrings(VM& vm) {
  StringTable& table = *vm.strings;
  const size_t countBefore = table.count;
  // From the end, so that a removed entry before an empty one can become empty as well.
  bool nextIsEmpty = table.entries[0] == emptyEntry;
  for (size_t i = table.mask + 1; i-- > 0;) {
    uint64_t& entry = table.entries[i];
    if (holdsString(entry) && !isCellMarked(stringOf(entry))) {
      entry = removedEntry;
      --table.count;
      ++table.removed;
    }
    if (entry == removedEntry && nextIsEmpty) {
      entry = emptyEntry;
      --table.removed;
    }
    nextIsEmpty = entry == emptyEntry;
  }
  // What there was before will be there again before the next collection.
  size_t capacity = table.mask + 1;
  while (capacity > firstCapacity && countBefore * 8 < capacity) capacity /= 2;
  if (capacity != table.mask + 1) resizeTable(vm, capacity);
}

bool equalStrings(const String* left, const String* right) {
  if (left == right) return true;
  if (left->isShort() || right->isShort() || left->length != right->length) return false;
  return std::memcmp(left->text, right->text, left->length) == 0;
}

uint32_t hashOf(String* string) {
  if ((string->flags & stringIsHashed) == 0) {
    // An unhashed string holds the seed where its hash will be.
    string->aux = hashBytes(string->text, string->length, string->aux);
    string->flags |= stringIsHashed;
  }
  return string->aux;
}

}  // namespace selvage
