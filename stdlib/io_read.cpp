// Reading from files: the formats of file:read (manual 6.8).
#include <langinfo.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>

#include "stdlib/io_file.hpp"
#include "vm/format_text.hpp"
#include "vm/number.hpp"

namespace selvage {

namespace {

enum class ReadResult { Read, Nothing, Failed };

ReadResult pushText(NativeCall& call, std::string_view text) {
  const String* string = newString(call.vm, text);
  if (string == nullptr) {
    call.failMemory();
    return ReadResult::Failed;
  }
  call.push(Value::string(string));
  return ReadResult::Read;
}

ReadResult readLine(NativeCall& call, FILE* stream, bool keepsEnd) {
  std::array<char, 256> buffer;
  Text longLine(call.vm);
  size_t count = 0;
  int c;
  flockfile(stream);
  while ((c = getc_unlocked(stream)) != EOF && c != '\n') {
    if (count == buffer.size()) {
      longLine.append(buffer.data(), count);
      count = 0;
      if (!call.mayGoOn()) {
        funlockfile(stream);
        return ReadResult::Failed;
      }
    }
    buffer[count++] = static_cast<char>(c);
  }
  funlockfile(stream);
  const bool hasEnd = c == '\n';
  if (!hasEnd && count == 0 && longLine.empty()) return ReadResult::Nothing;
  const bool isShort = longLine.empty() && !(hasEnd && keepsEnd);
  if (isShort) return pushText(call, {buffer.data(), count});
  longLine.append(buffer.data(), count);
  if (hasEnd && keepsEnd) longLine.push_back('\n');
  return pushText(call, longLine);
}

ReadResult readAll(NativeCall& call, FILE* stream) {
  Text text(call.vm);
  std::array<char, 1 << 14> buffer;
  size_t count;
  do {
    count = std::fread(buffer.data(), 1, buffer.size(), stream);
    text.append(buffer.data(), count);
    if (!call.mayGoOn()) return ReadResult::Failed;
  } while (count == buffer.size());
  return pushText(call, text);
}

ReadResult readBytes(NativeCall& call, FILE* stream, size_t wanted) {
  if (wanted == 0) {
    const int c = std::getc(stream);
    if (c == EOF) return ReadResult::Nothing;
    std::ungetc(c, stream);
    return pushText(call, {});
  }
  // In pieces: somebody may ask for far more than there is.
  constexpr size_t piece = 1 << 20;
  Text text(call.vm);
  while (text.size() < wanted) {
    const size_t before = text.size();
    const size_t step = std::min(piece, wanted - before);
    text.resize(before + step);
    const size_t count = std::fread(text.data() + before, 1, step, stream);
    text.resize(before + count);
    if (count < step) break;
    if (!call.mayGoOn()) return ReadResult::Failed;
  }
  return text.empty() ? ReadResult::Nothing : pushText(call, text);
}

// Follows the grammar of numerals as far as the input does, one character at a time: what is not part of a numeral
// stays unread.
class NumeralReader {
 public:
  explicit NumeralReader(FILE* stream) : stream_(stream) {}

  // The numeral or what was read of it.
  std::string_view read() {
    do {
      advance();
    } while (isSpace());
    take("+-");
    bool isHexadecimal = false;
    int digits = 0;
    if (take("0")) {
      isHexadecimal = take("xX");
      if (!isHexadecimal) digits = 1;
    }
    digits += takeDigits(isHexadecimal);
    const char point[] = {*nl_langinfo(RADIXCHAR), '.', '\0'};
    if (take(point)) digits += takeDigits(isHexadecimal);
    if (digits > 0 && take(isHexadecimal ? "pP" : "eE")) {
      take("+-");
      takeDigits(false);
    }
    std::ungetc(current_, stream_);
    return isTooLong_ ? std::string_view{} : std::string_view(text_.data(), length_);
  }

 private:
  void advance() { current_ = std::getc(stream_); }
  bool isSpace() const { return current_ == ' ' || (current_ >= '\t' && current_ <= '\r'); }

  bool keep() {
    if (length_ == text_.size()) {
      isTooLong_ = true;
      return false;
    }
    text_[length_++] = static_cast<char>(current_);
    advance();
    return true;
  }
  bool take(std::string_view accepted) {
    return current_ != EOF && accepted.find(static_cast<char>(current_)) != std::string_view::npos && keep();
  }
  int takeDigits(bool isHexadecimal) {
    int count = 0;
    while (take(isHexadecimal ? "0123456789abcdefABCDEF" : "0123456789")) ++count;
    return count;
  }

  FILE* stream_;
  int current_ = EOF;
  std::array<char, 200> text_{};  // the reference's longest numeral
  size_t length_ = 0;
  bool isTooLong_ = false;
};

ReadResult readNumber(NativeCall& call, FILE* stream) {
  const auto number = parseNumber(NumeralReader(stream).read());
  if (!number) return ReadResult::Nothing;
  call.push(*number);
  return ReadResult::Read;
}

ReadResult failFormat(NativeCall& call, uint32_t number, std::string_view message) {
  call.failArgument(number - 1, message);
  return ReadResult::Failed;
}

ReadResult readFormat(NativeCall& call, FILE* stream, Value format, uint32_t number) {
  if (format.isNumber()) {
    const auto count = toInteger(format);
    if (!count) return failFormat(call, number, "number has no integer representation");
    if (*count < 0) {
      call.failMemory();  // as a size it is absurd
      return ReadResult::Failed;
    }
    return readBytes(call, stream, static_cast<size_t>(*count));
  }
  if (!format.isString()) {
    // The formats of an iterator of lines are not its arguments.
    return failFormat(call, number,
                      formatText(call.vm, "string expected, got {}", typeNameForMessage(call.vm, format)));
  }
  std::string_view text = format.string()->view();
  if (text.starts_with('*')) text.remove_prefix(1);  // as in older versions
  switch (text.empty() ? '\0' : text[0]) {
    case 'n': return readNumber(call, stream);
    case 'l': return readLine(call, stream, false);
    case 'L': return readLine(call, stream, true);
    case 'a': return readAll(call, stream);
    default: return failFormat(call, number, "invalid format");
  }
}

}  // namespace

int readFormats(NativeCall& call, IoFile& file, std::span<const Value> formats, uint32_t firstNumber) {
  if (!call.reserve(static_cast<uint32_t>(formats.size()) + nativeMinimumSlots)) return nativeFailed;
  std::clearerr(file.stream);
  int count = 0;
  ReadResult result = ReadResult::Read;
  if (formats.empty()) {
    result = readLine(call, file.stream, false);
    count = 1;
  }
  for (size_t i = 0; i < formats.size() && result == ReadResult::Read; ++i) {
    result = readFormat(call, file.stream, formats[i], firstNumber + static_cast<uint32_t>(i));
    ++count;
  }
  if (result == ReadResult::Failed) return nativeFailed;
  if (std::ferror(file.stream) != 0) return returnsFileResult(call, false);
  if (result == ReadResult::Nothing) call.push(Value::nil());
  return count;
}

}  // namespace selvage
