// expected: within() needs a function that returns a Result, such as one that calls try_call()
#include <selvage/bounds.hpp>

void sample(selvage::state& lua) {
  selvage::within({.instructions = 5}, lua, [&] { return lua.script<int>("return 1"); });
}
