// What a native (C++) library function sees: its arguments, its results, errors, calls back into Lua.
//
// A native function is `int f(NativeCall& call)`. It returns the number of results, which are the last values it
// pushed, or `nativeFailed` after an error was raised; the check functions raise errors themselves:
//
//     int mathFloor(NativeCall& call) {
//       double x;
//       if (!call.checkNumber(0, x)) return nativeFailed;
//       return call.returns(Value::number(std::floor(x)));
//     }
//
// Argument indices are 0-based (messages say #1 for 0). References from argument() and top() are valid until the
// next push, call or reserve, which may move the stack. The collector runs only inside call() and after the function
// has returned; everything that must survive call() has to be an argument or pushed. There are no C++ exceptions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vm/vm.hpp"

namespace selvage {

constexpr int nativeFailed = -1;
constexpr int nativeCalls = -2;  // see NativeCall::returnsCall

struct NativeCall {
  VM& vm;
  uint32_t count;  // number of arguments

  // ---- arguments ----
  bool has(uint32_t i) const { return i < count; }
  Value& argument(uint32_t i) { return vm.base[i]; }  // i < count
  Value argumentOrNil(uint32_t i) { return i < count ? vm.base[i] : Value::nil(); }
  bool isNoneOrNil(uint32_t i) { return i >= count || vm.base[i].isNil(); }
  Value& upvalue(uint32_t i) { return static_cast<NativeFunction*>(vm.base[-2].function())->upvalues[i]; }

  // Each check returns false after raising the reference's "bad argument #n to 'f' (...)" error.
  bool checkAny(uint32_t i);                        // "value expected"
  bool checkInteger(uint32_t i, int64_t& result) {  // converts floats and strings with an exact integer value
    if (!has(i) || !vm.base[i].isInteger()) return convertInteger(i, result);
    result = vm.base[i].integer();
    return true;
  }
  bool checkNumber(uint32_t i, double& result);
  bool checkNumberValue(uint32_t i, Value& result);  // integer or float, converted from a string if needed
  bool checkString(uint32_t i, String*& result) {    // converts numbers; the new string replaces the argument
    if (!has(i) || !vm.base[i].isString()) return convertString(i, result);
    result = vm.base[i].string();
    return true;
  }
  bool checkTable(uint32_t i, Table*& result);
  bool checkFunction(uint32_t i);
  bool checkType(uint32_t i, Tag tag);
  bool checkOption(uint32_t i, const char* defaultOption, std::span<const char* const> options, int& result);
  bool optionalInteger(uint32_t i, int64_t defaultValue, int64_t& result);  // nil or absent: the default
  bool optionalNumber(uint32_t i, double defaultValue, double& result);
  bool optionalString(uint32_t i, std::string_view defaultValue, std::string_view& result);

  // ---- results ----
  void push(Value value) {  // grows the stack; a failure to do so is reported when the function returns
    if (vm.top >= stackLimit(vm) && !makeRoom()) [[unlikely]]
      return;
    *vm.top++ = value;
  }
  int returns(Value value) {
    push(value);
    return 1;
  }
  int returns(Value first, Value second) {
    push(first);
    push(second);
    return 2;
  }
  int returnsString(std::string_view text);
  // The results of calling `function`, without arguments, which takes place after the native function has returned this
  // and may therefore yield.
  int returnsCall(Value function) {
    push(function);
    return nativeCalls;
  }
  // (nil, message, code) of a failed system call, as io and os functions return.
  int returnsSystemError(int error, std::string_view fileName = {});
  [[nodiscard]] bool reserve(uint32_t slots);  // raises "stack overflow" on failure
  // Slot i above the arguments: pushed(0) is the first pushed value.
  Value& pushed(uint32_t i) { return vm.base[count + i]; }
  void pop(uint32_t n) { vm.top -= n; }

  // ---- errors (all return nativeFailed) ----
  int fail(Value error);
  int fail(std::string_view message);                      // with the position of the calling Lua function (luaL_error)
  int failArgument(uint32_t i, std::string_view message);  // bad argument #i to 'f' (message)
  int failType(uint32_t i, std::string_view expected);     // "... expected, got ..."
  int failMemory();
  // After a false result of tableSet and its kin.
  int failTable(TableStatus status);

  // For native functions that may take long: false after raising the error of an interrupt or of an exceeded bound. `work`
  // is what has been done since the last question, see takeWork.
  [[nodiscard]] bool mayGoOn(uint64_t work = 1) {
    if (vm.countsInstructions) [[unlikely]]
      return mayGoOnCounted(work);
    return !isStopRequested(vm) || heedRequests(vm);
  }
  // Counts work against an instruction limit; the next instruction sees that nothing is left.
  void charge(uint64_t work) {
    if (vm.countsInstructions) [[unlikely]]
      takeWork(vm, work);
  }

  // ---- calls into Lua and metamethod-aware operations; false after an error was raised ----
  // Calls `function` with `arguments`; the results are pushed, exactly `wanted` (or all if wanted is -1, their
  // number in `got`). Not yieldable inside.
  [[nodiscard]] bool call(Value function, std::span<const Value> arguments, int wanted, uint32_t* got = nullptr);
  [[nodiscard]] bool index(Value object, Value key, Value& result);   // object[key]
  [[nodiscard]] bool setIndex(Value object, Value key, Value value);  // object[key] = value
  [[nodiscard]] bool length(Value object, int64_t& result);           // #object as luaL_len
  [[nodiscard]] bool lessThan(Value left, Value right, bool& result);
  [[nodiscard]] bool equal(Value left, Value right, bool& result);
  [[nodiscard]] bool arithmetic(Event event, Value left, Value right, Value& result);
  [[nodiscard]] bool concat(Value left, Value right, Value& result);
  [[nodiscard]] bool toString(Value value, String*& result);  // luaL_tolstring: __tostring, __name

 private:
  // The rest of the functions that are inline.
  bool convertInteger(uint32_t i, int64_t& result);
  bool convertString(uint32_t i, String*& result);
  bool makeRoom();
  bool mayGoOnCounted(uint64_t work);
};

// "no value", or the type name with __name taken into account (luaL_typename as in error messages).
std::string_view typeNameForMessage(VM& vm, Value value);
std::string_view typeName(Tag tag);

// ---- registering ----
// The entry of an ordinary native function: calls Code's `function` and returns to the frame's return address.
extern "C" Handler selvage_callNative;

constexpr NativeCode makeNative(const char* name, NativeFunctionPointer function,
                                Handler* entry = &selvage_callNative) {
  NativeCode code{};
  code.kind = ObjectKind::NativeCode;
  code.entry = entry;
  code.function = function;
  code.name = name;
  return code;
}
// Sets table[code.name] to a new function for each. Both throw std::bad_alloc.
void registerFunctions(VM& vm, Table* table, std::span<const NativeCode> codes);
void setField(VM& vm, Table* table, std::string_view key, Value value);

}  // namespace selvage
