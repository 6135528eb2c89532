/*
 * Facts about this build of Lua: types, limits, paths, how symbols are exported, how numbers are written.
 *
 * lua.h includes this file; programs rarely need to. All values are those of Lua 5.4 on 64-bit Linux. They are part of
 * the binary interface, so they cannot be chosen here as they can in the reference's file of the same name.
 */
#ifndef SELVAGE_LUACONF_H
#define SELVAGE_LUACONF_H

#include <limits.h>
#include <stddef.h>

#if !defined(__x86_64__)
#error "Selvage runs on x86-64"
#endif

/* ---- numbers ---- */

/* What LUA_INT_TYPE and LUA_FLOAT_TYPE can be. */
#define LUA_INT_INT 1
#define LUA_INT_LONG 2
#define LUA_INT_LONGLONG 3
#define LUA_FLOAT_FLOAT 1
#define LUA_FLOAT_DOUBLE 2
#define LUA_FLOAT_LONGDOUBLE 3

#define LUA_INT_DEFAULT LUA_INT_LONGLONG
#define LUA_FLOAT_DEFAULT LUA_FLOAT_DOUBLE

#if defined(LUA_32BITS) && LUA_32BITS
#error "numbers have 64 bits in this library"
#endif
#undef LUA_32BITS
#define LUA_32BITS 0

/* Without `long long` (C89), `long` has the same 64 bits. */
#if defined(LUA_USE_C89) || !defined(LLONG_MAX)
#define LUA_C89_NUMBERS 1
#define LUA_INT_TYPE LUA_INT_LONG
#define LUA_INTEGER long
#define LUA_INTEGER_FRMLEN "l"
#define LUA_MAXINTEGER LONG_MAX
#define LUA_MININTEGER LONG_MIN
#define LUA_MAXUNSIGNED ULONG_MAX
#else
#define LUA_C89_NUMBERS 0
#define LUA_INT_TYPE LUA_INT_LONGLONG
#define LUA_INTEGER long long
#define LUA_INTEGER_FRMLEN "ll"
#define LUA_MAXINTEGER LLONG_MAX
#define LUA_MININTEGER LLONG_MIN
#define LUA_MAXUNSIGNED ULLONG_MAX
#endif

/* What an integer becomes as an argument of printf, its format, and its unsigned sibling. */
#define LUAI_UACINT LUA_INTEGER
#define LUA_INTEGER_FMT "%" LUA_INTEGER_FRMLEN "d"
#define LUA_UNSIGNED unsigned LUAI_UACINT

#define LUA_FLOAT_TYPE LUA_FLOAT_DOUBLE
#define LUA_NUMBER double
/* Likewise for floats. */
#define LUAI_UACNUMBER double
#define LUA_NUMBER_FRMLEN ""
#define LUA_NUMBER_FMT "%.14g"

/* A constant of <float.h> for LUA_NUMBER, and a function of <math.h> for it. */
#define l_floatatt(name) (DBL_##name)
#define l_mathop(name) name
#define l_floor(x) (l_mathop(floor)(x))

/*
 * Stores the float n in *p if it has an integer's value; 0 if an integer cannot hold it. n is a float without a
 * fraction and is evaluated several times.
 */
#define lua_numbertointeger(n, p) \
  ((n) >= (LUA_NUMBER)(LUA_MININTEGER) && (n) < -(LUA_NUMBER)(LUA_MININTEGER) && (*(p) = (LUA_INTEGER)(n), 1))

/* ---- text: each of these needs the standard header of the function that it calls ---- */

#if defined(LUA_USE_C89)
#define l_sprintf(buffer, size, format, value) ((void)(size), sprintf(buffer, format, value))
#else
#define l_sprintf(buffer, size, format, value) snprintf(buffer, size, format, value)
/* Hexadecimal numerals, read and written. */
#define lua_strx2number(text, end) lua_str2number(text, end)
#define lua_number2strx(L, buffer, size, format, n) ((void)(L), l_sprintf(buffer, size, format, (LUAI_UACNUMBER)(n)))
#endif

#define lua_number2str(buffer, size, n) l_sprintf((buffer), size, LUA_NUMBER_FMT, (LUAI_UACNUMBER)(n))
#define lua_integer2str(buffer, size, n) l_sprintf((buffer), size, LUA_INTEGER_FMT, (LUAI_UACINT)(n))
#define lua_pointer2str(buffer, size, p) l_sprintf(buffer, size, "%p", p)
#define lua_str2number(text, end) strtod((text), (end))

#if !defined(lua_getlocaledecpoint)
#define lua_getlocaledecpoint() (localeconv()->decimal_point[0])
#endif

/* ---- the type of a continuation's context: as wide as a pointer ---- */

