// expected: would point into Lua strings that may be gone: use std::string
#include <selvage/selvage.hpp>

void sample(selvage::state& lua) { lua.script<std::vector<std::string_view>>("return {'x'}"); }
