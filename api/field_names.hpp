// The strings of names that C code gives as text, remembered by the text's address.
//
// C code mostly names fields, globals and types by literals, the same ones again and again. Comparing such a text with
// the string that its address stood for last is quicker than to look for it among all strings. What is remembered keeps
// no string alive: a collection, after which strings may be gone, makes all of it void.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "vm/string.hpp"

namespace selvage::api {

class FieldNames {
 public:
  // The string with this text if the address stood for it since the collection with this number, otherwise null.
  String* find(const char* text, uint64_t collection) const {
    const Entry& entry = entries_[placeOf(text)];
    const bool isKnown =
        collection == collection_ && entry.address == text && std::strcmp(entry.string->text, text) == 0;
    return isKnown ? entry.string : nullptr;
  }

  void remember(const char* text, String* string, uint64_t collection) {
    if (collection != collection_) entries_.fill({});
    collection_ = collection;
    // Long strings are not unique.
    if (string->isShort()) entries_[placeOf(text)] = {text, string};
  }

 private:
  struct Entry {
    const char* address;
    String* string;
  };
  static constexpr int bits = 6;
  static size_t placeOf(const char* text) {
    constexpr uint64_t spread = 0x9E3779B97F4A7C15;
    return (reinterpret_cast<uintptr_t>(text) * spread) >> (64 - bits);
  }

  std::array<Entry, size_t{1} << bits> entries_{};
  uint64_t collection_ = 0;
};

}  // namespace selvage::api
