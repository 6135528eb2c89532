/* The auxiliary library. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "c_api_check.h"

/* ---- arguments ---- */

static int takesAll(lua_State* L) {
  static const char* const options[] = {"first", "second", NULL};
  size_t length = 99;
  lua_settop(L, 7);
  lua_pushinteger(L, luaL_checkinteger(L, 1));
  lua_pushnumber(L, luaL_checknumber(L, 2));
  lua_pushstring(L, luaL_checklstring(L, 3, &length));
  lua_pushinteger(L, (lua_Integer)length);
  lua_pushinteger(L, luaL_optinteger(L, 4, -4));
  lua_pushnumber(L, luaL_optnumber(L, 5, -5.5));
  lua_pushstring(L, luaL_optlstring(L, 6, "default", &length));
  lua_pushinteger(L, (lua_Integer)length);
  lua_pushinteger(L, luaL_checkoption(L, 7, "second", options));
  return 9;
}

static int takesTable(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_argcheck(L, lua_toboolean(L, 2), 2, "must be true");
  luaL_argexpected(L, lua_isfunction(L, 3), 3, "callback");
  return 0;
}

static int takesOption(lua_State* L) {
  static const char* const options[] = {"one", "two", NULL};
  lua_pushinteger(L, luaL_checkoption(L, 1, NULL, options));
  return 1;
}

static int needsRoom(lua_State* L) {
  luaL_checkstack(L, 10, "not reached");
  luaL_checkstack(L, 2000000, lua_tostring(L, 1));
  return 0;
}

static void arguments(lua_State* L) {
  lua_register(L, "all", takesAll);
  lua_register(L, "takesTable", takesTable);
  lua_register(L, "option", takesOption);
  CHECK_LUA(L,
            "local a, b, c, d, e, f, g, h, i = all(1, 2.5, 'text', 4, 5, 'six', 'first')"
            " return a == 1 and b == 2.5 and c == 'text' and d == 4 and e == 4 and f == 5.0 and g == 'six' and h == 3 "
            "and i == 0");
  CHECK_LUA(L,
            "local a, b, c, d, e, f, g, h, i = all('0x10', '1e1', 12, nil)"
            " return a == 16 and b == 10 and c == '12' and d == 2 and e == -4 and f == -5.5 and g == 'default' and h "
            "== 7 and i == 1");
  runCode(L, "function message(f, ...) local ok, m = pcall(f, ...) assert(not ok) return m end");
#define CHECK_MESSAGE(expected, code)          \
  do {                                         \
    runCode(L, "return message(" code ")");    \
    CHECK_TEXT(expected, lua_tostring(L, -1)); \
    lua_settop(L, 0);                          \
  } while (0)
  CHECK_MESSAGE("bad argument #1 to 'all' (number expected, got nil)", "all");
  CHECK_MESSAGE("bad argument #1 to 'all' (number has no integer representation)", "all, 1.5");
  CHECK_MESSAGE("bad argument #1 to 'all' (number has no integer representation)", "all, '1.5'");
  CHECK_MESSAGE("bad argument #1 to 'all' (number expected, got string)", "all, 'x'");
  CHECK_MESSAGE("bad argument #2 to 'all' (number expected, got nil)", "all, 1, nil");
  CHECK_MESSAGE("bad argument #3 to 'all' (string expected, got table)", "all, 1, 2, {}");
  CHECK_MESSAGE("bad argument #3 to 'all' (string expected, got thing)",
                "all, 1, 2, setmetatable({}, {__name = 'thing'})");
  CHECK_MESSAGE("bad argument #4 to 'all' (number expected, got boolean)", "all, 1, 2, 'x', true");
  CHECK_MESSAGE("bad argument #7 to 'all' (invalid option 'third')", "all, 1, 2, 'x', nil, nil, nil, 'third'");
  CHECK_MESSAGE("bad argument #1 to 'option' (string expected, got no value)", "option");
  CHECK_MESSAGE("bad argument #1 to 'takesTable' (table expected, got number)", "takesTable, 1");
  CHECK_MESSAGE("bad argument #2 to 'takesTable' (value expected)", "takesTable, {}");
  CHECK_MESSAGE("bad argument #2 to 'takesTable' (must be true)", "takesTable, {}, nil");
  CHECK_MESSAGE("bad argument #3 to 'takesTable' (callback expected, got number)", "takesTable, {}, 1, 2");
  CHECK_MESSAGE(
      "[string \"return message(function() local t = {f = take...\"]:1: calling 'f' on bad self (table expected, got "
      "string)",
      "function() local t = {f = takesTable} local s = setmetatable({}, {__index = t}) string.f = takesTable"
      " local x = ('x'):f() end");
  runCode(L, "string.f = nil");
  CHECK_MESSAGE(
      "[string \"return message(function() local t = {f = take...\"]:1: bad argument #1 to 'f' (must be true)",
      "function() local t = {f = takesTable} t:f(false) end");
  CHECK_MESSAGE("bad argument #1 to '?' (number expected, got FILE*)",
                "(function() local f = all all = nil return f end)(), io.stdout");
  lua_settop(L, 0);
  lua_pushnil(L);
  CHECK_ERROR(L, needsRoom, "stack overflow");
  lua_pushliteral(L, "too much");
  CHECK_ERROR(L, needsRoom, "stack overflow (too much)");
  lua_pushlightuserdata(L, L);
  CHECK_ERROR(L, takesTable, "bad argument #1 to 'takesTable' (table expected, got light userdata)");
}