#if !defined(LUA_USE_C89) && defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L
#include <stdint.h>
#define LUA_KCONTEXT intptr_t
#else
#define LUA_KCONTEXT ptrdiff_t
#endif

/* ---- where `require` looks: the values of package.path, package.cpath and package.config ---- */

#define LUA_PATH_SEP ";"
#define LUA_PATH_MARK "?"
#define LUA_EXEC_DIR "!"
#define LUA_DIRSEP "/"

#define LUA_VDIR LUA_VERSION_MAJOR "." LUA_VERSION_MINOR
#define LUA_ROOT "/usr/local/"
#define LUA_ROOT2 "/usr/"
#define LUA_LDIR LUA_ROOT "share/lua/" LUA_VDIR "/"
#define LUA_LDIR2 LUA_ROOT2 "share/lua/" LUA_VDIR "/"
#define LUA_CDIR LUA_ROOT "lib/lua/" LUA_VDIR "/"
#define LUA_CDIR2 LUA_ROOT2 "lib/x86_64-linux-gnu/lua/" LUA_VDIR "/"
#define LUA_CDIR3 LUA_ROOT2 "lib/lua/" LUA_VDIR "/"

#if !defined(LUA_PATH_DEFAULT)
#define LUA_PATH_DEFAULT                                                                                         \
  LUA_LDIR "?.lua;" LUA_LDIR "?/init.lua;" LUA_CDIR "?.lua;" LUA_CDIR "?/init.lua;" LUA_LDIR2 "?.lua;" LUA_LDIR2 \
           "?/init.lua;./?.lua;./?/init.lua"
#endif
#if !defined(LUA_CPATH_DEFAULT)
#define LUA_CPATH_DEFAULT LUA_CDIR "?.so;" LUA_CDIR2 "?.so;" LUA_CDIR3 "?.so;" LUA_CDIR "loadall.so;./?.so"
#endif

/* ---- how functions are declared ---- */

#if defined(__GNUC__)
#define SELVAGE_EXPORTED __attribute__((visibility("default")))
#define LUAI_FUNC __attribute__((visibility("hidden"))) extern
#else
#define SELVAGE_EXPORTED
#define LUAI_FUNC extern
#endif

/* A function of lua.h, of lauxlib.h, and one that opens a library. */
#if defined(__cplusplus)
#define LUA_API extern "C" SELVAGE_EXPORTED
#else
#define LUA_API extern SELVAGE_EXPORTED
#endif
#define LUALIB_API LUA_API
#define LUAMOD_API LUA_API

/* Data that a module's files share among themselves: its declaration and its definition. */
#define LUAI_DDEC(declaration) LUAI_FUNC declaration
#define LUAI_DDEF

/* ---- which way a condition mostly goes ---- */

#if !defined(luai_likely)
#if defined(__GNUC__) && !defined(LUA_NOBUILTIN)
#define luai_likely(condition) (__builtin_expect(((condition) != 0), 1))
#define luai_unlikely(condition) (__builtin_expect(((condition) != 0), 0))
#else
#define luai_likely(condition) (condition)
#define luai_unlikely(condition) (condition)
#endif
#endif
#if defined(LUA_CORE) || defined(LUA_LIB)
#define l_likely(condition) luai_likely(condition)
#define l_unlikely(condition) luai_unlikely(condition)
#endif

/* ---- limits and layouts ---- */

#define LUAI_IS32INT ((UINT_MAX >> 30) >= 3)

/* The slots of a stack; the pseudo-indices begin beyond it. */
#define LUAI_MAXSTACK 1000000

/* The bytes before a lua_State that are its owner's: see lua_getextraspace. */
#define LUA_EXTRASPACE (sizeof(void*))

/* The bytes of lua_Debug::short_src, its final zero included. */
#define LUA_IDSIZE 60

/* The bytes that a luaL_Buffer has room for without allocating. */
#define LUAL_BUFFERSIZE ((int)(16 * sizeof(void*) * sizeof(lua_Number)))

/* Members which give a union the strictest alignment that Lua needs. */
#define LUAI_MAXALIGN \
  lua_Number n;       \
  double u;           \
  void* s;            \
  lua_Integer i;      \
  long l

/* ---- names of older versions: on request ---- */

#if defined(LUA_COMPAT_5_3)
#define LUA_COMPAT_MATHLIB
#define LUA_COMPAT_APIINTCASTS
#define LUA_COMPAT_LT_LE
#define lua_strlen(L, i) lua_rawlen(L, (i))
#define lua_objlen(L, i) lua_rawlen(L, (i))
#define lua_equal(L, index1, index2) lua_compare(L, (index1), (index2), LUA_OPEQ)
#define lua_lessthan(L, index1, index2) lua_compare(L, (index1), (index2), LUA_OPLT)
#endif

#endif /* SELVAGE_LUACONF_H */
