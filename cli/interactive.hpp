// The prompt: reads a line, runs it, prints its results, again.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

void runInteractively(VM& vm);

}  // namespace selvage