/* ---- metatables ---- */

static int checksType(lua_State* L) {
  luaL_checkudata(L, 1, "test.type");
  return 0;
}

static void metatables(lua_State* L) {
  void* block;
  CHECK_INTEGER(1, luaL_newmetatable(L, "test.type"));
  CHECK_INTEGER(LUA_TSTRING, lua_getfield(L, 1, "__name"));
  CHECK_TEXT("test.type", lua_tostring(L, -1));
  lua_settop(L, 1);
  CHECK_INTEGER(0, luaL_newmetatable(L, "test.type"));
  CHECK(lua_rawequal(L, 1, 2));
  CHECK_INTEGER(LUA_TTABLE, luaL_getmetatable(L, "test.type"));
  CHECK(lua_rawequal(L, 1, 3));
  CHECK_INTEGER(LUA_TNIL, luaL_getmetatable(L, "test.unknown"));
  lua_settop(L, 0);
  block = lua_newuserdatauv(L, 4, 0);
  CHECK(luaL_testudata(L, 1, "test.type") == NULL);
  luaL_setmetatable(L, "test.type");
  CHECK(luaL_testudata(L, 1, "test.type") == block);
  CHECK(luaL_checkudata(L, 1, "test.type") == block);
  CHECK(luaL_testudata(L, 1, "FILE*") == NULL);
  CHECK(luaL_testudata(L, 2, "test.type") == NULL);
  CHECK_INTEGER(1, lua_gettop(L));
  CHECK_INTEGER(LUA_TSTRING, luaL_getmetafield(L, 1, "__name"));
  CHECK_TEXT("test.type", lua_tostring(L, -1));
  lua_pop(L, 1);
  CHECK_INTEGER(LUA_TNIL, luaL_getmetafield(L, 1, "__nothing"));
  CHECK_INTEGER(1, lua_gettop(L));
  lua_pushinteger(L, 1);
  CHECK_INTEGER(LUA_TNIL, luaL_getmetafield(L, 2, "__name"));
  CHECK_INTEGER(0, luaL_callmeta(L, 2, "__tostring"));
  lua_settop(L, 0);
  runCode(L, "return setmetatable({5}, {__tostring = function(t) return 'made of ' .. t[1] end})");
  CHECK_INTEGER(1, luaL_callmeta(L, -1, "__tostring"));
  CHECK_TEXT("made of 5", lua_tostring(L, -1));
  CHECK_INTEGER(2, lua_gettop(L));
  lua_settop(L, 0);
  lua_newuserdatauv(L, 4, 0);
  CHECK_ERROR(L, checksType, "bad argument #1 to '?' (test.type expected, got userdata)");
  lua_pushinteger(L, 1);
  CHECK_ERROR(L, checksType, "bad argument #1 to '?' (test.type expected, got number)");
}

/* ---- values as text ---- */

static int makesText(lua_State* L) {
  luaL_tolstring(L, 1, NULL);
  return 1;
}

static int measures(lua_State* L) {
  lua_pushinteger(L, luaL_len(L, 1));
  return 1;
}

