// expected: is a generic lambda, or has several operator(); name them with selvage::as_function<R(P...)>(f)
#include <selvage/selvage.hpp>

void sample(selvage::state& lua) {
  lua["twice"] = selvage::as_function([](auto x) { return 2 * x; });
}
