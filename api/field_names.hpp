// The strings of names that C code gives as text, remembered by the text's address, and where tables had fields of
// these names.
//
// C code mostly names fields, globals and types by literals, the same ones again and again. Comparing such a text with
// what stood at its address last is quicker than to look for it among all strings; and a table of the same shape as the
// last one has the field in the same place. What is remembered keeps no string and no shape alive: a collection, after
// which either may be gone, makes all of it void.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "vm/heap_impl.hpp"
#include "vm/shape.hpp"
#include "vm/string.hpp"

namespace selvage::api {

// A text's bytes with its final NUL, as the aligned words that they lie in. Such a word never reaches into a page that
// the text is not in, so that whole words can be compared before it is known how long a text at the same address is
// now.
class TextWords {
 public:
  TextWords() = default;
  TextWords(const char* text, size_t length) {
    const size_t begin = reinterpret_cast<uintptr_t>(text) % wordBytes;
    const size_t end = begin + length + 1;
    last_ = (end - 1) / wordBytes;
    lastMask_ = ~uint64_t{0} >> (8 * (wordBytes * (last_ + 1) - end));
    firstMask_ = ~uint64_t{0} << (8 * begin);
    if (last_ == 0) firstMask_ = lastMask_ &= firstMask_;
    const char* const word = text - begin;
    for (size_t i = 0; i <= last_; ++i) words_[i] = wordAt(word, i) & (i == last_ ? lastMask_ : ~uint64_t{0});
    words_[0] &= firstMask_;
  }

  // Whether the text at the same address is the same.
  bool areAt(const char* text) const {
    const char* const word = text - reinterpret_cast<uintptr_t>(text) % wordBytes;
    if ((wordAt(word, 0) & firstMask_) != words_[0]) return false;
    if (last_ == 0) [[unlikely]]
      return true;
    for (size_t i = 1; i != last_; ++i) {
      asm("" : "+r"(i));  // an index, in one register, not two pointers
      if (wordAt(word, i) != words_[i]) return false;
    }
    return (wordAt(word, last_) & lastMask_) == words_[last_];
  }

 private:
  static constexpr size_t wordBytes = sizeof(uint64_t);
  static constexpr size_t maxWords = (wordBytes - 1 + maxShortLength + 1 + wordBytes - 1) / wordBytes;

  // What the text's neighbours in a word are does not matter, nor does it matter that they belong to others.
  [[clang::no_sanitize("address")]] static uint64_t wordAt(const char* words, size_t i) {
    uint64_t word;
    __builtin_memcpy(&word, words + i * wordBytes, wordBytes);
    return word;
  }

  uint64_t firstMask_ = 0;
  uint64_t lastMask_ = 0;
  size_t last_ = 0;
  std::array<uint64_t, maxWords> words_{};
};

// A name that C code gave.
struct FieldName {
  const char* address = nullptr;
  String* string = nullptr;
  Shape* shape = nullptr;        // of the table that had a field of this name last
  int64_t field = 0;             // its index there
  Shape* shapeBefore = nullptr;  // of the table that the field was added to last, without metatable
  Shape* shapeAfter = nullptr;
  TextWords words;

  bool isFieldOf(const Table* table) const { return shape == table->shape; }
};

class FieldNames {
 public:
  // What is remembered of this text since the latest collection, or null.
  FieldName* find(const VM& vm, const char* text) {
    FieldName& name = names_[placeOf(text)];
    const bool isKnown = name.address == text && vm.heap.impl->collections == collection_ && name.words.areAt(text);
    return isKnown ? &name : nullptr;
  }

  // The string with this text is remembered, unless it is a long one: those are not unique.
  void remember(const VM& vm, const char* text, String* string) {
    const uint64_t collection = vm.heap.impl->collections;
    if (collection != collection_) names_.fill({});
    collection_ = collection;
    if (!string->isShort()) return;
    names_[placeOf(text)] = {.address = text, .string = string, .words = TextWords(text, string->length)};
  }

 private:
  static constexpr int bits = 7;
  static size_t placeOf(const char* text) {
    constexpr uint64_t spread = 0x9E3779B97F4A7C15;
    return (reinterpret_cast<uintptr_t>(text) * spread) >> (64 - bits);
  }

  std::array<FieldName, size_t{1} << bits> names_{};
  uint64_t collection_ = 0;
};

}  // namespace selvage::api
