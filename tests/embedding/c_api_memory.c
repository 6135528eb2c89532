/* Memory: allocators of the host's, the collector's options, a state's extra space. */
#include <stdlib.h>

#include "c_api_check.h"

/* ---- an allocator that keeps account, and can refuse ---- */

typedef struct Account {
  size_t bytes;
  long blocks;
  long calls;
  long refuseAt;   /* the call (that asks for more) to refuse; 0: none */
  size_t limit;    /* bytes; 0: none */
  long mismatches; /* blocks given back with a size that is not theirs */
} Account;

typedef union Header {
  size_t size;
  double alignment[2];
} Header;

static void* account(void* ud, void* block, size_t oldSize, size_t newSize) {
  Account* a = (Account*)ud;
  Header* header = block == NULL ? NULL : (Header*)block - 1;
  if (header != NULL && header->size != oldSize) ++a->mismatches;
  if (newSize == 0) {
    if (header == NULL) return NULL;
    a->bytes -= header->size;
    --a->blocks;
    free(header);
    return NULL;
  }
  if (header == NULL || newSize > oldSize) {
    ++a->calls;
    if (a->calls == a->refuseAt) return NULL;
    if (a->limit != 0 && a->bytes + newSize - (header == NULL ? 0 : header->size) > a->limit) return NULL;
  }
  if (header == NULL) {
    ++a->blocks;
  } else {
    a->bytes -= header->size;
  }
  header = (Header*)realloc(header, sizeof(Header) + newSize);
  header->size = newSize;
  a->bytes += newSize;
  return header + 1;
}

static int opensLibraries(lua_State* L) {
  luaL_openlibs(L);
  return 0;
}

static const char workload[] =
    "local t = {} for i = 1, 200 do t[i] = {name = 'n' .. i, value = i / 3} end"
    " local s = {} for i = 1, 100 do s[#s + 1] = t[i].name .. tostring(t[i].value) end"
    " local text = table.concat(s, ', '):rep(10):gsub('%d', function(d) return d + 1 end)"
    " local co = coroutine.wrap(function() for i = 1, 20 do coroutine.yield(i) end end)"
    " local sum = 0 for i = 1, 20 do sum = sum + co() end"
    " local f = assert(load('local a = ... return function() a = a + 1 return a end'))"
    " local keys = {} for k in pairs(t[1]) do keys[k] = string.format('%q', k) end"
    " local function deep(n) if n > 0 then return 1 + deep(n - 1) end return 0 end"
    " return #text + sum + f(1)() + deep(200)";

static void accounts(lua_State* mainState) {
  Account a;
  void* data = NULL;
  lua_State* L;
  (void)mainState;
  memset(&a, 0, sizeof(a));
  L = lua_newstate(account, &a);
  CHECK(L != NULL);
  CHECK(a.bytes > 0 && a.blocks > 0);
  CHECK(lua_getallocf(L, &data) == account && data == &a);
  CHECK(lua_getallocf(L, NULL) == account);
  luaL_openlibs(L);
  CHECK_INTEGER(1, runCode(L, workload));
  lua_settop(L, 0);
  {
    size_t before;
    lua_gc(L, LUA_GCCOLLECT);
    lua_gc(L, LUA_GCSTOP);
    before = a.bytes;
    lua_newuserdatauv(L, 1000000, 0);
    CHECK(a.bytes >= before + 1000000);
    CHECK(lua_gc(L, LUA_GCCOUNT) * (size_t)1024 >= 1000000);
    lua_settop(L, 0);
    lua_gc(L, LUA_GCCOLLECT);
    CHECK(a.bytes < before + 500000);
  }
  lua_close(L);
  CHECK_INTEGER(0, a.bytes);
  CHECK_INTEGER(0, a.blocks);
  CHECK_INTEGER(0, a.mismatches);
}

static void* otherAllocator(void* ud, void* block, size_t oldSize, size_t newSize) {
  return account(*(void**)ud, block, oldSize, newSize);
}

static void changedAllocator(lua_State* mainState) {
  Account a;
  Account* pointer = &a;
  void* data;
  lua_State* L;
  (void)mainState;
  memset(&a, 0, sizeof(a));
  L = lua_newstate(account, &a);
  lua_setallocf(L, otherAllocator, &pointer);
  CHECK(lua_getallocf(L, &data) == otherAllocator && data == &pointer);
  luaL_openlibs(L);
  runCode(L, workload);
  lua_close(L);
  CHECK_INTEGER(0, a.bytes);
}

