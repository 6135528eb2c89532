// expected: only an object of a class that Lua holds can be read by reference
#include <selvage/selvage.hpp>

int& sample(selvage::state& lua) { return lua["x"].get<int&>(); }
