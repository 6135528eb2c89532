// expected: an object of this class cannot be copied out of Lua: take it by reference or by pointer
#include <selvage/selvage.hpp>

struct Point {
  Point() = default;
  Point(const Point&) = delete;
};
void sample(selvage::state& lua) {
  lua["use"] = [](Point) {};
}