/* Each allocation in turn is refused: the work fails with LUA_ERRMEM or (if the refused one could be done without)
 * succeeds, the state stays usable, nothing is lost. */
static void refusals(lua_State* mainState) {
  Account a;
  lua_State* L;
  long total;
  long at;
  int failures = 0;
  int unexpected = 0;
  (void)mainState;
  memset(&a, 0, sizeof(a));
  L = lua_newstate(account, &a);
  total = a.calls;
  lua_close(L);
  for (at = 1; at <= total; ++at) {
    memset(&a, 0, sizeof(a));
    a.refuseAt = at;
    L = lua_newstate(account, &a);
    if (L != NULL) lua_close(L);
    unexpected += a.bytes != 0;
  }
  CHECK_INTEGER(0, unexpected);
  memset(&a, 0, sizeof(a));
  L = lua_newstate(account, &a);
  for (at = 1; at <= 3000; ++at) {
    int status;
    long before = a.calls;
    a.refuseAt = a.calls + at;
    lua_pushcfunction(L, opensLibraries);
    status = lua_pcall(L, 0, 0, 0);
    if (status == LUA_OK) {
      status = luaL_loadstring(L, workload);
      if (status == LUA_OK) status = lua_pcall(L, 0, 1, 0);
    }
    if (status == LUA_ERRMEM) {
      ++failures;
      unexpected += strcmp(lua_tostring(L, -1), "not enough memory") != 0;
    } else if (status != LUA_OK) {
      /* The error may have been caught and turned into a message on the way. */
      unexpected += strstr(luaL_tolstring(L, -1, NULL), "not enough memory") == NULL;
    }
    lua_settop(L, 0);
    if (a.calls - before < at) break; /* not that many allocations are needed any more */
    if (at > 400) at += 6;
  }
  CHECK(failures > 0);
  CHECK_INTEGER(0, unexpected);
  a.refuseAt = 0;
  luaL_openlibs(L);
  CHECK_INTEGER(1, runCode(L, workload));
  lua_close(L);
  CHECK_INTEGER(0, a.bytes);
  CHECK_INTEGER(0, a.mismatches);
}

static void limits(lua_State* mainState) {
  static const char* const hogs[] = {
      "local t = {} while true do t[#t + 1] = {} end",
      "local s = 'x' while true do s = s .. s end",
      "local t = {} for i = 1, math.huge do t['key' .. i] = i end",
      "local t = {} while true do t = {t} end",
      "return ('x'):rep(1 << 30)",
      "local t = {} for i = 1, 1e9 do t[i] = function() return t end end",
      "local t = {} for i = 1, 1e9 do t[i] = coroutine.create(print) end",
      "local function f() return 1 + f() end return f()",
      "local t = {} for i = 1, 1e7 do t[i] = 'x' end return table.concat(t, ('y'):rep(1000))",
      "local s = ('a = 1 '):rep(1000) local t = {} for i = 1, 1e9 do t[i] = assert(load(s)) end",
  };
  Account a;
  lua_State* L;
  size_t i;
  (void)mainState;
  memset(&a, 0, sizeof(a));
  L = lua_newstate(account, &a);
  luaL_openlibs(L);
  a.limit = 8 << 20;
  for (i = 0; i < COUNT(hogs); ++i) {
    int status;
    CHECK_INTEGER(LUA_OK, luaL_loadstring(L, hogs[i]));
    status = lua_pcall(L, 0, 1, 0);
    CHECK(status == LUA_ERRMEM || status == LUA_ERRRUN);
    CHECK(strstr(lua_tostring(L, -1), "not enough memory") != NULL ||
          strstr(lua_tostring(L, -1), "stack overflow") != NULL);
    lua_settop(L, 0);
    CHECK_LUA(L, "return #('still ' .. 'alive') == 11");
  }
  a.limit = 0;
  lua_close(L);
  CHECK_INTEGER(0, a.bytes);
}

/* ---- the collector ---- */

