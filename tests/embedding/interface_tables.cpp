// Tables: fields, paths, ranges, metatables; environments.
#include "interface_state.hpp"

#include <map>

TEST_CASE("fields and paths") {
  const selvage::state lua = newTestState();
  lua["config"] = lua.create_table_with("width", 640, "title", "game", 1, true);
  CHECK(lua["config"]["width"].get<int>() == 640);
  CHECK(lua["config"]["title"].get<std::string>() == "game");
  CHECK(lua["config"][1].get<bool>());
  lua["config"]["width"] = 800;
  int width = lua["config"]["width"];
  CHECK(width == 800);
  CHECK(lua["config"]["height"].get_or(480) == 480);
  CHECK(lua["none"]["deep"]["er"].get<std::optional<int>>() == std::nullopt);
  CHECK_FALSE(lua["config"]["none"].valid());
  CHECK(lua["config"]["none"] == selvage::nil);
  CHECK(lua.traverse_get<int>("config", "width") == 800);
  const auto [w, title] = lua["config"].get<selvage::table>().get<int, std::string>("width", "title");
  CHECK(w == 800);
  CHECK(title == "game");
  lua.set("a", 1, "b", 2);
  CHECK(lua.script<int>("return a + b") == 3);
  lua["copy"] = lua["config"]["title"];
  CHECK(lua["copy"].is<std::string>());
  CHECK_FALSE(lua["copy"].is<int>());
  const selvage::table config = lua["config"];
  CHECK(config == lua["config"].get<selvage::table>());
  CHECK(thrownBy([&] { config.raw_set(selvage::nil, 1); }) == "nil cannot be the key of a table's field");
  CHECK(thrownBy([&] { config[std::nan("")] = 1; }) == "NaN cannot be the key of a table's field");
  CHECK(lua_gettop(lua.lua_state()) == 0);
}

TEST_CASE("ranges") {
  const selvage::state lua = newTestState();
  const auto list = lua.script<selvage::table>("return {10, 20, 30, name = 'x'}");
  int sum = 0;
  for (int each : list.array<int>()) sum += each;
  CHECK(sum == 60);
  CHECK(list.size() == 3);
  int pairs = 0;
  for (const auto& [key, value] : list) {
    if (key.is<int>()) pairs += value.as<int>();
  }
  CHECK(pairs == 60);
  std::map<std::string, int> read;
  const auto names = lua.create_table_with("a", 1, "b", 2);
  for (const auto& [key, value] : names.pairs<std::string, int>()) read[key] = value;
  CHECK(read == std::map<std::string, int>{{"a", 1}, {"b", 2}});
  CHECK(thrownBy([&] {
          for (const auto& [key, value] : list.pairs<int, int>()) static_cast<void>(key + value);
        }).find("number expected, got string") != std::string::npos);
  CHECK(thrownBy([&] {
          for (bool each : list.array<bool>()) static_cast<void>(each);
        }) == "field [1]: boolean expected, got number");
  // Two at a time, left early, removed from meanwhile.
  for (const auto& outer : names) {
    for (const auto& inner : names) {
      if (inner.first == outer.first) break;
    }
  }
  for (const auto& [key, value] : names) names.raw_set(key, selvage::nil);
  CHECK(names.empty());
  list.add(40);
  CHECK(list.array<int>()[4] == 40);
  list.clear();
  CHECK(list.empty());
  int called = 0;
  lua.create_table_with(1, 2).for_each([&](const selvage::object&, const selvage::object&) { ++called; });
  CHECK(called == 1);
  CHECK(lua_gettop(lua.lua_state()) == 0);
}

TEST_CASE("metamethods, and their errors") {
  const selvage::state lua = newTestState();
  lua.script(R"(
    proxy = setmetatable({}, {
      __index = function(t, k) if k == "bad" then error("no such thing") end return k .. "!" end,
      __newindex = function(t, k, v) error("constant", 0) end,
      __len = function() return 42 end})
    broken = setmetatable({}, {__len = function() error("len", 0) end})
  )");
  const selvage::table proxy = lua["proxy"];
  CHECK(proxy["x"].get<std::string>() == "x!");
  CHECK(proxy["bad"].try_get<std::string>().message().find("no such thing") != std::string::npos);
  CHECK(thrownBy([&] { proxy["x"] = 1; }) == "constant");
  CHECK(proxy.try_set("x", 1).message() == "constant");
  CHECK(proxy.size() == 42);
  CHECK(thrownBy([&] { lua["broken"].get<selvage::table>().size(); }) == "len");
  proxy.raw_set("x", 7);
  CHECK(proxy.raw_get<int>("x") == 7);
  CHECK(proxy.get_metatable().has_value());
  proxy.set_metatable(std::nullopt);
  CHECK_FALSE(proxy.get_metatable().has_value());
  CHECK(lua_gettop(lua.lua_state()) == 0);
}

TEST_CASE("environments") {
  const selvage::state lua = newTestState();
  lua["shared"] = 1;
  const selvage::environment sandbox(lua.lua_state(), selvage::create, lua.globals());
  lua.script("own = shared + 1", sandbox);
  CHECK(sandbox["own"].get<int>() == 2);
  CHECK_FALSE(lua["own"].valid());
  const selvage::environment empty(lua.lua_state(), selvage::create);
  CHECK(lua.safe_script("print(1)", empty).what().message().find("global 'print'") != std::string::npos);
  lua.script("function first() return shared end function second() return shared end");
  const selvage::function first = lua["first"];
  const selvage::environment other(lua.create_table_with("shared", 9));
  CHECK(other.set_on(first));
  CHECK(first.call<int>() == 9);
  CHECK(lua.call<int>("second") == 1);
  CHECK(selvage::get_environment(first) == other);
  CHECK_FALSE(selvage::get_environment(lua["print"].get<selvage::function>()).has_value());
}
