// The auxiliary library's states: with the C library's allocator, a panic function that says what went wrong, and the
// standard library's warnings.
#include <cstdio>

#include "lauxlib.h"
#include "stdlib/warnings.hpp"
#include "vm/memory.hpp"
#include "vm/thread.hpp"

namespace {

int panic(lua_State* L) {
  const char* message = lua_tostring(L, -1);
  if (message == nullptr) message = "error object is not a string";
  lua_writestringerror("PANIC: unprotected error in call to Lua API (%s)\n", message);
  return 0;  // and the program is ended
}

// `data` is the state's main thread.
void warn(void* data, const char* message, int toBeContinued) {
  selvage::writeWarning(*selvage::threadOf(static_cast<lua_State*>(data)).vm, message, toBeContinued != 0);
}

}  // namespace

LUALIB_API lua_State* luaL_newstate() {
  lua_State* L = lua_newstate(selvage::systemAllocate, nullptr);
  if (L == nullptr) return nullptr;
  lua_atpanic(L, panic);
  lua_setwarnf(L, warn, L);
  return L;
}
