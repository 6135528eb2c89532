/*
 * What crossing the boundary between C and Lua costs, through the C API alone.
 *
 * The same text is compiled against the headers of each engine; what Lua 5.1 names otherwise is made up for by macros.
 * Each measure is a number of operations done in a loop, in C or in Lua, whichever side calls; it is told in
 * nanoseconds of processor time for one of them, the best of several rounds. Each checks what it computed.
 *
 *     boundary [ROUNDS [SECONDS [NAME [OPERATIONS]]]]
 *         SECONDS: of each round of each measure
 *         NAME: only the measures with this in their names
 *         OPERATIONS: so many in each round, however long they take; for tools that count instructions
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#if LUA_VERSION_NUM < 502
#define lua_newuserdatauv(L, size, values) lua_newuserdata(L, size)
#define lua_rawlen(L, i) lua_objlen(L, i)
static int resume(lua_State* co, lua_State* from, int arguments, int* results) {
  int status = lua_resume(co, arguments);
  (void)from;
  *results = lua_gettop(co);
  return status;
}
#define lua_geti(L, i, n) lua_rawgeti(L, i, n)
#define lua_seti(L, i, n) lua_rawseti(L, i, n)
#else
#define resume lua_resume
#endif

typedef struct Point {
  double x;
  double y;
} Point;

static void fail(const char* what) {
  fprintf(stderr, "boundary: %s\n", what);
  exit(EXIT_FAILURE);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- C functions that Lua calls ---- */

static int nothing(lua_State* L) {
  (void)L;
  return 0;
}

static int addOne(lua_State* L) {
  lua_pushinteger(L, luaL_checkinteger(L, 1) + 1);
  return 1;
}

static int callBack(lua_State* L) {
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  lua_call(L, 1, 1);
  return 1;
}

static int makePoint(lua_State* L) {
  double x = luaL_checknumber(L, 1);
  double y = luaL_checknumber(L, 2);
  Point* point = (Point*)lua_newuserdatauv(L, sizeof(Point), 0);
  point->x = x;
  point->y = y;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, -2);
  return 1;
}

static int sumOfPoint(lua_State* L) {
  Point* point = (Point*)luaL_checkudata(L, 1, "Point");
  lua_pushnumber(L, point->x + point->y);
  return 1;
}

static int movePoint(lua_State* L) {
  Point* point = (Point*)luaL_checkudata(L, 1, "Point");
  point->x += luaL_checknumber(L, 2);
  point->y += luaL_checknumber(L, 3);
  return 0;
}

static int readPoint(lua_State* L) {
  Point* point = (Point*)luaL_checkudata(L, 1, "Reading");
  size_t length;
  const char* name = luaL_checklstring(L, 2, &length);
  if (length != 1) return 0;
  lua_pushnumber(L, name[0] == 'x' ? point->x : point->y);
  return 1;
}

static int yieldValue(lua_State* L) { return lua_yield(L, 1); }

static int raise(lua_State* L) {
  lua_settop(L, 1);
  return lua_error(L);
}

static int lengthOfText(lua_State* L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  lua_pushinteger(L, (lua_Integer)length);
  return 1;
}

/* ---- the measures: run(L, n) does the operation n times ---- */

/* A Lua function with the loop in it, which is given n and must return `expected(n)`. */
static void runLua(lua_State* L, const char* code, long n, double expected) {
  if (luaL_loadstring(L, code) != 0) fail(lua_tostring(L, -1));
  lua_pushinteger(L, n);
  if (lua_pcall(L, 1, 1, 0) != 0) fail(lua_tostring(L, -1));
  if (lua_tonumber(L, -1) != expected) fail(code);
  lua_settop(L, 0);
}

static void callsOfNothing(lua_State* L, long n) {
  runLua(L, "local n = ... local f = nothing for i = 1, n do f() end return n", n, (double)n);
}

static void callsToC(lua_State* L, long n) {
  runLua(L, "local n = ... local f, s = addOne, 0 for i = 1, n do s = f(s) end return s", n, (double)n);
}

static void textToC(lua_State* L, long n) {
  runLua(L, "local n = ... local f, s = lengthOfText, 0 for i = 1, n do s = s + f('some text') end return s", n,
         9.0 * (double)n);
}

static void callsBack(lua_State* L, long n) {
  runLua(L,
         "local n = ... local f, s = callBack, 0 local function g(x) return x + 1 end for i = 1, n do s = f(g, s) end "
         "return s",
         n, (double)n);
}

