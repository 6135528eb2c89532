// Strings and the table that interns the short ones.
//
// A string of at most `maxShortLength` bytes exists once in a VM, so equality is pointer equality; a longer one is
// compared by content and hashes when it is first used as a key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "vm/object.hpp"

namespace selvage {

constexpr size_t maxShortLength = 40;

// Object::flags of a string.
enum StringFlag : uint8_t {
  stringIsShort = 1,     // interned
  stringIsHashed = 2,    // Object::aux holds the hash (always so for short ones)
  stringIsEventLike = 4  // begins with "__": a store under such a key may change a metatable's meaning
};

struct String : Object {  // aux: the hash
  uint64_t length;        // bytes, without the final NUL
  uint8_t event;          // index of the metamethod event with this name plus 1, or 0
  uint8_t reserved;       // plus 1, the lexer's number of the reserved word, or 0
  char text[6];           // really length + 1 bytes, NUL-terminated; contents may hold NULs

  bool isShort() const { return (flags & stringIsShort) != 0; }
  std::string_view view() const { return {text, length}; }
};
static_assert(sizeof(String) == 24);
constexpr size_t stringHeaderBytes = offsetof(String, text);

// What the hashes of a VM's strings depend on besides the strings; secret, or a script could be given keys that all meet.
struct HashSecret {
  uint64_t initial;
  uint64_t first;
  uint64_t second;
};
// Of 32 random bits, which is all that a long string can carry until it is hashed.
HashSecret hashSecretOf(uint32_t seed);

// Content equality; pointer equality suffices when either is short.
bool equalStrings(const String* left, const String* right);
// The hash of any string; computes and keeps it for long ones.
uint32_t hashOf(String* string);

}  // namespace selvage
