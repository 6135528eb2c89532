// What the fuzzers share: a VM that is made anew for each input, with the libraries that cannot touch anything outside
// it, and with bounds on time and memory.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "jit/engine.hpp"
#include "stdlib/libraries.hpp"
#include "vm/call.hpp"
#include "vm/hook.hpp"
#include "vm/native.hpp"

namespace selvage::fuzz {

struct EngineDestroyer {
  void operator()(VM* vm) const { destroyEngine(vm); }
};
using EnginePointer = std::unique_ptr<VM, EngineDestroyer>;

inline EnginePointer newBoundedVM(JitMode mode) {
  constexpr size_t memoryLimit = size_t{64} << 20;
  EnginePointer vm(newEngine({.mode = mode}));
  openBaseLibrary(*vm);
  setField(*vm, vm->globals, "table", Value::table(openTableLibrary(*vm)));
  setField(*vm, vm->globals, "string", Value::table(openStringLibrary(*vm)));
  setField(*vm, vm->globals, "utf8", Value::table(openUtf8Library(*vm)));
  setField(*vm, vm->globals, "math", Value::table(openMathLibrary(*vm)));
  // These would print, or read files.
  for (const char* name : {"print", "warn", "dofile", "loadfile"}) setField(*vm, vm->globals, name, Value::nil());
  setMemoryLimit(*vm, memoryLimit);
  return vm;
}

// Makes the running program fail after so many instructions, and whatever it goes on with after that soon again.
inline void boundInstructions(VM& vm) {
  constexpr uint32_t instructions = 2000;
  const HookFunction stop = [](VM& stopped, HookEvent, uint32_t) { return failWithPosition(stopped, "enough"); };
  setHook(vm, *vm.mainThread,
          {.function = stop, .mask = hookAtCount, .interval = instructions, .untilCount = instructions});
}

// Calls a function for what it does to memory, not for its results.
inline void call(VM& vm, Value function, std::span<const Value> arguments) {
  uint32_t count = 0;
  Value* const top = vm.top;
  const auto offset = top - vm.current->stack;
  if (!callValue(vm, function, arguments, allResults, &count)) {
    vm.error = Value::nil();
    vm.errorIsHandled = false;
  }
  vm.top = vm.current->stack + offset;
}

}  // namespace selvage::fuzz