static void callsToLua(lua_State* L, long n) {
  long i;
  lua_Integer s = 0;
  lua_getglobal(L, "luaAddOne");
  for (i = 0; i < n; ++i) {
    lua_pushvalue(L, 1);
    lua_pushinteger(L, s);
    lua_call(L, 1, 1);
    s = lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  if (s != n) fail("callsToLua");
  lua_settop(L, 0);
}

static void protectedCalls(lua_State* L, long n) {
  long i;
  lua_Integer s = 0;
  lua_getglobal(L, "luaAddOne");
  for (i = 0; i < n; ++i) {
    lua_pushvalue(L, 1);
    lua_pushinteger(L, s);
    if (lua_pcall(L, 1, 1, 0) != 0) fail("protectedCalls");
    s = lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  if (s != n) fail("protectedCalls");
  lua_settop(L, 0);
}

static void errors(lua_State* L, long n) {
  runLua(L,
         "local n = ... local p, f, s = pcall, raise, 0 for i = 1, n do local ok, e = p(f, i) if not ok then s = s + 1 "
         "end end return s",
         n, (double)n);
}

static void fieldReads(lua_State* L, long n) {
  long i;
  double s = 0;
  lua_getglobal(L, "object");
  for (i = 0; i < n; i += 2) {
    lua_getfield(L, 1, "health");
    s += lua_tonumber(L, -1);
    lua_getfield(L, 1, "speed");
    s += lua_tonumber(L, -1);
    lua_pop(L, 2);
  }
  if (s != (double)(n / 2) * 12.5) fail("fieldReads");
  lua_settop(L, 0);
}

static void fieldWrites(lua_State* L, long n) {
  long i;
  lua_getglobal(L, "object");
  for (i = 0; i < n; i += 2) {
    lua_pushnumber(L, (double)i);
    lua_setfield(L, 1, "written");
    lua_pushinteger(L, i);
    lua_setfield(L, 1, "other");
  }
  lua_getfield(L, 1, "other");
  if (lua_tointeger(L, -1) != n - 2) fail("fieldWrites");
  lua_settop(L, 0);
}

static void elementReads(lua_State* L, long n) {
  long i;
  lua_Integer s = 0;
  lua_getglobal(L, "list");
  for (i = 0; i < n; ++i) {
    lua_rawgeti(L, 1, (int)(i % 100) + 1);
    s += lua_tointeger(L, -1);
    lua_pop(L, 1);
  }
  if (s != n / 100 * 5050) fail("elementReads");
  lua_settop(L, 0);
}

static void elementWrites(lua_State* L, long n) {
  long i;
  lua_createtable(L, 100, 0);
  for (i = 0; i < n; ++i) {
    lua_pushinteger(L, i);
    lua_rawseti(L, 1, (int)(i % 100) + 1);
  }
  if (lua_rawlen(L, 1) != 100) fail("elementWrites");
  lua_settop(L, 0);
}

static void globals(lua_State* L, long n) {
  long i;
  double s = 0;
  for (i = 0; i < n; ++i) {
    lua_getglobal(L, "setting");
    s += lua_tonumber(L, -1);
    lua_pop(L, 1);
  }
  if (s != 3.0 * (double)n) fail("globals");
}

static void methodCalls(lua_State* L, long n) {
  runLua(L, "local n = ... local p, s = Point(1, 2), 0 for i = 1, n do s = s + p:sum() end return s", n,
         3.0 * (double)n);
}

static void methodsWithArguments(lua_State* L, long n) {
  runLua(L, "local n = ... local p = Point(0, 0) for i = 1, n do p:move(1, 2) end return p:sum()", n, 3.0 * (double)n);
}

static void userdataFields(lua_State* L, long n) {
  runLua(L, "local n = ... local p, s = Reading, 0 for i = 1, n do s = s + p.x end return s", n, 5.0 * (double)n);
}

static void newUserdata(lua_State* L, long n) {
  long i;
  for (i = 0; i < n; ++i) {
    Point* point = (Point*)lua_newuserdatauv(L, sizeof(Point), 0);
    point->x = 1;
    lua_pop(L, 1);
  }
}

static void newObjects(lua_State* L, long n) {
  runLua(L, "local n = ... local P, p = Point for i = 1, n do p = P(i, 1) end return p:sum()", n, (double)n + 1);
}

static void newTables(lua_State* L, long n) {
  long i;
  for (i = 0; i < n; ++i) {
    lua_createtable(L, 0, 2);
    lua_pushnumber(L, 1.5);
    lua_setfield(L, -2, "x");
    lua_pushnumber(L, 2.5);
    lua_setfield(L, -2, "y");
    lua_pop(L, 1);
  }
}

static void pushedTexts(lua_State* L, long n) {
  static const char* const texts[] = {"position", "velocity", "health", "a somewhat longer piece of text"};
  long i;
  for (i = 0; i < n; ++i) {
    lua_pushstring(L, texts[i % 4]);
    lua_pop(L, 1);
  }
}

static void resumes(lua_State* L, long n) {
  long i;
  int results;
  lua_Integer s = 0;
  lua_State* co = lua_newthread(L);
  lua_getglobal(L, "generator");
  lua_xmove(L, co, 1);
  for (i = 0; i < n; ++i) {
    lua_pushinteger(co, i);
    if (resume(co, L, 1, &results) != LUA_YIELD) fail("resumes");
    s = lua_tointeger(co, -1);
    lua_pop(co, results);
  }
  if (s != n * (n - 1) / 2) fail("resumes");
  lua_settop(L, 0);
}

static void yields(lua_State* L, long n) {
  runLua(L,
         "local n = ... local y, s = yieldValue, 0 local next = coroutine.wrap(function() for i = 1, n do y(i) end end)"
         " for i = 1, n do s = s + next() end return s",
         n, (double)n * (double)(n + 1) / 2);
}

static void newThreads(lua_State* L, long n) {
  long i;
  int results;
  for (i = 0; i < n; ++i) {
    lua_State* co = lua_newthread(L);
    lua_getglobal(co, "luaAddOne");
    lua_pushinteger(co, i);
    if (resume(co, L, 1, &results) != 0 || lua_tointeger(co, -1) != i + 1) fail("newThreads");
    lua_pop(L, 1);
  }
}

static const struct {
  const char* name;
  void (*run)(lua_State* L, long n);
} measures[] = {{"Lua calls C, nothing passed", callsOfNothing},
                {"Lua calls C, an integer each way", callsToC},
                {"Lua calls C, a string passed", textToC},
                {"C calls Lua", callsToLua},
                {"C calls Lua, protected", protectedCalls},
                {"Lua calls C calls Lua", callsBack},
                {"an error raised in C, caught in Lua", errors},
                {"lua_getfield", fieldReads},
                {"lua_setfield", fieldWrites},
                {"lua_rawgeti", elementReads},
                {"lua_rawseti", elementWrites},
                {"lua_getglobal", globals},
                {"userdata method", methodCalls},
                {"userdata method, two arguments", methodsWithArguments},
                {"userdata field by __index in C", userdataFields},
                {"lua_newuserdatauv", newUserdata},
                {"object of userdata made for Lua", newObjects},
                {"table of two fields made in C", newTables},
                {"lua_pushstring", pushedTexts},
                {"C resumes, Lua yields", resumes},
                {"Lua resumes, C yields", yields},
                {"thread made, run and ended by C", newThreads}};

static void prepare(lua_State* L) {
  luaL_openlibs(L);
  lua_register(L, "nothing", nothing);
  lua_register(L, "addOne", addOne);
  lua_register(L, "callBack", callBack);
  lua_register(L, "yieldValue", yieldValue);
  lua_register(L, "raise", raise);
  lua_register(L, "lengthOfText", lengthOfText);
  luaL_newmetatable(L, "Point");
  lua_newtable(L);
  lua_pushcfunction(L, sumOfPoint);
  lua_setfield(L, -2, "sum");
  lua_pushcfunction(L, movePoint);
  lua_setfield(L, -2, "move");
  lua_setfield(L, -2, "__index");
  lua_pushcclosure(L, makePoint, 1);
  lua_setglobal(L, "Point");
  ((Point*)lua_newuserdatauv(L, sizeof(Point), 0))->x = 5;
  luaL_newmetatable(L, "Reading");
  lua_pushcfunction(L, readPoint);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_setglobal(L, "Reading");
  if (luaL_dostring(
          L,
          "object = {name = 'someone', health = 10, speed = 2.5, written = 0, other = 0} list = {} for i = 1, 100 do"
          " list[i] = i end setting = 3 function luaAddOne(x) return x + 1 end"
          " function generator(x) local yield, s = coroutine.yield, 0 while true do s = s + x x = yield(s) end end")) {
    fail(lua_tostring(L, -1));
  }
}

int main(int argc, char** argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 5;
  double wanted = argc > 2 ? atof(argv[2]) : 0.05;
  const char* only = argc > 3 ? argv[3] : "";
  long operations = argc > 4 ? atol(argv[4]) : 0;
  size_t i;
  lua_State* L = luaL_newstate();
  prepare(L);
  for (i = 0; i < sizeof(measures) / sizeof(measures[0]); ++i) {
    double best = 0;
    long n = 1000;
    int round;
    if (strstr(measures[i].name, only) == NULL) continue;
    /* As many operations as take the wanted time. */
    while (operations == 0) {
      double start = now();
      double seconds;
      measures[i].run(L, n);
      seconds = now() - start;
      if (seconds >= wanted / 2 || n >= 100000000) {
        n = (long)((double)n * wanted / seconds / 100 + 1) * 100;
        break;
      }
      n *= 4;
    }
    if (operations != 0) n = operations;
    for (round = 0; round < rounds; ++round) {
      double start = now();
      double each;
      measures[i].run(L, n);
      each = (now() - start) / (double)n * 1e9;
      if (round == 0 || each < best) best = each;
    }
    printf("%s\t%.2f\n", measures[i].name, best);
    fflush(stdout);
  }
  lua_close(L);
  return EXIT_SUCCESS;
}
