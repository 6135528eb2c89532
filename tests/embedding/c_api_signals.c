/*
 * Hooks that are set by signal handlers and other threads, as the reference's own command and hosts do to stop a
 * script: in the midst of every kind of loop, call, coroutine, error and library function; and hooks that yield, as
 * time slices for many coroutines.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#include "c_api_check.h"

/* Handlers and other threads know only these. */
static lua_State* volatile target = NULL;
static volatile int signals = 0;
static volatile int events = 0;

static void startTimer(long microseconds) {
  struct itimerval period;
  memset(&period, 0, sizeof(period));
  period.it_interval.tv_usec = period.it_value.tv_usec = microseconds;
  setitimer(ITIMER_REAL, &period, NULL);
}

static void onAlarm(void (*handler)(int)) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, NULL);
}

/* ---- stopping ---- */

static void stops(lua_State* L, lua_Debug* ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  luaL_error(L, "interrupted!");
}

static void stopTarget(int signal) {
  (void)signal;
  if (target != NULL) lua_sethook(target, stops, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static const char* const endless[] = {
    "while true do end",
    "repeat until false",
    "for i = 1, math.huge do end",
    "for i = 1.5, math.huge, 0.5 do end",
    "for i = 1, 2 do i = 1 while i do end end",
    "::again:: goto again",
    "local x = 0 while x >= 0 do x = x + 1 end",
    "local x = 0.5 repeat x = x * 0.5 + 0.25 until x < 0",
    "for k, v in function() return 1 end do end",
    "local t = setmetatable({}, {__index = function(_, i) return i end}) for i, v in ipairs(t) do end",
    "local t = {1, 2, 3} while true do for k, v in pairs(t) do end end",
    "local function f() return f() end f()",
    "local function f(...) return f(...) end f(1, 2, 3)",
    "local function f() end while true do f() end",
    "local function f(...) return ... end while true do f(1, 2) end",
    "while true do pcall(error) end",
    "while true do pcall(function() local x <close> = setmetatable({}, {__close = function() end}) end) end",
    "local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end",
    "while true do string.gsub('aaaa', 'a', function() end) end",
    "while true do table.sort({3, 1, 2}, function(a, b) return a < b end) end",
    "while true do math.floor(1.5) end",
    "while true do local s = ('x'):rep(100) .. 'y' end",
    "local a = setmetatable({}, {__add = function(a) return a end}) while true do a = a + 1 end",
    "local m = {__eq = function() return true end} local a, b = setmetatable({}, m), setmetatable({}, m) while a == b do end",
    "while true do load('return 1')() end",
    "while true do require('string') end",
};

/* Each script is stopped again and again: the first time it may not be in stitched code yet. */
static void stopsEverything(lua_State* L) {
  size_t i;
  int round;
  onAlarm(stopTarget);
  target = L;
  for (i = 0; i < COUNT(endless); ++i) {
    for (round = 0; round < 3; ++round) {
      CHECK_INTEGER(LUA_OK, luaL_loadstring(L, endless[i]));
      startTimer(2000);
      CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
      startTimer(0);
      lua_sethook(L, NULL, 0, 0);
      CHECK(strstr(lua_tostring(L, -1), "interrupted!") != NULL);
      lua_settop(L, 0);
    }
  }
  target = NULL;
  CHECK_LUA(L, "return 1");
}

static void* stopFromThread(void* unused) {
  const struct timespec pause = {0, 2000000};
  /* More than once: a script may catch the error. */
  while (target != NULL) {
    nanosleep(&pause, NULL);
    stopTarget(0);
  }
  return unused;
}

static void stopsFromOtherThread(lua_State* L) {
  size_t i;
  for (i = 0; i < COUNT(endless); ++i) {
    pthread_t thread;
    target = L;
    CHECK_INTEGER(LUA_OK, luaL_loadstring(L, endless[i]));
    CHECK_INTEGER(0, pthread_create(&thread, NULL, stopFromThread, NULL));
    CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
    target = NULL;
    pthread_join(thread, NULL);
    lua_sethook(L, NULL, 0, 0);
    CHECK(strstr(lua_tostring(L, -1), "interrupted!") != NULL);
    lua_settop(L, 0);
  }
}

/* ---- disturbing ---- */

static void looksAround(lua_State* L, lua_Debug* ar) {
  ++events;
  lua_getinfo(L, "Slnu", ar);
  if (events % 3 == 0) luaL_traceback(L, L, NULL, 0);
  /* From within, as debuggers do. */
  if (events % 5 == 0) lua_sethook(L, NULL, 0, 0);
  if (events % 7 == 0) lua_sethook(L, looksAround, LUA_MASKLINE, 0);
}

static void disturb(int signal) {
  static const int masks[] = {LUA_MASKCOUNT, LUA_MASKLINE, LUA_MASKCALL | LUA_MASKRET, 0,
                              LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 0};
  (void)signal;
  if (target != NULL) lua_sethook(target, looksAround, masks[signals % (int)COUNT(masks)], 1 + signals % 11);
  ++signals;
}

static const char work[] =
    "local sum, t = 0, {}\n"
    "local Object = {} Object.__index = Object\n"
    "function Object.new(x) return setmetatable({x = x}, Object) end\n"
    "function Object:get() return self.x end\n"
    "function Object.__add(a, b) return Object.new(a.x + b.x) end\n"
    "function Object.__call(self, y) return self.x * y end\n"
    "function Object.__close(self) sum = sum + self.x end\n"
    "Object.__lt = function(a, b) return a.x < b.x end\n"
    "local function vararg(...) local a, b = ... return select('#', ...) + (a or 0) + (b or 0), ... end\n"
    "local function tail(n, ...) if n == 0 then return select('#', ...) end return tail(n - 1, ...) end\n"
    "local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end\n"
    "local function fails(x) local c <close> = Object.new(1) error({x}) end\n"
    "local function generator(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * 2) end end) end\n"
    "for i = 1, 100 do local n = 0 while n < i do n = n + 1 end repeat n = n - 1 until n <= 0 sum = sum + n end\n"
    "for i = 1, 100 do sum = sum + i % 7 for x = 0.5, 3 do sum = sum + x end end\n"
    "for i = 1, 50 do t[i] = {} t[i].a, t[i].b = i, -i t['k' .. i] = i end\n"
    "for k, v in pairs(t) do if type(v) == 'number' then sum = sum + v end end\n"
    "for i, v in ipairs(t) do sum = sum + v.a * v.b end\n"
    "for i = 1, 50 do sum = sum + vararg(i, 2, 3) + tail(5, i, i) + deep(20) end\n"
    "local o = Object.new(0) for i = 1, 50 do o = o + Object.new(i) sum = sum + o:get() + o(2) end\n"
    "for i = 1, 30 do local ok, e = pcall(fails, i) sum = sum + e[1] end\n"
    "for i = 1, 10 do for a, b in generator(10) do sum = sum + a * b end end\n"
    "local co = coroutine.create(function(...) local n = 0 while true do n = n + coroutine.yield(n, ...) end end)\n"
    "for i = 1, 50 do sum = sum + select(2, coroutine.resume(co, i)) end coroutine.close(co)\n"
    "local s = string.gsub(('abc'):rep(20), '%w', function(c) return c:byte() end) sum = sum + #s\n"
    "local list = {} for i = 1, 60 do list[i] = Object.new((i * 37) % 61) end table.sort(list)\n"
    "for i = 1, 60 do sum = sum + i * list[i].x end\n"
    "sum = sum + #table.concat(setmetatable({}, {__len = function() return 3 end, __index = function(_, i) return i end}))\n"
    "sum = sum + load('local x = ... return x + 1')(41) + select(2, xpcall(error, function() return 5 end))\n"
    "local closures = {} for i = 1, 20 do local n = i closures[i] = function() n = n + 1 return n end end\n"
    "for i = 1, 20 do sum = sum + closures[i]() + closures[i]() end\n"
    "goto done ::done:: return sum\n";

static lua_Number resultOfWork(lua_State* L) {
  lua_Number result = 0;
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 0, 1, 0) == LUA_OK) result = lua_tonumber(L, -1);
  else printf("%s\n", lua_tostring(L, -1));
  lua_pop(L, 1);
  return result;
}

