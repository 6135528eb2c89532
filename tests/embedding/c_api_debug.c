/* The debug interface: activations, variables, upvalues, hooks. */
#include "c_api_check.h"

/* ---- lua_getinfo ---- */

static lua_Debug seen;

static int looksAtCaller(lua_State* L) {
  lua_Debug own;
  memset(&seen, 0, sizeof(seen));
  CHECK(lua_getstack(L, 0, &own));
  CHECK(lua_getinfo(L, "nSlutr", &own));
  CHECK_TEXT("C", own.what);
  CHECK_TEXT("=[C]", own.source);
  CHECK_INTEGER(4, own.srclen);
  CHECK_TEXT("[C]", own.short_src);
  CHECK_INTEGER(-1, own.currentline);
  CHECK_INTEGER(-1, own.linedefined);
  CHECK_INTEGER(-1, own.lastlinedefined);
  CHECK_INTEGER(0, own.nups);
  CHECK_INTEGER(0, own.nparams);
  CHECK_INTEGER(1, own.isvararg);
  CHECK_INTEGER(0, own.istailcall);
  CHECK(lua_getstack(L, 1, &seen));
  CHECK(lua_getinfo(L, "nSlut", &seen));
  lua_pushstring(L, own.name == NULL ? "(no name)" : own.name);
  lua_pushstring(L, own.namewhat);
  return 2;
}

static void activations(lua_State* L) {
  lua_Debug ar;
  lua_register(L, "look", looksAtCaller);
  CHECK(!lua_getstack(L, 0, &ar));
  CHECK(!lua_getstack(L, 5, &ar));
  CHECK(!lua_getstack(L, -1, &ar));
  {
    static const char code[] =
        "local up = 1\n"
        "local function named(a, b, ...)\n"
        "  local x = up\n"
        "  local n, w = look()\n"
        "  return n, w\n"
        "end\n"
        "local n, w = named(1, 2)\n"
        "return n, w\n";
    CHECK_INTEGER(LUA_OK, luaL_loadbuffer(L, code, strlen(code), "@code.lua"));
  }
  lua_call(L, 0, 2);
  CHECK_TEXT("look", lua_tostring(L, 1));
  CHECK_TEXT("global", lua_tostring(L, 2));
  CHECK_TEXT("named", seen.name);
  CHECK_TEXT("local", seen.namewhat);
  CHECK_TEXT("Lua", seen.what);
  CHECK_TEXT("@code.lua", seen.source);
  CHECK_INTEGER(9, seen.srclen);
  CHECK_TEXT("code.lua", seen.short_src);
  CHECK_INTEGER(4, seen.currentline);
  CHECK_INTEGER(2, seen.linedefined);
  CHECK_INTEGER(6, seen.lastlinedefined);
  CHECK_INTEGER(2, seen.nups);
  CHECK_INTEGER(2, seen.nparams);
  CHECK_INTEGER(1, seen.isvararg);
  CHECK_INTEGER(0, seen.istailcall);
  lua_settop(L, 0);
  /* Methods, fields, tail calls, the main chunk. */
  CHECK_LUA(L, "local t = {look = look} local n, w = t:look() return n == 'look' and w == 'method'");
  CHECK_TEXT("main", seen.what);
  CHECK_TEXT("", seen.namewhat);
  CHECK(seen.name == NULL);
  CHECK_INTEGER(0, seen.linedefined);
  CHECK_INTEGER(1, seen.isvararg);
  CHECK_LUA(L,
            "local t = {f = function() local a, b = look() return a, b end} local function g() return t.f() end"
            " local n = g() return n == 'look'");
  CHECK(seen.istailcall);
  CHECK(seen.name == NULL);
  CHECK_LUA(
      L,
      "local t = setmetatable({}, {__index = function() local a, b = look() return a end}) local x = t.y return true");
  CHECK_TEXT("index", seen.name);
  CHECK_TEXT("metamethod", seen.namewhat);
  CHECK_LUA(L, "for k in (function() local a, b = look() return nil end) do end return true");
  CHECK_TEXT("for iterator", seen.name);
  CHECK_TEXT("for iterator", seen.namewhat);
}

