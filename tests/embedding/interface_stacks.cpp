// States on threads with small C stacks: what nests too deeply for them is an error, and never the end of the process.
#include <pthread.h>

#include <memory>
#include <vector>

#include "interface_state.hpp"

namespace {

#if defined(__SANITIZE_ADDRESS__) || (defined(__has_feature) && __has_feature(address_sanitizer))
constexpr size_t unit = 4096;  // frames are several times as large
#else
constexpr size_t unit = 1024;
#endif

// Each takes a depth; what is nested more deeply than that is an error in any case.
const char* const nested[] = {
    "local function f(n) return n == 0 and 'x' or (string.gsub('a', 'a', function() return f(n - 1) end)) end return "
    "f(n)",
    "local function f(n) return n == 0 and 'x' or (string.gsub('a', 'a', setmetatable({}, {__index = function() "
    "return f(n - 1) end}))) end return f(n)",
    "local function f(n) if n > 0 then table.sort({2, 1}, function(a, b) if n then local m = n n = nil f(m - 1) end "
    "return a < b end) end end return f(n)",
    "local function f(n) if n > 0 then return select(2, pcall(error, setmetatable({}, {__tostring = function() "
    "return tostring(f(n - 1)) end}))) end return 'x' end return tostring(f(n))",
    "local function f(n) if n > 0 then return require('nested' .. n) end end for i = 0, n do package.preload['nested' "
    ".. i] = "
    "function() return f(i - 1) or 1 end end f(n)",
    "local function f(n) if n > 0 then return coroutine.wrap(function() return f(n - 1) end)() end return 1 end return "
    "f(n)",
    "return assert(load('return ' .. ('('):rep(n) .. '1' .. (')'):rep(n)))()",
    "return assert(load('return ' .. ('{'):rep(n) .. '1' .. ('}'):rep(n)))()",
    "return assert(load('return ' .. ('f('):rep(n) .. '1' .. (')'):rep(n)))",
    "return assert(load('return ' .. ('x and (y or '):rep(n) .. 'z' .. (')'):rep(n)))",
    "return assert(load('return ' .. ('- '):rep(n) .. 'x'))",
    "return assert(load('return ' .. ('a..'):rep(n) .. 'x'))",
    "return assert(load(('while x do '):rep(n) .. ('end '):rep(n)))",
    "return assert(load(('if x then elseif y then '):rep(n) .. ('end '):rep(n)))",
    "local f = assert(load(('return function(...) '):rep(n) .. ('end '):rep(n))) return assert(load(string.dump(f)))",
    "return string.find(('a'):rep(n), ('a?'):rep(n))",
    "return string.match(('a'):rep(n), ('(a)'):rep(n // 10) .. ('(a?)'):rep(n // 10))",
    "return ('%s %5.2f %q'):rep(n // 10):format(table.unpack({}, 1, 0))",
    "local t = setmetatable({}, {__index = function(t, i) return i .. '' end, __len = function() return n end}) "
    "return table.concat(t)",
    "for i = 1, n do pcall(function() local c <close> = setmetatable({}, {__close = function() error({i}) end}) end) "
    "end",
    "return recurse(n)",
};

// Calls itself with a buffer on the C stack, and fails at the end.
int recurse(lua_State* L) {
  const lua_Integer depth = luaL_checkinteger(L, 1);
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  luaL_addstring(&buffer, "depth");
  if (depth == 0) return luaL_error(L, "too many for a buffer");
  lua_pushcfunction(L, recurse);
  lua_pushinteger(L, depth - 1);
  lua_call(L, 1, 1);
  luaL_addvalue(&buffer);
  luaL_pushresult(&buffer);
  return 1;
}

struct Work {
  size_t bytes;
  std::vector<std::string> wrong;  // what went otherwise than by an error that says why
};

void nestOn(Work& work) {
  const selvage::state lua = newTestState();
  lua_register(lua.lua_state(), "recurse", recurse);
  for (const char* const code : nested) {
    for (const int depth : {1, 5, 30, 90, 180}) {
      const std::string chunk = "local n = " + std::to_string(depth) + " " + code;
      const auto result = lua.safe_script(chunk, "=nested");
      if (result.valid()) continue;
      const std::string message = result.what().message();
      const bool isExpected =
          message.find("overflow") != std::string::npos || message.find("too complex") != std::string::npos ||
          message.find("limit") != std::string::npos || message.find("too many") != std::string::npos ||
          message.find("nested too deeply") != std::string::npos || message.find("no value") != std::string::npos;
      if (!isExpected) work.wrong.push_back(std::to_string(depth) + " " + code + ": " + message);
    }
  }
  if (lua.script<int>("return 7") != 7) work.wrong.emplace_back("the state is broken");
}

void* nestOnThread(void* work) {
  nestOn(*static_cast<Work*>(work));
  return nullptr;
}

}  // namespace

TEST_CASE("nesting on threads with small stacks") {
  for (const unsigned kilobytes : {64U, 72U, 80U, 96U, 128U, 192U, 256U, 384U, 512U}) {
    Work work{kilobytes * unit, {}};
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, work.bytes) == 0);
    pthread_t thread;
    REQUIRE(pthread_create(&thread, &attributes, nestOnThread, &work) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    INFO(kilobytes << " KB");
    CHECK(work.wrong == std::vector<std::string>{});
  }
}

// The depth that the reference's library reaches with three times as much.
TEST_CASE("150 nested callbacks of gsub need little C stack") {
  struct Result {
    static void* run(void* result) {
      const selvage::state lua = newTestState();
      *static_cast<std::string*>(result) = lua.script<std::string>(
          "local function f(n) return n == 0 and 'x' or (string.gsub('a', 'a', function() return f(n - 1) end)) end "
          "return f(150)");
      return nullptr;
    }
  };
  std::string result;
  pthread_attr_t attributes;
  REQUIRE(pthread_attr_init(&attributes) == 0);
  REQUIRE(pthread_attr_setstacksize(&attributes, 384 * unit) == 0);
  pthread_t thread;
  REQUIRE(pthread_create(&thread, &attributes, Result::run, &result) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  CHECK(result == "x");
}
