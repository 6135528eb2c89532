// What --list-stencils, --dump-bytecode and --dump-jit print.
#pragma once

#include <string_view>

#include "vm/vm.hpp"

namespace selvage {

// Each returns false after reporting an error.
bool listStencils(std::string_view opcodeName);  // empty: a line for each stencil
bool dumpBytecode(VM& vm, std::string_view path);
bool dumpJit(VM& vm, std::string_view path);

}  // namespace selvage
