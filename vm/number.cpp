// Numerals: text to numbers and numbers to text, and the exact comparisons of integers with floats.
//
// Reading and writing go through <charconv>, which is exact and knows no locale; its decimal point is exchanged where
// another one is set.
#include "vm/number.hpp"

#include <langinfo.h>

#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <system_error>

#include "vm/float_text.hpp"
#include "vm/string.hpp"

namespace selvage {

namespace {

constexpr int significantDigits = 14;  // of "%.14g"

constexpr bool isSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }
constexpr int hexadecimalDigit(char c) {
  if (isDigit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// `mantissa` * 2^`exponent` to the nearest float, ties to even; `isInexact`: the true mantissa is a little larger.
double scaleMantissa(uint64_t mantissa, int64_t exponent, bool isInexact) {
  if (mantissa == 0) return 0.0;
  const int shift = std::countl_zero(mantissa);
  mantissa <<= shift;
  exponent -= shift;
  const int64_t leading = exponent + 63;  // the exponent of the first bit
  if (leading > 1023) return std::numeric_limits<double>::infinity();
  if (leading < -1075) return 0.0;
  const int precision = leading >= -1022 ? 53 : static_cast<int>(53 - (-1022 - leading));  // 0 to 53 bits are kept
  const uint64_t kept = precision == 0 ? 0 : mantissa >> (64 - precision);
  const uint64_t rest = mantissa << precision;  // as a fraction of the last kept bit
  constexpr uint64_t half = uint64_t{1} << 63;
  const bool roundUp = rest > half || (rest == half && (isInexact || (kept & 1) != 0));
  return std::ldexp(static_cast<double>(kept + (roundUp ? 1 : 0)), static_cast<int>(exponent + 64 - precision));
}

// After "0x": an integer that wraps around, or a float if there is a point or an exponent.
std::optional<Value> parseHexadecimal(const char* at, const char* end, bool isNegative) {
  uint64_t mantissa = 0;
  int64_t exponent = 0;
  uint64_t wrapped = 0;
  bool isInexact = false;
  bool hasDigits = false;
  bool isFloat = false;
  for (; at != end; ++at) {
    if (*at == '.') {
      if (isFloat) return std::nullopt;
      isFloat = true;
      continue;
    }
    const int digit = hexadecimalDigit(*at);
    if (digit < 0) break;
    hasDigits = true;
    wrapped = wrapped * 16 + static_cast<uint64_t>(digit);
    if (mantissa >> 60 == 0) {
      mantissa = mantissa * 16 + static_cast<uint64_t>(digit);
      if (isFloat) exponent -= 4;
    } else {
      isInexact |= digit != 0;
      if (!isFloat) exponent += 4;
    }
  }
  if (!hasDigits) return std::nullopt;
  if (at != end && (*at | 0x20) == 'p') {
    isFloat = true;
    ++at;
    bool isExponentNegative = false;
    if (at != end && (*at == '+' || *at == '-')) isExponentNegative = *at++ == '-';
    if (at == end || !isDigit(*at)) return std::nullopt;
    constexpr int64_t enough = int64_t{1} << 56;  // beyond any mantissa that fits in memory
    int64_t written = 0;
    for (; at != end && isDigit(*at); ++at) {
      if (written < enough) written = written * 10 + (*at - '0');
    }
    exponent += isExponentNegative ? -written : written;
  }
  if (at != end) return std::nullopt;
  if (!isFloat) return Value::integer(static_cast<int64_t>(isNegative ? uint64_t{0} - wrapped : wrapped));
  const double magnitude = scaleMantissa(mantissa, exponent, isInexact);
  return Value::number(isNegative ? -magnitude : magnitude);
}

std::optional<Value> parseDecimalFloat(const char* at, const char* end, bool isNegative) {
  double magnitude = 0;
  const auto [stop, error] = std::from_chars(at, end, magnitude);
  if (stop != end) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Rare, and from_chars does not say whether it is too large or too small.
    std::string text(at, end);
    useDecimalPoint(text.data(), text.size());
    magnitude = std::strtod(text.c_str(), nullptr);
  } else if (error != std::errc{}) {
    return std::nullopt;
  }
  return Value::number(isNegative ? -magnitude : magnitude);
}

std::string_view formatInteger(int64_t integer, char* buffer) {
  const auto [end, error] = std::to_chars(buffer, buffer + maxNumberText, integer);
  return {buffer, static_cast<size_t>(end - buffer)};
}

// The text of "%.14g".
std::string_view formatFloat(double d, char* buffer) {
  char* out = buffer;
  if (std::signbit(d)) *out++ = '-';
  if (std::isfinite(d)) {
    out = writeGeneral(out, std::fabs(d), significantDigits);
  } else {
    std::memcpy(out, std::isnan(d) ? "nan" : "inf", 3);
    out += 3;
  }
  return {buffer, static_cast<size_t>(out - buffer)};
}

std::optional<Value> parsePlainNumber(std::string_view text) {
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end && isSpace(*at)) ++at;
  while (at != end && isSpace(end[-1])) --end;
  if (at == end) return std::nullopt;
  bool isNegative = false;
  if (*at == '-' || *at == '+') {
    isNegative = *at == '-';
    if (++at == end) return std::nullopt;
  }
  if (*at == '0' && end - at > 1 && (at[1] | 0x20) == 'x') return parseHexadecimal(at + 2, end, isNegative);

  const char* const start = at;
  uint64_t magnitude = 0;
  const char* const safeEnd = end - at > 18 ? at + 18 : end;  // so many digits cannot overflow
  while (at != safeEnd && isDigit(*at)) magnitude = magnitude * 10 + static_cast<uint64_t>(*at++ - '0');
  const uint64_t limit = static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (isNegative ? 1 : 0);
  for (; at != end && isDigit(*at); ++at) {
    const auto digit = static_cast<uint64_t>(*at - '0');
    if (magnitude > (limit - digit) / 10) return parseDecimalFloat(start, end, isNegative);
    magnitude = magnitude * 10 + digit;
  }
  if (at == end) return Value::integer(static_cast<int64_t>(isNegative ? uint64_t{0} - magnitude : magnitude));
  // Not every text that from_chars understands is a numeral: "inf" and "nan" are not.
  if (!isDigit(*start) && *start != '.') return std::nullopt;
  return parseDecimalFloat(start, end, isNegative);
}

}  // namespace

