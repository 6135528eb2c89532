// Bounds for scripts in C++: budgets that end with their scope, and a handle by which other threads stop a script. The
// functions below them, with all that holds for the errors, are those of selvage/bounds.h.
//
//     selvage::state lua;
//     selvage::open_sandbox(lua);
//     const selvage::memory_limit memory(lua, 64 << 20);
//     const auto result = selvage::within({.time = 5ms}, lua, [&] { return lua.try_call<int>("think", 7); });
//     if (result.exceeded() == selvage::bound::time) ...
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "bounds.h"
#include "state.hpp"

SELVAGE_NAMESPACE_BEGIN

/// What a script has exceeded.
enum class bound : int {
  none = SELVAGE_WITHINBOUNDS,
  time = SELVAGE_OVERTIME,
  instructions = SELVAGE_OVERINSTRUCTIONS,
  cancelled = SELVAGE_CANCELLED,
};

/// A time in some unit of std::chrono.
class time_span {
 public:
  template <class Number, class Unit>
  time_span(std::chrono::duration<Number, Unit> time)
      : seconds_(std::chrono::duration_cast<std::chrono::duration<double>>(time).count()) {}
  template <class Number>
    requires std::is_arithmetic_v<Number>
  time_span(Number) {
    static_assert(alwaysFalse<Number>, "selvage: a time needs a unit, such as std::chrono::milliseconds(5)");
  }
  double seconds() const { return seconds_; }

 private:
  double seconds_ = 0;
};

/// What a budget allows; what is absent has no limit.
struct limits {
  std::optional<time_span> time = std::nullopt;            ///< by the clock, from now on
  std::optional<lua_Integer> instructions = std::nullopt;  ///< of Lua code; with it Lua code is interpreted
};

/// As long as it lives its state has these limits, of all that runs in the state together; when it ends, the state has
/// none and is not over any bound. One at a time for a state: a second one would take the place of the first.
class [[nodiscard]] budget {
 public:
  /// Throws if the limits are not positive, or if there is no thread that could watch the time.
  budget(const state_view& lua, const limits& allowed) : L_(lua.lua_state()) {
    ensureStack(L_, 0);
    if (allowed.time.has_value() && !(allowed.time->seconds() > 0)) fail(L_, "budget: the time is not positive");
    if (allowed.instructions.has_value() && *allowed.instructions < 0) fail(L_, "budget: negative instructions");
    if (allowed.time.has_value() && selvage_settimelimit(L_, allowed.time->seconds()) == 0)
      fail(L_, "budget: no thread to watch the time");
    if (allowed.instructions.has_value()) selvage_setinstructionlimit(L_, *allowed.instructions);
  }
  budget(const budget&) = delete;
  budget& operator=(const budget&) = delete;
  ~budget() { selvage_clearbounds(L_); }

  /// Which bound has been exceeded; bound::none if none has.
  bound exceeded() const { return static_cast<bound>(selvage_exceededbound(L_)); }

 private:
  lua_State* L_;
};

/// A Result, and which bound was exceeded on the way to it.
template <class T>
class [[nodiscard]] bounded_result : public Result<T> {
 public:
  bounded_result(Result<T> result, bound exceeded) : Result<T>(std::move(result)), exceeded_(exceeded) {}
  bound exceeded() const noexcept { return exceeded_; }

 private:
  bound exceeded_;
};

namespace detail {
template <class R>
struct ResultValue {
  static_assert(alwaysFalse<R>,
                "selvage: within() needs a function that returns a Result, such as one that calls try_call()");
};
template <class T>
struct ResultValue<Result<T>> {
  using type = T;
};
}  // namespace detail

/// Calls `work`, which runs scripts and returns a Result, with a budget of its own.
template <class F>
auto within(const limits& allowed, const state_view& lua, F&& work) {
  using Given = std::remove_cvref_t<std::invoke_result_t<F>>;
  using Value = typename detail::ResultValue<Given>::type;
  const budget own(lua, allowed);
  Given result = std::forward<F>(work)();
  return bounded_result<Value>(std::move(result), own.exceeded());
}

/// As long as it lives, objects may not take more than so many bytes; then the limit before it holds again.
class [[nodiscard]] memory_limit {
 public:
  /// Throws if `bytes` is 0.
  memory_limit(const state_view& lua, std::size_t bytes) : L_(lua.lua_state()) {
    ensureStack(L_, 0);
    if (bytes == 0) fail(L_, "memory_limit: no bytes at all");
    before_ = selvage_memorylimit(L_);
    selvage_setmemorylimit(L_, bytes);
  }
  memory_limit(const memory_limit&) = delete;
  memory_limit& operator=(const memory_limit&) = delete;
  ~memory_limit() { selvage_setmemorylimit(L_, before_); }

 private:
  lua_State* L_;
  std::size_t before_ = 0;
};

/// By which any thread can stop what runs in a state. It may be copied and may outlive the state; then it does nothing.
/// Make one for a state and copy that: each that is made holds a few bytes until the state is closed.
class canceller {
 public:
  explicit canceller(const state_view& lua) : shared_(std::make_shared<Shared>()) {
    lua_State* const L = lua.lua_state();
    // The state holds its half, whose finalizer is called when the state is closed.
    ensureStack(L, 4);
    auto** anchor = static_cast<std::shared_ptr<Shared>**>(lua_newuserdatauv(L, sizeof(std::shared_ptr<Shared>*), 0));
    *anchor = nullptr;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, forget);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    *anchor = new std::shared_ptr<Shared>(shared_);
    luaL_ref(L, LUA_REGISTRYINDEX);
    shared_->L = L;
  }

  /// As if a bound had been exceeded: see selvage_cancel.
  void cancel() const {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->L != nullptr) selvage_cancel(shared_->L);
  }

 private:
  struct Shared {
    std::mutex mutex;
    lua_State* L = nullptr;  // null when the state is closed
  };

  static int forget(lua_State* L) {
    auto** anchor = static_cast<std::shared_ptr<Shared>**>(lua_touserdata(L, 1));
    if (anchor == nullptr || *anchor == nullptr) return 0;
    {
      const std::lock_guard lock((*anchor)->get()->mutex);
      (*anchor)->get()->L = nullptr;
    }
    delete std::exchange(*anchor, nullptr);
    return 0;
  }

  std::shared_ptr<Shared> shared_;
};

/// Opens libraries for scripts that are not trusted, in place of open_libraries: see selvage_opensandbox.
inline void open_sandbox(const state_view& lua) {
  lua_State* const L = lua.lua_state();
  ensureStack(L, 2);
  lua_pushcfunction(L, [](lua_State* inner) {
    selvage_opensandbox(inner);
    return 0;
  });
  if (const int status = lua_pcall(L, 0, 0, 0); status != LUA_OK) {
    const error failed = takeError(L, static_cast<call_status>(status));
    failWith(L, failed);
  }
}

/// Makes a table read-only, with all tables that it leads to if `deep`, or writable again.
inline void set_read_only(const table& shared, bool read_only = true, bool deep = false) {
  lua_State* const L = shared.lua_state();
  ensureStack(L, 1);
  const StackGuard guard(L);
  shared.push(L);
  selvage_setreadonly(L, -1, read_only ? 1 : 0, deep ? 1 : 0);
}

/// Whether set_read_only has made the table read-only.
inline bool is_read_only(const table& table) {
  lua_State* const L = table.lua_state();
  ensureStack(L, 1);
  const StackGuard guard(L);
  table.push(L);
  return selvage_isreadonly(L, -1) != 0;
}

SELVAGE_NAMESPACE_END
