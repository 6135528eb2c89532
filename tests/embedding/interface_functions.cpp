// C++ functions called from Lua, and Lua functions called from C++.
#include "interface_state.hpp"

#include <map>
#include <memory>

namespace {

int add(int a, int b) { return a + b; }
int addQuietly(int a, int b) noexcept { return a + b; }
struct Counter {
  int operator()(int step) { return count += step; }
  int count = 0;
};

}  // namespace

TEST_CASE("functions, lambdas, captures and overloads") {
  const selvage::state lua = newTestState();
  lua["add"] = &add;
  lua["add2"] = addQuietly;
  lua["add3"] = selvage::c_call<&add>;
  CHECK(lua.script<int>("return add(1, 2) + add2(3, 4) + add3(5, 6)") == 21);
  auto shared = std::make_shared<int>(5);
  lua["captured"] = [shared](int x) { return *shared + x; };
  CHECK(shared.use_count() == 2);
  CHECK(lua.script<int>("return captured(1)") == 6);
  lua["captured"] = selvage::nil;
  lua.collect_garbage();
  CHECK(shared.use_count() == 1);  // the closure's finalizer ran
  lua["counter"] = Counter{};
  CHECK(lua.script<int>("counter(2) return counter(3)") == 5);
  lua["mutable"] = [n = 0]() mutable { return ++n; };
  CHECK(lua.script<int>("mutable() return mutable()") == 2);
  lua.set_function(
      "kind", [](int) { return "integer"; }, [](const std::string&) { return "string"; },
      [](int, int) { return "two"; }, [](double, std::optional<bool>) { return "number"; });
  CHECK(lua.script<std::string>("return kind(1)") == "integer");
  CHECK(lua.script<std::string>("return kind('x')") == "string");
  CHECK(lua.script<std::string>("return kind(1, 2)") == "two");
  CHECK(lua.script<std::string>("return kind(1.5)") == "number");
  CHECK(lua.script<std::string>("return kind(1.5, true)") == "number");
  CHECK(errorOf(lua, "kind({})") ==
        "bad argument #1 to 'kind' (no overload takes (table); there are (integer), "
        "(string), (integer, integer), (number, boolean or nil))");
  CHECK(errorOf(lua, "kind(1, 2, 3)").find("no overload takes (number, number, number)") != std::string::npos);
  lua["generic"] = selvage::as_function<double(double, double)>([](auto a, auto b) { return a * b; });
  CHECK(lua.script<double>("return generic(3, 4)") == 12);
  struct Functor {
    int operator()(int x) const { return x + 1; }
  };
  lua["functor"] = selvage::as_function(Functor{});
  CHECK(lua.script<int>("return functor(1)") == 2);
  lua["empty"] = std::function<void()>();
  CHECK_FALSE(lua["empty"].valid());
}

TEST_CASE("several results, and a variable number of both") {
  const selvage::state lua = newTestState();
  lua["divide"] = [](int a, int b) { return std::tuple(a / b, a % b); };
  lua["pair"] = [] { return std::pair("x", 1); };
  CHECK(lua.script<std::tuple<int, int>>("return divide(17, 5)") == std::tuple(3, 2));
  CHECK(lua.script<int>("return select('#', pair())") == 2);
  lua["sum"] = [](std::string name, selvage::variadic_args rest) {
    double total = 0;
    for (std::size_t i = 0; i < rest.size(); ++i) total += rest.get<double>(i);
    return name + std::to_string(static_cast<int>(total)) + std::to_string(rest.size());
  };
  CHECK(lua.script<std::string>("return sum('n', 1, 2.5, 3.5)") == "n73");
  CHECK(lua.script<std::string>("return sum('n')") == "n00");
  CHECK(errorOf(lua, "sum('n', 1, 'x')") == "argument 2 of a variable number: number expected, got string");
  lua["all"] = [](selvage::variadic_args all) { return all; };
  CHECK(lua.script<std::tuple<int, std::string>>("return all(4, 'y')") == std::tuple(4, "y"));
  lua["spread"] = [](const std::vector<int>& list) { return selvage::as_returns(list); };
  CHECK(lua.script<int>("return select('#', spread {1, 2, 3})") == 3);
  lua["main"] = [](selvage::this_state L, int x) { return x + lua_gettop(L); };
  CHECK(lua.script<int>("return main(5)") == 6);
  const auto results = lua.script<selvage::variadic_results>("return 1, nil, 'x'");
  CHECK(results.size() == 3);
  lua.script("function count(...) return select('#', ...) end");
  CHECK(lua.call<int>("count", 1, selvage::as_args(std::vector<int>{1, 2, 3}), results) == 7);
  // Very many results need room on the stack.
  lua["many"] = [](int n) { return selvage::as_returns(std::vector<int>(static_cast<std::size_t>(n), 1)); };
  CHECK(lua.script<int>("return select('#', many(5000))") == 5000);
}

