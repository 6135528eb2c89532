// The debug library (manual 6.10): tracebacks, information about functions, metatables of any value.
#include <fmt/format.h>

#include <string>

#include "stdlib/libraries.hpp"
#include "vm/compiler.hpp"
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
  return call.returnsString(traceback(call.vm, thread, text, static_cast<int>(level)));
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
  if (value.isTable()) {
    tableSetMetatable(call.vm, value.table(), metatable);
  } else if (value.isUserdata()) {
    value.userdata()->metatable = metatable;
    if (metatable != nullptr) {
      writeBarrier(call.vm, value.userdata(), call.argument(1));
      if (!metamethod(call.vm, metatable, Event::Gc).isNil()) registerFinalizer(call.vm, value.userdata());
    }
  } else {
    setTypeMetatable(call.vm, value.tag, metatable);
    flushInlineCaches(call.vm);
  }
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
    if (!function.function()->isLua()) {
      set("source", "=[C]");
      set("short_src", "[C]");
      set("what", "C");
      set("linedefined", -1);
      set("lastlinedefined", -1);
      return;
    }
    const Proto& proto = *function.function()->proto();
    set("source", Value::string(proto.source));
    set("short_src", displayName(proto.source->view()));
    set("what", proto.lineDefined == 0 ? "main" : "Lua");
    set("linedefined", proto.lineDefined);
    set("lastlinedefined", proto.lineDefined == 0 ? -1 : static_cast<int64_t>(proto.lastLineDefined));
  }

  void setParameters(Value function) const {
    const bool isLua = function.function()->isLua();
    set("nups", isLua ? static_cast<int64_t>(function.function()->proto()->upvalues.size()) : function.function()->aux);
    set("nparams", isLua ? function.function()->proto()->parameterCount : 0);
    set("isvararg", Value::boolean(!isLua || function.function()->proto()->isVararg));
  }

  void setActiveLines(Value function) const {
    if (!function.function()->isLua()) return;
    Table* lines = newTable(call.vm);
    set("activelines", Value::table(lines));
    for (const uint32_t line : function.function()->proto()->lines) {
      if (tableSetInteger(call.vm, lines, line, Value::boolean(true)) != TableStatus::Ok) return;
    }
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
      case 'l': information.set("currentline", activation && activation->isLua ? activation->line() : -1); break;
      case 'u': information.setParameters(function); break;
      case 'n': {
        const VariableName name =
            activation ? nameOfActivation(call.vm, thread, static_cast<int>(level)) : VariableName{};
        information.set("namewhat", name.kind == nullptr ? "" : name.kind);
        if (name.kind != nullptr) information.set("name", name.name);
        break;
      }
      case 'f': information.set("func", function); break;
      case 't': information.set("istailcall", Value::boolean(false)); break;
      case 'r':
        information.set("ftransfer", int64_t{0});
        information.set("ntransfer", int64_t{0});
        break;
      default: information.setActiveLines(function); break;
    }
  }
  return 1;
}

constexpr NativeCode debugFunctions[] = {
    makeNative("getinfo", debugGetInfo),           makeNative("getmetatable", debugGetMetatable),
    makeNative("getregistry", debugGetRegistry),   makeNative("setmetatable", debugSetMetatable),
    makeNative("traceback", debugTraceback),
};

}  // namespace

void openDebugLibrary(VM& vm) { newLibrary(vm, "debug", debugFunctions); }

}  // namespace selvage