static void text(lua_State* L) {
  size_t length;
  char expected[100];
  lua_pushinteger(L, -3);
  CHECK_TEXT("-3", luaL_tolstring(L, 1, &length));
  CHECK_INTEGER(2, length);
  CHECK_INTEGER(LUA_TNUMBER, lua_type(L, 1));
  lua_pushnumber(L, 4.0);
  CHECK_TEXT("4.0", luaL_tolstring(L, -1, NULL));
  lua_pushboolean(L, 0);
  CHECK_TEXT("false", luaL_tolstring(L, -1, NULL));
  lua_pushnil(L);
  CHECK_TEXT("nil", luaL_tolstring(L, -1, NULL));
  lua_pushlstring(L, "a\0b", 3);
  luaL_tolstring(L, -1, &length);
  CHECK_INTEGER(3, length);
  lua_settop(L, 0);
  lua_newtable(L);
  snprintf(expected, sizeof(expected), "table: %p", lua_topointer(L, 1));
  CHECK_TEXT(expected, luaL_tolstring(L, 1, NULL));
  lua_newuserdatauv(L, 1, 0);
  luaL_newmetatable(L, "a.name");
  lua_setmetatable(L, -2);
  snprintf(expected, sizeof(expected), "a.name: %p", lua_touserdata(L, -1));
  CHECK_TEXT(expected, luaL_tolstring(L, -1, NULL));
  CHECK_INTEGER(4, lua_gettop(L));
  lua_settop(L, 0);
  runCode(L, "return setmetatable({}, {__tostring = function() return 1 end})");
  lua_pushvalue(L, 1);
  CHECK_TEXT("1", luaL_tolstring(L, 1, NULL));
  lua_settop(L, 0);
  runCode(L, "return setmetatable({}, {__tostring = function() return {} end})");
  CHECK_ERROR(L, makesText, "'__tostring' must return a string");
  runCode(L, "return setmetatable({}, {__len = function() return 12.0 end})");
  CHECK_INTEGER(12, luaL_len(L, 1));
  lua_settop(L, 0);
  runCode(L, "return setmetatable({}, {__len = function() return 'x' end})");
  CHECK_ERROR(L, measures, "object length is not an integer");
  lua_pushliteral(L, "12345");
  CHECK_INTEGER(5, luaL_len(L, 1));
  lua_settop(L, 0);
  CHECK_TEXT("a-b-c", luaL_gsub(L, "a.b.c", ".", "-"));
  CHECK_TEXT("", luaL_gsub(L, "aaa", "a", ""));
  CHECK_TEXT("x", luaL_gsub(L, "x", "long pattern", "y"));
  CHECK_INTEGER(3, lua_gettop(L));
  lua_settop(L, 0);
  lua_newtable(L);
  CHECK_INTEGER(0, luaL_getsubtable(L, 1, "sub"));
  lua_pushinteger(L, 1);
  lua_setfield(L, -2, "mark");
  lua_settop(L, 1);
  CHECK_INTEGER(1, luaL_getsubtable(L, -1, "sub"));
  lua_getfield(L, -1, "mark");
  CHECK_INTEGER(1, lua_tointeger(L, -1));
  lua_settop(L, 0);
}

/* ---- buffers ---- */

static void buffers(lua_State* L) {
  luaL_Buffer b;
  size_t length;
  char* area;
  int i;
  luaL_buffinit(L, &b);
  CHECK_INTEGER(0, luaL_bufflen(&b));
  CHECK(luaL_buffaddr(&b) == b.init.b);
  luaL_addstring(&b, "abc");
  luaL_addlstring(&b, "d\0e", 3);
  luaL_addchar(&b, 'f');
  lua_pushliteral(L, "ghi");
  luaL_addvalue(&b);
  lua_pushinteger(L, 12);
  luaL_addvalue(&b);
  luaL_buffsub(&b, 1);
  CHECK_INTEGER(11, luaL_bufflen(&b));
  luaL_pushresult(&b);
  CHECK_INTEGER(1, lua_gettop(L));
  CHECK(memcmp(lua_tolstring(L, 1, &length), "abcd\0efghi1", 12) == 0);
  CHECK_INTEGER(11, length);
  lua_settop(L, 0);
  /* Growing, by each of the ways to add. */
  lua_pushliteral(L, "below");
  luaL_buffinit(L, &b);
  for (i = 0; i < 10000; ++i) luaL_addchar(&b, (char)('a' + i % 26));
  for (i = 0; i < 1000; ++i) luaL_addstring(&b, "0123456789");
  for (i = 0; i < 1000; ++i) {
    lua_pushinteger(L, i % 10);
    luaL_addvalue(&b);
  }
  CHECK(luaL_buffaddr(&b) != b.init.b);
  area = luaL_prepbuffsize(&b, 5000);
  memset(area, '#', 5000);
  luaL_addsize(&b, 4999);
  area = luaL_prepbuffer(&b);
  memset(area, '!', LUAL_BUFFERSIZE);
  luaL_pushresultsize(&b, LUAL_BUFFERSIZE);
  CHECK_INTEGER(2, lua_gettop(L));
  CHECK_TEXT("below", lua_tostring(L, 1));
  lua_setglobal(L, "text");
  lua_settop(L, 0);
  CHECK_LUA(L,
            "return #text == 10000 + 10000 + 1000 + 4999 + 1024 and text:sub(1, 28) == 'abcdefghijklmnopqrstuvwxyzab'"
            " and text:sub(19996, 20005) == '5678901234' and text:sub(25999) == '#' .. ('!'):rep(1024)");
  area = luaL_buffinitsize(L, &b, 100000);
  memset(area, 'z', 100000);
  luaL_pushresultsize(&b, 100000);
  CHECK_INTEGER(100000, lua_rawlen(L, -1));
  lua_settop(L, 0);
  luaL_buffinit(L, &b);
  luaL_addgsub(&b, "one, two, three", ", ", "/");
  luaL_pushresult(&b);
  CHECK_TEXT("one/two/three", lua_tostring(L, -1));
  lua_settop(L, 0);
  luaL_buffinit(L, &b);
  luaL_pushresult(&b);
  CHECK_TEXT("", lua_tostring(L, -1));
  lua_settop(L, 0);
}

