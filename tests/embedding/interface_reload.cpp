// Hot reload of a module that keeps its state: the recipe of docs/embedding.md, as the example engine has it.
#include "interface_state.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

TEST_CASE("a module is loaded again and keeps its state") {
  const selvage::state lua = newTestState();
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      ("selvage_reload_" + std::to_string(std::rand()) + "_" + std::to_string(reinterpret_cast<std::uintptr_t>(&lua)));
  std::filesystem::create_directory(folder);
  const auto write = [&folder](const std::string& text) { std::ofstream(folder / "counter.lua") << text; };
  lua["package"]["path"] = folder.string() + "/?.lua;" ENGINE_SCRIPTS "/?.lua";
  write(R"(
    local state = require("reload").state("counter", function() return {n = 0} end)
    local counter = {}
    function counter.next() state.n = state.n + 1 return state.n end
    function counter.old() return "old" end
    return counter)");
  lua.script("counter = require 'counter' counter.next() counter.next()");
  const selvage::table module = lua["counter"];
  const auto running = lua.script<selvage::function>(
      "local co = coroutine.wrap(function() while true do coroutine.yield(counter.next()) end end) return co");
  CHECK(running.call<int>() == 3);

  write(R"(
    local state = require("reload").state("counter", function() return {n = 0} end)
    local counter = {}
    function counter.next() state.n = state.n + 10 return state.n end
    return counter)");
  const selvage::table reload = lua.require<selvage::table>("reload");
  CHECK(reload.call<selvage::table>("module", "counter") == module);
  CHECK(module.call<int>("next") == 13);
  CHECK(running.call<int>() == 23);  // a coroutine that was on its way
  CHECK_FALSE(module["old"].valid());
  CHECK(lua.script<bool>("return require 'counter' == counter"));

  // Code that does not work changes nothing.
  for (const char* bad : {"return return", "error('at once')"}) {
    write(bad);
    const auto [value, message] =
        reload.call<std::tuple<selvage::object, std::optional<std::string>>>("module", "counter");
    CHECK_FALSE(value.valid());
    CHECK(message.has_value());
  }
  CHECK(module.call<int>("next") == 33);
  CHECK(lua.script<bool>("return require 'counter' == counter"));
  std::filesystem::remove_all(folder);
}
