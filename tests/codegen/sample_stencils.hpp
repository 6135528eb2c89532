// The opcodes of sample_stencils.cpp, for tests of the stencil pipeline that do not depend on Lua's.
#pragma once

#include <cstdint>

#include "vm/machine.hpp"

namespace selvage::sample {

enum SampleOpcode : uint32_t {
  opcodeNothing,       // no code at all
  opcodeLoad,          // slot a = wide
  opcodeAdd,           // slot a = slot b + slot c, integers or floats, else sample_slowAdd
  opcodeJumpIfLess,    // jumps if integer slot a < integer slot b
  opcodeNegate,        // float slot a = -|slot b| * 2.5, which needs constants in memory
  opcodeCall,          // goes to the handler in slot a, which comes back to the resume part
  opcodeRemember,      // slot a = 64-bit numbers pc + user0
  opcodeSubtractHalf,  // slot a = slot a - b / 2, in 64 bits, for a negative number b
  opcodeLeave,         // goes to sample_leave
  opcodeCount,
};

}  // namespace selvage::sample
