/*
 * The standard libraries of Lua 5.4 (manual, section 6): opening them in a state.
 *
 * Each luaopen_ function leaves the library's table on the stack. Call it through luaL_requiref, which also stores the
 * table in package.loaded and, if asked to, in a global variable; or use luaL_openlibs for all of them.
 */
#ifndef SELVAGE_LUALIB_H
#define SELVAGE_LUALIB_H

#include "lua.h"

/* What the names of environment variables with a version end in: LUA_PATH_5_4 and its like. */
#define LUA_VERSUFFIX "_" LUA_VERSION_MAJOR "_" LUA_VERSION_MINOR

/* The names of the libraries' tables. The base library's is LUA_GNAME (lauxlib.h). */
#define LUA_COLIBNAME "coroutine"
#define LUA_TABLIBNAME "table"
#define LUA_IOLIBNAME "io"
#define LUA_OSLIBNAME "os"
#define LUA_STRLIBNAME "string"
#define LUA_UTF8LIBNAME "utf8"
#define LUA_MATHLIBNAME "math"
#define LUA_DBLIBNAME "debug"
#define LUA_LOADLIBNAME "package"

/* [-0, +1, e] The functions of section 6.1, put into the table of globals, which is what is pushed. */
LUAMOD_API int luaopen_base(lua_State* L);
/* [-0, +1, e] Section 6.2. */
LUAMOD_API int luaopen_coroutine(lua_State* L);
/* [-0, +1, e] `require`, which becomes a global, and the table of section 6.3. */
LUAMOD_API int luaopen_package(lua_State* L);
/* [-0, +1, e] Section 6.4. Also makes the table the metatable's __index of all strings. */
LUAMOD_API int luaopen_string(lua_State* L);
/* [-0, +1, e] Section 6.5. */
LUAMOD_API int luaopen_utf8(lua_State* L);
/* [-0, +1, e] Section 6.6. */
LUAMOD_API int luaopen_table(lua_State* L);
/* [-0, +1, e] Section 6.7. */
LUAMOD_API int luaopen_math(lua_State* L);
/* [-0, +1, e] Section 6.8; also makes the metatable of files, registry[LUA_FILEHANDLE]. */
LUAMOD_API int luaopen_io(lua_State* L);
/* [-0, +1, e] Section 6.9. */
LUAMOD_API int luaopen_os(lua_State* L);
/* [-0, +1, e] Section 6.10. */
LUAMOD_API int luaopen_debug(lua_State* L);

/* [-0, +0, e] Opens all of the above as globals. */
LUALIB_API void luaL_openlibs(lua_State* L);

/* What Selvage offers beyond Lua 5.4: a table whose field `jit` says how scripts are compiled. No library opens it:
 * luaopen_package puts a loader for it into package.preload, so that scripts get it by require "selvage". A host without
 * that library opens it by luaL_requiref. */
#define SELVAGE_LIBNAME "selvage"
/* [-0, +1, e] */
LUAMOD_API int luaopen_selvage(lua_State* L);

#endif /* SELVAGE_LUALIB_H */