char decimalPoint() { return *nl_langinfo(RADIXCHAR); }

void useDecimalPoint(char* text, size_t length) {
  const char point = decimalPoint();
  if (point == '.') [[likely]]
    return;
  if (void* const dot = std::memchr(text, '.', length)) *static_cast<char*>(dot) = point;
}

std::optional<Value> parseNumber(std::string_view text) {
  std::optional<Value> number = parsePlainNumber(text);
  if (number || decimalPoint() == '.') return number;
  const size_t at = text.find(decimalPoint());
  if (at == std::string_view::npos || text.find('.') != std::string_view::npos) return number;
  std::string plain(text);
  plain[at] = '.';
  return parsePlainNumber(plain);
}

std::string_view formatNumber(Value number, char* buffer) {
  if (number.isInteger()) return formatInteger(number.integer(), buffer);
  const double d = number.number();
  if (std::fabs(d) < 1e14 && d == static_cast<double>(static_cast<int64_t>(d))) {
    char* out = buffer;
    if (std::signbit(d)) *out++ = '-';
    const std::string_view digits = formatInteger(std::abs(static_cast<int64_t>(d)), out);
    out += digits.size();
    *out++ = decimalPoint();
    *out++ = '0';
    return {buffer, static_cast<size_t>(out - buffer)};
  }
  std::string_view text = formatFloat(d, buffer);
  useDecimalPoint(buffer, text.size());
  if (text.find_first_not_of("-0123456789") == std::string_view::npos) {  // rounded to an integer
    buffer[text.size()] = decimalPoint();
    buffer[text.size() + 1] = '0';
    text = {buffer, text.size() + 2};
  }
  return text;
}

std::optional<int64_t> toInteger(Value value) {
  if (value.isInteger()) return value.integer();
  if (value.isString()) {
    const std::optional<Value> parsed = parseNumber(value.string()->view());
    if (!parsed) return std::nullopt;
    value = *parsed;
    if (value.isInteger()) return value.integer();
  }
  int64_t result;
  if (value.isFloat() && exactInteger(value.number(), result)) return result;
  return std::nullopt;
}

std::optional<double> toNumber(Value value) {
  const std::optional<Value> number = toNumberValue(value);
  if (!number) return std::nullopt;
  return number->isInteger() ? static_cast<double>(number->integer()) : number->number();
}

std::optional<Value> toNumberValue(Value value) {
  if (value.isNumber()) return value;
  if (value.isString()) return parseNumber(value.string()->view());
  return std::nullopt;
}

// Where the float is in the range of integers, it is rounded to an integer in the direction that keeps the answer.
bool integerLessThanFloat(int64_t i, double d) {
  if (d >= twoTo63) return true;
  return d > -twoTo63 && i < static_cast<int64_t>(std::ceil(d));
}

bool integerLessEqualFloat(int64_t i, double d) {
  if (d >= twoTo63) return true;
  return d >= -twoTo63 && i <= static_cast<int64_t>(std::floor(d));
}

bool floatLessThanInteger(double d, int64_t i) {
  if (d < -twoTo63) return true;
  return d < twoTo63 && static_cast<int64_t>(std::floor(d)) < i;
}

bool floatLessEqualInteger(double d, int64_t i) {
  if (d <= -twoTo63) return true;
  return d < twoTo63 && static_cast<int64_t>(std::ceil(d)) <= i;
}

}  // namespace selvage
