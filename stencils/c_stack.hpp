// Calling C functions on the C stack, and leaving them early: by returning where only epilogues are in the way, or by
// unwinding (unwinding.hpp). What the machine makes of it is in c_functions.cpp.
#pragma once

#include <climits>
#include <cstdint>

#include "vm/vm.hpp"

namespace selvage {

// In place of the number of results: the function was left early (leaveC).
constexpr int leftEarly = INT_MIN;

// Calls a C function, or a continuation with its status and context, with the frame at vm.base. Returns the number of
// its results, which are on the top of the stack, or leftEarly.
int runC(VM& vm, void* function, int status, intptr_t context);

// Returns `result` from the call of a C function during which the stack pointer is `stack`, wherever it has come to.
extern "C" [[noreturn]] void selvage_returnFromC(void* stack, int result);

}  // namespace selvage
