// What planning asks of an opcode: worked out from the opcodes' definitions (opcodes.hpp) when this is compiled, so
// that the plan, which looks at every instruction of a function, finds it in one place.
#pragma once

#include <array>
#include <cstdint>

#include "opcodes.hpp"

namespace selvage {

// Operands as a set of bits.
using OperandSet = uint8_t;
constexpr OperandSet noOperand = 0;
constexpr OperandSet operandA = 1;
constexpr OperandSet operandB = 2;
constexpr OperandSet operandC = 4;
constexpr OperandSet anyOperand = operandA | operandB | operandC;

// What stands for the opcodes that are planned alike: the first of them.
constexpr Opcode arithmetic = Opcode::Add;          // slot A = B operator C
constexpr Opcode comparison = Opcode::JumpIfEqual;  // jumps by comparing A and B

// In one machine word. That most instructions are plain is foreseen by the processor, which then looks at the next one
// without waiting for this one's length.
struct alignas(uint64_t) PlanForm {
  Opcode plannedLike : 8;  // itself, or what stands for it
  uint8_t words : 8;
  bool isPlain : 1;               // one word, does not jump, and is followed: most are
  bool hasWideJump : 1;           // in operands B and C
  bool hasJumpExtension : 1;      // in the second word
  bool isFollowed : 1;            // by the next instruction, if it does not jump
  bool isEndOfUse : 1;            // isReadAsNumber() looks no further
  OperandSet constants : 3;       // operands that are constants
  OperandSet readSlots : 3;       // operands that are slots which are read
  bool takesFloats : 1;           // arithmetic: has carried stencils for floats
  bool takesIntegers : 1;         // the same for integers
  OperandSet integersWanted : 3;  // of `readSlots`, those that profit from an integer in a register
  OperandSet floatsWanted : 3;    // the same for floats
  bool setsSlot : 1;              // A and nothing else
  bool setsUnknownSlots : 1;      // A and those above it may be set to anything
  bool forgetsRegisters : 1;      // all of them

  constexpr bool hasJump() const { return hasWideJump || hasJumpExtension; }
};
static_assert(sizeof(PlanForm) == 8 && opcodeCount <= 256);

// The slots that profit from a number in a register: what a load looks for ahead of it.
constexpr OperandSet operandsThatWant(bool isFloat, Opcode opcode) {
  const OperandSet integerKey = isFloat ? noOperand : operandB;
  switch (opcode) {
    case arithmetic: return anyOperand;
    case Opcode::Move:
    case Opcode::SetField: return operandB;
    case Opcode::SetIndex: return operandC | integerKey;
    case Opcode::SetIndexInteger: return operandC;
    case Opcode::SetIndexConstant: return integerKey;
    case Opcode::GetIndex: return isFloat ? noOperand : operandC;
    default: return opcodeInfo[static_cast<uint32_t>(opcode)].flow == FlowKind::Branch ? anyOperand : noOperand;
  }
}

constexpr PlanForm planFormOf(uint32_t opcode) {
  const OpcodeInfo& info = opcodeInfo[opcode];
  const Event event = opcodeEvents[opcode];
  const auto operands = [&](auto isMember) {
    return static_cast<OperandSet>((isMember(info.a) ? operandA : noOperand) |
                                   (isMember(info.b) ? operandB : noOperand) |
                                   (isMember(info.c) ? operandC : noOperand));
  };
  const auto isOneOf = [&](auto... events) { return (... || (event == events)); };
  const bool isArithmetic = info.a == OperandKind::SlotWrite && event >= Event::Add && event <= Event::Shr;
  const bool isComparison = info.flow == FlowKind::Branch && isOneOf(Event::Eq, Event::Lt, Event::Le);
  const Opcode like = isArithmetic ? arithmetic : isComparison ? comparison : static_cast<Opcode>(opcode);
  const bool setsSlot = info.a == OperandKind::SlotWrite || info.a == OperandKind::SlotReadWrite;
  const bool setsRange = info.a == OperandKind::SlotRange;
  const bool isFollowed = info.flow != FlowKind::Jump && info.flow != FlowKind::Leave;
  return {
      .plannedLike = like,
      .words = static_cast<uint8_t>(info.words()),
      .isPlain = info.words() == 1 && isFollowed && info.b != OperandKind::JumpWide,
      .hasWideJump = info.b == OperandKind::JumpWide,
      .hasJumpExtension = info.extension == OperandKind::JumpExtension,
      .isFollowed = isFollowed,
      .isEndOfUse = setsRange || !isFollowed,
      .constants = operands([](OperandKind kind) { return kind == OperandKind::Constant; }),
      .readSlots = operands([](OperandKind kind) { return kind == OperandKind::SlotRead; }),
      .takesFloats = isArithmetic && isOneOf(Event::Add, Event::Sub, Event::Mul, Event::Div),
      .takesIntegers = isArithmetic && !isOneOf(Event::Div, Event::Pow),
      .integersWanted = operandsThatWant(false, like),
      .floatsWanted = operandsThatWant(true, like),
      .setsSlot = setsSlot,
      // What calls and their like leave is not known; loops keep their hidden slots.
      .setsUnknownSlots = setsRange && info.flow != FlowKind::Branch,
      .forgetsRegisters = info.flow == FlowKind::Call || operands([](OperandKind kind) {
                                                           return kind == OperandKind::SlotRange ||
                                                                  kind == OperandKind::Proto ||
                                                                  kind == OperandKind::FrameSize;
                                                         }) != noOperand,
  };
}

inline constexpr std::array<PlanForm, opcodeCount> planForms = [] {
  std::array<PlanForm, opcodeCount> forms{};
  for (uint32_t opcode = 0; opcode < opcodeCount; ++opcode) forms[opcode] = planFormOf(opcode);
  return forms;
}();

}  // namespace selvage
