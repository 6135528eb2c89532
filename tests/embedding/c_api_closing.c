/* Variables to be closed, finalizers, warnings. */
#include <stdlib.h>

#include "c_api_check.h"

static void resetLog(lua_State* L) {
  runCode(L,
          "log = {} function guard(name) return setmetatable({}, {__close = function(_, e)"
          " log[#log + 1] = e and name .. ':' .. tostring(e) or name end}) end"
          " function taken() local t = table.concat(log, ' ') log = {} return t end");
}

static void pushGuard(lua_State* L, const char* name) {
  lua_getglobal(L, "guard");
  lua_pushstring(L, name);
  lua_call(L, 1, 1);
}

#define CHECK_LOG(L, expected)                 \
  do {                                         \
    lua_getglobal(L, "taken");                 \
    lua_call(L, 0, 1);                         \
    CHECK_TEXT(expected, lua_tostring(L, -1)); \
    lua_pop(L, 1);                             \
  } while (0)

static int returnsOpen(lua_State* L) {
  pushGuard(L, "first");
  lua_toclose(L, -1);
  lua_pushnil(L);
  lua_toclose(L, -1);
  pushGuard(L, "second");
  lua_toclose(L, -1);
  lua_pushliteral(L, "result");
  lua_pushinteger(L, 2);
  return 2;
}

static int failsOpen(lua_State* L) {
  pushGuard(L, "first");
  lua_toclose(L, -1);
  pushGuard(L, "second");
  lua_toclose(L, -1);
  lua_pushliteral(L, "oops");
  return lua_error(L);
}

static int closesWithError(lua_State* L) {
  runCode(L, "return setmetatable({}, {__close = function(_, e) error('closing ' .. tostring(e), 0) end})");
  lua_toclose(L, -1);
  pushGuard(L, "inner");
  lua_toclose(L, -1);
  return 0;
}

static int marksNumber(lua_State* L) {
  lua_pushinteger(L, 1);
  lua_toclose(L, -1);
  return 0;
}

static void functions(lua_State* L) {
  resetLog(L);
  lua_pushcfunction(L, returnsOpen);
  lua_call(L, 0, LUA_MULTRET);
  CHECK_INTEGER(2, lua_gettop(L));
  CHECK_TEXT("result", lua_tostring(L, 1));
  CHECK_INTEGER(2, lua_tointeger(L, 2));
  CHECK_LOG(L, "second first");
  lua_settop(L, 0);
  lua_pushcfunction(L, failsOpen);
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
  CHECK_TEXT("oops", lua_tostring(L, -1));
  CHECK_LOG(L, "second:oops first:oops");
  lua_settop(L, 0);
  lua_pushcfunction(L, closesWithError);
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
  CHECK_TEXT("closing nil", lua_tostring(L, -1));
  CHECK_LOG(L, "inner");
  lua_settop(L, 0);
  lua_register(L, "returnsOpen", returnsOpen);
  lua_register(L, "failsOpen", failsOpen);
  CHECK_LUA(L,
            "for i = 1, 200 do local a, b = returnsOpen() assert(a == 'result' and b == 2) end return #taken() == 200 "
            "* 13 - 1");
  CHECK_LUA(L, "for i = 1, 200 do assert(not pcall(failsOpen)) end return #taken() == 200 * 23 - 1");
  lua_pushcfunction(L, marksNumber);
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
  CHECK_TEXT("variable '(C temporary)' got a non-closable value", lua_tostring(L, -1));
  lua_settop(L, 0);
}

static int popsAndCloses(lua_State* L) {
  pushGuard(L, "popped");
  lua_toclose(L, -1);
  lua_pushinteger(L, 1);
  lua_pop(L, 2);
  CHECK_LOG(L, "popped");
  pushGuard(L, "slot");
  lua_toclose(L, -1);
  lua_closeslot(L, -1);
  CHECK_LOG(L, "slot");
  CHECK(lua_isnil(L, -1) || !lua_toboolean(L, -1));
  pushGuard(L, "last");
  lua_toclose(L, -1);
  lua_settop(L, 0);
  CHECK_LOG(L, "last");
  return 0;
}

static void places(lua_State* L) {
  resetLog(L);
  lua_pushcfunction(L, popsAndCloses);
  lua_call(L, 0, 0);
  CHECK_LOG(L, "");
  /* Outside of any function too. */
  pushGuard(L, "host");
  lua_toclose(L, 1);
  lua_settop(L, 0);
  CHECK_LOG(L, "host");
}

static int finalized = 0;

static int countsFinalized(lua_State* L) {
  CHECK_INTEGER(LUA_TUSERDATA, lua_type(L, 1));
  ++finalized;
  return 0;
}

static void finalizers(lua_State* mainState) {
  lua_State* L = luaL_newstate();
  int i;
  (void)mainState;
  luaL_openlibs(L);
  luaL_newmetatable(L, "counted");
  lua_pushcfunction(L, countsFinalized);
  lua_setfield(L, -2, "__gc");
  lua_settop(L, 0);
  finalized = 0;
  for (i = 0; i < 100; ++i) {
    lua_newuserdatauv(L, 10, 1);
    luaL_setmetatable(L, "counted");
    lua_pop(L, 1);
  }
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCCOLLECT);
  CHECK_INTEGER(100, finalized);
  for (i = 0; i < 10; ++i) {
    lua_newuserdatauv(L, 10, 1);
    luaL_setmetatable(L, "counted");
    lua_setfield(L, LUA_REGISTRYINDEX, i % 2 == 0 ? "kept" : "kept too");
  }
  lua_close(L);
  CHECK_INTEGER(110, finalized);
}

