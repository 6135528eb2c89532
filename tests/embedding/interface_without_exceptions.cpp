// The interface in a file that is compiled without exceptions: every error is a result.
#include "interface_without_exceptions.hpp"

#include <map>
#include <selvage/selvage.hpp>

namespace {

struct Point {
  int x = 0;
  int twice() const { return 2 * x; }
};

}  // namespace

std::vector<std::string> useWithoutExceptions(const char* jitMode) {
  std::vector<std::string> failed;
  const auto expect = [&failed](bool condition, const char* what) {
    if (!condition) failed.push_back(what);
  };
  static_assert(SELVAGE_EXCEPTIONS == 0);

  selvage::state lua;
  lua.open_libraries();
  if (const auto module = lua.try_require<selvage::table>("selvage"); jitMode != nullptr && module.has_value())
    expect(module.value()["jit"][jitMode].try_call().valid(), "jit mode");

  expect(lua.try_script<int>("return 6 * 7").value_or(0) == 42, "a script's value");
  expect(lua.try_script<int>("return 'x'").message() == "result: number expected, got string", "a wrong type");
  expect(lua.try_script("error('no', 0)").message() == "no", "an error");
  expect(!lua.safe_script("x = = 1").valid(), "a syntax error");
  expect(lua["none"].try_get<int>().message() == "field 'none': number expected, got nil", "a missing field");
  expect(lua["none"].get_or(5) == 5, "another value for a missing field");
  lua["n"] = 5;
  expect(lua["n"].try_get<int>().value_or(0) == 5, "a field");

  lua.new_usertype<Point>("Point", "x", &Point::x, "twice", &Point::twice);
  expect(lua.try_script<int>("local p = Point.new() p.x = 4 return p:twice()").value_or(0) == 8, "a class");
  expect(lua.try_script("Point.new().x = 'a'").message().find("number expected, got string") != std::string::npos,
         "a wrong property");

  lua["check"] = [](int n) -> selvage::Result<int> {
    if (n < 0) return selvage::error("negative");
    return n + 1;
  };
  expect(lua.try_call<int>("check", 1).value_or(0) == 2, "a result");
  expect(lua.try_call<int>("check", -1).message() == "negative", "a result that is an error");
  expect(lua.try_script("check()").message() ==
             "[string \"check()\"]:1: bad argument #1 to 'check' (number expected, got no value)",
         "a wrong argument");

  const auto f = lua.try_script<std::function<selvage::Result<int>(int)>>("return function(x) return x + 1 end");
  expect(f.valid() && (*f)(1).value_or(0) == 2, "a std::function");

  auto table = lua.try_script<selvage::table>("return {1, 2, 'x'}");
  int sum = 0;
  int wrong = 0;
  for (const auto& each : table->array<selvage::Result<int>>()) each ? sum += *each : ++wrong;
  expect(sum == 3 && wrong == 1, "an array");
  int pairs = 0;
  for (const auto& pair : *table) pairs += pair.first.valid() ? 1 : 0;
  expect(pairs == 3, "pairs");

  auto co = lua.try_script<selvage::coroutine>("return function(x) coroutine.yield(x) error('end', 0) end");
  expect(co->try_resume<int>(3).value_or(0) == 3, "a yield");
  expect(co->try_resume().message() == "end", "an error in a coroutine");
  return failed;
}
