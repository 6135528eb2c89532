// What the whole C++ interface rests on: the C API's headers, whether C++ exceptions are in use, and room on the stack.
//
// The interface is header-only over the C API of Lua 5.4. Its public names follow sol2's where that has one. Two
// conventions hold everywhere:
//  - What can run Lua code or meet a wrong type is done in a protected call, so that an error comes back as a value;
//    then it is thrown as selvage::error or returned in a Result. What can only run out of memory is called directly.
//  - A frame that raises a Lua error has no objects with destructors left in it, so that it does not matter whether
//    the library that is linked unwinds by exceptions (Selvage does) or by longjmp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" {
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
}

#if LUA_VERSION_NUM != 504
#error "selvage.hpp is an interface to Lua 5.4; the lua.h that was found is another release's"
#endif

/// 1 if errors may be thrown (the default unless compiled with -fno-exceptions), 0 if all come as results.
#ifndef SELVAGE_EXCEPTIONS
#ifdef __cpp_exceptions
#define SELVAGE_EXCEPTIONS 1
#else
#define SELVAGE_EXCEPTIONS 0
#endif
#endif

// Objects compiled with and without exceptions may be linked into one program: their inline functions differ.
#if SELVAGE_EXCEPTIONS
#define SELVAGE_NAMESPACE_BEGIN \
  namespace selvage {           \
  inline namespace throwing {
#else
#define SELVAGE_NAMESPACE_BEGIN \
  namespace selvage {           \
  inline namespace returning {
#endif
#define SELVAGE_NAMESPACE_END \
  }                           \
  }

#if defined(__GNUC__)
#define SELVAGE_COLD [[gnu::cold]]
#else
#define SELVAGE_COLD
#endif

SELVAGE_NAMESPACE_BEGIN

/// False for every type: makes a static_assert depend on a template's parameter.
template <class...>
inline constexpr bool alwaysFalse = false;

/// Reports misuse of the interface: throws selvage::error or, without exceptions, raises a Lua error, which ends the
/// program with the message if no protected call is active.
[[noreturn]] SELVAGE_COLD inline void fail(lua_State* L, const char* message);

/// Makes sure that `slots` more values can be pushed. Whatever uses a reference begins with this, so null stands for
/// one that refers to nothing: default-constructed or moved from.
inline void ensureStack(lua_State* L, int slots) {
  if (L == nullptr) fail(nullptr, "a reference that refers to nothing was used");
  if (lua_checkstack(L, slots) == 0) fail(L, "stack overflow");
}

/// Restores the height of the stack when a scope is left, less the `pushed` values that are on top already.
class StackGuard {
 public:
  explicit StackGuard(lua_State* L, int pushed = 0) : L_(L), top_(lua_gettop(L) - pushed) {}
  StackGuard(const StackGuard&) = delete;
  StackGuard& operator=(const StackGuard&) = delete;
  ~StackGuard() { lua_settop(L_, top_); }
  int top() const { return top_; }

 private:
  lua_State* L_;
  int top_;
};

SELVAGE_NAMESPACE_END
