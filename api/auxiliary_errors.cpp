// The auxiliary library's errors with their positions, and what functions return that a system call failed.
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "lauxlib.h"
#include "stdlib/process_status.hpp"

LUALIB_API void luaL_where(lua_State* L, int lvl) {
  lua_Debug activation;
  if (lua_getstack(L, lvl, &activation) != 0) {
    lua_getinfo(L, "Sl", &activation);
    if (activation.currentline > 0) {
      lua_pushfstring(L, "%s:%d: ", activation.short_src, activation.currentline);
      return;
    }
  }
  lua_pushliteral(L, "");
}

LUALIB_API int luaL_error(lua_State* L, const char* fmt, ...) {
  va_list arguments;
  va_start(arguments, fmt);
  luaL_where(L, 1);
  lua_pushvfstring(L, fmt, arguments);
  va_end(arguments);
  lua_concat(L, 2);
  return lua_error(L);
}

LUALIB_API int luaL_fileresult(lua_State* L, int stat, const char* fname) {
  const int error = errno;  // the calls below may change it
  if (stat != 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  luaL_pushfail(L);
  const char* description = error == 0 ? "(no extra info)" : std::strerror(error);
  if (fname == nullptr) {
    lua_pushstring(L, description);
  } else {
    lua_pushfstring(L, "%s: %s", fname, description);
  }
  lua_pushinteger(L, error);
  return 3;
}

LUALIB_API int luaL_execresult(lua_State* L, int stat) {
  if (stat != 0 && errno != 0) return luaL_fileresult(L, 0, nullptr);
  const selvage::ProcessStatus status = selvage::describeProcessStatus(stat);
  if (status.succeeded()) {
    lua_pushboolean(L, 1);
  } else {
    luaL_pushfail(L);
  }
  lua_pushstring(L, status.how);
  lua_pushinteger(L, status.code);
  return 3;
}