static void functionsAsValues(lua_State* L) {
  lua_Debug ar;
  int lines = 0;
  lua_pushcfunction(L, looksAtCaller);
  CHECK(lua_getinfo(L, ">Su", &ar));
  CHECK_INTEGER(0, lua_gettop(L));
  CHECK_TEXT("C", ar.what);
  luaL_loadstring(L, "local a\nlocal function f(x)\n\n  return x\nend\nreturn f");
  lua_call(L, 0, 1);
  CHECK(lua_getinfo(L, ">SufL", &ar));
  CHECK_INTEGER(2, lua_gettop(L));
  CHECK(lua_isfunction(L, 1) && lua_istable(L, 2));
  CHECK_INTEGER(2, ar.linedefined);
  CHECK_INTEGER(5, ar.lastlinedefined);
  CHECK_INTEGER(1, ar.nparams);
  lua_pushnil(L);
  while (lua_next(L, 2)) {
    ++lines;
    CHECK(lua_toboolean(L, -1));
    CHECK(lua_tointeger(L, -2) == 4 || lua_tointeger(L, -2) == 5);
    lua_pop(L, 1);
  }
  CHECK_INTEGER(2, lines);
  lua_settop(L, 0);
  lua_pushcfunction(L, looksAtCaller);
  CHECK(lua_getinfo(L, ">L", &ar));
  CHECK(lua_isnil(L, 1));
  lua_settop(L, 0);
  lua_pushcfunction(L, looksAtCaller);
  CHECK(!lua_getinfo(L, ">X", &ar));
  CHECK_INTEGER(0, lua_gettop(L));
  luaL_loadbuffer(L, "return 1", 8, "a chunk name that is far too long for the room which there is in the structure");
  CHECK(lua_getinfo(L, ">S", &ar));
  CHECK_TEXT("[string \"a chunk name that is far too long for the roo...\"]", ar.short_src);
  luaL_loadbuffer(L, "return 1", 8, "@/a/path/that/is/far/too/long/for/the/room/which/there/is/in/the/structure.lua");
  CHECK(lua_getinfo(L, ">S", &ar));
  CHECK_TEXT("...oo/long/for/the/room/which/there/is/in/the/structure.lua", ar.short_src);
  CHECK_INTEGER(LUA_IDSIZE - 1, strlen(ar.short_src));
  CHECK_INTEGER(0, lua_gettop(L));
}

/* ---- variables ---- */

static int readsVariables(lua_State* L) {
  lua_Debug ar;
  lua_getstack(L, 1, &ar);
  CHECK_TEXT("a", lua_getlocal(L, &ar, 1));
  CHECK_INTEGER(1, lua_tointeger(L, -1));
  CHECK_TEXT("b", lua_getlocal(L, &ar, 2));
  CHECK_TEXT("two", lua_tostring(L, -1));
  CHECK_TEXT("c", lua_getlocal(L, &ar, 3));
  CHECK(lua_isnil(L, -1));
  CHECK_INTEGER(3, lua_gettop(L));
  CHECK_TEXT("(vararg)", lua_getlocal(L, &ar, -1));
  CHECK_TEXT("extra", lua_tostring(L, -1));
  CHECK(lua_getlocal(L, &ar, -3) == NULL);
  CHECK(lua_getlocal(L, &ar, 100) == NULL);
  CHECK_INTEGER(4, lua_gettop(L));
  lua_pushinteger(L, 33);
  CHECK_TEXT("c", lua_setlocal(L, &ar, 3));
  lua_pushliteral(L, "changed");
  CHECK_TEXT("(vararg)", lua_setlocal(L, &ar, -2));
  lua_pushinteger(L, 0);
  CHECK(lua_setlocal(L, &ar, 100) == NULL);
  CHECK_INTEGER(5, lua_gettop(L));
  return 0;
}

