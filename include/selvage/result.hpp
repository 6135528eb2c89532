// Errors as values: selvage::error, which can also be thrown, and Result<T>, a value or an error.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "reference.hpp"

SELVAGE_NAMESPACE_BEGIN

/// How a call or a load ended, as lua_pcall numbers it.
enum class call_status : int {
  ok = LUA_OK,
  yielded = LUA_YIELD,
  runtime = LUA_ERRRUN,
  syntax = LUA_ERRSYNTAX,
  memory = LUA_ERRMEM,
  handler = LUA_ERRERR,
  file = LUA_ERRFILE,
};

/// A Lua error, or misuse of this interface. what() is the message alone; traceback() says where it happened.
class error : public std::runtime_error {
 public:
  explicit error(const std::string& message, call_status status = call_status::runtime)
      : std::runtime_error(message), details_(std::make_shared<const Details>(Details{status, {}, {}})) {}

  error(const std::string& message, call_status status, std::string traceback, reference value)
      : std::runtime_error(message),
        details_(std::make_shared<const Details>(Details{status, std::move(traceback), std::move(value)})) {}

  call_status status() const noexcept { return details_->status; }
  std::string message() const { return what(); }
  /// The stack at the place of the error; empty if none was taken (syntax errors, running out of memory).
  const std::string& traceback() const noexcept { return details_->traceback; }
  /// The error value, which need not be a string; empty if the error did not come from Lua.
  const reference& value() const noexcept { return details_->value; }

  /// Pushes the value to raise again: the error value of the same state, or else the message.
  void push(lua_State* L) const {
    const reference& value = details_->value;
    if (value.valid() && value.lua_state() != nullptr && isSameState(L, value.lua_state())) {
      value.push(L);
    } else {
      lua_pushstring(L, what());
    }
  }

 private:
  static bool isSameState(lua_State* L, lua_State* main) {
    return lua_topointer(L, LUA_REGISTRYINDEX) == lua_topointer(main, LUA_REGISTRYINDEX);
  }

  struct Details {
    call_status status;
    std::string traceback;
    reference value;
  };
  // Shared, so that copying cannot throw.
  std::shared_ptr<const Details> details_;
};

[[noreturn]] SELVAGE_COLD inline void fail([[maybe_unused]] lua_State* L, const char* message) {
#if SELVAGE_EXCEPTIONS
  throw error(message);
#else
  if (L != nullptr) luaL_error(L, "%s", message);
  std::fprintf(stderr, "selvage: %s\n", message);
  std::abort();
#endif
}

/// Throws an error; without exceptions it raises it in L, or ends the program.
[[noreturn]] SELVAGE_COLD inline void failWith([[maybe_unused]] lua_State* L, const error& what) {
#if SELVAGE_EXCEPTIONS
  throw what;
#else
  fail(L, what.what());
#endif
}

/// A value of type T, which may be void or a reference, or the error for which there is none.
template <class T>
class [[nodiscard]] Result {
  using Stored = std::conditional_t<std::is_void_v<T>, std::monostate,
                                    std::conditional_t<std::is_reference_v<T>, std::remove_reference_t<T>*, T>>;

 public:
  using value_type = T;

  Result()
    requires std::is_void_v<T>
  = default;
  Result(error what) : content_(std::in_place_index<1>, std::move(what)) {}
  template <class U>
    requires(!std::is_void_v<T> && !std::is_reference_v<T> && std::is_constructible_v<T, U &&> &&
             !std::is_same_v<std::remove_cvref_t<U>, Result> && !std::is_same_v<std::remove_cvref_t<U>, error>)
  Result(U&& value) : content_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(Stored value)
    requires std::is_reference_v<T>
      : content_(std::in_place_index<0>, value) {}

  bool has_value() const noexcept { return content_.index() == 0; }
  bool valid() const noexcept { return has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value. If there is none: throws the error or, without exceptions, ends the program with its message.
  decltype(auto) value() & { return get(*this); }
  decltype(auto) value() const& { return get(*this); }
  decltype(auto) value() && { return get(std::move(*this)); }
  decltype(auto) operator*() & { return get(*this); }
  decltype(auto) operator*() const& { return get(*this); }
  decltype(auto) operator*() && { return get(std::move(*this)); }
  auto* operator->()
    requires(!std::is_void_v<T>)
  {
    return &get(*this);
  }
  const auto* operator->() const
    requires(!std::is_void_v<T>)
  {
    return &get(*this);
  }

  template <class U>
    requires(!std::is_void_v<T>)
  std::decay_t<T> value_or(U&& other) const& {
    return has_value() ? static_cast<std::decay_t<T>>(get(*this))
                       : static_cast<std::decay_t<T>>(std::forward<U>(other));
  }

  /// The error. Only to be asked if there is no value; else it is an error that says so.
  const error& what() const {
    if (has_value()) fail(nullptr, "a Result that has a value was asked for its error");
    return *std::get_if<1>(&content_);
  }
  std::string message() const { return what().message(); }
  const std::string& traceback() const { return what().traceback(); }
  call_status status() const noexcept { return has_value() ? call_status::ok : std::get_if<1>(&content_)->status(); }

 private:
  template <class Self>
  static decltype(auto) get(Self&& self) {
    if (!self.has_value()) failWith(nullptr, *std::get_if<1>(&self.content_));
    if constexpr (std::is_void_v<T>) {
      return;
    } else if constexpr (std::is_reference_v<T>) {
      return static_cast<T>(**std::get_if<0>(&self.content_));
    } else if constexpr (std::is_lvalue_reference_v<Self>) {
      return (*std::get_if<0>(&self.content_));
    } else {
      return static_cast<T>(std::move(*std::get_if<0>(&self.content_)));
    }
  }

  std::variant<Stored, error> content_;
};

/// Takes the error value from the top of the stack.
/// `traceback` is what the message handler wrote down, if it did.
SELVAGE_COLD inline error takeError(lua_State* L, call_status status, std::string traceback = {}) {
  std::string message;
  if (const int kind = lua_type(L, -1); kind == LUA_TSTRING) {
    std::size_t length = 0;
    const char* text = lua_tolstring(L, -1, &length);
    message.assign(text, length);
  } else if (lua_checkstack(L, 4) == 0) {
    message = "(error object)";
  } else {
    // A number, or an object that may have a __tostring, which may fail in turn.
    lua_pushcfunction(L, [](lua_State* inner) {
      luaL_tolstring(inner, 1, nullptr);
      return 1;
    });
    lua_pushvalue(L, -2);
    const bool convertible = kind == LUA_TNUMBER || luaL_getmetafield(L, -1, "__tostring") != LUA_TNIL;
    if (kind != LUA_TNUMBER && convertible) lua_pop(L, 1);
    if (convertible && lua_pcall(L, 1, 1, 0) == LUA_OK) {
      std::size_t length = 0;
      const char* text = lua_tolstring(L, -1, &length);
      message.assign(text, length);
      lua_pop(L, 1);
    } else {
      lua_pop(L, convertible ? 1 : 2);
      message = std::string("(error object is a ") + lua_typename(L, kind) + " value)";
    }
  }
  // Running out of memory must not ask for more.
  reference value;
  if (status != call_status::memory) value = reference(L, -1);
  lua_pop(L, 1);
  return error(message, status, std::move(traceback), std::move(value));
}

SELVAGE_NAMESPACE_END
