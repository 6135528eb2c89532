// The auxiliary library's functions on values of any type: as text, their length, tables within tables.
#include "lauxlib.h"

LUALIB_API const char* luaL_tolstring(lua_State* L, int idx, size_t* len) {
  idx = lua_absindex(L, idx);
  if (luaL_callmeta(L, idx, "__tostring") != 0) {
    if (lua_isstring(L, -1) == 0) luaL_error(L, "'__tostring' must return a string");
    return lua_tolstring(L, -1, len);
  }
  switch (lua_type(L, idx)) {
    case LUA_TNIL: lua_pushliteral(L, "nil"); break;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, idx) != 0 ? "true" : "false"); break;
    case LUA_TNUMBER:
      if (lua_isinteger(L, idx) != 0) {
        lua_pushfstring(L, "%I", static_cast<LUAI_UACINT>(lua_tointeger(L, idx)));
      } else {
        lua_pushfstring(L, "%f", static_cast<LUAI_UACNUMBER>(lua_tonumber(L, idx)));
      }
      break;
    case LUA_TSTRING: lua_pushvalue(L, idx); break;
    default: {
      const int nameType = luaL_getmetafield(L, idx, "__name");
      const char* kind = nameType == LUA_TSTRING ? lua_tostring(L, -1) : luaL_typename(L, idx);
      lua_pushfstring(L, "%s: %p", kind, lua_topointer(L, idx));
      if (nameType != LUA_TNIL) lua_remove(L, -2);
      break;
    }
  }
  return lua_tolstring(L, -1, len);
}

LUALIB_API lua_Integer luaL_len(lua_State* L, int idx) {
  lua_len(L, idx);
  int isInteger;
  const lua_Integer length = lua_tointegerx(L, -1, &isInteger);
  if (luai_unlikely(isInteger == 0)) luaL_error(L, "object length is not an integer");
  lua_pop(L, 1);
  return length;
}

LUALIB_API int luaL_getsubtable(lua_State* L, int idx, const char* fname) {
  if (lua_getfield(L, idx, fname) == LUA_TTABLE) return 1;
  lua_pop(L, 1);
  idx = lua_absindex(L, idx);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, idx, fname);
  return 0;
}
