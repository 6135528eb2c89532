// expected: bases<...> names a class that is no base
#include <selvage/selvage.hpp>

struct Point {};
struct Other {};
void sample(selvage::state& lua) { lua.new_usertype<Point>("Point", selvage::base_classes, selvage::bases<Other>()); }
