// Operations on values with their metamethods; see the header.
#include "vm/operations.hpp"

#include <cstring>
#include <string>

#include "vm/call.hpp"
#include "vm/format_text.hpp"
#include "vm/number_arithmetic.hpp"
#include "vm/traceback.hpp"

namespace selvage {

namespace {

// Calls a handler for its first result.
bool callHandler(VM& vm, Value handler, std::span<const Value> arguments, Value& result) {
  if (!callValue(vm, handler, arguments, 1, nullptr)) return false;
  result = vm.top[-1];
  vm.top -= 1;
  return true;
}

// For `lookup`, the outcome of a binary operation's lookup with `result` the value or the handler.
bool finish(VM& vm, Lookup lookup, Value left, Value right, Value& result) {
  if (lookup != Lookup::Call) return lookup == Lookup::Done;
  const Value arguments[] = {left, right};
  return callHandler(vm, result, arguments, result);
}

bool finishTest(VM& vm, Lookup lookup, Value left, Value right, Value& answer, bool& result) {
  if (!finish(vm, lookup, left, right, answer)) return false;
  result = !answer.isFalsy();
  return true;
}

Value binaryHandler(VM& vm, Event event, Value left, Value right) {
  const Value handler = metamethodOf(vm, left, event);
  return handler.isNil() ? metamethodOf(vm, right, event) : handler;
}

Lookup chainTooLong(VM& vm, const char* event) {
  failWithPosition(vm, formatText(vm, "'{}' chain too long; possible loop", event));
  return Lookup::Failed;
}

Value storedField(Table* table, Value key) {
  return key.isString() ? tableGetString(table, key.string()) : tableGet(table, key);
}

}  // namespace

// ---- indexing ----

Lookup lookupIndex(VM& vm, Value object, Value key, Value& result, Value& receiver, int operand) {
  for (int step = 0; step < maxMetamethodChain; ++step) {
    Value handler;
    if (object.isTable()) {
      Table* table = object.table();
      result = storedField(table, key);
      if (!result.isNil()) return Lookup::Done;
      handler = metamethod(vm, table->metatable(), Event::Index);
      if (handler.isNil()) return Lookup::Done;
    } else {
      handler = metamethodOf(vm, object, Event::Index);
      if (handler.isNil()) {
        failIndex(vm, object, step == 0 ? operand : noOperand, key);
        return Lookup::Failed;
      }
    }
    if (handler.isFunction()) {
      result = handler;
      receiver = object;
      return Lookup::Call;
    }
    object = handler;
  }
  return chainTooLong(vm, "__index");
}

Lookup lookupSetIndex(VM& vm, Value object, Value key, Value value, Value& handler, Value& receiver, int operand,
                      bool isDynamic) {
  for (int step = 0; step < maxMetamethodChain; ++step) {
    if (object.isTable()) {
      Table* table = object.table();
      handler = metamethod(vm, table->metatable(), Event::NewIndex);
      if (handler.isNil() || !storedField(table, key).isNil()) {
        const TableStatus status = key.isString() ? tableSetString(vm, table, key.string(), value, isDynamic)
                                                  : tableSet(vm, table, key, value);
        if (status == TableStatus::Ok) return Lookup::Done;
        failTableStatus(vm, status);
        return Lookup::Failed;
      }
    } else {
      handler = metamethodOf(vm, object, Event::NewIndex);
      if (handler.isNil()) {
        failIndex(vm, object, step == 0 ? operand : noOperand, key);
        return Lookup::Failed;
      }
    }
    if (handler.isFunction()) {
      receiver = object;
      return Lookup::Call;
    }
    object = handler;
  }
  return chainTooLong(vm, "__newindex");
}

bool indexValue(VM& vm, Value object, Value key, Value& result) {
  Value receiver;
  const Lookup lookup = lookupIndex(vm, object, key, result, receiver);
  return finish(vm, lookup, receiver, key, result);
}

bool setIndexValue(VM& vm, Value object, Value key, Value value) {
  Value handler;
  Value receiver;
  const Lookup lookup = lookupSetIndex(vm, object, key, value, handler, receiver);
  if (lookup != Lookup::Call) return lookup == Lookup::Done;
  const Value arguments[] = {receiver, key, value};
  return callValue(vm, handler, arguments, 0, nullptr);
}

// ---- arithmetic ----

Lookup lookupArithmetic(VM& vm, Event event, Value left, Value right, Value& result, int leftOperand,
                        int rightOperand) {
  if (left.isNumber() && right.isNumber()) {
    if (const auto number = numberArithmetic(event, left, right)) {
      result = *number;
      return Lookup::Done;
    }
    if (!isBitwise(event)) {
      event == Event::Mod ? failModuloByZero(vm) : failDivideByZero(vm);
      return Lookup::Failed;
    }
    // A float without integer value may still have a metamethod (through debug.setmetatable).
  }
  result = binaryHandler(vm, event, left, right);
  if (!result.isNil()) return Lookup::Call;
  failArithmetic(vm, event, left, right, leftOperand, rightOperand);
  return Lookup::Failed;
}

bool arithmetic(VM& vm, Event event, Value left, Value right, Value& result) {
  return finish(vm, lookupArithmetic(vm, event, left, right, result), left, right, result);
}

// ---- comparison ----

bool numberLessThan(Value left, Value right) {
  if (left.isInteger()) {
    return right.isInteger() ? left.integer() < right.integer() : integerLessThanFloat(left.integer(), right.number());
  }
  return right.isInteger() ? floatLessThanInteger(left.number(), right.integer()) : left.number() < right.number();
}

bool numberLessEqual(Value left, Value right) {
  if (left.isInteger()) {
    return right.isInteger() ? left.integer() <= right.integer()
                             : integerLessEqualFloat(left.integer(), right.number());
  }
  return right.isInteger() ? floatLessEqualInteger(left.number(), right.integer()) : left.number() <= right.number();
}

int compareStrings(const String* left, const String* right) {
  if (left == right) return 0;
  const char* a = left->text;
  const char* b = right->text;
  size_t remainingA = left->length;
  size_t remainingB = right->length;
  while (true) {
    if (const int order = std::strcoll(a, b); order != 0) return order;
    const size_t piece = std::strlen(a);
    if (piece == remainingB) return piece == remainingA ? 0 : 1;
    if (piece == remainingA) return -1;
    // Equal up to a NUL in both: go on behind it.
    const size_t step = piece + 1;
    a += step;
    b += step;
    remainingA -= step;
    remainingB -= step;
  }
}

Lookup lookupCompare(VM& vm, Event event, Value& left, Value& right, Value& result, bool& isNegated) {
  isNegated = false;
  if (left.isNumber() && right.isNumber()) {
    result = Value::boolean(event == Event::Lt ? numberLessThan(left, right) : numberLessEqual(left, right));
    return Lookup::Done;
  }
  if (left.isString() && right.isString()) {
    const int order = compareStrings(left.string(), right.string());
    result = Value::boolean(event == Event::Lt ? order < 0 : order <= 0);
    return Lookup::Done;
  }
  result = binaryHandler(vm, event, left, right);
  if (!result.isNil()) return Lookup::Call;
  if (event == Event::Le) {
    result = binaryHandler(vm, Event::Lt, right, left);
    if (!result.isNil()) {
      std::swap(left, right);
      isNegated = true;
      return Lookup::Call;
    }
  }
  failCompare(vm, left, right);
  return Lookup::Failed;
}

namespace {

bool compare(VM& vm, Event event, Value left, Value right, bool& result) {
  Value answer;
  bool isNegated;
  const Lookup lookup = lookupCompare(vm, event, left, right, answer, isNegated);
  if (!finishTest(vm, lookup, left, right, answer, result)) return false;
  result = result != isNegated;
  return true;
}

}  // namespace

bool lessThan(VM& vm, Value left, Value right, bool& result) { return compare(vm, Event::Lt, left, right, result); }

bool lessEqual(VM& vm, Value left, Value right, bool& result) { return compare(vm, Event::Le, left, right, result); }

bool rawEqual(Value left, Value right) {
  if (left.tag != right.tag) {
    int64_t i;
    if (left.isInteger() && right.isFloat()) return exactInteger(right.number(), i) && i == left.integer();
    if (left.isFloat() && right.isInteger()) return exactInteger(left.number(), i) && i == right.integer();
    return false;
  }
  switch (left.tag) {
    case Tag::Nil:
    case Tag::False:
    case Tag::True: return true;
    case Tag::Float: return left.number() == right.number();
    case Tag::String: return equalStrings(left.string(), right.string());
    default: return left.bits == right.bits;
  }
}

Lookup lookupEqual(VM& vm, Value left, Value right, Value& result) {
  const bool mayHaveHandler = left.tag == right.tag && left.bits != right.bits && (left.isTable() || left.isUserdata());
  if (mayHaveHandler) {
    result = binaryHandler(vm, Event::Eq, left, right);
    if (!result.isNil()) return Lookup::Call;
    result = Value::boolean(false);
    return Lookup::Done;
  }
  result = Value::boolean(rawEqual(left, right));
  return Lookup::Done;
}

bool equalValues(VM& vm, Value left, Value right, bool& result) {
  Value answer;
  const Lookup lookup = lookupEqual(vm, left, right, answer);
  return finishTest(vm, lookup, left, right, answer, result);
}

// ---- length ----

Lookup lookupLength(VM& vm, Value value, Value& result, int operand) {
  if (value.isString()) {
    result = Value::integer(static_cast<int64_t>(value.string()->length));
    return Lookup::Done;
  }
  if (value.isTable()) {
    result = metamethod(vm, value.table()->metatable(), Event::Len);
    if (!result.isNil()) return Lookup::Call;
    result = Value::integer(tableLength(value.table()));
    return Lookup::Done;
  }
  result = metamethodOf(vm, value, Event::Len);
  if (!result.isNil()) return Lookup::Call;
  failLength(vm, value, operand);
  return Lookup::Failed;
}

bool lengthOf(VM& vm, Value value, Value& result) {
  return finish(vm, lookupLength(vm, value, result), value, value, result);
}

// ---- strings ----

bool textOf(Value value, char* buffer, std::string_view& text) {
  if (value.isString()) {
    text = value.string()->view();
    return true;
  }
  if (!value.isNumber()) return false;
  text = formatNumber(value, buffer);
  return true;
}

Lookup lookupConcat(VM& vm, Value left, Value right, Value& result, int leftSlot, int rightSlot) {
  char leftBuffer[maxNumberText];
  char rightBuffer[maxNumberText];
  std::string_view leftText;
  std::string_view rightText;
  if (!textOf(left, leftBuffer, leftText) || !textOf(right, rightBuffer, rightText)) {
    result = binaryHandler(vm, Event::Concat, left, right);
    if (!result.isNil()) return Lookup::Call;
    failConcat(vm, left, right, leftSlot, rightSlot);
    return Lookup::Failed;
  }
  if (left.isString() && rightText.empty()) {
    result = left;
    return Lookup::Done;
  }
  if (right.isString() && leftText.empty()) {
    result = right;
    return Lookup::Done;
  }
  const size_t length = leftText.size() + rightText.size();
  String* string;
  if (length <= maxShortLength) {
    char text[maxShortLength];
    std::memcpy(text, leftText.data(), leftText.size());
    std::memcpy(text + leftText.size(), rightText.data(), rightText.size());
    string = newString(vm, {text, length});
  } else {
    string = newLongString(vm, length);
    if (string != nullptr) {
      std::memcpy(string->text, leftText.data(), leftText.size());
      std::memcpy(string->text + leftText.size(), rightText.data(), rightText.size());
    }
  }
  if (string == nullptr) {
    failMemory(vm);
    return Lookup::Failed;
  }
  result = Value::string(string);
  return Lookup::Done;
}

bool concatValues(VM& vm, Value left, Value right, Value& result) {
  return finish(vm, lookupConcat(vm, left, right, result), left, right, result);
}

bool plainTextOf(VM& vm, Value value, char* buffer, std::string_view& text) {
  return textOf(value, buffer, text) && metamethodOf(vm, value, Event::ToString).isNil();
}

bool toStringValue(VM& vm, Value value, String*& result) {
  char buffer[maxNumberText];
  std::string_view text;
  Text longText(vm);
  const Value handler = metamethodOf(vm, value, Event::ToString);
  if (value.isString() && handler.isNil()) {
    result = value.string();
    return true;
  }
  if (!handler.isNil()) {
    const Value arguments[] = {value};
    Value answer;
    if (!callHandler(vm, handler, arguments, answer)) return false;
    if (answer.isString()) {
      result = answer.string();
      return true;
    }
    if (!textOf(answer, buffer, text)) {
      const String* message = newString(vm, positionOf(vm, 1) + "'__tostring' must return a string");
      return message == nullptr ? failMemory(vm) : fail(vm, Value::string(message));
    }
  } else {
    switch (value.tag) {
      case Tag::Nil: text = "nil"; break;
      case Tag::False: text = "false"; break;
      case Tag::True: text = "true"; break;
      case Tag::Integer:
      case Tag::Float: text = formatNumber(value, buffer); break;
      default: {
        const Value name = metamethodOf(vm, value, Event::Name);
        const std::string_view kind = name.isString() ? name.string()->view() : typeName(value.tag);
        longText = formatText(vm, "{}: {}", kind, value.as<const void>());
        text = longText;
      }
    }
  }
  result = newString(vm, text);
  return result != nullptr || failMemory(vm);
}

// ---- calls ----

Lookup lookupCall(VM& vm, Value function, Value& handler) {
  handler = metamethodOf(vm, function, Event::Call);
  if (!handler.isNil()) return Lookup::Call;
  failCall(vm, function);
  return Lookup::Failed;
}

}  // namespace selvage
