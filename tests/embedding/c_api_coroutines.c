/* Coroutines: resumed and yielding from C, continuations, their statuses and their end. */
#include "c_api_check.h"

static void luaCoroutine(lua_State* L) {
  int count = -1;
  lua_State* co = lua_newthread(L);
  CHECK_INTEGER(LUA_OK, lua_status(co));
  luaL_loadstring(co,
                  "local a, b = ... local c = coroutine.yield(a + b) local d, e = coroutine.yield(c * 2, 'second')"
                  " return d, e, 'end'");
  CHECK_INTEGER(LUA_OK, lua_status(co));
  lua_pushinteger(co, 3);
  lua_pushinteger(co, 4);
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 2, &count));
  CHECK_INTEGER(1, count);
  CHECK_INTEGER(7, lua_tointeger(co, -1));
  CHECK_INTEGER(LUA_YIELD, lua_status(co));
  lua_pop(co, count);
  lua_pushinteger(co, 21);
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 1, &count));
  CHECK_INTEGER(2, count);
  CHECK_INTEGER(42, lua_tointeger(co, -2));
  CHECK_TEXT("second", lua_tostring(co, -1));
  lua_pop(co, count);
  lua_pushboolean(co, 1);
  CHECK_INTEGER(LUA_OK, lua_resume(co, NULL, 1, &count));
  CHECK_INTEGER(3, count);
  CHECK(lua_toboolean(co, -3) && lua_isnil(co, -2));
  CHECK_TEXT("end", lua_tostring(co, -1));
  CHECK_INTEGER(LUA_OK, lua_status(co));
  lua_settop(co, 0);
  /* It can run another function then. */
  luaL_loadstring(co, "return ...");
  lua_pushinteger(co, 5);
  CHECK_INTEGER(LUA_OK, lua_resume(co, L, 1, &count));
  CHECK(count == 1 && lua_tointeger(co, -1) == 5);
  lua_settop(L, 0);
}

static void resumeErrors(lua_State* L) {
  int count;
  lua_State* co = lua_newthread(L);
  luaL_loadstring(co, "local function f() error({code = 5}) end f()");
  CHECK_INTEGER(LUA_ERRRUN, lua_resume(co, L, 0, &count));
  CHECK(lua_istable(co, -1));
  CHECK_INTEGER(LUA_ERRRUN, lua_status(co));
  /* The stack of a failed coroutine can still be looked at. */
  luaL_traceback(L, co, "trace", 0);
  CHECK(strstr(lua_tostring(L, -1), "in upvalue 'f'") != NULL || strstr(lua_tostring(L, -1), "in local 'f'") != NULL);
  lua_pop(L, 1);
  CHECK_INTEGER(LUA_ERRRUN, lua_resume(co, L, 0, &count));
  CHECK_TEXT("cannot resume dead coroutine", lua_tostring(co, -1));
  co = lua_newthread(L);
  CHECK_INTEGER(LUA_ERRRUN, lua_resume(co, L, 0, &count));
  CHECK_TEXT("cannot resume dead coroutine", lua_tostring(co, -1));
  lua_settop(L, 0);
}

static int yieldsArguments(lua_State* L) { return lua_yield(L, lua_gettop(L)); }

static int yieldsNothing(lua_State* L) { return lua_yield(L, 0); }

