// The utf8 library (manual 6.5). Code points go up to 2^31 where a function is told to be lax.
#include <bit>
#include <climits>
#include <optional>

#include "stdlib/libraries.hpp"
#include "stdlib/string_buffer.hpp"

namespace selvage {

namespace {

constexpr uint32_t maxCodePoint = 0x7FFFFFFF;  // six bytes
constexpr uint32_t maxUnicode = 0x10FFFF;
constexpr int maxSequenceBytes = 6;
constexpr std::string_view invalidCode = "invalid UTF-8 code";
// Any character of a valid string. Contains a NUL.
constexpr std::string_view characterPattern("[\0-\x7F\xC2-\xFD][\x80-\xBF]*", 14);

constexpr bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// A position as utf8 functions take it: unlike in the string library 0 stays 0.
constexpr int64_t resolvePosition(int64_t position, size_t length) {
  if (position >= 0) return position;
  if (position < -static_cast<int64_t>(length)) return 0;
  return static_cast<int64_t>(length) + position + 1;
}

struct Decoded {
  uint32_t codePoint;
  const char* next;
};

// The sequence at `at`. Lua strings end with a NUL, which is no continuation byte, so this cannot run off the end.
std::optional<Decoded> decode(const char* at, bool isStrict) {
  const auto first = static_cast<unsigned char>(*at);
  if (first < 0x80) return Decoded{first, at + 1};
  const int length = std::countl_one(first);
  if (length < 2 || length > maxSequenceBytes) return std::nullopt;
  uint32_t codePoint = first & (0x7FU >> length);
  for (int i = 1; i < length; ++i) {
    if (!isContinuation(at[i])) return std::nullopt;
    codePoint = codePoint << 6 | (static_cast<unsigned char>(at[i]) & 0x3FU);
  }
  constexpr uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000};
  if (codePoint < least[length]) return std::nullopt;
  if (isStrict && (codePoint > maxUnicode || (codePoint >= 0xD800 && codePoint <= 0xDFFF))) return std::nullopt;
  return Decoded{codePoint, at + length};
}

// Writes up to maxSequenceBytes bytes and returns their number.
int encode(uint32_t codePoint, char* out) {
  if (codePoint < 0x80) {
    out[0] = static_cast<char>(codePoint);
    return 1;
  }
  int length = 2;
  while (length < maxSequenceBytes && codePoint >> (5 * length + 1) != 0) ++length;
  for (int i = length - 1; i > 0; --i) {
    out[i] = static_cast<char>(0x80 | (codePoint & 0x3F));
    codePoint >>= 6;
  }
  out[0] = static_cast<char>((0xFF00U >> length) | codePoint);
  return length;
}

int utf8Char(NativeCall& call) {
  StringBuffer buffer(call.vm);
  for (uint32_t i = 0; i < call.count; ++i) {
    int64_t code;
    if (!call.checkInteger(i, code)) return nativeFailed;
    if (static_cast<uint64_t>(code) > maxCodePoint) return call.failArgument(i, "value out of range");
    if (char* room = buffer.prepare(maxSequenceBytes)) {
      buffer.commit(static_cast<size_t>(encode(static_cast<uint32_t>(code), room)));
    }
  }
  String* result = buffer.finish(call.vm);
  return result == nullptr ? call.failMemory() : call.returns(Value::string(result));
}

int utf8Len(NativeCall& call) {
  String* text;
  int64_t from;
  int64_t to;
  if (!call.checkString(0, text) || !call.optionalInteger(1, 1, from) || !call.optionalInteger(2, -1, to)) {
    return nativeFailed;
  }
  const auto length = static_cast<int64_t>(text->length);
  int64_t position = resolvePosition(from, text->length) - 1;
  const int64_t last = resolvePosition(to, text->length) - 1;
  const bool isStrict = call.argumentOrNil(3).isFalsy();
  if (position < 0 || position > length) return call.failArgument(1, "initial position out of bounds");
  if (last >= length) return call.failArgument(2, "final position out of bounds");
  int64_t count = 0;
  while (position <= last) {
    const auto decoded = decode(text->text + position, isStrict);
    if (!decoded) return call.returns(Value::nil(), Value::integer(position + 1));
    position = decoded->next - text->text;
    ++count;
  }
  return call.returns(Value::integer(count));
}

int utf8Codepoint(NativeCall& call) {
  String* text;
  int64_t from;
  int64_t to;
  if (!call.checkString(0, text) || !call.optionalInteger(1, 1, from)) return nativeFailed;
  const int64_t first = resolvePosition(from, text->length);
  if (!call.optionalInteger(2, first, to)) return nativeFailed;
  const int64_t last = resolvePosition(to, text->length);
  const bool isStrict = call.argumentOrNil(3).isFalsy();
  if (first < 1) return call.failArgument(1, "out of bounds");
  if (last > static_cast<int64_t>(text->length)) return call.failArgument(2, "out of bounds");
  if (first > last) return 0;
  if (last - first >= INT_MAX) return call.fail("string slice too long");
  if (!call.reserve(static_cast<uint32_t>(last - first + 1))) {
    return call.fail("stack overflow (string slice too long)");
  }
  int count = 0;
  for (const char* at = text->text + first - 1; at < text->text + last; ++count) {
    const auto decoded = decode(at, isStrict);
    if (!decoded) return call.fail(invalidCode);
    call.push(Value::integer(decoded->codePoint));
    at = decoded->next;
  }
  return count;
}

int utf8Offset(NativeCall& call) {
  String* text;
  int64_t characters;
  int64_t from;
  if (!call.checkString(0, text) || !call.checkInteger(1, characters)) return nativeFailed;
  const auto length = static_cast<int64_t>(text->length);
  if (!call.optionalInteger(2, characters >= 0 ? 1 : length + 1, from)) return nativeFailed;
  int64_t position = resolvePosition(from, text->length) - 1;
  if (position < 0 || position > length) return call.failArgument(2, "position out of bounds");
  const auto isInside = [text](int64_t at) { return isContinuation(text->text[at]); };
  if (characters == 0) {
    while (position > 0 && isInside(position)) --position;
    return call.returns(Value::integer(position + 1));
  }
  if (isInside(position)) return call.fail("initial position is a continuation byte");
  if (characters < 0) {
    for (; characters < 0 && position > 0; ++characters) {
      do {
        --position;
      } while (position > 0 && isInside(position));
    }
  } else {
    for (--characters; characters > 0 && position < length; --characters) {
      do {
        ++position;
      } while (isInside(position));
    }
  }
  return call.returns(characters == 0 ? Value::integer(position + 1) : Value::nil());
}

// The iterator of utf8.codes: from a byte position to the next character.
template <bool isStrict>
int utf8Next(NativeCall& call) {
  String* text;
  if (!call.checkString(0, text)) return nativeFailed;
  const Value control = call.argumentOrNil(1);
  auto position = control.isInteger() ? static_cast<uint64_t>(control.integer()) : 0;
  if (position < text->length) {
    while (isContinuation(text->text[position])) ++position;
  }
  if (position >= text->length) return 0;
  const auto decoded = decode(text->text + position, isStrict);
  if (!decoded || isContinuation(*decoded->next)) return call.fail(invalidCode);
  return call.returns(Value::integer(static_cast<int64_t>(position) + 1), Value::integer(decoded->codePoint));
}

constexpr NativeCode strictIterator = makeNative("for iterator", utf8Next<true>);
constexpr NativeCode laxIterator = makeNative("for iterator", utf8Next<false>);

int utf8Codes(NativeCall& call) {
  String* text;
  if (!call.checkString(0, text)) return nativeFailed;
  if (isContinuation(text->text[0])) return call.failArgument(0, invalidCode);
  const bool isLax = !call.argumentOrNil(1).isFalsy();
  NativeFunction* iterator = newNativeFunction(call.vm, isLax ? laxIterator : strictIterator);
  if (iterator == nullptr) return call.failMemory();
  call.push(Value::function(iterator));
  call.push(Value::string(text));
  call.push(Value::integer(0));
  return 3;
}

constexpr NativeCode codes[] = {
    makeNative("char", utf8Char), makeNative("codepoint", utf8Codepoint), makeNative("codes", utf8Codes),
    makeNative("len", utf8Len),   makeNative("offset", utf8Offset),
};

}  // namespace

Table* openUtf8Library(VM& vm) {
  Table* library = newLibrary(vm, codes);
  setField(vm, library, "charpattern", Value::string(newString(vm, characterPattern)));
  return library;
}

}  // namespace selvage
