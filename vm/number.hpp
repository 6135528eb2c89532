// Numbers: Lua's arithmetic on integers and floats, and conversions between numbers and strings (manual 3.4.1-3.4.3).
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "vm/value.hpp"

namespace selvage {

constexpr double twoTo63 = 9223372036854775808.0;

// The integer equal to `d`, if there is one.
inline bool exactInteger(double d, int64_t& result) {
  if (!(d >= -twoTo63 && d < twoTo63)) return false;
  const auto i = static_cast<int64_t>(d);
  result = i;
  return static_cast<double>(i) == d;
}
// A number as a float, the nearest one; a number as the integer equal to it, if there is one.
inline double asFloat(Value number) {
  return number.isInteger() ? static_cast<double>(number.integer()) : number.number();
}
inline bool asInteger(Value number, int64_t& result) {
  if (number.isFloat()) return exactInteger(number.number(), result);
  result = number.integer();
  return true;
}
inline int64_t wrapAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t wrapSub(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
inline int64_t wrapMul(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
// Floor division and modulo; the divisor is not 0.
inline int64_t floorDivide(int64_t a, int64_t b) {
  if (b == -1) return wrapSub(0, a);
  const int64_t q = a / b;
  return q - static_cast<int64_t>((a % b != 0) & ((a ^ b) < 0));
}
inline int64_t floorModulo(int64_t a, int64_t b) {
  if (b == -1) return 0;
  const int64_t r = a % b;
  return r + ((r != 0 && (r ^ b) < 0) ? b : 0);
}
inline int64_t shiftLeft(int64_t a, int64_t by) {
  if (by <= -64 || by >= 64) return 0;
  const auto u = static_cast<uint64_t>(a);
  return static_cast<int64_t>(by >= 0 ? u << by : u >> -by);
}
inline int64_t shiftRight(int64_t a, int64_t by) { return shiftLeft(a, wrapSub(0, by)); }
// Exact mixed comparisons: integer against float.
bool integerLessThanFloat(int64_t i, double d);
bool integerLessEqualFloat(int64_t i, double d);
bool floatLessThanInteger(double d, int64_t i);
bool floatLessEqualInteger(double d, int64_t i);

// number.cpp
// A numeral as tonumber and the lexer read it: surrounding white space, hexadecimal integers that wrap, hexadecimal
// floats, decimal integers that become floats when they do not fit. Nothing if it is not one.
// In a locale with another decimal point (os.setlocale), both that and '.' are understood.
std::optional<Value> parseNumber(std::string_view text);
// The current locale's decimal point. tostring and string.format write it, as the reference's do.
char decimalPoint();
// Replaces the '.' of a numeral by it.
void useDecimalPoint(char* text, size_t length);
// As tostring writes it ("%d", "%.14g" with ".0" added to what looks like an integer, "inf", "-nan").
// `buffer` has room for maxNumberText bytes.
constexpr size_t maxNumberText = 48;
std::string_view formatNumber(Value number, char* buffer);
// The integer that a value converts to without loss: integers, floats with integer value, strings that are numerals
// for either. The number a value converts to: numbers, numerals.
std::optional<int64_t> toInteger(Value value);
std::optional<double> toNumber(Value value);
std::optional<Value> toNumberValue(Value value);

}  // namespace selvage
