// string.format without the C library's printf, which knows locales and is slow: digits come from <charconv> and
// vm/float_text and are laid out here by flags, width and precision. Only '#' with floats and "%a" to a precision,
// which are rare, are left to snprintf.
#include "stdlib/string_format.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

#include "stdlib/string_buffer.hpp"
#include "vm/float_text.hpp"
#include "vm/format_text.hpp"
#include "vm/number.hpp"
#include "vm/operations.hpp"

namespace selvage {

namespace {

// One conversion: '%', flags, width, precision, letter.
struct Conversion {
  std::string_view text;  // all of it
  bool isLeft = false;
  bool hasPlus = false;
  bool hasSpace = false;
  bool isAlternate = false;
  bool hasZeros = false;
  int width = 0;
  int precision = -1;  // none
  char letter = 0;

  bool isPlain() const { return text.size() == 2; }
};

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool isFlag(char c) { return c == '-' || c == '+' || c == '#' || c == '0' || c == ' '; }

// Each kind of conversion accepts some flags.
constexpr std::string_view floatFlags = "-+#0 ";
constexpr std::string_view hexadecimalFlags = "-#0";
constexpr std::string_view integerFlags = "-+0 ";
constexpr std::string_view unsignedFlags = "-0";
constexpr std::string_view textFlags = "-";

// Up to two digits.
int readDigits(const char*& at) {
  int number = 0;
  for (int i = 0; i < 2 && isDigit(*at); ++i) number = number * 10 + (*at++ - '0');
  return number;
}

// Reads flags, width and precision. False after raising the error if something else is before the letter.
bool parseConversion(NativeCall& call, Conversion& conversion, std::string_view flags, bool allowsPrecision) {
  if (conversion.isPlain()) return true;
  const char* at = conversion.text.data() + 1;
  for (; flags.find(*at) != std::string_view::npos; ++at) {
    switch (*at) {
      case '-': conversion.isLeft = true; break;
      case '+': conversion.hasPlus = true; break;
      case ' ': conversion.hasSpace = true; break;
      case '#': conversion.isAlternate = true; break;
      default: conversion.hasZeros = true; break;
    }
  }
  if (*at != '0') {
    conversion.width = readDigits(at);
    if (*at == '.' && allowsPrecision) {
      ++at;
      conversion.precision = readDigits(at);
    }
  }
  if (at == conversion.text.data() + conversion.text.size() - 1) return true;
  call.fail(formatText(call.vm, "invalid conversion specification: '{}'", conversion.text));
  return false;
}

void appendPadded(StringBuffer& buffer, const Conversion& conversion, std::string_view text) {
  const size_t width = static_cast<size_t>(conversion.width);
  const size_t padding = width > text.size() ? width - text.size() : 0;
  if (!conversion.isLeft) buffer.append(padding, ' ');
  buffer.append(text);
  if (conversion.isLeft) buffer.append(padding, ' ');
}

// A number made of a prefix (sign, "0x") and digits; zeros that fill up the width go between the two.
void appendNumber(StringBuffer& buffer, const Conversion& conversion, std::string_view prefix, std::string_view digits,
                  bool fillsWithZeros) {
  const size_t width = static_cast<size_t>(conversion.width);
  const size_t size = prefix.size() + digits.size();
  const size_t padding = width > size ? width - size : 0;
  const bool hasZeros = fillsWithZeros && !conversion.isLeft;
  if (!conversion.isLeft && !hasZeros) buffer.append(padding, ' ');
  buffer.append(prefix);
  if (hasZeros) buffer.append(padding, '0');
  buffer.append(digits);
  if (conversion.isLeft) buffer.append(padding, ' ');
}

std::string_view signOf(const Conversion& conversion, bool isNegative) {
  if (isNegative) return "-";
  if (conversion.hasPlus) return "+";
  return conversion.hasSpace ? " " : "";
}

void makeUpper(char* from, const char* to) {
  for (; from != to; ++from) {
    if (*from >= 'a' && *from <= 'z') *from = static_cast<char>(*from - 'a' + 'A');
  }
}

void appendInteger(StringBuffer& buffer, const Conversion& conversion, int64_t integer) {
  const bool isSigned = conversion.letter == 'd' || conversion.letter == 'i';
  if (isSigned && conversion.isPlain()) {
    if (char* room = buffer.prepare(maxNumberText)) {
      buffer.commit(static_cast<size_t>(std::to_chars(room, room + maxNumberText, integer).ptr - room));
    }
    return;
  }
  std::string_view prefix = "";
  auto magnitude = static_cast<uint64_t>(integer);
  int base = 10;
  if (isSigned) {
    prefix = signOf(conversion, integer < 0);
    if (integer < 0) magnitude = uint64_t{0} - magnitude;
  } else if (conversion.letter == 'o') {
    base = 8;
  } else if (conversion.letter != 'u') {
    base = 16;
    if (conversion.isAlternate && integer != 0) prefix = conversion.letter == 'x' ? "0x" : "0X";
  }
  char text[128];
  char* const digits = text + 100;  // leaves room for a precision's zeros
  char* const end = std::to_chars(digits, text + sizeof text, magnitude, base).ptr;
  if (conversion.letter == 'X') makeUpper(digits, end);
  char* start = digits;
  if (conversion.precision == 0 && integer == 0) start = end;
  while (end - start < conversion.precision) *--start = '0';
  if (base == 8 && conversion.isAlternate && (start == end || *start != '0')) *--start = '0';
  appendNumber(buffer, conversion, prefix, {start, static_cast<size_t>(end - start)},
               conversion.hasZeros && conversion.precision < 0);
}

// A finite, non-negative float as "%a" writes it, without precision.
std::string_view hexadecimalFloat(double magnitude, char* buffer) {
  const auto bits = std::bit_cast<uint64_t>(magnitude);
  uint64_t fraction = bits & ((uint64_t{1} << 52) - 1);
  const int exponentField = static_cast<int>(bits >> 52);
  const int exponent = bits == 0 ? 0 : exponentField == 0 ? -1022 : exponentField - 1023;
  char* out = buffer;
  *out++ = '0';
  *out++ = 'x';
  *out++ = exponentField == 0 ? '0' : '1';
  if (fraction != 0) *out++ = '.';
  for (fraction <<= 12; fraction != 0; fraction <<= 4) *out++ = "0123456789abcdef"[fraction >> 60];
  *out++ = 'p';
  *out++ = exponent < 0 ? '-' : '+';
  out = std::to_chars(out, out + 8, std::abs(exponent)).ptr;
  return {buffer, static_cast<size_t>(out - buffer)};
}

void appendWithPrintf(StringBuffer& buffer, const Conversion& conversion, double number) {
  char format[32];
  std::memcpy(format, conversion.text.data(), conversion.text.size());
  format[conversion.text.size()] = '\0';
  if (char* room = buffer.prepare(maxFloatText)) {
    buffer.commit(static_cast<size_t>(std::snprintf(room, maxFloatText, format, number)));
  }
}

void appendFloat(StringBuffer& buffer, const Conversion& conversion, double number) {
  const char letter = static_cast<char>(conversion.letter | 0x20);
  const bool isFinite = std::isfinite(number);
  if ((conversion.isAlternate || (letter == 'a' && conversion.precision >= 0)) && isFinite) {
    appendWithPrintf(buffer, conversion, number);
    return;
  }
  char text[maxFloatText];
  std::string_view prefix = signOf(conversion, std::signbit(number));
  const double magnitude = std::fabs(number);
  char* digits = text;
  char* end;
  if (letter == 'a' && isFinite) {
    end = text + hexadecimalFloat(magnitude, text).size();
  } else if (!isFinite) {
    end = text + 3;
    std::memcpy(text, std::isnan(number) ? "nan" : "inf", 3);
  } else {
    const int precision = conversion.precision < 0 ? 6 : conversion.precision;
    end = letter == 'f'   ? writeFixed(text, magnitude, precision)
          : letter == 'e' ? writeScientific(text, magnitude, precision)
                          : writeGeneral(text, magnitude, precision);
  }
  useDecimalPoint(text, static_cast<size_t>(end - text));
  if (conversion.letter != letter) makeUpper(text, end);
  char prefixText[3];
  if (letter == 'a' && isFinite) {  // "0x" belongs before the zeros of the width
    std::memcpy(prefixText, prefix.data(), prefix.size());
    std::memcpy(prefixText + prefix.size(), digits, 2);
    prefix = {prefixText, prefix.size() + 2};
    digits += 2;
  }
  appendNumber(buffer, conversion, prefix, {digits, static_cast<size_t>(end - digits)},
               conversion.hasZeros && isFinite);
}

// As a string literal that Lua reads back.
void appendQuoted(StringBuffer& buffer, std::string_view text) {
  buffer.append('"');
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || c == '\n') {
      buffer.append('\\');
      buffer.append(c);
    } else if (code < 32 || code == 127) {
      const bool isBeforeDigit = i + 1 < text.size() && isDigit(text[i + 1]);
      char escape[8];
      char* out = escape;
      *out++ = '\\';
      if (isBeforeDigit && code < 100) *out++ = '0';
      if (isBeforeDigit && code < 10) *out++ = '0';
      out = std::to_chars(out, escape + sizeof escape, code).ptr;
      buffer.append({escape, static_cast<size_t>(out - escape)});
    } else {
      buffer.append(c);
    }
  }
  buffer.append('"');
}