static void yieldFromC(lua_State* L) {
  int count;
  lua_State* co;
  lua_register(L, "yields", yieldsArguments);
  lua_register(L, "yieldsNothing", yieldsNothing);
  CHECK_LUA(L,
            "local co = coroutine.wrap(function(...) local x = yields(...) return x, yields('again', x) end)"
            " local a, b = co(1, 2) assert(a == 1 and b == 2) local c, d = co('x') assert(c == 'again' and d == 'x')"
            " local e, f, g = co('y', 'z') return e == 'x' and f == 'y' and g == 'z'");
  CHECK_LUA(L,
            "local co = coroutine.create(yieldsNothing) local n = select('#', coroutine.resume(co, 1, 2))"
            " return n == 1 and select('#', coroutine.resume(co, 3, 4)) == 3");
  CHECK_LUA(L,
            "local s = 0 for x in coroutine.wrap(function() for i = 1, 1000 do yields(i) end end) do s = s + x end"
            " return s == 500500");
  /* Through metamethods and iterators written in C. */
  CHECK_LUA(L,
            "local t = setmetatable({}, {__index = yields, __add = yields, __call = yields})"
            " local co = coroutine.wrap(function() return t.name, t + 1, t(5) end)"
            " local _, k = co() assert(k == 'name') local _, one = co('a') assert(one == 1) local _, five = co('b')"
            " assert(five == 5) local a, b, c = co('c') return a == 'a' and b == 'b' and c == 'c'");
  CHECK_LUA(L,
            "local co = coroutine.wrap(function() for x in yields do if x == 'stop' then return 'stopped' end end end)"
            " co() co('go') return co('stop') == 'stopped'");
  /* A C function as the coroutine's main one, driven from C. */
  co = lua_newthread(L);
  lua_pushcfunction(co, yieldsArguments);
  lua_pushinteger(co, 1);
  lua_pushinteger(co, 2);
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 2, &count));
  CHECK_INTEGER(2, count);
  lua_pop(co, 2);
  lua_pushinteger(co, 3);
  CHECK_INTEGER(LUA_OK, lua_resume(co, L, 1, &count));
  CHECK(count == 1 && lua_tointeger(co, -1) == 3);
  lua_settop(L, 0);
}

static int yieldsSome(lua_State* L) { return lua_yield(L, (int)lua_tointeger(L, 1)); }

/* A coroutine that waits in a C function without continuation: what is seen of it, and how it goes on. */
static void waitingInC(lua_State* L) {
  lua_State* co = lua_newthread(L);
  lua_Debug ar;
  int results;
  lua_register(L, "yieldsArguments", yieldsArguments);
  lua_register(L, "yieldsNothing", yieldsNothing);
  lua_register(L, "yieldsSome", yieldsSome);
  CHECK_INTEGER(LUA_OK, luaL_loadstring(co,
                                        "local function inner() local a = yieldsSome(2, 'x', 'y') return a end\n"
                                        "local b = inner() return b, (select('#', yieldsArguments()))"));
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 0, &results));
  CHECK_INTEGER(2, results);
  CHECK_TEXT("x", lua_tostring(co, -2));
  CHECK_TEXT("y", lua_tostring(co, -1));
  CHECK_INTEGER(1, lua_getstack(co, 0, &ar));
  CHECK(lua_getinfo(co, "Sn", &ar));
  CHECK_TEXT("C", ar.what);
  CHECK_TEXT("yieldsSome", ar.name);
  CHECK_INTEGER(1, lua_getstack(co, 1, &ar));
  CHECK(lua_getinfo(co, "Snl", &ar));
  CHECK_TEXT("Lua", ar.what);
  CHECK_TEXT("inner", ar.name);
  CHECK_INTEGER(1, ar.currentline);
  CHECK_INTEGER(1, lua_getstack(co, 2, &ar));
  CHECK_INTEGER(0, lua_getstack(co, 3, &ar));
  luaL_traceback(L, co, NULL, 0);
  CHECK(strstr(lua_tostring(L, -1), "[C]: in function 'yieldsSome'") != NULL);
  lua_pop(L, 1);
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_pop(co, 1); /* what was yielded may stay in part */
  lua_pushinteger(co, 7);
  lua_pushinteger(co, 8);
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 2, &results));
  CHECK_INTEGER(0, results);
  CHECK_INTEGER(LUA_OK, lua_resume(co, L, 0, &results));
  CHECK_INTEGER(2, results);
  CHECK_INTEGER(7, lua_tointeger(co, -2));
  CHECK_INTEGER(0, lua_tointeger(co, -1));
  CHECK_INTEGER(LUA_OK, lua_resetthread(co));
  /* More results than there was room for, in every place that a call can stand. */
  CHECK_LUA(
      L,
      "local many = {} for i = 1, 250 do many[i] = i end"
      " for _, f in ipairs{function(...) return yieldsArguments(...) end,"
      "   function(...) return select(2, pcall(yieldsArguments, ...)) end,"
      "   function(...) local t = {yieldsNothing(...)} return table.unpack(t) end,"
      "   function(...) local o = setmetatable({}, {__call = yieldsArguments}) return o(...) end,"
      "   function(...) for a, b in yieldsNothing, ... do return a, b end end,"
      "   yieldsArguments, yieldsNothing} do"
      "  for _, count in ipairs{0, 1, 2, 30, 250} do"
      "   local co = coroutine.create(f) assert(coroutine.resume(co, 1, 2))"
      "   local results = table.pack(coroutine.resume(co, table.unpack(many, 1, count)))"
      "   assert(results[1] and coroutine.status(co) == 'dead' or results[1] == false or count < 2 or results.n == 1)"
      "   for i = 2, results.n do assert(results[i] == nil or results[i] == i - 1) end"
      "  end end return true");
  CHECK_LUA(
      L,
      "local t = setmetatable({}, {__index = function(_, k) return yieldsArguments(k) end, __add = yieldsArguments,"
      " __lt = yieldsArguments, __concat = yieldsArguments, __newindex = yieldsNothing, __len = yieldsNothing})"
      " local co = coroutine.wrap(function() t.set = 1 return t.x, t + 1, t < t, t .. 'a', #t end)"
      " assert(co() == nil and co('ignored') == 'x') local a, b = co(10) assert(a == t and b == 1)"
      " a, b = co(20) assert(a == t and b == t) a, b = co(false) assert(a == t and b == 'a')"
      " assert(co('joined') == nil) local r = {co(5, 6)}"
      " return r[1] == 10 and r[2] == 20 and r[3] == false and r[4] == 'joined' and r[5] == 5 and #r == 5");
  lua_settop(L, 0);
}

