// The debug library (manual 6.10): tracebacks, information about functions, their variables, metatables of any value.
#include <fmt/format.h>

#include <cstdio>
#include <limits>
#include <string>

#include "stdlib/libraries.hpp"
#include "stdlib/load_chunk.hpp"
#include "stdlib/standard_error.hpp"
#include "stencils/entries.hpp"
#include "vm/c_function.hpp"
#include "vm/call.hpp"
#include "vm/debug_variables.hpp"
#include "vm/traceback.hpp"

namespace selvage {

namespace {

// The optional first argument of some functions: a thread. `first` is the index of the argument after it.
Thread* threadArgument(NativeCall& call, uint32_t& first) {
  const bool isGiven = call.has(0) && call.argument(0).isThread();
  first = isGiven ? 1 : 0;
  return isGiven ? call.argument(0).thread() : call.vm.current;
}

int debugTraceback(NativeCall& call) {
  uint32_t first;
  Thread* thread = threadArgument(call, first);
  const Value message = call.argumentOrNil(first);
  const bool isText = message.isString() || message.isNumber();
  if (!isText && !message.isNil()) return call.returns(message);
  int64_t level;
  if (!call.optionalInteger(first + 1, thread == call.vm.current ? 1 : 0, level)) return nativeFailed;
  std::optional<std::string_view> text;
  if (isText) {
    String* string;
    if (!call.checkString(first, string)) return nativeFailed;
    text = string->view();
  }
  const auto start = static_cast<int>(level);
  constexpr int beyondAll = std::numeric_limits<int>::max();  // there is nothing at a negative level
  return call.returnsString(traceback(call.vm, thread, text, start < 0 ? beyondAll : start));
}

int debugGetMetatable(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  Table* metatable = metatableOf(call.vm, call.argument(0));
  return call.returns(metatable == nullptr ? Value::nil() : Value::table(metatable));
}

int debugSetMetatable(NativeCall& call) {
  if (!call.has(1) || !(call.argument(1).isNil() || call.argument(1).isTable())) {
    return call.failType(1, "nil or table");
  }
  const Value value = call.argument(0);
  Table* metatable = call.argument(1).isNil() ? nullptr : call.argument(1).table();
  if (value.isTable() && isReadOnly(value.table())) return call.failTable(TableStatus::ReadOnly);
  setMetatable(call.vm, value, metatable);
  return call.returns(value);
}

int debugGetRegistry(NativeCall& call) { return call.returns(Value::table(call.vm.registry)); }

// ---- getinfo ----

struct Information {
  NativeCall& call;
  Table* table;

  void set(std::string_view key, Value value) const { setField(call.vm, table, key, value); }
  void set(std::string_view key, std::string_view text) const { set(key, Value::string(newString(call.vm, text))); }
  void set(std::string_view key, int64_t number) const { set(key, Value::integer(number)); }

  void setSource(Value function) const {
    const FunctionSource source = sourceOf(*function.function());
    set("source", source.chunkName == nullptr ? Value::string(newString(call.vm, nativeSource))
                                              : Value::string(source.chunkName));
    set("short_src", source.displayName.view());
    set("what", source.what);
    set("linedefined", source.lineDefined);
    set("lastlinedefined", source.lastLineDefined);
  }

  void setParameters(Value function) const {
    const bool isLua = function.function()->isLua();
    set("nups", static_cast<int64_t>(upvalueCount(*function.function())));
    set("nparams", int64_t{isLua ? function.function()->proto()->parameterCount : 0});
    set("isvararg", Value::boolean(!isLua || function.function()->proto()->isVararg));
  }

