// Bounds of scripts through the C API (selvage/bounds.h): what a host sees of them.
#include <selvage/bounds.h>

#include <chrono>
#include <thread>

#include "interface_state.hpp"

namespace {

// What an unending script that catches all its errors ends with.
std::string runAway(const selvage::state& lua) {
  return errorOf(lua, "local function try() while true do end end while true do pcall(try) end");
}

}  // namespace

TEST_CASE("a time limit ends what catches its errors") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  REQUIRE(selvage_settimelimit(L, 0.02) == 1);
  CHECK(runAway(lua) != "(no error)");
  CHECK(selvage_exceededbound(L) == SELVAGE_OVERTIME);
  // Whatever runs now ends at once, until the host says otherwise.
  CHECK(errorOf(lua, "for i = 1, 1e9 do end") != "(no error)");
  selvage_clearbounds(L);
  CHECK(selvage_exceededbound(L) == SELVAGE_WITHINBOUNDS);
  CHECK(lua.script<int>("local s = 0 for i = 1, 1000 do s = s + i end return s") == 500500);
}

TEST_CASE("an instruction limit ends a script, and the same one each time at the same place") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  int turns[2];
  for (int& reached : turns) {
    lua["turns"] = 0;
    selvage_setinstructionlimit(L, 10'000);
    CHECK(errorOf(lua, "while true do turns = turns + 1 end") != "(no error)");
    CHECK(selvage_exceededbound(L) == SELVAGE_OVERINSTRUCTIONS);
    selvage_setinstructionlimit(L, -1);
    selvage_clearbounds(L);
    reached = lua["turns"].get<int>();
  }
  CHECK(turns[0] > 1000);
  CHECK(turns[0] == turns[1]);
}

TEST_CASE("another thread cancels a script") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  std::thread canceller([L] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    selvage_cancel(L);
  });
  CHECK(runAway(lua) != "(no error)");
  canceller.join();
  CHECK(selvage_exceededbound(L) == SELVAGE_CANCELLED);
  selvage_clearbounds(L);
  CHECK(lua.script<int>("return 7") == 7);
}

TEST_CASE("a memory limit is an error that leaves the state usable") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  lua.collect_garbage();
  const size_t limit = selvage_memoryinuse(L) + (size_t{4} << 20);
  selvage_setmemorylimit(L, limit);
  CHECK(selvage_memorylimit(L) == limit);
  CHECK(errorOf(lua, "local t = {} for i = 1, 1e9 do t[i] = {i} end") == "not enough memory");
  CHECK(errorOf(lua, "return ('x'):rep(1e9)") == "not enough memory");
  lua.collect_garbage();
  CHECK(selvage_memoryinuse(L) < limit);
  CHECK(lua.script<int>("local t = {} for i = 1, 1000 do t[i] = {i} end return #t") == 1000);
  selvage_setmemorylimit(L, 0);
  CHECK(lua.script<int>("return #('x'):rep(20000000)") == 20'000'000);
}

TEST_CASE("read-only tables") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  lua.script("shared = {limits = {speed = 10}, 1, 2, 3} write = function(t, k, v) t[k] = v end");
  lua_getglobal(L, "shared");
  CHECK(selvage_isreadonly(L, -1) == 0);
  selvage_setreadonly(L, -1, 1, 1);
  CHECK(selvage_isreadonly(L, -1) == 1);
  const std::string refused = "attempt to modify a read-only table";
  for (const char* code : {"shared.x = 1", "shared[1] = 9", "shared[#shared + 1] = 4", "shared.limits.speed = 11",
                           "rawset(shared, 'y', 1)", "table.insert(shared, 5)", "setmetatable(shared, {})",
                           "table.sort(shared, function(a, b) return a > b end)", "write(shared.limits, 'speed', 1)"}) {
    INFO(code);
    CHECK(errorOf(lua, code).find(refused) != std::string::npos);
  }
  CHECK(lua.script<int>("local s = shared.limits.speed for _, v in ipairs(shared) do s = s + v end return s") == 16);
  selvage_setreadonly(L, -1, 0, 1);
  lua_pop(L, 1);
  CHECK(lua.script<int>("shared.limits.speed = 11 shared[4] = 4 return shared.limits.speed + #shared") == 15);
}

TEST_CASE("a sandbox has nothing that reaches beyond it") {
  selvage::state lua;
  selvage_opensandbox(lua.lua_state());
  for (const char* code :
       {"return io", "return os.execute", "return os.exit", "return os.getenv", "return debug", "return require",
        "return package", "return dofile", "return loadfile", "return jit", "return string.dump", "return os.remove"}) {
    INFO(code);
    CHECK(lua.script<bool>(std::string("return (function() ") + code + " end)() == nil"));
  }
  CHECK(errorOf(lua, "string.rep = nil").find("read-only") != std::string::npos);
  CHECK(errorOf(lua, "getmetatable('').__index = nil") != "(no error)");
  CHECK(lua.script<bool>("return load('\\27Lua') == nil"));
  CHECK(lua.script<int>("return select('#', table.unpack({1, 2, 3})) + math.max(1, 2) + #('x'):rep(3)") == 8);
}
