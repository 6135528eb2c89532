// The auxiliary library's helpers for modules: checking that a module and the library fit together, filling a module's
// table, and loading one that is linked into the program.
#include "lauxlib.h"

LUALIB_API void luaL_checkversion_(lua_State* L, lua_Number ver, size_t sz) {
  const lua_Number version = lua_version(L);
  if (sz != LUAL_NUMSIZES) luaL_error(L, "core and library have incompatible numeric types");
  if (version != ver) {
    luaL_error(L, "version mismatch: app. needs %f, Lua core provides %f", static_cast<LUAI_UACNUMBER>(ver),
               static_cast<LUAI_UACNUMBER>(version));
  }
}

LUALIB_API void luaL_setfuncs(lua_State* L, const luaL_Reg* l, int nup) {
  luaL_checkstack(L, nup, "too many upvalues");
  for (; l->name != nullptr; ++l) {
    if (l->func == nullptr) {
      lua_pushboolean(L, 0);
    } else {
      for (int i = 0; i < nup; ++i) lua_pushvalue(L, -nup);
      lua_pushcclosure(L, l->func, nup);
    }
    lua_setfield(L, -(nup + 2), l->name);
  }
  lua_pop(L, nup);
}

LUALIB_API void luaL_requiref(lua_State* L, const char* modname, lua_CFunction openf, int glb) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -1, modname);
  if (lua_toboolean(L, -1) == 0) {
    lua_pop(L, 1);
    lua_pushcfunction(L, openf);
    lua_pushstring(L, modname);
    lua_call(L, 1, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, modname);
  }
  lua_remove(L, -2);
  if (glb == 0) return;
  lua_pushvalue(L, -1);
  lua_setglobal(L, modname);
}
