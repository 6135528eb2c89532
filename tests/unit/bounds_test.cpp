// Bounds: scripts that try to get round them, read-only tables, sandboxes, and many VMs in many threads.
#include "vm/bounds.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "jit/engine.hpp"
#include "stdlib/libraries.hpp"
#include "stdlib/load_chunk.hpp"
#include "stdlib/sandbox.hpp"
#include "vm/call.hpp"

using namespace selvage;
using namespace std::chrono_literals;

namespace {

constexpr JitMode modes[] = {JitMode::Off, JitMode::On, JitMode::Always};

struct Host {
  explicit Host(JitMode mode, bool isSandbox = false) : vm(newEngine({.mode = mode}), destroyEngine) {
    if (isSandbox) openSandbox(*vm);
    else openLibraries(*vm);
  }

  // The first result as text, or the error's message.
  std::string run(const std::string& source) const {
    Text error(*vm);
    const LuaFunction* function = loadChunk(*vm, source, "=script", "bt", Value::table(vm->globals), error);
    if (function == nullptr) return std::string(error);
    const bool succeeded = callValue(*vm, Value::function(function), {}, 1);
    const Value result = succeeded ? *--vm->top : vm->error;
    if (!succeeded) {
      vm->error = Value::nil();
      vm->errorIsHandled = false;
    }
    if (result.isString()) return std::string(result.string()->view());
    if (result.isInteger()) return std::to_string(result.integer());
    if (result.isBoolean()) return result.isFalsy() ? "false" : "true";
    return result.isNil() ? "nil" : "?";
  }

  std::unique_ptr<VM, void (*)(VM*)> vm;
};

// Scripts that never end by themselves and do what they can not to be ended.
constexpr const char* endless[] = {
    "while true do end",
    "for i = 1, math.huge do end",
    "repeat local t = {} until false",
    "local function f() return f() end f()",
    "local function f() pcall(f) end while true do f() end",
    "while true do pcall(function() while true do end end) end",
    "local function forever() while true do end end while true do xpcall(forever, forever) end",
    "while true do pcall(error, setmetatable({}, {__tostring = function() while true do end end})) end",
    "local co = coroutine.wrap(function() while true do pcall(coroutine.yield) end end) while true do co() end",
    "while true do local co = coroutine.create(function() while true do end end) coroutine.resume(co) end",
    "local function g() local x <close> = setmetatable({}, {__close = function() while true do end end}) error('x') "
    "end "
    "while true do pcall(g) end",
    "setmetatable({}, {__gc = function() while true do end end}) while true do collectgarbage() end",
    "local s = string.rep('a', 40) while true do pcall(string.find, s, string.rep('a*', 20) .. 'b') end",
    "return string.find(string.rep('a', 3000), string.rep('a*', 12) .. 'b')",
    "return table.move(setmetatable({}, {__index = {}}), 1, math.maxinteger - 1, 2, {})",
    "local t = setmetatable({}, {__len = function() return math.maxinteger - 1 end}) table.insert(t, 1, 1)",
    "return table.concat(setmetatable({}, {__index = function() return '' end}), '', 1, math.maxinteger)",
    "local t = {} for i = 1, 2000 do t[i] = i end while true do table.sort(t, function(a, b) return a > b end) end",
    "return (string.gsub(string.rep('x', 1000), '', function() while true do end end))",
    "return load(function() return ' ' end)",
    "for _ in pairs({1}) do goto again end ::again:: goto again",
    "local function f(o, k) return o[k] end local t = setmetatable({}, {__index = f}) while 1 do pcall(f, t, 1) end",
};

constexpr const char* wellBehaved = "local n = 0 for i = 1, 1000 do n = n + #tostring(i) end return n";

}  // namespace

TEST_CASE("a script over its time is ended whatever it does", "[bounds]") {
  for (const JitMode mode : modes) {
    for (const char* script : endless) {
      const Host host(mode);
      INFO(nameOf(mode) << ": " << script);
      REQUIRE(setTimeLimit(*host.vm, 5ms));
      const std::string message = host.run(script);
      CHECK(message.find("time limit exceeded") != std::string::npos);
      CHECK(exceededBound(*host.vm) == Bound::Time);
      // Still over its bounds, until its owner lifts them.
      CHECK(host.run(wellBehaved).find("time limit exceeded") != std::string::npos);
      clearBounds(*host.vm);
      CHECK(host.run(wellBehaved) == "2893");
      CHECK(exceededBound(*host.vm) == Bound::None);
    }
  }
}

