// Names of functions and stack tracebacks for the auxiliary library, as the VM's own messages have them.
#include "api/auxiliary_names.hpp"

#include <optional>

#include "api/api.hpp"
#include "lauxlib.h"
#include "vm/traceback.hpp"

namespace selvage {

bool pushGlobalFunctionName(lua_State* L, lua_Debug* activation) {
  lua_getinfo(L, "f", activation);
  const api::Stack stack(L);
  const Text name = globalNameOf(stack.vm, stack.pop());
  if (name.empty()) return false;
  lua_pushlstring(L, name.data(), name.size());
  return true;
}

}  // namespace selvage

LUALIB_API void luaL_traceback(lua_State* L, lua_State* L1, const char* msg, int level) {
  std::optional<std::string_view> message;
  if (msg != nullptr) message = msg;
  selvage::Thread& thread = selvage::threadOf(L1);
  const selvage::Text text = selvage::traceback(*thread.vm, &thread, message, level);
  lua_pushlstring(L, text.data(), text.size());
}
