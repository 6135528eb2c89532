// Metamethods of operators, called and returned from without a C call (metamethod_calls.cpp).
#pragma once

#include "vm/machine.hpp"

namespace selvage {

extern "C" {
// What is left for the slow paths.
extern Handler selvage_arithmeticMiss, selvage_unaryMiss, selvage_lengthMiss, selvage_concatMiss;
extern Handler selvage_callNonFunctionMiss;
extern Handler selvage_compareEqualMiss, selvage_compareLessMiss;
}

}  // namespace selvage
