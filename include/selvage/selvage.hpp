// The C++ interface to Lua, in one include. See docs/embedding.md for a guide with examples.
//
//     selvage::state lua;
//     lua.open_libraries();
//     lua.script("function twice(x) return 2 * x end");
//     int four = lua.call<int>("twice", 2);
#pragma once

#include "state.hpp"