static int failsWithBuffer(lua_State* L) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  memset(luaL_prepbuffsize(&b, 1000000), 'x', 1000000);
  luaL_addsize(&b, 1000000);
  return luaL_error(L, "left behind");
}

static int asksForTooMuch(lua_State* L) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addchar(&b, 'x');
  luaL_prepbuffsize(&b, ~(size_t)0);
  return 0;
}

/* The block is freed when an error leaves a buffer behind. */
static void buffersAndErrors(lua_State* L) {
  int i;
  int before;
  CHECK_ERROR(L, failsWithBuffer, "left behind");
  lua_gc(L, LUA_GCCOLLECT);
  lua_gc(L, LUA_GCSTOP);
  before = lua_gc(L, LUA_GCCOUNT);
  for (i = 0; i < 20; ++i) CHECK_ERROR(L, failsWithBuffer, "left behind");
  CHECK(lua_gc(L, LUA_GCCOUNT) < before + 1000);
  lua_gc(L, LUA_GCRESTART);
  CHECK_ERROR(L, asksForTooMuch, "buffer too large");
}

static int repeats(lua_State* L) {
  luaL_Buffer b;
  lua_Integer i;
  lua_Integer n = luaL_checkinteger(L, 2);
  luaL_checkstring(L, 1);
  luaL_buffinit(L, &b);
  for (i = 0; i < n; ++i) {
    lua_pushvalue(L, 1);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return 1;
}

static void buffersFromLua(lua_State* L) {
  lua_register(L, "repeats", repeats);
  CHECK_LUA(L, "for i = 1, 300 do local s = repeats('text' .. i, i) assert(s == ('text' .. i):rep(i)) end return true");
}

/* ---- references ---- */

static void references(lua_State* L) {
  int refs[100];
  int i;
  int j;
  int tables;
  for (tables = 0; tables < 2; ++tables) {
    int t = LUA_REGISTRYINDEX;
    if (tables == 1) {
      lua_newtable(L);
      t = 1;
    }
    for (i = 0; i < 100; ++i) {
      lua_pushinteger(L, i);
      refs[i] = luaL_ref(L, t);
      CHECK(refs[i] > 0);
      for (j = 0; j < i; ++j) {
        if (refs[j] == refs[i]) CHECK(0);
      }
    }
    for (i = 0; i < 100; ++i) {
      CHECK_INTEGER(LUA_TNUMBER, lua_rawgeti(L, t, refs[i]));
      CHECK_INTEGER(i, lua_tointeger(L, -1));
      lua_pop(L, 1);
    }
    for (i = 0; i < 100; i += 2) luaL_unref(L, t, refs[i]);
    /* The last number given back is the first given out again. */
    lua_pushliteral(L, "again");
    CHECK_INTEGER(refs[98], luaL_ref(L, t));
    for (i = 0; i < 49; ++i) {
      lua_pushliteral(L, "again");
      CHECK_INTEGER(refs[96 - 2 * i], luaL_ref(L, t));
    }
    lua_pushnil(L);
    CHECK_INTEGER(LUA_REFNIL, luaL_ref(L, t));
    luaL_unref(L, t, LUA_REFNIL);
    luaL_unref(L, t, LUA_NOREF);
    CHECK_INTEGER(LUA_TNUMBER, lua_rawgeti(L, t, refs[1]));
    CHECK_INTEGER(1, lua_tointeger(L, -1));
    lua_settop(L, 0);
  }
}

/* ---- errors and positions ---- */

static void loadChunk(lua_State* L, const char* code) {
  CHECK_INTEGER(LUA_OK, luaL_loadbuffer(L, code, strlen(code), "=chunk"));
}

static int tellsWhere(lua_State* L) {
  luaL_where(L, (int)luaL_checkinteger(L, 1));
  return 1;
}

static int raisesFormatted(lua_State* L) { return luaL_error(L, "%s and %d", luaL_checkstring(L, 1), 5); }

static int tracesBack(lua_State* L) {
  luaL_traceback(L, L, luaL_optstring(L, 1, NULL), (int)luaL_optinteger(L, 2, 1));
  return 1;
}

static void positions(lua_State* L) {
  lua_register(L, "where", tellsWhere);
  lua_register(L, "raises", raisesFormatted);
  lua_register(L, "trace", tracesBack);
  CHECK_LUA(
      L,
      "return where(0) == '' and where(1) == '[string \"return where(0) == \\'\\' and where(1) == \\'[string...\"]:1: '"
      " or where(1)");
  loadChunk(L, "\nlocal w = where(1)\nreturn w, where(50)");
  lua_call(L, 0, 2);
  CHECK_TEXT("chunk:2: ", lua_tostring(L, 1));
  CHECK_TEXT("", lua_tostring(L, 2));
  lua_settop(L, 0);
  loadChunk(L, "local function f() raises('this') end\nf()");
  CHECK_INTEGER(LUA_ERRRUN, lua_pcall(L, 0, 0, 0));
  CHECK_TEXT("chunk:1: this and 5", lua_tostring(L, 1));
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_OK, luaL_loadbuffer(L,
                                        "local function f(...) local t = trace(...) return t end\n"
                                        "function g(...) local t = f(...) return t end\n"
                                        "local t = {m = function(_, ...) local t = g(...) return t end}\n"
                                        "local a, b = t:m('message'), t:m(nil, 3)\n"
                                        "return a, b, (select(2, pcall(string.rep)))",
                                        249, "=chunk"));
  lua_call(L, 0, 3);
  CHECK_TEXT(
      "message\nstack traceback:\n\tchunk:1: in upvalue 'f'\n\tchunk:2: in function 'g'\n\tchunk:3: in method 'm'\n"
      "\tchunk:4: in main chunk",
      lua_tostring(L, 1));
  CHECK_TEXT("stack traceback:\n\tchunk:3: in method 'm'\n\tchunk:4: in main chunk", lua_tostring(L, 2));
  CHECK_TEXT("bad argument #1 to 'string.rep' (string expected, got no value)", lua_tostring(L, 3));
  lua_settop(L, 0);
  CHECK_LUA(
      L,
      "local function deep(n) if n == 0 then return (trace()) end local t = deep(n - 1) return t end local t = "
      "deep(100)"
      " local _, lines = t:gsub('\\n', '') return lines == 23 and t:find('...\\t(skipping 80 levels)', 1, true) or t");
}

