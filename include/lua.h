/*
 * The C API of Lua 5.4 (manual, sections 4.6 and 4.7), compatible in source and in binary: what was written for Lua
 * 5.4 compiles against this header, and what was compiled against Lua 5.4's own header runs with this library.
 *
 * A lua_State is one thread (coroutine) of a virtual machine. C code works with the values on the stack of the
 * function that is running: an index counts from 1 upward at the bottom, from -1 downward at the top, or is a
 * pseudo-index (LUA_REGISTRYINDEX, lua_upvalueindex). An index is *acceptable* if it names a place that has been
 * reserved, *valid* if there is a value. A virtual machine may be used by one operating system's thread at a time;
 * different ones are independent of each other.
 *
 * What a comment begins with is the effect on the stack in the manual's notation, [-o, +p, x]: the function pops o
 * values and pushes p values ("x|y": one or the other, "?": it depends). x tells of its errors:
 *
 *     -   it never raises one
 *     m   only for want of memory
 *     v   those that the comment names
 *     e   any, as it may run Lua code
 *
 * An error leaves the running function and is caught by lua_pcallk, lua_resume or pcall. On its way it leaves the
 * frames of C++ functions as an exception does, so destructors run. An error that nobody catches calls the panic
 * function and then ends the program.
 */
#ifndef SELVAGE_LUA_H
#define SELVAGE_LUA_H

#include <stdarg.h>
#include <stddef.h>

#include "luaconf.h"

/* ---- versions ---- */

#define LUA_VERSION_MAJOR "5"
#define LUA_VERSION_MINOR "4"
#define LUA_VERSION_RELEASE "8"

#define LUA_VERSION_NUM 504
#define LUA_VERSION_RELEASE_NUM (LUA_VERSION_NUM * 100 + 8)

#define LUA_VERSION "Lua " LUA_VERSION_MAJOR "." LUA_VERSION_MINOR
#define LUA_RELEASE LUA_VERSION "." LUA_VERSION_RELEASE
/* Of the language, as programs expect it in a version line. */
#define LUA_COPYRIGHT LUA_RELEASE "  Copyright (C) 1994-2025 Lua.org, PUC-Rio"
#define LUA_AUTHORS "The Selvage authors"

/* "$LuaVersion: ...$", for tools that look for it in binaries. */
LUA_API const char lua_ident[];

/* ---- constants ---- */

/* What a binary chunk begins with. */
#define LUA_SIGNATURE "\x1bLua"

/* As a number of results: all that there are. */
#define LUA_MULTRET (-1)

/* Pseudo-indices: the registry, and upvalue i (from 1 on) of the running C function. */
#define LUA_REGISTRYINDEX (-LUAI_MAXSTACK - 1000)
#define lua_upvalueindex(i) (LUA_REGISTRYINDEX - (i))

/* Integer keys of the registry: the main thread and the table of globals. */
#define LUA_RIDX_MAINTHREAD 1
#define LUA_RIDX_GLOBALS 2
#define LUA_RIDX_LAST LUA_RIDX_GLOBALS

/* How a call ended, or what a thread is at. */
#define LUA_OK 0
#define LUA_YIELD 1
#define LUA_ERRRUN 2
#define LUA_ERRSYNTAX 3
#define LUA_ERRMEM 4
#define LUA_ERRERR 5

/* Types of values. */
#define LUA_TNONE (-1)
#define LUA_TNIL 0
#define LUA_TBOOLEAN 1
#define LUA_TLIGHTUSERDATA 2
#define LUA_TNUMBER 3
#define LUA_TSTRING 4
#define LUA_TTABLE 5
#define LUA_TFUNCTION 6
#define LUA_TUSERDATA 7
#define LUA_TTHREAD 8
#define LUA_NUMTYPES 9
#define LUA_NUMTAGS LUA_NUMTYPES

/* Free slots that every C function starts with. */
#define LUA_MINSTACK 20

