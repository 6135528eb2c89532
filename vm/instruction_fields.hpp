// Reading instruction words by the operand kinds of their opcode: where the operands are, where a jump leads, which
// slots an instruction uses and sets. What the emitter, the verifier, the disassembler and debug names share.
#pragma once

#include <cstdint>
#include <optional>

#include "opcodes.hpp"
#include "vm/event.hpp"
#include "vm/instruction.hpp"

namespace selvage {

constexpr uint32_t operandCount = 3;  // a, b and c; a wide operand is number 1 (b)

inline Opcode opcodeOf(const Instruction& instruction) { return static_cast<Opcode>(instruction.opcode); }
inline const OpcodeInfo& infoOf(const Instruction& instruction) { return opcodeInfo[instruction.opcode]; }
constexpr const OpcodeInfo& infoOf(Opcode opcode) { return opcodeInfo[static_cast<uint32_t>(opcode)]; }

constexpr OperandKind operandKind(const OpcodeInfo& info, uint32_t operand) {
  return operand == 0 ? info.a : operand == 1 ? info.b : info.c;
}
inline uint16_t operandField(const Instruction& instruction, uint32_t operand) {
  return operand == 0 ? instruction.a : operand == 1 ? instruction.b : instruction.c;
}
constexpr bool isSlot(OperandKind kind) {
  return kind == OperandKind::SlotWrite || kind == OperandKind::SlotRead || kind == OperandKind::SlotReadWrite ||
         kind == OperandKind::SlotRange;
}
constexpr bool isWide(OperandKind kind) {
  return kind == OperandKind::SignedWide || kind == OperandKind::ConstantWide || kind == OperandKind::JumpWide;
}
constexpr bool hasJump(const OpcodeInfo& info) {
  return info.b == OperandKind::JumpWide || info.extension == OperandKind::JumpExtension;
}

// The jump of an instruction that has one, in words from the instruction that follows.
inline int32_t jumpDistance(const Instruction& instruction) {
  return infoOf(instruction).b == OperandKind::JumpWide ? instruction.wide : instruction.extension();
}
// The word index that it leads to, for the instruction at `position`; out of range if the code is bad.
inline int64_t jumpTarget(const Instruction& instruction, uint32_t position) {
  return int64_t{position} + infoOf(instruction).words() + jumpDistance(instruction);
}
// Whether a jump that leads to another jump may be made to lead where that one does. The instructions of for loops keep
// pointing to one another, and jumps backwards count a loop's turns.
bool isThreadable(Opcode opcode);

// Field a of Jump and LoopJump, which have no operand there: whether debug hooks see that a line begins where control
// comes to one, which the reference may not have in the same place.
enum class JumpVisit : uint16_t {
  Usual,   // as by any instruction, but for jumps to a LoopJump, which the reference threads
  Never,   // the reference has a jump over it where control falls in here
  Always,  // the reference has a closing instruction before it
};
inline JumpVisit visitOf(const Instruction& jump) { return static_cast<JumpVisit>(jump.a); }

// The metamethod that the instruction may call, if any.
std::optional<Event> eventOf(Opcode opcode);
// Whether the opcode is one of the arithmetic and bitwise operators or an order comparison: those whose constant
// operand is a number.
bool takesNumericConstant(Opcode opcode);

// A run of slots; `count` may be `openEnd`.
struct SlotSpan {
  uint32_t first;
  uint32_t count;
  bool contains(uint32_t slot) const { return slot >= first && slot - first < count; }
};
constexpr uint32_t openEnd = 0x7FFFFFFF;

// How many slots, from the one it names, a slot operand stands for. Operands that name no value (the level from which
// Close closes) count 0.
uint32_t slotsOfOperand(const Instruction& instruction, uint32_t operand);
// The slots that the instruction sets (count 0: none). A call sets or destroys everything from its first slot on.
SlotSpan slotsSetBy(const Instruction& instruction);

}  // namespace selvage
