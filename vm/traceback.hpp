// Where the running code is: positions for messages and stack tracebacks, read from the frames of a thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vm/debug_names.hpp"
#include "vm/frame.hpp"
#include "vm/vm.hpp"

namespace selvage {

// Where the registry holds package.loaded.
constexpr std::string_view loadedModulesKey = "_LOADED";

// One active function. Level 0 is the innermost one, as in the reference's lua_getstack.
struct Activation {
  Frame frame;
  uint32_t pc;  // word index of the instruction being executed; only for Lua functions
  bool isLua;
  bool isHook;       // the function of a debug hook that is being called
  bool isFinalizer;  // called by the collector
  bool isHooked;     // what the debug hook has been called for
  const Value* top;  // end of its slots

  const Proto& proto() const { return *frame.callee()->proto(); }
  // The line being executed; 0 when unknown.
  uint32_t line() const { return isLua && pc < proto().lines.size() ? proto().lines[pc] : 0; }
};

// The activation at `level` of a thread, if it has so many.
std::optional<Activation> activationAt(VM& vm, Thread* thread, int level);

// That of the frame with this base, if it is active, and its level.
std::optional<Activation> activationWithBase(VM& vm, Thread* thread, const Value* base, int& level);

// How the code that called the function at `level` names it; kind null: it does not, or is not a Lua function.
VariableName nameOfActivation(VM& vm, Thread* thread, int level);

// "chunk:line: " of the function at `level` of the running thread, or "" when it is not a Lua function. For a native
// function level 1 is its caller.
Text positionOf(VM& vm, int level);

// The name under which package.loaded reaches a function ("string.rep"; "print" for one of _G's), or "".
Text globalNameOf(VM& vm, Value function);

// A traceback as luaL_traceback formats it; `message` may be absent.
Text traceback(VM& vm, Thread* thread, std::optional<std::string_view> message, int level);

}  // namespace selvage
