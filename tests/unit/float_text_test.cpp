// The text of floats must be printf's, for every conversion and precision, wherever the fast path begins and ends.
#include "vm/float_text.hpp"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>

#include <catch2/catch.hpp>

namespace selvage {
namespace {

class Comparison {
 public:
  void check(double magnitude, int precision) {
    checkOne(writeFixed, "%.*f", magnitude, precision);
    checkOne(writeScientific, "%.*e", magnitude, precision);
    checkOne(writeGeneral, "%.*g", magnitude, precision);
  }
  void report() const {
    INFO(firstDifference_);
    CHECK(differences_ == 0);
  }

 private:
  template <class Write>
  void checkOne(Write write, const char* format, double magnitude, int precision) {
    char text[maxFloatText];
    char expected[maxFloatText];
    const std::string actual(text, write(text, magnitude, precision));
    std::snprintf(expected, sizeof expected, format, precision, magnitude);
    if (actual == expected) return;
    if (differences_++ == 0) firstDifference_ = actual + " for " + expected;
  }

  uint64_t differences_ = 0;
  std::string firstDifference_;
};

TEST_CASE("random floats are written as printf writes them", "[float_text]") {
  std::mt19937_64 random(99);
  Comparison comparison;
  for (int i = 0; i < 100'000; ++i) {
    const int precision = static_cast<int>(random() % (i % 50 == 0 ? 100 : 18));
    const double any = std::fabs(std::bit_cast<double>(random()));
    if (std::isfinite(any)) comparison.check(any, precision);
    const auto integer = static_cast<double>(random() >> (random() % 64));
    comparison.check(integer, precision);
    comparison.check(integer / std::pow(10.0, static_cast<double>(random() % 20)), precision);
    comparison.check(std::ldexp(integer, -static_cast<int>(random() % 60)), precision);  // often a tie
    const double power = std::pow(10.0, static_cast<double>(random() % 40) - 20);
    comparison.check(power, precision);
    comparison.check(std::nextafter(power, 0.0), precision);
    comparison.check(power * (1 - std::ldexp(1.0, -static_cast<int>(random() % 53))), precision);
  }
  comparison.report();
}

TEST_CASE("ties go to the even digit", "[float_text]") {
  Comparison comparison;
  for (int i = 0; i < 4096; ++i) {
    for (int precision = 0; precision < 16; ++precision) {
      comparison.check(i / 2.0, precision);
      comparison.check(i / 64.0, precision);
      comparison.check(i + 1e12 + 0.5, precision);
      comparison.check((i + 0.5) * 1e-3, precision);
    }
  }
  comparison.report();
}

TEST_CASE("the ends of the range", "[float_text]") {
  Comparison comparison;
  for (const double magnitude : {0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e15, 999999999999999.9,
                                 9007199254740992.0, 9007199254740991.0, 1e22, 1e23, 1e-10, 9.9999999999999e-11, 0.1}) {
    for (int precision = 0; precision < 100; ++precision) comparison.check(magnitude, precision);
  }
  comparison.report();
}

}  // namespace
}  // namespace selvage
