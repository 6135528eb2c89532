// expected: new_usertype() takes pairs of a key and a member; the last key has none
#include <selvage/selvage.hpp>

struct Point {
  int x = 0;
};
void sample(selvage::state& lua) { lua.new_usertype<Point>("Point", "x", &Point::x, "y"); }
