// The errors of operations on values of the wrong type; see the header.
#include "vm/operation_errors.hpp"

#include <string>

#include "vm/debug_names.hpp"
#include "vm/format_text.hpp"
#include "vm/native.hpp"
#include "vm/number_arithmetic.hpp"

namespace selvage {

namespace {

// The innermost frame's proto if that runs Lua code. What is being called may turn out not to be a function at all.
const Proto* runningProto(VM& vm) {
  const Value function = Frame{vm.base}.function();
  return function.isFunction() && function.function()->isLua() ? function.function()->proto() : nullptr;
}

uint32_t runningPc(const VM& vm, const Proto& proto) { return static_cast<uint32_t>(vm.pc - proto.code.data()); }

Text operandDescription(VM& vm, int operand) {
  const Proto* proto = operand == noOperand ? nullptr : runningProto(vm);
  if (proto == nullptr) return Text(vm);
  return describeOperand(vm, *proto, runningPc(vm, *proto), static_cast<uint32_t>(operand));
}

Text inParentheses(VM& vm, const VariableName& variable) {
  return variable.kind == nullptr ? Text(vm) : formatText(vm, " ({} '{}')", variable.kind, variable.name);
}

bool failDescribed(VM& vm, std::string_view what, Value value, std::string_view description) {
  return failWithPosition(
      vm, formatText(vm, "attempt to {} a {} value{}", what, typeNameForMessage(vm, value), description));
}

}  // namespace

bool failOperation(VM& vm, std::string_view what, Value value, int operand) {
  return failDescribed(vm, what, value, operandDescription(vm, operand));
}

bool failIndex(VM& vm, Value object, int operand, Value) { return failOperation(vm, "index", object, operand); }

bool failArithmetic(VM& vm, Event event, Value left, Value right, int leftOperand, int rightOperand) {
  if (isBitwise(event)) {
    if (left.isNumber() && right.isNumber()) {
      const int culprit = toInteger(left) ? rightOperand : leftOperand;
      return failWithPosition(
          vm, formatText(vm, "number{} has no integer representation", operandDescription(vm, culprit)));
    }
  }
  const bool leftIsWrong = !left.isNumber();
  return failOperation(vm, isBitwise(event) ? "perform bitwise operation on" : "perform arithmetic on",
                       leftIsWrong ? left : right, leftIsWrong ? leftOperand : rightOperand);
}

bool failCompare(VM& vm, Value left, Value right) {
  const std::string_view leftName(typeNameForMessage(vm, left));
  const std::string_view rightName(typeNameForMessage(vm, right));
  if (leftName == rightName) return failWithPosition(vm, formatText(vm, "attempt to compare two {} values", leftName));
  return failWithPosition(vm, formatText(vm, "attempt to compare {} with {}", leftName, rightName));
}

bool failConcat(VM& vm, Value left, Value right, int leftSlot, int rightSlot) {
  const bool leftIsWrong = !left.isString() && !left.isNumber();
  const int slot = leftIsWrong ? leftSlot : rightSlot;
  const Proto* proto = slot < 0 ? nullptr : runningProto(vm);
  const Text description =
      proto == nullptr ? Text(vm)
                       : inParentheses(vm, nameOfSlot(*proto, runningPc(vm, *proto), static_cast<uint32_t>(slot)));
  return failDescribed(vm, "concatenate", leftIsWrong ? left : right, description);
}

bool failLength(VM& vm, Value value, int operand) { return failOperation(vm, "get length of", value, operand); }

bool failCall(VM& vm, Value function) {
  const uint32_t finalizerFrame = vm.current->finalizerFrame;
  if (finalizerFrame != 0 && vm.base == vm.current->stack + finalizerFrame) {
    return failDescribed(vm, "call", function, " (metamethod '__gc')");
  }
  const Proto* proto = runningProto(vm);
  const Text description =
      proto == nullptr ? Text(vm) : inParentheses(vm, nameOfCall(vm, *proto, runningPc(vm, *proto)));
  return failDescribed(vm, "call", function, description);
}

bool failForLoop(VM& vm, std::string_view what, Value value) {
  return failWithPosition(
      vm, formatText(vm, "bad 'for' {} (number expected, got {})", what, typeNameForMessage(vm, value)));
}

bool failForStepIsZero(VM& vm) { return failWithPosition(vm, "'for' step is zero"); }

bool failTableStatus(VM& vm, TableStatus status) {
  switch (status) {
    case TableStatus::KeyIsNil: return failWithPosition(vm, "table index is nil");
    case TableStatus::KeyIsNaN: return failWithPosition(vm, "table index is NaN");
    case TableStatus::TooLarge: return failWithPosition(vm, "table overflow");
    case TableStatus::ReadOnly: return failWithPosition(vm, "attempt to modify a read-only table");
    case TableStatus::Ok:
    case TableStatus::OutOfMemory: break;
  }
  return failMemory(vm);
}

bool failDivideByZero(VM& vm) { return failWithPosition(vm, "attempt to divide by zero"); }
bool failModuloByZero(VM& vm) { return failWithPosition(vm, "attempt to perform 'n%0'"); }

}  // namespace selvage
