// Conversion of single values: numbers, booleans, strings, enumerations, nil, light userdata, and references.
//
// converter<T> says how a C++ type is read from the stack and pushed onto it:
//
//     static std::optional<T> read(lua_State* L, int index);       nothing if the value does not fit
//     static void push(lua_State* L, const T& value);              pushes exactly one value
//     static std::string expected(lua_State* L);                   "integer", "Vector": what read accepts
//     static std::string mismatch(lua_State* L, int index);        why read gave nothing: "number expected, got nil"
//
// A program may specialise it for types of its own. Types that no specialisation covers are classes, which Lua holds as
// userdata (class_values.hpp). Numbers and strings are not taken for one another, unlike in Lua's own library, so that
// overloads can tell them apart.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "result.hpp"
#include "type_name.hpp"

SELVAGE_NAMESPACE_BEGIN

template <class T>
struct converter;

/// Lua's nil.
struct nil_t {
  friend constexpr bool operator==(nil_t, nil_t) { return true; }
};
inline constexpr nil_t nil{};
using lua_nil_t = nil_t;
inline constexpr nil_t lua_nil{};

/// The lua_State of the thread that calls: a parameter of this type takes no argument from Lua.
struct this_state {
  lua_State* L = nullptr;
  lua_State* lua_state() const { return L; }
  operator lua_State*() const { return L; }
  lua_State* operator->() const { return L; }
};

/// A pointer as light userdata, with its type known on the C++ side only.
template <class T>
struct light {
  T* value = nullptr;
  light() = default;
  light(T* pointer) : value(pointer) {}
  operator T*() const { return value; }
};
using lightuserdata_value = light<void>;

/// What a value is called in messages: its class or its type.
SELVAGE_COLD inline std::string actualName(lua_State* L, int index) {
  const int kind = lua_type(L, index);
  if (kind == LUA_TNONE) return "no value";
  if (kind == LUA_TLIGHTUSERDATA) return "light userdata";
  if (lua_checkstack(L, 2) != 0 && luaL_getmetafield(L, index, "__name") != LUA_TNIL) {
    std::string name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : lua_typename(L, kind);
    lua_pop(L, 1);
    return name;
  }
  return lua_typename(L, kind);
}

SELVAGE_COLD inline std::string expectedButGot(lua_State* L, std::string expected, int index) {
  return std::move(expected) + " expected, got " + actualName(L, index);
}

// ---- numbers ----

namespace detail {

/// Whether a Lua integer is one of T's values.
template <class T>
constexpr bool isInRange(lua_Integer value) {
  if constexpr (std::is_unsigned_v<T>) {
    return value >= 0 && static_cast<std::make_unsigned_t<lua_Integer>>(value) <= std::numeric_limits<T>::max();
  } else {
    return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
  }
}

template <class T>
std::optional<lua_Integer> readInteger(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TNUMBER) return std::nullopt;
  int isInteger = 0;
  const lua_Integer value = lua_tointegerx(L, index, &isInteger);
  if (isInteger == 0 || !isInRange<T>(value)) return std::nullopt;
  return value;
}

template <class T>
SELVAGE_COLD std::string integerMismatch(lua_State* L, int index, std::string expected) {
  if (lua_type(L, index) != LUA_TNUMBER) return expectedButGot(L, std::move(expected), index);
  int isInteger = 0;
  const lua_Integer value = lua_tointegerx(L, index, &isInteger);
  if (isInteger == 0) return "number has no integer representation";
  return std::to_string(value) + " is out of range: " + std::to_string(std::numeric_limits<T>::min()) + " to " +
         std::to_string(std::numeric_limits<T>::max());
}

template <class T>
void pushInteger(lua_State* L, T value) {
  if constexpr (std::is_unsigned_v<T> && sizeof(T) >= sizeof(lua_Integer)) {
    if (value > static_cast<T>(std::numeric_limits<lua_Integer>::max())) {
      fail(L, "unsigned integer does not fit into a Lua integer");
    }
  }
  lua_pushinteger(L, static_cast<lua_Integer>(value));
}

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                  !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t> &&
                  sizeof(T) <= sizeof(lua_Integer);

}  // namespace detail

