// expected: a data member of a class must be of that class or of a base
#include <selvage/selvage.hpp>

struct Point {
  int x = 0;
};
struct Other {
  int y = 0;
};
void sample(selvage::state& lua) { lua.new_usertype<Point>("Point", "y", &Other::y); }
