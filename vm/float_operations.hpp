// The operators on floats that are functions of the C library, worked out here where that is quick and gives the very
// same bits: `%` and `^` (manual 3.4.1).
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace selvage {

// As std::fmod: the rest of a / b, with the sign of a. The significands are divided as integers, as many bits of the
// quotient at a time as a word has room for; where there are no more than a few times as many.
inline double floatRemainder(double a, double b) {
  constexpr uint64_t signBit = uint64_t{1} << 63;
  constexpr int significandBits = 52;
  constexpr uint64_t implicitBit = uint64_t{1} << significandBits;
  constexpr uint64_t infinityExponent = 0x7FF;
  constexpr uint64_t quotientBits = 63 - significandBits;
  constexpr uint64_t mostQuotientBits = 4 * quotientBits;
  const uint64_t dividend = std::bit_cast<uint64_t>(a) & ~signBit;
  const uint64_t divisor = std::bit_cast<uint64_t>(b) & ~signBit;
  const uint64_t exponent = divisor >> significandBits;
  uint64_t shift = (dividend >> significandBits) - exponent;
  // The smallest rest, one unit of the divisor's last bit, shall not be subnormal.
  const bool isOrdinary = exponent > significandBits + 1 && exponent < infinityExponent && dividend >= divisor &&
                          shift <= mostQuotientBits && dividend >> significandBits != infinityExponent;
  if (!isOrdinary) return std::fmod(a, b);
  const uint64_t unit = (divisor & (implicitBit - 1)) | implicitBit;
  uint64_t rest = (dividend & (implicitBit - 1)) | implicitBit;
  for (; shift > quotientBits; shift -= quotientBits) rest = (rest << quotientBits) % unit;
  rest = (rest << shift) % unit;
  const double magnitude =
      static_cast<double>(static_cast<int64_t>(rest)) * std::bit_cast<double>((exponent - significandBits) << 52);
  return std::copysign(magnitude, a);
}

// Modulo, with the sign of b.
inline double floorModulo(double a, double b) {
  const double rest = floatRemainder(a, b);
  return (rest > 0 ? b < 0 : rest < 0 && b > 0) ? rest + b : rest;  // rest * b could underflow
}

// As std::pow, but for squares, which are products in the reference as well. Small powers of whole numbers are products
// too as long as no digit is lost, for then the library's function is exact.
inline double power(double a, double b) {
  constexpr double mostExponent = 64;
  constexpr double firstInexact = 0x1p53;
  if (b == 2) return a * a;
  if (!(b > 0 && b < mostExponent && std::fabs(a) < firstInexact)) return std::pow(a, b);
  auto exponent = static_cast<uint32_t>(b);
  if (exponent != b || static_cast<double>(static_cast<int64_t>(a)) != a) return std::pow(a, b);
  double product = 1;
  for (double square = a;; square *= square) {
    if ((exponent & 1) != 0) product *= square;
    exponent >>= 1;
    if (exponent == 0) break;
  }
  return std::fabs(product) < firstInexact ? product : std::pow(a, b);
}

}  // namespace selvage
