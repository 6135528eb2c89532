// Which stencils an opcode has: the stitcher chooses among them by what it knows when it compiles.
//
// Every opcode has the general stencil, which works for all operands. One with a constant operand has it also for each
// number type of the constant. Float arithmetic has in addition stencils that expect floats: their operands may be in
// registers f0 to f3, where an earlier stencil left what it also wrote to its slot, and their result goes to one as
// well as to its slot. Where an operand turns out not to be a float they leave, with nothing done, for the general
// stencil of the same instruction.
#pragma once

#include <cstdint>

#include "vm/event.hpp"
#include "vm/opcode_info.hpp"
#include "vm/value.hpp"

namespace selvage {

// What is known of the constant operand.
enum class ConstantType : uint8_t { Any, Integer, Float };

constexpr bool hasConstantOperand(const OpcodeInfo& info) {
  return info.a == OperandKind::Constant || info.b == OperandKind::Constant || info.c == OperandKind::Constant;
}

constexpr ConstantType constantTypeOf(Tag tag) {
  return tag == Tag::Integer ? ConstantType::Integer : tag == Tag::Float ? ConstantType::Float : ConstantType::Any;
}

// Where a stencil that expects floats has an operand.
enum class Place : uint8_t { Slot, F0, F1, F2, F3 };
constexpr uint32_t placeCount = 5;
constexpr uint32_t floatRegisters = placeCount - 1;
constexpr Place placeOfRegister(uint32_t i) { return static_cast<Place>(i + 1); }

constexpr bool hasFloatStencils(Event event) {
  return event == Event::Add || event == Event::Sub || event == Event::Mul || event == Event::Div;
}

// Variant numbers: 0 the general stencil, 1 and 2 for the constant's type, then those that expect floats. Their result is
// always in a register too. A constant operand has place Slot and its type counts instead.
constexpr uint32_t generalVariant(ConstantType constant) { return static_cast<uint32_t>(constant); }
constexpr uint32_t floatVariant(Place result, Place left, Place right, ConstantType constant) {
  const uint32_t places = static_cast<uint32_t>(left) * placeCount + static_cast<uint32_t>(right);
  return 3 + ((static_cast<uint32_t>(result) - 1) * placeCount * placeCount + places) * 3 +
         static_cast<uint32_t>(constant);
}
constexpr uint32_t variantCount = 3 + floatRegisters * placeCount * placeCount * 3;

}  // namespace selvage