static void localVariables(lua_State* L) {
  lua_register(L, "reads", readsVariables);
  CHECK_LUA(L,
            "local function f(a, b, ...) local c reads() local d = 4 return c, select(2, ...) end"
            " for i = 1, 100 do local x, y = f(1, 'two', 'extra', 'more') assert(x == 33 and y == 'changed') end "
            "return true");
  luaL_loadstring(L, "local x return function(first, second) local third end");
  lua_call(L, 0, 1);
  CHECK_TEXT("first", lua_getlocal(L, NULL, 1));
  CHECK_TEXT("second", lua_getlocal(L, NULL, 2));
  CHECK(lua_getlocal(L, NULL, 3) == NULL);
  CHECK_INTEGER(1, lua_gettop(L));
  lua_settop(L, 0);
}

static void suspendedVariables(lua_State* L) {
  lua_Debug ar;
  int count;
  lua_State* co = lua_newthread(L);
  luaL_loadstring(
      co, "local a = 1 local function f() local b = 2 coroutine.yield() return a, b end local x, y = f() return x, y");
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 0, &count));
  CHECK(lua_getstack(co, 1, &ar));
  CHECK_TEXT("b", lua_getlocal(co, &ar, 1));
  CHECK_INTEGER(2, lua_tointeger(co, -1));
  lua_pop(co, 1);
  lua_pushinteger(co, 22);
  CHECK_TEXT("b", lua_setlocal(co, &ar, 1));
  CHECK(lua_getstack(co, 2, &ar));
  CHECK_TEXT("a", lua_getlocal(co, &ar, 1));
  lua_pop(co, 1);
  CHECK(!lua_getstack(co, 3, &ar));
  CHECK_INTEGER(LUA_OK, lua_resume(co, L, 0, &count));
  CHECK_INTEGER(2, count);
  CHECK_INTEGER(22, lua_tointeger(co, -1));
  lua_settop(L, 0);
}

static int nothing(lua_State* L) {
  (void)L;
  return 0;
}

static void upvalues(lua_State* L) {
  runCode(L, "local a, b = 1, 2 return function() return a, b end, function() b = b + 10 return b end");
  CHECK_TEXT("a", lua_getupvalue(L, 1, 1));
  CHECK_INTEGER(1, lua_tointeger(L, -1));
  CHECK_TEXT("b", lua_getupvalue(L, 1, 2));
  CHECK_TEXT("b", lua_getupvalue(L, 2, 1));
  CHECK(lua_rawequal(L, -1, -2));
  CHECK(lua_getupvalue(L, 1, 3) == NULL);
  CHECK(lua_getupvalue(L, 1, 0) == NULL);
  CHECK_INTEGER(5, lua_gettop(L));
  CHECK(lua_upvalueid(L, 1, 2) == lua_upvalueid(L, 2, 1));
  CHECK(lua_upvalueid(L, 1, 1) != lua_upvalueid(L, 1, 2));
  CHECK(lua_upvalueid(L, 1, 1) != NULL);
  lua_settop(L, 2);
  lua_pushinteger(L, 100);
  CHECK_TEXT("b", lua_setupvalue(L, 1, 2));
  lua_pushvalue(L, 2);
  lua_call(L, 0, 1);
  CHECK_INTEGER(110, lua_tointeger(L, -1));
  lua_settop(L, 2);
  lua_pushinteger(L, 7);
  CHECK(lua_setupvalue(L, 1, 3) == NULL);
  CHECK_INTEGER(3, lua_gettop(L));
  lua_settop(L, 2);
  lua_upvaluejoin(L, 2, 1, 1, 1);
  CHECK(lua_upvalueid(L, 1, 1) == lua_upvalueid(L, 2, 1));
  lua_pushvalue(L, 2);
  lua_call(L, 0, 1);
  CHECK_INTEGER(11, lua_tointeger(L, -1));
  lua_pushvalue(L, 1);
  lua_call(L, 0, 2);
  CHECK_INTEGER(11, lua_tointeger(L, -2));
  CHECK_INTEGER(110, lua_tointeger(L, -1));
  lua_settop(L, 0);
  lua_pushinteger(L, 1);
  lua_pushinteger(L, 2);
  lua_pushcclosure(L, nothing, 2);
  CHECK_TEXT("", lua_getupvalue(L, 1, 2));
  CHECK_INTEGER(2, lua_tointeger(L, -1));
  CHECK(lua_getupvalue(L, 1, 3) == NULL);
  lua_pushinteger(L, 20);
  CHECK_TEXT("", lua_setupvalue(L, 1, 2));
  lua_getupvalue(L, 1, 2);
  CHECK_INTEGER(20, lua_tointeger(L, -1));
  CHECK(lua_upvalueid(L, 1, 1) != NULL && lua_upvalueid(L, 1, 1) != lua_upvalueid(L, 1, 2));
  CHECK(lua_upvalueid(L, 1, 3) == NULL);
  lua_settop(L, 0);
  lua_pushcfunction(L, nothing);
  CHECK(lua_getupvalue(L, 1, 1) == NULL);
  lua_settop(L, 0);
}

