/*
 * The auxiliary library of Lua 5.4 (manual, section 5): what C functions for Lua are commonly made with. Everything
 * here is written with the functions of lua.h alone.
 *
 * The notation of the comments is that of lua.h. Where an argument of the running function is meant, its number is
 * called arg; errors about it read "bad argument #arg to 'function' (...)".
 */
#ifndef SELVAGE_LAUXLIB_H
#define SELVAGE_LAUXLIB_H

#include <stddef.h>
#include <stdio.h>

#include "lua.h"

/* The global that holds the table of globals. */
#define LUA_GNAME "_G"

/* A status of luaL_loadfilex: the file could not be read. */
#define LUA_ERRFILE (LUA_ERRERR + 1)

/* Keys of the registry: package.loaded and package.preload. */
#define LUA_LOADED_TABLE "_LOADED"
#define LUA_PRELOAD_TABLE "_PRELOAD"

/* ---- libraries ---- */

/* A function and its name. Lists of them end with {NULL, NULL}; a NULL function makes the field false, as a place to be
 * filled later. */
typedef struct luaL_Reg {
  const char* name;
  lua_CFunction func;
} luaL_Reg;

#define LUAL_NUMSIZES (sizeof(lua_Integer) * 16 + sizeof(lua_Number))

/* [-0, +0, v] Errors: the library is of another version than the caller, or has other numbers. */
LUALIB_API void luaL_checkversion_(lua_State* L, lua_Number ver, size_t sz);
#define luaL_checkversion(L) luaL_checkversion_(L, LUA_VERSION_NUM, LUAL_NUMSIZES)

/* [-nup, +0, m] Stores the functions of the list in the table below the nup values on the top, which become upvalues
 * shared by all of them. */
LUALIB_API void luaL_setfuncs(lua_State* L, const luaL_Reg* l, int nup);
/* [-0, +1, m] A table with room for the functions of the array l. */
#define luaL_newlibtable(L, l) lua_createtable(L, 0, sizeof(l) / sizeof((l)[0]) - 1)
/* [-0, +1, m] A table with the functions of the array l. */
#define luaL_newlib(L, l) (luaL_checkversion(L), luaL_newlibtable(L, l), luaL_setfuncs(L, l, 0))
/* [-0, +1, e] package.loaded[modname]; if that is not there, the result of openf(modname), which is stored there and,
 * if glb is not 0, in the global modname. */
LUALIB_API void luaL_requiref(lua_State* L, const char* modname, lua_CFunction openf, int glb);

/* ---- arguments; all [-0, +0, v] ---- */

/* Raises the error about an argument. Does not return. */
LUALIB_API int luaL_argerror(lua_State* L, int arg, const char* extramsg);
/* Raises "tname expected, got ...". Does not return. */
LUALIB_API int luaL_typeerror(lua_State* L, int arg, const char* tname);
/* A string (or number, which is changed into one) and its length in *l unless l is NULL. */
LUALIB_API const char* luaL_checklstring(lua_State* L, int arg, size_t* l);
/* def if the argument is absent or nil. */
LUALIB_API const char* luaL_optlstring(lua_State* L, int arg, const char* def, size_t* l);
/* A number, or a string that is one, as a float. */
LUALIB_API lua_Number luaL_checknumber(lua_State* L, int arg);
LUALIB_API lua_Number luaL_optnumber(lua_State* L, int arg, lua_Number def);
/* A number without a fraction, or a string that is one. */
LUALIB_API lua_Integer luaL_checkinteger(lua_State* L, int arg);
LUALIB_API lua_Integer luaL_optinteger(lua_State* L, int arg, lua_Integer def);
/* A value of type t. */
LUALIB_API void luaL_checktype(lua_State* L, int arg, int t);
/* A value, nil included. */
LUALIB_API void luaL_checkany(lua_State* L, int arg);
/* The position in lst, which ends with NULL, of the string that the argument is; def as in luaL_optlstring, but for
 * NULL. */
LUALIB_API int luaL_checkoption(lua_State* L, int arg, const char* def, const char* const lst[]);
/* Reserves sz more slots, or raises "stack overflow" with the message, which may be NULL. */
LUALIB_API void luaL_checkstack(lua_State* L, int sz, const char* msg);

#define luaL_argcheck(L, cond, arg, extramsg) ((void)(luai_likely(cond) || luaL_argerror(L, (arg), (extramsg))))
#define luaL_argexpected(L, cond, arg, tname) ((void)(luai_likely(cond) || luaL_typeerror(L, (arg), (tname))))
#define luaL_checkstring(L, n) (luaL_checklstring(L, (n), NULL))
#define luaL_optstring(L, n, d) (luaL_optlstring(L, (n), (d), NULL))
/* f(L, n), a value of the caller's, or d if the argument is absent or nil. */
#define luaL_opt(L, f, n, d) (lua_isnoneornil(L, (n)) ? (d) : f(L, (n)))
#define luaL_typename(L, i) lua_typename(L, lua_type(L, (i)))