/* ---- types ---- */

typedef struct lua_State lua_State;

typedef LUA_NUMBER lua_Number;
typedef LUA_INTEGER lua_Integer;
typedef LUA_UNSIGNED lua_Unsigned;

/* What a continuation is given by the call that names it: a number or a pointer of the caller's choice. */
typedef LUA_KCONTEXT lua_KContext;

/* A function that Lua can call: its arguments are its stack; it pushes its results and returns how many they are. */
typedef int (*lua_CFunction)(lua_State* L);

/* What goes on after lua_callk, lua_pcallk or lua_yieldk when the coroutine yielded in between. `status` is LUA_YIELD,
 * or for lua_pcallk an error's status. */
typedef int (*lua_KFunction)(lua_State* L, int status, lua_KContext ctx);

/* Gives lua_load the next piece of a chunk and its size; NULL or a size of 0 at the end. */
typedef const char* (*lua_Reader)(lua_State* L, void* ud, size_t* sz);

/* Takes a piece of a chunk from lua_dump; anything but 0 ends the dump and is what it returns. */
typedef int (*lua_Writer)(lua_State* L, const void* p, size_t sz, void* ud);

/* Allocates (ptr is NULL; osize is then a LUA_T constant or 0), resizes or (nsize is 0) frees a block of osize bytes.
 * Returns NULL if it cannot, which it may not say to a smaller size. */
typedef void* (*lua_Alloc)(void* ud, void* ptr, size_t osize, size_t nsize);

/* Takes a warning; if tocont is not 0, the message goes on in the next call. */
typedef void (*lua_WarnFunction)(void* ud, const char* msg, int tocont);

#if defined(LUA_USER_H)
#include LUA_USER_H
#endif

/* ---- states ---- */

/* [-0, +0, -] A new virtual machine, of which this is the main thread; all memory but that of machine code comes from
 * `f(ud, ...)`. NULL if there is not enough. */
LUA_API lua_State* lua_newstate(lua_Alloc f, void* ud);
/* [-0, +0, -] Ends the virtual machine that L belongs to: closes the main thread's pending variables, runs all
 * finalizers, frees all memory. */
LUA_API void lua_close(lua_State* L);
/* [-0, +1, m] A new thread that shares L's global state. It lives as long as it can be reached, like any value. */
LUA_API lua_State* lua_newthread(lua_State* L);
/* [-0, +?, -] Ends what the thread L runs: closes its pending variables and empties its stack. Returns LUA_OK, or an
 * error's status with the error on the top. `from` is the thread that does this, or NULL. */
LUA_API int lua_closethread(lua_State* L, lua_State* from);
/* [-0, +?, -] lua_closethread(L, NULL), as it was called before 5.4.6. */
LUA_API int lua_resetthread(lua_State* L);
/* [-0, +0, -] Sets the function that is called with an error that nobody catches; returns the one before. */
LUA_API lua_CFunction lua_atpanic(lua_State* L, lua_CFunction panicf);
/* [-0, +0, -] LUA_VERSION_NUM of the library. */
LUA_API lua_Number lua_version(lua_State* L);

/* LUA_EXTRASPACE bytes of the thread for its owner's use. A new thread starts with a copy of the main thread's, which
 * starts with zeros. */
#define lua_getextraspace(L) ((void*)((char*)(L) - LUA_EXTRASPACE))

/* ---- the stack itself ---- */

/* [-0, +0, -] The same place as an index that does not depend on the top. */
LUA_API int lua_absindex(lua_State* L, int idx);
/* [-0, +0, -] The index of the top: the number of values. */
LUA_API int lua_gettop(lua_State* L);
/* [-?, +?, e] Makes idx the top: pops what is above it or fills with nil. Popping a place marked by lua_toclose closes
 * its value, which may raise any error. */
