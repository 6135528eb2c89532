/* A C module: objects that count. */
#include "lauxlib.h"
#include "lua.h"

static int increase(lua_State* L) {
  lua_Integer* count = (lua_Integer*)luaL_checkudata(L, 1, "counter");
  *count += luaL_optinteger(L, 2, 1);
  lua_pushinteger(L, *count);
  return 1;
}

static int make(lua_State* L) {
  lua_Integer* count = (lua_Integer*)lua_newuserdatauv(L, sizeof(lua_Integer), 0);
  *count = luaL_optinteger(L, 1, 0);
  luaL_setmetatable(L, "counter");
  return 1;
}

static const luaL_Reg functions[] = {{"new", make}, {NULL, NULL}};

LUAMOD_API int luaopen_counter(lua_State* L) {
  if (luaL_newmetatable(L, "counter")) {
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, increase);
    lua_setfield(L, -2, "increase");
  }
  luaL_newlib(L, functions);
  return 1;
}