// "%q": a literal of any value that has one.
bool appendLiteral(NativeCall& call, StringBuffer& buffer, uint32_t argument) {
  const Value value = call.argument(argument);
  char text[maxNumberText];
  switch (value.tag) {
    case Tag::String: appendQuoted(buffer, value.string()->view()); return true;
    case Tag::Nil: buffer.append("nil"); return true;
    case Tag::False: buffer.append("false"); return true;
    case Tag::True: buffer.append("true"); return true;
    case Tag::Integer:
      if (value.integer() == std::numeric_limits<int64_t>::min()) {
        buffer.append("0x8000000000000000");  // its decimal numeral would be read as a float
      } else {
        buffer.append(formatNumber(value, text));
      }
      return true;
    case Tag::Float: {
      const double number = value.number();
      if (std::isnan(number)) {
        buffer.append("(0/0)");
      } else if (std::isinf(number)) {
        buffer.append(number > 0 ? "1e9999" : "-1e9999");
      } else {
        if (std::signbit(number)) buffer.append('-');
        buffer.append(hexadecimalFloat(std::fabs(number), text));
      }
      return true;
    }
    default: call.failArgument(argument, "value has no literal form"); return false;
  }
}

// "%s" of any value.
bool appendText(NativeCall& call, StringBuffer& buffer, Conversion& conversion, uint32_t argument) {
  const Value value = call.argument(argument);
  char number[maxNumberText];
  std::string_view text;
  if (!plainTextOf(call.vm, value, number, text)) {
    String* string;
    if (!call.toString(value, string)) return false;
    text = string->view();
  }
  if (conversion.isPlain()) {
    buffer.append(text);
    return true;
  }
  if (text.find('\0') != std::string_view::npos) {
    call.failArgument(argument, "string contains zeros");
    return false;
  }
  if (!parseConversion(call, conversion, textFlags, true)) return false;
  if (conversion.precision >= 0) text = text.substr(0, static_cast<size_t>(conversion.precision));
  appendPadded(buffer, conversion, text);
  return true;
}