LUA_API void lua_settop(lua_State* L, int idx);
/* [-0, +1, -] A copy of the value at idx. */
LUA_API void lua_pushvalue(lua_State* L, int idx);
/* [-0, +0, -] Rotates the values from idx to the top by n places upward (downward if n is negative). */
LUA_API void lua_rotate(lua_State* L, int idx, int n);
/* [-0, +0, -] Copies the value at fromidx over that at toidx. */
LUA_API void lua_copy(lua_State* L, int fromidx, int toidx);
/* [-0, +0, -] Reserves n more slots above the top. 0 if the stack would grow too large or there is no memory. */
LUA_API int lua_checkstack(lua_State* L, int n);
/* [-?, +?, -] Pops n values from one thread and pushes them onto another of the same virtual machine. */
LUA_API void lua_xmove(lua_State* from, lua_State* to, int n);

/* [-n, +0, e] Errors: see lua_settop. */
#define lua_pop(L, n) lua_settop(L, -(n) - 1)
/* [-1, +1, -] Moves the top value to idx, shifting up what is there. */
#define lua_insert(L, idx) lua_rotate(L, (idx), 1)
/* [-1, +0, -] Takes away the value at idx, shifting down what is above it. */
#define lua_remove(L, idx) (lua_rotate(L, (idx), -1), lua_pop(L, 1))
/* [-1, +0, -] Moves the top value over that at idx. */
#define lua_replace(L, idx) (lua_copy(L, -1, (idx)), lua_pop(L, 1))

/* ---- reading values: [-0, +0, -] but where said ---- */

/* Whether it is a number or a string that can be converted to one. */
LUA_API int lua_isnumber(lua_State* L, int idx);
/* Whether it is a string or a number. */
LUA_API int lua_isstring(lua_State* L, int idx);
LUA_API int lua_iscfunction(lua_State* L, int idx);
/* Whether it is a number of the integer kind. */
LUA_API int lua_isinteger(lua_State* L, int idx);
/* Whether it is userdata, full or light. */
LUA_API int lua_isuserdata(lua_State* L, int idx);
/* Its type; LUA_TNONE if the index is acceptable, but not valid. */
LUA_API int lua_type(lua_State* L, int idx);
/* The name of a type. */
LUA_API const char* lua_typename(lua_State* L, int tp);

/* As a float, or 0 if it is none; *isnum, unless isnum is NULL, tells whether it was. Strings are converted. */
LUA_API lua_Number lua_tonumberx(lua_State* L, int idx, int* isnum);
/* Likewise as an integer. */
LUA_API lua_Integer lua_tointegerx(lua_State* L, int idx, int* isnum);
/* 0 for nil, false and no value, otherwise 1. */
LUA_API int lua_toboolean(lua_State* L, int idx);
/* [-0, +0, m] The bytes of a string with a zero after them, and their number in *len unless len is NULL. A number is
 * changed into a string where it stands; other values give NULL. The bytes stay as long as the string can be
 * reached. */
LUA_API const char* lua_tolstring(lua_State* L, int idx, size_t* len);
/* The length of a string or full userdata in bytes, of a table without metamethods; otherwise 0. */
LUA_API lua_Unsigned lua_rawlen(lua_State* L, int idx);
/* The C function, or NULL. */
LUA_API lua_CFunction lua_tocfunction(lua_State* L, int idx);
/* The address of full userdata's block, light userdata itself, or NULL. */
LUA_API void* lua_touserdata(lua_State* L, int idx);
/* The thread, or NULL. */
LUA_API lua_State* lua_tothread(lua_State* L, int idx);
/* An address that only this object has (a string, table, function, thread, userdata), or NULL. For hashes and
 * messages. */
LUA_API const void* lua_topointer(lua_State* L, int idx);

#define lua_tonumber(L, i) lua_tonumberx(L, (i), NULL)
#define lua_tointeger(L, i) lua_tointegerx(L, (i), NULL)
/* [-0, +0, m] See lua_tolstring. */
#define lua_tostring(L, i) lua_tolstring(L, (i), NULL)

