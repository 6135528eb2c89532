// The auxiliary library's metatables with names in the registry, by which C functions know their own userdata, and its
// way to single metamethods.
#include "api/api.hpp"
#include "lauxlib.h"

using selvage::Table;
using selvage::Tag;
using selvage::Value;
using selvage::api::Stack;

LUALIB_API int luaL_newmetatable(lua_State* L, const char* tname) {
  if (luaL_getmetatable(L, tname) != LUA_TNIL) return 0;  // what is there stays, whatever it is
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  lua_pushstring(L, tname);
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, tname);
  return 1;
}

LUALIB_API void luaL_setmetatable(lua_State* L, const char* tname) {
  luaL_getmetatable(L, tname);
  lua_setmetatable(L, -2);
}

namespace {

// A userdata at an index of the rarer kind, a light one, another type's, or a name that is not remembered.
[[gnu::noinline]] void* findUserdata(lua_State* L, int ud, const char* tname) {
  const Stack stack(L);
  const Value object = stack.get(ud);
  if (!object.isUserdata() && object.tag != Tag::LightUserdata) return nullptr;
  const Table* const metatable = selvage::metatableOf(stack.vm, object);
  if (metatable == nullptr) return nullptr;
  selvage::String* key;
  const Value wanted = selvage::api::findNamedField(stack.vm, stack.vm.registry, tname, key);
  if (!wanted.isTable() || wanted.table() != metatable) return nullptr;
  return object.isUserdata() ? object.userdata()->memory() : object.as<void>();
}

}  // namespace

// Without the stack: this is what methods of C objects begin with.
LUALIB_API void* luaL_testudata(lua_State* L, int ud, const char* tname) {
  const Stack stack(L);
  const Value* const object = stack.slotAt(ud);
  if (object != nullptr && object->isUserdata()) [[likely]] {
    const Value wanted = selvage::api::rememberedField(stack.vm, stack.vm.registry, tname);
    if (wanted.isTable() && wanted.table() == object->userdata()->metatable()) [[likely]]
      return object->userdata()->memory();
  }
  return findUserdata(L, ud, tname);
}

LUALIB_API void* luaL_checkudata(lua_State* L, int ud, const char* tname) {
  void* block = luaL_testudata(L, ud, tname);
  luaL_argexpected(L, block != nullptr, ud, tname);
  return block;
}

LUALIB_API int luaL_getmetafield(lua_State* L, int obj, const char* e) {
  if (lua_getmetatable(L, obj) == 0) return LUA_TNIL;
  lua_pushstring(L, e);
  const int type = lua_rawget(L, -2);
  if (type == LUA_TNIL) {
    lua_pop(L, 2);
  } else {
    lua_remove(L, -2);
  }
  return type;
}

LUALIB_API int luaL_callmeta(lua_State* L, int obj, const char* e) {
  obj = lua_absindex(L, obj);
  if (luaL_getmetafield(L, obj, e) == LUA_TNIL) return 0;
  lua_pushvalue(L, obj);
  lua_call(L, 1, 1);
  return 1;
}
