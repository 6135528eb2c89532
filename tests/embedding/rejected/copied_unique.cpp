// expected: a std::unique_ptr must be moved into Lua: pass std::move(pointer)
#include <selvage/selvage.hpp>

struct Point {};
void sample(selvage::state& lua, const std::unique_ptr<Point>& point) { lua["point"] = point; }
