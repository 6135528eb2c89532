// Programs whose memory runs out at every point where it can: the error is an ordinary one, the VM goes on working, and
// in the end everything has been given back with the size that it was taken with.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>
#include <string>
#include <unordered_map>

#include "jit/engine.hpp"
#include "stdlib/libraries.hpp"
#include "stdlib/load_chunk.hpp"
#include "vm/call.hpp"
#include "vm/heap_impl.hpp"

using namespace selvage;

namespace {

// An allocator that knows what it has given and refuses one request.
struct CountingAllocator {
  std::unordered_map<void*, size_t> blocks;
  size_t requests = 0;
  size_t refusedRequest = 0;  // by number; 0: none
  size_t wrongSizes = 0;

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
    const bool mayFail = block == nullptr || newBytes > oldBytes;
    if (mayFail && ++self.requests == self.refusedRequest) return nullptr;
    void* result = std::realloc(block, newBytes);
    if (block != nullptr) self.blocks.erase(block);
    self.blocks[result] = newBytes;
    return result;
  }
};

constexpr const char* program = R"(
local results = {}
local function note(...) results[#results + 1] = select("#", ...) end

-- Tables of every kind, growing.
local list = {}
for i = 1, 300 do list[i] = {name = "n" .. i, value = i * 1.5, [i * 7] = true} end
for i = 1, 40 do list["field" .. i] = setmetatable({}, {__index = list, __gc = function() end, __mode = "k"}) end
for i = 1, 40 do list["field" .. i] = nil end

-- Strings and the buffers of the library.
local text = string.rep("abc ", 500)
note(text:gsub("%w+", function(word) return word:upper() .. "!" end))
note(text:gsub(string.rep("[a-z]", 50), "x"))
note(table.concat({text, 1, 2.5}, ", "), string.format("%s %q %10.3f", text, text, 1 / 3))
note(string.pack("z s4 i8", "zero", text, 12345), utf8.char(0x20AC, 0x10FFFF))
note(#string.dump(function() return text end))
table.sort(list, function(a, b) return a.value > b.value end)
local numbers = {}
for i = 1, 100 do numbers[i] = (i * 37) % 101 end
table.sort(numbers)

-- Coroutines, closures, to-be-closed variables, errors with names and positions, deep stacks.
local wrapped = coroutine.wrap(function(...) for i = 1, 5 do coroutine.yield(i, ...) end error({}) end)
for i = 1, 5 do note(wrapped(text)) end
note(pcall(wrapped))
local counters = {}
for i = 1, 20 do local n = i counters[i] = function() n = n + 1 return n end end
for i = 1, 20 do note(counters[i]()) end
local closed = 0
pcall(function()
  local a <close> = setmetatable({}, {__close = function() closed = closed + 1 end})
  local b <close> = setmetatable({}, {__close = function() closed = closed + 1 error("in close") end})
  return nil .. text
end)
assert(closed == 2)
note(pcall(function() local t = {} t.x.y = 1 end))
note(xpcall(function() error("handled") end, function(m) return debug.traceback(m) end))
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
assert(deep(400) == 400)

-- The compiler.
local source = {}
for i = 1, 60 do source[i] = ("local v%d <const> = %d; goto l%d ::l%d:: t['k%d'] = {v%d, f = function(...) return ... end}")
  :format(i, i, i, i, i, i) end
local chunk = assert(load("local t = {} " .. table.concat(source, "\n") .. " return t", "=made"))
assert(chunk().k60[1] == 60)
assert(load(string.dump(chunk)))
assert(not load("x = = 1") and not load("local x <const> = 1; x = 2"))
collectgarbage()
return #results
)";

constexpr JitMode modes[] = {JitMode::Off, JitMode::On, JitMode::Always};

// Runs the program; true if it got to its end, false after an error, which must be the one of missing memory.
bool runOnce(VM& vm) {
  Text error(vm);
  try {
    const LuaFunction* function = loadChunk(vm, program, "=program", "t", Value::table(vm.globals), error);
    if (function == nullptr) {
      CHECK(error == "not enough memory");
      return false;
    }
    uint32_t count;
    if (!callValue(vm, Value::function(function), {}, 1, &count)) {
      REQUIRE(vm.error.isString());
      // A wrapped coroutine puts a position before it; the program's own assertions see what failed in protected calls.
      const std::string_view message = vm.error.string()->view();
      INFO(message);
      CHECK((message.ends_with("not enough memory") || message.ends_with("assertion failed!")));
      vm.error = Value::nil();
      vm.errorIsHandled = false;
      return false;
    }
    vm.top -= 1;
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

bool openEverything(VM& vm) {
  try {
    openLibraries(vm);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace

TEST_CASE("memory comes from the given allocator and goes back to it", "[memory]") {
  for (const JitMode mode : modes) {
    CountingAllocator allocator;
    VM* vm = newEngine({.mode = mode, .allocate = CountingAllocator::allocate, .allocateData = &allocator});
    REQUIRE(vm != nullptr);
    REQUIRE(openEverything(*vm));
    CHECK(runOnce(*vm));
    size_t held = 0;
    for (const auto& [block, bytes] : allocator.blocks) held += bytes;
    CHECK(vm->memory.bytes == held);
    destroyEngine(vm);
    CHECK(allocator.blocks.empty());
    CHECK(allocator.wrongSizes == 0);
  }
}

TEST_CASE("every request for memory may be refused", "[memory]") {
  for (const JitMode mode : modes) {
    size_t failures = 0;
    bool isReached = true;
    for (size_t refused = 1; isReached; ++refused) {
      CountingAllocator allocator{.blocks = {}, .refusedRequest = refused};
      VM* vm = newEngine({.mode = mode, .allocate = CountingAllocator::allocate, .allocateData = &allocator});
      if (vm != nullptr) {
        if (openEverything(*vm)) {
          failures += !runOnce(*vm);
          isReached = allocator.requests >= refused;
          // Whatever happened, the next time it works.
          allocator.refusedRequest = 0;
          const bool isWellAgain = runOnce(*vm);
          INFO("request " << refused);
          REQUIRE(isWellAgain);
        }
        destroyEngine(vm);
      }
      REQUIRE(allocator.blocks.empty());
      REQUIRE(allocator.wrongSizes == 0);
    }
    CHECK(failures > 300);
  }
}

TEST_CASE("every allocation of an object may fail", "[memory]") {
  for (const JitMode mode : modes) {
    CountingAllocator allocator;
    VM* vm = newEngine({.mode = mode, .allocate = CountingAllocator::allocate, .allocateData = &allocator});
    REQUIRE(vm != nullptr);
    openLibraries(*vm);
    REQUIRE(runOnce(*vm));
    vm->heap.impl->stressPeriod = vm->heap.impl->stressCountdown = 100'000;
    std::fill(std::begin(vm->heap.runs), std::end(vm->heap.runs), Heap::Run{});
    collectGarbage(*vm);
    size_t failures = 0;
    for (uint64_t failing = 1;; failing += failing < 500 ? 1 : 7) {
      vm->heap.impl->allocationsUntilFailure = failing;
      failures += !runOnce(*vm);
      const bool hasFailed = vm->heap.impl->allocationsUntilFailure == 0;
      vm->heap.impl->allocationsUntilFailure = 0;
      if (failing % 16 == 0) REQUIRE(runOnce(*vm));
      if (!hasFailed) break;
    }
    CHECK(failures > 300);
    destroyEngine(vm);
    CHECK(allocator.blocks.empty());
    CHECK(allocator.wrongSizes == 0);
  }
}