#define lua_isfunction(L, n) (lua_type(L, (n)) == LUA_TFUNCTION)
#define lua_istable(L, n) (lua_type(L, (n)) == LUA_TTABLE)
#define lua_islightuserdata(L, n) (lua_type(L, (n)) == LUA_TLIGHTUSERDATA)
#define lua_isnil(L, n) (lua_type(L, (n)) == LUA_TNIL)
#define lua_isboolean(L, n) (lua_type(L, (n)) == LUA_TBOOLEAN)
#define lua_isthread(L, n) (lua_type(L, (n)) == LUA_TTHREAD)
#define lua_isnone(L, n) (lua_type(L, (n)) == LUA_TNONE)
#define lua_isnoneornil(L, n) (lua_type(L, (n)) <= 0)

/* ---- arithmetic and comparison ---- */

#define LUA_OPADD 0
#define LUA_OPSUB 1
#define LUA_OPMUL 2
#define LUA_OPMOD 3
#define LUA_OPPOW 4
#define LUA_OPDIV 5
#define LUA_OPIDIV 6
#define LUA_OPBAND 7
#define LUA_OPBOR 8
#define LUA_OPBXOR 9
#define LUA_OPSHL 10
#define LUA_OPSHR 11
#define LUA_OPUNM 12
#define LUA_OPBNOT 13

#define LUA_OPEQ 0
#define LUA_OPLT 1
#define LUA_OPLE 2

/* [-(2|1), +1, e] Replaces the operands (one for LUA_OPUNM and LUA_OPBNOT) by the result, as the operator does. */
LUA_API void lua_arith(lua_State* L, int op);
/* [-0, +0, -] Whether the values are equal without metamethods; 0 if an index is not valid. */
LUA_API int lua_rawequal(lua_State* L, int idx1, int idx2);
/* [-0, +0, e] Whether the value at idx1 is ==, < or <= that at idx2; 0 if an index is not valid. */
LUA_API int lua_compare(lua_State* L, int idx1, int idx2, int op);
/* [-n, +1, e] Replaces the n values on the top by their concatenation, as `..` does. */
LUA_API void lua_concat(lua_State* L, int n);
/* [-0, +1, e] The length of the value at idx, as `#` gives it. */
LUA_API void lua_len(lua_State* L, int idx);
/* [-0, +1, -] The number that the text is. Returns the text's size with its zero, or 0, pushing nothing, if it is
 * none. */
LUA_API size_t lua_stringtonumber(lua_State* L, const char* s);

/* ---- pushing values ---- */

/* [-0, +1, -] */
LUA_API void lua_pushnil(lua_State* L);
/* [-0, +1, -] */
LUA_API void lua_pushnumber(lua_State* L, lua_Number n);
/* [-0, +1, -] */
LUA_API void lua_pushinteger(lua_State* L, lua_Integer n);
/* [-0, +1, m] A string of len bytes, which are copied; returns the copy. s may be NULL if len is 0. */
LUA_API const char* lua_pushlstring(lua_State* L, const char* s, size_t len);
/* [-0, +1, m] A string up to its zero, copied; returns the copy. NULL pushes nil and returns NULL. */
LUA_API const char* lua_pushstring(lua_State* L, const char* s);
/* [-0, +1, v] See lua_pushfstring. */
LUA_API const char* lua_pushvfstring(lua_State* L, const char* fmt, va_list argp);
/* [-0, +1, v] A formatted string, which is also returned: %% %s (text with a final zero) %f (lua_Number) %I
 * (lua_Integer) %d (int) %c (int, a byte) %U (long, UTF-8 of a code point) %p (pointer). Errors: memory, and other
 * directives. */
