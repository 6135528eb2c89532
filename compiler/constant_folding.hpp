// Operators on constants, worked out at compile time by the reference's rules.
//
// The parser folds while it builds the tree, because `local x <const> = 60 * 60` must be known to be a compile-time
// constant when x is next mentioned.
#pragma once

#include <optional>

#include "compiler/ast.hpp"
#include "vm/value.hpp"

namespace selvage {

// The value of an arithmetic or bitwise operator on two numbers, or nothing: when an operand is not a number, when the
// operation would fail at run time, for a zero divisor, and when the result is a float that is NaN or zero (so that
// the sign of a zero never gets lost among constants).
std::optional<Value> foldBinary(BinaryOperator operation, Value left, Value right);

// The same for `-` and `~` on numbers, and `not` on any constant.
std::optional<Value> foldUnary(UnaryOperator operation, Value operand);

}  // namespace selvage