/* ---- userdata and metatables ---- */

/* [-0, +1, m] Makes registry[tname] a new metatable with the field __name and returns 1; if there is something
 * already, pushes that and returns 0. */
LUALIB_API int luaL_newmetatable(lua_State* L, const char* tname);
/* [-0, +0, -] Gives the value on the top registry[tname] as its metatable. */
LUALIB_API void luaL_setmetatable(lua_State* L, const char* tname);
/* [-0, +0, m] The block of userdata with that metatable, or NULL. */
LUALIB_API void* luaL_testudata(lua_State* L, int ud, const char* tname);
/* [-0, +0, v] Likewise for an argument; anything else is an error. */
LUALIB_API void* luaL_checkudata(lua_State* L, int ud, const char* tname);
/* [-0, +(0|1), m] Field e of the value's metatable, and its type; LUA_TNIL, pushing nothing, if there is none. */
LUALIB_API int luaL_getmetafield(lua_State* L, int obj, const char* e);
/* [-0, +(0|1), e] Calls that field with the value and pushes one result; 0 if there is none. */
LUALIB_API int luaL_callmeta(lua_State* L, int obj, const char* e);

/* [-0, +1, m] registry[n], and its type. */
#define luaL_getmetatable(L, n) (lua_getfield(L, LUA_REGISTRYINDEX, (n)))

/* ---- values ---- */

/* [-0, +1, e] Any value as text, by its __tostring or __name if it has one; the length goes to *len unless len is
 * NULL. */
LUALIB_API const char* luaL_tolstring(lua_State* L, int idx, size_t* len);
/* [-0, +0, e] `#` as an integer. */
LUALIB_API lua_Integer luaL_len(lua_State* L, int idx);
/* [-0, +1, e] t[fname], which is made a new table if it is none; whether it was one. */
LUALIB_API int luaL_getsubtable(lua_State* L, int idx, const char* fname);
/* [-0, +1, m] A copy of s in which each p is replaced by r. */
LUALIB_API const char* luaL_gsub(lua_State* L, const char* s, const char* p, const char* r);
/* [-0, +1, -] What a function that failed returns first. */
#define luaL_pushfail(L) lua_pushnil(L)
/* op on integers that wraps around. */
#define luaL_intop(op, v1, v2) ((lua_Integer)((lua_Unsigned)(v1)op(lua_Unsigned)(v2)))

/* ---- references ---- */

#define LUA_NOREF (-2)
#define LUA_REFNIL (-1)

/* [-1, +0, m] Keeps the top value in the table at t under a number that it returns (LUA_REFNIL for nil): t[number] is
 * the value until luaL_unref. */
LUALIB_API int luaL_ref(lua_State* L, int t);
/* [-0, +0, -] Gives the number back; LUA_NOREF and LUA_REFNIL do nothing. */
LUALIB_API void luaL_unref(lua_State* L, int t, int ref);

/* ---- errors and where they happened ---- */

/* [-0, +1, m] "chunk:line: " of the function at the level, if that is known, otherwise "". */
LUALIB_API void luaL_where(lua_State* L, int lvl);
/* [-0, +0, v] Raises a message formatted as lua_pushfstring does, after luaL_where(L, 1). Does not return. */
LUALIB_API int luaL_error(lua_State* L, const char* fmt, ...);
/* [-0, +1, m] The stack of L1 from the level on as text, after the message unless that is NULL. */
LUALIB_API void luaL_traceback(lua_State* L, lua_State* L1, const char* msg, int level);
/* [-0, +(1|3), m] What functions of io and os return: true if stat is not 0, otherwise nil, "fname: " and errno's
 * text, errno. */
LUALIB_API int luaL_fileresult(lua_State* L, int stat, const char* fname);
/* [-0, +3, m] What os.execute returns for the status that system() gave. */
LUALIB_API int luaL_execresult(lua_State* L, int stat);

/* ---- chunks and states ---- */

/* [-0, +1, m] lua_load of a file; NULL: of the standard input. A first line that begins with '#' is passed over.
 * Returns LUA_ERRFILE if the file cannot be read. */
LUALIB_API int luaL_loadfilex(lua_State* L, const char* filename, const char* mode);
/* [-0, +1, -] lua_load of sz bytes. */
LUALIB_API int luaL_loadbufferx(lua_State* L, const char* buff, size_t sz, const char* name, const char* mode);
/* [-0, +1, -] lua_load of text, which is also its name. */
LUALIB_API int luaL_loadstring(lua_State* L, const char* s);
/* A state with an allocator of the C library's, a panic function that prints the error, and warnings that are off
 * until the message "@on". NULL if there is not enough memory. */
LUALIB_API lua_State* luaL_newstate(void);

