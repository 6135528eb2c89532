// Coroutines driven from C++: started, resumed with values, asked for their state, gone through as a range.
#pragma once

#include "table.hpp"

SELVAGE_NAMESPACE_BEGIN

/// A Lua thread: a stack of its own on which a coroutine runs.
class thread : public object {
 public:
  thread() = default;
  thread(lua_State* L, int index) : object(L, index) {}
  /// Throws if the value is no thread.
  thread(const reference& other) : object(other) {
    if (get_type() != type::thread) fail(lua_state(), "thread expected");
  }
  static constexpr const char* expectedName = "thread";
  static bool accepts(lua_State* L, int index) { return lua_type(L, index) == LUA_TTHREAD; }

  static thread create(lua_State* L) {
    ensureStack(L, 4);
    lua_newthread(L);
    const StackGuard guard(L, 1);
    return thread(L, -1);
  }
  /// Its lua_State, which lives as long as this reference.
  lua_State* thread_state() const {
    lua_State* L = pushed();
    lua_State* result = lua_tothread(L, -1);
    lua_pop(L, 1);
    return result;
  }
};

/// A coroutine: a function that runs on a thread of its own and can yield. Each call of `resume` goes on until the next
/// yield, or the end.
class coroutine {
 public:
  coroutine() = default;
  /// Throws if the value is no function (or a thread with a function to start on it).
  coroutine(const reference& body) {
    lua_State* L = body.lua_state();
    if (L == nullptr) fail(nullptr, "a coroutine needs a function");
    ensureStack(L, 4);
    const StackGuard guard(L);
    body.push(L);
    if (lua_type(L, -1) == LUA_TTHREAD) {
      thread_ = thread(L, -1);
      return;
    }
    thread_ = thread::create(L);
    const function callee(body);
    lua_State* own = thread_.thread_state();
    callee.push(own);
  }
  coroutine(lua_State* L, int index) : coroutine(reference(L, index)) {}
  static coroutine create(const reference& body) { return coroutine(body); }

  /// Goes on, with the arguments as what the last yield returns (at first: as the function's). What is yielded, or
  /// returned in the end, is read as R.
  template <class R = void, class... A>
  Result<R> try_resume(A&&... arguments) {
    if (thread_.isOrphaned()) return error(closedState);
    lua_State* L = thread_.lua_state();
    if (L == nullptr) return error("a coroutine that refers to nothing was resumed");
    lua_State* own = thread_.thread_state();
    if (!isRunnable(own)) return error("cannot resume a dead coroutine");
    ensureStack(own, static_cast<int>(sizeof...(A)) + 4);
    const int count = (0 + ... + detail::pushArgument(own, std::forward<A>(arguments)));
    int results = 0;
    const int status = lua_resume(own, L, count, &results);
    if (status != LUA_OK && status != LUA_YIELD) {
      failed_ = static_cast<call_status>(status);
      luaL_traceback(L, own, nullptr, 0);
      std::string traceback = lua_tostring(L, -1);
      lua_pop(L, 1);
      return takeError(own, failed_, std::move(traceback));
    }
    // Missing results are nil.
    ensureStack(own, 4);
    const int first = lua_gettop(own) - results + 1;
    for (int i = results; i < detail::Returns<R>::count; ++i) lua_pushnil(own);
    Result<R> result = detail::Returns<R>::read(own, first);
    lua_settop(own, first - 1);
    return result;
  }
  /// The same; throws if the coroutine fails.
  template <class R = void, class... A>
  R resume(A&&... arguments) {
    return detail::orThrow(try_resume<R>(std::forward<A>(arguments)...));
  }
  template <class... A>
  protected_function_result operator()(A&&... arguments) {
    return try_resume<variadic_results>(std::forward<A>(arguments)...);
  }

  /// ok if it has not started or has ended, yielded if it is suspended, or the error that ended it.
  call_status status() const {
    if (failed_ != call_status::ok || !thread_.valid()) return failed_;
    return static_cast<call_status>(lua_status(thread_.thread_state()));
  }
  /// Whether it can be resumed.
  bool runnable() const { return thread_.valid() && isRunnable(thread_.thread_state()); }
  explicit operator bool() const { return runnable(); }

  /// Ends it: closes its pending to-be-closed variables.
  Result<void> close() {
    if (!thread_.valid()) return {};
    lua_State* own = thread_.thread_state();
#if LUA_VERSION_RELEASE_NUM >= 50406
    const int status = lua_closethread(own, thread_.lua_state());
#else
    const int status = lua_resetthread(own);
#endif
    if (status != LUA_OK) return takeError(own, static_cast<call_status>(status));
    lua_settop(own, 0);
    return {};
  }

  /// A range over what the coroutine yields, each as T; what it returns in the end is no part of it. Throws if it
  /// fails.
  template <class T>
  class yields_range {
   public:
    explicit yields_range(coroutine& source) : source_(&source) {}
    class iterator {
     public:
      using value_type = T;
      using difference_type = std::ptrdiff_t;
      iterator() = default;
      explicit iterator(coroutine& source) : source_(&source) { ++*this; }
      const T& operator*() const { return *value_; }
      iterator& operator++() {
        value_.reset();
        if (!source_->runnable()) return *this;
        Result<object> next = source_->try_resume<object>();
        if (!next) {
          if constexpr (detail::isResult<T>) {
            value_.emplace(next.what());
          } else {
            failWith(nullptr, next.what());
          }
        } else if (source_->status() == call_status::yielded) {
          value_.emplace(next->template as<T>());
        }
        return *this;
      }
      void operator++(int) { ++*this; }
      friend bool operator==(const iterator& i, std::default_sentinel_t) { return !i.value_.has_value(); }

     private:
      coroutine* source_ = nullptr;
      std::optional<T> value_;
    };
    iterator begin() const { return iterator(*source_); }
    std::default_sentinel_t end() const { return {}; }

   private:
    coroutine* source_;
  };
  template <class T = object>
  yields_range<T> yields() {
    return yields_range<T>(*this);
  }

  const thread& lua_thread() const { return thread_; }

 private:
  // Suspended at a yield, or with a function on its stack that has not started.
  static bool isRunnable(lua_State* own) {
    const int status = lua_status(own);
    if (status == LUA_YIELD) return true;
    lua_Debug frame;
    return status == LUA_OK && lua_getstack(own, 0, &frame) == 0 && lua_gettop(own) > 0;
  }

  thread thread_;
  call_status failed_ = call_status::ok;
};

template <>
struct converter<coroutine> {
  static std::optional<coroutine> read(lua_State* L, int index) {
    if (!function::accepts(L, index) && !thread::accepts(L, index)) return std::nullopt;
    return std::optional<coroutine>(std::in_place, L, index);
  }
  static void push(lua_State* L, const coroutine& value) { value.lua_thread().push(L); }
  static std::string expected(lua_State*) { return "coroutine"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, "coroutine", index); }
};

SELVAGE_NAMESPACE_END
