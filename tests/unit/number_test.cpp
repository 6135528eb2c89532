// Numerals against the C library: every text that formatNumber makes must be printf's, every value that parseNumber
// reads must be strtod's, for values drawn from all over the range of floats.
#include "vm/number.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include <catch2/catch.hpp>

namespace selvage {
namespace {

std::string textOf(Value number) {
  char buffer[maxNumberText];
  return std::string(formatNumber(number, buffer));
}

// What tostring must give, by way of printf.
std::string referenceText(double d) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.14g", d);
  if (buffer[std::strspn(buffer, "-0123456789")] == '\0') std::strcat(buffer, ".0");
  return buffer;
}

bool isSameFloat(double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); }

// Floats of every kind: any bit pattern, small decimals, integers, decimals that lie in the middle of two others.
class FloatSource {
 public:
  double anyBits() {
    for (;;) {
      const double d = std::bit_cast<double>(random());
      if (std::isfinite(d)) return d;
    }
  }
  double decimal() {
    const auto digits = static_cast<double>(static_cast<int64_t>(random() % 2'000'000'000) - 1'000'000'000);
    return digits / std::pow(10.0, static_cast<double>(random() % 12));
  }
  double integer() {
    const auto shift = static_cast<int>(random() % 64);
    return static_cast<double>(static_cast<int64_t>(random()) >> shift);
  }
  double middle() {  // fifteen digits, the last one a 5
    const double digits = static_cast<double>(random() % 90'000'000'000'000 + 10'000'000'000'000) * 10 + 5;
    return digits / static_cast<double>(uint64_t{1} << (random() % 30));
  }
  uint64_t random() { return generator_(); }

 private:
  std::mt19937_64 generator_{20240607};
};

TEST_CASE("floats are written as printf writes them", "[number]") {
  FloatSource source;
  uint64_t differences = 0;
  std::string firstDifference;
  const auto check = [&](double d) {
    if (textOf(Value::number(d)) == referenceText(d)) return;
    if (differences++ == 0) firstDifference = textOf(Value::number(d)) + " for " + referenceText(d);
  };
  for (int i = 0; i < 300'000; ++i) {
    check(source.anyBits());
    check(source.decimal());
    check(source.integer());
    check(source.middle());
    check(std::bit_cast<double>(source.random() >> 12));  // subnormal
  }
  for (int exponent = -330; exponent < 310; ++exponent) {
    for (const double factor : {1.0, 9.9999999999999, 9.99999999999995, 9.999999999999949, 1.2345678901234567, 5.0}) {
      check(factor * std::pow(10.0, exponent));
      check(-factor * std::pow(10.0, exponent));
    }
  }
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double d : {0.0, -0.0, infinity, -infinity, 1e14, 99999999999999.0, -99999999999999.0, 99999999999999.5,
                         1e15, 1e100, 123456.789, 0.1, 1.0 / 3, 1e-5, 1e-4, 5e-324, std::numeric_limits<double>::max(),
                         std::numeric_limits<double>::min()}) {
    check(d);
  }
  INFO(firstDifference);
  CHECK(differences == 0);
}

TEST_CASE("not-a-number is written with its sign", "[number]") {
  const double quiet = std::numeric_limits<double>::quiet_NaN();
  CHECK(textOf(Value::number(std::copysign(quiet, 1.0))) == "nan");
  CHECK(textOf(Value::number(std::copysign(quiet, -1.0))) == "-nan");
}

