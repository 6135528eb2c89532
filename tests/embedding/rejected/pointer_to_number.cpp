// expected: pointers to this type cannot be passed between C++ and Lua
#include <selvage/selvage.hpp>

void sample(selvage::state& lua, int* number) { lua["x"] = number; }
