// Results in place of exceptions, in files with and without these.
#include "interface_state.hpp"
#include "interface_without_exceptions.hpp"

TEST_CASE("without exceptions every error is a result") {
  CHECK(useWithoutExceptions(std::getenv("SELVAGE_TEST_JIT")) == std::vector<std::string>{});
}

TEST_CASE("results") {
  const selvage::Result<int> five = 5;
  CHECK(*five == 5);
  CHECK(five.value_or(1) == 5);
  CHECK(five.status() == selvage::call_status::ok);
  CHECK(thrownBy([&] { static_cast<void>(five.what()); }) == "a Result that has a value was asked for its error");
  const selvage::Result<int> none = selvage::error("why");
  CHECK_FALSE(none);
  CHECK(none.value_or(1) == 1);
  CHECK(none.message() == "why");
  CHECK(thrownBy([&] { static_cast<void>(none.value()); }) == "why");
  int x = 1;
  const selvage::Result<int&> reference = &x;
  *reference = 2;
  CHECK(x == 2);
  const selvage::Result<void> nothing;
  CHECK(nothing.valid());
}