LUA_API const char* lua_pushfstring(lua_State* L, const char* fmt, ...);
/* [-n, +1, m] A C function with the n (up to 255) values on the top as its upvalues. */
LUA_API void lua_pushcclosure(lua_State* L, lua_CFunction fn, int n);
/* [-0, +1, -] */
LUA_API void lua_pushboolean(lua_State* L, int b);
/* [-0, +1, -] An address as a value: equal if the address is. */
LUA_API void lua_pushlightuserdata(lua_State* L, void* p);
/* [-0, +1, -] The thread L itself; 1 if it is the main one. */
LUA_API int lua_pushthread(lua_State* L);

/* [-0, +1, -] */
#define lua_pushcfunction(L, f) lua_pushcclosure(L, (f), 0)
/* [-0, +1, m] For string literals. */
#define lua_pushliteral(L, s) lua_pushstring(L, "" s)
/* [-0, +1, -] The table of globals. */
#define lua_pushglobaltable(L) ((void)lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS))

/* ---- out of tables and userdata; each returns the type of what it pushes ---- */

/* [-0, +1, e] A global variable. */
LUA_API int lua_getglobal(lua_State* L, const char* name);
/* [-1, +1, e] t[k]; t is at idx, k is on the top. */
LUA_API int lua_gettable(lua_State* L, int idx);
/* [-0, +1, e] t[k]. */
LUA_API int lua_getfield(lua_State* L, int idx, const char* k);
/* [-0, +1, e] t[n]. */
LUA_API int lua_geti(lua_State* L, int idx, lua_Integer n);
/* [-1, +1, -] Like lua_gettable, but t must be a table and metamethods are passed over. */
LUA_API int lua_rawget(lua_State* L, int idx);
/* [-0, +1, -] t[n], likewise. */
LUA_API int lua_rawgeti(lua_State* L, int idx, lua_Integer n);
/* [-0, +1, -] t[p], likewise; the key is p as light userdata. */
LUA_API int lua_rawgetp(lua_State* L, int idx, const void* p);

/* [-0, +1, m] An empty table with room for narr elements of a sequence and nrec others. */
LUA_API void lua_createtable(lua_State* L, int narr, int nrec);
/* [-0, +1, m] Full userdata with nuvalue user values; returns the address of its sz bytes. */
LUA_API void* lua_newuserdatauv(lua_State* L, size_t sz, int nuvalue);
/* [-0, +(0|1), -] The metatable of the value; 0, pushing nothing, if it has none. */
LUA_API int lua_getmetatable(lua_State* L, int objindex);
/* [-0, +1, -] User value n (from 1 on) of full userdata; nil and LUA_TNONE if it has not so many. */
LUA_API int lua_getiuservalue(lua_State* L, int idx, int n);
/* [-1, +(2|0), v] The key and the value after the key on the top (nil: the first), in no order in particular; 0,
 * pushing nothing, at the end. While a table is traversed, existing fields may be changed and cleared, but none added.
 * Errors: a key that is not in the table. */
LUA_API int lua_next(lua_State* L, int idx);

/* [-0, +1, m] */
#define lua_newtable(L) lua_createtable(L, 0, 0)
/* [-0, +1, m] Userdata as it was before 5.4, with one user value. */
#define lua_newuserdata(L, s) lua_newuserdatauv(L, s, 1)
#define lua_getuservalue(L, idx) lua_getiuservalue(L, idx, 1)
#define lua_setuservalue(L, idx) lua_setiuservalue(L, idx, 1)

/* ---- into tables and userdata ---- */

/* [-1, +0, e] Assigns the top value to a global variable. */
LUA_API void lua_setglobal(lua_State* L, const char* name);
/* [-2, +0, e] t[k] = v; t is at idx, v on the top, k below it. */
LUA_API void lua_settable(lua_State* L, int idx);
/* [-1, +0, e] t[k] = v. */
LUA_API void lua_setfield(lua_State* L, int idx, const char* k);
/* [-1, +0, e] t[n] = v. */
LUA_API void lua_seti(lua_State* L, int idx, lua_Integer n);
/* [-2, +0, v] Like lua_settable, but t must be a table and metamethods are passed over. Errors: memory, and keys that
 * are nil or NaN. */
