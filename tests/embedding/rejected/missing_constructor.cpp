// expected: constructors<...> names a signature that the class has no constructor for
#include <selvage/selvage.hpp>

struct Point {
  explicit Point(int) {}
};
void sample(selvage::state& lua) { lua.new_usertype<Point>("Point", selvage::constructors<Point(int, std::string)>()); }
