// Conversion of compound values: sequences, sets and maps are copied to and from tables; optional and variant are one
// value of several types; pairs, tuples and arrays are tables of a fixed length.
//
// Tables are read without metamethods, so that reading runs no Lua code.
#pragma once

#include <array>
#include <span>
#include <tuple>
#include <variant>
#include <vector>

#include "convert.hpp"

SELVAGE_NAMESPACE_BEGIN

/// Whether a class is converted to and from tables by its elements. Specialise it as std::false_type for a class that
/// looks like a container but is to be a usertype.
template <class T>
    struct is_container : std::bool_constant < requires(T& container) {
  typename T::value_type;
  typename T::iterator;
  container.begin();
  container.end();
  container.clear();
  container.size();
} && !std::is_base_of_v < std::string, T >>{};

/// Fails unless the value on top of the stack can be a table's key: nil and NaN cannot.
inline void requireKey(lua_State* L) {
  const int kind = lua_type(L, -1);
  if (kind == LUA_TNIL) fail(L, "nil cannot be the key of a table's field");
  if (kind == LUA_TNUMBER && std::isnan(lua_tonumberx(L, -1, nullptr))) {
    fail(L, "NaN cannot be the key of a table's field");
  }
}

namespace detail {

template <class T>
concept Container = std::is_class_v<T> && is_container<T>::value;
template <class T>
concept MapContainer = Container<T> && requires { typename T::mapped_type; };
template <class T>
concept SetContainer = Container<T> && !MapContainer<T> && requires { typename T::key_type; };
template <class T>
concept SequenceContainer = Container<T> && !MapContainer<T> && !SetContainer<T>;

template <class T>
inline constexpr bool isPair = false;
template <class A, class B>
inline constexpr bool isPair<std::pair<A, B>> = true;
template <class T>
inline constexpr bool isTuple = false;
template <class... T>
inline constexpr bool isTuple<std::tuple<T...>> = true;
template <class T>
inline constexpr bool isArray = false;
template <class T, std::size_t N>
inline constexpr bool isArray<std::array<T, N>> = true;
template <class T>
inline constexpr bool isOptional = false;
template <class T>
inline constexpr bool isOptional<std::optional<T>> = true;

/// Elements must outlive the stack slot that they are read from.
template <class T>
constexpr void requireOwningElement() {
  static_assert(!std::is_same_v<T, std::string_view> && !std::is_same_v<T, const char*>,
                "selvage: a container of string_view or const char* would point into Lua strings that may be gone: use "
                "std::string");
}

/// Pops the value that was read from a table's element.
template <class T>
std::optional<T> readElement(lua_State* L) {
  requireOwningElement<T>();
  std::optional<T> value = converter<T>::read(L, -1);
  lua_pop(L, 1);
  return value;
}

/// "element 3: number expected, got nil"; empty if the element fits.
template <class T>
SELVAGE_COLD std::string elementMismatch(lua_State* L, int table, lua_Integer position) {
  lua_rawgeti(L, table, position);
  std::string text;
  if (!converter<T>::read(L, -1)) text = "element " + std::to_string(position) + ": " + converter<T>::mismatch(L, -1);
  lua_pop(L, 1);
  return text;
}

template <class T>
struct ListMessages {
  static std::string expected(lua_State* L) { return "table of " + converter<T>::expected(L); }
  static std::string mismatch(lua_State* L, int index) {
    index = lua_absindex(L, index);
    if (lua_type(L, index) == LUA_TTABLE && lua_checkstack(L, 4) != 0) {
      const auto length = static_cast<lua_Integer>(lua_rawlen(L, index));
      for (lua_Integer i = 1; i <= length; ++i) {
        if (std::string text = elementMismatch<T>(L, index, i); !text.empty()) return text;
      }
    }
    return expectedButGot(L, expected(L), index);
  }
};

/// The elements 1 to #table, given to `add` one after the other.
template <class T, class Add>
bool readList(lua_State* L, int index, Add add) {
  index = lua_absindex(L, index);
  ensureStack(L, 4);
  const auto length = static_cast<lua_Integer>(lua_rawlen(L, index));
  for (lua_Integer i = 1; i <= length; ++i) {
    lua_rawgeti(L, index, i);
    std::optional<T> element = readElement<T>(L);
    if (!element) return false;
    add(*std::move(element));
  }
  return true;
}

template <class Element, class Range>
void pushList(lua_State* L, const Range& range, std::size_t size) {
  ensureStack(L, 4);
  constexpr std::size_t largest = std::numeric_limits<int>::max();
  lua_createtable(L, static_cast<int>(size < largest ? size : largest), 0);
  lua_Integer i = 0;
  for (const auto& element : range) {
    // A vector<bool> has no bools to refer to.
    if constexpr (std::is_same_v<Element, bool>) {
      push(L, static_cast<bool>(element));
    } else {
      push(L, element);
    }
    lua_rawseti(L, -2, ++i);
  }
}

}  // namespace detail

