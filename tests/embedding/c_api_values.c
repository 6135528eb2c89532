/* Values in and out of C: pushing, reading, converting, comparing, arithmetic. */
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "c_api_check.h"

static int nothing(lua_State* L) {
  (void)L;
  return 0;
}

static void types(lua_State* L) {
  static const char* names[] = {"nil",   "boolean",  "userdata", "number", "string",
                                "table", "function", "userdata", "thread"};
  int object;
  int i;
  lua_pushnil(L);
  lua_pushboolean(L, 7);
  lua_pushlightuserdata(L, &object);
  lua_pushinteger(L, 3);
  lua_pushliteral(L, "text");
  lua_newtable(L);
  lua_pushcfunction(L, nothing);
  lua_newuserdatauv(L, 8, 0);
  lua_newthread(L);
  for (i = 1; i <= 9; ++i) {
    CHECK_INTEGER(i - 1, lua_type(L, i));
    CHECK_TEXT(names[i - 1], lua_typename(L, i - 1));
    CHECK_TEXT(names[i - 1], luaL_typename(L, i));
    CHECK_INTEGER(i != 1, lua_toboolean(L, i));
    CHECK_INTEGER(i == 4 || i == 5, lua_isstring(L, i));
    CHECK_INTEGER(i == 4, lua_isnumber(L, i));
    CHECK_INTEGER(i == 3 || i == 8, lua_isuserdata(L, i));
    CHECK_INTEGER(i == 7, lua_iscfunction(L, i));
    CHECK_INTEGER(i == 3, lua_islightuserdata(L, i));
    CHECK_INTEGER(i == 6, lua_istable(L, i));
    CHECK_INTEGER(i == 7, lua_isfunction(L, i));
    CHECK_INTEGER(i == 9, lua_isthread(L, i));
    CHECK_INTEGER(i == 2, lua_isboolean(L, i));
    CHECK_INTEGER(i == 1, lua_isnil(L, i));
  }
  CHECK_TEXT("no value", lua_typename(L, LUA_TNONE));
  CHECK(lua_touserdata(L, 3) == &object);
  CHECK(lua_topointer(L, 3) == &object);
  CHECK(lua_tocfunction(L, 7) == nothing);
  CHECK(lua_touserdata(L, 8) == lua_topointer(L, 8));
  CHECK(lua_tothread(L, 9) == lua_topointer(L, 9));
  CHECK(lua_topointer(L, 6) != NULL && lua_topointer(L, 5) != NULL);
  CHECK(lua_topointer(L, 1) == NULL && lua_topointer(L, 2) == NULL && lua_topointer(L, 4) == NULL);
  lua_settop(L, 0);
  runCode(L, "return print, function() end");
  CHECK(lua_iscfunction(L, 1) && lua_tocfunction(L, 1) != NULL);
  lua_pushcfunction(L, lua_tocfunction(L, 1));
  CHECK(lua_rawequal(L, 1, -1));
  lua_pop(L, 1);
  CHECK(!lua_iscfunction(L, 2) && lua_tocfunction(L, 2) == NULL && lua_topointer(L, 2) != NULL);
  lua_settop(L, 0);
}

static void booleans(lua_State* L) {
  lua_pushboolean(L, 0);
  lua_pushboolean(L, 1);
  lua_pushboolean(L, -5);
  CHECK(!lua_toboolean(L, 1) && lua_toboolean(L, 2));
  CHECK_INTEGER(1, lua_toboolean(L, 3));
  CHECK(lua_rawequal(L, 2, 3) && !lua_rawequal(L, 1, 2));
  lua_settop(L, 0);
}

