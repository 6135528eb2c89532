// Lua's C API for C++ programs. The headers declare everything extern "C" by themselves when C++ includes them; this
// file is for sources that name it.
#ifndef SELVAGE_LUA_HPP
#define SELVAGE_LUA_HPP

#include "lua.h"

#include "lauxlib.h"
#include "lualib.h"

#endif  // SELVAGE_LUA_HPP
