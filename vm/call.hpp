// Calling Lua from C++ code.
#pragma once

#include <cstdint>
#include <span>

#include "vm/vm.hpp"

namespace selvage {

constexpr int allResults = -1;

// Calls any callable value above vm.top of the running thread and waits for it; not yieldable inside. On success the
// results (exactly `wanted`, or all and their number in `got`) are pushed: vm.top grows by as many. False: the error is
// in vm.error and vm.top is as before. The stack may move. `arguments` may point into the stack.
[[nodiscard]] bool callValue(VM& vm, Value function, std::span<const Value> arguments, int wanted,
                             uint32_t* got = nullptr);

}  // namespace selvage
