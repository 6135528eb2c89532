/* Calls, errors and their statuses, chunks. */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "c_api_check.h"

static int sumAndCount(lua_State* L) {
  int i;
  lua_Integer sum = 0;
  for (i = 1; i <= lua_gettop(L); ++i) sum += luaL_checkinteger(L, i);
  lua_pushliteral(L, "not a result");
  lua_pushinteger(L, sum);
  lua_pushinteger(L, lua_gettop(L) - 2);
  return 2;
}

static void results(lua_State* L) {
  lua_pushcfunction(L, sumAndCount);
  lua_pushinteger(L, 1);
  lua_pushinteger(L, 2);
  lua_call(L, 2, LUA_MULTRET);
  CHECK_INTEGER(2, lua_gettop(L));
  CHECK_INTEGER(3, lua_tointeger(L, 1));
  CHECK_INTEGER(2, lua_tointeger(L, 2));
  lua_settop(L, 0);
  lua_pushcfunction(L, sumAndCount);
  lua_call(L, 0, 1);
  CHECK_INTEGER(1, lua_gettop(L));
  CHECK_INTEGER(0, lua_tointeger(L, 1));
  lua_settop(L, 0);
  lua_pushcfunction(L, sumAndCount);
  lua_call(L, 0, 4);
  CHECK_INTEGER(4, lua_gettop(L));
  CHECK(lua_isnil(L, 3) && lua_isnil(L, 4));
  lua_settop(L, 0);
  lua_pushcfunction(L, sumAndCount);
  lua_call(L, 0, 0);
  CHECK_INTEGER(0, lua_gettop(L));
  lua_pushinteger(L, 99);
  luaL_loadstring(L, "return ...");
  lua_pushliteral(L, "a");
  lua_pushliteral(L, "b");
  lua_pushliteral(L, "c");
  lua_call(L, 3, LUA_MULTRET);
  CHECK_INTEGER(4, lua_gettop(L));
  CHECK_TEXT("c", lua_tostring(L, 4));
  lua_settop(L, 0);
  luaL_loadstring(L, "local a, b = ... return b, a");
  lua_pushinteger(L, 1);
  lua_pushinteger(L, 2);
  lua_call(L, 2, 3);
  CHECK(lua_tointeger(L, 1) == 2 && lua_tointeger(L, 2) == 1 && lua_isnil(L, 3));
  lua_settop(L, 0);
}

static void manyResults(lua_State* L) {
  int i;
  luaL_loadstring(L, "return table.unpack({}, 1, 3000)");
  lua_call(L, 0, LUA_MULTRET);
  CHECK_INTEGER(3000, lua_gettop(L));
  lua_settop(L, 0);
  luaL_checkstack(L, 3000, NULL);
  luaL_loadstring(L, "return select('#', ...), (select(3000, ...))");
  for (i = 1; i <= 3000; ++i) lua_pushinteger(L, i);
  lua_call(L, 3000, 2);
  CHECK_INTEGER(3000, lua_tointeger(L, 1));
  CHECK_INTEGER(3000, lua_tointeger(L, 2));
  lua_settop(L, 0);
}

static int callsBack(lua_State* L) {
  lua_Integer n = luaL_checkinteger(L, 2);
  if (n == 0) {
    lua_pushliteral(L, "deep");
    return 1;
  }
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, n - 1);
  lua_call(L, 2, 1);
  return 1;
}

/* C and Lua functions that call each other; hot ones, so that they are compiled in between. */
static void turns(lua_State* L) {
  lua_register(L, "callsBack", callsBack);
  lua_register(L, "sum", sumAndCount);
  CHECK_LUA(
      L,
      "local function f(g, n) return callsBack(g, n) end for i = 1, 300 do assert(f(f, 20) == 'deep') end return true");
  CHECK_LUA(L,
            "local t = 0 for i = 1, 5000 do local s, n = sum(i, 1, 2) t = t + s + n end return t == 5000 * 5001 / 2 + "
            "5000 * 6");
  CHECK_LUA(L, "return select('#', sum()) == 2 and (sum(1, 2)) == 3 and #{sum(1)} == 2");
  CHECK_LUA(L, "local t = setmetatable({}, {__index = sum}) return not pcall(function() return t.x end)");
  CHECK_LUA(L,
            "return table.concat({string.gsub('a b', '%w', function(c) return callsBack(callsBack, 3) end)}, ' ')"
            " == 'deep deep 2'");
}

