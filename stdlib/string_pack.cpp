// Binary formats: one reader of format strings, and the three functions that follow what it reads.
#include "stdlib/string_pack.hpp"

#include <algorithm>
#include <bit>
#include <climits>
#include <limits>

#include "stdlib/string_buffer.hpp"
#include "vm/format_text.hpp"
#include "vm/string_positions.hpp"

namespace selvage {

namespace {

enum class PackKind : uint8_t {
  SignedInteger,
  UnsignedInteger,
  Float,
  Double,
  FixedText,
  CountedText,
  ZeroTerminated,
  Padding,
  Alignment,
  Nothing
};

constexpr int maxIntegerBytes = 16;
constexpr int integerBytes = sizeof(int64_t);
constexpr int nativeAlignment = alignof(std::max_align_t) < 8 ? static_cast<int>(alignof(std::max_align_t)) : 8;
constexpr size_t maxPackedSize = INT_MAX;  // for packsize, as in the reference

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }

struct PackItem {
  PackKind kind = PackKind::Nothing;
  int size = 0;       // bytes of its fixed part
  int alignment = 0;  // bytes of padding before it
};

// Reads a format item by item and keeps the settings that its options change.
class PackFormat {
 public:
  PackFormat(NativeCall& call, std::string_view text) : call_(call), at_(text.data()), end_(at_ + text.size()) {
    // The reference's formats end at the first zero byte.
    if (const size_t zero = text.find('\0'); zero != std::string_view::npos) end_ = at_ + zero;
  }

  bool isAtEnd() const { return at_ == end_; }
  bool isLittle() const { return isLittle_; }

  // The next item when `offset` bytes come before it. False after an error was raised.
  bool next(size_t offset, PackItem& item) {
    if (!readOption(item.kind, item.size)) return false;
    int align = item.size;
    if (item.kind == PackKind::Alignment) {  // aligned as the option that follows, which is only looked at
      PackKind following = PackKind::Nothing;
      if (!isAtEnd() && !readOption(following, align)) return false;
      if (following == PackKind::FixedText || align == 0) {
        call_.failArgument(0, "invalid next option for option 'X'");
        return false;
      }
    }
    item.alignment = 0;
    if (align <= 1 || item.kind == PackKind::FixedText) return true;
    align = std::min(align, maxAlignment_);
    if (!std::has_single_bit(static_cast<unsigned>(align))) {
      call_.failArgument(0, "format asks for alignment not power of 2");
      return false;
    }
    const auto mask = static_cast<size_t>(align - 1);
    item.alignment = static_cast<int>((0 - offset) & mask);
    return true;
  }

 private:
  bool readOption(PackKind& kind, int& size) {
    const char option = *at_++;
    const auto is = [&](PackKind itsKind, size_t itsSize) {
      kind = itsKind;
      size = static_cast<int>(itsSize);
      return true;
    };
    switch (option) {
      case 'b': return is(PackKind::SignedInteger, 1);
      case 'B': return is(PackKind::UnsignedInteger, 1);
      case 'h': return is(PackKind::SignedInteger, sizeof(short));
      case 'H': return is(PackKind::UnsignedInteger, sizeof(short));
      case 'l': return is(PackKind::SignedInteger, sizeof(long));
      case 'L': return is(PackKind::UnsignedInteger, sizeof(long));
      case 'j': return is(PackKind::SignedInteger, sizeof(int64_t));
      case 'J': return is(PackKind::UnsignedInteger, sizeof(int64_t));
      case 'T': return is(PackKind::UnsignedInteger, sizeof(size_t));
      case 'f': return is(PackKind::Float, sizeof(float));
      case 'n':
      case 'd': return is(PackKind::Double, sizeof(double));
      case 'i': kind = PackKind::SignedInteger; return readIntegerSize(sizeof(int), size);
      case 'I': kind = PackKind::UnsignedInteger; return readIntegerSize(sizeof(int), size);
      case 's': kind = PackKind::CountedText; return readIntegerSize(sizeof(size_t), size);
      case 'c':
        kind = PackKind::FixedText;
        size = readNumber(-1);
        if (size != -1) return true;
        call_.fail("missing size for format option 'c'");
        return false;
      case 'z': return is(PackKind::ZeroTerminated, 0);
      case 'x': return is(PackKind::Padding, 1);
      case 'X': return is(PackKind::Alignment, 0);
      case ' ': return is(PackKind::Nothing, 0);
      case '<': isLittle_ = true; return is(PackKind::Nothing, 0);
      case '>': isLittle_ = false; return is(PackKind::Nothing, 0);
      case '=': isLittle_ = isNativeLittle; return is(PackKind::Nothing, 0);
      case '!': is(PackKind::Nothing, 0); return readIntegerSize(nativeAlignment, maxAlignment_);
      default: call_.fail(formatText(call_.vm, "invalid format option '{}'", option)); return false;
    }
  }