TEST_CASE("instructions are counted exactly, however the script is run", "[bounds]") {
  std::vector<std::string> results;
  for (const JitMode mode : modes) {
    const Host host(mode);
    CHECK(host.run("n = 0 for i = 1, 1000 do n = n + 1 end return n") == "1000");
    setInstructionLimit(*host.vm, 10'000);
    CHECK(host.run("n = 0 while true do n = n + 1 end").find("instruction limit exceeded") != std::string::npos);
    CHECK(exceededBound(*host.vm) == Bound::Instructions);
    setInstructionLimit(*host.vm, {});
    results.push_back(host.run("return n"));
    setInstructionLimit(*host.vm, 100'000);
    CHECK(host.run(wellBehaved) == "2893");
    setInstructionLimit(*host.vm, 1'000);
    CHECK(host.run(wellBehaved).find("instruction limit exceeded") != std::string::npos);
    clearBounds(*host.vm);
    CHECK(host.run(wellBehaved) == "2893");
  }
  CHECK(results[0] == results[1]);
  CHECK(results[0] == results[2]);
  CHECK(std::stoi(results[0]) > 1'000);
}

TEST_CASE("another thread can cancel a script", "[bounds]") {
  for (const JitMode mode : modes) {
    const Host host(mode);
    std::thread canceller([&host] {
      std::this_thread::sleep_for(5ms);
      cancel(*host.vm);
    });
    CHECK(host.run("while true do pcall(function() while true do end end) end").find("cancelled") != std::string::npos);
    canceller.join();
    CHECK(exceededBound(*host.vm) == Bound::Cancelled);
    clearBounds(*host.vm);
    CHECK(host.run(wellBehaved) == "2893");
  }
}

TEST_CASE("a new time limit replaces the one before", "[bounds]") {
  const Host host(JitMode::On);
  for (int frame = 0; frame < 200; ++frame) {
    REQUIRE(setTimeLimit(*host.vm, 10s));
    REQUIRE(host.run(wellBehaved) == "2893");
  }
  REQUIRE(setTimeLimit(*host.vm, 2ms));
  CHECK(host.run("while true do end").find("time limit exceeded") != std::string::npos);
  REQUIRE(setTimeLimit(*host.vm, 10s));
  CHECK(host.run(wellBehaved) == "2893");
}

TEST_CASE("a script at its memory limit gets an error and goes on", "[bounds]") {
  for (const JitMode mode : modes) {
    const Host host(mode);
    setMemoryLimit(*host.vm, 16 << 20);
    CHECK(host.run("local t = {} while true do t[#t + 1] = {#t} end") == "not enough memory");
    CHECK(host.run("return string.rep('x', 1 << 26)") == "not enough memory");
    CHECK(host.run("return select(2, pcall(string.rep, 'x', 1 << 26))") == "not enough memory");
    CHECK(host.run("local t = {} local ok = pcall(function() for i = 1, 1e9 do t[i] = 'k' .. i end end) t = nil "
                   "collectgarbage() return ok") == "false");
    CHECK(host.run(wellBehaved) == "2893");
    CHECK(host.vm->memory.bytes <= (16 << 20) + (size_t{4} << 20));
  }
}

TEST_CASE("nothing is stored in a read-only table", "[bounds]") {
  const char* attempts[] = {
      "shared.x = 2",
      "shared.x = nil",
      "shared.new = 1",
      "shared[1] = 2",
      "shared[#shared + 1] = 2",
      "shared[2.5] = 1",
      "shared[print] = 1",
      "rawset(shared, 'x', 3)",
      "table.insert(shared, 1)",
      "table.insert(shared, 1, 1)",
      "table.remove(shared)",
      "table.remove(shared, 1)",
      "table.sort(shared)",
      "table.move({1, 2}, 1, 2, 1, shared)",
      "table.move(shared, 1, 2, 2)",
      "setmetatable(shared, {})",
      "debug.setmetatable(shared, nil)",
      "shared.inner.deep = 1",
      "shared.inner.list[1] = 'x'",
      "getmetatable(shared.inner).__index = nil",
      "local function set(t) t.x = 5 end for i = 1, 200 do set({x = i}) end set(shared)",
      "local function set(t) t[1] = 5 end for i = 1, 200 do set({1}) end set(shared)",
      "local function push(t) t[#t + 1] = 5 end for i = 1, 200 do push({1, nil}) end push(shared)",
      "local function add(t) t.y = 5 end for i = 1, 200 do add({x = 1}) end add(shared)",
      "local k = 'x' for i = 1, 200 do local t = i == 200 and shared or {x = 1} t[k] = i end",
  };
  for (const JitMode mode : modes) {
    const Host host(mode);
    REQUIRE(
        host.run(
            "shared = {10, 20, 30, x = 1, [0.5] = true, inner = setmetatable({list = {1, 2}}, {__index = {z = 1}})} "
            "return #shared") == "3");
    Table* shared = tableGetString(host.vm->globals, newString(*host.vm, "shared")).table();
    setReadOnly(*host.vm, shared, true, true);
    const char* contents =
        "local n = 0 for k, v in pairs(shared) do n = n + 1 end for i, v in ipairs(shared) do n = n + v end "
        "return n + shared.x + shared[2] + #shared + shared.inner.list[2] + shared.inner.z + (next(shared) and 1)";
    REQUIRE(host.run(contents) == "94");
    for (const char* attempt : attempts) {
      INFO(nameOf(mode) << ": " << attempt);
      CHECK(host.run(attempt).find("attempt to modify a read-only table") != std::string::npos);
    }
    CHECK(host.run("collectgarbage() return 1") == "1");
    CHECK(host.run(contents) == "94");
    CHECK(host.run("shared.x = 2").find("read-only") != std::string::npos);
    setReadOnly(*host.vm, shared, false, true);
    CHECK(host.run("shared.x = 2 shared.inner.list[1] = 5 table.insert(shared, 40) return shared.x + #shared") == "6");
  }
}

TEST_CASE("a sandbox has nothing that reaches outside", "[bounds]") {
  for (const JitMode mode : modes) {
    const Host host(mode, true);
    for (const char* name :
         {"io", "debug", "package", "require", "dofile", "loadfile", "selvage", "os.execute", "os.exit", "os.remove",
          "os.rename", "os.getenv", "os.setlocale", "os.tmpname", "string.dump"}) {
      INFO(name);
      CHECK(host.run(std::string("return ") + name) == "nil");
    }
    CHECK(host.run("return getmetatable('')") == "false");
    CHECK(host.run("string.rep = nil").find("read-only") != std::string::npos);
    CHECK(host.run("rawset(math, 'pi', 3)").find("read-only") != std::string::npos);
    CHECK(host.run("return (pcall(collectgarbage, 'stop'))") == "false");
    CHECK(host.run("return collectgarbage('count') > 0") == "true");
    CHECK(host.run("return select(2, load('\\27Lua'))") == "attempt to load a binary chunk (mode is 't')");
    CHECK(host.run("return load('return 1 + 1')()") == "2");
    CHECK(host.run("return ('x'):rep(3) .. os.time{year = 2020, month = 1, day = 1} // 1000000000") == "xxx1");
    REQUIRE(host.run("setmetatable({}, {__gc = function() escaped = true end}) return 1") == "1");
    collectGarbage(*host.vm);
    collectGarbage(*host.vm);
    CHECK(host.run("return escaped") == "nil");
    CHECK(host.run(wellBehaved) == "2893");
  }
}

TEST_CASE("eight VMs run in eight threads", "[bounds][threads]") {
  std::vector<std::thread> threads;
  std::vector<std::string> results(8);
  for (size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([i, &results] {
      const Host host(modes[i % 3], i >= 6);
      for (int round = 0; round < 10; ++round) {
        if (!setTimeLimit(*host.vm, 3ms)) return;
        if (host.run("while true do end").find("time limit exceeded") == std::string::npos) return;
        clearBounds(*host.vm);
        results[i] = host.run(
            "local words = {} for i = 1, 2000 do words[i] = ('%d:%s'):format(i, tostring(i * 0.5)) end "
            "table.sort(words, function(a, b) return a > b end) "
            "local co = coroutine.wrap(function() for _, w in ipairs(words) do coroutine.yield(#w) end return 0 end) "
            "local n = 0 for i = 1, 2000 do n = n + co() end "
            "assert(not pcall(function() local t = nil; t.x = 1 end)) "
            "return n + select('#', load('return 1, 2, ' .. os.date('!%Y', 0))())");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& result : results) CHECK(result == results[0]);
  CHECK(std::stoi(results[0]) > 10'000);
}
