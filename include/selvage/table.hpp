// Tables: fields by key, paths of fields, ranges over pairs and over the array part.
#pragma once

#include <iterator>

#include "fields.hpp"

SELVAGE_NAMESPACE_BEGIN

class table;

/// Goes over the pairs of a table, in no particular order. The pair is overwritten by the next step: copy what is to be
/// kept. Fields may be changed and set to nil meanwhile, but not added.
class table_iterator {
 public:
  using value_type = std::pair<object, object>;
  using difference_type = std::ptrdiff_t;
  using iterator_category = std::input_iterator_tag;
  using pointer = const value_type*;
  using reference = const value_type&;

  table_iterator() = default;
  explicit table_iterator(const selvage::reference& range) : range_(range), finished_(false) { ++*this; }

  const value_type& operator*() const { return pair_; }
  const value_type* operator->() const { return &pair_; }

  table_iterator& operator++() {
    lua_State* L = range_.lua_state();
    ensureStack(L, 6);
    const StackGuard guard(L);
    lua_pushcfunction(L, next);
    range_.push(L);
    pair_.first.push(L);
    if (const int status = lua_pcall(L, 2, 2, 0); status != LUA_OK) {
      failWith(L, takeError(L, static_cast<call_status>(status)));
    }
    finished_ = lua_type(L, -2) == LUA_TNIL;
    if (!finished_) {
      pair_.first.assign(L, -2);
      pair_.second.assign(L, -1);
    }
    return *this;
  }
  void operator++(int) { ++*this; }

  friend bool operator==(const table_iterator& iterator, std::default_sentinel_t) { return iterator.finished_; }

 private:
  static int next(lua_State* L) {
    if (lua_next(L, 1) == 0) {
      lua_pushnil(L);
      lua_pushnil(L);
    }
    return 2;
  }

  selvage::reference range_;
  value_type pair_;
  bool finished_ = true;
};

/// A range over a table's pairs, each converted to K and V. Throws if one cannot be.
template <class K, class V>
class table_pairs {
 public:
  explicit table_pairs(selvage::reference range) : range_(std::move(range)) {}
  class iterator {
   public:
    using value_type = std::pair<K, V>;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(const selvage::reference& range) : position_(range) {}
    value_type operator*() const {
      return value_type(position_->first.template as<K>(), position_->second.template as<V>());
    }
    iterator& operator++() {
      ++position_;
      return *this;
    }
    void operator++(int) { ++position_; }
    friend bool operator==(const iterator& i, std::default_sentinel_t end) { return i.position_ == end; }

   private:
    table_iterator position_;
  };
  iterator begin() const { return iterator(range_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  selvage::reference range_;
};

/// A range over t[1] to t[#t], each converted to T, without metamethods. Throws if one cannot be.
template <class T>
class table_array {
 public:
  explicit table_array(object range) : range_(std::move(range)) {}

  /// The length of the table.
  std::size_t size() const {
    lua_State* L = range_.lua_state();
    ensureStack(L, 2);
    const StackGuard guard(L);
    range_.push(L);
    return static_cast<std::size_t>(lua_rawlen(L, -1));
  }
  bool empty() const { return size() == 0; }

  /// Element i, from 1 as in Lua.
  T operator[](std::size_t i) const {
    lua_State* L = range_.lua_state();
    ensureStack(L, 4);
    const StackGuard guard(L);
    range_.push(L);
    lua_rawgeti(L, -1, static_cast<lua_Integer>(i));
    Result<T> value = detail::readForHost<T>(L, -1);
    if (!value) return detail::orThrow(Result<T>(detail::fieldError(L, i, value.what())));
    return *std::move(value);
  }

  class iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    iterator(const table_array* range, std::size_t i) : range_(range), i_(i) {}
    T operator*() const { return (*range_)[i_]; }
    iterator& operator++() {
      ++i_;
      return *this;
    }
    iterator operator++(int) {
      iterator old = *this;
      ++i_;
      return old;
    }
    bool operator==(const iterator& other) const { return i_ == other.i_; }

   private:
    const table_array* range_ = nullptr;
    std::size_t i_ = 1;
  };
  iterator begin() const { return iterator(this, 1); }
  iterator end() const { return iterator(this, size() + 1); }

 private:
  object range_;
};

template <class T>
class usertype;
class environment;

namespace detail {

/// The operations of whatever has fields. `Self` has a method `fields()`, which returns the reference to the table.
template <class Self>
class FieldOperations {
 public:
  /// A place that can be read, written, called and indexed further.
  template <class K>
  auto operator[](K&& key) const& {
    return proxy<const object&, std::decay_t<K>>(self().fields(), std::tuple<std::decay_t<K>>(std::forward<K>(key)));
  }
  template <class K>
  auto operator[](K&& key) && {
    return proxy<object, std::decay_t<K>>(self().fields(), std::tuple<std::decay_t<K>>(std::forward<K>(key)));
  }

