// expected: new_usertype<T>() needs a class; this type is converted by value
#include <selvage/selvage.hpp>

void sample(selvage::state& lua) { lua.new_usertype<std::string>("String"); }