static void collector(lua_State* L) {
  int kilobytes;
  int i;
  CHECK_INTEGER(1, lua_gc(L, LUA_GCISRUNNING));
  CHECK_INTEGER(0, lua_gc(L, LUA_GCSTOP));
  CHECK_INTEGER(0, lua_gc(L, LUA_GCISRUNNING));
  CHECK_LUA(L, "return not collectgarbage('isrunning')");
  CHECK_INTEGER(0, lua_gc(L, LUA_GCRESTART));
  CHECK_INTEGER(1, lua_gc(L, LUA_GCISRUNNING));
  CHECK_INTEGER(0, lua_gc(L, LUA_GCCOLLECT));
  kilobytes = lua_gc(L, LUA_GCCOUNT);
  CHECK(kilobytes > 0 && kilobytes < 100000);
  CHECK(lua_gc(L, LUA_GCCOUNTB) >= 0 && lua_gc(L, LUA_GCCOUNTB) < 1024);
  runCode(L, "keep = {} for i = 1, 20000 do keep[i] = {i} end");
  CHECK(lua_gc(L, LUA_GCCOUNT) > kilobytes + 500);
  runCode(L, "keep = nil");
  lua_gc(L, LUA_GCCOLLECT);
  CHECK(lua_gc(L, LUA_GCCOUNT) < kilobytes + 300);
  CHECK_INTEGER(200, lua_gc(L, LUA_GCSETPAUSE, 160));
  CHECK_INTEGER(160, lua_gc(L, LUA_GCSETPAUSE, 200));
  CHECK_INTEGER(100, lua_gc(L, LUA_GCSETSTEPMUL, 400));
  CHECK_INTEGER(400, lua_gc(L, LUA_GCSETSTEPMUL, 100));
  CHECK_INTEGER(LUA_GCINC, lua_gc(L, LUA_GCGEN, 0, 0));
  CHECK_INTEGER(LUA_GCGEN, lua_gc(L, LUA_GCGEN, 20, 100));
  runCode(L, "for i = 1, 50000 do local t = {i} end");
  CHECK_INTEGER(LUA_GCGEN, lua_gc(L, LUA_GCINC, 0, 0, 0));
  CHECK_INTEGER(LUA_GCINC, lua_gc(L, LUA_GCINC, 200, 100, 13));
  for (i = 0; i < 100000 && lua_gc(L, LUA_GCSTEP, 10) == 0; ++i) {
  }
  CHECK(i < 100000);
  CHECK_INTEGER(-1, lua_gc(L, 1000));
}

/* Percentages are kept as quarters in a byte; lua_gc and collectgarbage do the same. */
static void collectorParameters(lua_State* L) {
  CHECK_INTEGER(200, lua_gc(L, LUA_GCSETPAUSE, 103));
  CHECK_INTEGER(100, lua_gc(L, LUA_GCSETPAUSE, 2000));
  CHECK_INTEGER(976, lua_gc(L, LUA_GCSETPAUSE, 200));
  lua_gc(L, LUA_GCINC, 107, 403, 0);
  CHECK_INTEGER(104, lua_gc(L, LUA_GCSETPAUSE, 200));
  CHECK_INTEGER(400, lua_gc(L, LUA_GCSETSTEPMUL, 100));
  lua_gc(L, LUA_GCINC, 0, 0, 0);
  CHECK_LUA(L,
            "return collectgarbage('incremental', 107, 403) == 'incremental' and"
            " collectgarbage('setpause', 200) == 104 and collectgarbage('setstepmul', 100) == 400");
}

/* A small step is not a whole cycle of a large heap, and many of them are. */
static void collectorSteps(lua_State* L) {
  int steps;
  runCode(L, "keep = {} for i = 1, 20000 do keep[i] = {i} end");
  lua_gc(L, LUA_GCINC, 0, 0, 0);
  lua_gc(L, LUA_GCCOLLECT);
  for (steps = 1; steps < 100000 && lua_gc(L, LUA_GCSTEP, 1) == 0; ++steps) {
  }
  CHECK(steps > 10 && steps < 100000);
  CHECK_LUA(L,
            "collectgarbage() local steps = 1 while not collectgarbage('step', 1) do steps = steps + 1 end"
            " return steps > 10");
}

/* An error keeps its kind while handlers and finalizers run that have errors of their own. */
static void errorsThroughFinalizers(lua_State* mainState) {
  Account a = {0, 0, 0, 0, 0, 0};
  lua_State* L = lua_newstate(account, &a);
  (void)mainState;
  luaL_openlibs(L);
  runCode(L,
          "return function()"
          " local guard <close> = setmetatable({}, {__close = function()"
          "  setmetatable({}, {__gc = function() error('in the finalizer') end}) collectgarbage() collectgarbage()"
          " end})"
          " return string.rep('x', 1 << 26) end");
  a.limit = a.bytes + 5000000;
  CHECK_INTEGER(LUA_ERRMEM, lua_pcall(L, 0, 0, 0));
  CHECK_TEXT("not enough memory", lua_tostring(L, -1));
  lua_close(L);
}