  /// The field as T; several keys give a std::tuple of the types. Throws if a field is of another type; an optional is
  /// empty then.
  template <class T, class K>
  T get(const K& key) const {
    return (*this)[key].template get<T>();
  }
  template <class... T, class... K>
    requires(sizeof...(T) > 1 && sizeof...(T) == sizeof...(K))
  std::tuple<T...> get(const K&... keys) const {
    return std::tuple<T...>(get<T>(keys)...);
  }
  template <class T, class K>
  Result<T> try_get(const K& key) const {
    return (*this)[key].template try_get<T>();
  }
  template <class T, class K>
  T get_or(const K& key, T otherwise) const {
    return (*this)[key].template get_or<T>(std::move(otherwise));
  }
  /// The end of a path of fields: traverse_get<int>("config", "window", "width").
  template <class T, class... K>
  T traverse_get(const K&... keys) const {
    return proxy<const object&, std::decay_t<const K&>...>(self().fields(), {keys...}).template get<T>();
  }

  /// Sets fields: key, value, key, value...
  template <class K, class V, class... More>
  const Self& set(K&& key, V&& value, More&&... more) const {
    static_assert(sizeof...(More) % 2 == 0, "selvage: set() takes pairs of a key and a value; the last key has none");
    (*this)[std::forward<K>(key)].set(std::forward<V>(value));
    if constexpr (sizeof...(More) >= 2) set(std::forward<More>(more)...);
    return self();
  }
  template <class K, class V>
  Result<void> try_set(K&& key, V&& value) const {
    return (*this)[std::forward<K>(key)].try_set(std::forward<V>(value));
  }
  /// Makes a C++ callable a function that Lua can call; several become overloads.
  template <class K, class... F>
  const Self& set_function(K&& key, F&&... functions) const {
    static_assert(sizeof...(F) > 0, "selvage: set_function() needs a function");
    if constexpr (sizeof...(F) == 1) {
      (*this)[std::forward<K>(key)].set(std::forward<F>(functions)...);
    } else {
      (*this)[std::forward<K>(key)].set(overload(std::forward<F>(functions)...));
    }
    return self();
  }

  /// Calls the function in a field: state.call<int>("update", dt).
  template <class R = void, class K, class... A>
  R call(const K& key, A&&... arguments) const {
    return (*this)[key].template call<R>(std::forward<A>(arguments)...);
  }
  template <class R = void, class K, class... A>
  Result<R> try_call(const K& key, A&&... arguments) const {
    return (*this)[key].template try_call<R>(std::forward<A>(arguments)...);
  }

  table create_table(int elements = 0, int fields = 0) const;
  /// A new table with fields: key, value, key, value...
  template <class... Pairs>
  table create_table_with(Pairs&&... pairs) const;
  /// A new table that becomes a field.
  template <class K, class... Pairs>
  table create_named(const K& key, Pairs&&... pairs) const;
  template <class K, class... Pairs>
  table create_named_table(const K& key, Pairs&&... pairs) const;

  /// A table of an enumeration's names and values that scripts cannot change: new_enum("Color", "red", Color::red...).
  template <class... Pairs>
  table new_enum(const char* name, Pairs&&... pairs) const;

  /// Makes a class known to Lua under a name; see usertype.hpp.
  template <class T, class... Members>
  usertype<T> new_usertype(const char* name, Members&&... members) const;

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
};

}  // namespace detail

/// A Lua table.
class table : public object, public detail::FieldOperations<table> {
 public:
  table() = default;
  table(lua_State* L, int index) : object(L, index) {}
  /// Throws if the value is no table (or userdata that can be indexed).
  table(const reference& other) : object(other) { requireTable(); }

  static constexpr const char* expectedName = "table";
  static bool accepts(lua_State* L, int index) {
    if (lua_type(L, index) == LUA_TTABLE) return true;
    return lua_type(L, index) == LUA_TUSERDATA && detail::isIndexable(L, index, "__index");
  }

  static table create(lua_State* L, int elements = 0, int fields = 0) {
    ensureStack(L, 5);
    lua_createtable(L, elements, fields);
    const StackGuard guard(L, 1);
    return table(L, -1);
  }
  template <class... Pairs>
  static table create_with(lua_State* L, Pairs&&... pairs) {
    static_assert(sizeof...(Pairs) % 2 == 0,
                  "selvage: create_table_with() takes pairs of a key and a value; the last key has none");
    table created = create(L, 0, static_cast<int>(sizeof...(Pairs) / 2));
    if constexpr (sizeof...(Pairs) > 0) created.set(std::forward<Pairs>(pairs)...);
    return created;
  }

  const object& fields() const { return *this; }

