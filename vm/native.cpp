// What native functions see: arguments, results, errors, registration; see the header.
#include "vm/native.hpp"

#include <cstring>

#include "vm/call.hpp"
#include "vm/format_text.hpp"
#include "vm/number.hpp"
#include "vm/operations.hpp"
#include "vm/traceback.hpp"

namespace selvage {

namespace {

constexpr std::string_view noIntegerRepresentation = "number has no integer representation";

// The type of an argument as luaL_typeerror names it.
std::string_view argumentTypeName(NativeCall& call, uint32_t i) {
  if (!call.has(i)) return "no value";
  const Value value = call.argument(i);
  const Value name = metamethodOf(call.vm, value, Event::Name);
  if (name.isString()) return name.string()->view();
  if (value.tag == Tag::LightUserdata) return "light userdata";
  return typeName(value.tag);
}

}  // namespace

// ---- type names ----

std::string_view typeName(Tag tag) {
  switch (tag) {
    case Tag::Nil: return "nil";
    case Tag::False:
    case Tag::True: return "boolean";
    case Tag::Integer:
    case Tag::Float: return "number";
    case Tag::String: return "string";
    case Tag::Table: return "table";
    case Tag::Function: return "function";
    case Tag::LightUserdata:
    case Tag::Userdata: return "userdata";
    case Tag::Thread: return "thread";
    case Tag::Frame:
    case Tag::TailFrame: break;
  }
  return "no value";
}

std::string_view typeNameForMessage(VM& vm, Value value) {
  if (value.isTable() || value.isUserdata()) {
    const Value name = metamethodOf(vm, value, Event::Name);
    if (name.isString()) return name.string()->view();
  }
  return typeName(value.tag);
}

// ---- arguments ----

bool NativeCall::checkAny(uint32_t i) {
  if (has(i)) return true;
  failArgument(i, "value expected");
  return false;
}

bool NativeCall::convertInteger(uint32_t i, int64_t& result) {
  if (has(i)) {
    const Value value = argument(i);
    if (const auto integer = toInteger(value)) {
      result = *integer;
      return true;
    }
    if (toNumber(value)) {
      failArgument(i, noIntegerRepresentation);
      return false;
    }
  }
  failType(i, "number");
  return false;
}

bool NativeCall::checkNumber(uint32_t i, double& result) {
  if (has(i)) {
    const Value value = argument(i);
    if (value.isFloat()) {
      result = value.number();
      return true;
    }
    if (const auto number = toNumber(value)) {
      result = *number;
      return true;
    }
  }
  failType(i, "number");
  return false;
}

bool NativeCall::checkNumberValue(uint32_t i, Value& result) {
  if (has(i)) {
    if (argument(i).isNumber()) {
      result = argument(i);
      return true;
    }
    if (const auto number = toNumberValue(argument(i))) {
      result = *number;
      return true;
    }
  }
  failType(i, "number");
  return false;
}

bool NativeCall::convertString(uint32_t i, String*& result) {
  if (has(i) && argument(i).isNumber()) {
    char buffer[maxNumberText];
    result = newString(vm, formatNumber(argument(i), buffer));
    if (result == nullptr) {
      failMemory();
      return false;
    }
    argument(i) = Value::string(result);
    return true;
  }
  failType(i, "string");
  return false;
}

bool NativeCall::checkTable(uint32_t i, Table*& result) {
  if (!checkType(i, Tag::Table)) return false;
  result = argument(i).table();
  return true;
}

bool NativeCall::checkFunction(uint32_t i) { return checkType(i, Tag::Function); }

bool NativeCall::checkType(uint32_t i, Tag tag) {
  if (has(i) && typeName(argument(i).tag) == typeName(tag)) return true;
  failType(i, typeName(tag));
  return false;
}

bool NativeCall::checkOption(uint32_t i, const char* defaultOption, std::span<const char* const> options, int& result) {
  std::string_view name;
  if (defaultOption != nullptr && isNoneOrNil(i)) {
    name = defaultOption;
  } else {
    String* string;
    if (!checkString(i, string)) return false;
    name = string->view();
  }
  for (size_t k = 0; k < options.size(); ++k) {
    if (name == options[k]) {
      result = static_cast<int>(k);
      return true;
    }
  }
  failArgument(i, formatText(vm, "invalid option '{}'", name));
  return false;
}

bool NativeCall::optionalInteger(uint32_t i, int64_t defaultValue, int64_t& result) {
  if (!isNoneOrNil(i)) return checkInteger(i, result);
  result = defaultValue;
  return true;
}

bool NativeCall::optionalNumber(uint32_t i, double defaultValue, double& result) {
  if (!isNoneOrNil(i)) return checkNumber(i, result);
  result = defaultValue;
  return true;
}

bool NativeCall::optionalString(uint32_t i, std::string_view defaultValue, std::string_view& result) {
  if (isNoneOrNil(i)) {
    result = defaultValue;
    return true;
  }
  String* string;
  if (!checkString(i, string)) return false;
  result = string->view();
  return true;
}

// ---- results ----

bool NativeCall::makeRoom() {
  return vm.top < vm.current->stack + vm.current->stackSlots || growStack(vm, nativeMinimumSlots);
}

int NativeCall::returnsString(std::string_view text) {
  const String* string = newString(vm, text);
  if (string == nullptr) return failMemory();
  return returns(Value::string(string));
}

int NativeCall::returnsSystemError(int error, std::string_view fileName) {
  const char* description = std::strerror(error);
  const String* message =
      newString(vm, fileName.empty() ? Text(description, vm) : formatText(vm, "{}: {}", fileName, description));
  if (message == nullptr) return failMemory();
  push(Value::nil());
  push(Value::string(message));
  push(Value::integer(error));
  return 3;
}

bool NativeCall::reserve(uint32_t slots) {
  const Value* const limit = stackLimit(vm);
  if (limit > vm.top && static_cast<size_t>(limit - vm.top) >= slots) return true;
  if (growStack(vm, slots)) return true;
  fail("stack overflow");
  return false;
}

// ---- errors ----

int NativeCall::fail(Value error) {
  selvage::fail(vm, error);
  return nativeFailed;
}

int NativeCall::fail(std::string_view message) {
  const String* string = newString(vm, positionOf(vm, 1).append(message));
  if (string == nullptr) return failMemory();
  return fail(Value::string(string));
}

int NativeCall::failArgument(uint32_t i, std::string_view message) {
  VariableName name = nameOfActivation(vm, vm.current, 0);
  uint32_t number = i + 1;
  if (name.kind != nullptr && std::string_view(name.kind) == "method") {
    number -= 1;  // self is not counted
    if (number == 0) return fail(formatText(vm, "calling '{}' on bad self ({})", name.name, message));
  }
  Text globalName(vm);
  if (name.kind == nullptr) {
    globalName = globalNameOf(vm, vm.base[-2]);
    name.name = globalName.empty() ? std::string_view("?") : globalName;
  }
  return fail(formatText(vm, "bad argument #{} to '{}' ({})", number, name.name, message));
}

int NativeCall::failType(uint32_t i, std::string_view expected) {
  return failArgument(i, formatText(vm, "{} expected, got {}", expected, argumentTypeName(*this, i)));
}

bool NativeCall::mayGoOnCounted(uint64_t work) {
  takeWork(vm, work);
  if (vm.instructionsLeft == 0) exceed(vm, Bound::Instructions);
  return !isStopRequested(vm) || heedRequests(vm);
}

int NativeCall::failMemory() {
  selvage::failMemory(vm);
  return nativeFailed;
}

int NativeCall::failTable(TableStatus status) {
  failTableStatus(vm, status);
  return nativeFailed;
}

// ---- calls and operations ----

bool NativeCall::call(Value function, std::span<const Value> arguments, int wanted, uint32_t* got) {
  return callValue(vm, function, arguments, wanted, got);
}

bool NativeCall::index(Value object, Value key, Value& result) { return indexValue(vm, object, key, result); }

bool NativeCall::setIndex(Value object, Value key, Value value) { return setIndexValue(vm, object, key, value); }

bool NativeCall::length(Value object, int64_t& result) {
  Value value;
  if (!lengthOf(vm, object, value)) return false;
  const auto integer = toInteger(value);
  if (!integer) {
    fail("object length is not an integer");
    return false;
  }
  result = *integer;
  return true;
}

bool NativeCall::lessThan(Value left, Value right, bool& result) { return selvage::lessThan(vm, left, right, result); }

bool NativeCall::equal(Value left, Value right, bool& result) { return equalValues(vm, left, right, result); }

bool NativeCall::arithmetic(Event event, Value left, Value right, Value& result) {
  return selvage::arithmetic(vm, event, left, right, result);
}

bool NativeCall::concat(Value left, Value right, Value& result) { return concatValues(vm, left, right, result); }

bool NativeCall::toString(Value value, String*& result) { return toStringValue(vm, value, result); }

// ---- registering ----

void registerFunctions(VM& vm, Table* table, std::span<const NativeCode> codes) {
  for (const NativeCode& code : codes) setField(vm, table, code.name, Value::function(newNativeFunction(vm, code)));
}

void setField(VM& vm, Table* table, std::string_view key, Value value) {
  String* name = newString(vm, key);
  if (tableSetString(vm, table, name, value, false) != TableStatus::Ok) throwOutOfMemory();
}

}  // namespace selvage
