// Coroutines driven from C++, and C++ functions that yield.
#include "interface_state.hpp"

TEST_CASE("resumed with values until the end") {
  const selvage::state lua = newTestState();
  selvage::coroutine co = lua.script<selvage::coroutine>(
      "return function(a) local b = coroutine.yield(a + 1) local c, d = coroutine.yield(b, 'two') return c .. d end");
  CHECK(co.runnable());
  CHECK(co.status() == selvage::call_status::ok);
  CHECK(co.resume<int>(1) == 2);
  CHECK(co.status() == selvage::call_status::yielded);
  CHECK(co.resume<std::tuple<int, std::string>>(5) == std::tuple(5, "two"));
  CHECK(co.resume<std::string>("x", "y") == "xy");
  CHECK_FALSE(co.runnable());
  CHECK(co.status() == selvage::call_status::ok);
  CHECK(co.try_resume().message() == "cannot resume a dead coroutine");
  CHECK(lua_gettop(lua.lua_state()) == 0);
}

TEST_CASE("a coroutine that fails, and one that is closed") {
  const selvage::state lua = newTestState();
  selvage::coroutine co(lua.script<selvage::function>("return function() coroutine.yield(1) error('late', 0) end"));
  CHECK(co.resume<int>() == 1);
  const auto failed = co.try_resume();
  CHECK(failed.message() == "late");
  CHECK(failed.traceback().find("stack traceback") != std::string::npos);
  CHECK(co.status() == selvage::call_status::runtime);
  CHECK_FALSE(co.runnable());
  lua.script(
      "closed = 0 function pending() local x <close> = setmetatable({}, {__close = function() closed = closed + 1 "
      "end}) coroutine.yield() end");
  selvage::coroutine pending = lua["pending"];
  pending.resume();
  CHECK(pending.close().valid());
  CHECK(lua["closed"].get<int>() == 1);
  CHECK_FALSE(pending.runnable());
  CHECK(thrownBy([&] { selvage::coroutine bad(lua.create_table()); }) == "function expected, got table");
  const selvage::coroutine nothing;
  CHECK_FALSE(nothing.runnable());
}

TEST_CASE("what is yielded as a range") {
  const selvage::state lua = newTestState();
  lua.script("function count(n) return function() for i = 1, n do coroutine.yield(i) end return 'end' end end");
  int sum = 0;
  selvage::coroutine co(lua["count"].call<selvage::function>(5));
  for (int each : co.yields<int>()) sum += each;
  CHECK(sum == 15);
  selvage::coroutine wrong(lua["count"].call<selvage::function>(5));
  CHECK(thrownBy([&] {
          for (bool each : wrong.yields<bool>()) static_cast<void>(each);
        }) == "boolean expected, got number");
}

TEST_CASE("C++ functions that yield, and many coroutines") {
  const selvage::state lua = newTestState();
  lua["wait"] = selvage::yielding([](double seconds) { return seconds * 2; });
  CHECK(lua.script<double>(
            "local co = coroutine.wrap(function() return wait(1.5) + 1 end) local w = co() return w + co(10)") == 14);
  CHECK(errorOf(lua, "coroutine.wrap(wait)('x')").find("number expected, got string") != std::string::npos);
  CHECK(errorOf(lua, "wait(1)").find("outside a coroutine") != std::string::npos);
  std::vector<selvage::coroutine> all;
  lua.script("function worker(id) for i = 1, 3 do coroutine.yield(id * i) end end");
  for (int i = 0; i < 200; ++i) all.emplace_back(lua["worker"].get<selvage::function>());
  int sum = 0;
  for (int i = 0; i < 200; ++i) sum += all[static_cast<std::size_t>(i)].resume<int>(i);
  lua.collect_garbage();
  for (auto& co : all) sum += co.resume<int>();
  CHECK(sum == 3 * 199 * 100);
  // A function that is called in a coroutine may use the state.
  lua["current"] = [](selvage::this_state L) { return selvage::state_view(L)["marker"].get<int>(); };
  lua["marker"] = 17;
  CHECK(lua.script<int>("return coroutine.wrap(function() return current() end)()") == 17);
}
