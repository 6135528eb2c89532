// The auxiliary library's references: values kept in a table under small integers, which C code can store.
//
// Numbers given back form a list within the table: the element at `freeListIndex` is the first of them (0: none), and
// the element under each is the next. The index follows those that the registry uses itself, which is the table that
// most references are in; other tables keep it free likewise.
#include "lauxlib.h"

namespace {

constexpr lua_Integer freeListIndex = LUA_RIDX_LAST + 1;

}  // namespace

LUALIB_API int luaL_ref(lua_State* L, int t) {
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return LUA_REFNIL;
  }
  t = lua_absindex(L, t);
  lua_Integer reference = 0;
  if (lua_rawgeti(L, t, freeListIndex) == LUA_TNIL) {
    lua_pushinteger(L, 0);
    lua_rawseti(L, t, freeListIndex);
  } else {
    reference = lua_tointeger(L, -1);
  }
  lua_pop(L, 1);
  if (reference != 0) {
    lua_rawgeti(L, t, reference);
    lua_rawseti(L, t, freeListIndex);
  } else {
    reference = static_cast<lua_Integer>(lua_rawlen(L, t)) + 1;
  }
  lua_rawseti(L, t, reference);
  return static_cast<int>(reference);
}

LUALIB_API void luaL_unref(lua_State* L, int t, int ref) {
  if (ref < 0) return;  // LUA_NOREF, LUA_REFNIL
  t = lua_absindex(L, t);
  lua_rawgeti(L, t, freeListIndex);
  lua_rawseti(L, t, ref);
  lua_pushinteger(L, ref);
  lua_rawseti(L, t, freeListIndex);
}
