// expected: a parameter of type T& cannot be bound to a Lua value, which is converted
#include <selvage/selvage.hpp>

void sample(selvage::state& lua) {
  lua["increment"] = [](int& number) { ++number; };
}
