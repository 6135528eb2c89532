// The C API's numbers for types.
#pragma once

#include "include/lua.h"
#include "vm/value.hpp"

namespace selvage::api {

// By tag. What is no Lua value looks like nil.
inline constexpr signed char typeNumbers[tagCount] = {
    LUA_TNIL, LUA_TBOOLEAN, LUA_TBOOLEAN, LUA_TNUMBER,   LUA_TNUMBER,   LUA_TLIGHTUSERDATA, LUA_TNIL,
    LUA_TNIL, LUA_TSTRING,  LUA_TTABLE,   LUA_TFUNCTION, LUA_TUSERDATA, LUA_TTHREAD};

// LUA_TNIL, LUA_TTABLE and so on.
inline int typeNumber(const Value& value) { return typeNumbers[static_cast<size_t>(value.tag)]; }

}  // namespace selvage::api
