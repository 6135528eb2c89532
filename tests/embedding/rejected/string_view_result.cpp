// expected: a string_view or const char* would point into a Lua string that nothing keeps alive: read a std::string
#include <selvage/selvage.hpp>

void sample(selvage::state& lua) { lua.script<std::string_view>("return 'x'"); }
