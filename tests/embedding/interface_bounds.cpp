// Bounds of scripts through the C API (selvage/bounds.h) and in C++ (selvage/bounds.hpp): what a host sees of them.
#include <selvage/bounds.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
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
  for (const char* code : {"return io", "return os.execute", "return os.exit", "return os.getenv", "return debug",
                           "return require", "return package", "return dofile", "return loadfile", "return selvage",
                           "return string.dump", "return os.remove"}) {
    INFO(code);
    CHECK(lua.script<bool>(std::string("return (function() ") + code + " end)() == nil"));
  }
  CHECK(errorOf(lua, "string.rep = nil").find("read-only") != std::string::npos);
  CHECK(errorOf(lua, "getmetatable('').__index = nil") != "(no error)");
  CHECK(lua.script<bool>("return load('\\27Lua') == nil"));
  CHECK(lua.script<int>("return select('#', table.unpack({1, 2, 3})) + math.max(1, 2) + #('x'):rep(3)") == 8);
}

TEST_CASE("a budget ends with its scope") {
  using namespace std::chrono_literals;
  const selvage::state lua = newTestState();
  {
    const selvage::budget budget(lua, {.time = 10ms});
    CHECK(runAway(lua).find("time limit exceeded") != std::string::npos);
    CHECK(budget.exceeded() == selvage::bound::time);
    CHECK(errorOf(lua, "for i = 1, 10 do end") != "(no error)");
  }
  CHECK(lua.script<int>("local s = 0 for i = 1, 1000 do s = s + i end return s") == 500500);
  {
    const selvage::budget budget(lua, {.instructions = 1000});
    CHECK(errorOf(lua, "return 1") == "(no error)");
    CHECK(budget.exceeded() == selvage::bound::none);
    CHECK(runAway(lua).find("instruction limit exceeded") != std::string::npos);
    CHECK(budget.exceeded() == selvage::bound::instructions);
  }
  CHECK(lua.script<int>("return 7") == 7);
  CHECK(thrownBy([&] { const selvage::budget none(lua, {.time = 0s}); }) == "budget: the time is not positive");
  CHECK(thrownBy([&] { const selvage::budget none(lua, {.time = -1s}); }) == "budget: the time is not positive");
  CHECK(thrownBy([&] { const selvage::budget none(lua, {.instructions = -1}); }) == "budget: negative instructions");
  CHECK(lua.script<int>("local n = 0 for i = 1, 1e5 do n = n + 1 end return n") == 100000);
}

TEST_CASE("a call within limits gives its result or the bound") {
  using namespace std::chrono_literals;
  const selvage::state lua = newTestState();
  lua.script(
      "function think(n) if n < 0 then while true do end end return n * 2 end function bad() error('bad', 0) end");
  const auto think = [&](int n) {
    return selvage::within({.time = 20ms, .instructions = 1'000'000'000}, lua,
                           [&] { return lua.try_call<int>("think", n); });
  };
  const selvage::bounded_result<int> good = think(21);
  REQUIRE(good.has_value());
  CHECK(*good == 42);
  CHECK(good.exceeded() == selvage::bound::none);
  const auto late = think(-1);
  CHECK(!late);
  CHECK(late.exceeded() == selvage::bound::time);
  CHECK(late.message().find("time limit exceeded") != std::string::npos);
  const auto failed = selvage::within({.time = 10s}, lua, [&] { return lua.try_call<void>("bad"); });
  CHECK(failed.message() == "bad");
  CHECK(failed.exceeded() == selvage::bound::none);
  CHECK(think(1).value() == 2);
}

TEST_CASE("memory limits nest") {
  const selvage::state lua = newTestState();
  const std::string hoard = "local t = {} while true do t[#t + 1] = {#t} end";
  const selvage::memory_limit outer(lua, 64U << 20);
  {
    const selvage::memory_limit inner(lua, lua.memory_used() + (4U << 20));
    const auto result = lua.try_script(hoard);
    CHECK(result.status() == selvage::call_status::memory);
    CHECK(lua.memory_used() < (16U << 20));
  }
  CHECK(selvage_memorylimit(lua.lua_state()) == 64U << 20);
  CHECK(lua.script<int>("local t = {} for i = 1, 200000 do t[i] = {i} end return #t") == 200000);
  CHECK(thrownBy([&] { const selvage::memory_limit none(lua, 0); }) == "memory_limit: no bytes at all");
}

TEST_CASE("a canceller may outlive its state") {
  std::optional<selvage::canceller> canceller;
  {
    const selvage::state lua = newTestState();
    canceller.emplace(lua);
    std::thread other([canceller] {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      canceller->cancel();
    });
    CHECK(runAway(lua).find("cancelled") != std::string::npos);
    other.join();
    const selvage::canceller copy = *canceller;
    selvage_clearbounds(lua.lua_state());
    copy.cancel();
    CHECK(selvage_exceededbound(lua.lua_state()) == SELVAGE_CANCELLED);
  }
  canceller->cancel();
}

TEST_CASE("a bound exceeded in a new way is kept when another is lifted") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  REQUIRE(selvage_settimelimit(L, 0.005) == 1);
  CHECK(runAway(lua) != "(no error)");
  selvage_cancel(L);
  REQUIRE(selvage_settimelimit(L, 10) == 1);
  CHECK(selvage_exceededbound(L) == SELVAGE_CANCELLED);
  CHECK(errorOf(lua, "for i = 1, 10 do end").find("cancelled") != std::string::npos);
  selvage_clearbounds(L);
  CHECK(errorOf(lua, "for i = 1, 10 do end") == "(no error)");
}

