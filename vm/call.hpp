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

// For C++ code that catches an error by itself, as loading does: passes vm.error to the message handler in force for the
// running function, unless one has seen it, and leaves in vm.error what the handler made of it. The stack may move.
void passToMessageHandler(VM& vm);

}  // namespace selvage