static void results(lua_State* L) {
  errno = ENOENT;
  CHECK_INTEGER(3, luaL_fileresult(L, 0, "name"));
  CHECK(lua_isnil(L, 1));
  CHECK_TEXT("name: No such file or directory", lua_tostring(L, 2));
  CHECK_INTEGER(ENOENT, lua_tointeger(L, 3));
  lua_settop(L, 0);
  errno = EACCES;
  CHECK_INTEGER(3, luaL_fileresult(L, 0, NULL));
  CHECK_TEXT("Permission denied", lua_tostring(L, 2));
  lua_settop(L, 0);
  CHECK_INTEGER(1, luaL_fileresult(L, 1, "name"));
  CHECK(lua_toboolean(L, 1) && lua_isboolean(L, 1));
  lua_settop(L, 0);
  errno = 0;
  CHECK_INTEGER(3, luaL_execresult(L, 0));
  CHECK(lua_toboolean(L, 1));
  CHECK_TEXT("exit", lua_tostring(L, 2));
  CHECK_INTEGER(0, lua_tointeger(L, 3));
  lua_settop(L, 0);
  errno = 0;
  CHECK_INTEGER(3, luaL_execresult(L, 7 << 8));
  CHECK(lua_isnil(L, 1));
  CHECK_INTEGER(7, lua_tointeger(L, 3));
  lua_settop(L, 0);
  errno = 0;
  CHECK_INTEGER(3, luaL_execresult(L, 9));
  CHECK(lua_isnil(L, 1));
  CHECK_TEXT("signal", lua_tostring(L, 2));
  CHECK_INTEGER(9, lua_tointeger(L, 3));
  lua_settop(L, 0);
  errno = ENOMEM;
  CHECK_INTEGER(3, luaL_execresult(L, -1));
  CHECK(lua_isnil(L, 1));
  CHECK_INTEGER(ENOMEM, lua_tointeger(L, 3));
  lua_settop(L, 0);
}

