// expected: this function reports errors by throwing, but the program is compiled without exceptions
#include <selvage/selvage.hpp>

// compile: -fno-exceptions
int sample(selvage::state& lua) { return lua.call<int>("f"); }
