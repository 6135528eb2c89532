// Reading and writing fields of Lua values from the host: directly where nothing but memory can fail, in protected
// calls where metamethods may run.
#pragma once

#include "function.hpp"

SELVAGE_NAMESPACE_BEGIN

namespace detail {

inline bool isPlainTable(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TTABLE) return false;
  if (lua_getmetatable(L, index) == 0) return true;
  lua_pop(L, 1);
  return false;
}

/// How messages name the key at `index`: field 'name', field [3].
SELVAGE_COLD inline std::string describeKey(lua_State* L, int index) {
  if (lua_type(L, index) == LUA_TSTRING) return std::string("field '") + lua_tostring(L, index) + "'";
  if (lua_isinteger(L, index) != 0) return "field [" + std::to_string(lua_tointegerx(L, index, nullptr)) + "]";
  return std::string("field [") + luaL_typename(L, index) + "]";
}

/// Whether indexing the value at `index` can succeed; a non-table needs the metamethod for it.
inline bool isIndexable(lua_State* L, int index, const char* metamethod) {
  if (lua_type(L, index) == LUA_TTABLE) return true;
  if (luaL_getmetafield(L, index, metamethod) == LUA_TNIL) return false;
  lua_pop(L, 1);
  return true;
}

/// Replaces a value and a key on top of the stack by the field's value. After an error both are gone.
inline std::optional<error> getField(lua_State* L) {
  ensureStack(L, 4);
  if (isPlainTable(L, -2)) {
    lua_rawget(L, -2);
    lua_remove(L, -2);
    return std::nullopt;
  }
  if (!isIndexable(L, -2, "__index")) {
    error failed("cannot read " + describeKey(L, -1) + " of a " + luaL_typename(L, -2) + " value");
    lua_pop(L, 2);
    return failed;
  }
  lua_pushcfunction(L, [](lua_State* inner) {
    lua_gettable(inner, 1);
    return 1;
  });
  lua_insert(L, -3);
  const int status = lua_pcall(L, 2, 1, 0);
  if (status == LUA_OK) return std::nullopt;
  return takeError(L, static_cast<call_status>(status));
}

/// Pops a value, a key and the field's new value.
inline std::optional<error> setField(lua_State* L) {
  ensureStack(L, 4);
  if (isPlainTable(L, -3)) {
    lua_pushvalue(L, -2);
    requireKey(L);
    lua_pop(L, 1);
    lua_rawset(L, -3);
    lua_pop(L, 1);
    return std::nullopt;
  }
  if (!isIndexable(L, -3, "__newindex")) {
    error failed("cannot write " + describeKey(L, -2) + " of a " + luaL_typename(L, -3) + " value");
    lua_pop(L, 3);
    return failed;
  }
  lua_pushcfunction(L, [](lua_State* inner) {
    lua_settable(inner, 1);
    return 0;
  });
  lua_insert(L, -4);
  const int status = lua_pcall(L, 3, 0, 0);
  if (status == LUA_OK) return std::nullopt;
  return takeError(L, static_cast<call_status>(status));
}

/// Replaces the value on top of the stack by what it has at the end of a path of keys. If `lenient`, nil has nil as
/// every field.
template <class... K>
std::optional<error> followPath(lua_State* L, bool lenient, const K&... keys) {
  std::optional<error> failed;
  [[maybe_unused]] auto step = [&](const auto& key) {
    if (lenient && lua_type(L, -1) == LUA_TNIL) return true;
    ensureStack(L, 4);
    push(L, key);
    failed = getField(L);
    return !failed.has_value();
  };
  static_cast<void>((step(keys) && ...));
  return failed;
}

/// "field 'x': number expected, got nil"
template <class K>
SELVAGE_COLD error fieldError(lua_State* L, const K& key, const error& what) {
  ensureStack(L, 2);
  push(L, key);
  error named(describeKey(L, -1) + ": " + what.message(), what.status());
  lua_pop(L, 1);
  return named;
}

template <class T>
inline constexpr bool isLenient = isOptional<T> || std::is_same_v<T, object>;

}  // namespace detail

template <class Base, class... K>
class proxy;

namespace detail {
template <class T>
inline constexpr bool isProxy = false;
template <class Base, class... K>
inline constexpr bool isProxy<proxy<Base, K...>> = true;
}  // namespace detail

/// A place in a table, of a path of keys, that is read when it is converted and written when it is assigned to. Refers
/// to its table: use it within the expression, or while the table object lives.
template <class Base, class... K>
class proxy {
 public:
  proxy(Base base, std::tuple<K...> keys) : base_(std::forward<Base>(base)), keys_(std::move(keys)) {}
  proxy(const proxy&) = default;
  proxy(proxy&&) noexcept = default;
  ~proxy() = default;

