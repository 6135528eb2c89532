// jit.on(), jit.off(), jit.always(), jit.flush(), and jit.status(), which returns a table:
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

namespace selvage {

namespace {

int on(NativeCall& call) {
  if (jitMode(call.vm) == JitMode::Off) setJitMode(call.vm, JitMode::On);
  return 0;
}

int off(NativeCall& call) {
  setJitMode(call.vm, JitMode::Off);
  flushJit(call.vm);
  return 0;
}

int always(NativeCall& call) {
  setJitMode(call.vm, JitMode::Always);
  return 0;
}

int flush(NativeCall& call) {
  flushJit(call.vm);
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
    makeNative("always", always),
    makeNative("flush", flush),
    makeNative("off", off),
    makeNative("on", on),
    makeNative("status", status),
};

}  // namespace

Table* openJitLibrary(VM& vm) { return newLibrary(vm, functions); }

}  // namespace selvage
