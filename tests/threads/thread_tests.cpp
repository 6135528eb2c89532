// Many states in many threads. Built with the thread sanitizer (the preset thread-sanitizer) this finds what states
// share without saying so; built otherwise, what goes wrong because of it.
//
//     selvage_thread_tests FOLDER [ROUNDS]
//     selvage_thread_tests --one-state
//
// FOLDER has the scripts. Prints what failed and, last, "N passed, N failed". The second form does what is not allowed,
// two threads in one state, in a way that is harmless: a build with the thread sanitizer has to report it.
#include <selvage/bounds.h>

#include <array>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "workshop.hpp"

namespace {

using namespace std::chrono_literals;
using threads::newState;
using threads::resultOf;
using threads::Work;

constexpr size_t threadCount = 8;
constexpr std::array<const char*, 3> modes = {"off", "on", "always"};
constexpr const char* counting = "local s = 0 for i = 1, 5000 do s = s + i % 7 end return tostring(s)";
constexpr std::string_view counted = "14997";

// Scripts that run until they are stopped, and do what they can not to be stopped: loops, calls without loops,
// coroutines.
constexpr std::array<const char*, 8> endless = {
    "while true do pcall(function() while true do end end) end",
    "local function f(n) return f(n + 1) end f(1)",
    "local function f() return pcall(function() while true do local t = {} t.x = #t end end) end while true do f() end",
    "while true do local co = coroutine.wrap(function() while true do coroutine.yield() end end) for i = 1, 99 do co() "
    "end "
    "end",
    // These compile, load, collect and leave stitched code behind all the time.
    "local i = 0 while true do i = i + 1 local f = load('local n = ... local s = 0 for i = 1, n do s = s + i * ' .. i "
    ".. "
    "' end return s') for r = 1, 20 do f(50) end end",
    "local made = {} while true do made[#made % 50 + 1] = load('return function(a, b) local t = {a, b} return #t + a "
    "end')() "
    "for _, f in ipairs(made) do for r = 1, 9 do f(1, 2) end end if #made == 50 then made = {} collectgarbage() end "
    "end",
    "local keep = setmetatable({}, {__mode = 'k'}) while true do for i = 1, 200 do keep[{i}] = ('x'):rep(i) .. i end "
    "collectgarbage() end",
    "local function make(n) return setmetatable({n}, {__gc = function(o) o[1] = nil end, __index = function(t, k) "
    "return k end}) "
    "end local s = 0 while true do local o = make(s) s = s + #tostring(o.field) if s % 5000 == 0 then collectgarbage() "
    "end end",
};

int passed = 0;
int failed = 0;

// Only the main thread judges.
void checkEqual(const std::string& name, std::string_view expected, std::string_view actual) {
  if (expected == actual) {
    ++passed;
    return;
  }
  ++failed;
  std::printf("FAILED: %s\n  expected: %s\n  actual:   %s\n", name.c_str(), std::string(expected).c_str(),
              std::string(actual).c_str());
}

void checkContains(const std::string& name, std::string_view part, std::string_view whole) {
  checkEqual(name, part, whole.find(part) == std::string_view::npos ? whole : part);
}

// Runs work(0) to work(7), each in a thread, which all begin at once.
void inThreads(const std::function<void(size_t)>& work) {
  std::barrier start(threadCount);
  std::vector<std::thread> all;
  all.reserve(threadCount);
  for (size_t i = 0; i < threadCount; ++i) {
    all.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
  for (std::thread& thread : all) thread.join();
}

// Every state does all works, each beginning with another one; the results are those that the works have alone.
void worksInAllStates(const std::vector<Work>& works, const char* mode, int rounds) {
  std::vector<std::string> alone;
  {
    const selvage::state lua = newState(mode);
    for (const Work& work : works) {
      alone.push_back(resultOf(lua, work.name, work.source));
      checkEqual("alone, " + work.name + ", " + mode, "", alone.back().starts_with("error: ") ? alone.back() : "");
    }
  }
  std::array<std::vector<std::string>, threadCount> results;
  inThreads([&](size_t thread) {
    const selvage::state lua = newState(mode);
    for (int round = 0; round < rounds; ++round) {
      for (size_t i = 0; i < works.size(); ++i) {
        const Work& work = works[(i + thread) % works.size()];
        results[thread].push_back(resultOf(lua, work.name, work.source));
      }
    }
  });
  for (size_t thread = 0; thread < threadCount; ++thread) {
    for (size_t i = 0; i < results[thread].size(); ++i) {
      const size_t work = (i + thread) % works.size();
      checkEqual(works[work].name + ", thread " + std::to_string(thread) + ", " + mode, alone[work],
                 results[thread][i]);
    }
  }
}

// One thread stops the scripts of eight others, at times that it chooses; the states go on afterwards.
void cancelling(const char* mode, int rounds) {
  std::array<selvage::state, threadCount> states;
  for (selvage::state& state : states) state = newState(mode);
  for (int round = 0; round < rounds; ++round) {
    std::array<std::string, threadCount> messages, afterwards;
    std::thread canceller([&] {
      for (const selvage::state& state : states) {
        std::this_thread::sleep_for(std::chrono::microseconds(700 * (round + 1)));
        selvage_cancel(state.lua_state());
      }
    });
    inThreads([&](size_t thread) {
      lua_State* const L = states[thread].lua_state();
      messages[thread] =
          resultOf(states[thread], "endless", endless[(thread + static_cast<size_t>(round)) % endless.size()]);
      if (selvage_exceededbound(L) != SELVAGE_CANCELLED) messages[thread] += " (no bound was exceeded)";
    });
    canceller.join();
    inThreads([&](size_t thread) {
      selvage_clearbounds(states[thread].lua_state());
      afterwards[thread] = resultOf(states[thread], "counting", counting);
    });
    for (size_t thread = 0; thread < threadCount; ++thread) {
      const std::string name = "cancelled, thread " + std::to_string(thread) + ", " + mode;
      checkContains(name, "cancelled", messages[thread]);
      checkEqual(name + ", afterwards", counted, afterwards[thread]);
    }
  }
}

// Each state has a bound of its own, of another kind than its neighbour's.
void bounds(const char* mode, int rounds) {
  std::array<std::vector<std::string>, threadCount> results;
  constexpr std::array<const char*, 3> expected = {"time limit exceeded", "instruction limit exceeded",
                                                   "not enough memory"};
  inThreads([&](size_t thread) {
    const selvage::state lua = newState(mode);
    lua_State* const L = lua.lua_state();
    for (int round = 0; round < rounds; ++round) {
      const size_t kind = (thread + static_cast<size_t>(round)) % expected.size();
      if (kind == 0 && selvage_settimelimit(L, 0.002) == 0) break;
      if (kind == 1) selvage_setinstructionlimit(L, 20'000);
      if (kind == 2) selvage_setmemorylimit(L, selvage_memoryinuse(L) + (size_t{1} << 20));
      results[thread].push_back(
          resultOf(lua, "endless",
                   kind == 2 ? "local t = {} while true do t[#t + 1] = {#t} end" : endless[thread % endless.size()]));
      selvage_clearbounds(L);
      selvage_setmemorylimit(L, 0);
      results[thread].push_back(resultOf(lua, "counting", counting));
    }
  });
  for (size_t thread = 0; thread < threadCount; ++thread) {
    const std::string name = "bounds, thread " + std::to_string(thread) + ", " + mode;
    checkEqual(name + ", results", std::to_string(2 * rounds), std::to_string(results[thread].size()));
    for (size_t i = 0; i + 1 < results[thread].size(); i += 2) {
      checkContains(name, expected[(thread + i / 2) % expected.size()], results[thread][i]);
      checkEqual(name + ", afterwards", counted, results[thread][i + 1]);
    }
  }
}

// States come and go while others do, sandboxes among them.
void openingAndClosing(const char* mode, int rounds) {
  std::array<int, threadCount> right{};
  inThreads([&](size_t thread) {
    for (int round = 0; round < rounds; ++round) {
      if (round % 3 == 0) {
        const selvage::state sandbox;
        selvage_opensandbox(sandbox.lua_state());
        right[thread] += resultOf(sandbox, "counting", counting) == counted ? 1 : 0;
      } else {
        const selvage::state lua = newState(mode);
        right[thread] += resultOf(lua, "counting", counting) == counted ? 1 : 0;
      }
    }
  });
  for (const int each : right)
    checkEqual(std::string("opened and closed, ") + mode, std::to_string(rounds), std::to_string(each));
}

// A state is handed from thread to thread: made in one, used in others, closed in the last.
void handedOn(const std::vector<Work>& works, const char* mode) {
  std::array<selvage::state, threadCount> states;
  inThreads([&](size_t thread) { states[thread] = newState(mode); });
  std::vector<std::string> first(threadCount), second(threadCount);
  const auto work = [&](size_t thread) { return works[thread % works.size()]; };
  inThreads([&](size_t thread) { first[thread] = resultOf(states[thread], work(thread).name, work(thread).source); });
  inThreads([&](size_t thread) {
    const size_t other = (thread + 3) % threadCount;
    second[other] = resultOf(states[other], work(other).name, work(other).source);
    states[other] = selvage::state();
  });
  for (size_t thread = 0; thread < threadCount; ++thread)
    checkEqual("handed on, " + work(thread).name + ", " + mode, first[thread], second[thread]);
}

void useOneStateInTwoThreads() {
  const selvage::state lua;
  std::vector<std::thread> both;
  for (int pause = 100; pause <= 200; pause += 100) {
    both.emplace_back([&lua, pause] { lua_gc(lua.lua_state(), LUA_GCSETPAUSE, pause); });
  }
  for (std::thread& thread : both) thread.join();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) {
    std::fputs("selvage_thread_tests FOLDER [ROUNDS] | --one-state\n", stderr);
    return 2;
  }
  if (std::string_view(argv[1]) == "--one-state") {
    useOneStateInTwoThreads();
    return 0;
  }
  const std::vector<Work> works = threads::readWorks(argv[1]);
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 2;
  for (const char* const mode : modes) {
    worksInAllStates(works, mode, rounds);
    cancelling(mode, rounds);
    bounds(mode, 3 * rounds);
    openingAndClosing(mode, 3 * rounds);
    handedOn(works, mode);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
} catch (const std::exception& caught) {
  std::fprintf(stderr, "%s\n", caught.what());
  return 1;
}