LUA_API void lua_rawset(lua_State* L, int idx);
/* [-1, +0, m] t[n] = v, likewise. */
LUA_API void lua_rawseti(lua_State* L, int idx, lua_Integer n);
/* [-1, +0, m] t[p] = v, likewise; the key is p as light userdata. */
LUA_API void lua_rawsetp(lua_State* L, int idx, const void* p);
/* [-1, +0, -] Makes the table or nil on the top the metatable of the value, which all values of its type share unless
 * it is a table or full userdata. Returns 1. */
LUA_API int lua_setmetatable(lua_State* L, int objindex);
/* [-1, +0, -] Sets user value n of full userdata; 0 if it has not so many. */
LUA_API int lua_setiuservalue(lua_State* L, int idx, int n);

/* [-0, +0, e] Makes the C function f the global n. */
#define lua_register(L, n, f) (lua_pushcfunction(L, (f)), lua_setglobal(L, (n)))

/* ---- calls and chunks ---- */

/* [-(nargs+1), +nresults, e] Calls the function below the nargs arguments. If it yields, the running C function is
 * given up, and k(L, LUA_YIELD, ctx) goes on in its place when it returns; without k it cannot yield. */
LUA_API void lua_callk(lua_State* L, int nargs, int nresults, lua_KContext ctx, lua_KFunction k);
/* [-(nargs+1), +(nresults|1), -] Likewise, but errors are caught: the status is returned (given to k), and the error
 * is pushed, or, if msgh is not 0, what the function at index msgh makes of it where it happens. */
LUA_API int lua_pcallk(lua_State* L, int nargs, int nresults, int msgh, lua_KContext ctx, lua_KFunction k);
/* [-0, +1, -] Compiles a chunk, text or binary as far as mode ("b", "t", "bt"; NULL: both) allows it, and pushes it as
 * a function, or the error. Its first upvalue is the table of globals. Returns LUA_OK, LUA_ERRSYNTAX or LUA_ERRMEM;
 * errors of the reader are errors of lua_load. */
LUA_API int lua_load(lua_State* L, lua_Reader reader, void* data, const char* chunkname, const char* mode);
/* [-0, +0, -] Writes the Lua function on the top as a binary chunk, without what only debugging needs if strip is not
 * 0. Returns the writer's last result; 1 if there is no Lua function. */
LUA_API int lua_dump(lua_State* L, lua_Writer writer, void* data, int strip);
/* [-1, +0, v] Raises the value on the top as an error. Does not return. */
LUA_API int lua_error(lua_State* L);

/* [-(n+1), +r, e] */
#define lua_call(L, n, r) lua_callk(L, (n), (r), 0, NULL)
/* [-(n+1), +(r|1), -] */
#define lua_pcall(L, n, r, f) lua_pcallk(L, (n), (r), (f), 0, NULL)

/* ---- coroutines ---- */

/* [-?, +?, v] Yields the nresults values on the top from the running coroutine; k goes on when it is resumed, and
 * without k the function has returned then. To be called last, as `return lua_yieldk(...)`; does not return but in a
 * hook. Errors: the coroutine cannot yield here. */
LUA_API int lua_yieldk(lua_State* L, int nresults, lua_KContext ctx, lua_KFunction k);
/* [-?, +?, -] Starts L with the function and the narg arguments on its stack, or goes on with the narg values as the
 * results of its yield. Returns LUA_YIELD or LUA_OK, with *nresults values on L's top, or an error's status with the
 * error there. `from` is the thread that resumes, or NULL. */
LUA_API int lua_resume(lua_State* L, lua_State* from, int narg, int* nresults);
/* [-0, +0, -] LUA_YIELD: suspended in a yield; an error's status: ended by it; otherwise LUA_OK. */
LUA_API int lua_status(lua_State* L);
/* [-0, +0, -] Whether the running function may yield. */
LUA_API int lua_isyieldable(lua_State* L);

