/* Tables, userdata and their metatables. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "c_api_check.h"

static void fields(lua_State* L) {
  int key;
  lua_createtable(L, 4, 4);
  lua_pushinteger(L, 10);
  lua_setfield(L, 1, "ten");
  CHECK_INTEGER(LUA_TNUMBER, lua_getfield(L, 1, "ten"));
  CHECK_INTEGER(10, lua_tointeger(L, -1));
  CHECK_INTEGER(LUA_TNIL, lua_getfield(L, 1, "eleven"));
  CHECK(lua_isnil(L, -1));
  lua_settop(L, 1);
  lua_pushliteral(L, "first");
  lua_seti(L, -2, 1);
  CHECK_INTEGER(LUA_TSTRING, lua_geti(L, 1, 1));
  CHECK_TEXT("first", lua_tostring(L, -1));
  lua_settop(L, 1);
  lua_pushnumber(L, 2.0);
  lua_pushliteral(L, "second");
  lua_settable(L, 1);
  CHECK_INTEGER(LUA_TSTRING, lua_rawgeti(L, 1, 2));
  lua_settop(L, 1);
  lua_pushinteger(L, 2);
  CHECK_INTEGER(LUA_TSTRING, lua_gettable(L, 1));
  CHECK_TEXT("second", lua_tostring(L, -1));
  CHECK_INTEGER(2, lua_gettop(L));
  lua_settop(L, 1);
  lua_pushboolean(L, 0);
  lua_pushboolean(L, 1);
  lua_rawset(L, 1);
  lua_pushboolean(L, 0);
  CHECK_INTEGER(LUA_TBOOLEAN, lua_rawget(L, 1));
  CHECK(lua_toboolean(L, -1));
  lua_settop(L, 1);
  lua_pushliteral(L, "by address");
  lua_rawsetp(L, 1, &key);
  CHECK_INTEGER(LUA_TSTRING, lua_rawgetp(L, 1, &key));
  CHECK_TEXT("by address", lua_tostring(L, -1));
  CHECK_INTEGER(LUA_TNIL, lua_rawgetp(L, 1, &lua_ident));
  lua_settop(L, 1);
  lua_pushlightuserdata(L, &key);
  CHECK_INTEGER(LUA_TSTRING, lua_gettable(L, 1));
  lua_settop(L, 1);
  lua_pushliteral(L, "third");
  lua_rawseti(L, 1, 3);
  CHECK_INTEGER(3, lua_rawlen(L, 1));
  lua_pushnil(L);
  lua_rawseti(L, 1, 3);
  CHECK_INTEGER(2, lua_rawlen(L, 1));
  lua_pushinteger(L, 5);
  lua_seti(L, 1, LUA_MININTEGER);
  lua_geti(L, 1, LUA_MININTEGER);
  CHECK_INTEGER(5, lua_tointeger(L, -1));
  lua_settop(L, 0);
}

/* Fields whose names are the same text in other places, long names, many names. */
static void fieldNames(lua_State* L) {
  char name[100];
  char longName[300];
  int i;
  memset(longName, 'n', sizeof(longName) - 1);
  longName[sizeof(longName) - 1] = '\0';
  lua_newtable(L);
  for (i = 0; i < 500; ++i) {
    snprintf(name, sizeof(name), "field%d", i);
    lua_pushinteger(L, i);
    lua_setfield(L, 1, name);
  }
  lua_pushliteral(L, "long");
  lua_setfield(L, 1, longName);
  lua_pushliteral(L, "empty");
  lua_setfield(L, 1, "");
  for (i = 499; i >= 0; --i) {
    snprintf(name, sizeof(name), "field%d", i);
    lua_getfield(L, 1, name);
    CHECK_INTEGER(i, lua_tointeger(L, -1));
    lua_pop(L, 1);
  }
  lua_getfield(L, 1, longName);
  CHECK_TEXT("long", lua_tostring(L, -1));
  lua_getfield(L, 1, "");
  CHECK_TEXT("empty", lua_tostring(L, -1));
  lua_settop(L, 0);
}