  template <class Key>
  auto operator[](Key&& key) const {
    using Extended = proxy<Base, K..., std::decay_t<Key>>;
    return Extended(Base(base_), std::tuple_cat(keys_, std::tuple<std::decay_t<Key>>(std::forward<Key>(key))));
  }

  // ---- writing ----
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, proxy>)
  const proxy& operator=(T&& value) const {
    set(std::forward<T>(value));
    return *this;
  }
  const proxy& operator=(const proxy& other) const {
    set(other);
    return *this;
  }
  proxy& operator=(const proxy& other) {
    set(other);
    return *this;
  }
  template <class T>
  void set(T&& value) const {
    if (std::optional<error> failed = assign(std::forward<T>(value))) failWith(base_.lua_state(), *failed);
  }
  template <class T>
  Result<void> try_set(T&& value) const {
    if (std::optional<error> failed = assign(std::forward<T>(value))) return *std::move(failed);
    return {};
  }
  /// Makes a C++ callable the field's value.
  template <class F>
  void set_function(F&& f) const {
    set(std::forward<F>(f));
  }

  // ---- reading ----
  template <class T>
  Result<T> try_get() const {
    lua_State* L = base_.lua_state();
    ensureStack(L, 6);
    const StackGuard guard(L);
    if (std::optional<error> failed = pushValue(L, detail::isLenient<T>)) return *std::move(failed);
    Result<T> value = detail::readForHost<T>(L, -1);
    if (!value) return detail::fieldError(L, lastKey(), value.what());
    return value;
  }
  template <class T>
  T get() const {
    return detail::orThrow(try_get<T>());
  }
  /// The value, or another one if it cannot be read as T, for whatever reason.
  template <class T>
  T get_or(T otherwise) const {
    const Result<std::optional<T>> value = try_get<std::optional<T>>();
    return value && value->has_value() ? **value : std::move(otherwise);
  }
  template <class T>
    requires(!std::is_reference_v<T> && !detail::isProxy<T> && !std::is_same_v<T, nil_t>)
  operator T() const {
    return get<T>();
  }
  template <class T>
  bool is() const {
    const Result<object> value = try_get<object>();
    return value && value->template is<T>();
  }
  type get_type() const {
    const Result<object> value = try_get<object>();
    return value ? value->get_type() : type::none;
  }
  /// Whether it can be read and is not nil.
  bool valid() const { return get_type() > type::nil; }
  explicit operator bool() const { return valid(); }
  friend bool operator==(const proxy& place, nil_t) { return !place.valid(); }

  // ---- calling ----
  template <class R = void, class... A>
  Result<R> try_call(A&&... arguments) const {
    return detail::callPushed<R>(
        base_.lua_state(), [this](lua_State* L) { return pushValue(L, false); }, std::forward<A>(arguments)...);
  }
  template <class R = void, class... A>
  R call(A&&... arguments) const {
    return detail::orThrow(try_call<R>(std::forward<A>(arguments)...));
  }
  /// Only right where the place is named: as an object of its own it is no callable, so that a std::function made of it
  /// holds the function rather than a place in a table that may be gone.
  template <class... A>
  function_result operator()(A&&... arguments) && {
    return Result<variadic_results>(call<variadic_results>(std::forward<A>(arguments)...));
  }

 private:
  const auto& lastKey() const { return std::get<sizeof...(K) - 1>(keys_); }

  std::optional<error> pushValue(lua_State* L, bool lenient) const {
    base_.push(L);
    return std::apply([&](const auto&... keys) { return detail::followPath(L, lenient, keys...); }, keys_);
  }

  template <class T>
  std::optional<error> assign(T&& value) const {
    lua_State* L = base_.lua_state();
    ensureStack(L, 8);
    const StackGuard guard(L);
    base_.push(L);
    if (std::optional<error> failed = pushParent(L, std::make_index_sequence<sizeof...(K) - 1>())) return failed;
    push(L, lastKey());
    push(L, std::forward<T>(value));
    return detail::setField(L);
  }
  template <std::size_t... I>
  std::optional<error> pushParent(lua_State* L, std::index_sequence<I...>) const {
    return detail::followPath(L, false, std::get<I>(keys_)...);
  }

  Base base_;
  std::tuple<K...> keys_;
};

/// A place is passed to Lua as its value.
template <class Base, class... K>
struct converter<proxy<Base, K...>> {
  static void push(lua_State* L, const proxy<Base, K...>& place) { place.template try_get<object>().value().push(L); }
};

SELVAGE_NAMESPACE_END
