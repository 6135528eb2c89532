// The auxiliary library's checks of arguments: each returns the argument as what is wanted or raises the error that
// says which argument of which function is wrong, and why.
#include <cstring>

#include "api/api.hpp"
#include "api/auxiliary_names.hpp"
#include "lauxlib.h"
#include "vm/string.hpp"

namespace {

using selvage::pushGlobalFunctionName;
using selvage::Value;
using selvage::api::Stack;

int failTag(lua_State* L, int arg, int tag) { return luaL_typeerror(L, arg, lua_typename(L, tag)); }

// What is not of the wanted type yet, or is not there.

[[gnu::noinline]] lua_Number checkNumber(lua_State* L, int arg) {
  int isNumber;
  const lua_Number number = lua_tonumberx(L, arg, &isNumber);
  if (isNumber == 0) [[unlikely]]
    failTag(L, arg, LUA_TNUMBER);
  return number;
}

[[gnu::noinline]] lua_Integer checkInteger(lua_State* L, int arg) {
  int isInteger;
  const lua_Integer integer = lua_tointegerx(L, arg, &isInteger);
  if (isInteger == 0) [[unlikely]] {
    if (lua_isnumber(L, arg) != 0) luaL_argerror(L, arg, "number has no integer representation");
    failTag(L, arg, LUA_TNUMBER);
  }
  return integer;
}

[[gnu::noinline]] const char* checkText(lua_State* L, int arg, size_t* length) {
  const char* const text = lua_tolstring(L, arg, length);
  if (text == nullptr) [[unlikely]]
    failTag(L, arg, LUA_TSTRING);
  return text;
}

}  // namespace

LUALIB_API int luaL_argerror(lua_State* L, int arg, const char* extramsg) {
  lua_Debug activation;
  if (lua_getstack(L, 0, &activation) == 0) return luaL_error(L, "bad argument #%d (%s)", arg, extramsg);
  lua_getinfo(L, "n", &activation);
  if (std::strcmp(activation.namewhat, "method") == 0) {
    --arg;  // the object is not counted
    if (arg == 0) return luaL_error(L, "calling '%s' on bad self (%s)", activation.name, extramsg);
  }
  if (activation.name == nullptr) {
    activation.name = pushGlobalFunctionName(L, &activation) ? lua_tostring(L, -1) : "?";
  }
  return luaL_error(L, "bad argument #%d to '%s' (%s)", arg, activation.name, extramsg);
}

LUALIB_API int luaL_typeerror(lua_State* L, int arg, const char* tname) {
  const char* actual;
  if (luaL_getmetafield(L, arg, "__name") == LUA_TSTRING) {
    actual = lua_tostring(L, -1);
  } else if (lua_type(L, arg) == LUA_TLIGHTUSERDATA) {
    actual = "light userdata";
  } else {
    actual = luaL_typename(L, arg);
  }
  return luaL_argerror(L, arg, lua_pushfstring(L, "%s expected, got %s", tname, actual));
}

// ---- strings ----

LUALIB_API const char* luaL_checklstring(lua_State* L, int arg, size_t* l) {
  const Value* const value = Stack(L).slotAt(arg);
  if (value == nullptr || !value->isString()) [[unlikely]]
    return checkText(L, arg, l);
  if (l != nullptr) *l = value->string()->length;
  return value->string()->text;
}

LUALIB_API const char* luaL_optlstring(lua_State* L, int arg, const char* def, size_t* l) {
  if (!lua_isnoneornil(L, arg)) return luaL_checklstring(L, arg, l);
  if (l != nullptr) *l = def == nullptr ? 0 : std::strlen(def);
  return def;
}

LUALIB_API int luaL_checkoption(lua_State* L, int arg, const char* def, const char* const lst[]) {
  const char* name = def == nullptr ? luaL_checkstring(L, arg) : luaL_optstring(L, arg, def);
  for (int i = 0; lst[i] != nullptr; ++i) {
    if (std::strcmp(lst[i], name) == 0) return i;
  }
  return luaL_argerror(L, arg, lua_pushfstring(L, "invalid option '%s'", name));
}

// ---- numbers ----

LUALIB_API lua_Number luaL_checknumber(lua_State* L, int arg) {
  const Value* const value = Stack(L).slotAt(arg);
  if (value == nullptr || !value->isNumber()) [[unlikely]]
    return checkNumber(L, arg);
  return value->isFloat() ? value->number() : static_cast<lua_Number>(value->integer());
}

LUALIB_API lua_Number luaL_optnumber(lua_State* L, int arg, lua_Number def) {
  return luaL_opt(L, luaL_checknumber, arg, def);
}

LUALIB_API lua_Integer luaL_checkinteger(lua_State* L, int arg) {
  const Value* const value = Stack(L).slotAt(arg);
  return value != nullptr && value->isInteger() ? value->integer() : checkInteger(L, arg);
}

LUALIB_API lua_Integer luaL_optinteger(lua_State* L, int arg, lua_Integer def) {
  return luaL_opt(L, luaL_checkinteger, arg, def);
}

// ---- others ----

LUALIB_API void luaL_checktype(lua_State* L, int arg, int t) {
  if (luai_unlikely(lua_type(L, arg) != t)) failTag(L, arg, t);
}

LUALIB_API void luaL_checkany(lua_State* L, int arg) {
  if (luai_unlikely(lua_isnone(L, arg))) luaL_argerror(L, arg, "value expected");
}

LUALIB_API void luaL_checkstack(lua_State* L, int sz, const char* msg) {
  if (luai_likely(lua_checkstack(L, sz) != 0)) return;
  if (msg == nullptr) luaL_error(L, "stack overflow");
  luaL_error(L, "stack overflow (%s)", msg);
}
