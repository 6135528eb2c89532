// Constant folding; see the header for the rules.
#include "compiler/constant_folding.hpp"

#include <cmath>

#include "vm/number_arithmetic.hpp"

namespace selvage {
namespace {

// The arithmetic and bitwise operators stand in the order of their events.
Event eventOf(BinaryOperator operation) {
  constexpr auto distance = static_cast<uint8_t>(Event::Add) - static_cast<uint8_t>(BinaryOperator::Add);
  static_assert(static_cast<uint8_t>(Event::Shr) - static_cast<uint8_t>(BinaryOperator::Shr) == distance);
  return static_cast<Event>(static_cast<uint8_t>(operation) + distance);
}

std::optional<Value> fold(Event event, Value left, Value right) {
  auto result = numberArithmetic(event, left, right);
  if (!result || result->isInteger()) return result;
  const double number = result->number();
  return std::isnan(number) || number == 0 ? std::nullopt : result;
}

}  // namespace

std::optional<Value> foldBinary(BinaryOperator operation, Value left, Value right) {
  if (!isArithmetic(operation) || !left.isNumber() || !right.isNumber()) return std::nullopt;
  const bool divides =
      operation == BinaryOperator::Mod || operation == BinaryOperator::Div || operation == BinaryOperator::IDiv;
  if (divides && asFloat(right) == 0) return std::nullopt;
  return fold(eventOf(operation), left, right);
}

std::optional<Value> foldUnary(UnaryOperator operation, Value operand) {
  if (operation == UnaryOperator::Not) return Value::boolean(operand.isFalsy());
  if (operation == UnaryOperator::Length || !operand.isNumber()) return std::nullopt;
  return fold(operation == UnaryOperator::Minus ? Event::Unm : Event::BNot, operand, operand);
}

}  // namespace selvage