static int continueYield(lua_State* L, int status, lua_KContext ctx) {
  CHECK_INTEGER(LUA_YIELD, status);
  lua_pushinteger(L, (lua_Integer)ctx);
  lua_pushinteger(L, lua_gettop(L) - 1);
  return 2;
}

static int yieldsWithContinuation(lua_State* L) {
  lua_pushliteral(L, "kept below");
  lua_pushinteger(L, 1);
  lua_pushinteger(L, 2);
  return lua_yieldk(L, 2, 77, continueYield);
}

static int continueCounting(lua_State* L, int status, lua_KContext ctx) {
  lua_Integer limit = lua_tointeger(L, 1);
  (void)status;
  if (ctx > limit) {
    lua_pushliteral(L, "counted");
    return 1;
  }
  lua_settop(L, 1);
  lua_pushinteger(L, (lua_Integer)ctx);
  return lua_yieldk(L, 1, ctx + 1, continueCounting);
}

static int counts(lua_State* L) { return continueCounting(L, LUA_OK, 1); }

static void yieldContinuations(lua_State* L) {
  lua_register(L, "yieldsWithContinuation", yieldsWithContinuation);
  lua_register(L, "counts", counts);
  /* The yielded values leave the stack, the resumed ones take their place. */
  CHECK_LUA(L,
            "local co = coroutine.wrap(function() return yieldsWithContinuation('argument') end)"
            " local a, b = co() assert(a == 1 and b == 2) local c, n = co('r1', 'r2', 'r3')"
            " return c == 77 and n == 5");
  CHECK_LUA(
      L,
      "local s = 0 local co = coroutine.wrap(counts) local x = co(100) while x ~= 'counted' do s = s + x x = co() end"
      " return s == 5050");
}

/* Returns the results of the call with a mark of whether the continuation was needed. */
static int finishCall(lua_State* L, int status, lua_KContext ctx) {
  lua_pushfstring(L, "%s %d %d", ctx == 5 ? "context" : "other", status, lua_gettop(L));
  return lua_gettop(L);
}

static int callsYieldable(lua_State* L) {
  int arguments = lua_gettop(L) - 1;
  lua_callk(L, arguments, LUA_MULTRET, 5, finishCall);
  return finishCall(L, LUA_OK, 0);
}

static int callsProtected(lua_State* L) {
  int arguments = lua_gettop(L) - 1;
  int status = lua_pcallk(L, arguments, LUA_MULTRET, 0, 5, finishCall);
  return finishCall(L, status, 0);
}

static int handler(lua_State* L) {
  lua_pushfstring(L, "handled %s", lua_tostring(L, 1));
  return 1;
}

