// Operations on values with their metamethods (manual 2.4 and 3.4), for everything that is not an inline fast path.
//
// Each operation is split in two: a lookup decides what happens without ever calling into Lua, so that the
// interpreter's slow paths can call the handler themselves without recursion on the C stack; the function beneath it
// is lookup and call together, for C++ code that needs the answer at once (and is thereby not yieldable meanwhile).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "vm/event.hpp"
#include "vm/native.hpp"
#include "vm/number.hpp"
#include "vm/operation_errors.hpp"
#include "vm/vm.hpp"

namespace selvage {

enum class Lookup {
  Done,    // the operation is complete
  Call,    // a handler has to be called
  Failed,  // an error was raised
};

constexpr int maxMetamethodChain = 2000;

// ---- lookups: never call Lua, never collect, never move the stack ----
// `operand` arguments are operand indices of the current instruction, for messages; see operation_errors.hpp.

// object[key]. Done: `result` is the value. Call: `result` is the handler, to be called with (receiver, key).
Lookup lookupIndex(VM& vm, Value object, Value key, Value& result, Value& receiver, int operand = noOperand);
// object[key] = value. Done: stored. Call: `handler` is to be called with (receiver, key, value). `isDynamic` as in
// tableSetString: false when the key is a constant of the program.
Lookup lookupSetIndex(VM& vm, Value object, Value key, Value value, Value& handler, Value& receiver,
                      int operand = noOperand, bool isDynamic = true);
// Binary arithmetic, including strings that are numerals, and bitwise operations; Unm and BNot with the operand given
// twice. Done: `result` is the value. Call: `result` is the handler, to be called with (left, right).
Lookup lookupArithmetic(VM& vm, Event event, Value left, Value right, Value& result, int leftOperand = noOperand,
                        int rightOperand = noOperand);
// `left < right` (Event::Lt) or `left <= right` (Event::Le). Done: `result` is a boolean. Call: `result` is the
// handler, to be called with (left, right), whose result is to be tested for truth. Where there is no __le but an __lt,
// `left <= right` is `not (right < left)`, as in the reference (its LUA_COMPAT_LT_LE, which it is built with by
// default): the operands have been exchanged then, and `isNegated` says that the test's opposite is the answer.
Lookup lookupCompare(VM& vm, Event event, Value& left, Value& right, Value& result, bool& isNegated);
// `left == right`. Done and Call as for lookupCompare; never Failed.
Lookup lookupEqual(VM& vm, Value left, Value right, Value& result);
// #value. Call: the handler is to be called with (value, value), its first result is the answer.
Lookup lookupLength(VM& vm, Value value, Value& result, int operand = noOperand);
// left .. right. Call: the handler is to be called with (left, right). The slots, counted from vm.base, are for
// messages.
Lookup lookupConcat(VM& vm, Value left, Value right, Value& result, int leftSlot = -1, int rightSlot = -1);
// What a call of something that is not a function really calls: its __call metamethod (which may itself be no function:
// look again). Failed: there is none.
Lookup lookupCall(VM& vm, Value function, Value& handler);

// ---- whole operations; false after an error was raised ----
[[nodiscard]] bool indexValue(VM& vm, Value object, Value key, Value& result);
[[nodiscard]] bool setIndexValue(VM& vm, Value object, Value key, Value value);
[[nodiscard]] bool arithmetic(VM& vm, Event event, Value left, Value right, Value& result);
[[nodiscard]] bool lessThan(VM& vm, Value left, Value right, bool& result);
[[nodiscard]] bool lessEqual(VM& vm, Value left, Value right, bool& result);
[[nodiscard]] bool equalValues(VM& vm, Value left, Value right, bool& result);
// #value: any value, as a __len metamethod may return.
[[nodiscard]] bool lengthOf(VM& vm, Value value, Value& result);
[[nodiscard]] bool concatValues(VM& vm, Value left, Value right, Value& result);
// The text of a string or number as tostring gives it, if nothing stands in the way (a __tostring in the metatable of
// all strings or numbers). Numbers are written to `buffer`, of maxNumberText bytes. False for other values.
bool plainTextOf(VM& vm, Value value, char* buffer, std::string_view& text);
// What tostring gives: __tostring, __name, or the plain text. Raises when __tostring returns no string.
[[nodiscard]] bool toStringValue(VM& vm, Value value, String*& result);

// ---- without metamethods ----
bool rawEqual(Value left, Value right);
bool numberLessThan(Value left, Value right);
bool numberLessEqual(Value left, Value right);
// Negative, zero or positive as `left` is before, equal to or after `right` in the order of the C locale's strcoll,
// piece by piece between NULs.
int compareStrings(const String* left, const String* right);
// The text of a string or number; numbers are written to `buffer` (maxNumberText bytes). False for other values.
bool textOf(Value value, char* buffer, std::string_view& text);

}  // namespace selvage
