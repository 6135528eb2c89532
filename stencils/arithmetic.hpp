// Arithmetic and bitwise opcodes (manual 3.4.1, 3.4.2) and the unary operators.
//
// Each binary operator exists for slot-slot, slot-constant and constant-slot operands. Integers with integers and
// numbers with numbers are done here; strings, metamethods and errors leave for selvage_arithmetic.
#pragma once

#include <bit>
#include <cmath>

#include "stencils/moves.hpp"
#include "vm/event.hpp"
#include "vm/number.hpp"

namespace selvage::opcodes {

// What each operator does with two integers (`integers`, false: not here) and two floats (`floats`).
template <Event operation>
struct Operator;

template <>
struct Operator<Event::Add> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    result = wrapAdd(l, r);
    return true;
  }
  static bool floats(double l, double r, double& result) {
    result = l + r;
    return true;
  }
};
template <>
struct Operator<Event::Sub> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    result = wrapSub(l, r);
    return true;
  }
  static bool floats(double l, double r, double& result) {
    result = l - r;
    return true;
  }
};
template <>
struct Operator<Event::Mul> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    result = wrapMul(l, r);
    return true;
  }
  static bool floats(double l, double r, double& result) {
    result = l * r;
    return true;
  }
};
template <>
struct Operator<Event::Div> {
  static bool floats(double l, double r, double& result) {
    result = l / r;
    return true;
  }
};
template <>
struct Operator<Event::Mod> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    if (static_cast<uint64_t>(r) + 1 <= 1) [[unlikely]]
      return false;  // 0: an error; -1: would trap in hardware
    result = floorModuloNarrow(l, r);
    return true;
  }
  // What is not negative and a whole number, or less than the divisor; the rest is for the library's fmod.
  static bool floats(double l, double r, double& result) {
    if (std::bit_cast<int64_t>(l) < 0 || !(r > 0)) return false;
    if (l < r) {
      result = l;
      return true;
    }
    if (!(l < 0x1p62)) return false;
    const auto whole = static_cast<int64_t>(l);
    const auto divisor = static_cast<int64_t>(r);
    if (static_cast<double>(whole) != l || static_cast<double>(divisor) != r) return false;
    result = static_cast<double>(floorModuloNarrow(whole, divisor));
    return true;
  }

  // Division of 64-bit numbers costs several times that of 32-bit ones, and most numbers are small.
  static int64_t floorModuloNarrow(int64_t l, int64_t r) {
    if (((static_cast<uint64_t>(l) | static_cast<uint64_t>(r)) >> 32) == 0)
      return static_cast<int64_t>(static_cast<uint32_t>(l) % static_cast<uint32_t>(r));
    const int64_t remainder = l % r;
    return remainder + ((remainder != 0 && (remainder ^ r) < 0) ? r : 0);
  }
};
template <>
struct Operator<Event::IDiv> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    if (static_cast<uint64_t>(r) + 1 <= 1) [[unlikely]]
      return false;
    if (((static_cast<uint64_t>(l) | static_cast<uint64_t>(r)) >> 32) == 0) {
      result = static_cast<int64_t>(static_cast<uint32_t>(l) / static_cast<uint32_t>(r));
      return true;
    }
    const int64_t quotient = l / r;
    result = quotient - static_cast<int64_t>((l % r != 0) && ((l ^ r) < 0));
    return true;
  }
  // Quotients that are small and not zero; the rest is for the library's floor.
  static bool floats(double l, double r, double& result) {
    const double quotient = l / r;
    if (!(quotient < 0x1p30 && quotient > -0x1p30)) return false;
    const auto truncated = static_cast<int32_t>(quotient);
    if (truncated == 0 && std::bit_cast<int64_t>(quotient) < 0) return false;
    result = static_cast<double>(truncated) - (static_cast<double>(truncated) > quotient ? 1.0 : 0.0);
    return true;
  }
};
template <>
struct Operator<Event::Pow> {
  static bool floats(double l, double r, double& result) {
    if (r != 2.0) return false;
    result = l * l;
    return true;
  }
};
template <>
struct Operator<Event::BAnd> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    result = l & r;
    return true;
  }
};
template <>
struct Operator<Event::BOr> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    result = l | r;
    return true;
  }
};
template <>
struct Operator<Event::BXor> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    result = l ^ r;
    return true;
  }
};
template <>
struct Operator<Event::Shl> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    result = shiftLeft(l, r);
    return true;
  }
};
template <>
struct Operator<Event::Shr> {
  static bool integers(int64_t l, int64_t r, int64_t& result) {
    result = shiftRight(l, r);
    return true;
  }
};

