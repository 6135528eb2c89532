// `%` and `^` on floats against the C library: the same bits for operands of every kind.
#include "vm/float_operations.hpp"

#include <limits>
#include <random>

#include <catch2/catch.hpp>

namespace selvage {
namespace {

bool isSame(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b) || (std::isnan(a) && std::isnan(b));
}

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double special[] = {0.0,
                              -0.0,
                              1.0,
                              -1.0,
                              0.5,
                              7.5,
                              0x1p-1074,
                              -0x1p-1022,
                              0x1.8p-1021,
                              0x1p-969,
                              0x1p-970,
                              0x1p52,
                              0x1p53,
                              -0x1p53,
                              0x1p63,
                              1e300,
                              0x1.fffffffffffffp1023,
                              infinity,
                              -infinity,
                              std::numeric_limits<double>::quiet_NaN()};

TEST_CASE("remainders are fmod's", "[float operations]") {
  for (const double a : special) {
    for (const double b : special) {
      INFO(a << " and " << b);
      CHECK(isSame(floatRemainder(a, b), std::fmod(a, b)));
    }
  }
  std::mt19937_64 random(20261121);
  uint32_t wrong = 0;
  for (int round = 0; round < 500'000; ++round) {
    constexpr uint64_t exponentMask = uint64_t{0x7FF} << 52;
    const uint64_t dividend = random();
    // Exponents that are nearly the same are rare among any two.
    const uint64_t exponent = ((dividend & exponentMask) + (random() % 80 << 52) - (uint64_t{70} << 52)) & exponentMask;
    const auto a = std::bit_cast<double>(dividend);
    const auto b = std::bit_cast<double>((random() & ~exponentMask) | exponent);
    const double whole = std::trunc(std::ldexp(b, 3 - static_cast<int>(random() % 60)));
    wrong += isSame(floatRemainder(a, b), std::fmod(a, b)) ? 0 : 1;
    wrong += isSame(floatRemainder(a, whole), std::fmod(a, whole)) ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("modulo has the divisor's sign", "[float operations]") {
  CHECK(floorModulo(5.5, 2.0) == 1.5);
  CHECK(floorModulo(-5.5, 2.0) == 0.5);
  CHECK(floorModulo(5.5, -2.0) == -0.5);
  CHECK(floorModulo(-5.5, -2.0) == -1.5);
  CHECK(isSame(floorModulo(-6.0, 2.0), -0.0));
  CHECK(floorModulo(-1.0, infinity) == infinity);
  CHECK(floorModulo(1.0, -infinity) == -infinity);
  CHECK(floorModulo(-0x1p-1074, 0x1p-1022) == 0x1p-1022 - 0x1p-1074);
}

TEST_CASE("powers are pow's, but for squares", "[float operations]") {
  for (const double a : special) {
    for (const double b : special) {
      INFO(a << " and " << b);
      CHECK(isSame(power(a, b), std::pow(a, b)));
    }
    CHECK(isSame(power(a, 2.0), a * a));
  }
  std::mt19937_64 random(20261122);
  uint32_t wrong = 0;
  for (int round = 0; round < 300'000; ++round) {
    const auto base = static_cast<double>(static_cast<int64_t>(random() >> (10 + random() % 52))) - 1000;
    const auto exponent = static_cast<double>(random() % 70) + (random() % 4 == 0 ? 0.5 : 0.0);
    const double fraction = base + static_cast<double>(random() % 4) / 4;
    if (exponent == 2) continue;
    wrong += isSame(power(base, exponent), std::pow(base, exponent)) ? 0 : 1;
    wrong += isSame(power(-base, exponent), std::pow(-base, exponent)) ? 0 : 1;
    wrong += isSame(power(fraction, exponent), std::pow(fraction, exponent)) ? 0 : 1;
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace selvage
