// The instruction word: an opcode and three 16-bit operands, in 8 bytes.
//
// Operands that address memory (stack slots from base, constants, templates and inline caches from the constants
// pointer) are in units of 8 bytes, so that both tiers use them with one scaled index or one displacement. A 32-bit
// operand takes the place of b and c. An instruction that needs both three operands and a jump has a second word,
// of which the low 32 bits are the jump. Jumps count words from the first word of the *following* instruction.
#pragma once

#include <cstdint>

namespace selvage {

struct Instruction {
  uint16_t opcode;
  uint16_t a;
  union {
    struct {
      uint16_t b;
      uint16_t c;
    };
    int32_t wide;
  };

  int32_t extension() const { return *reinterpret_cast<const int32_t*>(this + 1); }
};
static_assert(sizeof(Instruction) == 8);

constexpr uint16_t variableCount = 0xFFFF;  // as a number of arguments or results: as many as there are
constexpr uint32_t slotUnits = 2;           // operand units in one stack slot or constant
constexpr uint32_t frameHeaderSlots = 2;    // the function and the header, just below a frame's base

}  // namespace selvage
