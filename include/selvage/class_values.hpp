// Conversion of objects of C++ classes, by value, by pointer, and in smart pointers.
//
// | C++                    | to Lua                           | from Lua                                     |
// | T                      | a copy (or the object moved in)  | a copy                                       |
// | T&, T*                 | the object itself, C++ owns it   | the object itself; a T* is null for nil      |
// | std::reference_wrapper | the object itself, C++ owns it   |                                              |
// | std::shared_ptr<T>     | a share                          | a share of an object that is held by shares  |
// | std::unique_ptr<T>     | ownership                        | ownership, as parameter only                 |
#pragma once

#include <functional>

#include "instance.hpp"

SELVAGE_NAMESPACE_BEGIN

namespace detail {

template <class T>
inline constexpr bool isSharedPointer = false;
template <class T>
inline constexpr bool isSharedPointer<std::shared_ptr<T>> = true;
template <class T>
inline constexpr bool isUniquePointer = false;
template <class T, class D>
inline constexpr bool isUniquePointer<std::unique_ptr<T, D>> = true;

template <class T>
SELVAGE_COLD std::string classMismatch(lua_State* L, int index) {
  std::string name = className(L, &typeTag<std::remove_const_t<T>>);
  if (const Instance* instance = instanceAt(L, index)) {
    if (!instance->isAlive()) {
      return name + " expected, got " + actualName(L, index) + " that is destroyed or was moved away";
    }
    if (!std::is_const_v<T> && instance->holder->readOnly && objectAt<const T>(L, index) != nullptr) {
      return name + " expected, got read-only " + actualName(L, index);
    }
  }
  return expectedButGot(L, std::move(name), index);
}

}  // namespace detail

/// Classes: all types without a converter of their own.
template <class T>
struct converter {
  static constexpr bool isObject = true;
  static_assert(
      std::is_class_v<T> || std::is_union_v<T>,
      "selvage: values of this type cannot be passed between C++ and Lua; specialise selvage::converter for it");

  static std::optional<T> read(lua_State* L, int index) {
    static_assert(std::is_copy_constructible_v<T>,
                  "selvage: an object of this class cannot be copied out of Lua: take it by reference or by pointer");
    const T* object = objectAt<const T>(L, index);
    if (object == nullptr) return std::nullopt;
    return std::optional<T>(*object);
  }
  template <class Value>
  static void push(lua_State* L, Value&& value) {
    static_assert(
        std::is_constructible_v<T, Value>,
        "selvage: an object of this class can be neither copied nor moved into Lua: pass std::ref, a pointer, "
        "or a smart pointer");
    pushObject<T>(L, std::forward<Value>(value));
  }
  static std::string expected(lua_State* L) { return className(L, &typeTag<T>); }
  static std::string mismatch(lua_State* L, int index) { return detail::classMismatch<const T>(L, index); }
};

/// A class whose objects Lua holds as userdata.
template <class T>
concept ObjectClass = (std::is_class_v<T> || std::is_union_v<T>) && requires { converter<T>::isObject; };

template <class T>
  requires(!std::is_function_v<T>)
struct converter<T*> {
  static_assert(std::is_class_v<T> || std::is_union_v<T>,
                "selvage: pointers to this type cannot be passed between C++ and Lua; selvage::light<T> passes one as "
                "light userdata");

  static std::optional<T*> read(lua_State* L, int index) {
    if (lua_isnoneornil(L, index)) return std::optional<T*>(nullptr);
    T* object = objectAt<T>(L, index);
    if (object == nullptr) return std::nullopt;
    return object;
  }
  static void push(lua_State* L, T* value) { pushPointer(L, value); }
  static std::string expected(lua_State* L) { return className(L, &typeTag<std::remove_const_t<T>>); }
  static std::string mismatch(lua_State* L, int index) { return detail::classMismatch<T>(L, index); }
};

template <class T>
struct converter<std::reference_wrapper<T>> {
  static void push(lua_State* L, std::reference_wrapper<T> value) {
    if constexpr (ObjectClass<std::remove_const_t<T>>) {
      pushPointer(L, &value.get());
    } else {
      selvage::push(L, value.get());
    }
  }
};

template <class T>
struct converter<std::shared_ptr<T>> {
  using Class = std::remove_const_t<T>;
  static std::optional<std::shared_ptr<T>> read(lua_State* L, int index) {
    if (lua_isnoneornil(L, index)) return std::optional<std::shared_ptr<T>>(std::in_place);
    T* object = objectAt<T>(L, index);
    if (object == nullptr) return std::nullopt;
    Instance* instance = instanceAt(L, index);
    if (instance->holder->share == nullptr) return std::nullopt;
    return std::shared_ptr<T>(instance->holder->share(*instance), object);
  }
  template <class Value>
  static void push(lua_State* L, Value&& value) {
    pushHeld(L, std::forward<Value>(value), &detail::sharedHolder<T>);
  }
  static std::string expected(lua_State* L) { return "shared " + className(L, &typeTag<Class>); }
  static std::string mismatch(lua_State* L, int index) {
    if (objectAt<T>(L, index) != nullptr) {
      return expected(L) + " expected, got " + actualName(L, index) + " that is not held by shares";
    }
    return detail::classMismatch<T>(L, index);
  }
};

template <class T, class Deleter>
struct converter<std::unique_ptr<T, Deleter>> {
  using Pointer = std::unique_ptr<T, Deleter>;

  /// The smart pointer within the userdata, or null. Objects that a call is using cannot be taken.
  static Pointer* find(lua_State* L, int index) {
    Instance* instance = instanceAt(L, index);
    if (instance == nullptr || instance->object == nullptr || instance->holder->uniqueType != &typeTag<Pointer> ||
        instance->pins != 0) {
      return nullptr;
    }
    return static_cast<Pointer*>(instance->holder->unique(*instance));
  }

  static std::optional<Pointer> read(lua_State* L, int index) {
    Pointer* pointer = find(L, index);
    if (pointer == nullptr) return std::nullopt;
    Instance* instance = instanceAt(L, index);
    std::optional<Pointer> taken(std::move(*pointer));
    // The empty pointer in the userdata needs its destructor no more than an empty one ever does.
    std::destroy_at(pointer);
    instance->object = nullptr;
    return taken;
  }
  static void push(lua_State* L, Pointer&& value) { pushHeld(L, std::move(value), &detail::uniqueHolder<Pointer>); }
  static void push(lua_State*, const Pointer&) {
    static_assert(alwaysFalse<T>, "selvage: a std::unique_ptr must be moved into Lua: pass std::move(pointer)");
  }
  static std::string expected(lua_State* L) { return "owned " + className(L, &typeTag<std::remove_const_t<T>>); }
  static std::string mismatch(lua_State* L, int index) {
    if (find(L, index) != nullptr) return expected(L) + " expected, got one that is given for two parameters";
    const Instance* instance = instanceAt(L, index);
    if (instance != nullptr && instance->isAlive() && instance->record->type == &typeTag<std::remove_const_t<T>>) {
      return expected(L) + " expected, got " + actualName(L, index) +
             (instance->pins != 0 ? " that is in use" : " that Lua does not own in such a pointer");
    }
    return detail::classMismatch<const T>(L, index);
  }
};

SELVAGE_NAMESPACE_END