static int callsWithHandler(lua_State* L) {
  int status;
  lua_pushcfunction(L, handler);
  lua_insert(L, 1);
  status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 5, finishCall);
  return finishCall(L, status, 0);
}

static int callsOrdinarily(lua_State* L) {
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static int callsProtectedOrdinarily(lua_State* L) {
  lua_pushinteger(L, lua_pcall(L, lua_gettop(L) - 1, LUA_MULTRET, 0));
  lua_insert(L, 1);
  return lua_gettop(L);
}

static void callContinuations(lua_State* L) {
  lua_register(L, "callsYieldable", callsYieldable);
  lua_register(L, "callsProtected", callsProtected);
  lua_register(L, "callsWithHandler", callsWithHandler);
  lua_register(L, "callsOrdinarily", callsOrdinarily);
  lua_register(L, "callsProtectedOrdinarily", callsProtectedOrdinarily);
  lua_register(L, "yields", yieldsArguments);
  CHECK_LUA(L, "local a, b = callsYieldable(function(x) return x + 1 end, 1) return a == 2 and b == 'other 0 1'");
  CHECK_LUA(L,
            "local co = coroutine.wrap(callsYieldable)"
            " assert(co(function(x) return coroutine.yield(x) + 1 end, 'first') == 'first')"
            " local a, b = co(41) return a == 42 and b == 'context 1 1'");
  CHECK_LUA(
      L,
      "local co = coroutine.wrap(function() return callsProtected(function() yields('y') error('late', 0) end) end)"
      " assert(co() == 'y') local a, b = co() return a == 'late' and b == 'context 2 1'");
  CHECK_LUA(L,
            "local co = coroutine.wrap(function() return callsProtected(function() yields('y') return 1, 2 end) end)"
            " co() local a, b, c = co() return a == 1 and b == 2 and c == 'context 1 2'");
  CHECK_LUA(L, "local a, b = callsProtected(error, 'soon') return a == 'soon' and b == 'other 2 1'");
  CHECK_LUA(
      L,
      "local co = coroutine.wrap(function() return callsWithHandler(function() yields() error('late', 0) end) end)"
      " co() local a, b, c = co() return b == 'handled late' and c == 'context 2 2'");
  /* Nested, many times, so that everything gets compiled. */
  CHECK_LUA(L,
            "local function deep(n) if n == 0 then return yields('bottom') end return (callsYieldable(deep, n - 1)) end"
            " for i = 1, 50 do local co = coroutine.wrap(deep) assert(co(20) == 'bottom') assert(co(i) == i) end "
            "return true");
  CHECK_LUA(L,
            "local co = coroutine.wrap(function() local s = 0 for i = 1, 300 do local r = callsProtected(function(x)"
            " if x % 3 == 0 then error(x, 0) end return yields(x) end, i) s = s + r end return 'sum', s end)"
            " local x = co() local last while x ~= 'sum' do last = x x, last = co(x) end return last == 45150");
  /* Without a continuation they cannot yield. */
  CHECK_LUA(L,
            "local co = coroutine.create(callsOrdinarily) local ok, e = coroutine.resume(co, coroutine.yield)"
            " return not ok and e == 'attempt to yield across a C-call boundary'");
  CHECK_LUA(L,
            "local co = coroutine.create(callsProtectedOrdinarily) local ok, s, e = coroutine.resume(co, yields)"
            " return ok and s == 2 and e == 'attempt to yield across a C-call boundary'");
}

static int yieldsOutside(lua_State* L) { return lua_yield(L, 0); }

static int tellsYieldable(lua_State* L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}

static void yieldability(lua_State* L) {
  CHECK(!lua_isyieldable(L));
  CHECK_ERROR(L, yieldsOutside, "attempt to yield from outside a coroutine");
  lua_register(L, "tellsYieldable", tellsYieldable);
  lua_register(L, "callsYieldable", callsYieldable);
  lua_register(L, "callsOrdinarily", callsOrdinarily);
  CHECK_LUA(L,
            "return not tellsYieldable() and coroutine.wrap(tellsYieldable)() and"
            " coroutine.wrap(function() return pcall(tellsYieldable) end)()");
  CHECK_LUA(
      L,
      "return coroutine.wrap(callsYieldable)(tellsYieldable) and not coroutine.wrap(callsOrdinarily)(tellsYieldable)");
}

/* A coroutine that resumes another from C, which passes on what is yielded. */
static int driveInner(lua_State* L, int status, lua_KContext ctx) {
  lua_State* inner = lua_tothread(L, 1);
  int count;
  (void)status;
  (void)ctx;
  status = lua_resume(inner, L, 0, &count);
  lua_xmove(inner, L, count);
  if (status == LUA_YIELD) return lua_yieldk(L, count, 0, driveInner);
  return count;
}

static int drives(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTHREAD);
  return driveInner(L, LUA_OK, 0);
}

