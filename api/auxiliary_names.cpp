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
  const String* const name = api::allocating(stack.vm, [&]() -> String* {
    const Text text = globalNameOf(stack.vm, stack.top()[-1]);
    return text.empty() ? nullptr : newString(stack.vm, text);
  });
  --stack.top();
  if (name == nullptr) return false;
  stack.push(Value::string(name));
  return true;
}

}  // namespace selvage

LUALIB_API void luaL_traceback(lua_State* L, lua_State* L1, const char* msg, int level) {
  std::optional<std::string_view> message;
  if (msg != nullptr) message = msg;
  selvage::Thread& thread = selvage::threadOf(L1);
  selvage::VM& vm = *thread.vm;
  const selvage::String* const text = selvage::api::allocating(
      vm, [&] { return selvage::newString(vm, selvage::traceback(vm, &thread, message, level)); });
  selvage::api::Stack(L).push(selvage::Value::string(text));
  selvage::api::collectWhenDue(vm);
}
