// The interpreter's dispatch table and what slow paths ask of an opcode.
#pragma once

#include <span>

#include "opcodes.hpp"
#include "vm/event.hpp"
#include "vm/machine.hpp"

namespace selvage {

// What a slow path needs to know of an opcode beyond its operands.
struct OpcodeTraits {
  Event event = Event::Index;  // the metamethod that its slow path may call
  bool jumpsWhen = false;      // comparisons: the outcome that jumps
  Handler* resume = nullptr;   // where interpreted calls by this opcode return to
};

std::span<Handler* const> interpreterHandlers();
// By opcode number.
struct OpcodeTraitsTable {
  OpcodeTraits traits[opcodeCount];
};
extern const OpcodeTraitsTable opcodeTraitsTable;
inline std::span<const OpcodeTraits> opcodeTraits() { return opcodeTraitsTable.traits; }

// The entry of an interpreted function.
extern "C" Handler selvage_interpret;

}  // namespace selvage
