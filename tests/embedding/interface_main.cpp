// Runs the tests of the C++ interface and ends with a line "N passed, N failed".
#define CATCH_CONFIG_RUNNER
#include "interface_state.hpp"

#include <cstdio>

namespace {

Catch::Counts testCases;

struct Counter : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunEnded(const Catch::TestRunStats& run) override { testCases = run.totals.testCases; }
};
CATCH_REGISTER_LISTENER(Counter)

}  // namespace

int main(int count, char** words) {
  const int status = Catch::Session().run(count, words);
  std::printf("%zu passed, %zu failed\n", static_cast<std::size_t>(testCases.passed),
              static_cast<std::size_t>(testCases.failed));
  return status;
}

TEST_CASE("the state is in the mode that was asked for") {
  const selvage::state lua = newTestState();
  const char* mode = std::getenv("SELVAGE_TEST_JIT");
  if (mode != nullptr && lua.try_require("selvage").has_value())
    CHECK(lua.script<std::string>("return require('selvage').jit.status().mode") == mode);
}