TEST_CASE("integers are written as printf writes them", "[number]") {
  FloatSource source;
  const auto check = [](int64_t i) {
    char expected[32];
    std::snprintf(expected, sizeof expected, "%" PRId64, i);
    return textOf(Value::integer(i)) == expected;
  };
  bool isSame = true;
  for (int i = 0; i < 100'000; ++i) isSame &= check(static_cast<int64_t>(source.random()) >> (source.random() % 64));
  CHECK(isSame);
  CHECK(check(std::numeric_limits<int64_t>::min()));
  CHECK(check(std::numeric_limits<int64_t>::max()));
  CHECK(check(0));
}

TEST_CASE("decimal and hexadecimal floats are read as strtod reads them", "[number]") {
  FloatSource source;
  uint64_t differences = 0;
  std::string firstDifference;
  const auto check = [&](const char* text) {
    const std::optional<Value> parsed = parseNumber(text);
    // Some versions of strtod round hexadecimal subnormals twice, so these are read as long doubles, which hold them
    // exactly, and rounded once.
    const double expected = std::strpbrk(text, "xX") != nullptr && std::strlen(text) < 28
                                ? static_cast<double>(std::strtold(text, nullptr))
                                : std::strtod(text, nullptr);
    if (parsed && parsed->isFloat() && isSameFloat(parsed->number(), expected)) return;
    if (differences++ == 0) firstDifference = text;
  };
  char text[512];
  for (int i = 0; i < 100'000; ++i) {
    const double d = i % 2 == 0 ? source.anyBits() : source.decimal();
    for (const char* format : {"%.17e", "%.14e", "%.20e", "%a", "%.3a"}) {
      std::snprintf(text, sizeof text, format, d);
      if (std::strpbrk(text, ".ep") != nullptr) check(text);
    }
    std::snprintf(text, sizeof text, "  -0x%" PRIx64 ".%" PRIx64 "p%d\n", source.random(), source.random(),
                  static_cast<int>(source.random() % 1800) - 900);
    check(text);
    std::snprintf(text, sizeof text, "0x.%" PRIx64 "%016" PRIx64 "p-%d", source.random(), source.random(),
                  static_cast<int>(source.random() % 900));
    check(text);
    std::snprintf(text, sizeof text, "0x1.%013" PRIx64 "8p-%d", source.random() & 0xFFFFFFFFFFFFF,
                  static_cast<int>(source.random() % 1080));
    check(text);
    std::snprintf(text, sizeof text, "0x1.%013" PRIx64 "80000000000000001p-%d", source.random() & 0xFFFFFFFFFFFFF,
                  static_cast<int>(source.random() % 1000));
    check(text);
  }
  for (const char* special : {"1e400",
                              "-1e400",
                              "1e-400",
                              "4.9e-324",
                              "2.4703282292062327e-324",
                              "2.4703282292062328e-324",
                              "0x1p-1075",
                              "0x1.0000001p-1075",
                              "0x1p-1074",
                              "0x1p1024",
                              "0x1.fffffffffffff8p1023",
                              "0x1.fffffffffffff7p1023",
                              "0x0p99999999999999999999",
                              "-0x0p0",
                              "0x1p-99999999999999999999",
                              "5.",
                              ".5",
                              "1e+5",
                              "1E5",
                              "9223372036854775808",
                              "-9223372036854775809",
                              "123456789012345678901234567890",
                              "0.0",
                              "-0.0",
                              "1e0"}) {
    check(special);
  }
  INFO(firstDifference);
  CHECK(differences == 0);
}

TEST_CASE("integer numerals", "[number]") {
  const auto reads = [](std::string_view text, int64_t expected) {
    const std::optional<Value> parsed = parseNumber(text);
    return parsed && parsed->isInteger() && parsed->integer() == expected;
  };
  CHECK(reads("0", 0));
  CHECK(reads(" \t\n\v\f\r42\r\f\v\n\t ", 42));
  CHECK(reads("+7", 7));
  CHECK(reads("-7", -7));
  CHECK(reads("000000000000000000000000000012", 12));
  CHECK(reads("9223372036854775807", std::numeric_limits<int64_t>::max()));
  CHECK(reads("-9223372036854775808", std::numeric_limits<int64_t>::min()));
  CHECK(reads("0xff", 255));
  CHECK(reads("-0XfF", -255));
  CHECK(reads("0xffffffffffffffff", -1));
  CHECK(reads("0x1ffffffffffffffff", -1));
  FloatSource source;
  bool isSame = true;
  for (int i = 0; i < 100'000; ++i) {
    const int64_t integer = static_cast<int64_t>(source.random()) >> (source.random() % 64);
    isSame &= reads(textOf(Value::integer(integer)), integer);
  }
  CHECK(isSame);
}

TEST_CASE("texts that are no numerals", "[number]") {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv,        " "sv,     "-"sv,    "+"sv,       "--1"sv,   "- 1"sv,      "1 2"sv,
        "a"sv,       "1a"sv,    "0x"sv,   "0xg"sv,     "0x."sv,   "."sv,        "-."sv,
        "e5"sv,      ".e5"sv,   "1e"sv,   "1e+"sv,     "0x1p"sv,  "0x1p+"sv,    "0xp1"sv,
        "0x1.8.1"sv, "1.2.3"sv, "inf"sv,  "-inf"sv,    "nan"sv,   "infinity"sv, "NaN"sv,
        "1\0"sv,     "\0001"sv, "1e5x"sv, "0x1P1.5"sv, "1_000"sv, "1e1.5"sv,    "12345678901234567890x"sv}) {
    INFO(text);
    CHECK_FALSE(parseNumber(text).has_value());
  }
}

