// Most floats that programs print, to as many digits as they usually print, become integers below 2^53 when they are
// multiplied by a power of ten that is itself a float. One fused multiply-add then tells the error of that product, so
// that it can be rounded as the exact product would be: that is the fast path here. std::to_chars, exact for
// everything and some three times slower, does the rest.
#include "vm/float_text.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace selvage {

namespace {

constexpr int maxExactPower = 22;  // 10^22 is the last power of ten that is a float
constexpr int maxFastDigits = 15;  // 10^15 < 2^53
constexpr double powersOfTen[maxExactPower + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr double twoTo53 = 9007199254740992.0;

// magnitude * 10^power to the nearest integer, ties to even, where `product`, the rounded product, is below 2^53.
uint64_t roundedProduct(double magnitude, int power, double product) {
  const auto integer = static_cast<uint64_t>(product);
  const double distance = product - static_cast<double>(integer) - 0.5;  // exact; the product's error is smaller
  if (distance < 0) return integer;
  if (distance > 0) return integer + 1;
  const double error = std::fma(magnitude, powersOfTen[power], -product);
  if (error != 0) return error > 0 ? integer + 1 : integer;
  return integer + (integer & 1);
}

// The first `count` significant digits of a float, rounded: its value is about `digits` * 10^(exponent - count + 1).
struct Digits {
  uint64_t digits;  // below 10^count; not below 10^(count - 1)
  int exponent;
};

// False if the fast path does not apply.
bool firstDigits(double magnitude, int count, Digits& result) {
  if (count > maxFastDigits || magnitude < 1e-10 || magnitude >= 1e15) return false;
  // 0.30103 is the logarithm of 2: at most 1 too small.
  const int binaryExponent = static_cast<int>(std::bit_cast<uint64_t>(magnitude) >> 52) - 1023;
  int exponent = (binaryExponent * 1233) >> 12;
  int power = count - 1 - exponent;
  if (power < 0 || power > maxExactPower) return false;
  double product = magnitude * powersOfTen[power];
  if (product >= powersOfTen[count]) {
    if (power == 0) return false;
    ++exponent;
    product = magnitude * powersOfTen[--power];
  }
  result.digits = roundedProduct(magnitude, power, product);
  if (result.digits >= static_cast<uint64_t>(powersOfTen[count])) {
    result.digits /= 10;
    ++exponent;
  }
  result.exponent = exponent;
  return true;
}

char* writeInteger(char* out, uint64_t integer) { return std::to_chars(out, out + 24, integer).ptr; }

char* writeExponent(char* out, int exponent) {
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  const int size = std::abs(exponent);  // below 100 on the fast path
  *out++ = static_cast<char>('0' + size / 10);
  *out++ = static_cast<char>('0' + size % 10);
  return out;
}

char* writeSlowly(char* out, double magnitude, std::chars_format format, int precision) {
  return std::to_chars(out, out + maxFloatText, magnitude, format, precision).ptr;
}

}  // namespace

char* writeFixed(char* out, double magnitude, int precision) {
  if (precision > maxExactPower) return writeSlowly(out, magnitude, std::chars_format::fixed, precision);
  const double product = magnitude * powersOfTen[precision];
  if (product >= twoTo53) return writeSlowly(out, magnitude, std::chars_format::fixed, precision);
  const uint64_t rounded = roundedProduct(magnitude, precision, product);
  if (precision == 0) return writeInteger(out, rounded);
  char digits[24];
  const char* const end = writeInteger(digits, rounded);
  auto count = static_cast<int>(end - digits);
  const int whole = count - precision;
  if (whole > 0) {
    std::memcpy(out, digits, static_cast<size_t>(whole));
    out += whole;
    *out++ = '.';
    std::memcpy(out, digits + whole, static_cast<size_t>(precision));
    return out + precision;
  }
  *out++ = '0';
  *out++ = '.';
  for (; count < precision; --precision) *out++ = '0';
  std::memcpy(out, digits, static_cast<size_t>(count));
  return out + count;
}

char* writeScientific(char* out, double magnitude, int precision) {
  Digits first;
  if (!firstDigits(magnitude, precision + 1, first)) {
    return writeSlowly(out, magnitude, std::chars_format::scientific, precision);
  }
  char* const end = writeInteger(out + 1, first.digits);
  out[0] = out[1];
  if (precision == 0) return writeExponent(out + 1, first.exponent);
  out[1] = '.';
  return writeExponent(end, first.exponent);
}

char* writeGeneral(char* out, double magnitude, int precision) {
  Digits first;
  if (precision == 0) precision = 1;
  if (!firstDigits(magnitude, precision, first)) {
    return writeSlowly(out, magnitude, std::chars_format::general, precision);
  }
  char digits[24];
  writeInteger(digits, first.digits);
  int count = precision;
  while (count > 1 && digits[count - 1] == '0') --count;
  const int exponent = first.exponent;
  const auto copyDigits = [&](int from, int to) {
    std::memcpy(out, digits + from, static_cast<size_t>(to - from));
    out += to - from;
  };
  if (exponent < -4 || exponent >= precision) {
    *out++ = digits[0];
    if (count > 1) *out++ = '.';
    copyDigits(1, count);
    return writeExponent(out, exponent);
  }
  if (exponent < 0) {
    *out++ = '0';
    *out++ = '.';
    for (int i = exponent + 1; i < 0; ++i) *out++ = '0';
    copyDigits(0, count);
  } else if (count <= exponent + 1) {
    copyDigits(0, exponent + 1);
  } else {
    copyDigits(0, exponent + 1);
    *out++ = '.';
    copyDigits(exponent + 1, count);
  }
  return out;
}

}  // namespace selvage
