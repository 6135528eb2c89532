// Metamethods of operators, called and returned from without a C call (metamethod_calls.cpp).
#pragma once

#include "vm/event.hpp"
#include "vm/machine.hpp"

namespace selvage {

// After a lookup found that the metamethod of one of the operands has to be called: so that the next time it is found fast.
void rememberMetamethod(VM& vm, Event event, Value left, Value right);

extern "C" {
// What is left for the slow paths.
extern Handler selvage_arithmeticMiss, selvage_unaryMiss, selvage_lengthMiss;
extern Handler selvage_compareEqualMiss, selvage_compareLessMiss;
}

}  // namespace selvage