  int readNumber(int defaultNumber) {
    if (isAtEnd() || !isDigit(*at_)) return defaultNumber;
    int number = 0;
    do {
      number = number * 10 + (*at_++ - '0');
    } while (!isAtEnd() && isDigit(*at_) && number <= (INT_MAX - 9) / 10);
    return number;
  }

  bool readIntegerSize(int defaultSize, int& size) {
    const int number = readNumber(defaultSize);
    if (number < 1 || number > maxIntegerBytes) {
      call_.fail(formatText(call_.vm, "integral size ({}) out of limits [1,{}]", number, maxIntegerBytes));
      return false;
    }
    size = number;
    return true;
  }

  static constexpr bool isNativeLittle = std::endian::native == std::endian::little;
  NativeCall& call_;
  const char* at_;
  const char* end_;
  bool isLittle_ = isNativeLittle;
  int maxAlignment_ = 1;
};

// The lowest `size` bytes of an integer, at most eight.
void storeBytes(char* out, uint64_t integer, bool isLittle, int size) {
  if (isLittle) {
    for (int i = 0; i < size; ++i) out[i] = static_cast<char>(integer >> (8 * i));
  } else {
    for (int i = 0; i < size; ++i) out[size - 1 - i] = static_cast<char>(integer >> (8 * i));
  }
}

uint64_t loadBytes(const char* data, bool isLittle, int size) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(data);
  uint64_t integer = 0;
  if (isLittle) {
    for (int i = size; i-- > 0;) integer = integer << 8 | bytes[i];
  } else {
    for (int i = 0; i < size; ++i) integer = integer << 8 | bytes[i];
  }
  return integer;
}

void packInteger(StringBuffer& buffer, uint64_t integer, bool isLittle, int size, bool isNegative) {
  char* room = buffer.prepare(static_cast<size_t>(size));
  if (room == nullptr) return;
  switch (size) {  // known sizes become one or two machine instructions
    case 1: *room = static_cast<char>(integer); break;
    case 2: storeBytes(room, integer, isLittle, 2); break;
    case 4: storeBytes(room, integer, isLittle, 4); break;
    case 8: storeBytes(room, integer, isLittle, 8); break;
    default: {
      const int extension = std::max(size - integerBytes, 0);
      char* const low = isLittle ? room : room + extension;
      storeBytes(low, integer, isLittle, size - extension);
      std::memset(isLittle ? room + size - extension : room, isNegative ? 0xFF : 0, static_cast<size_t>(extension));
    }
  }
  buffer.commit(static_cast<size_t>(size));
}

// False after raising the error for an integer that does not fit.
bool unpackInteger(NativeCall& call, const char* data, bool isLittle, int size, bool isSigned, int64_t& result) {
  uint64_t integer;
  switch (size) {
    case 1: integer = static_cast<unsigned char>(*data); break;
    case 2: integer = loadBytes(data, isLittle, 2); break;
    case 4: integer = loadBytes(data, isLittle, 4); break;
    case 8: integer = loadBytes(data, isLittle, 8); break;
    default: {
      const int extension = std::max(size - integerBytes, 0);
      integer = loadBytes(isLittle ? data : data + extension, isLittle, size - extension);
      const char expected = static_cast<char>(isSigned && static_cast<int64_t>(integer) < 0 ? 0xFF : 0);
      const char* const upper = isLittle ? data + size - extension : data;
      if (std::any_of(upper, upper + extension, [expected](char byte) { return byte != expected; })) {
        call.fail(formatText(call.vm, "{}-byte integer does not fit into Lua Integer", size));
        return false;
      }
    }
  }
  if (isSigned && size < integerBytes) {
    const uint64_t sign = uint64_t{1} << (size * 8 - 1);
    integer = (integer ^ sign) - sign;
  }
  result = static_cast<int64_t>(integer);
  return true;
}

