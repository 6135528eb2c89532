// expected: the getter of a property takes the object and nothing else
#include <selvage/selvage.hpp>

struct Point {
  int get(int factor) const { return factor; }
};
void sample(selvage::state& lua) { lua.new_usertype<Point>("Point", "x", selvage::property(&Point::get)); }