static void integers(lua_State* L) {
  int isInteger = -1;
  lua_pushinteger(L, LUA_MAXINTEGER);
  lua_pushinteger(L, LUA_MININTEGER);
  CHECK_INTEGER(LUA_MAXINTEGER, lua_tointeger(L, 1));
  CHECK_INTEGER(LUA_MININTEGER, lua_tointegerx(L, 2, &isInteger));
  CHECK_INTEGER(1, isInteger);
  CHECK(lua_isinteger(L, 1));
  lua_pushnumber(L, 12.0);
  CHECK(!lua_isinteger(L, 3));
  CHECK_INTEGER(12, lua_tointegerx(L, 3, &isInteger));
  CHECK_INTEGER(1, isInteger);
  lua_pushnumber(L, 12.5);
  CHECK_INTEGER(0, lua_tointegerx(L, 4, &isInteger));
  CHECK_INTEGER(0, isInteger);
  lua_pushnumber(L, 9223372036854775808.0);
  CHECK_INTEGER(0, lua_tointegerx(L, 5, &isInteger));
  CHECK_INTEGER(0, isInteger);
  lua_pushliteral(L, " 0x10 ");
  CHECK_INTEGER(16, lua_tointegerx(L, 6, &isInteger));
  CHECK_INTEGER(1, isInteger);
  CHECK(lua_isnumber(L, 6) && !lua_isinteger(L, 6));
  lua_pushliteral(L, "3.0");
  CHECK_INTEGER(3, lua_tointegerx(L, 7, &isInteger));
  CHECK_INTEGER(1, isInteger);
  lua_pushliteral(L, "3.5");
  lua_tointegerx(L, 8, &isInteger);
  CHECK_INTEGER(0, isInteger);
  lua_pushliteral(L, "ten");
  lua_tointegerx(L, 9, &isInteger);
  CHECK_INTEGER(0, isInteger);
  CHECK(!lua_isnumber(L, 9));
  lua_settop(L, 0);
}

static void floats(lua_State* L) {
  int isNumber = -1;
  lua_pushnumber(L, 0.1);
  CHECK(lua_tonumberx(L, 1, &isNumber) == 0.1 && isNumber == 1);
  lua_pushinteger(L, 1LL << 53);
  CHECK(lua_tonumber(L, 2) == 9007199254740992.0);
  lua_pushliteral(L, "1e2");
  CHECK(lua_tonumber(L, 3) == 100.0);
  lua_pushliteral(L, "1e2x");
  CHECK(lua_tonumberx(L, 4, &isNumber) == 0.0 && isNumber == 0);
  lua_newtable(L);
  CHECK(lua_tonumberx(L, 5, &isNumber) == 0.0 && isNumber == 0);
  lua_pushnumber(L, NAN);
  CHECK(lua_tonumber(L, 6) != lua_tonumber(L, 6));
  CHECK(!lua_rawequal(L, 6, 6));
  lua_pushnumber(L, -0.0);
  lua_pushinteger(L, 0);
  CHECK(lua_rawequal(L, 7, 8));
  CHECK(signbit(lua_tonumber(L, 7)));
  lua_settop(L, 0);
}

static void strings(lua_State* L) {
  size_t length;
  const char* text;
  static const char binary[] = "a\0b\0c";
  char longText[5000];
  lua_pushlstring(L, binary, 5);
  text = lua_tolstring(L, 1, &length);
  CHECK_INTEGER(5, length);
  CHECK(memcmp(text, binary, 6) == 0);
  CHECK_INTEGER(5, lua_rawlen(L, 1));
  text = lua_pushstring(L, "copied");
  CHECK(text == lua_tostring(L, 2));
  CHECK_TEXT("copied", text);
  CHECK(lua_pushstring(L, NULL) == NULL);
  CHECK(lua_isnil(L, 3));
  CHECK_TEXT("", lua_pushlstring(L, NULL, 0));
  CHECK_TEXT("literal", lua_pushliteral(L, "literal"));
  memset(longText, 'x', sizeof(longText));
  text = lua_pushlstring(L, longText, sizeof(longText));
  CHECK(memcmp(text, longText, sizeof(longText)) == 0 && text[sizeof(longText)] == '\0');
  lua_pushlstring(L, longText, sizeof(longText));
  CHECK(lua_rawequal(L, -1, -2));
  lua_settop(L, 0);
  /* Numbers are converted where they stand. */
  lua_pushinteger(L, -12);
  CHECK_TEXT("-12", lua_tolstring(L, 1, &length));
  CHECK_INTEGER(3, length);
  CHECK_INTEGER(LUA_TSTRING, lua_type(L, 1));
  lua_pushnumber(L, 2.0);
  CHECK_TEXT("2.0", lua_tostring(L, 2));
  lua_pushnumber(L, 1e100);
  CHECK_TEXT("1e+100", lua_tostring(L, 3));
  lua_pushboolean(L, 1);
  length = 99;
  CHECK(lua_tolstring(L, 4, &length) == NULL);
  CHECK_INTEGER(0, length);
  CHECK(lua_isboolean(L, 4));
  lua_settop(L, 0);
}