template <class Float, class Bits>
void packFloat(StringBuffer& buffer, double number, bool isLittle) {
  packInteger(buffer, std::bit_cast<Bits>(static_cast<Float>(number)), isLittle, sizeof(Float), false);
}

// One value of the arguments. False after an error was raised.
bool packItem(NativeCall& call, StringBuffer& buffer, const PackItem& item, bool isLittle, uint32_t argument) {
  const bool mayOverflow = item.size < integerBytes;
  switch (item.kind) {
    case PackKind::SignedInteger: {
      int64_t integer;
      if (!call.checkInteger(argument, integer)) return false;
      if (mayOverflow) {
        const int64_t limit = int64_t{1} << (item.size * 8 - 1);
        if (integer < -limit || integer >= limit) {
          call.failArgument(argument, "integer overflow");
          return false;
        }
      }
      packInteger(buffer, static_cast<uint64_t>(integer), isLittle, item.size, integer < 0);
      return true;
    }
    case PackKind::UnsignedInteger: {
      int64_t integer;
      if (!call.checkInteger(argument, integer)) return false;
      if (mayOverflow && static_cast<uint64_t>(integer) >> (item.size * 8) != 0) {
        call.failArgument(argument, "unsigned overflow");
        return false;
      }
      packInteger(buffer, static_cast<uint64_t>(integer), isLittle, item.size, false);
      return true;
    }
    case PackKind::Float:
    case PackKind::Double: {
      double number;
      if (!call.checkNumber(argument, number)) return false;
      if (item.kind == PackKind::Float) {
        packFloat<float, uint32_t>(buffer, number, isLittle);
      } else {
        packFloat<double, uint64_t>(buffer, number, isLittle);
      }
      return true;
    }
    case PackKind::FixedText: {
      String* text;
      if (!call.checkString(argument, text)) return false;
      const auto size = static_cast<size_t>(item.size);
      if (text->length > size) {
        call.failArgument(argument, "string longer than given size");
        return false;
      }
      buffer.append(text->view());
      buffer.append(size - text->length, '\0');
      return true;
    }
    case PackKind::CountedText: {
      String* text;
      if (!call.checkString(argument, text)) return false;
      if (mayOverflow && text->length >> (item.size * 8) != 0) {
        call.failArgument(argument, "string length does not fit in given size");
        return false;
      }
      packInteger(buffer, text->length, isLittle, item.size, false);
      buffer.append(text->view());
      return true;
    }
    case PackKind::ZeroTerminated: {
      String* text;
      if (!call.checkString(argument, text)) return false;
      if (text->view().find('\0') != std::string_view::npos) {
        call.failArgument(argument, "string contains zeros");
        return false;
      }
      buffer.append(text->view());
      buffer.append('\0');
      return true;
    }
    case PackKind::Padding: buffer.append('\0'); return true;
    case PackKind::Alignment:
    case PackKind::Nothing: return true;
  }
  return true;
}

constexpr bool hasValue(PackKind kind) { return kind < PackKind::Padding; }

