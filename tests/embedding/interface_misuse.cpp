// Misuse that only shows when a program runs: what refers to nothing, to a closed state, or to another one; closing a
// state from inside. Each is an error that says so.
#include <memory>
#include <utility>

#include "interface_state.hpp"

namespace {

constexpr const char* nothing = "a reference that refers to nothing was used";
constexpr const char* closed = "the Lua state of this reference is closed";
constexpr const char* fromInside = "a state cannot be closed by what runs in it";

}  // namespace

TEST_CASE("what was moved from or never set refers to nothing") {
  const selvage::state lua = newTestState();
  selvage::table table = lua.create_table();
  const selvage::table taken = std::move(table);
  // NOLINTBEGIN(bugprone-use-after-move): that is what is tested.
  CHECK(!table.valid());
  CHECK(thrownBy([&] { table["x"] = 1; }) == nothing);
  CHECK(thrownBy([&] { table["x"]["y"].get<int>(); }) == nothing);
  CHECK(thrownBy([&] { static_cast<void>(table.size()); }) == nothing);
  CHECK(thrownBy([&] {
          for (const auto& pair : table) static_cast<void>(pair);
        }) == nothing);
  selvage::state moved = newTestState();
  const selvage::state owner = std::move(moved);
  CHECK(thrownBy([&] { moved["x"] = 1; }) == nothing);
  CHECK(thrownBy([&] { moved.script("x = 1"); }) == nothing);
  CHECK(thrownBy([&] { moved.open_libraries(); }) == nothing);
  CHECK(thrownBy([&] { moved.collect_garbage(); }) == nothing);
  CHECK(thrownBy([&] { static_cast<void>(moved.memory_used()); }) == nothing);
  CHECK(thrownBy([&] { static_cast<void>(moved.create_table()); }) == nothing);
  // NOLINTEND(bugprone-use-after-move)
  CHECK(thrownBy([] { static_cast<void>(selvage::object().as<int>()); }) ==
        "a reference that refers to nothing was read");
  CHECK(selvage::function().try_call<int>().message() == "a function that refers to nothing was called");
  CHECK(selvage::coroutine().try_resume<int>().message() == "a coroutine that refers to nothing was resumed");
  CHECK(taken.valid());
}

TEST_CASE("references to a closed state can be copied and let go, but not used") {
  selvage::table table;
  selvage::function function;
  selvage::coroutine coroutine;
  {
    const selvage::state lua = newTestState();
    table = lua.create_table();
    function = lua["print"];
    coroutine = lua.script<selvage::function>("return function() coroutine.yield() end");
  }
  const selvage::table copy = table;
  selvage::table assigned;
  assigned = copy;
  CHECK(!assigned.valid());
  CHECK(thrownBy([&] { assigned["x"] = 1; }) == closed);
  CHECK(function.try_call<void>().message() == closed);
  CHECK(coroutine.try_resume<void>().message() == closed);
  CHECK(thrownBy([&] {
          const selvage::state other = newTestState();
          other["x"] = copy;
        }) == closed);
}

TEST_CASE("a state is not closed by what runs in it") {
  auto lua = std::make_unique<selvage::state>(newTestState());
  (*lua)["close"] = [&] { lua->close(); };
  (*lua)["replace"] = [&] { *lua = selvage::state(); };
  for (const char* code : {"close()", "coroutine.wrap(close)()", "table.sort({1, 2, 3}, function() close() end)",
                           "replace()", "coroutine.wrap(function() pcall(coroutine.wrap(replace)) replace() end)()"}) {
    INFO(code);
    CHECK(errorOf(*lua, code).find(fromInside) != std::string::npos);
  }
  CHECK(lua->script<int>("return 7") == 7);
  lua->close();
  CHECK(thrownBy([&] { lua->script("x = 1"); }) == nothing);
}