/* The text stays where it is as long as the string can be reached. */
static void stringsStay(lua_State* L) {
  const char* texts[100];
  char expected[200];
  int i;
  lua_newtable(L);
  for (i = 0; i < 100; ++i) {
    texts[i] = lua_pushfstring(L, "string number %d %s", i,
                               i % 2 == 0 ? "" : "which is longer than what is kept as a short one");
    lua_rawseti(L, 1, i + 1);
  }
  for (i = 0; i < 3; ++i) {
    runCode(L, "local t = {} for i = 1, 20000 do t[i] = 'garbage' .. i end");
    lua_gc(L, LUA_GCCOLLECT);
  }
  for (i = 0; i < 100; ++i) {
    snprintf(expected, sizeof(expected), "string number %d %s", i,
             i % 2 == 0 ? "" : "which is longer than what is kept as a short one");
    CHECK_TEXT(expected, texts[i]);
  }
  lua_pop(L, 1);
}

static const char* pushFormatted(lua_State* L, const char* format, ...) {
  va_list arguments;
  const char* result;
  va_start(arguments, format);
  result = lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  return result;
}

static int badDirective(lua_State* L) {
  lua_pushfstring(L, "%x", 1);
  return 0;
}

static void formatting(lua_State* L) {
  char expected[64];
  char longText[1000];
  int object;
  CHECK_TEXT("text 12 -5 % A", lua_pushfstring(L, "%s %d %I %% %c", "text", 12, (LUAI_UACINT)-5, 'A'));
  CHECK_TEXT("2.5 3.0 1e+15 -inf", lua_pushfstring(L, "%f %f %f %f", 2.5, 3.0, 1e15, -HUGE_VAL));
  CHECK_TEXT("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", lua_pushfstring(L, "%U%U%U", 0xE4L, 0x20ACL, 0x1F600L));
  CHECK_TEXT("(null)", lua_pushfstring(L, "%s", (const char*)NULL));
  CHECK_TEXT("", lua_pushfstring(L, ""));
  CHECK_TEXT("plain", lua_pushfstring(L, "plain"));
  CHECK_TEXT("-2147483648 2147483647", pushFormatted(L, "%d %d", (int)(-2147483647 - 1), 2147483647));
  CHECK_TEXT("-9223372036854775808", pushFormatted(L, "%I", (LUAI_UACINT)LUA_MININTEGER));
  snprintf(expected, sizeof(expected), "<%p>", (void*)&object);
  CHECK_TEXT(expected, lua_pushfstring(L, "<%p>", (void*)&object));
  CHECK_INTEGER(9, lua_gettop(L));
  memset(longText, 'y', sizeof(longText) - 1);
  longText[sizeof(longText) - 1] = '\0';
  lua_pushfstring(L, "%s%d%s%d%s", longText, 1, longText, 2, longText);
  CHECK_INTEGER(3 * 999 + 2, lua_rawlen(L, -1));
  lua_settop(L, 0);
  lua_pushfstring(L, "a%cb", 0);
  CHECK_INTEGER(3, lua_rawlen(L, -1));
  lua_settop(L, 0);
  CHECK_ERROR(L, badDirective, "invalid option '%x' to 'lua_pushfstring'");
}

static void numbersFromText(lua_State* L) {
  CHECK_INTEGER(3, lua_stringtonumber(L, "12"));
  CHECK(lua_isinteger(L, -1) && lua_tointeger(L, -1) == 12);
  CHECK_INTEGER(8, lua_stringtonumber(L, " 0x1p4 "));
  CHECK(!lua_isinteger(L, -1) && lua_tonumber(L, -1) == 16.0);
  CHECK_INTEGER(20, lua_stringtonumber(L, "9223372036854775808"));
  CHECK(!lua_isinteger(L, -1));
  CHECK_INTEGER(3, lua_gettop(L));
  CHECK_INTEGER(0, lua_stringtonumber(L, "12a"));
  CHECK_INTEGER(0, lua_stringtonumber(L, ""));
  CHECK_INTEGER(0, lua_stringtonumber(L, "nan"));
  CHECK_INTEGER(0, lua_stringtonumber(L, "0x"));
  CHECK_INTEGER(3, lua_gettop(L));
  lua_settop(L, 0);
}

static int addsTables(lua_State* L) {
  lua_newtable(L);
  lua_newtable(L);
  lua_arith(L, LUA_OPADD);
  return 1;
}

static int dividesByZero(lua_State* L) {
  lua_pushinteger(L, 1);
  lua_pushinteger(L, 0);
  lua_arith(L, LUA_OPIDIV);
  return 1;
}

static int usesFractions(lua_State* L) {
  lua_pushnumber(L, 1.5);
  lua_pushinteger(L, 1);
  lua_arith(L, LUA_OPBAND);
  return 1;
}