/* ---- files ---- */

static void writeFile(const char* name, const char* content, size_t size) {
  FILE* file = fopen(name, "wb");
  fwrite(content, 1, size, file);
  fclose(file);
}

static void files(lua_State* L) {
  char name[] = "/tmp/c_api_XXXXXX";
  char expected[100];
  int handle = mkstemp(name);
  CHECK(handle >= 0);
  close(handle);
  writeFile(name, "#!/usr/bin/lua\nreturn debug.getinfo(1, 'l').currentline, ...", 60);
  CHECK_INTEGER(LUA_OK, luaL_loadfile(L, name));
  lua_pushliteral(L, "argument");
  lua_call(L, 1, 2);
  CHECK_INTEGER(2, lua_tointeger(L, 1));
  CHECK_TEXT("argument", lua_tostring(L, 2));
  lua_settop(L, 0);
  writeFile(name, "\xEF\xBB\xBFreturn 'marked'", 18);
  CHECK_INTEGER(0, luaL_dofile(L, name));
  CHECK_TEXT("marked", lua_tostring(L, 1));
  lua_settop(L, 0);
  CHECK_INTEGER(LUA_ERRSYNTAX, luaL_loadfilex(L, name, "b"));
  CHECK(strstr(lua_tostring(L, 1), "attempt to load a text chunk (mode is 'b')") != NULL);
  lua_settop(L, 0);
  writeFile(name, "x =", 3);
  CHECK_INTEGER(LUA_ERRSYNTAX, luaL_loadfile(L, name));
  snprintf(expected, sizeof(expected), "%s:1: unexpected symbol near <eof>", name);
  CHECK_TEXT(expected, lua_tostring(L, 1));
  lua_settop(L, 0);
  writeFile(name, "error 'while running'", 21);
  CHECK(luaL_dofile(L, name));
  snprintf(expected, sizeof(expected), "%s:1: while running", name);
  CHECK_TEXT(expected, lua_tostring(L, 1));
  lua_settop(L, 0);
  writeFile(name, "", 0);
  CHECK_INTEGER(0, luaL_dofile(L, name));
  CHECK_INTEGER(0, lua_gettop(L));
  unlink(name);
  CHECK_INTEGER(LUA_ERRFILE, luaL_loadfile(L, name));
  snprintf(expected, sizeof(expected), "cannot open %s: No such file or directory", name);
  snprintf(expected, sizeof(expected), "cannot open %s", name);
  CHECK(strncmp(expected, lua_tostring(L, 1), strlen(expected)) == 0);
  CHECK_INTEGER(1, lua_gettop(L));
  lua_settop(L, 0);
}

static int failsVersion(lua_State* L) {
  luaL_checkversion_(L, 503, LUAL_NUMSIZES);
  return 0;
}

static int failsSizes(lua_State* L) {
  luaL_checkversion_(L, LUA_VERSION_NUM, LUAL_NUMSIZES - 1);
  return 0;
}

static void versions(lua_State* L) {
  CHECK_ERROR(L, failsVersion, "version mismatch: app. needs 503.0, Lua core provides 504.0");
  CHECK_ERROR(L, failsSizes, "core and library have incompatible numeric types");
}

const Test auxiliaryTests[] = {{"arguments", arguments},
                               {"metatables", metatables},
                               {"text", text},
                               {"buffers", buffers},
                               {"buffersAndErrors", buffersAndErrors},
                               {"buffersFromLua", buffersFromLua},
                               {"references", references},
                               {"positions", positions},
                               {"results", results},
                               {"files", files},
                               {"versions", versions},
                               {NULL, NULL}};
