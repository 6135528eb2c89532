// Lua functions called from C++: always in protected calls, with a message handler that writes down the traceback.
#pragma once

#include "object.hpp"

SELVAGE_NAMESPACE_BEGIN

namespace detail {

// Its address is the key under which the message handler leaves the traceback. Never written.
inline char tracebackKey;

// The message handler: the error value stays as it is, the traceback is left in the registry.
inline int writeDownTraceback(lua_State* L) {
  luaL_traceback(L, L, nullptr, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &tracebackKey);
  return 1;
}

SELVAGE_COLD inline std::string takeTraceback(lua_State* L) {
  std::string text;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &tracebackKey) == LUA_TSTRING) text = lua_tostring(L, -1);
  lua_pop(L, 1);
  lua_pushnil(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &tracebackKey);
  return text;
}

/// What a call's results are read as.
template <class R>
struct Returns {
  static constexpr int count = 1;
  static Result<R> read(lua_State* L, int first) {
    Result<R> result = readForHost<R>(L, first);
    if (!result) return error("result: " + result.message());
    return result;
  }
};
template <>
struct Returns<void> {
  static constexpr int count = 0;
  static Result<void> read(lua_State*, int) { return {}; }
};
template <>
struct Returns<variadic_results> {
  static constexpr int count = LUA_MULTRET;
  static Result<variadic_results> read(lua_State* L, int first) {
    variadic_results results;
    for (int i = first, top = lua_gettop(L); i <= top; ++i) results.emplace_back(L, i);
    return results;
  }
};

template <class Tuple, class... T>
struct TupleReturns {
  static constexpr int count = static_cast<int>(sizeof...(T));
  static Result<Tuple> read(lua_State* L, int first) { return read(L, first, std::index_sequence_for<T...>()); }

 private:
  template <std::size_t... I>
  static Result<Tuple> read(lua_State* L, int first, std::index_sequence<I...>) {
    std::tuple<std::optional<Result<T>>...> results;
    std::optional<error> failed;
    const bool complete =
        (readOne(L, first + static_cast<int>(I), static_cast<int>(I) + 1, std::get<I>(results), failed) && ...);
    if (!complete) return *std::move(failed);
    return Tuple{std::move(*std::get<I>(results)).value()...};
  }
  template <class Each>
  static bool readOne(lua_State* L, int index, int number, std::optional<Result<Each>>& result,
                      std::optional<error>& failed) {
    result.emplace(readForHost<Each>(L, index));
    if (!*result) failed = error("result " + std::to_string(number) + ": " + result->message());
    return result->has_value();
  }
};
template <class... T>
struct Returns<std::tuple<T...>> : TupleReturns<std::tuple<T...>, T...> {};
template <class A, class B>
struct Returns<std::pair<A, B>> : TupleReturns<std::pair<A, B>, A, B> {};

/// Calls what is on top of the stack, below which the message handler must be at `handler`, with the arguments. Leaves
/// the results there, or takes the error from there.
template <class... A>
std::optional<error> callTop(lua_State* L, int handler, int results, A&&... arguments) {
  ensureStack(L, static_cast<int>(sizeof...(A)) + 4);
  const int count = (0 + ... + pushArgument(L, std::forward<A>(arguments)));
  const int status = lua_pcall(L, count, results, handler);
  if (status == LUA_OK) [[likely]] {
    return std::nullopt;
  }
  std::string traceback = takeTraceback(L);
  return takeError(L, static_cast<call_status>(status), std::move(traceback));
}

/// Calls the value that `pushCallee` pushes and reads the results as R.
template <class R, class PushCallee, class... A>
Result<R> callPushed(lua_State* L, PushCallee pushCallee, A&&... arguments) {
  ensureStack(L, 4);
  const StackGuard guard(L);
  lua_pushcfunction(L, writeDownTraceback);
  const int handler = guard.top() + 1;
  if (std::optional<error> failed = pushCallee(L)) return *std::move(failed);
  if (std::optional<error> failed = callTop(L, handler, Returns<R>::count, std::forward<A>(arguments)...)) {
    return *std::move(failed);
  }
  return Returns<R>::read(L, handler + 1);
}

}  // namespace detail

/// The results of a call, or its error. Converts to whatever the first result is assigned to.
class protected_function_result {
 public:
  protected_function_result() = default;
  protected_function_result(Result<variadic_results> results) : results_(std::move(results)) {}

  bool valid() const { return results_.has_value(); }
  explicit operator bool() const { return valid(); }
  call_status status() const { return results_.status(); }
  /// How many results there are; 0 after an error.
  std::size_t return_count() const { return valid() ? results_->size() : 0; }
  std::size_t size() const { return return_count(); }
  type get_type(std::size_t i = 0) const { return i < size() ? (*results_)[i].get_type() : type::none; }

