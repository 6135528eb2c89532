// To-be-closed variables (manual 3.3.8) that C++ code closes: those of blocks are closed by the opcodes.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

// Whether a to-be-closed variable can have this value: nil, false, or what has a __close metamethod.
bool isClosable(VM& vm, Value value);
// Raises the error of a variable that cannot have its value.
bool failNotClosable(VM& vm, std::string_view name);
// From now on the variable in the slot of the running thread is pending, unless its value is nil or false.
void markPending(VM& vm, const Value* slot);
// Calls the __close metamethods of the running thread's pending variables at or above `from`, the last one first; not
// yieldable inside. The stack may move. False: one of them failed; those beneath it are still pending.
[[nodiscard]] bool closePendingVariables(VM& vm, const Value* from);

// Before a VM ends: closes those of the main thread, each whatever became of the others; there is nobody to be told of
// errors.
void closeMainThread(VM& vm);

}  // namespace selvage
