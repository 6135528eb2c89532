// C functions written in C++, and what of them an error or a yield meets on its way out: destructors, handlers,
// `noexcept`. run.sh compiles this file with several compilers and options, first against Debian's headers and library,
// whose errors pass all frames by longjmp (DESTRUCTORS_RUN is 0
// then): what a program sees of the errors is the same.
//
// The program prints what failed and, last, "N passed, N failed". As a module, the same comes from require "frames".
#include <cxxabi.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>

extern "C" {
#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

// In frames_without_tables.c and frames_with_tables.c: calls f, and does not do so by its last instruction.
int callWithoutTables(lua_State* L, lua_CFunction f);
int callWithTables(lua_State* L, lua_CFunction f);
}

namespace {

thread_local int passed = 0;
thread_local int failed = 0;
thread_local int destroyed = 0;  // objects, since the last call began
thread_local int caught = 0;     // handlers entered
thread_local int inFlight = 0;   // std::uncaught_exceptions() in the last destructor

struct Local {
  lua_State* L = nullptr;  // given: to run Lua code in the destructor
  const char* code = nullptr;
  ~Local() {
    ++destroyed;
    inFlight = std::uncaught_exceptions();
    if (code != nullptr && luaL_dostring(L, code)) lua_pop(L, 1);
  }
};

void expect(bool condition, const char* what, const char* details) {
  condition ? ++passed : ++failed;
  if (!condition) printf("FAILED: %s: %s\n", what, details);
}

// Calls f with "x" and the function `argument`, if any, which must fail with the message. A negative count: any.
void fails(lua_State* L, const char* what, lua_CFunction f, const char* message, int destructors, int handlers = 0,
           lua_CFunction argument = nullptr) {
  destroyed = caught = 0;
  const int before = lua_gettop(L);
  lua_pushcfunction(L, f);
  lua_pushliteral(L, "x");
  if (argument != nullptr) lua_pushcfunction(L, argument);
  const int status = lua_pcall(L, argument == nullptr ? 1 : 2, 0, 0);
  expect(status == LUA_ERRRUN, what, "no error");
  const char* const actual = lua_tostring(L, -1);
  expect(actual != nullptr && strcmp(actual, message) == 0, what, actual == nullptr ? "no message" : actual);
  expect(caught == handlers, what, "handlers");
  if (DESTRUCTORS_RUN && destructors >= 0) {
    expect(destroyed == destructors, what, "destructors");
    expect(destructors == 0 || inFlight == 1, what, "exceptions in flight");
  }
  expect(std::uncaught_exceptions() == 0, what, "an exception is left");
  lua_settop(L, before);
}

const char* const wrongArgument = "bad argument #1 to '?' (number expected, got string)";

// What fails, in the end. The result is used, so that the call is not the caller's last instruction.
[[gnu::noinline]] int work(lua_State* L) { return static_cast<int>(luaL_checkinteger(L, 1)) + lua_gettop(L); }

// ---- noexcept ----
int plainNoexcept(lua_State* L) noexcept { return work(L) & 1; }
int noexceptWithLocal(lua_State* L) noexcept {
  const Local local;
  return work(L) & 1;
}
int noexceptWithLocals(lua_State* L) noexcept {
  const Local first;
  const int before = lua_gettop(L);
  const Local second;
  return before + work(L);
}
// Not inlined: what lies in one frame with a `catch (...)` goes with it.
[[gnu::noinline]] int workWithLocal(lua_State* L) {
  const Local local;
  return work(L);
}
int noexceptAbove(lua_State* L) noexcept { return workWithLocal(L) & 1; }
int localAboveNoexcept(lua_State* L) {
  const Local local;
  return noexceptWithLocal(L) & 1;
}
int noexceptInlined(lua_State* L) {
  const Local outer;
  const auto inner = [L]() noexcept {
    const Local local;
    return work(L);
  };
  return (lua_gettop(L) + inner()) & 1;
}
int deepNoexcept(lua_State* L, int depth) noexcept {
  const Local local;
  return depth == 0 ? work(L) : deepNoexcept(L, depth - 1) + 1;
}
int deep(lua_State* L) { return deepNoexcept(L, 50) & 1; }

// ---- catch (...) ----
int catchesAll(lua_State* L) {
  try {
    return work(L) & 1;
  } catch (...) {
    ++caught;
    lua_pushliteral(L, "swallowed");
  }
  return lua_error(L);
}
int rethrows(lua_State* L) {
  try {
    return work(L) & 1;
  } catch (...) {
    ++caught;
    throw;
  }
}
int catchesAllWithLocals(lua_State* L) {
  const Local outer;
  try {
    const Local local;
    return workWithLocal(L) & 1;
  } catch (...) {
    ++caught;
  }
  return 0;
}
int catchesAllAbove(lua_State* L) {
  try {
    return workWithLocal(L) & 1;
  } catch (const std::exception&) {
    ++caught;
  } catch (...) {
    ++caught;
  }
  return 0;
}
int catchesOthers(lua_State* L) {
  const Local local;
  try {
    return workWithLocal(L) & 1;
  } catch (const std::exception&) {
    ++caught;
  } catch (const char*) {
    ++caught;
  } catch (int) {
    ++caught;
  }
  return 0;
}
int noexceptInCatch(lua_State* L) {
  try {
    return noexceptAbove(L);
  } catch (...) {
    ++caught;
  }
  return 0;
}
int catchInNoexcept(lua_State* L) noexcept { return catchesAllAbove(L) + 1; }
// For GCC's tables these frames have destructors, or nothing, to run; then the code calls std::terminate.
int catchesOthersNoexcept(lua_State* L) noexcept {
  const Local local;
  try {
    return workWithLocal(L) & 1;
  } catch (const std::exception&) {
    ++caught;
  } catch (int) {
    ++caught;
  }
  return 0;
}
int catchesOthersInlined(lua_State* L) {
  const Local outer;
  const auto inner = [L]() noexcept {
    try {
      const Local local;
      return work(L);
    } catch (const std::exception&) {
      ++caught;
    }
    return 0;
  };
  return (lua_gettop(L) + inner()) & 1;
}
int localAboveCatchesOthers(lua_State* L) {
  const Local local;
  try {
    return catchesOthersNoexcept(L) + 1;
  } catch (...) {
    ++caught;
  }
  return 0;
}
int catchesForcedUnwinding(lua_State* L) {
  const Local local;
  try {
    return workWithLocal(L) & 1;
  } catch (abi::__forced_unwind&) {
    throw;
  }
}

// ---- errors while exceptions are handled ----
int failsInHandler(lua_State* L) {
  try {
    throw std::runtime_error("caught");
  } catch (const std::exception& exception) {
    const Local local;
    return luaL_error(L, "%s and passed on", exception.what()) + 1;
  }
}
int failsInHandlerNoexcept(lua_State* L) noexcept {
  try {
    throw std::runtime_error("caught");
  } catch (const std::exception& exception) {
    return luaL_error(L, "%s and passed on", exception.what()) + 1;
  }
}

// ---- calls of Lua ----
int callsArgument(lua_State* L) noexcept {
  const Local local;
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 1);
  lua_call(L, 1, 0);
  return lua_gettop(L);
}
int protectsArgument(lua_State* L) noexcept {
  const Local local;
  for (int i = 0; i < 3; ++i) {
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 0, 0) == LUA_OK) return luaL_error(L, "no error");
    luaL_checkstring(L, -1);
  }
  const int count = lua_gettop(L);
  return luaL_error(L, "%d values, %s", count, lua_tostring(L, -1)) + count;
}
int catchesAllOfArgument(lua_State* L) {
  const Local local;
  try {
    return callsArgument(L) + 1;
  } catch (...) {
    ++caught;
  }
  return 0;
}