/* ---- hooks ---- */

static int events[5];
static int lines[100];
static int lineCount;

static void countEvents(lua_State* L, lua_Debug* ar) {
  ++events[ar->event];
  if (ar->event == LUA_HOOKLINE && lineCount < (int)COUNT(lines)) lines[lineCount++] = ar->currentline;
  lua_getinfo(L, "nSl", ar);
}

static void hooks(lua_State* L) {
  CHECK(lua_gethook(L) == NULL);
  CHECK_INTEGER(0, lua_gethookmask(L));
  memset(events, 0, sizeof(events));
  lineCount = 0;
  luaL_loadstring(
      L, "local function f(x)\n  return x\nend\nlocal a = f(1)\nlocal b = f(2)\nreturn (function() return f(3) end)()");
  lua_sethook(L, countEvents, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE, 0);
  CHECK(lua_gethook(L) == countEvents);
  CHECK_INTEGER(LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE, lua_gethookmask(L));
  lua_call(L, 0, 1);
  lua_sethook(L, NULL, 0, 0);
  CHECK(lua_gethook(L) == NULL);
  CHECK_INTEGER(3, lua_tointeger(L, -1));
  CHECK_INTEGER(3, events[LUA_HOOKCALL]);
  CHECK_INTEGER(2, events[LUA_HOOKTAILCALL]);
  CHECK_INTEGER(3, events[LUA_HOOKRET]);
  {
    static const int expected[] = {3, 4, 2, 5, 2, 6, 6, 2};
    int i;
    CHECK_INTEGER(COUNT(expected), lineCount);
    for (i = 0; i < lineCount && i < (int)COUNT(expected); ++i) CHECK_INTEGER(expected[i], lines[i]);
  }
  lua_settop(L, 0);
  memset(events, 0, sizeof(events));
  luaL_loadstring(L, "for i = 1, 100000 do end");
  lua_sethook(L, countEvents, LUA_MASKCOUNT, 1000);
  CHECK_INTEGER(1000, lua_gethookcount(L));
  lua_call(L, 0, 0);
  lua_sethook(L, countEvents, 0, 0);
  CHECK(lua_gethook(L) == NULL);
  CHECK(events[LUA_HOOKCOUNT] >= 99 && events[LUA_HOOKCOUNT] <= 301);
  memset(events, 0, sizeof(events));
  runCode(L, "for i = 1, 10000 do end");
  CHECK_INTEGER(0, events[LUA_HOOKCOUNT] + events[LUA_HOOKLINE] + events[LUA_HOOKCALL]);
}

static void stopsProgram(lua_State* L, lua_Debug* ar) {
  (void)ar;
  luaL_error(L, "stopped by the hook");
}

static void hooksThatFail(lua_State* L) {
  luaL_loadbuffer(L, "while true do end", 17, "=endless");
  lua_sethook(L, stopsProgram, LUA_MASKCOUNT, 10000);
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
  lua_sethook(L, NULL, 0, 0);
  CHECK_TEXT("stopped by the hook", lua_tostring(L, -1));
  lua_settop(L, 0);
}

