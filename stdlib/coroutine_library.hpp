// The coroutine library.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

// Makes the global table `coroutine`.
void openCoroutine(VM& vm);

}  // namespace selvage