static int raises(lua_State* L) {
  lua_settop(L, 1);
  return lua_error(L);
}

static int keepsMessage(lua_State* L) {
  lua_pushfstring(L, "handled: %s", luaL_tolstring(L, 1, NULL));
  return 1;
}

static int failsAgain(lua_State* L) {
  lua_pushliteral(L, "in the handler");
  return lua_error(L);
}

static void protectedCalls(lua_State* L) {
  lua_pushinteger(L, 5);
  lua_pushcfunction(L, raises);
  lua_pushliteral(L, "the error");
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 1, 3, 0));
  CHECK_INTEGER(2, lua_gettop(L));
  CHECK_TEXT("the error", lua_tostring(L, 2));
  lua_settop(L, 1);
  lua_pushcfunction(L, raises);
  lua_newtable(L);
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 1, 0, 0));
  CHECK(lua_istable(L, 2));
  lua_settop(L, 1);
  lua_pushcfunction(L, raises);
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
  CHECK(lua_isnil(L, 2));
  lua_settop(L, 1);
  lua_pushcfunction(L, sumAndCount);
  lua_pushinteger(L, 4);
  CHECK_INTEGER(LUA_OK, lua_pcall(L, 1, LUA_MULTRET, 0));
  CHECK_INTEGER(3, lua_gettop(L));
  lua_settop(L, 0);
  lua_pushcfunction(L, keepsMessage);
  lua_pushcfunction(L, raises);
  lua_pushliteral(L, "x");
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 1, 0, 1));
  CHECK_TEXT("handled: x", lua_tostring(L, -1));
  CHECK_INTEGER(2, lua_gettop(L));
  lua_settop(L, 1);
  luaL_loadstring(L, "local t = nil; return t.x");
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, -2));
  CHECK_TEXT("handled: [string \"local t = nil; return t.x\"]:1: attempt to index a nil value (local 't')",
             lua_tostring(L, -1));
  lua_settop(L, 0);
  lua_pushcfunction(L, failsAgain);
  lua_pushcfunction(L, raises);
  lua_pushliteral(L, "x");
  CHECK_INTEGER(LUA_ERRERR, lua_pcall(L, 1, 0, 1));
  CHECK_INTEGER(2, lua_gettop(L));
  lua_settop(L, 0);
  lua_pushcfunction(L, keepsMessage);
  lua_pushcfunction(L, raises);
  lua_pushliteral(L, "not enough memory");
  CHECK_INTEGER(LUA_ERRMEM, lua_pcall(L, 1, 0, 1));
  CHECK_TEXT("not enough memory", lua_tostring(L, -1));
  lua_settop(L, 0);
  lua_pushnil(L);
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
  CHECK_TEXT("attempt to call a nil value", lua_tostring(L, -1));
  lua_settop(L, 0);
}

/* An error passes through C and Lua functions down to whoever catches it. */
static void errorsThroughFrames(lua_State* L) {
  lua_register(L, "raises", raises);
  lua_register(L, "callsBack", callsBack);
  CHECK_LUA(L, "local ok, e = pcall(raises, 'direct') return not ok and e == 'direct'");
  CHECK_LUA(
      L,
      "local e0 = {} local ok, e = pcall(function() callsBack(function(g, n) raises(e0) end, 5) end) return e == e0");
  CHECK_LUA(L,
            "local n = 0 for i = 1, 1000 do local ok, e = pcall(raises, i) if not ok and e == i then n = n + 1 end end"
            " return n == 1000");
  CHECK_LUA(L,
            "local ok, e = xpcall(callsBack, function(m) return m .. '!' end, function() error('x', 0) end, 1)"
            " return not ok and e == 'x!'");
  lua_pushcfunction(L, callsBack);
  luaL_loadstring(L, "error('with position')");
  lua_pushinteger(L, 1);
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 2, 1, 0));
  CHECK_TEXT("[string \"error('with position')\"]:1: with position", lua_tostring(L, -1));
  lua_settop(L, 0);
}