bool appendPointer(NativeCall& call, StringBuffer& buffer, Conversion& conversion, uint32_t argument) {
  if (!parseConversion(call, conversion, textFlags, false)) return false;
  const Value value = call.argument(argument);
  if ((value.isCollectable() || value.tag == Tag::LightUserdata) && value.bits != 0) {
    char text[24] = "0x";
    const char* end = std::to_chars(text + 2, text + sizeof text, value.bits, 16).ptr;
    appendPadded(buffer, conversion, {text, static_cast<size_t>(end - text)});
  } else {
    appendPadded(buffer, conversion, "(null)");
  }
  return true;
}

// One conversion of the argument. False after an error was raised.
bool appendConversion(NativeCall& call, StringBuffer& buffer, Conversion& conversion, uint32_t argument) {
  switch (conversion.letter) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X': {
      int64_t integer;
      if (!call.checkInteger(argument, integer)) return false;
      const std::string_view flags = conversion.letter == 'd' || conversion.letter == 'i' ? integerFlags
                                     : conversion.letter == 'u'                           ? unsignedFlags
                                                                                          : hexadecimalFlags;
      if (!parseConversion(call, conversion, flags, true)) return false;
      appendInteger(buffer, conversion, integer);
      return true;
    }
    case 'a':
    case 'A': {
      double number;
      if (!parseConversion(call, conversion, floatFlags, true) || !call.checkNumber(argument, number)) return false;
      appendFloat(buffer, conversion, number);
      return true;
    }
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G': {
      double number;
      if (!call.checkNumber(argument, number) || !parseConversion(call, conversion, floatFlags, true)) return false;
      appendFloat(buffer, conversion, number);
      return true;
    }
    case 'c': {
      int64_t code;
      if (!parseConversion(call, conversion, textFlags, false) || !call.checkInteger(argument, code)) return false;
      const char c = static_cast<char>(code);
      appendPadded(buffer, conversion, {&c, 1});
      return true;
    }
    case 's': return appendText(call, buffer, conversion, argument);
    case 'q':
      if (conversion.isPlain()) return appendLiteral(call, buffer, argument);
      call.fail("specifier '%q' cannot have modifiers");
      return false;
    case 'p': return appendPointer(call, buffer, conversion, argument);
    default: call.fail(formatText(call.vm, "invalid conversion '{}' to 'format'", conversion.text)); return false;
  }
}

}  // namespace

int stringFormat(NativeCall& call) {
  String* format;
  if (!call.checkString(0, format)) return nativeFailed;
  const char* at = format->text;
  const char* const end = at + format->length;
  StringBuffer buffer(call.vm);
  uint32_t argument = 0;
  for (;;) {
    const auto* percent = static_cast<const char*>(std::memchr(at, '%', static_cast<size_t>(end - at)));
    if (percent == nullptr) break;
    buffer.append({at, static_cast<size_t>(percent - at)});
    at = percent + 1;
    if (at != end && *at == '%') {
      buffer.append('%');
      ++at;
      continue;
    }
    if (!call.has(++argument)) return call.failArgument(argument, "no value");
    while (isFlag(*at) || isDigit(*at) || *at == '.') ++at;  // stops at the final NUL at the latest
    constexpr size_t maxSpecification = 22;
    if (static_cast<size_t>(at - percent) >= maxSpecification) return call.fail("invalid format (too long)");
    Conversion conversion;
    conversion.letter = *at;
    if (*at != '\0') ++at;
    conversion.text = {percent, static_cast<size_t>(at - percent)};
    if (!appendConversion(call, buffer, conversion, argument)) return nativeFailed;
  }
  buffer.append({at, static_cast<size_t>(end - at)});
  String* result = buffer.finish(call.vm);
  return result == nullptr ? call.failMemory() : call.returns(Value::string(result));
}

}  // namespace selvage