static void disturbsEverything(lua_State* L) {
  int round;
  lua_Number expected;
  CHECK_INTEGER(LUA_OK, luaL_loadstring(L, work));
  expected = resultOfWork(L);
  CHECK(expected != 0);
  onAlarm(disturb);
  signals = events = 0;
  target = L;
  startTimer(200);
  for (round = 0; round < 400 || (signals < 400 && round < 100000); ++round) CHECK(resultOfWork(L) == expected);
  startTimer(0);
  target = NULL;
  lua_sethook(L, NULL, 0, 0);
  CHECK(resultOfWork(L) == expected);
  CHECK(lua_gethook(L) == NULL);
  CHECK(events > 0);
  lua_settop(L, 0);
}

/* The running coroutine, not the state that was called, as a host does that knows what it has resumed. */
static void disturbsCoroutines(lua_State* L) {
  int round;
  lua_Number expected;
  CHECK_INTEGER(LUA_OK, luaL_loadstring(L, work));
  expected = resultOfWork(L);
  onAlarm(disturb);
  signals = events = 0;
  startTimer(200);
  for (round = 0; round < 200 || (signals < 200 && round < 100000); ++round) {
    int results;
    lua_State* co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    target = co;
    CHECK_INTEGER(LUA_OK, lua_resume(co, L, 0, &results));
    CHECK(results == 1 && lua_tonumber(co, -1) == expected);
    target = NULL;
    lua_pop(L, 1);
  }
  startTimer(0);
  lua_settop(L, 0);
}

