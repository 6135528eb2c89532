// The `jit` library: control of the JIT and its counters.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

// Makes the global table `jit`. The VM must be an engine's (jit/engine.hpp).
void openJit(VM& vm);

}  // namespace selvage