template <detail::SequenceContainer T>
struct converter<T> : detail::ListMessages<typename T::value_type> {
  using Element = typename T::value_type;
  static std::optional<T> read(lua_State* L, int index) {
    static_assert(
        requires(T& list, Element element) { list.push_back(std::move(element)); },
        "selvage: a container that is read from a table needs push_back");
    if (lua_type(L, index) != LUA_TTABLE) return std::nullopt;
    std::optional<T> list(std::in_place);
    if constexpr (requires { list->reserve(std::size_t{}); }) {
      list->reserve(static_cast<std::size_t>(lua_rawlen(L, index)));
    }
    if (!detail::readList<Element>(L, index, [&](Element&& element) { list->push_back(std::move(element)); })) {
      return std::nullopt;
    }
    return list;
  }
  static void push(lua_State* L, const T& list) { detail::pushList<Element>(L, list, list.size()); }
};

template <detail::SetContainer T>
struct converter<T> : detail::ListMessages<typename T::value_type> {
  using Element = typename T::value_type;
  static std::optional<T> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TTABLE) return std::nullopt;
    std::optional<T> set(std::in_place);
    if (!detail::readList<Element>(L, index, [&](Element&& element) { set->insert(std::move(element)); })) {
      return std::nullopt;
    }
    return set;
  }
  static void push(lua_State* L, const T& set) { detail::pushList<Element>(L, set, set.size()); }
};

/// To Lua only: a view has nowhere to keep what it would read. (A parameter may be a span<const T>; see argument.hpp.)
template <class T, std::size_t Extent>
struct converter<std::span<T, Extent>> {
  static void push(lua_State* L, std::span<T, Extent> span) {
    detail::pushList<std::remove_cv_t<T>>(L, span, span.size());
  }
};

template <detail::MapContainer T>
struct converter<T> {
  using Key = typename T::key_type;
  using Mapped = typename T::mapped_type;

  static std::optional<T> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TTABLE) return std::nullopt;
    detail::requireOwningElement<Key>();
    index = lua_absindex(L, index);
    ensureStack(L, 5);
    std::optional<T> map(std::in_place);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
      std::optional<Mapped> mapped = detail::readElement<Mapped>(L);
      std::optional<Key> key = converter<Key>::read(L, -1);
      if (!key || !mapped) {
        lua_pop(L, 1);
        return std::nullopt;
      }
      map->emplace(*std::move(key), *std::move(mapped));
    }
    return map;
  }

  static void push(lua_State* L, const T& map) {
    ensureStack(L, 4);
    lua_createtable(L, 0, static_cast<int>(map.size()));
    for (const auto& [key, mapped] : map) {
      selvage::push(L, key);
      requireKey(L);
      selvage::push(L, mapped);
      lua_rawset(L, -3);
    }
  }

  static std::string expected(lua_State* L) {
    return "table from " + converter<Key>::expected(L) + " to " + converter<Mapped>::expected(L);
  }

  static std::string mismatch(lua_State* L, int index) {
    index = lua_absindex(L, index);
    if (lua_type(L, index) == LUA_TTABLE && lua_checkstack(L, 8) != 0) {
      lua_pushnil(L);
      while (lua_next(L, index) != 0) {
        std::string text;
        if (!converter<Mapped>::read(L, -1)) text = "value: " + converter<Mapped>::mismatch(L, -1);
        if (!converter<Key>::read(L, -2)) text = "key: " + converter<Key>::mismatch(L, -2);
        lua_pop(L, 1);
        if (!text.empty()) {
          lua_pop(L, 1);
          return text;
        }
      }
    }
    return expectedButGot(L, expected(L), index);
  }
};

// ---- one value of several types ----

template <class T>
struct converter<std::optional<T>> {
  static std::optional<std::optional<T>> read(lua_State* L, int index) {
    if (lua_isnoneornil(L, index)) return std::optional<std::optional<T>>(std::in_place);
    std::optional<T> value = converter<T>::read(L, index);
    if (!value) return std::nullopt;
    return std::optional<std::optional<T>>(std::in_place, *std::move(value));
  }
  template <class Optional>
  static void push(lua_State* L, Optional&& value) {
    if (value.has_value()) {
      selvage::push(L, *std::forward<Optional>(value));
    } else {
      lua_pushnil(L);
    }
  }
  static std::string expected(lua_State* L) { return converter<T>::expected(L) + " or nil"; }
  static std::string mismatch(lua_State* L, int index) { return converter<T>::mismatch(L, index); }
};

