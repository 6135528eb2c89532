// selvage::object: a reference whose value can be read as a C++ type.
#pragma once

#include "closure.hpp"

SELVAGE_NAMESPACE_BEGIN

namespace detail {

/// What a value that is read for the host may be: it must not point into what is about to leave the stack.
template <class T>
constexpr void requireHostType() {
  static_assert(
      !std::is_same_v<std::remove_cvref_t<T>, std::string_view> && !std::is_same_v<std::remove_cvref_t<T>, const char*>,
      "selvage: a string_view or const char* would point into a Lua string that nothing keeps alive: read a "
      "std::string");
  static_assert(!std::is_rvalue_reference_v<T>, "selvage: a T&& cannot be read from Lua: read a T or a T&");
  static_assert(
      !std::is_lvalue_reference_v<T> || ObjectClass<std::remove_cvref_t<T>>,
      "selvage: only an object of a class that Lua holds can be read by reference; this type is converted, so "
      "read a copy");
}

/// Types as which every value can be read.
template <class T>
inline constexpr bool takesAnyValue = isOptional<T> || isResult<T> || std::is_same_v<T, reference>;

/// Reads the value at `index` for the host. An optional is empty if the value is of another type, too; a Result holds
/// the error then.
template <class T>
Result<T> readForHost(lua_State* L, int index) {
  requireHostType<T>();
  if constexpr (std::is_lvalue_reference_v<T>) {
    using Object = std::remove_reference_t<T>;
    Object* object = objectAt<Object>(L, index);
    if (object == nullptr) return error(classMismatch<Object>(L, index));
    return Result<T>(object);
  } else if constexpr (isResult<T>) {
    return Result<T>(readForHost<typename T::value_type>(L, index));
  } else if constexpr (isOptional<T>) {
    std::optional<T> value = converter<T>::read(L, index);
    return value ? Result<T>(*std::move(value)) : Result<T>(T());
  } else {
    return read<T>(L, index);
  }
}

#if SELVAGE_EXCEPTIONS
inline constexpr bool mayThrow = true;
#else
inline constexpr bool mayThrow = false;
#endif

/// The value of a result; for functions that throw, which need exceptions.
template <class T>
T orThrow(Result<T>&& result) {
  static_assert(
      mayThrow || takesAnyValue<T>,
      "selvage: this function reports errors by throwing, but the program is compiled without exceptions: use "
      "its form that returns a Result (try_call, try_get, try_as, safe_script)");
  if constexpr (std::is_void_v<T>) {
    std::move(result).value();
  } else {
    return std::move(result).value();
  }
}

}  // namespace detail

/// A Lua value of any type.
class object : public reference {
 public:
  object() = default;
  object(lua_State* L, int index) : reference(L, index) {}
  object(const reference& other) : reference(other) {}
  object(reference&& other) noexcept : reference(std::move(other)) {}

  /// The value as T, which may be a reference to an object of a class.
  template <class T>
  Result<T> try_as() const {
    if (!valid() && lua_state() == nullptr) return error("a reference that refers to nothing was read");
    lua_State* L = pushed();
    const StackGuard guard(L, 1);
    return detail::readForHost<T>(L, -1);
  }
  /// The same; throws if the value is of another type.
  template <class T>
  T as() const {
    return detail::orThrow(try_as<T>());
  }
  template <class T>
  bool is() const {
    if (lua_state() == nullptr) return std::is_same_v<T, nil_t>;
    lua_State* L = pushed();
    const StackGuard guard(L, 1);
    return converter<T>::read(L, -1).has_value();
  }

  friend bool operator==(const object& value, nil_t) { return !value.valid(); }

 protected:
  friend class table_iterator;
};

/// Makes an object of any C++ value that can be passed to Lua.
template <class T>
object make_object(lua_State* L, T&& value) {
  ensureStack(L, 4);
  push(L, std::forward<T>(value));
  const StackGuard guard(L, 1);
  return object(L, -1);
}

SELVAGE_NAMESPACE_END