// ---- destructors that use Lua ----
int runsLuaMeanwhile(lua_State* L) {
  const Local first{L, "error({})"};
  const Local second{L, "local t = {} for i = 1, 200 do t[i] = ('x'):rep(i) .. i end collectgarbage() error(t)"};
  lua_pushfstring(L, "only here: %d", 4321);
  return lua_error(L) + lua_gettop(L);
}
int failsMeanwhile(lua_State* L) {
  struct Failing {
    lua_State* L;
    ~Failing() { luaL_checkinteger(L, 1); }
  };
  const Failing failing{L};
  return work(L) + 1;
}
int leavesMeanwhile(lua_State* L) {
  struct Calling {
    lua_State* L;
    ~Calling() {
      lua_pushcfunction(L, &localAboveNoexcept);
      lua_pushliteral(L, "y");
      lua_pcall(L, 1, 0, 0);
      lua_pushcfunction(L, &catchesAllWithLocals);
      lua_pcall(L, 0, 0, 0);
      lua_pop(L, 2);
      destroyed = 0;
    }
  };
  const Local local;
  const Calling calling{L};
  return luaL_error(L, "first") + 1;
}

// ---- C frames ----
int overNoTables(lua_State* L) noexcept { return callWithoutTables(L, &noexceptWithLocal) + 1; }
int overNoTablesCatching(lua_State* L) {
  try {
    return callWithoutTables(L, &catchesAllAbove) + 1;
  } catch (...) {
    ++caught;
  }
  return 0;
}
int noTablesInside(lua_State* L) {
  const Local local;  // beyond what can be unwound
  return callWithoutTables(L, &workWithLocal) + 1;
}
int overTables(lua_State* L) {
  const Local local;
  return callWithTables(L, &workWithLocal) + 1;
}