static void nestedCoroutines(lua_State* L) {
  lua_register(L, "drives", drives);
  CHECK_LUA(
      L,
      "local inner = coroutine.create(function() for i = 1, 100 do coroutine.yield(i, i * i) end return 'done' end)"
      " local outer = coroutine.wrap(drives) local s = 0 local a, b = outer(inner)"
      " while a ~= 'done' do s = s + b a, b = outer() end return s == 338350 and coroutine.status(inner) == 'dead'");
  CHECK_LUA(L,
            "local co = coroutine.create(function() return coroutine.yield() end) coroutine.resume(co)"
            " return coroutine.status(co) == 'suspended' and coroutine.close(co) and coroutine.status(co) == 'dead'");
}

static void ending(lua_State* L) {
  int count;
  lua_State* co = lua_newthread(L);
  lua_pushnil(L);
  lua_setglobal(L, "closed");
  luaL_loadstring(co,
                  "local guard <close> = setmetatable({}, {__close = function(_, e) closed = e or 'no error' end})"
                  " coroutine.yield(1)");
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 0, &count));
  CHECK_INTEGER(LUA_OK, lua_resetthread(co));
  CHECK_INTEGER(0, lua_gettop(co));
  CHECK_INTEGER(LUA_OK, lua_status(co));
  CHECK_LUA(L, "return closed == 'no error'");
  luaL_loadstring(co,
                  "local guard <close> = setmetatable({}, {__close = function(_, e) error('while closing', 0) end})"
                  " coroutine.yield(1)");
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 0, &count));
  CHECK_INTEGER(LUA_ERRRUN, lua_resetthread(co));
  CHECK_TEXT("while closing", lua_tostring(co, -1));
  lua_settop(co, 0);
#if LUA_VERSION_RELEASE_NUM >= 50406
  luaL_loadstring(co, "coroutine.yield(1)");
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 0, &count));
  CHECK_INTEGER(LUA_OK, lua_closethread(co, L));
  CHECK_INTEGER(0, lua_gettop(co));
#endif
  luaL_loadstring(co, "return 'usable again'");
  CHECK_INTEGER(LUA_OK, lua_resume(co, L, 0, &count));
  CHECK_TEXT("usable again", lua_tostring(co, -1));
  lua_settop(L, 0);
}

/* Yielded values may stay on the coroutine's stack between turns as long as they are popped before the next. */
static void manyTurns(lua_State* L) {
  int count;
  int i;
  lua_Integer sum = 0;
  lua_State* co = lua_newthread(L);
  luaL_loadstring(co, "local n = 0 while true do n = n + coroutine.yield(n) end");
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 0, &count));
  for (i = 1; i <= 5000; ++i) {
    lua_pop(co, count);
    lua_pushinteger(co, i);
    if (lua_resume(co, L, 1, &count) != LUA_YIELD || count != 1) break;
    sum = lua_tointeger(co, -1);
  }
  CHECK_INTEGER(5001, i);
  CHECK_INTEGER(12502500, sum);
  lua_settop(L, 0);
}

static void manyCoroutines(lua_State* L) {
  int count;
  int i;
  int j;
  lua_newtable(L);
  for (i = 1; i <= 200; ++i) {
    lua_State* co = lua_newthread(L);
    lua_rawseti(L, 1, i);
    luaL_loadstring(co, "local id = ... while true do coroutine.yield(id, {id}) end");
    lua_pushinteger(co, i);
    CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 1, &count));
    lua_pop(co, count);
  }
  for (j = 0; j < 5; ++j) {
    for (i = 1; i <= 200; ++i) {
      lua_State* co;
      lua_rawgeti(L, 1, i);
      co = lua_tothread(L, -1);
      lua_pop(L, 1);
      CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 0, &count));
      CHECK_INTEGER(i, lua_tointeger(co, -2));
      lua_pop(co, count);
    }
    lua_gc(L, LUA_GCCOLLECT);
  }
  lua_settop(L, 0);
}

