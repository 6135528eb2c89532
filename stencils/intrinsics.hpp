// Entries of short library functions, reached from both tiers without a C call: each does the common case itself and
// leaves everything else, errors included, to the native function of the same NativeCode (selvage_callNative).
#pragma once

#include "vm/event.hpp"
#include "vm/machine.hpp"

namespace selvage {

extern "C" {
extern Handler selvage_mathFloor, selvage_mathCeil, selvage_mathSqrt, selvage_mathAbs, selvage_mathMax, selvage_mathMin;
extern Handler selvage_mathToInteger;
extern Handler selvage_stringByte, selvage_stringSub, selvage_stringChar, selvage_stringLength;
extern Handler selvage_tableInsert, selvage_tableRemove, selvage_tableUnpack;
extern Handler selvage_setMetatable, selvage_toString, selvage_toNumber;
extern Handler selvage_type, selvage_rawGet, selvage_rawLength, selvage_rawEqual, selvage_select, selvage_next,
    selvage_pairs, selvage_ipairs, selvage_ipairsStep, selvage_assert, selvage_getMetatable;
}

// The string library's arithmetic metamethods, from Add to IDiv and Unm.
template <Event event>
SELVAGE_HANDLER void numeralArithmetic(SELVAGE_PARAMETERS);

}  // namespace selvage