static int nestsProtectedCalls(lua_State* L) {
  lua_Integer depth = luaL_checkinteger(L, 1);
  if (depth == 0) return luaL_error(L, "at the bottom");
  lua_pushcfunction(L, nestsProtectedCalls);
  lua_pushinteger(L, depth - 1);
  if (lua_pcall(L, 1, 1, 0) == LUA_OK) return 1;
  if (depth % 2 == 1) return lua_error(L);
  lua_pushfstring(L, "%s, caught at %d", lua_tostring(L, -1), (int)depth);
  return 1;
}

static void nestedProtection(lua_State* L) {
  lua_pushcfunction(L, nestsProtectedCalls);
  lua_pushinteger(L, 50);
  lua_call(L, 1, 1);
  CHECK_TEXT("at the bottom, caught at 2", lua_tostring(L, -1));
  lua_settop(L, 0);
}

static int recursesForever(lua_State* L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_call(L, 0, 0);
  return 0;
}

static void stackOverflow(lua_State* L) {
  int status;
  luaL_loadstring(L, "local function f() return 1 + f() end return f()");
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
  CHECK(strstr(lua_tostring(L, -1), "stack overflow") != NULL);
  lua_settop(L, 0);
  /* C functions that call themselves meet the limit of nested C calls. */
  runCode(L, "return function(f) recursive = f return function() return recursive() end end");
  lua_pop(L, 1);
  luaL_loadstring(L, "return recursive()");
  lua_pushcclosure(L, recursesForever, 1);
  lua_pushvalue(L, -1);
  lua_setglobal(L, "recursive");
  status = lua_pcall(L, 0, 0, 0);
  CHECK(status == LUA_ERRRUN || status == LUA_ERRERR);
  CHECK(strstr(lua_tostring(L, -1), "overflow") != NULL);
  lua_settop(L, 0);
  CHECK_LUA(L, "return 1 + 1 == 2");
}

/* ---- chunks ---- */

typedef struct Pieces {
  const char* const* texts;
  int calls;
} Pieces;

static const char* readPiece(lua_State* L, void* data, size_t* size) {
  Pieces* pieces = (Pieces*)data;
  const char* text = pieces->texts[pieces->calls];
  (void)L;
  ++pieces->calls;
  *size = text == NULL ? 0 : strlen(text);
  return text;
}

static const char* failingReader(lua_State* L, void* data, size_t* size) {
  (void)data;
  (void)size;
  luaL_error(L, "the reader failed");
  return NULL;
}

static int loadsByFailingReader(lua_State* L) {
  int status = lua_load(L, failingReader, NULL, "=chunk", NULL);
  lua_pushinteger(L, status);
  lua_insert(L, -2);
  return 2;
}