  void setActiveLines(Value function) const {
    if (!function.function()->isLua()) return;
    Table* active = newTable(call.vm);
    set("activelines", Value::table(active));
    if (!addActiveLines(call.vm, *function.function(), active)) failMemory(call.vm);
  }
};

int debugGetInfo(NativeCall& call) {
  uint32_t first;
  Thread* thread = threadArgument(call, first);
  std::string_view what;
  if (!call.optionalString(first + 1, "flnSrtu", what)) return nativeFailed;
  if (what.starts_with('>')) return call.failArgument(first + 1, "invalid option '>'");
  if (what.find_first_not_of("flnSrtuL") != std::string_view::npos) {
    return call.failArgument(first + 1, "invalid option");
  }
  Value function = call.argumentOrNil(first);
  std::optional<Activation> activation;
  int64_t level = 0;
  if (!function.isFunction()) {
    if (!call.checkInteger(first, level)) return nativeFailed;
    if (level >= 0 && level < maxStackSlots) activation = activationAt(call.vm, thread, static_cast<int>(level));
    if (!activation) return call.returns(Value::nil());
    function = activation->frame.function();
  }
  const Information information{call, newTable(call.vm)};
  call.push(Value::table(information.table));
  for (const char option : what) {
    switch (option) {
      case 'S': information.setSource(function); break;
      case 'l':
        information.set("currentline", activation && activation->line() != 0 ? int64_t{activation->line()} : -1);
        break;
      case 'u': information.setParameters(function); break;
      case 'n': {
        const VariableName name =
            activation ? nameOfActivation(call.vm, thread, static_cast<int>(level)) : VariableName{};
        information.set("namewhat", name.kind == nullptr ? "" : name.kind);
        if (name.kind != nullptr) information.set("name", name.name);
        break;
      }
      case 'f': information.set("func", function); break;
      case 't': information.set("istailcall", Value::boolean(activation && activation->frame.isTailCalled())); break;
      case 'r': {
        const Hook& hook = thread->hook;
        const bool isTransferring = activation && activation->isHooked;
        information.set("ftransfer", int64_t{isTransferring ? hook.firstTransferred : 0});
        information.set("ntransfer", int64_t{isTransferring ? hook.transferredCount : 0});
        break;
      }
      default: information.setActiveLines(function); break;
    }
  }
  return 1;
}

// ---- upvalues ----

bool upvalueArguments(NativeCall& call, uint32_t first, UpvaluePlace& place) {
  int64_t index;
  if (!call.checkInteger(first + 1, index) || !call.checkFunction(first)) return false;
  place = upvalueAt(call.vm, *call.argument(first).function(), index);
  return true;
}

int debugGetUpvalue(NativeCall& call) {
  UpvaluePlace place;
  if (!upvalueArguments(call, 0, place)) return nativeFailed;
  return place.value == nullptr ? 0 : call.returns(Value::string(place.name), *place.value);
}

int debugSetUpvalue(NativeCall& call) {
  UpvaluePlace place;
  if (!call.checkAny(2) || !upvalueArguments(call, 0, place)) return nativeFailed;
  if (place.value == nullptr) return 0;
  *place.value = call.argument(2);
  writeBarrier(call.vm, place.owner, call.argument(2));
  return call.returns(Value::string(place.name));
}

int debugUpvalueId(NativeCall& call) {
  UpvaluePlace place;
  if (!upvalueArguments(call, 0, place)) return nativeFailed;
  if (place.value == nullptr) return call.returns(Value::nil());
  const bool isLua = call.argument(0).function()->isLua();
  return call.returns(Value::pointer(isLua ? static_cast<const void*>(place.owner) : place.value));
}

int debugUpvalueJoin(NativeCall& call) {
  UpvaluePlace to;
  UpvaluePlace from;
  int64_t toIndex;
  if (!upvalueArguments(call, 0, to)) return nativeFailed;
  if (to.value == nullptr) return call.failArgument(1, "invalid upvalue index");
  if (!upvalueArguments(call, 2, from)) return nativeFailed;
  if (from.value == nullptr) return call.failArgument(3, "invalid upvalue index");
  for (const uint32_t i : {0U, 2U}) {
    if (!call.argument(i).function()->isLua()) return call.failArgument(i, "Lua function expected");
  }
  if (!call.checkInteger(1, toIndex)) return nativeFailed;
  auto* function = static_cast<LuaFunction*>(call.argument(0).function());
  function->upvalues[toIndex - 1] = static_cast<Upvalue*>(from.owner);
  writeBarrier(call.vm, function);
  return 0;
}

// ---- local variables ----

bool levelArgument(NativeCall& call, uint32_t i, Thread* thread, std::optional<Activation>& activation) {
  int64_t level;
  if (!call.checkInteger(i, level)) return false;
  if (level >= 0 && level < maxStackSlots) activation = activationAt(call.vm, thread, static_cast<int>(level));
  if (activation) return true;
  call.failArgument(i, "level out of range");
  return false;
}

int debugGetLocal(NativeCall& call) {
  uint32_t first;
  int64_t index;
  Thread* thread = threadArgument(call, first);
  if (!call.checkInteger(first + 1, index)) return nativeFailed;
  const Value function = call.argumentOrNil(first);
  if (function.isFunction()) {
    // Only the names of its parameters.
    const String* const name = parameterName(*function.function(), index);
    return call.returns(name == nullptr ? Value::nil() : Value::string(name));
  }
  std::optional<Activation> activation;
  if (!levelArgument(call, first, thread, activation)) return nativeFailed;
  const LocalPlace place = localAt(*activation, index);
  if (place.value == nullptr) return call.returns(Value::nil());
  return call.returns(Value::string(newString(call.vm, place.name)), place.get());
}

int debugSetLocal(NativeCall& call) {
  uint32_t first;
  int64_t index;
  Thread* thread = threadArgument(call, first);
  std::optional<Activation> activation;
  if (!levelArgument(call, first, thread, activation) || !call.checkInteger(first + 1, index) ||
      !call.checkAny(first + 2)) {
    return nativeFailed;
  }
  const LocalPlace place = localAt(*activation, index);
  if (place.value == nullptr) return call.returns(Value::nil());
  *place.value = call.argument(first + 2);
  return call.returnsString(place.name);
}

// ---- hooks ----

// The hook functions of threads that have one: registry[hookTableKey][thread], with weak keys as in the reference.
constexpr std::string_view hookTableKey = "_HOOKKEY";
constexpr std::string_view eventTexts[] = {"call", "return", "line", "count", "tail call"};  // by HookEvent

Table* hookTable(VM& vm) {
  const Value existing = tableGet(vm.registry, Value::string(newString(vm, hookTableKey)));
  if (existing.isTable()) return existing.table();
  Table* table = newTable(vm);
  setField(vm, table, "__mode", Value::string(newString(vm, "k")));
  tableSetMetatable(vm, table, table);
  setField(vm, vm.registry, hookTableKey, Value::table(table));
  return table;
}

Value hookFunctionOf(VM& vm, Thread* thread) { return tableGet(hookTable(vm), Value::thread(thread)); }

bool callHookFunction(VM& vm, HookEvent event, uint32_t line) {
  const Value function = hookFunctionOf(vm, vm.current);
  if (!function.isFunction()) return true;
  const Value text = Value::string(newString(vm, eventTexts[static_cast<size_t>(event)]));
  const Value arguments[] = {text, event == HookEvent::Line && line != 0 ? Value::integer(line) : Value::nil()};
  return callValue(vm, function, arguments, 0);
}

struct MaskLetter {
  char letter;
  HookMask mask;
};
constexpr MaskLetter maskLetters[] = {{'c', hookAtCall}, {'r', hookAtReturn}, {'l', hookAtLine}};

int debugSetHook(NativeCall& call) {
  uint32_t first;
  Thread* thread = threadArgument(call, first);
  Hook hook;
  if (!call.isNoneOrNil(first)) {
    String* letters;
    int64_t interval;
    if (!call.checkString(first + 1, letters) || !call.checkFunction(first) ||
        !call.optionalInteger(first + 2, 0, interval)) {
      return nativeFailed;
    }
    for (const auto& [letter, mask] : maskLetters) {
      if (letters->view().find(letter) != std::string_view::npos) hook.mask |= mask;
    }
    hook.interval = static_cast<uint32_t>(interval);
    if (static_cast<int32_t>(interval) > 0) hook.mask |= hookAtCount;
  }
  const Value function = hook.mask != 0 ? call.argument(first) : Value::nil();
  const TableStatus status = tableSet(call.vm, hookTable(call.vm), Value::thread(thread), function);
  if (status != TableStatus::Ok) return call.failTable(status);
  hook.function = callHookFunction;
  applyHookRequests(call.vm);  // an earlier one is not to come after this
  setHook(call.vm, *thread, hook);
  return 0;
}

int debugGetHook(NativeCall& call) {
  uint32_t first;
  Thread* thread = threadArgument(call, first);
  const Hook hook = latestHookOf(*thread);
  if (hook.mask == 0) return call.returns(Value::nil());
  Text letters(call.vm);
  for (const auto& [letter, mask] : maskLetters) {
    if ((hook.mask & mask) != 0) letters += letter;
  }
  const bool isOurs = hook.function == callHookFunction;
  call.push(isOurs ? hookFunctionOf(call.vm, thread) : Value::string(newString(call.vm, "external hook")));
  call.push(Value::string(newString(call.vm, letters)));
  call.push(Value::integer(hook.interval));
  return 3;
}

// ---- user values ----

Value* userValueAt(NativeCall& call, int64_t index) {
  const Value value = call.argumentOrNil(0);
  const bool exists = value.isUserdata() && index >= 1 && index <= value.userdata()->aux;
  return exists ? &value.userdata()->userValues[index - 1] : nullptr;
}

int debugGetUserValue(NativeCall& call) {
  int64_t index;
  if (!call.optionalInteger(1, 1, index)) return nativeFailed;
  const Value* value = userValueAt(call, index);
  if (value == nullptr) return call.returns(Value::nil());
  return call.returns(*value, Value::boolean(true));
}

int debugSetUserValue(NativeCall& call) {
  int64_t index;
  if (!call.optionalInteger(2, 1, index)) return nativeFailed;
  if (!call.argumentOrNil(0).isUserdata()) return call.failType(0, "userdata");
  if (!call.checkAny(1)) return nativeFailed;
  Value* value = userValueAt(call, index);
  if (value == nullptr) return call.returns(Value::nil());
  *value = call.argument(1);
  writeBarrier(call.vm, call.argument(0).object(), *value);
  return call.returns(call.argument(0));
}

// The line without its end; false at the end of standard input.
bool readCommand(Text& line) {
  line.clear();
  for (int c = std::getc(stdin); c != '\n'; c = std::getc(stdin)) {
    if (c == EOF) return !line.empty();
    line.push_back(static_cast<char>(c));
  }
  return true;
}

// Like pcall: no message handler of the program sees the errors of commands.
constexpr NativeCode commandCallCode = makeNative("debug command", nullptr, &selvage_pcall);

// Runs the lines of standard input until one is "cont". Their errors are shown and end nothing.
int debugDebug(NativeCall& call) {
  VM& vm = call.vm;
  Text line(vm);
  while (true) {
    writeStandardError("lua_debug> ");
    if (!readCommand(line) || line == "cont") return 0;
    Text message(vm);
    const LuaFunction* function = loadChunk(vm, line, "=(debug command)", "bt", Value::table(vm.globals), message);
    if (function != nullptr) {
      const Value arguments[] = {Value::function(function)};
      if (!call.call(Value::function(newNativeFunction(vm, commandCallCode)), arguments, 2)) return nativeFailed;
      const Value error = vm.top[-1];
      const bool succeeded = !vm.top[-2].isFalsy();
      String* text;
      if (!succeeded && !call.toString(error, text)) return nativeFailed;
      call.pop(2);
      if (succeeded) continue;
      message = text->view();
    }
    message.push_back('\n');
    writeStandardError(message);
  }
}

// Without effect since Lua 5.4.3; the answer is the reference's own limit.
int debugSetCStackLimit(NativeCall& call) {
  int64_t limit;
  if (!call.checkInteger(0, limit)) return nativeFailed;
  return call.returns(Value::integer(maxNativeDepth));
}

constexpr NativeCode debugFunctions[] = {
    makeNative("debug", debugDebug),
    makeNative("setcstacklimit", debugSetCStackLimit),
    makeNative("getlocal", debugGetLocal),
    makeNative("setlocal", debugSetLocal),
    makeNative("getupvalue", debugGetUpvalue),
    makeNative("setupvalue", debugSetUpvalue),
    makeNative("upvalueid", debugUpvalueId),
    makeNative("upvaluejoin", debugUpvalueJoin),
    makeNative("getuservalue", debugGetUserValue),
    makeNative("setuservalue", debugSetUserValue),
    makeNative("getinfo", debugGetInfo),
    makeNative("getmetatable", debugGetMetatable),
    makeNative("getregistry", debugGetRegistry),
    makeNative("setmetatable", debugSetMetatable),
    makeNative("traceback", debugTraceback),
    makeNative("sethook", debugSetHook, &selvage_callSeeingReturn),
    makeNative("gethook", debugGetHook),
};

}  // namespace

Table* openDebugLibrary(VM& vm) { return newLibrary(vm, debugFunctions); }

}  // namespace selvage
