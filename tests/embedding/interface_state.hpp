// What all tests of the C++ interface begin with: a state in the JIT mode that the environment variable
// SELVAGE_TEST_JIT names.
#pragma once

#include <selvage/selvage.hpp>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

inline selvage::state newTestState() {
  selvage::state lua;
  lua.open_libraries();
  const char* mode = std::getenv("SELVAGE_TEST_JIT");
  // Another implementation, which these tests can be linked with too, has no such module.
  if (const auto module = lua.try_require<selvage::table>("selvage"); mode != nullptr && module.has_value())
    module.value()["jit"][mode]();
  return lua;
}

/// What pcall says of a piece of Lua code that fails, without the place of the error.
inline std::string errorOf(const selvage::state& lua, const std::string& code) {
  const auto result = lua.safe_script(code, "=test");
  if (result.valid()) return "(no error)";
  std::string message = result.what().message();
  if (message.rfind("test:", 0) == 0) message = message.substr(message.find(": ") + 2);
  return message;
}

/// What a call that throws says.
template <class F>
std::string thrownBy(F f) {
  try {
    f();
  } catch (const std::exception& caught) {
    return caught.what();
  }
  return "(nothing)";
}
