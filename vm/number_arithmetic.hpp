// What the arithmetic and bitwise operators make of two numbers (manual 3.4.1 to 3.4.3), without metamethods and
// errors.
//
// Stencils do the frequent cases by themselves (stencils/arithmetic.hpp). This is the one text of the whole, for
// constants at compile time, for slow paths and for the handlers that call the C library.
#pragma once

#include <cmath>
#include <optional>

#include "vm/event.hpp"
#include "vm/float_operations.hpp"
#include "vm/number.hpp"

namespace selvage {

// The events of operations on integers only.
constexpr bool isBitwise(Event event) { return (event >= Event::BAnd && event <= Event::Shr) || event == Event::BNot; }

// Of all operators but `/` and `^`, which have no form for integers. A divisor is not 0; unary operators look at `a`.
inline int64_t integerArithmetic(Event event, int64_t a, int64_t b) {
  switch (event) {
    case Event::Add: return wrapAdd(a, b);
    case Event::Sub: return wrapSub(a, b);
    case Event::Mul: return wrapMul(a, b);
    case Event::Mod: return floorModulo(a, b);
    case Event::IDiv: return floorDivide(a, b);
    case Event::BAnd: return a & b;
    case Event::BOr: return a | b;
    case Event::BXor: return a ^ b;
    case Event::Shl: return shiftLeft(a, b);
    case Event::Shr: return shiftRight(a, b);
    case Event::BNot: return ~a;
    default: return wrapSub(0, a);  // Unm
  }
}

// Of all operators but the bitwise ones, which have no form for floats. Inline in whole: the handlers of `^`, `%` and
// `//` lose a tenth of such an operation's time to one more call.
[[gnu::always_inline]] inline double floatArithmetic(Event event, double a, double b) {
  switch (event) {
    case Event::Add: return a + b;
    case Event::Sub: return a - b;
    case Event::Mul: return a * b;
    case Event::Mod: return floorModulo(a, b);
    case Event::Pow: return power(a, b);
    case Event::Div: return a / b;
    case Event::IDiv: return std::floor(a / b);
    default: return -a;  // Unm
  }
}

// Of any operator; unary ones are given their operand twice. Nothing: an integer divided by the integer 0, or a float
// without integer value in a bitwise operation.
inline std::optional<Value> numberArithmetic(Event event, Value left, Value right) {
  if (isBitwise(event)) {
    int64_t a;
    int64_t b;
    if (!asInteger(left, a) || !asInteger(right, b)) return std::nullopt;
    return Value::integer(integerArithmetic(event, a, b));
  }
  if (left.isInteger() && right.isInteger() && event != Event::Div && event != Event::Pow) {
    if (right.integer() == 0 && (event == Event::Mod || event == Event::IDiv)) return std::nullopt;
    return Value::integer(integerArithmetic(event, left.integer(), right.integer()));
  }
  return Value::number(floatArithmetic(event, asFloat(left), asFloat(right)));
}

}  // namespace selvage
