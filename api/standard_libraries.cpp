// The standard libraries as C functions that open them (lualib.h).
#include "lualib.h"

#include <new>

#include "api/api.hpp"
#include "lauxlib.h"
#include "stdlib/libraries.hpp"

namespace selvage::api {

namespace {

int pushLibrary(lua_State* L, LibraryOpener* open) {
  const Stack stack(L);
  try {
    stack.push(Value::table(open(stack.vm)));
  } catch (const std::bad_alloc&) {
    raiseMemory(stack.vm);
  }
  return 1;
}

constexpr luaL_Reg libraries[] = {
    {LUA_GNAME, luaopen_base},        {LUA_LOADLIBNAME, luaopen_package}, {LUA_COLIBNAME, luaopen_coroutine},
    {LUA_TABLIBNAME, luaopen_table},  {LUA_IOLIBNAME, luaopen_io},        {LUA_OSLIBNAME, luaopen_os},
    {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},    {LUA_UTF8LIBNAME, luaopen_utf8},
    {LUA_DBLIBNAME, luaopen_debug},
};

}  // namespace

LUAMOD_API int luaopen_base(lua_State* L) { return pushLibrary(L, openBaseLibrary); }
LUAMOD_API int luaopen_package(lua_State* L) { return pushLibrary(L, openPackageLibrary); }
LUAMOD_API int luaopen_coroutine(lua_State* L) { return pushLibrary(L, openCoroutineLibrary); }
LUAMOD_API int luaopen_table(lua_State* L) { return pushLibrary(L, openTableLibrary); }
LUAMOD_API int luaopen_io(lua_State* L) { return pushLibrary(L, openIoLibrary); }
LUAMOD_API int luaopen_os(lua_State* L) { return pushLibrary(L, openOsLibrary); }
LUAMOD_API int luaopen_string(lua_State* L) { return pushLibrary(L, openStringLibrary); }
LUAMOD_API int luaopen_math(lua_State* L) { return pushLibrary(L, openMathLibrary); }
LUAMOD_API int luaopen_utf8(lua_State* L) { return pushLibrary(L, openUtf8Library); }
LUAMOD_API int luaopen_debug(lua_State* L) { return pushLibrary(L, openDebugLibrary); }
LUAMOD_API int luaopen_selvage(lua_State* L) { return pushLibrary(L, openSelvageLibrary); }

LUALIB_API void luaL_openlibs(lua_State* L) {
  for (const luaL_Reg& library : libraries) {
    luaL_requiref(L, library.name, library.func, 1);
    lua_pop(L, 1);
  }
}

}  // namespace selvage::api
