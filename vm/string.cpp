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

// As wyhash does it, with both factors of each product depending on the secret: with public constants in one of them
// strings can be chosen that make it 0, whatever the seed.
uint32_t hashBytes(const char* text, size_t length, const HashSecret& secret) {
  constexpr uint64_t lengthFactor = 0xC2B2AE3D27D4EB4F;
  uint64_t state = secret.initial ^ length * lengthFactor;
  uint64_t first = 0;
  uint64_t last = 0;
  if (length > 16) {
    const char* p = text;
    const char* end = text + length;
    for (; end - p > 16; p += 16) state = fold(readEight(p) ^ secret.first, readEight(p + 8) ^ state);
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
  // Twice: neighbours differ by one factor of the first product, and would be evenly spaced.
  const uint64_t hash = fold(fold(first ^ secret.second, last ^ state), secret.first);
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

HashSecret hashSecretOf(uint32_t seed) {
  // SplitMix64.
  uint64_t counter = seed;
  const auto next = [&] {
    uint64_t z = counter += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
  };
  return {next(), next(), next()};
}

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
  const uint32_t hash = hashBytes(text.data(), length, vm.hashSecret);
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
    string->aux = hashBytes(string->text, string->length, hashSecretOf(string->aux));
    string->flags |= stringIsHashed;
  }
  return string->aux;
}

}  // namespace selvage
