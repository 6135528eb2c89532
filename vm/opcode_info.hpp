// The vocabulary in which opcodes describe themselves. The table itself is generated from the definitions in
// stencils/ (see codegen/), so that the compiler, the disassembler, the verifier and the stitcher all read one text.
#pragma once

#include <cstdint>

namespace selvage {

enum class OperandKind : uint8_t {
  None,
  SlotWrite,  // a stack slot that the instruction sets
  SlotRead,   // a stack slot that it reads
  SlotReadWrite,
  SlotRange,           // the first of several slots; how many is the instruction's own rule
  Constant,            // a constant (units of 8 bytes from the constants pointer)
  Cache,               // an inline cache, likewise
  Template,            // a table template, likewise
  Upvalue,             // an upvalue's index
  Proto,               // index of a nested proto
  Immediate,           // an unsigned number
  FrameSize,           // a number of slots, in units of 8 bytes
  SignedWide,          // b and c together: a signed number
  ConstantWide,        // b and c together: a constant
  JumpWide,            // b and c together: a jump
  JumpExtension,       // the second word: a jump
  ImmediateExtension,  // the second word: an unsigned number
};

// What an instruction does to control flow, for the verifier and the stitcher.
enum class FlowKind : uint8_t {
  Next,    // goes on with the next instruction only
  Branch,  // next or its jump
  Jump,    // its jump only
  Call,    // calls, comes back to the next instruction
  Leave,   // leaves the function
};

struct OpcodeInfo {
  const char* name;
  FlowKind flow;
  OperandKind a, b, c;    // b may be a wide kind, then c is None
  OperandKind extension;  // None: the instruction is one word
  constexpr uint32_t words() const { return extension == OperandKind::None ? 1 : 2; }
};

}  // namespace selvage
