// Which stencils an opcode has: the stitcher chooses among them by what it knows when it compiles.
#pragma once

#include <cstdint>

#include "vm/opcode_info.hpp"
#include "vm/value.hpp"

namespace selvage {

// What is known of the constant operand. The value is the stencil's variant number.
enum class ConstantType : uint8_t { Any, Integer, Float };

constexpr bool hasConstantOperand(const OpcodeInfo& info) {
  return info.a == OperandKind::Constant || info.b == OperandKind::Constant || info.c == OperandKind::Constant;
}

constexpr ConstantType constantTypeOf(Tag tag) {
  return tag == Tag::Integer ? ConstantType::Integer : tag == Tag::Float ? ConstantType::Float : ConstantType::Any;
}

}  // namespace selvage