/// The first alternative that fits is read.
template <class... T>
struct converter<std::variant<T...>> {
  using Variant = std::variant<T...>;
  static std::optional<Variant> read(lua_State* L, int index) {
    return readFrom(L, index, std::index_sequence_for<T...>());
  }
  template <class Value>
  static void push(lua_State* L, Value&& value) {
    std::visit([L](auto&& alternative) { selvage::push(L, std::forward<decltype(alternative)>(alternative)); },
               std::forward<Value>(value));
  }
  static std::string expected(lua_State* L) {
    std::string text;
    ((text += (text.empty() ? "" : " or ") + converter<T>::expected(L)), ...);
    return text;
  }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, expected(L), index); }

 private:
  template <std::size_t... I>
  static std::optional<Variant> readFrom(lua_State* L, int index, std::index_sequence<I...>) {
    std::optional<Variant> result;
    static_cast<void>((readAlternative<I>(L, index, result) || ...));
    return result;
  }
  template <std::size_t I>
  static bool readAlternative(lua_State* L, int index, std::optional<Variant>& result) {
    using Alternative = std::variant_alternative_t<I, Variant>;
    std::optional<Alternative> value = converter<Alternative>::read(L, index);
    if (!value) return false;
    result.emplace(std::in_place_index<I>, *std::move(value));
    return true;
  }
};

// ---- tables of a fixed length ----

namespace detail {

template <class Tuple, class... T>
struct TupleConverter {
  static std::optional<Tuple> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TTABLE) return std::nullopt;
    ensureStack(L, 4);
    return readElements(L, lua_absindex(L, index), std::index_sequence_for<T...>());
  }
  template <class Value>
  static void push(lua_State* L, Value&& tuple) {
    ensureStack(L, 4);
    lua_createtable(L, static_cast<int>(sizeof...(T)), 0);
    pushElements(L, std::forward<Value>(tuple), std::index_sequence_for<T...>());
  }
  static std::string expected(lua_State* L) {
    std::string text;
    ((text += (text.empty() ? "" : ", ") + converter<T>::expected(L)), ...);
    return "table of (" + text + ")";
  }
  static std::string mismatch(lua_State* L, int index) {
    index = lua_absindex(L, index);
    std::string text;
    if (lua_type(L, index) == LUA_TTABLE && lua_checkstack(L, 4) != 0) {
      lua_Integer i = 0;
      static_cast<void>(((text = elementMismatch<T>(L, index, ++i), !text.empty()) || ...));
    }
    return text.empty() ? expectedButGot(L, expected(L), index) : text;
  }

 private:
  template <std::size_t... I>
  static std::optional<Tuple> readElements(lua_State* L, int index, std::index_sequence<I...>) {
    std::tuple<std::optional<T>...> elements;
    const bool complete = ((lua_rawgeti(L, index, static_cast<lua_Integer>(I) + 1),
                            (std::get<I>(elements) = readElement<T>(L)).has_value()) &&
                           ...);
    if (!complete) return std::nullopt;
    return Tuple{*std::move(std::get<I>(elements))...};
  }
  template <class Value, std::size_t... I>
  static void pushElements(lua_State* L, Value&& tuple, std::index_sequence<I...>) {
    ((selvage::push(L, std::get<I>(std::forward<Value>(tuple))), lua_rawseti(L, -2, static_cast<lua_Integer>(I) + 1)),
     ...);
  }
};

template <class T, class Indices>
struct ArrayConverter;
template <class T, std::size_t... I>
struct ArrayConverter<T, std::index_sequence<I...>>
    : TupleConverter<std::array<T, sizeof...(I)>, std::tuple_element_t<I, std::array<T, sizeof...(I)>>...> {};

}  // namespace detail

template <class... T>
struct converter<std::tuple<T...>> : detail::TupleConverter<std::tuple<T...>, T...> {};
template <class A, class B>
struct converter<std::pair<A, B>> : detail::TupleConverter<std::pair<A, B>, A, B> {};

template <class T, std::size_t N>
struct converter<std::array<T, N>> {
  static std::optional<std::array<T, N>> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TTABLE || lua_rawlen(L, index) != N) return std::nullopt;
    return Elements::read(L, index);
  }
  static void push(lua_State* L, const std::array<T, N>& array) { detail::pushList<T>(L, array, N); }
  static std::string expected(lua_State* L) {
    return "table of " + std::to_string(N) + " times " + converter<T>::expected(L);
  }
  static std::string mismatch(lua_State* L, int index) {
    if (lua_type(L, index) == LUA_TTABLE && lua_rawlen(L, index) != N) {
      return expected(L) + " expected, got a table of length " + std::to_string(lua_rawlen(L, index));
    }
    return detail::ListMessages<T>::mismatch(L, index);
  }

 private:
  using Elements = detail::ArrayConverter<T, std::make_index_sequence<N>>;
};

SELVAGE_NAMESPACE_END
