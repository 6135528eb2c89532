// Like host.c, in C++: an exception of the host's own crosses Lua code, destructors run, an error comes back as an
// exception.
#include <cstdio>
#include <stdexcept>
#include <string>

#include "lua.hpp"

namespace {

int destroyed = 0;

struct Guard {
  ~Guard() { ++destroyed; }
};

int throws(lua_State* L) {
  const Guard guard;
  throw std::runtime_error(std::string("thrown: ") + luaL_checkstring(L, 1));
}

int fails(lua_State* L) {
  const Guard guard;
  return luaL_error(L, "failed: %s", luaL_checkstring(L, 1));
}

}  // namespace

int main(int argc, char** argv) {
  lua_State* L = luaL_newstate();
  luaL_openlibs(L);
  lua_register(L, "throws", throws);
  lua_register(L, "fails", fails);
  luaL_dostring(L, "local _, a = pcall(throws, 'x') local _, b = pcall(fails, 'y') return a, b");
  std::printf("%s; %s; %d destroyed\n", lua_tostring(L, 1), lua_tostring(L, 2), destroyed);
  lua_settop(L, 0);
  for (int i = 1; i < argc; ++i) {
    if (luaL_dostring(L, argv[i])) std::printf("error: ");
    std::printf("%s\n", luaL_tolstring(L, -1, nullptr));
    lua_settop(L, 0);
  }
  lua_close(L);
}