template <class O>
constexpr bool hasIntegers = requires(int64_t i) { O::integers(i, i, i); };
template <class O>
constexpr bool hasFloats = requires(double d) { O::floats(d, d, d); };

// A number operand as a float. False if it is no number.
template <class T, Operand O>
inline bool floatOperand(const Machine& m, Tag tag, double& result) {
  if (tag == Tag::Float) {
    result = T::template number<O>(m);
    return true;
  }
  if (tag == Tag::Integer) {
    result = static_cast<double>(T::template integer<O>(m));
    return true;
  }
  return false;
}

// Likewise where floats are expected: of numbers of the other type only constants will do.
template <class T, class Op, Operand O>
inline bool expectedFloat(const Machine& m, double& result) {
  const Tag tag = T::template tag<O>(m);
  if constexpr (kindOf(Op::info, O) == OperandKind::Constant) {
    result = tag == Tag::Integer ? static_cast<double>(T::template integer<O>(m)) : T::template number<O>(m);
    return true;
  }
  result = T::template number<O>(m);
  return tag == Tag::Float;
}
template <class T, Operand O>
inline bool expectedInteger(const Machine& m, int64_t& result) {
  result = T::template integer<O>(m);
  return T::template tag<O>(m) == Tag::Integer;
}

template <FixedName name, Event operation, OperandKind left, OperandKind right>
struct Arithmetic {
  static constexpr OpcodeInfo info{name.text, FlowKind::Next, SlotWrite, left, right, None};
  static constexpr Event event = operation;
  using Apply = Operator<operation>;
  // What takes numbers of which one is a float at least, and all other operands.
  static constexpr Handler* otherwise = operation == Event::Mod    ? &selvage_modulo
                                        : operation == Event::IDiv ? &selvage_floorDivision
                                        : operation == Event::Pow  ? &selvage_power
                                                                   : &selvage_arithmetic;

  static constexpr bool hasCarried(StencilVariant variant) {
    constexpr bool isFloatOperator =
        operation == Event::Add || operation == Event::Sub || operation == Event::Mul || operation == Event::Div;
    const bool isConstantKnown = !hasConstantOperand(info) || variant.constant != ConstantType::Any;
    return isConstantKnown && isCarriedArithmetic(variant, isFloatOperator, hasIntegers<Apply>);
  }

  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if constexpr (isIntegerPlace(T::template place<A>)) {
      int64_t l;
      int64_t r;
      int64_t result;
      if (expectedInteger<T, B>(m, l) && expectedInteger<T, C>(m, r) && Apply::integers(l, r, result)) [[likely]] {
        T::template setInteger<A>(m, result);
        SELVAGE_GO(m, T::next(m));
      }
      SELVAGE_GO(m, T::leave(m));
    } else if constexpr (isFloatPlace(T::template place<A>)) {
      double l;
      double r;
      double result;
      if (expectedFloat<T, Arithmetic, B>(m, l) && expectedFloat<T, Arithmetic, C>(m, r) && Apply::floats(l, r, result))
          [[likely]] {
        T::template setNumber<A>(m, result);
        SELVAGE_GO(m, T::next(m));
      }
      SELVAGE_GO(m, T::leave(m));
    } else {
      const Tag leftTag = T::template tag<B>(m);
      const Tag rightTag = T::template tag<C>(m);
      if constexpr (hasIntegers<Apply>) {
        if (T::areTags(leftTag, rightTag, Tag::Integer, Tag::Integer)) {
          int64_t result;
          if (Apply::integers(T::template integer<B>(m), T::template integer<C>(m), result)) [[likely]] {
            T::template setInteger<A>(m, result);
            SELVAGE_GO(m, T::next(m));
          }
          T::materialize(m);
          SELVAGE_GO(m, &selvage_arithmetic);
        }
      }
      if constexpr (hasFloats<Apply>) {
        double result;
        if (T::areTags(leftTag, rightTag, Tag::Float, Tag::Float)) {
          if (Apply::floats(T::template number<B>(m), T::template number<C>(m), result)) [[likely]] {
            T::template setNumber<A>(m, result);
            SELVAGE_GO(m, T::next(m));
          }
        }
        T::markCold();
        double l;
        double r;
        if (floatOperand<T, B>(m, leftTag, l) && floatOperand<T, C>(m, rightTag, r) && Apply::floats(l, r, result)) {
          T::template setNumber<A>(m, result);
          SELVAGE_GO(m, T::next(m));
        }
      }
      T::materialize(m);
      SELVAGE_GO(m, otherwise);
    }
  }
};

