// Strings: making, hashing and comparing them.

#include "vm/string.hpp"

#include <cstring>
#include <new>

#include "vm/heap_impl.hpp"
#include "vm/string_table.hpp"

namespace selvage {

namespace {

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

String* makeString(VM& vm, size_t length) {
  const size_t bytes = stringHeaderBytes + length + 1;
  auto* string = static_cast<String*>(allocateOften(vm, bytes, ObjectKind::String));
  if (string == nullptr) return nullptr;
  string->length = length;
  string->event = 0;
  string->reserved = 0;
  string->text[length] = '\0';
  return string;
}

}  // namespace

void initializeStrings(VM& vm) {
  vm.strings = makeIn<StringTable>(vm.memory, vm.memory);
  if (!vm.strings->grow()) throw std::bad_alloc();
}

void destroyStrings(VM& vm) {
  destroyIn(vm.memory, vm.strings);
  vm.strings = nullptr;
}

String* newString(VM& vm, std::string_view text) {
  const size_t length = text.size();
  if (length > maxShortLength) {
    String* string = newLongString(vm, length);
    if (string == nullptr) throw std::bad_alloc();
    std::memcpy(string->text, text.data(), length);
    return string;
  }
  if (length == 1) {
    // Null while the VM is being made.
    if (String* byte = vm.byteStrings[static_cast<uint8_t>(text[0])]; byte != nullptr) return byte;
  }
  const uint32_t hash = hashBytes(text.data(), length, vm.seed);
  if (String* known = vm.strings->find(text, hash); known != nullptr) return known;

  if (!vm.strings->hasRoom() && !vm.strings->grow()) throw std::bad_alloc();
  String* string = makeString(vm, length);
  if (string == nullptr) throw std::bad_alloc();
  string->flags = stringIsShort | stringIsHashed;
  if (length >= 2 && text[0] == '_' && text[1] == '_') string->flags |= stringIsEventLike;
  string->aux = hash;
  if (length != 0) std::memcpy(string->text, text.data(), length);

  vm.strings->insert(string);
  return string;
}

String* newLongString(VM& vm, size_t length) {
  if (length > SIZE_MAX / 4) return nullptr;
  String* string = makeString(vm, length);
  if (string != nullptr) string->aux = vm.seed;  // until it is hashed
  return string;
}

void sweepStrings(VM& vm) {
  vm.strings->sweep([](String* string) { return isCellMarked(string); });
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