TEST_CASE("sandboxes and read-only tables in C++") {
  const selvage::state lua;
  selvage::open_sandbox(lua);
  CHECK(!lua["io"].valid());
  CHECK(lua.script<int>("return #tostring(math.pi)") == 15);
  lua.script("rules = {gravity = 9.81, levels = {1, 2, 3}}");
  const selvage::table rules = lua["rules"];
  CHECK(!selvage::is_read_only(rules));
  selvage::set_read_only(rules, true, true);
  CHECK(selvage::is_read_only(rules));
  CHECK(errorOf(lua, "rules.gravity = 1").find("read-only") != std::string::npos);
  CHECK(errorOf(lua, "rules.levels[1] = 1").find("read-only") != std::string::npos);
  CHECK(lua.script<double>("return rules.gravity") == 9.81);
  selvage::set_read_only(rules, false);
  CHECK(errorOf(lua, "rules.gravity = 1") == "(no error)");
}

// ---- child processes: each has the bounds that were set, and nobody waits for threads that only the parent has ----

namespace {

// Ends the child with 0 if `isGood` says so within some seconds.
template <class F>
int statusOfChild(F isGood) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(isGood() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

constexpr const char* endless = "while true do end";
constexpr const char* work = "local s = 0 for i = 1, 300000 do s = s + i % 3 end return s";

}  // namespace

TEST_CASE("a time limit that is set strikes in a child process, and in the parent") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  REQUIRE(lua.script<int>(work) == 300'000);  // stitched code is running
  REQUIRE(selvage_settimelimit(L, 0.1) == 1);
  CHECK(statusOfChild([&] {
          return errorOf(lua, endless) != "(no error)" && selvage_exceededbound(L) == SELVAGE_OVERTIME;
        }) == 0);
  CHECK(errorOf(lua, endless) != "(no error)");
  // It has struck: the child is over its bounds, too, until it says otherwise.
  CHECK(statusOfChild([&] {
          if (errorOf(lua, "return 1") == "(no error)") return false;
          selvage_clearbounds(L);
          return lua.script<int>(work) == 300'000 && selvage_settimelimit(L, 0.02) == 1 &&
                 errorOf(lua, endless) != "(no error)";
        }) == 0);
  selvage_clearbounds(L);
  // None is set; the child sets one and closes the state, and a child of the child does.
  CHECK(statusOfChild([&] {
          if (lua.script<int>(work) != 300'000 || selvage_settimelimit(L, 0.02) != 1) return false;
          const int status = statusOfChild([&] { return errorOf(lua, endless) != "(no error)"; });
          return status == 0 && errorOf(lua, endless) != "(no error)";
        }) == 0);
  CHECK(lua.script<int>(work) == 300'000);
}

TEST_CASE("a state with a time limit can be closed in a child process") {
  for (const bool isPending : {false, true}) {
    auto lua = std::make_unique<selvage::state>(newTestState());
    REQUIRE(selvage_settimelimit(lua->lua_state(), 100) == 1);
    if (!isPending) selvage_clearbounds(lua->lua_state());
    CHECK(statusOfChild([&] {
            lua.reset();
            return true;
          }) == 0);
    CHECK(lua->script<int>(work) == 300'000);
  }
}

TEST_CASE("a fork while others set limits") {
  std::atomic<bool> isDone = false;
  std::thread other([&] {
    while (!isDone) {
      const selvage::state lua = newTestState();
      for (int i = 0; i < 20; ++i) selvage_settimelimit(lua.lua_state(), i % 2 == 0 ? 100 : 0.0001);
    }
  });
  const selvage::state lua = newTestState();
  REQUIRE(selvage_settimelimit(lua.lua_state(), 100) == 1);
  for (int i = 0; i < 20; ++i) {
    CHECK(statusOfChild([&] {
            return selvage_settimelimit(lua.lua_state(), 0.002) == 1 && errorOf(lua, endless) != "(no error)";
          }) == 0);
  }
  isDone = true;
  other.join();
}

TEST_CASE("programs that a script with a time limit starts") {
  const selvage::state lua = newTestState();
  REQUIRE(selvage_settimelimit(lua.lua_state(), 100) == 1);
  CHECK(lua.script<std::string>(
            "local f = io.popen('echo a; exit 3') local s = f:read('a') return s .. select(3, f:close())") == "a\n3");
  CHECK(lua.script<int>("return (select(3, os.execute('exit 5')))") == 5);
  CHECK(lua.script<int>(work) == 300'000);
}

// ---- once a bound has been exceeded ----

namespace {

// Each goes on for ever somewhere and calls `note` where it must not come to any more.
constexpr const char* catching[] = {
    "pcall(endless) note() os.remove(FILE)",
    "xpcall(endless, note) note()",
    "pcall(pcall, pcall, endless) note()",
    "local c <close> = noted() endless()",
    "local c <close> = setmetatable({}, {__close = function() note() end}) pcall(endless) note()",
    "local c <close> = noted() pcall(function() local d <close> = noted() endless() end)",
    "for i in note2, nil, nil, noted() do endless() end",
    "coroutine.resume(coroutine.create(endless)) note()",
    "pcall(coroutine.wrap(endless)) note()",
    "pcall(coroutine.wrap(function() local c <close> = noted() pcall(endless) note() end)) note()",
    "local co = coroutine.wrap(function() local c <close> = noted() coroutine.yield() end) co() pcall(endless) note()",
    "local co = coroutine.create(function() local c <close> = noted() coroutine.yield() end) closeAfter(co) note()",
    "pcall(string.gsub, 'a', 'a', endless) note()",
    "string.gsub('a', 'a', function() pcall(endless) note() end) note()",
    "pcall(table.sort, {3, 2, 1}, endless) note()",
    "pcall(function() return setmetatable({}, {__index = endless}).x end) note()",
    "pcall(function() return #setmetatable({}, {__len = endless}) end) note()",
    "pcall(load, endless) note()",
    "package.preload.endless = endless pcall(require, 'endless') note()",
    "while true do pcall(error) end",
    "local function f() return pcall(f) end while true do f() end",
    "xpcall(error, function() pcall(endless) note() end) note()",
    "setmetatable({}, {__gc = note}) pcall(endless) collectgarbage() note()",
    "pcall(tostring, setmetatable({}, {__tostring = endless})) note()",
    "callProtected(endless) note()",
};

int notes = 0;

}  // namespace

TEST_CASE("nothing of a script runs after a bound has been exceeded, and the host sees that") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  lua["note"] = [] { ++notes; };
  lua["note2"] = [] { return 1; };
  lua.script("function endless() while true do end end");
  lua.script("function noted() return setmetatable({}, {__close = note}) end");
  lua.script("function closeAfter(co) coroutine.resume(co) pcall(endless) coroutine.close(co) note() end");
  // A function of the host is told, and what it does then does not change anything.
  lua_register(L, "callProtected", [](lua_State* state) {
    CHECK(lua_pcall(state, 0, 0, 0) == LUA_ERRRUN);
    CHECK(std::string(lua_tostring(state, -1)).find("limit exceeded") != std::string::npos);
    lua_settop(state, 0);
    return 0;
  });
  lua["FILE"] = "";
  for (const char* const code : catching) {
    for (const bool isTimed : {true, false}) {
      INFO(code << (isTimed ? " (time)" : " (instructions)"));
      notes = 0;
      REQUIRE(luaL_loadstring(L, code) == LUA_OK);
      if (isTimed) REQUIRE(selvage_settimelimit(L, 0.003) == 1);
      else selvage_setinstructionlimit(L, 20'000);
      CHECK(lua_pcall(L, 0, 0, 0) == LUA_ERRRUN);
      CHECK(std::string(lua_tostring(L, -1)).find(isTimed ? "time limit exceeded" : "instruction limit exceeded") !=
            std::string::npos);
      CHECK(selvage_exceededbound(L) == (isTimed ? SELVAGE_OVERTIME : SELVAGE_OVERINSTRUCTIONS));
      CHECK(notes == 0);
      lua_settop(L, 0);
      // Calls of library functions neither, until the host says otherwise.
      lua_getglobal(L, "note");
      CHECK(lua_pcall(L, 0, 0, 0) == LUA_ERRRUN);
      lua_settop(L, 0);
      selvage_clearbounds(L);
      lua_gc(L, LUA_GCCOLLECT, 0);
      CHECK(lua.script<int>(work) == 300'000);
    }
  }
}

TEST_CASE("a coroutine that a host resumes is over its bounds") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  lua_State* const thread = lua_newthread(L);
  REQUIRE(luaL_loadstring(thread, "coroutine.yield(1) pcall(function() while true do end end) return 2") == LUA_OK);
  int results = 0;
  REQUIRE(lua_resume(thread, L, 0, &results) == LUA_YIELD);
  lua_pop(thread, results);
  REQUIRE(selvage_settimelimit(L, 0.003) == 1);
  CHECK(lua_resume(thread, L, 0, &results) == LUA_ERRRUN);
  CHECK(std::string(lua_tostring(thread, -1)).find("time limit exceeded") != std::string::npos);
  selvage_clearbounds(L);
  lua_pop(L, 1);
  CHECK(lua.script<int>(work) == 300'000);
}

// Hardly any instruction is executed in these.
TEST_CASE("an instruction limit counts what library functions do") {
  const selvage::state lua = newTestState();
  lua_State* const L = lua.lua_state();
  lua.script("long = ('a'):rep(1000000) list = {} for i = 1, 1000 do list[i] = ('x'):rep(1000) end");
  lua.script("numbers = {} for i = 1, 50000 do numbers[i] = i * 7919 % 50021 end");
  constexpr const char* busy[] = {
      "return ('a'):rep(30):find(('a?'):rep(30) .. ('a'):rep(30))",
      "for i = 1, 99999 do long:find('b') end",
      "for i = 1, 99999 do long:find('b', 1, true) end",
      "for i = 1, 99999 do long:match('a*b') end",
      "return long:match('.-b')",
      "for i = 1, 99999 do long:gsub('a', '%0') end",
      "for i = 1, 99999 do long:gsub('[a-c]+', '%0') end",
      "for i = 1, 99999 do long:gmatch('b')() end",
      "for i = 1, 99999 do long:upper() end",
      "for i = 1, 99999 do ('x'):rep(100000) end",
      "for i = 1, 99999 do table.concat(list) end",
      "for i = 1, 99999 do table.sort(numbers) end",
  };
  for (const char* const code : busy) {
    INFO(code);
    selvage_setinstructionlimit(L, 200'000);
    CHECK(errorOf(lua, code).find("instruction limit exceeded") != std::string::npos);
    selvage_clearbounds(L);
  }
  selvage_setinstructionlimit(L, 200'000);
  CHECK(lua.script<int>("return #('x'):rep(1000) + ('ab'):find('b') + #table.concat({1, 2, 3})") == 1005);
  selvage_clearbounds(L);
}
