/*
 * Bounds for scripts: memory, time, instructions, stopping from another thread, sandboxed libraries, read-only tables.
 *
 * This is Selvage's own addition to the C API; the comments are to be read as those of lua.h. The bounds are those of a
 * virtual machine: whichever of its threads (coroutines) is given, all of them are meant.
 *
 * A script over its bounds of time or instructions, or one that was cancelled, gets an error that it cannot catch: the
 * error passes pcall, xpcall and coroutines, calls no message handler and no __close, and ends at the innermost
 * lua_pcall or lua_resume of C code, which returns LUA_ERRRUN. The virtual machine stays over its bounds, and what is
 * called in it fails at once, until its host sets the bound anew or calls selvage_clearbounds; then it goes on as if
 * nothing had been. Variables whose __close was passed over are not closed any more.
 */
#ifndef SELVAGE_BOUNDS_H
#define SELVAGE_BOUNDS_H

#include <stddef.h>

#include "../lua.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- memory ---- */

/* [-0, +0, -] What objects may take in bytes; 0: no limit, as at first. More is the error of that kind, LUA_ERRMEM.
 * The blocks that small objects are in may take 4 MB more than that. */
LUA_API void selvage_setmemorylimit(lua_State *L, size_t bytes);
LUA_API size_t selvage_memorylimit(lua_State *L);
/* [-0, +0, -] What is in use now, garbage that was not collected yet included. */
LUA_API size_t selvage_memoryinuse(lua_State *L);

/* ---- time, instructions, stopping ---- */

/* Which bound has been exceeded. */
#define SELVAGE_WITHINBOUNDS 0
#define SELVAGE_OVERTIME 1
#define SELVAGE_OVERINSTRUCTIONS 2
#define SELVAGE_CANCELLED 3

/* [-0, +0, -] So many seconds from now on by the clock; 0 or less: no limit. The error comes about a tenth of a
 * millisecond late. Native code runs at full speed. The first use in a virtual machine starts a thread that waits for
 * the time to come; lua_close ends it. Returns 0, without effect, if that thread is not to be had, otherwise 1. */
LUA_API int selvage_settimelimit(lua_State *L, lua_Number seconds);
/* [-0, +0, -] So many instructions of Lua code from now on, exactly; negative: no limit. What C functions do counts
 * nothing, what library functions do (matching, rep, concat, sort, find) does: one for a step, a comparison or 16 bytes. While there is such a limit, Lua code is interpreted, several times slower than native code. */
LUA_API void selvage_setinstructionlimit(lua_State *L, lua_Integer instructions);
/* [-0, +0, -] As if a bound had been exceeded. May be called from other threads of the operating system and from signal
 * handlers, as long as the virtual machine is not closed. */
LUA_API void selvage_cancel(lua_State *L);
/* [-0, +0, -] Which bound has been exceeded: one of the constants above. */
LUA_API int selvage_exceededbound(lua_State *L);
/* [-0, +0, -] No limits of time and instructions any more; none is exceeded. */
LUA_API void selvage_clearbounds(lua_State *L);

/* ---- read-only tables ---- */

/* [-0, +0, m] Makes the table at an index read-only, or writable again: every store in it, and setting its metatable,
 * is then an error ("attempt to modify a read-only table"), by C code too. Reading costs nothing more. `deep`: with all
 * tables that it leads to as keys, values and metatables. */
LUA_API void selvage_setreadonly(lua_State *L, int idx, int readonly, int deep);
/* [-0, +0, -] */
LUA_API int selvage_isreadonly(lua_State *L, int idx);

/* ---- sandboxes ---- */

/* [-0, +0, m] Opens, in place of luaL_openlibs, libraries for scripts that are not trusted: the basic library without
 * dofile, loadfile and collectgarbage (but collectgarbage("count")) and with a load that accepts text only; coroutine,
 * math, string (without dump), table and utf8; of os: clock, date, difftime and time. Their tables are read-only, so is
 * the metatable of strings, which getmetatable does not give. There is no io, package, require or debug. In the
 * virtual machine __gc of tables means nothing any more, so that nothing of a script runs after it has ended. */
LUA_API void selvage_opensandbox(lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
