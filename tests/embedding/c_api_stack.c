/* The stack itself: indices, moving values about, room, several threads. */
#include "c_api_check.h"

static void pushIntegers(lua_State* L, int from, int to) {
  for (; from <= to; ++from) lua_pushinteger(L, from);
}

/* The stack's integers as text, from the bottom up, and empties it. */
static const char* describe(lua_State* L) {
  static char text[200];
  size_t used = 0;
  int i;
  text[0] = '\0';
  for (i = 1; i <= lua_gettop(L); ++i) {
    used +=
        (size_t)snprintf(text + used, sizeof(text) - used, i == 1 ? "%lld" : " %lld", (long long)lua_tointeger(L, i));
  }
  lua_settop(L, 0);
  return text;
}

static void tops(lua_State* L) {
  CHECK_INTEGER(0, lua_gettop(L));
  lua_settop(L, 3);
  CHECK_INTEGER(3, lua_gettop(L));
  CHECK(lua_isnil(L, 1) && lua_isnil(L, 2) && lua_isnil(L, 3));
  lua_settop(L, -2);
  CHECK_INTEGER(2, lua_gettop(L));
  lua_pop(L, 1);
  CHECK_INTEGER(1, lua_gettop(L));
  lua_settop(L, 0);
}

static void absoluteIndices(lua_State* L) {
  pushIntegers(L, 1, 4);
  CHECK_INTEGER(4, lua_absindex(L, -1));
  CHECK_INTEGER(1, lua_absindex(L, -4));
  CHECK_INTEGER(2, lua_absindex(L, 2));
  CHECK_INTEGER(LUA_REGISTRYINDEX, lua_absindex(L, LUA_REGISTRYINDEX));
  CHECK_INTEGER(lua_upvalueindex(3), lua_absindex(L, lua_upvalueindex(3)));
  lua_settop(L, 0);
}

static void moving(lua_State* L) {
  pushIntegers(L, 1, 5);
  lua_insert(L, 2);
  CHECK_TEXT("1 5 2 3 4", describe(L));
  pushIntegers(L, 1, 5);
  lua_remove(L, 2);
  CHECK_TEXT("1 3 4 5", describe(L));
  pushIntegers(L, 1, 5);
  lua_remove(L, -1);
  CHECK_TEXT("1 2 3 4", describe(L));
  pushIntegers(L, 1, 5);
  lua_replace(L, 2);
  CHECK_TEXT("1 5 3 4", describe(L));
  pushIntegers(L, 1, 5);
  lua_rotate(L, 1, 2);
  CHECK_TEXT("4 5 1 2 3", describe(L));
  pushIntegers(L, 1, 5);
  lua_rotate(L, -4, -1);
  CHECK_TEXT("1 3 4 5 2", describe(L));
  pushIntegers(L, 1, 5);
  lua_rotate(L, 2, 0);
  lua_rotate(L, 5, 1);
  CHECK_TEXT("1 2 3 4 5", describe(L));
  pushIntegers(L, 1, 3);
  lua_copy(L, 1, 3);
  lua_copy(L, -2, 1);
  CHECK_TEXT("2 2 1", describe(L));
  pushIntegers(L, 1, 3);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, -3);
  CHECK_TEXT("1 2 3 1 2", describe(L));
}

static void absentValues(lua_State* L) {
  CHECK_INTEGER(LUA_TNONE, lua_type(L, 1));
  CHECK_INTEGER(LUA_TNONE, lua_type(L, 20));
  CHECK(lua_isnone(L, 5) && lua_isnoneornil(L, 5) && !lua_isnil(L, 5));
  CHECK(lua_tostring(L, 3) == NULL);
  CHECK(lua_touserdata(L, 3) == NULL);
  CHECK(lua_topointer(L, 3) == NULL);
  CHECK(lua_tocfunction(L, 3) == NULL);
  CHECK(lua_tothread(L, 3) == NULL);
  CHECK(!lua_toboolean(L, 3));
  CHECK_INTEGER(0, lua_rawlen(L, 3));
  CHECK_INTEGER(0, lua_tointeger(L, 3));
  CHECK(lua_tonumber(L, 3) == 0.0);
  CHECK(!lua_isnumber(L, 3) && !lua_isstring(L, 3) && !lua_iscfunction(L, 3) && !lua_isinteger(L, 3) &&
        !lua_isuserdata(L, 3));
  CHECK(!lua_rawequal(L, 3, 4));
  CHECK(!lua_compare(L, 3, 4, LUA_OPEQ));
  CHECK_INTEGER(LUA_TNONE, lua_type(L, lua_upvalueindex(1)));
}

static void room(lua_State* L) {
  int i;
  CHECK(lua_checkstack(L, 5000));
  for (i = 1; i <= 5000; ++i) lua_pushinteger(L, i);
  CHECK_INTEGER(1, lua_tointeger(L, 1));
  CHECK_INTEGER(5000, lua_tointeger(L, -1));
  CHECK_INTEGER(5000, lua_gettop(L));
  lua_settop(L, 0);
  CHECK(lua_checkstack(L, 900000));
  CHECK(!lua_checkstack(L, LUAI_MAXSTACK + 1));
  CHECK(!lua_checkstack(L, 2000000000));
  lua_settop(L, 600000);
  CHECK(lua_isnil(L, 600000));
  CHECK(!lua_checkstack(L, 500000));
  lua_settop(L, 0);
}