#define lua_yield(L, n) lua_yieldk(L, (n), 0, NULL)

/* ---- variables to be closed ---- */

/* [-0, +0, m] Marks the place as a variable to be closed (manual, 3.3.8): its __close is called when the function
 * ends, by an error too, or the place is popped. To be left in the reverse order. Errors also: the value has no
 * __close and is neither nil nor false. */
LUA_API void lua_toclose(lua_State* L, int idx);
/* [-0, +0, e] Closes such a place now and sets it to nil. */
LUA_API void lua_closeslot(lua_State* L, int idx);

/* ---- warnings ---- */

/* [-0, +0, -] Sets the function that warnings are given to; NULL: none. */
LUA_API void lua_setwarnf(lua_State* L, lua_WarnFunction f, void* ud);
/* [-0, +0, -] Emits a warning or, if tocont is not 0, a part of one. */
LUA_API void lua_warning(lua_State* L, const char* msg, int tocont);

/* ---- memory ---- */

#define LUA_GCSTOP 0 /* until LUA_GCRESTART */
#define LUA_GCRESTART 1
#define LUA_GCCOLLECT 2    /* a complete collection */
#define LUA_GCCOUNT 3      /* returns the memory in use, in KiB */
#define LUA_GCCOUNTB 4     /* and the bytes beyond those KiB */
#define LUA_GCSTEP 5       /* (int stepsize): returns 1 if a cycle ended */
#define LUA_GCSETPAUSE 6   /* (int pause): returns the value before */
#define LUA_GCSETSTEPMUL 7 /* (int multiplier): likewise */
#define LUA_GCISRUNNING 9  /* returns whether it is not stopped */
#define LUA_GCGEN 10 /* (int minormul, int majormul): generational; returns LUA_GCGEN or LUA_GCINC, the mode before */
#define LUA_GCINC 11 /* (int pause, int stepmul, int stepsize): incremental; likewise */

/* [-0, +0, -] Controls the collector. -1 for an unknown `what`, and in finalizers, whose errors are warnings. */
LUA_API int lua_gc(lua_State* L, int what, ...);
/* [-0, +0, -] The state's allocator; its ud goes to *ud unless that is NULL. */
LUA_API lua_Alloc lua_getallocf(lua_State* L, void** ud);
/* [-0, +0, -] Replaces it: f must be able to free what the one before has allocated. */
LUA_API void lua_setallocf(lua_State* L, lua_Alloc f, void* ud);

/* ---- debugging (manual, 4.7) ---- */

#define LUA_HOOKCALL 0
#define LUA_HOOKRET 1
#define LUA_HOOKLINE 2
#define LUA_HOOKCOUNT 3
#define LUA_HOOKTAILCALL 4

#define LUA_MASKCALL (1 << LUA_HOOKCALL)
#define LUA_MASKRET (1 << LUA_HOOKRET)
#define LUA_MASKLINE (1 << LUA_HOOKLINE)
#define LUA_MASKCOUNT (1 << LUA_HOOKCOUNT)

/* A function or a call of one. lua_getstack fills in i_ci, lua_getinfo what is asked for by the letter at the right. */
struct lua_Debug {
  int event;             /* for hooks: LUA_HOOKCALL etc. */
  const char* name;      /* n: what the caller calls it, or NULL */
  const char* namewhat;  /* n: "global", "local", "method", "field", "upvalue", "constant", "metamethod", ... or "" */
  const char* what;      /* S: "Lua", "C" or "main" */
  const char* source;    /* S: "@file", "=description" or the text itself */
  size_t srclen;         /* S: its length */
  int currentline;       /* l: -1 if not known */
  int linedefined;       /* S: -1 for a C function */
  int lastlinedefined;   /* S: likewise */
  unsigned char nups;    /* u: upvalues */
  unsigned char nparams; /* u: parameters; 0 for a C function */
  char isvararg;         /* u: 1 for a C function */
  char istailcall;       /* t: called by a tail call, so its caller is not on the stack */
  unsigned short ftransfer;   /* r: index of the first argument (in a call hook) or result (in a return hook) */
  unsigned short ntransfer;   /* r: how many of them there are */
  char short_src[LUA_IDSIZE]; /* S: the source as messages show it */
  struct CallInfo* i_ci;      /* of the library */
};
typedef struct lua_Debug lua_Debug;

