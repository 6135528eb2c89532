// Names for messages, found by looking back through the bytecode for what set a slot.
#pragma once

#include <cstdint>
#include <string_view>

#include "vm/vm.hpp"

namespace selvage {

struct VariableName {
  const char* kind = nullptr;  // "local", "upvalue", "global", "field", "method", "constant", "metamethod",
                               // "for iterator"; null: unknown
  std::string_view name;       // of a string that the proto or the VM keeps
};

// What the value in `slot` is called just before the instruction at word `pc` runs.
VariableName nameOfSlot(const Proto& proto, uint32_t pc, uint32_t slot);
// How the call instruction (or the metamethod-calling instruction) at word `pc` names the function it calls.
VariableName nameOfCall(VM& vm, const Proto& proto, uint32_t pc);
// " (local 'x')" or "": for the operand `operand` (0 = a, 1 = b, 2 = c) of the instruction at `pc`.
Text describeOperand(VM& vm, const Proto& proto, uint32_t pc, uint32_t operand);
// The name of the local variable active at `pc` in `slot`, or null.
const LocalVariable* activeLocal(const Proto& proto, uint32_t pc, uint32_t slot);

}  // namespace selvage
