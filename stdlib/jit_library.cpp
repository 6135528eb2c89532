// `jit` of the module "selvage": the JIT's mode is set by jit.on(), jit.off() and jit.always(), and jit.flush() forgets
// all stitched code. jit.on, jit.off and jit.flush are also for single functions:
//   jit.off(f)         f is only interpreted from its next call on; jit.off(true): the calling function
//   jit.off(f, true)   so are all functions written in it
//   jit.off(f, false)  only those are
// jit.on(f) takes that back; it stitches nothing in mode "off". And jit.status() returns a table:
//   enabled     whether functions are being stitched: false in mode "off", and where there is no executable memory
//   mode        "off", "on", "always"
//   memory      how code memory works here, or why there is none
//   functions   stitched so far
//   bytecodes   instructions in them
//   codeBytes   bytes of stitched code made
//   liveBytes   bytes of stitched code in use
//   seconds     spent stitching
#include "stdlib/libraries.hpp"

#include "jit/engine.hpp"
#include "vm/native.hpp"
#include "vm/traceback.hpp"

namespace selvage {

namespace {

// The functions that a call is for, which has an argument. False after an error was raised.
bool readFunctions(NativeCall& call, Proto*& proto, JitScope& scope) {
  const Value given = call.argument(0);
  proto = nullptr;
  if (given.isFunction()) {
    if (given.function()->isLua()) proto = given.function()->proto();
  } else if (given.tag == Tag::True) {
    const std::optional<Activation> caller = activationAt(call.vm, call.vm.current, 1);
    if (caller && caller->isLua) proto = caller->frame.callee()->proto();
  }
  if (proto == nullptr) return call.failType(0, "Lua function") != nativeFailed;
  scope = JitScope::Function;
  if (call.isNoneOrNil(1)) return true;
  const Value inner = call.argument(1);
  if (!inner.isBoolean()) return call.failType(1, "boolean") != nativeFailed;
  scope = inner.tag == Tag::True ? JitScope::Whole : JitScope::Inner;
  return true;
}

// jit.on and jit.off of single functions.
int setFunctions(NativeCall& call, bool isStitchable) {
  Proto* proto;
  JitScope scope;
  if (!readFunctions(call, proto, scope)) return nativeFailed;
  setStitchable(call.vm, *proto, scope, isStitchable);
  return 0;
}

int on(NativeCall& call) {
  if (!call.isNoneOrNil(0)) return setFunctions(call, true);
  if (jitMode(call.vm) == JitMode::Off) setJitMode(call.vm, JitMode::On);
  return 0;
}

int off(NativeCall& call) {
  if (!call.isNoneOrNil(0)) return setFunctions(call, false);
  setJitMode(call.vm, JitMode::Off);
  flushJit(call.vm);
  return 0;
}

int always(NativeCall& call) {
  setJitMode(call.vm, JitMode::Always);
  return 0;
}

int flush(NativeCall& call) {
  if (call.isNoneOrNil(0)) {
    flushJit(call.vm);
    return 0;
  }
  Proto* proto;
  JitScope scope;
  if (!readFunctions(call, proto, scope)) return nativeFailed;
  flushJit(call.vm, *proto, scope);
  return 0;
}

int status(NativeCall& call) {
  VM& vm = call.vm;
  const JitStatistics statistics = jitStatistics(vm);
  const std::string memory = jitMemoryStatus(vm);
  Table* table = newTable(vm, 0, 8);
  call.push(Value::table(table));
  const auto count = [](uint64_t n) { return Value::integer(static_cast<int64_t>(n)); };
  setField(vm, table, "enabled", Value::boolean(jitMode(vm) != JitMode::Off && jitHasMemory(vm)));
  setField(vm, table, "mode", Value::string(newString(vm, nameOf(jitMode(vm)))));
  setField(vm, table, "memory", Value::string(newString(vm, memory)));
  setField(vm, table, "functions", count(statistics.functions));
  setField(vm, table, "bytecodes", count(statistics.bytecodes));
  setField(vm, table, "codeBytes", count(statistics.codeBytes));
  setField(vm, table, "liveBytes", count(statistics.liveBytes));
  setField(vm, table, "seconds", Value::number(statistics.seconds));
  return 1;
}

constexpr NativeCode functions[] = {
    makeNative("always", always), makeNative("flush", flush),   makeNative("off", off),
    makeNative("on", on),         makeNative("status", status),
};

}  // namespace

Table* openJitLibrary(VM& vm) { return newLibrary(vm, functions); }

}  // namespace selvage