static void loading(lua_State* L) {
  static const char* const texts[] = {"local a", ", b = ..", ". retu", "rn a * b", NULL};
  static const char* const broken[] = {"return ", "+", NULL};
  static const char* const none[] = {NULL};
  Pieces pieces = {texts, 0};
  CHECK_INTEGER(LUA_OK, lua_load(L, readPiece, &pieces, "=pieces", "t"));
  CHECK(pieces.calls >= 4);
  CHECK(lua_isfunction(L, 1) && !lua_iscfunction(L, 1));
  lua_pushinteger(L, 6);
  lua_pushinteger(L, 7);
  lua_call(L, 2, 1);
  CHECK_INTEGER(42, lua_tointeger(L, 1));
  lua_settop(L, 0);
  pieces.texts = broken;
  pieces.calls = 0;
  CHECK_INTEGER(LUA_ERRSYNTAX, lua_load(L, readPiece, &pieces, "=broken", NULL));
  CHECK_TEXT("broken:1: unexpected symbol near '+'", lua_tostring(L, 1));
  CHECK_INTEGER(1, lua_gettop(L));
  lua_settop(L, 0);
  pieces.texts = none;
  pieces.calls = 0;
  CHECK_INTEGER(LUA_OK, lua_load(L, readPiece, &pieces, NULL, "bt"));
  lua_call(L, 0, LUA_MULTRET);
  CHECK_INTEGER(0, lua_gettop(L));
  CHECK_INTEGER(LUA_ERRSYNTAX, luaL_loadbufferx(L, "x = 1", 5, "=text", "b"));
  CHECK_TEXT("attempt to load a text chunk (mode is 'b')", lua_tostring(L, 1));
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_OK, luaL_loadbuffer(L, "return debug.getinfo(1, 'S').source", 35, "@file.lua"));
  lua_call(L, 0, 1);
  CHECK_TEXT("@file.lua", lua_tostring(L, 1));
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_ERRSYNTAX, luaL_loadstring(L, "x ="));
  CHECK_TEXT("[string \"x =\"]:1: unexpected symbol near <eof>", lua_tostring(L, 1));
  lua_settop(L, 0);
  lua_pushcfunction(L, loadsByFailingReader);
  CHECK_INTEGER(LUA_OK, lua_pcall(L, 0, 2, 0));
  CHECK_INTEGER(LUA_ERRRUN, lua_tointeger(L, 1));
  CHECK_TEXT("the reader failed", lua_tostring(L, 2));
  lua_settop(L, 0);
  /* The first upvalue is the table of globals; it can be replaced. */
  luaL_loadstring(L, "return value");
  CHECK_TEXT("_ENV", lua_getupvalue(L, 1, 1));
  lua_pushglobaltable(L);
  CHECK(lua_rawequal(L, 2, 3));
  lua_settop(L, 1);
  lua_newtable(L);
  lua_pushinteger(L, 11);
  lua_setfield(L, 2, "value");
  CHECK_TEXT("_ENV", lua_setupvalue(L, 1, 1));
  lua_call(L, 0, 1);
  CHECK_INTEGER(11, lua_tointeger(L, 1));
  lua_settop(L, 0);
}

typedef struct Output {
  char bytes[10000];
  size_t size;
  int pieces;
  int failsAt;
} Output;

static int writePiece(lua_State* L, const void* piece, size_t size, void* data) {
  Output* output = (Output*)data;
  (void)L;
  if (++output->pieces == output->failsAt) return 17;
  if (output->size + size > sizeof(output->bytes)) return 1;
  memcpy(output->bytes + output->size, piece, size);
  output->size += size;
  return 0;
}

static void dumping(lua_State* L) {
  static Output output;
  static Output stripped;
  static const char code[] =
      "local up = 1 local function f(a) return function(b) up = up + 1 return a + b + up, 'constant', 2.5 end end"
      " return f(10)(20)";
  memset(&output, 0, sizeof(output));
  memset(&stripped, 0, sizeof(stripped));
  luaL_loadbuffer(L, code, strlen(code), "=dumped");
  CHECK_INTEGER(0, lua_dump(L, writePiece, &output, 0));
  CHECK_INTEGER(1, lua_gettop(L));
  CHECK(output.size > 4 && memcmp(output.bytes, LUA_SIGNATURE, 4) == 0);
  CHECK_INTEGER(0, lua_dump(L, writePiece, &stripped, 1));
  CHECK(stripped.size < output.size);
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_OK, luaL_loadbufferx(L, output.bytes, output.size, "binary", "b"));
  lua_call(L, 0, LUA_MULTRET);
  CHECK_INTEGER(3, lua_gettop(L));
  CHECK(lua_tointeger(L, 1) == 32 && lua_tonumber(L, 3) == 2.5);
  CHECK_TEXT("constant", lua_tostring(L, 2));
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_OK, luaL_loadbufferx(L, stripped.bytes, stripped.size, "binary", NULL));
  lua_call(L, 0, 1);
  CHECK_INTEGER(32, lua_tointeger(L, 1));
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_ERRSYNTAX, luaL_loadbufferx(L, output.bytes, output.size, "binary", "t"));
  CHECK_TEXT("attempt to load a binary chunk (mode is 't')", lua_tostring(L, 1));
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_ERRSYNTAX, luaL_loadbufferx(L, output.bytes, output.size / 2, "=cut", "b"));
  CHECK(strstr(lua_tostring(L, 1), "cut: ") != NULL);
  lua_settop(L, 0);
  luaL_loadstring(L, code);
  output.pieces = 0;
  output.failsAt = 1;
  CHECK_INTEGER(17, lua_dump(L, writePiece, &output, 0));
  lua_settop(L, 0);
  lua_pushcfunction(L, raises);
  CHECK_INTEGER(1, lua_dump(L, writePiece, &output, 0));
  lua_settop(L, 0);
}

