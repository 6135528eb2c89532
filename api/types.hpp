// The C API's numbers for types.
#pragma once

#include "vm/value.hpp"

namespace selvage::api {

// LUA_TNIL, LUA_TTABLE and so on.
int typeNumber(Value value);

}  // namespace selvage::api