/* A hook: is told of what it has been set for in ar->event and, for lines, ar->currentline. */
typedef void (*lua_Hook)(lua_State* L, lua_Debug* ar);

/* [-0, +0, -] Finds the function at a level: 0 is the running one, 1 its caller. 0 if there are not so many. */
LUA_API int lua_getstack(lua_State* L, int level, lua_Debug* ar);
/* [-(0|1), +(0|1|2), m] Fills in *ar for the letters in `what`: see lua_Debug. After '>' it is about the function on
 * the top, which is popped, otherwise about what lua_getstack or a hook was given. 'f' pushes the function, then 'L' a
 * table whose keys are the lines with code. 0 if a letter is not known. */
LUA_API int lua_getinfo(lua_State* L, const char* what, lua_Debug* ar);
/* [-0, +(0|1), -] The name and, pushed, the value of local variable n (from 1 on; -1, -2...: the variable arguments);
 * NULL if there is none. With ar == NULL, the name of parameter n of the function on the top, which stays there. */
LUA_API const char* lua_getlocal(lua_State* L, const lua_Debug* ar, int n);
/* [-(0|1), +0, -] Assigns the top value to it; NULL, popping nothing, if there is none. */
LUA_API const char* lua_setlocal(lua_State* L, const lua_Debug* ar, int n);
/* [-0, +(0|1), -] The name ("" in a C function) and, pushed, the value of upvalue n of the function at funcindex; NULL
 * if there is none. */
LUA_API const char* lua_getupvalue(lua_State* L, int funcindex, int n);
/* [-(0|1), +0, -] Assigns the top value to it; NULL, popping nothing, if there is none. */
LUA_API const char* lua_setupvalue(lua_State* L, int funcindex, int n);
/* [-0, +0, -] An address that tells apart upvalues: functions that share one have the same. NULL if there is none. */
LUA_API void* lua_upvalueid(lua_State* L, int funcindex, int n);
/* [-0, +0, -] Makes upvalue n1 of the first Lua function the same as n2 of the second. */
LUA_API void lua_upvaluejoin(lua_State* L, int funcindex1, int n1, int funcindex2, int n2);

/* [-0, +0, -] Sets the thread's hook for the events of the mask; count: every how many instructions for LUA_MASKCOUNT.
 * NULL or 0 as a mask: none. May be called from a signal handler
 * and from any OS thread while L exists; the hook is on from the next call, jump back or return of a C function on. */
LUA_API void lua_sethook(lua_State* L, lua_Hook f, int mask, int count);
/* [-0, +0, -] The hook, its mask, its count. */
LUA_API lua_Hook lua_gethook(lua_State* L);
LUA_API int lua_gethookmask(lua_State* L);
LUA_API int lua_gethookcount(lua_State* L);

/* [-0, +0, -] Does nothing since 5.4.3; returns 200, the reference's limit of nested C calls. */
LUA_API int lua_setcstacklimit(lua_State* L, unsigned int limit);

/* ---- unsigned numbers as in 5.3, on request ---- */

#if defined(LUA_COMPAT_APIINTCASTS)
#define lua_pushunsigned(L, n) lua_pushinteger(L, (lua_Integer)(n))
#define lua_tounsignedx(L, i, isnum) ((lua_Unsigned)lua_tointegerx(L, i, isnum))
#define lua_tounsigned(L, i) lua_tounsignedx(L, (i), NULL)
#endif

#endif /* SELVAGE_LUA_H */