/* A text that changes where it stands, at every distance from the end of memory that can be read. */
static void changingNames(lua_State* L) {
  const long page = sysconf(_SC_PAGESIZE);
  char* memory = (char*)mmap(NULL, (size_t)page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int length;
  int distance;
  CHECK(memory != (char*)MAP_FAILED);
  CHECK_INTEGER(0, mprotect(memory + page, (size_t)page, PROT_NONE));
  lua_newtable(L);
  for (length = 0; length <= 45; ++length) {
    for (distance = 0; distance < 9; ++distance) {
      char* text = memory + page - distance - length - 1;
      int i;
      memset(text, 'a', (size_t)length);
      text[length] = '\0';
      lua_pushinteger(L, length);
      lua_setfield(L, 1, text);
      lua_getfield(L, 1, text);
      CHECK_INTEGER(length, lua_tointeger(L, -1));
      lua_pop(L, 1);
      for (i = 0; i < length; ++i) { /* another letter, and an earlier end */
        text[i] = 'b';
        CHECK_INTEGER(LUA_TNIL, lua_getfield(L, 1, text));
        text[i] = '\0';
        CHECK_TEXT(text, lua_pushstring(L, text));
        lua_getfield(L, 1, text);
        CHECK_INTEGER(i, lua_tointeger(L, -1));
        text[i] = 'a';
        lua_pop(L, 3);
      }
      if (distance > 0) { /* a later end */
        text[length] = 'c';
        text[length + 1] = '\0';
        CHECK_INTEGER(LUA_TNIL, lua_getfield(L, 1, text));
        CHECK_TEXT(text, lua_pushstring(L, text));
        CHECK_INTEGER(length + 1, lua_rawlen(L, -1));
        lua_pop(L, 2);
      }
    }
  }
  munmap(memory, (size_t)page * 2);
  lua_settop(L, 0);
}

/* The same function for tables of all kinds: what it has found in one says nothing of the next. */
static int readsX(lua_State* L) {
  lua_getfield(L, 1, "x");
  return 1;
}

static int writesX(lua_State* L) {
  lua_settop(L, 2);
  lua_setfield(L, 1, "x");
  return 0;
}

static int writesIndex(lua_State* L) {
  lua_settop(L, 2);
  lua_setfield(L, 1, "__index");
  return 0;
}

static void tablesOfAllKinds(lua_State* L) {
  lua_register(L, "readsX", readsX);
  lua_register(L, "writesX", writesX);
  lua_register(L, "writesIndex", writesIndex);
  CHECK_LUA(L,
            "for round = 1, 3 do"
            "  local tables = {{x = 1}, {y = 0, x = 2}, {z = 0, y = 0, x = 3}, {}, {x = 5}}"
            "  for i, t in ipairs(tables) do assert(readsX(t) == (i ~= 4 and i or nil)) writesX(t, -i) end"
            "  for i, t in ipairs(tables) do assert(readsX(t) == -i and t.x == -i) end"
            "  collectgarbage() end return true");
  CHECK_LUA(L,
            "for round = 1, 3 do local t = {x = 1} writesX(t, nil) assert(readsX(t) == nil and next(t) == nil)"
            " writesX(t, 7) assert(t.x == 7) end return true");
  CHECK_LUA(L, /* a field that is not there any more has metamethods again */
            "local stores = 0"
            " local meta = {__index = function() return 'meta' end, __newindex = function() stores = stores + 1 end}"
            " for i = 1, 10 do local t = setmetatable({x = i}, meta) assert(readsX(t) == i) writesX(t, 0)"
            "  assert(rawget(t, 'x') == 0) writesX(t, nil) assert(readsX(t) == 'meta') writesX(t, 1)"
            "  assert(rawget(t, 'x') == nil and stores == i) end return true");
  CHECK_LUA(L, /* tables that are added to in the same way, until one of them has too little room or a metatable */
            "for i = 1, 50 do local t = {} for j = 1, i % 9 do t['f' .. j] = j end writesX(t, i)"
            "  assert(t.x == i and readsX(t) == i)"
            "  for j = 1, i % 9 do assert(t['f' .. j] == j) end end"
            " local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v + 1) end}) writesX(t, 1)"
            " return t.x == 2");
  CHECK_LUA(L, /* classes that change */
            "local class = {} class.__index = class local o = setmetatable({}, class)"
            " local function read() return o.x end"
            " for i = 1, 100 do assert(read() == nil) writesX(class, i) assert(read() == i) writesX(class, -i)"
            "  assert(read() == -i) writesX(class, nil) end"
            " for i = 1, 100 do writesIndex(class, {x = i}) assert(read() == i) end"
            " writesX(o, 5) assert(read() == 5) return true");
  CHECK_LUA(L, /* a dictionary */
            "local t = {} for i = 1, 5000 do t['key' .. i] = i end writesX(t, 1) assert(readsX(t) == 1)"
            " for i = 1, 5000 do t['key' .. i] = nil end t.x = 2 return readsX(t) == 2");
}

static int writesElement(lua_State* L) {
  lua_settop(L, 3);
  if (lua_toboolean(L, lua_upvalueindex(1))) lua_rawseti(L, 1, lua_tointeger(L, 2));
  else lua_seti(L, 1, lua_tointeger(L, 2));
  return 0;
}

static int readsElement(lua_State* L) {
  if (lua_toboolean(L, lua_upvalueindex(1))) lua_rawgeti(L, 1, lua_tointeger(L, 2));
  else lua_geti(L, 1, lua_tointeger(L, 2));
  return 1;
}

static void elements(lua_State* L) {
  int isRaw;
  for (isRaw = 0; isRaw < 2; ++isRaw) {
    lua_pushboolean(L, isRaw);
    lua_pushcclosure(L, writesElement, 1);
    lua_setglobal(L, "set");
    lua_pushboolean(L, isRaw);
    lua_pushcclosure(L, readsElement, 1);
    lua_setglobal(L, "get");
    CHECK_LUA(
        L,
        "local t = {} for i = 1, 300 do set(t, i, i) assert(#t == i and get(t, i) == i) end"
        " for i = 300, 1, -1 do assert(get(t, i) == i) set(t, i, nil) assert(#t == i - 1 and get(t, i) == nil) end"
        " return next(t) == nil");
    CHECK_LUA(L,
              "local t = {} for i = 10, 1, -1 do set(t, i, i) end set(t, 0, 0) set(t, -1, -1)"
              " for i = -1, 10 do assert(get(t, i) == i) end set(t, 11, 11) return #t == 11 and get(t, 12) == nil");
    CHECK_LUA(L,
              "local t = {1, nil, 3} set(t, 2, 2) assert(#t == 3) set(t, math.maxinteger, 1)"
              " assert(get(t, math.maxinteger) == 1) set(t, math.mininteger, 2) return get(t, math.mininteger) == 2");
  }
}

static void globals(lua_State* L) {
  CHECK_INTEGER(LUA_TNIL, lua_getglobal(L, "undefined"));
  lua_pushliteral(L, "from C");
  lua_setglobal(L, "defined");
  CHECK_LUA(L, "return defined == 'from C'");
  runCode(L, "defined = defined .. ' and Lua'");
  CHECK_INTEGER(LUA_TSTRING, lua_getglobal(L, "defined"));
  CHECK_TEXT("from C and Lua", lua_tostring(L, -1));
  lua_settop(L, 0);
  runCode(L,
          "setmetatable(_G, {__index = function(_, name) return 'default ' .. name end, __newindex = function(t, k, v)"
          " rawset(t, k, v .. '!') end})");
  CHECK_INTEGER(LUA_TSTRING, lua_getglobal(L, "other"));
  CHECK_TEXT("default other", lua_tostring(L, -1));
  lua_pushliteral(L, "set");
  lua_setglobal(L, "another");
  lua_getglobal(L, "another");
  CHECK_TEXT("set!", lua_tostring(L, -1));
  lua_settop(L, 0);
  runCode(L, "setmetatable(_G, nil)");
}

static void metamethods(lua_State* L) {
  runCode(L,
          "log = {} return setmetatable({}, {__index = function(t, k) return k end,"
          " __newindex = function(t, k, v) log[#log + 1] = tostring(k) .. '=' .. tostring(v) end})");
  CHECK_INTEGER(LUA_TSTRING, lua_getfield(L, 1, "name"));
  CHECK_TEXT("name", lua_tostring(L, -1));
  CHECK_INTEGER(LUA_TNUMBER, lua_geti(L, 1, 42));
  CHECK_INTEGER(42, lua_tointeger(L, -1));
  lua_pushboolean(L, 1);
  CHECK_INTEGER(LUA_TBOOLEAN, lua_gettable(L, 1));
  lua_settop(L, 1);
  CHECK_INTEGER(LUA_TNIL, lua_rawgeti(L, 1, 42));
  lua_settop(L, 1);
  lua_pushinteger(L, 1);
  lua_setfield(L, 1, "a");
  lua_pushinteger(L, 2);
  lua_seti(L, 1, 5);
  lua_pushboolean(L, 1);
  lua_pushinteger(L, 3);
  lua_settable(L, 1);
  CHECK_INTEGER(1, lua_gettop(L));
  CHECK_LUA(L, "return table.concat(log, ' ') == 'a=1 5=2 true=3'");
  lua_pushinteger(L, 4);
  lua_rawseti(L, 1, 5);
  lua_geti(L, 1, 5);
  CHECK_INTEGER(4, lua_tointeger(L, -1));
  lua_settop(L, 0);
  /* Indexing what is no table. */
  lua_pushliteral(L, "text");
  CHECK_INTEGER(LUA_TFUNCTION, lua_getfield(L, 1, "upper"));
  lua_settop(L, 0);
}

static int indexesNil(lua_State* L) {
  lua_pushnil(L);
  lua_getfield(L, -1, "x");
  return 0;
}

static int indexesArgument(lua_State* L) {
  lua_geti(L, 1, 3);
  return 0;
}

static int setsInNumber(lua_State* L) {
  lua_pushinteger(L, 1);
  lua_pushinteger(L, 2);
  lua_setfield(L, 1, "y");
  return 0;
}

static int setsNilKey(lua_State* L) {
  lua_newtable(L);
  lua_pushnil(L);
  lua_pushinteger(L, 2);
  lua_settable(L, 1);
  return 0;
}

static int setsNotANumber(lua_State* L) {
  lua_newtable(L);
  lua_pushnumber(L, NAN);
  lua_pushinteger(L, 2);
  lua_rawset(L, 1);
  return 0;
}

static int loopingIndex(lua_State* L) {
  luaL_loadstring(L, "local t = {} return setmetatable(t, setmetatable({__index = t}, {}))");
  lua_call(L, 0, 1);
  lua_getfield(L, -1, "x");
  return 0;
}

static void errors(lua_State* L) {
  CHECK_ERROR(L, indexesNil, "attempt to index a nil value");
  lua_pushboolean(L, 1);
  CHECK_ERROR(L, indexesArgument, "attempt to index a boolean value");
  CHECK_ERROR(L, setsInNumber, "attempt to index a number value");
  CHECK_ERROR(L, setsNilKey, "table index is nil");
  CHECK_ERROR(L, setsNotANumber, "table index is NaN");
  CHECK_ERROR(L, loopingIndex, "'__index' chain too long; possible loop");
}

static int nextAfterUnknown(lua_State* L) {
  lua_newtable(L);
  lua_pushliteral(L, "unknown");
  lua_next(L, 1);
  return 0;
}

static void traversal(lua_State* L) {
  int count = 0;
  lua_Integer sum = 0;
  runCode(L, "return {10, 20, 30, x = 40, y = 50, [2.5] = 60, [true] = 70}");
  lua_pushnil(L);
  while (lua_next(L, 1) != 0) {
    ++count;
    sum += lua_tointeger(L, -1);
    /* Existing fields may be changed and cleared on the way. */
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    if (count % 2 == 0) {
      lua_pushnil(L);
    } else {
      lua_pushinteger(L, 1);
    }
    lua_settable(L, 1);
  }
  CHECK_INTEGER(7, count);
  CHECK_INTEGER(280, sum);
  CHECK_INTEGER(1, lua_gettop(L));
  count = 0;
  lua_pushnil(L);
  while (lua_next(L, 1) != 0) {
    ++count;
    CHECK_INTEGER(1, lua_tointeger(L, -1));
    lua_pop(L, 1);
  }
  CHECK_INTEGER(4, count);
  lua_settop(L, 0);
  lua_newtable(L);
  lua_pushnil(L);
  CHECK_INTEGER(0, lua_next(L, 1));
  CHECK_INTEGER(1, lua_gettop(L));
  lua_settop(L, 0);
  CHECK_ERROR(L, nextAfterUnknown, "invalid key to 'next'");
}

static void metatables(lua_State* L) {
  lua_newtable(L);
  CHECK_INTEGER(0, lua_getmetatable(L, 1));
  CHECK_INTEGER(1, lua_gettop(L));
  lua_newtable(L);
  lua_pushvalue(L, 2);
  CHECK_INTEGER(1, lua_setmetatable(L, 1));
  CHECK_INTEGER(1, lua_getmetatable(L, 1));
  CHECK(lua_rawequal(L, 2, 3));
  lua_settop(L, 1);
  lua_pushnil(L);
  lua_setmetatable(L, 1);
  CHECK_INTEGER(0, lua_getmetatable(L, 1));
  lua_settop(L, 0);
  /* Values of other types share one for each type. */
  lua_pushinteger(L, 1);
  runCode(L, "return {__index = function(n, k) return n .. k end, __call = function(n, m) return n + m end}");
  lua_setmetatable(L, 1);
  CHECK_LUA(L, "return (5).x == '5x' and (2.5).y == '2.5y' and (5)(6) == 11");
  lua_pushnil(L);
  lua_setmetatable(L, 1);
  CHECK_LUA(L, "return not pcall(function() return (5).x end)");
  lua_settop(L, 0);
  lua_pushboolean(L, 1);
  runCode(L, "return {__index = {size = 1}}");
  lua_setmetatable(L, 1);
  CHECK_LUA(L, "return (false).size == 1 and (true).size == 1");
  lua_settop(L, 0);
  lua_pushcfunction(L, indexesNil);
  runCode(L, "return {__index = {kind = 'function'}}");
  lua_setmetatable(L, 1);
  CHECK_LUA(L, "return print.kind == 'function' and (function() end).kind == 'function'");
  lua_settop(L, 0);
  lua_pushnil(L);
  runCode(L, "return {__index = function() return 'nothing' end}");
  lua_setmetatable(L, 1);
  CHECK_LUA(L, "return undefinedName.x == 'nothing'");
  lua_pushnil(L);
  lua_setmetatable(L, 1);
  lua_settop(L, 0);
  lua_pushlightuserdata(L, L);
  CHECK_INTEGER(0, lua_getmetatable(L, 1));
  runCode(L, "return {__name = 'address'}");
  lua_setmetatable(L, 1);
  lua_pushlightuserdata(L, &L);
  CHECK_INTEGER(1, lua_getmetatable(L, -1));
  lua_pushnil(L);
  lua_setmetatable(L, 1);
  lua_settop(L, 0);
}

static void userdata(lua_State* L) {
  unsigned char* block;
  int i;
  static const size_t sizes[] = {0, 1, 8, 40, 100, 1000, 100000};
  for (i = 0; i < (int)COUNT(sizes); ++i) {
    block = (unsigned char*)lua_newuserdatauv(L, sizes[i], 0);
    CHECK(block != NULL && block == lua_touserdata(L, -1));
    CHECK_INTEGER(0, (uintptr_t)block % sizeof(double));
    memset(block, 0xA5, sizes[i]);
    CHECK_INTEGER(sizes[i], lua_rawlen(L, -1));
    CHECK_INTEGER(0, lua_getmetatable(L, -1));
  }
  lua_gc(L, LUA_GCCOLLECT);
  for (i = 0; i < (int)COUNT(sizes); ++i) {
    block = (unsigned char*)lua_touserdata(L, i + 1);
    CHECK(sizes[i] == 0 || (block[0] == 0xA5 && block[sizes[i] - 1] == 0xA5));
  }
  CHECK(!lua_rawequal(L, 1, 2) && lua_rawequal(L, 2, 2));
  lua_settop(L, 0);
}

static void userValues(lua_State* L) {
  int i;
  lua_newuserdatauv(L, 4, 3);
  for (i = 1; i <= 3; ++i) CHECK_INTEGER(LUA_TNIL, lua_getiuservalue(L, 1, i));
  CHECK_INTEGER(LUA_TNONE, lua_getiuservalue(L, 1, 4));
  CHECK(lua_isnil(L, -1));
  CHECK_INTEGER(LUA_TNONE, lua_getiuservalue(L, 1, 0));
  lua_settop(L, 1);
  for (i = 1; i <= 3; ++i) {
    lua_pushfstring(L, "user value %d", i);
    CHECK_INTEGER(1, lua_setiuservalue(L, 1, i));
  }
  lua_pushinteger(L, 4);
  CHECK_INTEGER(0, lua_setiuservalue(L, 1, 4));
  lua_pushinteger(L, 4);
  CHECK_INTEGER(0, lua_setiuservalue(L, 1, -1));
  CHECK_INTEGER(1, lua_gettop(L));
  lua_gc(L, LUA_GCCOLLECT);
  CHECK_INTEGER(LUA_TSTRING, lua_getiuservalue(L, 1, 2));
  CHECK_TEXT("user value 2", lua_tostring(L, -1));
  lua_settop(L, 0);
  lua_newuserdata(L, 16);
  lua_pushinteger(L, 9);
  CHECK_INTEGER(1, lua_setuservalue(L, 1));
  CHECK_INTEGER(LUA_TNUMBER, lua_getuservalue(L, 1));
  CHECK_INTEGER(9, lua_tointeger(L, -1));
  lua_settop(L, 0);
  lua_newuserdatauv(L, 0, 0);
  CHECK_INTEGER(LUA_TNONE, lua_getiuservalue(L, 1, 1));
  lua_settop(L, 0);
}

static int readsPoint(lua_State* L) {
  const double* point = (const double*)luaL_checkudata(L, 1, "test.point");
  const char* name = luaL_checkstring(L, 2);
  lua_pushnumber(L, point[name[0] - 'x']);
  return 1;
}

static int writesPoint(lua_State* L) {
  double* point = (double*)luaL_checkudata(L, 1, "test.point");
  point[luaL_checkstring(L, 2)[0] - 'x'] = luaL_checknumber(L, 3);
  return 0;
}

static int addsPoints(lua_State* L) {
  const double* left = (const double*)luaL_checkudata(L, 1, "test.point");
  const double* right = (const double*)luaL_checkudata(L, 2, "test.point");
  double* sum = (double*)lua_newuserdatauv(L, 2 * sizeof(double), 0);
  sum[0] = left[0] + right[0];
  sum[1] = left[1] + right[1];
  luaL_setmetatable(L, "test.point");
  return 1;
}

static int makesPoint(lua_State* L) {
  double x = luaL_optnumber(L, 1, 0);
  double y = luaL_optnumber(L, 2, 0);
  double* point = (double*)lua_newuserdatauv(L, 2 * sizeof(double), 0);
  point[0] = x;
  point[1] = y;
  luaL_setmetatable(L, "test.point");
  return 1;
}

/* A type of objects made in C, used by hot Lua code. */
static void objects(lua_State* L) {
  static const luaL_Reg events[] = {
      {"__index", readsPoint}, {"__newindex", writesPoint}, {"__add", addsPoints}, {NULL, NULL}};
  CHECK_INTEGER(1, luaL_newmetatable(L, "test.point"));
  luaL_setfuncs(L, events, 0);
  lua_pop(L, 1);
  lua_register(L, "Point", makesPoint);
  CHECK_LUA(L,
            "local p = Point(1, 2) for i = 1, 1000 do p = p + Point(i, 1); p.x = p.x + 1 end"
            " return p.x == 1 + 500500 + 1000 and p.y == 1002");
  CHECK_LUA(L,
            "local ok, message = pcall(function() return Point(1) + 1 end)"
            " return message:find('test.point expected, got number', 1, true)");
  CHECK_LUA(L,
            "local ok, message = pcall(function() local p = Point(1) p.x = {} end)"
            " return message:find('number expected, got table', 1, true)");
}

const Test tableTests[] = {{"fields", fields},
                           {"fieldNames", fieldNames},
                           {"changingNames", changingNames},
                           {"tablesOfAllKinds", tablesOfAllKinds},
                           {"elements", elements},
                           {"globals", globals},
                           {"metamethods", metamethods},
                           {"errors", errors},
                           {"traversal", traversal},
                           {"metatables", metatables},
                           {"userdata", userdata},
                           {"userValues", userValues},
                           {"objects", objects},
                           {NULL, NULL}};