static void arithmetic(lua_State* L) {
  static const struct {
    int operation;
    lua_Integer left;
    lua_Integer right;
    lua_Number result;
    int isInteger;
  } cases[] = {{LUA_OPADD, 7, 3, 10, 1},   {LUA_OPSUB, 7, 3, 4, 1},     {LUA_OPMUL, 7, 3, 21, 1},
               {LUA_OPMOD, -7, 3, 2, 1},   {LUA_OPPOW, 2, 10, 1024, 0}, {LUA_OPDIV, 7, 2, 3.5, 0},
               {LUA_OPIDIV, -7, 2, -4, 1}, {LUA_OPBAND, 12, 10, 8, 1},  {LUA_OPBOR, 12, 10, 14, 1},
               {LUA_OPBXOR, 12, 10, 6, 1}, {LUA_OPSHL, 3, 4, 48, 1},    {LUA_OPSHR, 48, 4, 3, 1},
               {LUA_OPSHL, 48, -4, 3, 1},  {LUA_OPSHL, 1, 64, 0, 1}};
  size_t i;
  for (i = 0; i < COUNT(cases); ++i) {
    lua_pushinteger(L, cases[i].left);
    lua_pushinteger(L, cases[i].right);
    lua_arith(L, cases[i].operation);
    CHECK_INTEGER(1, lua_gettop(L));
    CHECK_INTEGER(cases[i].isInteger, lua_isinteger(L, 1));
    CHECK(lua_tonumber(L, 1) == cases[i].result);
    lua_settop(L, 0);
  }
  lua_pushinteger(L, 5);
  lua_arith(L, LUA_OPUNM);
  CHECK_INTEGER(-5, lua_tointeger(L, 1));
  lua_arith(L, LUA_OPBNOT);
  CHECK_INTEGER(4, lua_tointeger(L, 1));
  lua_settop(L, 0);
  lua_pushliteral(L, "10");
  lua_pushinteger(L, 5);
  lua_arith(L, LUA_OPADD);
  CHECK(lua_isinteger(L, 1) && lua_tointeger(L, 1) == 15);
  lua_settop(L, 0);
  lua_pushinteger(L, LUA_MAXINTEGER);
  lua_pushinteger(L, 1);
  lua_arith(L, LUA_OPADD);
  CHECK_INTEGER(LUA_MININTEGER, lua_tointeger(L, 1));
  lua_settop(L, 0);
  runCode(L,
          "return setmetatable({}, {__add = function(a, b) return 'added' end, __unm = function() return 'negated' end,"
          " __idiv = function(a, b) return b end})");
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 1);
  lua_arith(L, LUA_OPADD);
  CHECK_TEXT("added", lua_tostring(L, -1));
  lua_settop(L, 1);
  lua_pushinteger(L, 1);
  lua_pushvalue(L, 1);
  lua_arith(L, LUA_OPIDIV);
  CHECK(lua_rawequal(L, 1, -1));
  lua_settop(L, 1);
  lua_arith(L, LUA_OPUNM);
  CHECK_TEXT("negated", lua_tostring(L, -1));
  lua_settop(L, 0);
  CHECK_ERROR(L, addsTables, "attempt to perform arithmetic on a table value");
  CHECK_ERROR(L, dividesByZero, "attempt to divide by zero");
  CHECK_ERROR(L, usesFractions, "number has no integer representation");
}

static int comparesTables(lua_State* L) {
  lua_newtable(L);
  lua_newtable(L);
  lua_compare(L, 1, 2, LUA_OPLT);
  return 0;
}

static int comparesMixed(lua_State* L) {
  lua_pushinteger(L, 1);
  lua_pushliteral(L, "1");
  lua_compare(L, 1, 2, LUA_OPLE);
  return 0;
}

