// Which stencils an opcode has: the stitcher chooses among them by what it knows when it compiles.
//
// Every opcode has the general stencil, which works for all operands. One with a constant operand has it also for each
// number type of the constant. Many have in addition carried stencils: an operand's place may be a register, where an
// earlier stencil left what it also wrote to the operand's slot, and a result's place may be a register, which then
// gets what is also written to the slot. A register's kind is its type: f0 to f3 hold floats, x0 and x1 integers. A
// stencil whose result would be of another type leaves, with nothing done, for the general stencil of the same
// instruction.
#pragma once

#include <cstdint>

#include "vm/event.hpp"
#include "vm/opcode_info.hpp"
#include "vm/value.hpp"

namespace selvage {

// What is known of the constant operand, or of a cache, which lies among the constants.
enum class ConstantType : uint8_t {
  Any,
  Integer,
  Float,
  OwnField,  // a cache that has met one shape, whose objects have the field themselves: the stencil's own constants
  Counted,   // nothing; a jump back in a general copy, which counts its turns (see Engine: recompilation)
};
constexpr uint32_t constantTypeCount = 5;

constexpr bool hasConstantOperand(const OpcodeInfo& info) {
  return info.a == OperandKind::Constant || info.b == OperandKind::Constant || info.c == OperandKind::Constant;
}

constexpr ConstantType constantTypeOf(Tag tag) {
  return tag == Tag::Integer ? ConstantType::Integer : tag == Tag::Float ? ConstantType::Float : ConstantType::Any;
}

// Where an operand is: in its slot alone, or in a register too.
enum class Place : uint8_t { Slot, F0, F1, F2, F3, I0, I1 };
constexpr uint32_t placeCount = 7;
constexpr uint32_t registerCount = placeCount - 1;  // register i is Place i + 1
constexpr uint32_t floatRegisters = 4;              // the first ones
constexpr Place placeOfRegister(uint32_t i) { return static_cast<Place>(i + 1); }
constexpr bool isFloatPlace(Place place) { return place >= Place::F0 && place <= Place::F3; }
constexpr bool isIntegerPlace(Place place) { return place >= Place::I0; }

struct StencilVariant {
  ConstantType constant = ConstantType::Any;
  Place a = Place::Slot;
  Place b = Place::Slot;
  Place c = Place::Slot;

  // Whether it is one of those that stand beside the general stencils.
  constexpr bool isCarried() const {
    return a != Place::Slot || b != Place::Slot || c != Place::Slot || constant >= ConstantType::OwnField;
  }
  constexpr uint32_t number() const {
    const uint32_t places =
        (static_cast<uint32_t>(c) * placeCount + static_cast<uint32_t>(b)) * placeCount + static_cast<uint32_t>(a);
    return places * constantTypeCount + static_cast<uint32_t>(constant);
  }
  static constexpr StencilVariant of(uint32_t number) {
    const uint32_t places = number / constantTypeCount;
    return {static_cast<ConstantType>(number % constantTypeCount), static_cast<Place>(places % placeCount),
            static_cast<Place>(places / placeCount % placeCount), static_cast<Place>(places / placeCount / placeCount)};
  }
};
constexpr uint32_t variantCount = constantTypeCount * placeCount * placeCount * placeCount;
constexpr uint32_t generalVariant(ConstantType constant) { return StencilVariant{.constant = constant}.number(); }

constexpr bool isOwnField(uint32_t variant) {
  return variant % constantTypeCount == static_cast<uint32_t>(ConstantType::OwnField);
}

// ---- which carried stencils an opcode has, by the form of its work ----

// Result A of B and C, all floats or all integers.
constexpr bool isCarriedArithmetic(StencilVariant v, bool hasFloats, bool hasIntegers) {
  const auto fits = [&](bool (*isPlace)(Place)) {
    return isPlace(v.a) && (v.b == Place::Slot || isPlace(v.b)) && (v.c == Place::Slot || isPlace(v.c));
  };
  return (hasFloats && fits(isFloatPlace)) ||
         (hasIntegers && v.constant != ConstantType::Float && fits(isIntegerPlace));
}
// Two numbers that are compared: of one type, if both are in registers.
constexpr bool isCarriedComparison(Place left, Place right) {
  return left == Place::Slot || right == Place::Slot || isFloatPlace(left) == isFloatPlace(right);
}
// An operand that is an integer if it is in a register: a key.
constexpr bool isSlotOrInteger(Place place) { return place == Place::Slot || isIntegerPlace(place); }

}  // namespace selvage