// ---- C++ exceptions that have become Lua errors ----
int throwsException(lua_State*) { throw std::runtime_error("thrown"); }
int throwsNumber(lua_State*) { throw 5; }
[[gnu::noinline]] int callsThrowing(lua_State* L) {
  const Local local;
  lua_pushvalue(L, 2);
  lua_call(L, 0, 0);
  return lua_gettop(L);
}
int throughNoexcept(lua_State* L) noexcept { return callsThrowing(L) + 1; }
int throughCatchAll(lua_State* L) {
  try {
    return callsThrowing(L) + 1;
  } catch (...) {
    ++caught;
  }
  return 0;
}
int catchesItsType(lua_State* L) {
  try {
    return callsThrowing(L) + 1;
  } catch (const std::exception& exception) {
    ++caught;
    lua_pushfstring(L, "%s, caught", exception.what());
  } catch (...) {
    caught += 10;
    lua_pushliteral(L, "swallowed");
  }
  return lua_error(L);
}

void errors(lua_State* L) {
  fails(L, "noexcept", plainNoexcept, wrongArgument, 0);
  fails(L, "noexcept with an object", noexceptWithLocal, wrongArgument, -1);
  fails(L, "noexcept with two objects", noexceptWithLocals, wrongArgument, -1);
  fails(L, "noexcept around an object's frame", noexceptAbove, wrongArgument, 1);
  fails(L, "noexcept in an object's frame", localAboveNoexcept, wrongArgument, -1);
  fails(L, "noexcept inlined", noexceptInlined, wrongArgument, -1);
  fails(L, "many noexcept frames", deep, wrongArgument, -1);
  fails(L, "catch (...)", catchesAll, wrongArgument, 0);
  fails(L, "catch (...) that throws again", rethrows, wrongArgument, 0);
  fails(L, "catch (...) and objects in one frame", catchesAllWithLocals, wrongArgument, 1);
  fails(L, "catch (...) around an object's frame", catchesAllAbove, wrongArgument, 1);
  fails(L, "handlers of other types", catchesOthers, wrongArgument, 2);
  fails(L, "handlers of other types, noexcept", catchesOthersNoexcept, wrongArgument, -1);
  fails(L, "handlers of other types, noexcept inlined", catchesOthersInlined, wrongArgument, -1);
  fails(L, "handlers of other types, noexcept in catch (...)", localAboveCatchesOthers, wrongArgument, -1);
  fails(L, "noexcept in catch (...)", noexceptInCatch, wrongArgument, 1);
  fails(L, "catch (...) in noexcept", catchInNoexcept, wrongArgument, 1);
  fails(L, "catch (abi::__forced_unwind&)", catchesForcedUnwinding, wrongArgument, 2);

  const std::exception_ptr handled = std::current_exception();
  fails(L, "in a handler", failsInHandler, "caught and passed on", 1);
  expect(!DESTRUCTORS_RUN || std::current_exception() == handled, "in a handler", "the exception is still handled");
  fails(L, "in a handler, noexcept", failsInHandlerNoexcept, "caught and passed on", 0);
  // Frames that are jumped over do not end their handlers.
  while (std::current_exception() != handled) abi::__cxa_end_catch();

  fails(L, "an error in a call", callsArgument, wrongArgument, -1, 0, noexceptWithLocal);
  fails(L, "errors in protected calls", protectsArgument,
        "5 values, bad argument #1 to '?' (number expected, got string)", -1, 0, catchesAllAbove);
  fails(L, "catch (...) around a call", catchesAllOfArgument, wrongArgument, -1, 0, catchesAll);

  fails(L, "Lua code in destructors", runsLuaMeanwhile, "only here: 4321", 2);
  if (DESTRUCTORS_RUN) fails(L, "an error in a destructor", failsMeanwhile, wrongArgument, 0);
  fails(L, "errors in a destructor", leavesMeanwhile, "first", 1);

  fails(L, "beyond a frame without tables", overNoTables, wrongArgument, -1);
  fails(L, "catch (...) beyond a frame without tables", overNoTablesCatching, wrongArgument, 1);
  fails(L, "objects on both sides of a frame without tables", noTablesInside, wrongArgument, 1);
  fails(L, "objects on both sides of a frame with tables", overTables, wrongArgument, 2);
}