static int closedByState = 0;

static int countsClosed(lua_State* L) {
  (void)L;
  ++closedByState;
  return 0;
}

static void closingStates(lua_State* mainState) {
  lua_State* L = luaL_newstate();
  (void)mainState;
  luaL_newmetatable(L, "closable");
  lua_pushcfunction(L, countsClosed);
  lua_setfield(L, -2, "__close");
  lua_pop(L, 1);
  lua_newuserdatauv(L, 0, 0);
  luaL_setmetatable(L, "closable");
  lua_toclose(L, -1);
  closedByState = 0;
  lua_close(L);
  CHECK_INTEGER(1, closedByState);
  /* A thread other than the main one stands for its state. */
  L = luaL_newstate();
  lua_close(lua_newthread(L));
}

static char warned[500];

static void keepWarning(void* ud, const char* message, int toBeContinued) {
  CHECK(ud == &warned);
  strcat(warned, message);
  strcat(warned, toBeContinued ? "+" : ".");
}

static int failsInFinalizer(lua_State* L) { return luaL_error(L, "in a finalizer"); }

static void warnings(lua_State* L) {
  warned[0] = '\0';
  lua_warning(L, "to the default function, which is off", 0);
  lua_setwarnf(L, keepWarning, warned);
  lua_warning(L, "one", 0);
  lua_warning(L, "two ", 1);
  lua_warning(L, "parts", 0);
  CHECK_TEXT("one.two +parts.", warned);
  warned[0] = '\0';
  runCode(L, "warn('from', ' ', 'Lua') warn('@on')");
  CHECK_TEXT("from+ +Lua.@on.", warned);
  warned[0] = '\0';
  lua_newuserdatauv(L, 0, 0);
  luaL_newmetatable(L, "failing");
  lua_pushcfunction(L, failsInFinalizer);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_settop(L, 0);
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCCOLLECT);
  CHECK_TEXT("error in +__gc+ (+in a finalizer+).", warned);
  lua_setwarnf(L, NULL, NULL);
  lua_warning(L, "to nobody", 0);
  runCode(L, "warn('to nobody')");
}

/* ---- handlers that yield when a C function returns ---- */

/* Marks its arguments, all of them, and returns their number and a word. */
static int marksArguments(lua_State* L) {
  int count = lua_gettop(L);
  int i;
  for (i = 1; i <= count; ++i) lua_toclose(L, i);
  lua_pushinteger(L, count);
  lua_pushliteral(L, "done");
  return 2;
}

static int finishes(lua_State* L, int status, lua_KContext context) {
  (void)status;
  lua_pushinteger(L, context);
  return 1;
}

/* Marks its argument, yields, and goes on in a continuation, at whose return the argument is closed. */
static int marksAndYields(lua_State* L) {
  lua_settop(L, 1);
  lua_toclose(L, 1);
  return lua_yieldk(L, 0, 77, finishes);
}

static void yieldingHandlers(lua_State* L) {
  lua_register(L, "marks", marksArguments);
  lua_register(L, "marksAndYields", marksAndYields);
  runCode(L,
          "log = {}"
          " function guard(name, work) return setmetatable({}, {__close = function(_, e)"
          "  log[#log + 1] = name .. ':' .. tostring(e) if work then work(name) end end}) end"
          " function steps(f, ...)"
          "  log = {} local co, out = coroutine.create(f), {} local r = table.pack(coroutine.resume(co, ...))"
          "  while coroutine.status(co) == 'suspended' do out[#out + 1] = tostring(r[2]) r = "
          "table.pack(coroutine.resume(co)) end"
          "  for i = 1, r.n do out[#out + 1] = tostring(r[i]) end return table.concat(out, ' ') .. ' | ' .. "
          "table.concat(log, ' ') end");
  CHECK_LUA(L,
            "return steps(function() return marks(guard('a', coroutine.yield), guard('b', coroutine.yield)) end)"
            " == 'b a true 2 done | b:nil a:nil'");
  CHECK_LUA(
      L,
      "return steps(function() local n, w = marks(guard('a', function() for i = 1, 3 do coroutine.yield(i) end end))"
      " return w, n end) == '1 2 3 true done 1 | a:nil'");
  CHECK_LUA(L,
            "return steps(function() for i = 1, 50 do marks(guard('a', coroutine.yield)) end return 'end' end)"
            " == ('a '):rep(50) .. 'true end | ' .. ('a:nil '):rep(50):sub(1, -2)");
  CHECK_LUA(L,
            "return steps(function() return pcall(marks, guard('a'), guard('b', function(n) coroutine.yield(n) "
            "error('bad', 0) end)) end)"
            " == 'b true false bad | b:nil a:bad'");
  CHECK_LUA(
      L, "return steps(function() return marksAndYields(guard('a', coroutine.yield)) end) == 'nil a true 77 | a:nil'");
  /* Outside of coroutines they run, but cannot yield. */
  CHECK_LUA(L,
            "log = {} local n, w = marks(guard('a'), guard('b')) return n == 2 and w == 'done' and log[1] == 'b:nil' "
            "and log[2] == 'a:nil'");
  CHECK_LUA(L,
            "local ok, e = pcall(marks, guard('a', coroutine.yield)) return not ok and e:find('outside a coroutine')");
  lua_settop(L, 0);
}

const Test closingTests[] = {
    {"yieldingHandlers", yieldingHandlers}, {"functions", functions}, {"places", places}, {"finalizers", finalizers},
    {"closingStates", closingStates},       {"warnings", warnings},   {NULL, NULL}};