#define luaL_loadfile(L, f) luaL_loadfilex(L, f, NULL)
#define luaL_loadbuffer(L, s, sz, n) luaL_loadbufferx(L, s, sz, n, NULL)
/* [-0, +?, m] Load and run; not 0 if there was an error, which is on the top. */
#define luaL_dofile(L, fn) (luaL_loadfile(L, fn) || lua_pcall(L, 0, LUA_MULTRET, 0))
#define luaL_dostring(L, s) (luaL_loadstring(L, s) || lua_pcall(L, 0, LUA_MULTRET, 0))

/* ---- buffers: text of unknown length, piece by piece ---- */

/*
 * Between luaL_buffinit and luaL_pushresult a buffer may keep a value on the stack: use the stack in a balanced way,
 * so that the top is the same at each call as after the call before (but for luaL_addvalue).
 */
typedef struct luaL_Buffer luaL_Buffer;
struct luaL_Buffer {
  char* b;     /* the text: init.b, or the block of a userdata on the stack */
  size_t size; /* room there */
  size_t n;    /* bytes of text */
  lua_State* L;
  union {
    LUAI_MAXALIGN;
    char b[LUAL_BUFFERSIZE];
  } init;
};

/* [-0, +?, -] An empty buffer. */
LUALIB_API void luaL_buffinit(lua_State* L, luaL_Buffer* B);
/* [-?, +?, m] Room for sz more bytes; luaL_addsize adds what has been written there. */
LUALIB_API char* luaL_prepbuffsize(luaL_Buffer* B, size_t sz);
/* [-?, +?, m] */
LUALIB_API void luaL_addlstring(luaL_Buffer* B, const char* s, size_t l);
/* [-?, +?, m] */
LUALIB_API void luaL_addstring(luaL_Buffer* B, const char* s);
/* [-?, +?, m] Adds the string or number on the top, and pops it. */
LUALIB_API void luaL_addvalue(luaL_Buffer* B);
/* [-?, +?, m] Adds a copy of s in which each p is replaced by r. */
LUALIB_API void luaL_addgsub(luaL_Buffer* B, const char* s, const char* p, const char* r);
/* [-?, +1, m] Ends the buffer, leaving its text as a string on the top. */
LUALIB_API void luaL_pushresult(luaL_Buffer* B);
/* [-?, +1, m] luaL_addsize, then luaL_pushresult. */
LUALIB_API void luaL_pushresultsize(luaL_Buffer* B, size_t sz);
/* [-?, +?, m] luaL_buffinit, then luaL_prepbuffsize. */
LUALIB_API char* luaL_buffinitsize(lua_State* L, luaL_Buffer* B, size_t sz);

#define luaL_prepbuffer(B) luaL_prepbuffsize(B, LUAL_BUFFERSIZE)
#define luaL_addchar(B, c) ((void)((B)->n < (B)->size || luaL_prepbuffsize((B), 1)), ((B)->b[(B)->n++] = (c)))
#define luaL_addsize(B, s) ((B)->n += (s))
#define luaL_buffsub(B, s) ((B)->n -= (s))
#define luaL_bufflen(B) ((B)->n)
#define luaL_buffaddr(B) ((B)->b)

/* ---- files of the io library ---- */

/* The name of their metatable in the registry. */
#define LUA_FILEHANDLE "FILE*"

/* What the block of a file's userdata begins with. C functions may make files that the io library works with. */
typedef struct luaL_Stream {
  FILE* f;              /* NULL until it has been opened */
  lua_CFunction closef; /* closes it, as a function with the file as its argument; NULL: closed */
} luaL_Stream;

/* ---- for C code that asserts and prints ---- */

#if !defined(lua_assert)
#if defined(LUAI_ASSERT)
#include <assert.h>
#define lua_assert(c) assert(c)
#else
#define lua_assert(c) ((void)0)
#endif
#endif

#if !defined(lua_writestring)
#define lua_writestring(s, l) fwrite((s), sizeof(char), (l), stdout)
#endif
#if !defined(lua_writeline)
#define lua_writeline() (lua_writestring("\n", 1), fflush(stdout))
#endif
#if !defined(lua_writestringerror)
#define lua_writestringerror(s, p) (fprintf(stderr, (s), (p)), fflush(stderr))
#endif

/* ---- other integer types as in 5.2, on request ---- */

#if defined(LUA_COMPAT_APIINTCASTS)
#define luaL_checkunsigned(L, a) ((lua_Unsigned)luaL_checkinteger(L, a))
#define luaL_optunsigned(L, a, d) ((lua_Unsigned)luaL_optinteger(L, a, (lua_Integer)(d)))
#define luaL_checkint(L, n) ((int)luaL_checkinteger(L, (n)))
#define luaL_optint(L, n, d) ((int)luaL_optinteger(L, (n), (d)))
#define luaL_checklong(L, n) ((long)luaL_checkinteger(L, (n)))
#define luaL_optlong(L, n, d) ((long)luaL_optinteger(L, (n), (d)))
#endif

#endif /* SELVAGE_LAUXLIB_H */
