// The basic functions (manual 6.1). pcall and xpcall are entries into the machine (stencils/errors.cpp), which call
// without recursion on the C stack.
#include <algorithm>
#include <cctype>
#include <climits>
#include <cstdio>
#include <string>

#include "stdlib/libraries.hpp"
#include "stdlib/library_state.hpp"
#include "stdlib/load_chunk.hpp"
#include "stdlib/warnings.hpp"
#include "stencils/entries.hpp"
#include "stencils/field_lookup.hpp"
#include "stencils/intrinsics.hpp"
#include "vm/call.hpp"
#include "vm/collector_options.hpp"
#include "vm/number.hpp"
#include "vm/operations.hpp"
#include "vm/traceback.hpp"

namespace selvage {

namespace {

// ---- output ----

int basePrint(NativeCall& call) {
  for (uint32_t i = 0; i < call.count; ++i) {
    if (i > 0) std::putc('\t', stdout);
    char buffer[maxNumberText];
    std::string_view text;
    if (!plainTextOf(call.vm, call.argument(i), buffer, text)) {
      String* string;
      if (!call.toString(call.argument(i), string)) return nativeFailed;
      text = string->view();
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  std::putc('\n', stdout);
  std::fflush(stdout);  // somebody may be waiting for the line, at a terminal or at the other end of a pipe
  return 0;
}

int baseWarn(NativeCall& call) {
  String* text;
  if (!call.checkString(0, text)) return nativeFailed;
  for (uint32_t i = 1; i < call.count; ++i) {
    if (!call.checkString(i, text)) return nativeFailed;
  }
  if (call.vm.warn == nullptr) return 0;
  for (uint32_t i = 0; i < call.count; ++i) {
    call.vm.warn(call.vm, call.argument(i).string()->text, i + 1 < call.count);
  }
  return 0;
}

// ---- types and conversions ----

int baseType(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  return call.returns(Value::string(libraryState(call.vm).typeNames[static_cast<size_t>(call.argument(0).tag)]));
}

int baseToString(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  String* text;
  if (!call.toString(call.argument(0), text)) return nativeFailed;
  return call.returns(Value::string(text));
}

int digitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return INT_MAX;
}

// An integer numeral in any base, surrounded by white space; it wraps around.
std::optional<int64_t> parseInBase(std::string_view text, int base) {
  constexpr std::string_view whiteSpace = " \f\n\r\t\v";
  text.remove_prefix(std::min(text.find_first_not_of(whiteSpace), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(whiteSpace) + 1));
  const bool isNegative = text.starts_with('-');
  if (isNegative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  uint64_t result = 0;
  for (const char c : text) {
    const int digit = digitValue(c);
    if (digit >= base) return std::nullopt;
    result = result * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
  }
  return static_cast<int64_t>(isNegative ? 0 - result : result);
}

int baseToNumber(NativeCall& call) {
  if (call.isNoneOrNil(1)) {
    if (!call.checkAny(0)) return nativeFailed;
    const auto number = toNumberValue(call.argument(0));
    return call.returns(number ? *number : Value::nil());
  }
  int64_t base;
  if (!call.checkInteger(1, base) || !call.checkType(0, Tag::String)) return nativeFailed;
  if (base < 2 || base > 36) return call.failArgument(1, "base out of range");
  const auto number = parseInBase(call.argument(0).string()->view(), static_cast<int>(base));
  return call.returns(number ? Value::integer(*number) : Value::nil());
}

// ---- raw access and metatables ----

int baseRawGet(NativeCall& call) {
  Table* table;
  if (!call.checkTable(0, table) || !call.checkAny(1)) return nativeFailed;
  return call.returns(tableGet(table, call.argument(1)));
}

int baseRawSet(NativeCall& call) {
  Table* table;
  if (!call.checkTable(0, table) || !call.checkAny(1) || !call.checkAny(2)) return nativeFailed;
  const TableStatus status = tableSet(call.vm, table, call.argument(1), call.argument(2));
  if (status != TableStatus::Ok) return call.failTable(status);
  return call.returns(call.argument(0));
}

int baseRawEqual(NativeCall& call) {
  if (!call.checkAny(0) || !call.checkAny(1)) return nativeFailed;
  return call.returns(Value::boolean(rawEqual(call.argument(0), call.argument(1))));
}

int baseRawLen(NativeCall& call) {
  const Value value = call.argumentOrNil(0);
  if (value.isTable()) return call.returns(Value::integer(tableLength(value.table())));
  if (value.isString()) return call.returns(Value::integer(static_cast<int64_t>(value.string()->length)));
  return call.failType(0, "table or string");
}

int baseGetMetatable(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  Table* metatable = metatableOf(call.vm, call.argument(0));
  if (metatable == nullptr) return call.returns(Value::nil());
  const Value shown = metamethod(call.vm, metatable, Event::Metatable);
  return call.returns(shown.isNil() ? Value::table(metatable) : shown);
}

int baseSetMetatable(NativeCall& call) {
  Table* table;
  if (!call.checkTable(0, table)) return nativeFailed;
  if (!call.has(1) || !(call.argument(1).isNil() || call.argument(1).isTable())) {
    return call.failType(1, "nil or table");
  }
  if (!metamethod(call.vm, table->metatable(), Event::Metatable).isNil()) {
    return call.fail("cannot change a protected metatable");
  }
  if (isReadOnly(table)) return call.failTable(TableStatus::ReadOnly);
  Table* metatable = call.argument(1).isNil() ? nullptr : call.argument(1).table();
  Shape* const before = table->shape;
  tableSetMetatable(call.vm, table, metatable);
  if (before->metatable == nullptr && metatable != nullptr) rememberMetatable(call.vm, before, metatable, table->shape);
  return call.returns(call.argument(0));
}

// ---- iteration ----

int baseNext(NativeCall& call) {
  Table* table;
  if (!call.checkTable(0, table)) return nativeFailed;
  const int64_t position = tablePositionAfter(table, call.argumentOrNil(1));
  if (position < 0) {
    failWithPosition(call.vm, "invalid key to 'next'");
    return nativeFailed;
  }
  Value key;
  Value value;
  if (tableAdvance(table, static_cast<uint32_t>(position), key, value) == 0) return call.returns(Value::nil());
  return call.returns(key, value);
}

// Upvalue: the function `next`.
int basePairs(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  const Value object = call.argument(0);
  const Value handler = metamethodOf(call.vm, object, Event::Pairs);
  if (!handler.isNil()) {
    const Value arguments[] = {object};
    return call.call(handler, arguments, 3) ? 3 : nativeFailed;
  }
  call.push(call.upvalue(0));
  call.push(object);
  call.push(Value::nil());
  return 3;
}

int ipairsStep(NativeCall& call) {
  int64_t index;
  if (!call.checkInteger(1, index)) return nativeFailed;
  index = wrapAdd(index, 1);
  const Value object = call.argument(0);
  Value value = Value::nil();
  if (object.isTable()) value = tableGetInteger(object.table(), index);
  if (value.isNil() && !call.index(object, Value::integer(index), value)) return nativeFailed;
  if (value.isNil()) return call.returns(Value::nil());
  return call.returns(Value::integer(index), value);
}

// Upvalue: the function ipairsStep.
int baseIpairs(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  call.push(call.upvalue(0));
  call.push(call.argument(0));
  call.push(Value::integer(0));
  return 3;
}

int baseSelect(NativeCall& call) {
  const auto count = static_cast<int64_t>(call.count);
  if (call.has(0) && call.argument(0).isString() && call.argument(0).string()->text[0] == '#') {
    return call.returns(Value::integer(count - 1));
  }
  int64_t index;
  if (!call.checkInteger(0, index)) return nativeFailed;
  if (index < 0) {
    index += count;
  } else if (index > count) {
    index = count;
  }
  if (index < 1) return call.failArgument(0, "index out of range");
  return static_cast<int>(count - index);  // the last arguments are the results
}

// ---- errors ----

int raise(NativeCall& call, Value error, int64_t level) {
  if (error.isString() && level > 0 && level <= INT_MAX) {
    const Text position = positionOf(call.vm, static_cast<int>(level));
    if (!position.empty()) {
      const String* message = newString(call.vm, position + Text(error.string()->view(), call.vm));
      if (message == nullptr) return call.failMemory();
      error = Value::string(message);
    }
  }
  return call.fail(error);
}

int baseError(NativeCall& call) {
  int64_t level;
  if (!call.optionalInteger(1, 1, level)) return nativeFailed;
  return raise(call, call.argumentOrNil(0), level);
}

int baseAssert(NativeCall& call) {
  if (call.has(0) && !call.argument(0).isFalsy()) return static_cast<int>(call.count);
  if (!call.checkAny(0)) return nativeFailed;
  if (call.has(1)) return raise(call, call.argument(1), 1);
  const String* message = newString(call.vm, "assertion failed!");
  return message == nullptr ? call.failMemory() : raise(call, Value::string(message), 1);
}

// ---- the collector ----

int returnsMode(NativeCall& call, bool wasGenerational) {
  return call.returnsString(wasGenerational ? "generational" : "incremental");
}

// The parameters of a mode: the arguments from the second on, 0 where there are none.
template <size_t count>
bool modeParameters(NativeCall& call, int64_t (&values)[count]) {
  for (uint32_t i = 0; i < count; ++i) {
    if (!call.optionalInteger(i + 1, 0, values[i])) return false;
  }
  return true;
}

int baseCollectGarbage(NativeCall& call) {
  enum Option {
    Stop,
    Restart,
    Collect,
    Count,
    Step,
    SetPause,
    SetStepMultiplier,
    IsRunning,
    Generational,
    Incremental
  };
  static constexpr const char* options[] = {"stop",     "restart",    "collect",   "count",        "step",
                                            "setpause", "setstepmul", "isrunning", "generational", "incremental"};
  int option;
  if (!call.checkOption(0, "collect", options, option)) return nativeFailed;
  // Finalizers can neither control the collector nor ask it anything.
  if (isFinalizing(call.vm)) return call.returns(Value::nil());
  CollectorSettings& settings = collectorSettings(call.vm);
  switch (option) {
    case Stop:
    case Restart: settings.isStopped = option == Stop; break;
    case Collect:
      if (!collectGarbage(call.vm)) return call.returns(Value::nil());
      break;
    case Count: return call.returns(Value::number(static_cast<double>(heapBytes(call.vm)) / 1024));
    case Step: {
      int64_t step;
      if (!call.optionalInteger(1, 0, step)) return nativeFailed;
      return call.returns(Value::boolean(makeStep(call.vm, step)));
    }
    case SetPause:
    case SetStepMultiplier: {
      int64_t value;
      if (!call.optionalInteger(1, 0, value)) return nativeFailed;
      int& parameter = option == SetPause ? settings.pause : settings.stepMultiplier;
      return call.returns(Value::integer(exchangePercentage(parameter, value)));
    }
    case IsRunning: return call.returns(Value::boolean(!settings.isStopped));
    case Generational: {
      int64_t values[2];
      if (!modeParameters(call, values)) return nativeFailed;
      return returnsMode(call, setGenerational(call.vm, values[0], values[1]));
    }
    case Incremental: {
      int64_t values[3];
      if (!modeParameters(call, values)) return nativeFailed;
      return returnsMode(call, setIncremental(call.vm, values[0], values[1], values[2]));
    }
    default: break;
  }
  return call.returns(Value::integer(0));
}

// ---- loading ----

int returnsLoaded(NativeCall& call, const LuaFunction* function, std::string_view error) {
  if (function != nullptr) return call.returns(Value::function(function));
  const Value message = errorOfLoading(call.vm, error);
  return call.returns(Value::nil(), message);
}

// Collects the pieces that a reader function returns. False: an error was raised.
bool readPieces(NativeCall& call, Text& source) {
  const Value reader = call.argument(0);
  while (true) {
    if (!call.call(reader, {}, 1)) return false;
    const Value piece = call.vm.top[-1];
    call.pop(1);
    if (piece.isNil()) return true;
    char buffer[maxNumberText];
    std::string_view text;
    if (!textOf(piece, buffer, text)) {
      call.fail("reader function must return a string");
      return false;
    }
    if (text.empty()) return true;
    source.append(text);
  }
}

int baseLoad(NativeCall& call) {
  std::string_view mode;
  std::string_view chunkName;
  if (!call.optionalString(2, "bt", mode)) return nativeFailed;
  if (libraryState(call.vm).loadsTextOnly) mode = mode.find('t') == std::string_view::npos ? "" : "t";
  const Value environment = call.has(3) ? call.argument(3) : Value::table(call.vm.globals);
  Text error(call.vm);
  if (call.has(0) && (call.argument(0).isString() || call.argument(0).isNumber())) {
    String* source;
    if (!call.checkString(0, source) || !call.optionalString(1, source->view(), chunkName)) return nativeFailed;
    return returnsLoaded(call, loadChunk(call.vm, source->view(), chunkName, mode, environment, error), error);
  }
  if (!call.optionalString(1, "=(load)", chunkName) || !call.checkFunction(0)) return nativeFailed;
  Text source(call.vm);
  if (!readPieces(call, source)) {
    // Like every error while loading, one of the reader is a result.
    passToMessageHandler(call.vm);
    call.vm.errorIsHandled = false;
    return call.returns(Value::nil(), call.vm.error);
  }
  return returnsLoaded(call, loadChunk(call.vm, source, chunkName, mode, environment, error), error);
}

std::optional<std::string_view> optionalPath(std::string_view path, bool isGiven) {
  return isGiven ? std::optional(path) : std::nullopt;
}

int baseLoadFile(NativeCall& call) {
  std::string_view path;
  std::string_view mode;
  if (!call.optionalString(0, {}, path) || !call.optionalString(1, "bt", mode)) return nativeFailed;
  const std::optional<Value> environment = call.has(2) ? std::optional(call.argument(2)) : std::nullopt;
  Text error(call.vm);
  return returnsLoaded(call, loadFile(call.vm, optionalPath(path, !call.isNoneOrNil(0)), mode, environment, error),
                       error);
}

int baseDoFile(NativeCall& call) {
  std::string_view path;
  if (!call.optionalString(0, {}, path)) return nativeFailed;
  Text error(call.vm);
  const LuaFunction* function = loadFile(call.vm, optionalPath(path, !call.isNoneOrNil(0)), "bt", std::nullopt, error);
  if (function == nullptr) return call.fail(errorOfLoading(call.vm, error));
  return call.returnsCall(Value::function(function));
}

constexpr NativeCode baseFunctions[] = {
    makeNative("print", basePrint),
    makeNative("warn", baseWarn),
    makeNative("type", baseType, &selvage_type),
    makeNative("tostring", baseToString, &selvage_toString),
    makeNative("tonumber", baseToNumber, &selvage_toNumber),
    makeNative("rawget", baseRawGet, &selvage_rawGet),
    makeNative("rawset", baseRawSet),
    makeNative("rawequal", baseRawEqual, &selvage_rawEqual),
    makeNative("rawlen", baseRawLen, &selvage_rawLength),
    makeNative("getmetatable", baseGetMetatable, &selvage_getMetatable),
    makeNative("setmetatable", baseSetMetatable, &selvage_setMetatable),
    makeNative("next", baseNext, &selvage_next),
    makeNative("select", baseSelect, &selvage_select),
    makeNative("error", baseError),
    makeNative("assert", baseAssert, &selvage_assert),
    makeNative("collectgarbage", baseCollectGarbage),
    makeNative("load", baseLoad),
    makeNative("loadfile", baseLoadFile),
    makeNative("dofile", baseDoFile),
    makeNative("pcall", nullptr, &selvage_pcall),
    makeNative("xpcall", nullptr, &selvage_xpcall),
};
constexpr NativeCode pairsCode = makeNative("pairs", basePairs, &selvage_pairs);
constexpr NativeCode ipairsCode = makeNative("ipairs", baseIpairs, &selvage_ipairs);
constexpr NativeCode ipairsStepCode = makeNative("ipairs iterator", ipairsStep, &selvage_ipairsStep);

}  // namespace

Table* openBaseLibrary(VM& vm) {
  vm.nextEntry = &selvage_next;
  vm.ipairsStepEntry = &selvage_ipairsStep;
  registerFunctions(vm, vm.globals, baseFunctions);
  registerWithUpvalue(vm, vm.globals, pairsCode, tableGetString(vm.globals, newString(vm, "next")));
  registerWithUpvalue(vm, vm.globals, ipairsCode, Value::function(newNativeFunction(vm, ipairsStepCode)));
  setField(vm, vm.globals, "_G", Value::table(vm.globals));
  setField(vm, vm.globals, "_VERSION", Value::string(newString(vm, "Lua 5.4")));
  return vm.globals;
}

}  // namespace selvage
