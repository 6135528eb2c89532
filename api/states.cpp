// The life of a virtual machine, its collector, its warnings (manual 4.5 and 4.6).
#include <cstdarg>
#include <cstdlib>

#include "api/api.hpp"
#include "jit/engine.hpp"
#include "vm/collector_options.hpp"
#include "vm/heap.hpp"
#include "vm/pending_variables.hpp"

namespace selvage::api {

namespace {

void warnThroughC(VM& vm, const char* text, bool toBeContinued) {
  const State& state = stateOfApi(vm);
  state.warn(state.warnData, text, toBeContinued ? 1 : 0);
}

// What the environment variable SELVAGE_JIT asks for ("off", "on", "always"): programs that were made for another Lua
// have no other way to say it.
JitMode modeOfEnvironment() {
  JitMode mode = JitMode::On;
  const char* const text = std::getenv("SELVAGE_JIT");
  if (text != nullptr) parseJitMode(text, mode);
  return mode;
}

int modeBefore(bool wasGenerational) { return wasGenerational ? LUA_GCGEN : LUA_GCINC; }

}  // namespace

extern "C" {

extern const char lua_ident[] = "$LuaVersion: " LUA_COPYRIGHT " $$LuaAuthors: " LUA_AUTHORS " $";

lua_State* lua_newstate(lua_Alloc f, void* ud) {
  VM* const vm = newEngine({.mode = modeOfEnvironment(), .allocate = f, .allocateData = ud});
  if (vm == nullptr) return nullptr;
  if (makeState(*vm) != nullptr) return selvage::stateOf(*vm->mainThread);
  destroyEngine(vm);
  return nullptr;
}

void lua_close(lua_State* L) {
  VM& vm = *threadOf(L).vm;
  closeMainThread(vm);
  destroyEngine(&vm);
}

lua_CFunction lua_atpanic(lua_State* L, lua_CFunction panicf) {
  State& state = stateOfApi(*threadOf(L).vm);
  const lua_CFunction before = state.panic;
  state.panic = panicf;
  return before;
}

lua_Number lua_version(lua_State*) { return LUA_VERSION_NUM; }

int lua_setcstacklimit(lua_State*, unsigned int) { return static_cast<int>(maxNativeDepth); }

void lua_setwarnf(lua_State* L, lua_WarnFunction f, void* ud) {
  VM& vm = *threadOf(L).vm;
  State& state = stateOfApi(vm);
  state.warn = f;
  state.warnData = ud;
  vm.warn = f == nullptr ? nullptr : warnThroughC;
}

void lua_warning(lua_State* L, const char* msg, int tocont) {
  VM& vm = *threadOf(L).vm;
  if (vm.warn != nullptr) vm.warn(vm, msg, tocont != 0);
}

int lua_gc(lua_State* L, int what, ...) {
  Thread& thread = threadOf(L);
  VM& vm = *thread.vm;
  if (isFinalizing(vm)) return -1;
  CollectorSettings& settings = collectorSettings(vm);
  va_list arguments;
  va_start(arguments, what);
  int result = 0;
  switch (what) {
    case LUA_GCSTOP: settings.isStopped = true; break;
    case LUA_GCRESTART: settings.isStopped = false; break;
    case LUA_GCCOLLECT: collectGarbage(vm); break;
    case LUA_GCCOUNT: result = static_cast<int>(heapBytes(vm) >> 10); break;
    case LUA_GCCOUNTB: result = static_cast<int>(heapBytes(vm) & 0x3FF); break;
    case LUA_GCSTEP: result = makeStep(vm, va_arg(arguments, int)) ? 1 : 0; break;
    case LUA_GCSETPAUSE: result = exchangePercentage(settings.pause, va_arg(arguments, int)); break;
    case LUA_GCSETSTEPMUL: result = exchangePercentage(settings.stepMultiplier, va_arg(arguments, int)); break;
    case LUA_GCISRUNNING: result = settings.isStopped ? 0 : 1; break;
    case LUA_GCGEN: {
      const int minorMultiplier = va_arg(arguments, int);
      const int majorMultiplier = va_arg(arguments, int);
      result = modeBefore(setGenerational(vm, minorMultiplier, majorMultiplier));
      break;
    }
    case LUA_GCINC: {
      const int pause = va_arg(arguments, int);
      const int stepMultiplier = va_arg(arguments, int);
      const int stepSize = va_arg(arguments, int);
      result = modeBefore(setIncremental(vm, pause, stepMultiplier, stepSize));
      break;
    }
    default: result = -1; break;
  }
  va_end(arguments);
  return result;
}

lua_Alloc lua_getallocf(lua_State* L, void** ud) {
  const Memory& memory = threadOf(L).vm->memory;
  if (ud != nullptr) *ud = memory.userData;
  return memory.function;
}

void lua_setallocf(lua_State* L, lua_Alloc f, void* ud) {
  Memory& memory = threadOf(L).vm->memory;
  memory.function = f;
  memory.userData = ud;
}

}  // extern "C"

}  // namespace selvage::api