// `x = x + y` where x is an upvalue and y a local variable or a constant: numbers are added in place, and the jump
// passes by the instructions behind this one, which do the same for all operands. A number needs no barrier.
template <FixedName name, Event operation, OperandKind right>
struct UpdateUpvalue {
  static constexpr OpcodeInfo info{name.text, FlowKind::Branch, OperandKind::Upvalue, right, None, JumpExtension};
  using Apply = Operator<operation>;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    Value* const variable = T::template upvalue<A>(m)->value;
    const Tag tag = variable->tag;
    const Tag rightTag = T::template tag<B>(m);
    if (T::areTags(tag, rightTag, Tag::Integer, Tag::Integer)) [[likely]] {
      int64_t result = 0;
      Apply::integers(variable->integer(), T::template integer<B>(m), result);
      variable->bits = static_cast<uint64_t>(result);
      SELVAGE_GO(m, T::jump(m));
    }
    double result = 0;
    if (T::areTags(tag, rightTag, Tag::Float, Tag::Float)) {
      Apply::floats(variable->number(), T::template number<B>(m), result);
      variable->bits = std::bit_cast<uint64_t>(result);
      SELVAGE_GO(m, T::jump(m));
    }
    T::markCold();
    if (T::areTags(tag, rightTag, Tag::Float, Tag::Integer)) {
      Apply::floats(variable->number(), static_cast<double>(T::template integer<B>(m)), result);
      variable->bits = std::bit_cast<uint64_t>(result);
      SELVAGE_GO(m, T::jump(m));
    }
    SELVAGE_GO(m, T::next(m));
  }
};

template <FixedName name, Event operation>
struct Unary {
  static constexpr OpcodeInfo info{name.text, FlowKind::Next, SlotWrite, SlotRead, None, None};
  static constexpr Event event = operation;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Tag tag = T::template tag<B>(m);
    if (tag == Tag::Integer) [[likely]] {
      const int64_t i = T::template integer<B>(m);
      T::template setInteger<A>(m, operation == Event::Unm ? wrapSub(0, i) : ~i);
      SELVAGE_GO(m, T::next(m));
    }
    if constexpr (operation == Event::Unm) {
      if (tag == Tag::Float) {
        T::template setNumber<A>(m, -T::template number<B>(m));
        SELVAGE_GO(m, T::next(m));
      }
    }
    T::materialize(m);
    SELVAGE_GO(m, &selvage_unary);
  }
};

struct Not {
  static constexpr OpcodeInfo info{"Not", FlowKind::Next, SlotWrite, SlotRead, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::template setTag<A>(m, isFalsy(T::template tag<B>(m)) ? Tag::True : Tag::False);
    SELVAGE_GO(m, T::next(m));
  }
};

struct Length {
  static constexpr OpcodeInfo info{"Length", FlowKind::Next, SlotWrite, SlotRead, None, None};
  static constexpr Event event = Event::Len;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Tag tag = T::template tag<B>(m);
    if (tag == Tag::Table) [[likely]] {
      const auto* table = T::template object<B, selvage::Table>(m);
      if (table->hash == nullptr && table->shape->metatable == nullptr) [[likely]] {
        T::template setInteger<A>(m, table->arrayCount);
        SELVAGE_GO(m, T::next(m));
      }
    } else if (tag == Tag::String) {
      T::template setInteger<A>(m, static_cast<int64_t>(T::template object<B, String>(m)->length));
      SELVAGE_GO(m, T::next(m));
    }
    T::materialize(m);
    SELVAGE_GO(m, &selvage_length);
  }
};

struct Concat {
  static constexpr OpcodeInfo info{"Concat", FlowKind::Next, SlotWrite, SlotRange, Immediate, None};
  static constexpr Event event = Event::Concat;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::materialize(m);
    SELVAGE_GO(m, &selvage_concat);
  }
};

}  // namespace selvage::opcodes
