// Programs whose memory runs out at every point where it can: the error is an ordinary one, the VM goes on working with a
// heap in order, and in the end everything has been given back with the size that it was taken with.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/api.hpp"
#include "include/lauxlib.h"
#include "include/lualib.h"
#include "jit/engine.hpp"
#include "vm/heap_check.hpp"
#include "vm/heap_impl.hpp"

using namespace selvage;

namespace {

// An allocator that knows what it has given and refuses some requests in a row.
struct CountingAllocator {
  std::unordered_map<void*, size_t> blocks;
  size_t requests = 0;
  size_t firstRefused = 0;  // by number; 0: none
  size_t refusedCount = 1;
  size_t wrongSizes = 0;

  bool refuses() {
    ++requests;
    return firstRefused != 0 && requests >= firstRefused && requests < firstRefused + refusedCount;
  }
  size_t bytes() const {
    size_t sum = 0;
    for (const auto& [block, size] : blocks) sum += size;
    return sum;
  }

  static void* allocate(void* userData, void* block, size_t oldBytes, size_t newBytes) {
    auto& self = *static_cast<CountingAllocator*>(userData);
    if (block != nullptr) {
      const auto known = self.blocks.find(block);
      if (known == self.blocks.end() || known->second != oldBytes) ++self.wrongSizes;
    }
    if (newBytes == 0) {
      self.blocks.erase(block);
      std::free(block);
      return nullptr;
    }
    if ((block == nullptr || newBytes > oldBytes) && self.refuses()) return nullptr;
    void* result = std::realloc(block, newBytes);
    if (block != nullptr) self.blocks.erase(block);
    self.blocks[result] = newBytes;
    return result;
  }
};

// ---- what runs out of memory ----

// The C API's part: whatever makes or stores something. An error leaves it by lua_error.
int useApi(lua_State* L) {
  lua_settop(L, 0);
  lua_newtable(L);
  for (int i = 0; i < 12; ++i) {
    lua_pushfstring(L, "value %d of %s %f", i, "many", 0.5 + i);
    lua_setfield(L, 1, (std::string("field") + static_cast<char>('a' + i)).c_str());
  }
  static const char* const names[] = {"first", "second", "third", "fourth", "fifth", "sixth"};
  for (const char* name : names) {
    lua_pushnumber(L, 1.5);
    lua_setglobal(L, name);
    lua_pushnil(L);
    lua_setglobal(L, name);
  }
  static const char addresses[20] = {};
  for (int i = 0; i < 20; ++i) {
    lua_pushinteger(L, i);
    lua_rawseti(L, 1, (i + 1) * (i + 1));
    lua_pushinteger(L, i);
    lua_rawsetp(L, 1, addresses + i);
  }
  // Userdata with a finalizer, a metatable by name.
  *static_cast<int*>(lua_newuserdatauv(L, sizeof(int), 2)) = 7;
  if (luaL_newmetatable(L, "allocation failure test") != 0) {
    const auto collect = [](lua_State* state) { return luaL_checkinteger(state, lua_upvalueindex(1)) == 7 ? 0 : 1; };
    lua_pushinteger(L, 7);
    lua_pushcclosure(L, collect, 1);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  lua_pushliteral(L, "user value");
  lua_setiuservalue(L, -2, 1);
  const int reference = luaL_ref(L, LUA_REGISTRYINDEX);
  luaL_unref(L, LUA_REGISTRYINDEX, reference);
  // Buffers, texts, tracebacks.
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (int i = 0; i < 600; ++i) luaL_addstring(&buffer, "piece ");
  luaL_pushresult(&buffer);
  luaL_gsub(L, lua_tostring(L, -1), "ie", "ea");
  luaL_traceback(L, L, "traceback", 0);
  lua_pushnumber(L, 12.25);
  luaL_tolstring(L, -1, nullptr);
  lua_concat(L, 3);
  // Chunks, functions, coroutines.
  if (luaL_loadstring(L, "local a = ... return function() return a end, coroutine.yield(a)") != LUA_OK) lua_error(L);
  lua_State* const thread = lua_newthread(L);
  lua_pushvalue(L, -2);
  lua_xmove(L, thread, 1);
  lua_pushliteral(thread, "argument");
  int results = 0;
  const int status = lua_resume(thread, L, 1, &results);
  if (status != LUA_YIELD) {
    lua_xmove(thread, L, 1);
    lua_error(L);
  }
  lua_closethread(thread, L);
  lua_Debug activation;
  if (lua_getstack(L, 0, &activation) != 0) lua_getinfo(L, "nSlutf", &activation);
  lua_pushvalue(L, -3);
  lua_getinfo(L, ">SL", &activation);
  luaL_getsubtable(L, 1, "subtable");
  lua_pushinteger(L, 200);
  lua_setfield(L, -2, "deeper");
  luaL_checkstack(L, 500, "too much");
  lua_pushboolean(L, 1);
  return 1;
}

struct Script {
  const char* name;
  const char* text;
};

// Each a part of what there is; small, so that every request can be refused. A protected call inside of them passes on
// the error of missing memory.
constexpr Script scripts[] = {
    {"strings", R"(
      local parts = {}
      for i = 1, 60 do parts[#parts + 1] = ("item %d"):format(i):rep(i % 5 + 1, ",") end
      local text = table.concat(parts, "; ")
      assert(text:gsub("%d+", function(digits) return digits + 1 end) ~= text)
      assert(#text:gsub("item", {item = "a longer word than it was"}) > #text)
      assert(#text:upper() == #text and text:reverse():reverse() == text and (text .. 1 .. 2.5):sub(-4) == "12.5")
      assert(("%s %q %10.3f %5d %-20s"):format(text, text, 1 / 3, 7, "left"))
      assert(string.unpack("z", string.pack("z s4 i8", "zero", text, 12345)) == "zero")
      assert(utf8.char(0x20AC, 0x10FFFF) and text:find(("[a-z]"):rep(50)) == nil)
      for word in text:gmatch("%a+") do assert(word == "item") end)"},
    {"fields", R"(
      local function make(n)
        local t = {}
        for i = 1, n do t["key" .. n .. "_" .. i] = i end
        return t
      end
      for n = 1, 40, 3 do
        local t = make(n)
        local sum = 0
        for i = 1, n do sum = sum + t["key" .. n .. "_" .. i] end
        assert(sum == n * (n + 1) / 2)
      end
      -- A dictionary whose shape, with this metatable, is new, too.
      dictionary = setmetatable({}, {})  -- what is global is there to be looked at after an error
      for i = 1, 40 do dictionary["key" .. i] = i end
      for i = 1, 40 do assert(dictionary["key" .. i] == i) end
      t = make(40)
      for k in pairs(t) do t[k] = nil end
      assert(next(t) == nil)
      object = setmetatable({}, {__index = {inherited = 1}})
      object.a, object.b, object.c, object.d, object.e = 1, 2, 3, 4, 5
      assert(object.a + object.e + object.inherited == 7)
      setmetatable(object, nil)
      assert(object.inherited == nil and object.c == 3))"},
    {"elements", R"(
      list = {}
      for i = 1, 200 do list[i] = {i, tostring(i)} end
      for i = 200, 101, -1 do assert(table.remove(list)[1] == i) end
      for i = 1, 50 do list[i * 1000] = i; list[-i] = i; list[i + 0.5] = i; list[{}] = i end
      for i = 1, 50 do list[i * 1000] = nil end
      table.insert(list, 1, "first")
      assert(list[1] == "first" and list[101][1] == 100 and list[-50] == 50 and list[1.5] == 1)
      local copy = table.move(list, 1, 100, 5, {})
      assert(copy[104] == list[100] and select("#", table.unpack(copy, 5, 104)) == 100))"},
    {"sort", R"(
      numbers, objects = {}, {}
      for i = 1, 80 do numbers[i] = (i * 37) % 101; objects[i] = {key = tostring(numbers[i])} end
      table.sort(numbers)
      table.sort(objects, function(a, b) return a.key < b.key end)
      for i = 2, 80 do assert(numbers[i - 1] <= numbers[i] and objects[i - 1].key <= objects[i].key) end)"},
    {"closures", R"(
      counters = {}
      for i = 1, 40 do
        local n, m = i, {}
        counters[i] = function() n = n + 1; m[#m + 1] = n; return n end
      end
      for _ = 1, 3 do for i = 1, 40 do counters[i]() end end
      for i = 1, 40 do assert(counters[i]() == i + 4) end
      local function deep(n, ...) if n == 0 then return select("#", ...) end return deep(n - 1, n, ...) + 0 end
      assert(deep(60) == 60))"},
    {"coroutines", R"(
      local function generate(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, {i}) end end) end
      local sum = 0
      for n = 1, 12 do for i, t in generate(n) do sum = sum + i + t[1] end end
      assert(sum == 2 * 364)
      co = coroutine.create(function(...)
        local guard <close> = setmetatable({}, {__close = function() sum = -1 end})
        local given = select("#", ...)
        local function deep(n) if n == 0 then return coroutine.yield(given) end return 1 + deep(n - 1) end
        return deep(100)
      end)
      local ok, count = coroutine.resume(co, 1, 2, 3)
      if not ok then error(count, 0) end
      assert(count == 3)
      local closed, message = coroutine.close(co)
      if not closed then error(message, 0) end
      assert(sum == -1))"},
    {"protected calls", R"(
      local function try(f, ...)
        local ok, message = pcall(f, ...)
        if not ok and tostring(message):find("not enough memory", 1, true) then error(message, 0) end
        return ok, message
      end
      assert(not try(function() local t = {} t.x.y = 1 end))
      assert(not try(function() error({}) end))
      assert(not try(string.rep, "x", -1, {}))
      assert(select(2, try(function() error("with a place") end)):find("with a place"))
      local ok, message = xpcall(function() error("handled") end, function(m) return "seen: " .. m end)
      if not ok and not message:find("handled") then error(message, 0) end
      local function recurse() return 1 + recurse() end
      try(function() return #nil end))"},
    {"closed variables", R"(
      local opened, closed = 0, 0
      local mt = {__close = function(_, e) closed = closed + 1 end}
      local function open() opened = opened + 1; return setmetatable({}, mt) end
      local function work(n)
        local a <close> = open()
        local b <close> = open()
        for _ in next, {1, 2}, nil, open() do
          local c <close> = open()
          if n > 0 then work(n - 1) end
        end
        local d <close> = open()
        local e <close> = open()
        local f <close> = open()
        return n
      end
      local ok, message = pcall(work, 3)
      -- What was made, but not yet the value of a variable when memory ran out, is not closed; all else is.
      assert(opened - closed == (ok and 0 or opened - closed) and opened - closed <= 1, opened - closed)
      if not ok then error(message, 0) end)"},
    {"chunks", R"(
      local source = {}
      for i = 1, 12 do
        source[i] = ("local v%d <const> = %d; goto l%d ::l%d:: t['k%d'] = {v%d, f = function(...) return ... end}")
          :format(i, i, i, i, i, i)
      end
      source = "local t = {} " .. table.concat(source, "\n") .. " return t"
      local chunk = assert(load(source, "=made"))
      assert(chunk().k12[1] == 12)
      chunk = assert(load(string.dump(chunk)))
      assert(chunk().k7.f(8) == 8)
      local pieces = {"return ", "{a = 1, b", " = 'x'}", nil}
      local i = 0
      assert(assert(load(function() i = i + 1; return pieces[i] end))().a == 1)
      local bad, message = load("x = = 1")
      if message == "not enough memory" then error(message, 0) end
      assert(not bad))"},
    {"require", R"(
      package.loaded.made, package.preload.made = nil, function(name, extra) return {name = name, extra = extra} end
      assert(require("made").name == "made")
      package.preload.made = nil
      local ok, message = pcall(require, "no.such.module")
      if message:find("not enough memory", 1, true) then error(message, 0) end
      assert(not ok and message:find("not found")))"},
    {"finalizers and weak tables", R"(
      local finalized = 0
      local mt = {__gc = function() finalized = finalized + 1 end}
      for i = 1, 30 do setmetatable({i}, mt) end
      weak, keys, both, kept = {}, {}, {}, {}
      setmetatable(weak, {__mode = "v"})
      setmetatable(keys, {__mode = "k"})
      setmetatable(both, {__mode = "kv"})
      for i = 1, 30 do
        local object = {i}
        weak[i], keys[object], both[object] = object, {object}, object
        if i % 3 == 0 then kept[#kept + 1] = object end
      end
      collectgarbage()
      collectgarbage()
      for i, object in ipairs(kept) do assert(weak[i * 3] == object and keys[object] and both[object]) end
      local count = 0
      for _ in pairs(keys) do count = count + 1 end
      assert(count >= 10))"},
    {"library", R"(
      assert(os.date("%Y-%m-%d %H:%M:%S", 0) and os.time({year = 2000, month = 1, day = 1}) and os.tmpname)
      assert(math.tointeger("8") == 8 or true)
      local name = os.tmpname()
      local file <close> = assert(io.open(name, "w+"))
      os.remove(name)
      assert(file:write(("line\n"):rep(20), 1, 2.5))
      assert(file:seek("set"))
      for line in file:lines() do assert(#line >= 4) end
      assert(file:seek("set") and #file:read("a") == 104)
      assert(debug.traceback("message", 1):find("traceback") and debug.getinfo(1, "nSlutf").func)
      debug.sethook(function() end, "l")
      debug.sethook())"},
    {"C API", "assert(useApi())"},
};

constexpr JitMode modes[] = {JitMode::Off, JitMode::On, JitMode::Always};

bool isPassedOn(std::string_view message) { return message.find("not enough memory") != std::string_view::npos; }

// Runs the script; true if it got to its end, false after an error, which must be the one of missing memory.
bool runOnce(lua_State* L, const Script& script) {
  INFO(script.name);
  int status = luaL_loadbuffer(L, script.text, std::string_view(script.text).size(), "=script");
  if (status == LUA_OK) status = lua_pcall(L, 0, 0, 0);
  if (status != LUA_OK) {
    const std::string message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "no message";
    INFO(message);
    CHECK(isPassedOn(message));
    CHECK((status == LUA_ERRMEM || status == LUA_ERRRUN));
  }
  lua_settop(L, 0);
  return status == LUA_OK;
}

int openAll(lua_State* L) {
  luaL_openlibs(L);
  lua_register(L, "useApi", useApi);
  return 0;
}

bool openEverything(lua_State* L) {
  lua_pushcfunction(L, openAll);
  const bool succeeded = lua_pcall(L, 0, 0, 0) == LUA_OK;
  lua_settop(L, 0);
  return succeeded;
}

// A state whose memory comes from `allocator`; null when that refused.
lua_State* newState(CountingAllocator& allocator, JitMode mode) {
  VM* const vm = newEngine({.mode = mode, .allocate = CountingAllocator::allocate, .allocateData = &allocator});
  if (vm == nullptr) return nullptr;
  if (api::makeState(*vm) != nullptr) return selvage::stateOf(*vm->mainThread);
  destroyEngine(vm);
  return nullptr;
}

VM& vmOf(lua_State* L) { return *threadOf(L).vm; }

void requireAllGivenBack(const CountingAllocator& allocator) {
  REQUIRE(allocator.blocks.empty());
  REQUIRE(allocator.wrongSizes == 0);
}

}  // namespace

TEST_CASE("memory comes from the given allocator and goes back to it", "[memory]") {
  for (const JitMode mode : modes) {
    CountingAllocator allocator;
    lua_State* const L = newState(allocator, mode);
    REQUIRE(L != nullptr);
    REQUIRE(openEverything(L));
    for (const Script& script : scripts) CHECK(runOnce(L, script));
    CHECK(vmOf(L).memory.bytes == allocator.bytes());
    CHECK(checkHeap(vmOf(L)) == "");
    lua_close(L);
    requireAllGivenBack(allocator);
  }
}

TEST_CASE("every request for memory of a state's making may be refused", "[memory]") {
  for (const JitMode mode : modes) {
    bool isReached = true;
    for (size_t refused = 1; isReached; ++refused) {
      CountingAllocator allocator{.blocks = {}, .firstRefused = refused};
      lua_State* const L = newState(allocator, mode);
      if (L != nullptr) {
        openEverything(L);
        isReached = allocator.requests >= refused;
        allocator.firstRefused = 0;
        CAPTURE(refused);
        REQUIRE(openEverything(L));
        REQUIRE(checkHeap(vmOf(L)) == "");
        lua_close(L);
      }
      requireAllGivenBack(allocator);
    }
  }
}

// A script runs in one state again and again, each time with another request refused, until it makes no more requests
// than that. The state begins with nothing at hand, so that each run needs what the first one needed.
TEST_CASE("every request for memory of a script may be refused", "[memory]") {
  for (const JitMode mode : modes) {
    for (const Script& script : scripts) {
      for (const size_t count : {1, 3}) {
        CountingAllocator allocator;
        lua_State* const L = newState(allocator, mode);
        REQUIRE(openEverything(L));
        for (size_t refused = 1;; ++refused) {
          CAPTURE(script.name, refused, count);
          allocator.requests = 0;
          allocator.firstRefused = refused;
          allocator.refusedCount = count;
          runOnce(L, script);
          const bool isReached = allocator.requests >= refused;
          allocator.firstRefused = 0;
          REQUIRE(checkHeap(vmOf(L)) == "");
          if (!isReached) break;
          // Whatever happened, the next time it works. What it leaves is not to be there already the time after that.
          if (refused % 8 != 0) continue;
          REQUIRE(runOnce(L, script));
          collectGarbage(vmOf(L));
        }
        REQUIRE(runOnce(L, script));
        lua_close(L);
        requireAllGivenBack(allocator);
      }
    }
  }
}

TEST_CASE("every allocation of an object may fail", "[memory]") {
  for (const JitMode mode : modes) {
    size_t failures = 0;
    for (const Script& script : scripts) {
      CountingAllocator allocator;
      lua_State* const L = newState(allocator, mode);
      REQUIRE(openEverything(L));
      HeapImpl& impl = *vmOf(L).heap.impl;
      impl.stressPeriod = impl.stressCountdown = 100'000;
      std::fill(std::begin(vmOf(L).heap.runs), std::end(vmOf(L).heap.runs), Heap::Run{});
      collectGarbage(vmOf(L));
      for (uint64_t failing = 1;; ++failing) {
        CAPTURE(script.name, failing);
        impl.allocationsUntilFailure = failing;
        impl.furtherFailures = failing % 3;  // what is tried again after a collection fails again
        failures += !runOnce(L, script);
        const bool hasFailed = impl.allocationsUntilFailure == 0 || impl.furtherFailures < failing % 3;
        impl.allocationsUntilFailure = impl.furtherFailures = 0;
        REQUIRE(checkHeap(vmOf(L)) == "");
        if (!hasFailed) break;
        if (failing % 8 != 0) continue;
        REQUIRE(runOnce(L, script));
        collectGarbage(vmOf(L));
      }
      lua_close(L);
      requireAllGivenBack(allocator);
    }
    CHECK(failures > 300);
  }
}
