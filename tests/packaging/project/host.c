/* Runs the code in its arguments, one after the other; the results are printed. Compiles with any Lua 5.4's headers. */
#include <stdio.h>
#include <stdlib.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static int add(lua_State* L) {
  lua_pushnumber(L, luaL_checknumber(L, 1) + luaL_checknumber(L, 2));
  return 1;
}

int main(int argc, char** argv) {
  int i;
  int status = EXIT_SUCCESS;
  lua_State* L = luaL_newstate();
  luaL_openlibs(L);
  lua_register(L, "add", add);
  for (i = 1; i < argc; ++i) {
    int j;
    if (luaL_dostring(L, argv[i])) {
      printf("error: %s\n", lua_tostring(L, -1));
      status = EXIT_FAILURE;
    } else {
      for (j = 1; j <= lua_gettop(L); ++j) printf(j == 1 ? "%s" : " %s", luaL_tolstring(L, j, NULL)), lua_pop(L, 1);
      printf("\n");
    }
    lua_settop(L, 0);
  }
  lua_close(L);
  return status;
}