  /// Result i, from 0. Throws if the call failed or the result is of another type.
  template <class T>
  T get(std::size_t i = 0) const {
    return detail::orThrow(try_get<T>(i));
  }
  template <class T>
  Result<T> try_get(std::size_t i = 0) const {
    if (!valid()) return what();
    if (i >= size()) {
      if constexpr (detail::isOptional<T>) return T();
      return error("result " + std::to_string(i + 1) + ": there are only " + std::to_string(size()));
    }
    Result<T> value = object((*results_)[i]).try_as<T>();
    if (!value) return error("result " + std::to_string(i + 1) + ": " + value.message());
    return value;
  }
  template <class T>
    requires(!std::is_reference_v<T> && !std::is_same_v<T, protected_function_result> && !std::is_same_v<T, error>)
  operator T() const {
    return get<T>();
  }
  operator error() const { return what(); }

  const error& what() const { return results_.what(); }

 private:
  Result<variadic_results> results_{variadic_results()};
};
using function_result = protected_function_result;

namespace detail {

/// A Lua function: what selvage::function and selvage::protected_function have in common.
class BasicFunction : public object {
 public:
  BasicFunction() = default;
  BasicFunction(lua_State* L, int index) : object(L, index) {}

  static constexpr const char* expectedName = "function";
  static bool accepts(lua_State* L, int index) {
    if (lua_type(L, index) == LUA_TFUNCTION) return true;
    if (lua_type(L, index) <= LUA_TNIL || luaL_getmetafield(L, index, "__call") == LUA_TNIL) return false;
    lua_pop(L, 1);
    return true;
  }

  /// Calls it; the results are read as R: void, one type, a std::tuple of several, or variadic_results for all.
  /// Throws selvage::error if the call fails or a result is of another type.
  template <class R = void, class... A>
  R call(A&&... arguments) const {
    return orThrow(try_call<R>(std::forward<A>(arguments)...));
  }
  /// The same, with the error as a result.
  template <class R = void, class... A>
  Result<R> try_call(A&&... arguments) const {
    if (isOrphaned()) return error(closedState);
    lua_State* L = lua_state();
    if (L == nullptr) return error("a function that refers to nothing was called");
    return callPushed<R>(
        L,
        [this](lua_State* state) -> std::optional<error> {
          push(state);
          return std::nullopt;
        },
        std::forward<A>(arguments)...);
  }

 protected:
  explicit BasicFunction(const reference& other) : object(other) {
    if (lua_State* L = lua_state()) {
      push(L);
      const StackGuard guard(L, 1);
      if (!accepts(L, -1)) failWith(L, error(expectedButGot(L, expectedName, -1)));
    }
  }
};

}  // namespace detail

/// A Lua function whose errors are thrown.
class function : public detail::BasicFunction {
 public:
  function() = default;
  function(lua_State* L, int index) : BasicFunction(L, index) {}
  /// Throws if the value is no function.
  function(const reference& other) : BasicFunction(other) {}

  /// Calls it. What it returns converts to the type that it is assigned to.
  template <class... A>
  function_result operator()(A&&... arguments) const {
    return Result<variadic_results>(this->template call<variadic_results>(std::forward<A>(arguments)...));
  }
};

/// A Lua function whose errors are returned.
class protected_function : public detail::BasicFunction {
 public:
  protected_function() = default;
  protected_function(lua_State* L, int index) : BasicFunction(L, index) {}
  protected_function(const reference& other) : BasicFunction(other) {}

  template <class... A>
  protected_function_result operator()(A&&... arguments) const {
    return this->try_call<variadic_results>(std::forward<A>(arguments)...);
  }
};

/// A Lua function as std::function. If the call fails it throws, unless R is a Result.
template <class R, class... P>
struct converter<std::function<R(P...)>> {
  static std::optional<std::function<R(P...)>> read(lua_State* L, int index) {
    if (!function::accepts(L, index)) return std::nullopt;
    return std::function<R(P...)>([callee = function(L, index)](P... arguments) -> R {
      if constexpr (detail::isResult<R>) {
        return callee.template try_call<typename R::value_type>(std::forward<P>(arguments)...);
      } else {
        static_assert(detail::mayThrow || alwaysFalse<R>,
                      "selvage: without exceptions a std::function that calls Lua must return a selvage::Result");
        return callee.template call<R>(std::forward<P>(arguments)...);
      }
    });
  }
  template <class Value>
  static void push(lua_State* L, Value&& value) {
    detail::pushFunction<std::function<R(P...)>>(L, std::forward<Value>(value));
  }
  static std::string expected(lua_State*) { return "function"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, "function", index); }
};

SELVAGE_NAMESPACE_END
