// expected: a time needs a unit, such as std::chrono::milliseconds(5)
#include <selvage/bounds.hpp>

void sample(selvage::state& lua) { const selvage::budget budget(lua, {.time = 5}); }