template <detail::Integer T>
struct converter<T> {
  static std::optional<T> read(lua_State* L, int index) {
    const std::optional<lua_Integer> value = detail::readInteger<T>(L, index);
    if (!value) return std::nullopt;
    return static_cast<T>(*value);
  }
  static void push(lua_State* L, T value) { detail::pushInteger(L, value); }
  static std::string expected(lua_State*) { return "integer"; }
  static std::string mismatch(lua_State* L, int index) {
    return detail::integerMismatch<T>(L, index, lua_type(L, index) == LUA_TNUMBER ? "integer" : "number");
  }
};

template <std::floating_point T>
struct converter<T> {
  static std::optional<T> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TNUMBER) return std::nullopt;
    const lua_Number value = lua_tonumberx(L, index, nullptr);
    if (!isRepresentable(value)) return std::nullopt;
    return static_cast<T>(value);
  }
  static void push(lua_State* L, T value) { lua_pushnumber(L, static_cast<lua_Number>(value)); }
  static std::string expected(lua_State*) { return "number"; }
  static std::string mismatch(lua_State* L, int index) {
    if (lua_type(L, index) == LUA_TNUMBER) return "number is out of range for a float";
    return expectedButGot(L, "number", index);
  }

 private:
  // Infinities and NaN are floats; a double beyond the largest float is not.
  static bool isRepresentable(lua_Number value) {
    if constexpr (sizeof(T) < sizeof(lua_Number)) {
      return !(std::abs(value) > static_cast<lua_Number>(std::numeric_limits<T>::max())) || std::isinf(value);
    } else {
      return true;
    }
  }
};

template <>
struct converter<bool> {
  static std::optional<bool> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TBOOLEAN) return std::nullopt;
    return lua_toboolean(L, index) != 0;
  }
  static void push(lua_State* L, bool value) { lua_pushboolean(L, value ? 1 : 0); }
  static std::string expected(lua_State*) { return "boolean"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, "boolean", index); }
};

/// Enumerations are the integers of their underlying type. (state::new_enum makes a table of names for them.)
template <class T>
  requires std::is_enum_v<T>
struct converter<T> {
  using Underlying = std::underlying_type_t<T>;
  static std::optional<T> read(lua_State* L, int index) {
    const std::optional<lua_Integer> value = detail::readInteger<Underlying>(L, index);
    if (!value) return std::nullopt;
    return static_cast<T>(static_cast<Underlying>(*value));
  }
  static void push(lua_State* L, T value) { detail::pushInteger(L, static_cast<Underlying>(value)); }
  static std::string expected(lua_State*) { return std::string(typeName<T>()); }
  static std::string mismatch(lua_State* L, int index) {
    return detail::integerMismatch<Underlying>(L, index, expected(L));
  }
};

// ---- strings ----

namespace detail {
struct StringMessages {
  static std::string expected(lua_State*) { return "string"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, "string", index); }
};
}  // namespace detail

/// Valid as long as the Lua string is: for a parameter, during the call.
template <>
struct converter<std::string_view> : detail::StringMessages {
  static std::optional<std::string_view> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TSTRING) return std::nullopt;
    std::size_t length = 0;
    const char* text = lua_tolstring(L, index, &length);
    return std::string_view(text, length);
  }
  static void push(lua_State* L, std::string_view value) { lua_pushlstring(L, value.data(), value.size()); }
};

template <>
struct converter<std::string> : detail::StringMessages {
  static std::optional<std::string> read(lua_State* L, int index) {
    const std::optional<std::string_view> text = converter<std::string_view>::read(L, index);
    if (!text) return std::nullopt;
    return std::string(*text);
  }
  static void push(lua_State* L, const std::string& value) { lua_pushlstring(L, value.data(), value.size()); }
};

template <>
struct converter<const char*> : detail::StringMessages {
  static std::optional<const char*> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TSTRING) return std::nullopt;
    return lua_tolstring(L, index, nullptr);
  }
  static void push(lua_State* L, const char* value) { lua_pushstring(L, value); }
};

template <>
struct converter<char*> : detail::StringMessages {
  template <class State>
  static std::optional<char*> read(State*, int) {
    static_assert(alwaysFalse<State>, "selvage: a Lua string cannot be written to: use const char*");
    return std::nullopt;
  }
  static void push(lua_State* L, const char* value) { lua_pushstring(L, value); }
};