/* ---- panic ---- */

static jmp_buf afterPanic;
static char panicMessage[200];

static int leavesPanic(lua_State* L) {
  snprintf(panicMessage, sizeof(panicMessage), "%s", lua_tostring(L, -1));
  longjmp(afterPanic, 1);
}

static void panics(lua_State* mainState) {
  lua_State* L = luaL_newstate();
  lua_CFunction before = lua_atpanic(L, leavesPanic);
  (void)mainState;
  CHECK(before != NULL);
  CHECK(lua_atpanic(L, leavesPanic) == leavesPanic);
  if (setjmp(afterPanic) == 0) {
    lua_pushliteral(L, "nobody catches this");
    lua_error(L);
    CHECK(0);
  }
  CHECK_TEXT("nobody catches this", panicMessage);
  lua_close(L);
}

static int yieldsValue(lua_State* L) { return lua_yield(L, 1); }
static int loadsNested(lua_State* L) {
  char source[400];
  memset(source, '(', sizeof source);
  lua_pushinteger(L, luaL_loadbuffer(L, source, sizeof source, "=nested"));
  lua_insert(L, -2);
  return 2;
}

/* A message handler sees what is raised while loading, and cannot yield. */
static void messageHandlers(lua_State* L) {
  lua_State* co;
  int count;
  lua_pushcfunction(L, keepsMessage);
  lua_pushcfunction(L, loadsNested);
  CHECK_INTEGER(LUA_OK, lua_pcall(L, 0, 2, 1));
  CHECK_INTEGER(LUA_ERRRUN, lua_tointeger(L, -2));
  CHECK_TEXT("handled: C stack overflow", lua_tostring(L, -1));
  lua_settop(L, 1);
  lua_pushcfunction(L, loadsByFailingReader);
  CHECK_INTEGER(LUA_OK, lua_pcall(L, 0, 2, 1));
  CHECK_INTEGER(LUA_ERRRUN, lua_tointeger(L, -2));
  CHECK_TEXT("handled: the reader failed", lua_tostring(L, -1));
  lua_settop(L, 1);
  CHECK_INTEGER(LUA_ERRSYNTAX, luaL_loadstring(L, "x ="));
  CHECK_TEXT("[string \"x =\"]:1: unexpected symbol near <eof>", lua_tostring(L, -1));
  lua_settop(L, 0);

  co = lua_newthread(L);
  lua_pushcfunction(L, yieldsValue);
  lua_setglobal(L, "yieldsValue");
  luaL_loadstring(co, "return xpcall(error, yieldsValue, 'e')");
  CHECK_INTEGER(LUA_OK, lua_resume(co, L, 0, &count));
  CHECK_INTEGER(2, count);
  CHECK_TEXT("error in error handling", lua_tostring(co, -1));
  lua_settop(L, 0);
}

const Test callTests[] = {{"messageHandlers", messageHandlers},
                          {"results", results},
                          {"manyResults", manyResults},
                          {"turns", turns},
                          {"protectedCalls", protectedCalls},
                          {"errorsThroughFrames", errorsThroughFrames},
                          {"nestedProtection", nestedProtection},
                          {"stackOverflow", stackOverflow},
                          {"loading", loading},
                          {"dumping", dumping},
                          {"panics", panics},
                          {NULL, NULL}};
