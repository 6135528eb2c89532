// What planning asks of an opcode: worked out from the opcodes' definitions (opcodes.hpp) when this is compiled, so
// that the plan, which looks at every instruction of a function, finds it in one place.
#pragma once

#include <array>
#include <cstdint>

#include "opcodes.hpp"

namespace selvage {

enum class PlanGroup : uint8_t {
  Arithmetic,  // slot A = B operator C
  Comparison,  // jumps by comparing A and B
  Other,       // what it does is told by the opcode or, for most, by its operands
};

// Operands as a set of bits.
using OperandSet = uint8_t;
constexpr OperandSet noOperand = 0;
constexpr OperandSet operandA = 1;
constexpr OperandSet operandB = 2;
constexpr OperandSet operandC = 4;
constexpr OperandSet anyOperand = operandA | operandB | operandC;

struct PlanForm {
  PlanGroup group;
  uint8_t words;
  bool hasWideJump;         // in operands B and C
  bool hasJumpExtension;    // in the second word
  bool isFollowed;          // by the next instruction, if it does not jump
  bool takesFloats;         // arithmetic: has carried stencils for floats
  bool takesIntegers;       // the same for integers
  bool setsSlot;            // A and nothing else
  bool setsUnknownSlots;    // A and those above it may be set to anything
  bool forgetsRegisters;    // all of them
  bool isEndOfUse;          // isReadAsNumber() looks no further
  OperandSet constants;     // operands that are constants
  OperandSet slots;         // operands that are slots which are read
  OperandSet integersWant;  // those of them that profit from an integer in a register
  OperandSet floatsWant;    // the same for floats

  constexpr bool hasJump() const { return hasWideJump || hasJumpExtension; }
};

// The slots that profit from a number in a register: what a load looks for ahead of it.
constexpr OperandSet operandsWanting(bool isFloat, uint32_t opcode, PlanGroup group) {
  const OperandSet integerKey = isFloat ? noOperand : operandB;
  if (group == PlanGroup::Arithmetic) return anyOperand;
  switch (static_cast<Opcode>(opcode)) {
    case Opcode::Move:
    case Opcode::SetField: return operandB;
    case Opcode::SetIndex: return operandC | integerKey;
    case Opcode::SetIndexInteger: return operandC;
    case Opcode::SetIndexConstant: return integerKey;
    case Opcode::GetIndex: return isFloat ? noOperand : operandC;
    default: return opcodeInfo[opcode].flow == FlowKind::Branch ? anyOperand : noOperand;
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
  const PlanGroup group = isArithmetic   ? PlanGroup::Arithmetic
                          : isComparison ? PlanGroup::Comparison
                                         : PlanGroup::Other;
  const bool setsSlot = info.a == OperandKind::SlotWrite || info.a == OperandKind::SlotReadWrite;
  const bool setsRange = info.a == OperandKind::SlotRange;
  const bool isFollowed = info.flow != FlowKind::Jump && info.flow != FlowKind::Leave;
  return {
      .group = group,
      .words = static_cast<uint8_t>(info.words()),
      .hasWideJump = info.b == OperandKind::JumpWide,
      .hasJumpExtension = info.extension == OperandKind::JumpExtension,
      .isFollowed = isFollowed,
      .takesFloats = isArithmetic && isOneOf(Event::Add, Event::Sub, Event::Mul, Event::Div),
      .takesIntegers = isArithmetic && !isOneOf(Event::Div, Event::Pow),
      .setsSlot = setsSlot,
      // What calls and their like leave is not known; loops keep their hidden slots.
      .setsUnknownSlots = setsRange && info.flow != FlowKind::Branch,
      .forgetsRegisters = info.flow == FlowKind::Call || operands([](OperandKind kind) {
                                                           return kind == OperandKind::SlotRange ||
                                                                  kind == OperandKind::Proto ||
                                                                  kind == OperandKind::FrameSize;
                                                         }) != noOperand,
      .isEndOfUse = setsRange || !isFollowed,
      .constants = operands([](OperandKind kind) { return kind == OperandKind::Constant; }),
      .slots = operands([](OperandKind kind) { return kind == OperandKind::SlotRead; }),
      .integersWant = operandsWanting(false, opcode, group),
      .floatsWant = operandsWanting(true, opcode, group),
  };
}

inline constexpr std::array<PlanForm, opcodeCount> planForms = [] {
  std::array<PlanForm, opcodeCount> forms{};
  for (uint32_t opcode = 0; opcode < opcodeCount; ++opcode) forms[opcode] = planFormOf(opcode);
  return forms;
}();

}  // namespace selvage