/* ---- the main thread as a coroutine ---- */

static int yieldsFive(lua_State* L) {
  lua_pushinteger(L, 5);
  return lua_yield(L, 1);
}

static int returnsSeven(lua_State* L) {
  lua_pushinteger(L, 7);
  return 1;
}

static int failsBadly(lua_State* L) { return luaL_error(L, "badly"); }

/* Not from within: L calls this. */
static int resumesMain(lua_State* L) {
  int results = 0;
  lua_State* main;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  main = lua_tothread(L, -1);
  lua_pushcfunction(main, returnsSeven);
  lua_pushinteger(L, lua_resume(main, L, 0, &results));
  return 1;
}

static void mainThread(lua_State* given) {
  lua_State* L = luaL_newstate();
  int results = 0;
  int turn;
  (void)given;
  luaL_openlibs(L);
  CHECK_INTEGER(0, lua_isyieldable(L));
  lua_pushliteral(L, "below");
  for (turn = 0; turn < 3; ++turn) {
    lua_pushcfunction(L, returnsSeven);
    CHECK_INTEGER(LUA_OK, lua_resume(L, NULL, 0, &results));
    CHECK_INTEGER(2, results);
    CHECK_INTEGER(7, lua_tointeger(L, -1));
    CHECK_INTEGER(2, lua_gettop(L));
    lua_pop(L, 1);
  }
  CHECK_TEXT("below", lua_tostring(L, 1));
  lua_settop(L, 0);

  /* A C function that yields, and what it is resumed with. */
  lua_pushcfunction(L, yieldsFive);
  CHECK_INTEGER(LUA_YIELD, lua_resume(L, NULL, 0, &results));
  CHECK_INTEGER(LUA_YIELD, lua_status(L));
  CHECK_INTEGER(1, results);
  CHECK_INTEGER(5, lua_tointeger(L, -1));
  lua_pop(L, results);
  lua_gc(L, LUA_GCCOLLECT);
  lua_pushinteger(L, 11);
  lua_pushinteger(L, 12);
  CHECK_INTEGER(LUA_OK, lua_resume(L, NULL, 2, &results));
  CHECK_INTEGER(2, results);
  CHECK_INTEGER(12, lua_tointeger(L, -1));
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_ERRRUN, lua_resume(L, NULL, 0, &results));
  CHECK_TEXT("cannot resume dead coroutine", lua_tostring(L, -1));
  lua_settop(L, 0);

  /* Lua code with loops, calls and coroutines of its own, which yields many times. */
  CHECK_INTEGER(LUA_OK,
                luaL_loadstring(L,
                                "local sum, main, isMain = 0, coroutine.running()"
                                " local function add(x) sum = sum + x return sum end"
                                " for i = 1, 200 do"
                                "  add(coroutine.yield(i, isMain, coroutine.isyieldable(), coroutine.status(main)))"
                                "  local inner = coroutine.wrap(function() coroutine.yield(1) return 2 end)"
                                "  add(inner() + inner()) collectgarbage('step')"
                                " end return sum, pcall(function() return 'end' end)"));
  CHECK_INTEGER(LUA_YIELD, lua_resume(L, NULL, 0, &results));
  for (turn = 1; turn <= 200; ++turn) {
    CHECK_INTEGER(4, results);
    CHECK_INTEGER(turn, lua_tointeger(L, -4));
    CHECK(lua_toboolean(L, -3) && lua_toboolean(L, -2));
    CHECK_TEXT("running", lua_tostring(L, -1));
    lua_pop(L, results);
    lua_newtable(L); /* the thread can be used while it is suspended */
    lua_pop(L, 1);
    lua_pushinteger(L, turn);
    CHECK_INTEGER(turn == 200 ? LUA_OK : LUA_YIELD, lua_resume(L, NULL, 1, &results));
  }
  CHECK_INTEGER(3, results);
  CHECK_INTEGER(200 * 201 / 2 + 600, lua_tointeger(L, -3));
  CHECK_TEXT("end", lua_tostring(L, -1));
  lua_settop(L, 0);
  CHECK_LUA(L, "return select(2, coroutine.running()) and not coroutine.isyieldable()");

  lua_pushcfunction(L, resumesMain);
  lua_call(L, 0, 1);
  CHECK_INTEGER(LUA_ERRRUN, lua_tointeger(L, -1));
  lua_settop(L, 0);

  /* An error ends it, until it is reset. */
  lua_pushcfunction(L, failsBadly);
  CHECK_INTEGER(LUA_ERRRUN, lua_resume(L, NULL, 0, &results));
  CHECK_TEXT("badly", lua_tostring(L, -1));
  CHECK_INTEGER(LUA_ERRRUN, lua_status(L));
  lua_pushcfunction(L, returnsSeven);
  CHECK_INTEGER(LUA_ERRRUN, lua_resume(L, NULL, 0, &results));
  CHECK_TEXT("cannot resume dead coroutine", lua_tostring(L, -1));
  lua_resetthread(L);
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_OK, lua_status(L));
  lua_pushcfunction(L, returnsSeven);
  CHECK_INTEGER(LUA_OK, lua_resume(L, NULL, 0, &results));
  CHECK_INTEGER(7, lua_tointeger(L, -1));
  lua_settop(L, 0);

  /* Reset, and closed, while it has yielded. */
  runCode(
      L,
      "closed = 0 function waits() local x <close> = setmetatable({}, {__close = function() closed = closed + 1 end})"
      " coroutine.yield() end");
  lua_getglobal(L, "waits");
  CHECK_INTEGER(LUA_YIELD, lua_resume(L, NULL, 0, &results));
  lua_resetthread(L); /* its result differs among releases */
  lua_settop(L, 0);
  CHECK_LUA(L, "return closed == 1");
  lua_getglobal(L, "waits");
  CHECK_INTEGER(LUA_YIELD, lua_resume(L, NULL, 0, &results));
  lua_close(L);
}