/* ---- time slices ---- */

static void yields(lua_State* L, lua_Debug* ar) {
  (void)ar;
  lua_yield(L, 0);
}

static void timeSlices(lua_State* L) {
  enum { coroutines = 100 };
  lua_State* threads[coroutines];
  int ended = 0;
  int slices = 0;
  int i;
  CHECK_INTEGER(1, runCode(L,
                           "local function f(n) if n < 2 then return n end return f(n - 1) + f(n - 2) end\n"
                           "return function(n) local sum = 0 for i = 1, n do sum = sum + f(i % 10) end\n"
                           "  local t = {} while #t < n do t[#t + 1] = n end return sum + #t end"));
  luaL_checkstack(L, coroutines + 10, NULL);
  for (i = 0; i < coroutines; ++i) {
    threads[i] = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, i);
    lua_xmove(L, threads[i], 2);
    lua_sethook(threads[i], yields, LUA_MASKCOUNT, 100 + i);
  }
  while (ended < coroutines) {
    for (i = 0; i < coroutines; ++i) {
      int results;
      int status;
      if (threads[i] == NULL) continue;
      status = lua_resume(threads[i], L, lua_status(threads[i]) == LUA_YIELD ? 0 : 1, &results);
      ++slices;
      if (status == LUA_YIELD) continue;
      CHECK_INTEGER(LUA_OK, status);
      lua_pushvalue(L, 1);
      lua_pushinteger(L, i);
      lua_call(L, 1, 1);
      CHECK_INTEGER(lua_tointeger(L, -1), lua_tointeger(threads[i], -1));
      lua_pop(L, 1);
      threads[i] = NULL;
      ++ended;
    }
  }
  CHECK(slices > 10 * coroutines);
  lua_settop(L, 0);
}

const Test signalTests[] = {{"stopsEverything", stopsEverything},
                            {"stopsFromOtherThread", stopsFromOtherThread},
                            {"disturbsEverything", disturbsEverything},
                            {"disturbsCoroutines", disturbsCoroutines},
                            {"timeSlices", timeSlices},
                            {NULL, NULL}};