static void comparison(lua_State* L) {
  lua_pushinteger(L, 1);
  lua_pushnumber(L, 1.0);
  lua_pushinteger(L, 2);
  lua_pushliteral(L, "a");
  lua_pushliteral(L, "b");
  lua_pushliteral(L, "1");
  CHECK(lua_compare(L, 1, 2, LUA_OPEQ) && lua_rawequal(L, 1, 2));
  CHECK(!lua_compare(L, 1, 2, LUA_OPLT) && lua_compare(L, 1, 2, LUA_OPLE));
  CHECK(lua_compare(L, 1, 3, LUA_OPLT) && lua_compare(L, 1, 3, LUA_OPLE) && !lua_compare(L, 3, 1, LUA_OPLE));
  CHECK(lua_compare(L, 4, 5, LUA_OPLT) && !lua_compare(L, 5, 4, LUA_OPLT));
  CHECK(!lua_compare(L, 1, 6, LUA_OPEQ));
  CHECK(lua_compare(L, -3, -2, LUA_OPLT));
  CHECK(!lua_compare(L, 1, 99, LUA_OPLT));
  lua_settop(L, 0);
  runCode(
      L,
      "local mt = {__eq = function() return 1 end, __lt = function() return nil end, __le = function() return {} end}"
      " return setmetatable({}, mt), setmetatable({}, mt)");
  CHECK(lua_compare(L, 1, 2, LUA_OPEQ) == 1 && !lua_rawequal(L, 1, 2));
  CHECK(lua_compare(L, 1, 2, LUA_OPLT) == 0 && lua_compare(L, 1, 2, LUA_OPLE) == 1);
  CHECK_INTEGER(2, lua_gettop(L));
  lua_settop(L, 0);
  CHECK_ERROR(L, comparesTables, "attempt to compare two table values");
  CHECK_ERROR(L, comparesMixed, "attempt to compare number with string");
}

static int concatenatesNil(lua_State* L) {
  lua_pushliteral(L, "a");
  lua_pushnil(L);
  lua_concat(L, 2);
  return 1;
}

static int measuresNumber(lua_State* L) {
  lua_pushinteger(L, 1);
  lua_len(L, 1);
  return 1;
}

static void concatenationAndLength(lua_State* L) {
  int i;
  lua_concat(L, 0);
  CHECK_TEXT("", lua_tostring(L, 1));
  lua_settop(L, 0);
  lua_newtable(L);
  lua_concat(L, 1);
  CHECK(lua_istable(L, 1));
  lua_settop(L, 0);
  lua_pushliteral(L, "a");
  lua_pushinteger(L, 1);
  lua_pushnumber(L, 1.5);
  lua_pushliteral(L, "");
  lua_concat(L, 4);
  CHECK_TEXT("a11.5", lua_tostring(L, 1));
  CHECK_INTEGER(1, lua_gettop(L));
  lua_settop(L, 0);
  for (i = 0; i < 15; ++i) lua_pushinteger(L, i);
  lua_concat(L, 15);
  CHECK_TEXT("01234567891011121314", lua_tostring(L, 1));
  lua_settop(L, 0);
  runCode(L,
          "return setmetatable({}, {__concat = function(a, b) return type(a) .. '+' .. type(b) end, __len = function() "
          "return 'long' end})");
  lua_pushliteral(L, "x");
  lua_pushvalue(L, 1);
  lua_concat(L, 2);
  CHECK_TEXT("string+table", lua_tostring(L, -1));
  lua_len(L, 1);
  CHECK_TEXT("long", lua_tostring(L, -1));
  lua_settop(L, 0);
  lua_pushliteral(L, "12345");
  lua_len(L, 1);
  CHECK(lua_isinteger(L, -1) && lua_tointeger(L, -1) == 5);
  runCode(L, "return {1, 2, 3}");
  lua_len(L, -1);
  CHECK_INTEGER(3, lua_tointeger(L, -1));
  CHECK_INTEGER(3, lua_rawlen(L, -2));
  lua_newuserdatauv(L, 24, 1);
  CHECK_INTEGER(24, lua_rawlen(L, -1));
  lua_settop(L, 0);
  CHECK_ERROR(L, concatenatesNil, "attempt to concatenate a nil value");
  CHECK_ERROR(L, measuresNumber, "attempt to get length of a number value");
}

static void version(lua_State* L) {
  CHECK(lua_version(L) == 504);
  CHECK(lua_version(NULL) == 504);
  luaL_checkversion(L);
  CHECK(strncmp(LUA_RELEASE, "Lua 5.4.", 8) == 0);
  CHECK(strstr(lua_ident, "$LuaVersion: Lua 5.4.") != NULL);
}

const Test valueTests[] = {{"types", types},
                           {"booleans", booleans},
                           {"integers", integers},
                           {"floats", floats},
                           {"strings", strings},
                           {"stringsStay", stringsStay},
                           {"formatting", formatting},
                           {"numbersFromText", numbersFromText},
                           {"arithmetic", arithmetic},
                           {"comparison", comparison},
                           {"concatenationAndLength", concatenationAndLength},
                           {"version", version},
                           {NULL, NULL}};