/* What Lua's own resume has been given by a yield is no more on the coroutine's stack; lua_resume leaves it there. */
static void takenValues(lua_State* L) {
  int results;
  lua_State* co;
  CHECK_INTEGER(1, runCode(L, "return coroutine.create(function(...) while true do coroutine.yield(1, 2, 3) end end)"));
  co = lua_tothread(L, 1);
  lua_setglobal(L, "co");
  CHECK_LUA(L, "return select('#', coroutine.resume(co)) == 4");
  CHECK_INTEGER(0, lua_gettop(co));
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 0, &results));
  CHECK_INTEGER(3, results);
  CHECK_INTEGER(3, lua_gettop(co));
  CHECK_INTEGER(3, lua_tointeger(co, -1));
  lua_pop(co, 3);
  CHECK_LUA(L, "return select(4, coroutine.resume(co, 'more')) == 3");
  CHECK_INTEGER(0, lua_gettop(co));
  lua_pushliteral(co, "an argument");
  CHECK_INTEGER(LUA_YIELD, lua_resume(co, L, 1, &results));
  CHECK_INTEGER(3, lua_gettop(co));
  lua_pop(co, 3);
  CHECK_INTEGER(1, runCode(L, "wrapped = coroutine.wrap(function() co = coroutine.running() coroutine.yield(1, 2) end)"
                              " wrapped() return co"));
  co = lua_tothread(L, -1);
  lua_pop(L, 1);
  CHECK_INTEGER(0, lua_gettop(co));
  CHECK_LUA(L, "return select('#', wrapped()) == 0");
  CHECK_INTEGER(0, lua_gettop(co));
}

const Test coroutineTests[] = {{"mainThread", mainThread},
                               {"luaCoroutine", luaCoroutine},
                               {"resumeErrors", resumeErrors},
                               {"yieldFromC", yieldFromC},
                               {"waitingInC", waitingInC},
                               {"yieldContinuations", yieldContinuations},
                               {"callContinuations", callContinuations},
                               {"yieldability", yieldability},
                               {"nestedCoroutines", nestedCoroutines},
                               {"ending", ending},
                               {"manyTurns", manyTurns},
                               {"manyCoroutines", manyCoroutines},
                               {"takenValues", takenValues},
                               {NULL, NULL}};
