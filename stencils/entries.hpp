// The code entries of library functions that work on the machine itself instead of being called as C++ functions: they
// call without recursion, switch stacks, or are so short that leaving the tiers would cost more than they do.
#pragma once

#include "vm/machine.hpp"

namespace selvage {

extern "C" {
extern Handler selvage_pcall, selvage_xpcall;
extern Handler selvage_callSeeingReturn;
extern Handler selvage_coroutineResume, selvage_coroutineYield, selvage_coroutineWrapCall;
}

}  // namespace selvage