/* Upvalues 1 and 2 of this function; a third does not exist. */
static int usesUpvalues(lua_State* L) {
  CHECK_INTEGER(LUA_TNUMBER, lua_type(L, lua_upvalueindex(1)));
  CHECK_TEXT("kept", lua_tostring(L, lua_upvalueindex(2)));
  CHECK_INTEGER(LUA_TNONE, lua_type(L, lua_upvalueindex(3)));
  CHECK(lua_isnone(L, lua_upvalueindex(255)));
  lua_pushinteger(L, lua_tointeger(L, lua_upvalueindex(1)) + 1);
  lua_copy(L, -1, lua_upvalueindex(1));
  lua_pushvalue(L, lua_upvalueindex(1));
  CHECK(lua_rawequal(L, -1, lua_upvalueindex(1)));
  return 1;
}

static void upvalues(lua_State* L) {
  int i;
  lua_pushinteger(L, 10);
  lua_pushliteral(L, "kept");
  lua_pushcclosure(L, usesUpvalues, 2);
  CHECK_INTEGER(1, lua_gettop(L));
  for (i = 1; i <= 3; ++i) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    CHECK_INTEGER(10 + i, lua_tointeger(L, -1));
    lua_pop(L, 1);
  }
  lua_setglobal(L, "counter");
  CHECK_LUA(L, "local n = 0 for i = 1, 200 do n = counter() end return n == 213");
}

static int countsUpvalues(lua_State* L) {
  int i;
  lua_Integer sum = 0;
  for (i = 1; i <= 255; ++i) sum += lua_tointeger(L, lua_upvalueindex(i));
  lua_pushinteger(L, sum);
  return 1;
}

static void manyUpvalues(lua_State* L) {
  CHECK(lua_checkstack(L, 255));
  pushIntegers(L, 1, 255);
  lua_pushcclosure(L, countsUpvalues, 255);
  CHECK_INTEGER(1, lua_gettop(L));
  lua_call(L, 0, 1);
  CHECK_INTEGER(255 * 256 / 2, lua_tointeger(L, -1));
  lua_pop(L, 1);
}

static void registry(lua_State* L) {
  CHECK(lua_istable(L, LUA_REGISTRYINDEX));
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  CHECK(lua_tothread(L, -1) == L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_pushglobaltable(L);
  CHECK(lua_rawequal(L, -1, -2));
  lua_getglobal(L, "_G");
  CHECK(lua_rawequal(L, -1, -2));
  lua_settop(L, 0);
  lua_pushliteral(L, "value");
  lua_setfield(L, LUA_REGISTRYINDEX, "test.key");
  lua_getfield(L, LUA_REGISTRYINDEX, "test.key");
  CHECK_TEXT("value", lua_tostring(L, -1));
  lua_pop(L, 1);
  /* Another table of globals, for chunks that are loaded from now on. */
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_newtable(L);
  lua_pushliteral(L, "other");
  lua_setfield(L, -2, "name");
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  CHECK_INTEGER(LUA_TSTRING, lua_getglobal(L, "name"));
  CHECK_TEXT("other", lua_tostring(L, -1));
  lua_pop(L, 1);
  CHECK_INTEGER(1, runCode(L, "return name"));
  CHECK_TEXT("other", lua_tostring(L, -1));
  lua_pop(L, 1);
  lua_pushinteger(L, 7);
  lua_setglobal(L, "number");
  CHECK_INTEGER(1, runCode(L, "return number"));
  CHECK_INTEGER(7, lua_tointeger(L, -1));
  lua_pop(L, 1);
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  CHECK_LUA(L, "return name == nil and number == nil and print ~= nil");
}

static void otherThreads(lua_State* L) {
  lua_State* other = lua_newthread(L);
  CHECK_INTEGER(LUA_TTHREAD, lua_type(L, -1));
  CHECK(lua_tothread(L, -1) == other);
  CHECK(other != L);
  CHECK_INTEGER(0, lua_gettop(other));
  pushIntegers(L, 1, 3);
  lua_xmove(L, other, 2);
  CHECK_INTEGER(2, lua_gettop(L));
  CHECK_TEXT("2 3", describe(other));
  pushIntegers(other, 7, 9);
  lua_xmove(other, L, 1);
  CHECK_INTEGER(9, lua_tointeger(L, -1));
  lua_xmove(L, L, 1);
  CHECK_INTEGER(3, lua_gettop(L));
  lua_xmove(L, other, 0);
  CHECK_TEXT("7 8", describe(other));
  lua_settop(L, 1);
  CHECK(lua_pushthread(L));
  CHECK(!lua_pushthread(other));
  CHECK(lua_tothread(other, -1) == other);
  lua_xmove(other, L, 1);
  CHECK(lua_rawequal(L, 1, 3));
  CHECK(!lua_rawequal(L, 1, 2));
  /* Globals are shared; stacks are not. */
  lua_pushliteral(other, "shared");
  lua_setglobal(other, "fromOther");
  CHECK_LUA(L, "return fromOther == 'shared'");
  CHECK_INTEGER(1, runCode(other, "return fromOther .. '!'"));
  CHECK_TEXT("shared!", lua_tostring(other, -1));
  lua_settop(other, 0);
  lua_settop(L, 0);
}

const Test stackTests[] = {{"tops", tops},
                           {"absoluteIndices", absoluteIndices},
                           {"moving", moving},
                           {"absentValues", absentValues},
                           {"room", room},
                           {"upvalues", upvalues},
                           {"manyUpvalues", manyUpvalues},
                           {"registry", registry},
                           {"otherThreads", otherThreads},
                           {NULL, NULL}};