  /// Reading and writing without metamethods.
  template <class T, class K>
  T raw_get(const K& key) const {
    lua_State* L = pushed();
    const StackGuard guard(L, 1);
    selvage::push(L, key);
    lua_rawget(L, -2);
    Result<T> value = detail::readForHost<T>(L, -1);
    if (!value) return detail::orThrow(Result<T>(detail::fieldError(L, key, value.what())));
    return *std::move(value);
  }
  template <class K, class V>
  const table& raw_set(const K& key, V&& value) const {
    lua_State* L = pushed();
    const StackGuard guard(L, 1);
    selvage::push(L, key);
    requireKey(L);
    selvage::push(L, std::forward<V>(value));
    lua_rawset(L, -3);
    return *this;
  }

  /// #table, with its metamethod.
  std::size_t size() const {
    lua_State* L = pushed();
    const StackGuard guard(L, 1);
    if (detail::isPlainTable(L, -1)) return static_cast<std::size_t>(lua_rawlen(L, -1));
    lua_pushcfunction(L, [](lua_State* inner) {
      lua_pushinteger(inner, luaL_len(inner, 1));
      return 1;
    });
    lua_insert(L, -2);
    if (const int status = lua_pcall(L, 1, 1, 0); status != LUA_OK) {
      const error failed = takeError(L, static_cast<call_status>(status));
      lua_pushnil(L);
      failWith(L, failed);
    }
    return static_cast<std::size_t>(lua_tointegerx(L, -1, nullptr));
  }
  /// Whether it has no fields at all.
  bool empty() const { return begin() == end(); }
  /// Appends a value after the last element.
  template <class V>
  const table& add(V&& value) const {
    return raw_set(size() + 1, std::forward<V>(value));
  }
  /// Removes all fields.
  void clear() const {
    for (auto i = begin(); i != end(); ++i) raw_set(i->first, nil);
  }

  table_iterator begin() const { return table_iterator(*this); }
  std::default_sentinel_t end() const { return {}; }
  /// A range over the pairs as C++ types.
  template <class K = object, class V = object>
  table_pairs<K, V> pairs() const {
    return table_pairs<K, V>(*this);
  }
  /// A range over t[1] to t[#t].
  template <class T = object>
  table_array<T> array() const {
    return table_array<T>(*this);
  }
  /// Calls f(key, value) for each pair.
  template <class F>
  void for_each(F&& f) const {
    for (const auto& [key, value] : *this) f(key, value);
  }

  /// The metatable, if it has one.
  std::optional<table> get_metatable() const {
    lua_State* L = pushed();
    const StackGuard guard(L, 1);
    if (lua_getmetatable(L, -1) == 0) return std::nullopt;
    return table(L, -1);
  }
  void set_metatable(const std::optional<table>& metatable) const {
    lua_State* L = pushed();
    const StackGuard guard(L, 1);
    selvage::push(L, metatable);
    lua_setmetatable(L, -2);
  }

 private:
  void requireTable() const {
    lua_State* L = pushed();
    const StackGuard guard(L, 1);
    if (!accepts(L, -1)) failWith(L, error(expectedButGot(L, expectedName, -1)));
  }
};

namespace detail {

template <class Self>
table FieldOperations<Self>::create_table(int elements, int fields) const {
  return table::create(self().fields().lua_state(), elements, fields);
}
template <class Self>
template <class... Pairs>
table FieldOperations<Self>::create_table_with(Pairs&&... pairs) const {
  return table::create_with(self().fields().lua_state(), std::forward<Pairs>(pairs)...);
}
template <class Self>
template <class K, class... Pairs>
table FieldOperations<Self>::create_named(const K& key, Pairs&&... pairs) const {
  table created = create_table_with(std::forward<Pairs>(pairs)...);
  set(key, created);
  return created;
}
template <class Self>
template <class K, class... Pairs>
table FieldOperations<Self>::create_named_table(const K& key, Pairs&&... pairs) const {
  return create_named(key, std::forward<Pairs>(pairs)...);
}
template <class Self>
template <class... Pairs>
table FieldOperations<Self>::new_enum(const char* name, Pairs&&... pairs) const {
  const table values = create_table_with(std::forward<Pairs>(pairs)...);
  const table seen = create_table();
  // Scripts see an empty table that reads through to the values and refuses to be written to.
  const std::string text = name;
  seen.set_metatable(create_table_with(
      "__index", values, "__name", text, "__metatable", text, "__pairs",
      [values](this_state state, object) {
        lua_getglobal(state, "next");
        values.push(state);
        return pushed_results{2};
      },
      "__newindex",
      [text](object, object) -> Result<void> { return error("the enumeration " + text + " is constant"); }));
  set(name, seen);
  return seen;
}

}  // namespace detail

SELVAGE_NAMESPACE_END
