// The errors of operations on values of the wrong type, in the reference's words.
//
// Where an operand index of the current instruction is given (0 = a, 1 = b, 2 = c), the message names the variable
// that the operand came from; noOperand leaves the name out, as for operations done by native functions. All functions
// raise through failWithPosition and return false, so that callers can `return failIndex(...)`.
#pragma once

#include <string_view>

#include "vm/event.hpp"
#include "vm/vm.hpp"

namespace selvage {

constexpr int noOperand = -1;

// "attempt to <what> a <type> value (local 'x')": what every error below is made of.
bool failOperation(VM& vm, std::string_view what, Value value, int operand);

// `object[key]` and `object[key] = value` on something that cannot be indexed.
bool failIndex(VM& vm, Value object, int operand, Value key);
// A binary or unary arithmetic or bitwise operation without a metamethod for it; for a unary one give the operand
// twice.
bool failArithmetic(VM& vm, Event event, Value left, Value right, int leftOperand, int rightOperand);
// "attempt to compare two table values" / "attempt to compare number with nil".
bool failCompare(VM& vm, Value left, Value right);
// `left .. right`: names the operand that is neither a string nor a number. The values of a concatenation are in
// consecutive slots, so they are named by slot, counted from vm.base; -1: unknown.
bool failConcat(VM& vm, Value left, Value right, int leftSlot, int rightSlot);
bool failLength(VM& vm, Value value, int operand);
// A call of something that cannot be called: named as the current call instruction names it.
bool failCall(VM& vm, Value function);
// "bad 'for' limit (number expected, got table)"; `what` is "initial value", "limit" or "step".
bool failForLoop(VM& vm, std::string_view what, Value value);
bool failForStepIsZero(VM& vm);
// After a result other than Ok of tableSet and its kin.
bool failTableStatus(VM& vm, TableStatus status);
// Integer division and modulo by zero.
bool failDivideByZero(VM& vm);
bool failModuloByZero(VM& vm);

}  // namespace selvage