/// A char is a string of one byte.
template <>
struct converter<char> {
  static std::optional<char> read(lua_State* L, int index) {
    const std::optional<std::string_view> text = converter<std::string_view>::read(L, index);
    if (!text || text->size() != 1) return std::nullopt;
    return text->front();
  }
  static void push(lua_State* L, char value) { lua_pushlstring(L, &value, 1); }
  static std::string expected(lua_State*) { return "string of one character"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, expected(L), index); }
};

// ---- nil ----

namespace detail {
template <class T>
struct NilConverter {
  static std::optional<T> read(lua_State* L, int index) {
    if (!lua_isnoneornil(L, index)) return std::nullopt;
    return std::optional<T>(std::in_place);
  }
  static void push(lua_State* L, T) { lua_pushnil(L); }
  static std::string expected(lua_State*) { return "nil"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, "nil", index); }
};
}  // namespace detail

template <>
struct converter<nil_t> : detail::NilConverter<nil_t> {};
template <>
struct converter<std::nullptr_t> : detail::NilConverter<std::nullptr_t> {};
template <>
struct converter<std::monostate> : detail::NilConverter<std::monostate> {};
template <>
struct converter<std::nullopt_t> {
  static void push(lua_State* L, std::nullopt_t) { lua_pushnil(L); }
};

// ---- light userdata and C functions ----

template <class T>
struct converter<light<T>> {
  static std::optional<light<T>> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TLIGHTUSERDATA) return std::nullopt;
    return light<T>(static_cast<T*>(lua_touserdata(L, index)));
  }
  static void push(lua_State* L, light<T> value) {
    lua_pushlightuserdata(L, const_cast<void*>(static_cast<const void*>(value.value)));
  }
  static std::string expected(lua_State*) { return "light userdata"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, "light userdata", index); }
};

template <>
struct converter<void*> {
  static std::optional<void*> read(lua_State* L, int index) {
    if (lua_type(L, index) != LUA_TLIGHTUSERDATA) return std::nullopt;
    return lua_touserdata(L, index);
  }
  static void push(lua_State* L, void* value) {
    if (value == nullptr) {
      lua_pushnil(L);
    } else {
      lua_pushlightuserdata(L, value);
    }
  }
  static std::string expected(lua_State*) { return "light userdata"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, "light userdata", index); }
};

template <>
struct converter<lua_CFunction> {
  static std::optional<lua_CFunction> read(lua_State* L, int index) {
    if (lua_iscfunction(L, index) == 0) return std::nullopt;
    return lua_tocfunction(L, index);
  }
  static void push(lua_State* L, lua_CFunction value) {
    if (value == nullptr) {
      lua_pushnil(L);
    } else {
      lua_pushcfunction(L, value);
    }
  }
  static std::string expected(lua_State*) { return "C function"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, "C function", index); }
};

// ---- references ----

/// A class derived from reference: has a static `accepts(L, index)` and `expectedName`.
template <class T>
concept ReferenceType = std::derived_from<T, reference>;

template <ReferenceType T>
struct converter<T> {
  static std::optional<T> read(lua_State* L, int index) {
    if constexpr (requires { T::accepts(L, index); }) {
      if (!T::accepts(L, index)) return std::nullopt;
    }
    return std::optional<T>(std::in_place, L, index);
  }
  static void push(lua_State* L, const T& value) { value.push(L); }
  static std::string expected(lua_State*) {
    if constexpr (requires { T::expectedName; }) {
      return T::expectedName;
    } else {
      return "value";
    }
  }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, expected(L), index); }
};

// ---- the general forms ----

/// The type whose converter is used for a value of type T.
template <class T>
using ConvertedType =
    std::conditional_t<std::is_array_v<std::remove_reference_t<T>> || std::is_function_v<std::remove_reference_t<T>>,
                       std::decay_t<T>, std::remove_cvref_t<T>>;

/// Pushes one value.
template <class T>
void push(lua_State* L, T&& value) {
  converter<ConvertedType<T>>::push(L, std::forward<T>(value));
}

/// Reads the value at `index` as T or says why it is none.
template <class T>
Result<T> read(lua_State* L, int index) {
  std::optional<T> value = converter<T>::read(L, index);
  if (value) return Result<T>(*std::move(value));
  return Result<T>(error(converter<T>::mismatch(L, index)));
}

SELVAGE_NAMESPACE_END