// Debian's library lets C++ exceptions fall through itself, which no state survives.
void exceptions(lua_State* L) {
  fails(L, "an exception of its own", throwsException, "thrown", 0);
  fails(L, "an exception through noexcept", throughNoexcept, "thrown", 1, 0, throwsException);
  fails(L, "an exception through catch (...)", throughCatchAll, "thrown", 1, 0, throwsException);
  fails(L, "an exception that a handler names", catchesItsType, "thrown, caught", 1, 1, throwsException);
  fails(L, "an exception without text", throughNoexcept, "C++ exception", 1, 0, throwsNumber);
  fails(L, "an exception without text that a handler does not name", catchesItsType, "C++ exception", 1, 0,
        throwsNumber);
}

// ---- yields ----
int yields(lua_State* L) noexcept {
  const Local local;
  return lua_yield(L, lua_gettop(L)) + lua_gettop(L);
}
int yieldsCatching(lua_State* L) {
  try {
    return yields(L) + 1;
  } catch (...) {
    ++caught;
  }
  return luaL_error(L, "swallowed");
}
int afterCall(lua_State* L, int, lua_KContext context) {
  lua_pushinteger(L, static_cast<lua_Integer>(context));
  return lua_gettop(L);
}
int failsInCoroutine(lua_State* L) noexcept {
  const Local local;
  return work(L) & 1;
}
int callsYielding(lua_State* L) noexcept {
  const Local local;
  lua_pushvalue(L, 1);
  lua_callk(L, 0, LUA_MULTRET, 77, &afterCall);
  return afterCall(L, LUA_OK, 78);
}

void yielding(lua_State* L) {
  lua_register(L, "yields", &yields);
  lua_register(L, "yieldsCatching", &yieldsCatching);
  lua_register(L, "callsYielding", &callsYielding);
  lua_register(L, "wrong", &failsInCoroutine);
  const char* const code =
      "for _, f in ipairs{yields, yieldsCatching} do\n"
      "  local co = coroutine.wrap(function(...) return f(...) end)\n"
      "  local a, b = co(1, 2)\n"
      "  assert(a == 1 and b == 2)\n"
      "  local x, y = co(3, 4)\n"
      "  assert(x == 3 and y == 4)\n"
      "end\n"
      "local co = coroutine.wrap(callsYielding)\n"
      "assert(co(function() return coroutine.yield(10) end) == 10)\n"
      "local f, x, n = co('back')\n"
      "assert(x == 'back' and n == 77)\n"
      "local inner = coroutine.create(function() yields(1) pcall(wrong, {}) yieldsCatching(2) wrong({}) end)\n"
      "assert(select(2, coroutine.resume(inner)) == 1 and select(2, coroutine.resume(inner)) == 2)\n"
      "local ok, message = coroutine.resume(inner)\n"
      "assert(not ok and message:find('number expected, got table', 1, true))\n";
  caught = 0;
  const bool succeeded = !luaL_dostring(L, code);
  expect(succeeded, "yields", succeeded ? "" : lua_tostring(L, -1));
  expect(caught == 0, "yields", "handlers");
  lua_settop(L, 0);
}

// ---- what else the library calls ----
const char* readFailing(lua_State* L, void*, size_t*) noexcept {
  const Local local;
  luaL_error(L, "from the reader");
  return "";
}
const char* readCatching(lua_State* L, void*, size_t*) {
  try {
    luaL_error(L, "from the reader");
  } catch (...) {
    ++caught;
  }
  return nullptr;
}
void hookFailing(lua_State* L, lua_Debug*) noexcept {
  const Local local;
  lua_sethook(L, nullptr, 0, 0);
  luaL_error(L, "from the hook");
  ++caught;
}
int collectFailing(lua_State* L) noexcept {
  const Local local;
  return luaL_error(L, "from the finalizer") + 1;
}
int closeFailing(lua_State* L) noexcept {
  const Local local;
  return luaL_error(L, "from the closing") + 1;
}

