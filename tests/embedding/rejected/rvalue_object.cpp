// expected: a parameter of type T&& would move from an object that Lua still holds
#include <selvage/selvage.hpp>

struct Point {};
void sample(selvage::state& lua) {
  lua["use"] = [](Point&&) {};
}