static void transfers(lua_State* L, lua_Debug* ar) {
  int i;
  lua_Integer sum = 0;
  lua_getinfo(L, "rS", ar);
  if (strcmp(ar->what, "Lua") != 0) return;
  for (i = 0; i < ar->ntransfer; ++i) {
    lua_getlocal(L, ar, ar->ftransfer + i);
    sum += lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  lines[lineCount++] = (int)sum;
  lines[lineCount++] = ar->ntransfer;
}

static void transferredValues(lua_State* L) {
  lineCount = 0;
  luaL_loadstring(L, "local function f(a, b) local c return 7, 8, 9 end f(5, 6)");
  lua_sethook(L, transfers, LUA_MASKCALL | LUA_MASKRET, 0);
  lua_call(L, 0, 0);
  lua_sethook(L, NULL, 0, 0);
  CHECK_INTEGER(4, lineCount);
  CHECK_INTEGER(11, lines[0]);
  CHECK_INTEGER(2, lines[1]);
  CHECK_INTEGER(24, lines[2]);
  CHECK_INTEGER(3, lines[3]);
}

static void yieldsAtLines(lua_State* L, lua_Debug* ar) {
  (void)ar;
  lua_yield(L, 0);
}

/* A hook may yield, with no values: that is how a debugger's single steps are made. */
static void hooksThatYield(lua_State* L) {
  int count;
  int turns = 0;
  int status;
  lua_Debug ar;
  lua_State* co = lua_newthread(L);
  luaL_loadstring(co, "local x = 1\nx = x + 1\nx = x * 10\nreturn x");
  lua_sethook(co, yieldsAtLines, LUA_MASKLINE, 0);
  while ((status = lua_resume(co, L, 0, &count)) == LUA_YIELD && turns < 10) {
    ++turns;
    CHECK_INTEGER(0, count);
    CHECK(lua_getstack(co, 0, &ar));
    CHECK(lua_getinfo(co, "S", &ar));
    CHECK_TEXT("main", ar.what);
  }
  CHECK_INTEGER(LUA_OK, status);
  CHECK_INTEGER(4, turns);
  CHECK_INTEGER(20, lua_tointeger(co, -1));
  lua_settop(L, 0);
}

static void hooksOfThreads(lua_State* L) {
  int count;
  lua_State* co;
  memset(events, 0, sizeof(events));
  lua_sethook(L, countEvents, LUA_MASKCOUNT, 100);
  co = lua_newthread(L);
  /* A new thread inherits the hook; setting another one concerns only the thread. */
  CHECK(lua_gethook(co) == countEvents);
  lua_sethook(co, NULL, 0, 0);
  CHECK(lua_gethook(L) == countEvents);
  lua_sethook(L, NULL, 0, 0);
  luaL_loadstring(co, "for i = 1, 10000 do end");
  lua_sethook(co, countEvents, LUA_MASKCOUNT, 100);
  memset(events, 0, sizeof(events));
  runCode(L, "for i = 1, 10000 do end");
  CHECK_INTEGER(0, events[LUA_HOOKCOUNT]);
  CHECK_INTEGER(LUA_OK, lua_resume(co, L, 0, &count));
  CHECK(events[LUA_HOOKCOUNT] > 90);
  lua_settop(L, 0);
}

static void limit(lua_State* L) { CHECK_INTEGER(200, lua_setcstacklimit(L, 1000)); }

const Test debugTests[] = {{"activations", activations},
                           {"functionsAsValues", functionsAsValues},
                           {"localVariables", localVariables},
                           {"suspendedVariables", suspendedVariables},
                           {"upvalues", upvalues},
                           {"hooks", hooks},
                           {"hooksThatFail", hooksThatFail},
                           {"transferredValues", transferredValues},
                           {"hooksThatYield", hooksThatYield},
                           {"hooksOfThreads", hooksOfThreads},
                           {"limit", limit},
                           {NULL, NULL}};