void callbacks(lua_State* L) {
  caught = 0;
  const lua_Reader readers[] = {&readFailing, &readCatching};
  for (const lua_Reader reader : readers) {
    const int status = lua_load(L, reader, nullptr, "=reader", nullptr);
    expect(status == LUA_ERRRUN && strstr(lua_tostring(L, -1), "from the reader") != nullptr, "reader",
           lua_tostring(L, -1));
    lua_settop(L, 0);
  }
  lua_sethook(L, &hookFailing, LUA_MASKCOUNT, 1);
  expect(luaL_dostring(L, "local n = 0 for i = 1, 1000 do n = n + i end"), "hook", "no error");
  expect(strstr(lua_tostring(L, -1), "from the hook") != nullptr, "hook", lua_tostring(L, -1));
  lua_sethook(L, nullptr, 0, 0);
  lua_settop(L, 0);
  lua_register(L, "collectFailing", &collectFailing);
  lua_register(L, "closeFailing", &closeFailing);
  expect(luaL_dostring(L, "setmetatable({}, {__gc = collectFailing}) collectgarbage() collectgarbage()") == false,
         "finalizer", "an error");
  lua_settop(L, 0);
  expect(luaL_dostring(L, "local x <close> = setmetatable({}, {__close = closeFailing}) return 1") &&
             strstr(lua_tostring(L, -1), "from the closing") != nullptr,
         "closing", "message");
  lua_settop(L, 0);
  expect(caught == 0, "callbacks", "handlers");
}

// ---- std::terminate is the program's own, else ----
[[noreturn]] void exitFromTerminate() { _exit(std::current_exception() == nullptr ? 41 : 42); }
int throwsThroughNoexcept(lua_State* L) noexcept {
  const Local local;
  return throwsNumber(L);
}

void terminating(lua_State* L) {
  const std::terminate_handler before = std::set_terminate(&exitFromTerminate);
  fails(L, "with a terminate handler", catchesOthersNoexcept, wrongArgument, -1);
  fails(L, "with a terminate handler", catchesOthers, wrongArgument, 2);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    lua_pushcfunction(L, &throwsThroughNoexcept);
    lua_pcall(L, 0, 0, 0);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  expect(WIFEXITED(status) && (WEXITSTATUS(status) == 41 || WEXITSTATUS(status) == 42), "an exception of the program's",
         "does not end it as it wishes");
  std::set_terminate(before);
}

lua_State* newState(const char* mode) {
  lua_State* const L = luaL_newstate();
  luaL_openlibs(L);
  if (mode != nullptr) {
    lua_pushstring(L, mode);
    lua_setglobal(L, "mode");
    const bool succeeded = luaL_dostring(L, "require('selvage').jit[mode]()") == false;
    expect(succeeded, "mode", mode);
    lua_settop(L, 0);
  }
  return L;
}

void runIn(lua_State* L) {
  for (int round = 0; round < 2; ++round) {
    errors(L);
    if (DESTRUCTORS_RUN) exceptions(L);
    yielding(L);
    callbacks(L);
  }
}

void runAll(const char* mode) {
  lua_State* const L = newState(mode);
  runIn(L);
  lua_close(L);
}

// In a thread of its own: the address of the number that failed.
void* runInThread(void* mode) {
  runAll(static_cast<const char*>(mode));
  return failed == 0 && passed > 0 ? nullptr : mode;
}

}  // namespace

extern "C" int luaopen_frames(lua_State* L) {
  lua_settop(L, 0);
  runIn(L);
  terminating(L);
  printf("%d passed, %d failed\n", passed, failed);
  return 0;
}

int main() {
  const char* const modes[] = {DESTRUCTORS_RUN ? "off" : nullptr, "on", "always"};
  for (const char* const mode : modes) {
    runAll(mode);
    lua_State* const L = newState(mode);
    terminating(L);
    lua_close(L);
    if (mode == nullptr) break;
  }
  if (DESTRUCTORS_RUN) {
    pthread_t threads[4];
    for (pthread_t& thread : threads) pthread_create(&thread, nullptr, &runInThread, const_cast<char*>("on"));
    for (const pthread_t thread : threads) {
      void* result = nullptr;
      pthread_join(thread, &result);
      expect(result == nullptr, "threads", "failed");
    }
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
