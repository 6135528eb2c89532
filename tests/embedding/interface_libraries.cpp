// The module "selvage": by require where there is a package library, by the host elsewhere; never a global by itself.
#include "interface_state.hpp"

namespace {

int opensHostsOwn(lua_State* L) {
  lua_pushinteger(L, 7);
  return 1;
}

}  // namespace

TEST_CASE("all libraries are Lua's own, and require finds the module selvage") {
  const selvage::state lua;
  lua.open_libraries();
  CHECK(lua.script<bool>("return jit == nil and selvage == nil and package.loaded.selvage == nil"));
  CHECK(lua.script<bool>("return require('selvage').jit.status().mode ~= nil and jit == nil and selvage == nil"));
  CHECK(lua.script<bool>("return require('selvage') == package.loaded.selvage"));
}

TEST_CASE("the package library is enough for the module selvage") {
  const selvage::state lua;
  lua.open_libraries(selvage::lib::package);
  CHECK(lua.script<bool>("return require('selvage').jit.status().mode ~= nil and jit == nil and selvage == nil"));
  const selvage::state view;
  luaL_requiref(view.lua_state(), LUA_LOADLIBNAME, luaopen_package, 1);
  lua_settop(view.lua_state(), 0);
  CHECK(view.script<bool>("return require('selvage').jit.status().mode ~= nil"));
}

TEST_CASE("the module selvage can be opened without a package library") {
  const selvage::state lua;
  lua.open_libraries(selvage::lib::selvage);
  CHECK(lua.script<std::string>("return selvage.jit.status().mode") != "");
  CHECK(!lua["print"].valid());
  const selvage::state hidden;
  hidden.open_libraries(selvage::lib::base);
  const selvage::table module = hidden.require(SELVAGE_LIBNAME, luaopen_selvage, false);
  CHECK(module["jit"]["status"].valid());
  CHECK(hidden.script<bool>("return require == nil and selvage == nil"));
}

TEST_CASE("a loader that the host has put under the name selvage stays") {
  const selvage::state lua;
  lua_State* L = lua.lua_state();
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, opensHostsOwn);
  lua_setfield(L, -2, SELVAGE_LIBNAME);
  lua_settop(L, 0);
  lua.open_libraries();
  CHECK(lua.script<int>("return require('selvage')") == 7);
}
