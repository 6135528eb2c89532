// Environments: tables that take the place of the globals for a chunk or a function.
#pragma once

#include "table.hpp"

SELVAGE_NAMESPACE_BEGIN

/// As an argument: makes a new table.
struct create_t {};
inline constexpr create_t create{};

/// A table of globals.
class environment : public table {
 public:
  environment() = default;
  environment(const reference& other) : table(other) {}
  environment(lua_State* L, int index) : table(L, index) {}
  /// A new environment that is empty.
  environment(lua_State* L, create_t) : table(table::create(L)) {}
  /// A new environment that reads what it lacks from another table, usually the globals.
  environment(lua_State* L, create_t, const table& fallback) : table(table::create(L)) {
    set_metatable(table::create_with(L, "__index", fallback));
  }

  /// Makes this the environment of a Lua function. Returns whether the function uses globals at all. Closures that
  /// share their globals with it keep the old ones.
  bool set_on(const reference& callee) const {
    lua_State* L = lua_state();
    ensureStack(L, 4);
    const StackGuard guard(L);
    callee.push(L);
    const int upvalue = findUpvalue(L);
    if (upvalue == 0) return false;
    // A new upvalue: that of the chunk may be shared by other functions.
    lua_pushcfunction(L, [](lua_State* inner) {
      // A chunk's first upvalue is its environment, and each chunk that is loaded has an upvalue of its own.
      return luaL_loadstring(inner, "return _ENV") == LUA_OK ? 1 : lua_error(inner);
    });
    if (const int status = lua_pcall(L, 0, 1, 0); status != LUA_OK) {
      const error failed = takeError(L, static_cast<call_status>(status));
      failWith(L, failed);
    }
    push(L);
    lua_setupvalue(L, -2, 1);
    lua_upvaluejoin(L, -2, upvalue, -1, 1);
    return true;
  }

 private:
  // The number of the upvalue _ENV of the function on top of the stack, or 0.
  static int findUpvalue(lua_State* L) {
    if (lua_type(L, -1) != LUA_TFUNCTION || lua_iscfunction(L, -1) != 0) return 0;
    for (int i = 1;; ++i) {
      const char* name = lua_getupvalue(L, -1, i);
      if (name == nullptr) return 0;
      lua_pop(L, 1);
      if (std::string_view(name) == "_ENV") return i;
    }
  }

  friend std::optional<environment> get_environment(const reference& callee);
};

/// The environment of a Lua function, if it uses globals.
inline std::optional<environment> get_environment(const reference& callee) {
  lua_State* L = callee.lua_state();
  if (L == nullptr) return std::nullopt;
  ensureStack(L, 4);
  const StackGuard guard(L);
  callee.push(L);
  const int upvalue = environment::findUpvalue(L);
  if (upvalue == 0) return std::nullopt;
  lua_getupvalue(L, -1, upvalue);
  return environment(reference(L, -1));
}
inline bool set_environment(const environment& globals, const reference& callee) { return globals.set_on(callee); }

SELVAGE_NAMESPACE_END