/* What C code has on the stack, in the registry, in upvalues and user values survives; what it has not does not. */
static void reachability(lua_State* L) {
  int i;
  runCode(L, "weak = setmetatable({}, {__mode = 'v'}) function track(name, v) weak[name] = v return v end");
  for (i = 0; i < 3; ++i) {
    static const char* const names[] = {"stack", "registry", "dropped"};
    lua_getglobal(L, "track");
    lua_pushstring(L, names[i]);
    lua_newtable(L);
    lua_call(L, 2, 1);
  }
  lua_pop(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "kept");
  lua_newuserdatauv(L, 0, 1);
  lua_getglobal(L, "track");
  lua_pushliteral(L, "userValue");
  lua_newtable(L);
  lua_call(L, 2, 1);
  lua_setiuservalue(L, 2, 1);
  lua_getglobal(L, "track");
  lua_pushliteral(L, "upvalue");
  lua_newtable(L);
  lua_call(L, 2, 1);
  lua_pushcclosure(L, opensLibraries, 1);
  {
    lua_State* co = lua_newthread(L);
    lua_getglobal(co, "track");
    lua_pushliteral(co, "thread");
    lua_newtable(co);
    lua_call(co, 2, 1);
  }
  lua_gc(L, LUA_GCCOLLECT);
  CHECK_LUA(
      L,
      "return weak.stack and weak.registry and not weak.dropped and weak.userValue and weak.upvalue and weak.thread");
  lua_settop(L, 0);
  lua_pushnil(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "kept");
  lua_gc(L, LUA_GCCOLLECT);
  CHECK_LUA(L, "return next(weak) == nil");
}

static int createsInLoop(lua_State* L) {
  lua_Integer n = luaL_checkinteger(L, 1);
  lua_Integer i;
  lua_newtable(L);
  for (i = 1; i <= n; ++i) {
    lua_createtable(L, 0, 1);
    lua_pushfstring(L, "value %d", (int)i);
    lua_setfield(L, -2, "name");
    lua_rawseti(L, 2, i % 10 + 1);
  }
  return 1;
}

/* A C function that runs for long and makes garbage all the while does not use ever more memory. */
static void garbageFromC(lua_State* L) {
  lua_gc(L, LUA_GCCOLLECT);
  lua_pushcfunction(L, createsInLoop);
  lua_pushinteger(L, 400000);
  lua_call(L, 1, 1);
  CHECK(lua_gc(L, LUA_GCCOUNT) < 30000);
  CHECK_INTEGER(10, lua_rawlen(L, -1));
  lua_settop(L, 0);
}

/* ---- extra space ---- */

static void extraSpace(lua_State* L) {
  static int mark;
  lua_State* co;
  *(void**)lua_getextraspace(L) = &mark;
  co = lua_newthread(L);
  CHECK(*(void**)lua_getextraspace(co) == &mark);
  *(void**)lua_getextraspace(co) = &co;
  CHECK(*(void**)lua_getextraspace(L) == &mark);
  /* A copy of the main thread's, not of the creator's; also for coroutines made by Lua code. */
  CHECK(*(void**)lua_getextraspace(lua_newthread(co)) == &mark);
  CHECK_INTEGER(1, runCode(L, "return coroutine.create(print)"));
  CHECK(*(void**)lua_getextraspace(lua_tothread(L, -1)) == &mark);
  lua_settop(L, 0);
}

static void manyStates(lua_State* mainState) {
  lua_State* states[20];
  size_t i;
  (void)mainState;
  for (i = 0; i < COUNT(states); ++i) {
    states[i] = luaL_newstate();
    luaL_openlibs(states[i]);
    lua_pushinteger(states[i], (lua_Integer)i);
    lua_setglobal(states[i], "number");
  }
  for (i = 0; i < COUNT(states); ++i) {
    CHECK_INTEGER(1, runCode(states[i], "for i = 1, 1000 do number = number + 1 end return number"));
    CHECK_INTEGER(1000 + i, lua_tointeger(states[i], -1));
  }
  for (i = 0; i < COUNT(states); ++i) lua_close(states[(i * 7) % COUNT(states)]);
}

const Test memoryTests[] = {{"accounts", accounts},
                            {"changedAllocator", changedAllocator},
                            {"refusals", refusals},
                            {"limits", limits},
                            {"collector", collector},
                            {"collectorParameters", collectorParameters},
                            {"collectorSteps", collectorSteps},
                            {"errorsThroughFinalizers", errorsThroughFinalizers},
                            {"reachability", reachability},
                            {"garbageFromC", garbageFromC},
                            {"extraSpace", extraSpace},
                            {"manyStates", manyStates},
                            {NULL, NULL}};
