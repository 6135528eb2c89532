// How the auxiliary library names a function that its caller has no name for.
#pragma once

#include "lua.h"

namespace selvage {

// Pushes the name under which package.loaded reaches the activation's function ("string.rep") and returns true, or
// pushes nothing and returns false.
bool pushGlobalFunctionName(lua_State* L, lua_Debug* activation);

}  // namespace selvage
