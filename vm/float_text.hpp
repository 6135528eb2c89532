// The text of floats as C's printf gives it, exactly and fast, without locales.
#pragma once

#include <cstddef>
#include <limits>

namespace selvage {

// Room for "%.99f" of the largest float, which is the longest text that can be asked for.
constexpr size_t maxFloatText = 110 + std::numeric_limits<double>::max_exponent10;

// Each writes `magnitude`, which is finite and not negative, to `out` and returns the end of what it wrote. The
// precision is at most 99.
char* writeFixed(char* out, double magnitude, int precision);       // "%.*f"
char* writeScientific(char* out, double magnitude, int precision);  // "%.*e"
char* writeGeneral(char* out, double magnitude, int precision);     // "%.*g"

}  // namespace selvage
