// Constant folding; see the header for the rules.
#include "vm/constant_folding.hpp"

#include <cmath>

#include "vm/number.hpp"

namespace selvage {
namespace {

double asFloat(Value number) { return number.isInteger() ? static_cast<double>(number.integer()) : number.number(); }

bool asInteger(Value number, int64_t& result) {
  if (number.isFloat()) return exactInteger(number.number(), result);
  result = number.integer();
  return true;
}

std::optional<Value> safeFloat(double result) {
  if (std::isnan(result) || result == 0) return std::nullopt;
  return Value::number(result);
}

std::optional<Value> foldBitwise(BinaryOperator operation, Value left, Value right) {
  int64_t a;
  int64_t b;
  if (!asInteger(left, a) || !asInteger(right, b)) return std::nullopt;
  switch (operation) {
    case BinaryOperator::BAnd: return Value::integer(a & b);
    case BinaryOperator::BOr: return Value::integer(a | b);
    case BinaryOperator::BXor: return Value::integer(a ^ b);
    case BinaryOperator::Shl: return Value::integer(shiftLeft(a, b));
    default: return Value::integer(shiftLeft(a, wrapSub(0, b)));
  }
}

std::optional<Value> foldIntegers(BinaryOperator operation, int64_t a, int64_t b) {
  switch (operation) {
    case BinaryOperator::Add: return Value::integer(wrapAdd(a, b));
    case BinaryOperator::Sub: return Value::integer(wrapSub(a, b));
    case BinaryOperator::Mul: return Value::integer(wrapMul(a, b));
    case BinaryOperator::Mod: return Value::integer(floorModulo(a, b));
    case BinaryOperator::IDiv: return Value::integer(floorDivide(a, b));
    default: return std::nullopt;  // `/` and `^` work on floats
  }
}

std::optional<Value> foldFloats(BinaryOperator operation, double a, double b) {
  switch (operation) {
    case BinaryOperator::Add: return safeFloat(a + b);
    case BinaryOperator::Sub: return safeFloat(a - b);
    case BinaryOperator::Mul: return safeFloat(a * b);
    case BinaryOperator::Mod: return safeFloat(floorModulo(a, b));
    case BinaryOperator::Pow: return safeFloat(b == 2 ? a * a : std::pow(a, b));
    case BinaryOperator::Div: return safeFloat(a / b);
    case BinaryOperator::IDiv: return safeFloat(std::floor(a / b));
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<Value> foldBinary(BinaryOperator operation, Value left, Value right) {
  if (!isArithmetic(operation) || !left.isNumber() || !right.isNumber()) return std::nullopt;
  if (operation >= BinaryOperator::BAnd) return foldBitwise(operation, left, right);
  const bool divides =
      operation == BinaryOperator::Mod || operation == BinaryOperator::Div || operation == BinaryOperator::IDiv;
  if (divides && asFloat(right) == 0) return std::nullopt;
  if (left.isInteger() && right.isInteger() && operation != BinaryOperator::Div && operation != BinaryOperator::Pow) {
    return foldIntegers(operation, left.integer(), right.integer());
  }
  return foldFloats(operation, asFloat(left), asFloat(right));
}

std::optional<Value> foldUnary(UnaryOperator operation, Value operand) {
  switch (operation) {
    case UnaryOperator::Not: return Value::boolean(operand.isFalsy());
    case UnaryOperator::Minus:
      if (operand.isInteger()) return Value::integer(wrapSub(0, operand.integer()));
      return operand.isFloat() ? safeFloat(-operand.number()) : std::nullopt;
    case UnaryOperator::BitNot: {
      int64_t i;
      if (!operand.isNumber() || !asInteger(operand, i)) return std::nullopt;
      return Value::integer(~i);
    }
    case UnaryOperator::Length: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace selvage
