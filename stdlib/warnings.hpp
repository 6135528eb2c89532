// Warnings (the function warn, and those of the VM itself), written to standard error once "@on" was given.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

// VM::warn: a piece of a warning; the last one has toBeContinued false.
void writeWarning(VM& vm, const char* text, bool toBeContinued);

}  // namespace selvage