// The value of one item whose fixed part is at data[position]; `extra` is what it takes beyond that part.
// False after an error was raised.
bool unpackItem(NativeCall& call, std::string_view data, size_t position, const PackItem& item, bool isLittle,
                Value& value, size_t& extra) {
  const char* at = data.data() + position;
  const size_t rest = data.size() - position;
  int64_t integer = 0;
  std::string_view text;
  switch (item.kind) {
    case PackKind::SignedInteger:
    case PackKind::UnsignedInteger:
      if (!unpackInteger(call, at, isLittle, item.size, item.kind == PackKind::SignedInteger, integer)) return false;
      value = Value::integer(integer);
      return true;
    case PackKind::Float:
      if (!unpackInteger(call, at, isLittle, item.size, false, integer)) return false;
      value = Value::number(std::bit_cast<float>(static_cast<uint32_t>(integer)));
      return true;
    case PackKind::Double:
      if (!unpackInteger(call, at, isLittle, item.size, false, integer)) return false;
      value = Value::number(std::bit_cast<double>(integer));
      return true;
    case PackKind::FixedText: text = {at, static_cast<size_t>(item.size)}; break;
    case PackKind::CountedText: {
      if (!unpackInteger(call, at, isLittle, item.size, false, integer)) return false;
      const auto length = static_cast<uint64_t>(integer);
      if (length > rest - static_cast<size_t>(item.size)) {
        call.failArgument(1, "data string too short");
        return false;
      }
      text = {at + item.size, length};
      extra = length;
      break;
    }
    case PackKind::ZeroTerminated: {
      const auto* zero = static_cast<const char*>(std::memchr(at, '\0', rest));
      if (zero == nullptr) {
        call.failArgument(1, "unfinished string for format 'z'");
        return false;
      }
      text = {at, static_cast<size_t>(zero - at)};
      extra = text.size() + 1;
      break;
    }
    case PackKind::Padding:
    case PackKind::Alignment:
    case PackKind::Nothing: return true;
  }
  String* string = newString(call.vm, text);
  if (string == nullptr) {
    call.failMemory();
    return false;
  }
  value = Value::string(string);
  return true;
}

}  // namespace

int stringPack(NativeCall& call) {
  String* formatText;
  if (!call.checkString(0, formatText)) return nativeFailed;
  PackFormat format(call, formatText->view());
  StringBuffer buffer(call.vm);
  uint32_t argument = 1;
  while (!format.isAtEnd()) {
    PackItem item;
    if (!format.next(buffer.size(), item)) return nativeFailed;
    buffer.append(static_cast<size_t>(item.alignment), '\0');
    if (!packItem(call, buffer, item, format.isLittle(), argument)) return nativeFailed;
    if (buffer.hasFailed()) return call.failMemory();
    if (hasValue(item.kind)) ++argument;
  }
  String* result = buffer.finish(call.vm);
  return result == nullptr ? call.failMemory() : call.returns(Value::string(result));
}

int stringPackSize(NativeCall& call) {
  String* formatText;
  if (!call.checkString(0, formatText)) return nativeFailed;
  PackFormat format(call, formatText->view());
  size_t total = 0;
  while (!format.isAtEnd()) {
    PackItem item;
    if (!format.next(total, item)) return nativeFailed;
    if (item.kind == PackKind::CountedText || item.kind == PackKind::ZeroTerminated) {
      return call.failArgument(0, "variable-length format");
    }
    const size_t size = static_cast<size_t>(item.size) + static_cast<size_t>(item.alignment);
    if (size > maxPackedSize || total > maxPackedSize - size) {
      return call.failArgument(0, "format result too large");
    }
    total += size;
  }
  return call.returns(Value::integer(static_cast<int64_t>(total)));
}

int stringUnpack(NativeCall& call) {
  String* formatText;
  String* dataText;
  int64_t init;
  if (!call.checkString(0, formatText) || !call.checkString(1, dataText) || !call.optionalInteger(2, 1, init)) {
    return nativeFailed;
  }
  const std::string_view data = dataText->view();
  size_t position = startPosition(init, data.size()) - 1;
  if (position > data.size()) return call.failArgument(2, "initial position out of string");
  PackFormat format(call, formatText->view());
  int results = 0;
  while (!format.isAtEnd()) {
    PackItem item;
    if (!format.next(position, item)) return nativeFailed;
    if (static_cast<size_t>(item.alignment) + static_cast<size_t>(item.size) > data.size() - position) {
      return call.failArgument(1, "data string too short");
    }
    position += static_cast<size_t>(item.alignment);
    Value value;
    size_t extra = 0;
    if (!unpackItem(call, data, position, item, format.isLittle(), value, extra)) return nativeFailed;
    if (hasValue(item.kind)) {
      if (!call.reserve(2)) return nativeFailed;
      call.push(value);
      ++results;
    }
    position += static_cast<size_t>(item.size) + extra;
  }
  call.push(Value::integer(static_cast<int64_t>(position) + 1));
  return results + 1;
}

}  // namespace selvage