TEST_CASE("Lua functions called from C++") {
  const selvage::state lua = newTestState();
  lua.script("function update(dt) return dt * 2, 'ok' end  module = {deep = {f = function(x) return x + 1 end}}");
  CHECK(lua.call<int>("update", 4) == 8);
  CHECK(lua.call<std::tuple<int, std::string>>("update", 1) == std::tuple(2, "ok"));
  lua.call("update", 1);
  CHECK(lua["module"]["deep"]["f"].call<int>(1) == 2);
  int direct = lua["module"]["deep"]["f"](41);
  CHECK(direct == 42);
  const selvage::function update = lua["update"];
  const selvage::function_result result = update(3);
  CHECK(result.size() == 2);
  CHECK(result.get<int>() == 6);
  CHECK(result.get<std::string>(1) == "ok");
  const std::function<double(double)> converted = lua["update"];
  CHECK(converted(1.5) == 3.0);
  const selvage::protected_function careful = lua["update"];
  const auto failed = careful();
  CHECK_FALSE(failed.valid());
  CHECK(failed.status() == selvage::call_status::runtime);
  CHECK(failed.what().message().find("attempt to perform arithmetic on a nil value") != std::string::npos);
  CHECK(failed.what().traceback().find("in function 'update'") != std::string::npos);
  const auto wrong = lua.try_call<bool>("update", 1);
  CHECK_FALSE(wrong);
  CHECK(wrong.message() == "result: boolean expected, got number");
  CHECK(lua.try_call<std::tuple<int, int>>("update", 1).message() == "result 2: number expected, got string");
  // A table that can be called.
  lua.script("callable = setmetatable({}, {__call = function(self, x) return x * 10 end})");
  const selvage::function callable = lua["callable"];
  CHECK(callable.call<int>(2) == 20);
  // A callback that is kept, given by Lua.
  std::function<int(int)> kept;
  lua["keep"] = [&kept](std::function<int(int)> f) { kept = std::move(f); };
  lua.script("local base = 100 keep(function(x) return base + x end)");
  lua.collect_garbage();
  CHECK(kept(5) == 105);
  CHECK(errorOf(lua, "keep(5)") == "bad argument #1 to 'keep' (function expected, got number)");
  kept = nullptr;
}

TEST_CASE("calls nest across the boundary") {
  const selvage::state lua = newTestState();
  lua["down"] = [&lua](int n) -> int { return n == 0 ? 0 : lua.call<int>("up", n - 1) + 1; };
  lua.script("function up(n) return down(n) end");
  CHECK(lua.call<int>("up", 50) == 50);
  // From within a coroutine, on the state's own thread.
  CHECK(lua.script<int>("return coroutine.wrap(function() local x = down(7) coroutine.yield(x) end)()") == 7);
  // What Lua compiled for the loop must find the C++ function, too.
  CHECK(lua.script<int>("local s = 0 for i = 1, 20000 do s = s + down(0) + i end return s") == 200010000);
}