TEST_CASE("conversions to integer are exact or refused", "[number]") {
  CHECK(toInteger(Value::number(3.0)) == 3);
  CHECK_FALSE(toInteger(Value::number(3.5)).has_value());
  CHECK_FALSE(toInteger(Value::number(twoTo63)).has_value());
  CHECK(toInteger(Value::number(-twoTo63)) == std::numeric_limits<int64_t>::min());
  CHECK_FALSE(toInteger(Value::number(std::numeric_limits<double>::quiet_NaN())).has_value());
  CHECK_FALSE(toInteger(Value::boolean(true)).has_value());
  CHECK(toNumber(Value::integer(2)) == 2.0);
  CHECK_FALSE(toNumber(Value::nil()).has_value());
}

TEST_CASE("integers compare with floats without rounding", "[number]") {
  FloatSource source;
  bool isSame = true;
  for (int n = 0; n < 200'000; ++n) {
    const int64_t i = static_cast<int64_t>(source.random()) >> (source.random() % 64);
    const double near = static_cast<double>(i) + static_cast<double>(source.random() % 5) * 0.5 - 1;
    for (const double d : {near, std::nextafter(near, -1e300), std::nextafter(near, 1e300), source.anyBits()}) {
      const auto left = static_cast<long double>(i);  // 64 bits of mantissa: exact for both
      const auto right = static_cast<long double>(d);
      isSame &= integerLessThanFloat(i, d) == (left < right);
      isSame &= integerLessEqualFloat(i, d) == (left <= right);
      isSame &= floatLessThanInteger(d, i) == (right < left);
      isSame &= floatLessEqualInteger(d, i) == (right <= left);
    }
  }
  CHECK(isSame);
  const double notANumber = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_FALSE(integerLessThanFloat(1, notANumber));
  CHECK_FALSE(integerLessEqualFloat(1, notANumber));
  CHECK_FALSE(floatLessThanInteger(notANumber, 1));
  CHECK_FALSE(floatLessEqualInteger(notANumber, 1));
  CHECK(integerLessThanFloat(std::numeric_limits<int64_t>::max(), twoTo63));
  CHECK(integerLessEqualFloat(std::numeric_limits<int64_t>::min(), -twoTo63));
  CHECK_FALSE(integerLessThanFloat(std::numeric_limits<int64_t>::min(), -twoTo63));
  CHECK(floatLessThanInteger(-infinity, std::numeric_limits<int64_t>::min()));
  CHECK(integerLessThanFloat(std::numeric_limits<int64_t>::max(), infinity));
}

}  // namespace
}  // namespace selvage
