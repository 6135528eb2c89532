// expected: what is written to a span would be lost, as the table is copied: take a span<const T>
#include <selvage/selvage.hpp>

void sample(selvage::state& lua) {
  lua["clear"] = [](std::span<int> span) { span[0] = 0; };
}
