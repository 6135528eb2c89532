// Parameters of C++ functions called from Lua: each is loaded from the stack, and only when all have been loaded does
// the call take place, so that a wrong argument leaves everything as it was.
//
// Argument<P> has `load`, which is false if the value does not fit, `get`, what the function is given, and `width`, how
// many Lua arguments it takes.
#pragma once

#include <climits>

#include "class_values.hpp"
#include "signature.hpp"

SELVAGE_NAMESPACE_BEGIN

/// The arguments from some position on: a parameter of this type takes the rest. Valid during the call.
class variadic_args {
 public:
  variadic_args() = default;
  variadic_args(lua_State* L, int first) : L_(L), first_(first), count_(std::max(0, lua_gettop(L) - first + 1)) {}

  lua_State* lua_state() const { return L_; }
  /// How many there are.
  std::size_t size() const { return static_cast<std::size_t>(count_); }
  bool empty() const { return count_ == 0; }
  /// The type of argument i, from 0; type::none behind the last one.
  type get_type(std::size_t i) const { return static_cast<type>(i < size() ? lua_type(L_, at(i)) : LUA_TNONE); }

  /// Argument i, from 0, as T; throws if it is none.
  template <class T>
  T get(std::size_t i) const {
    Result<T> value = try_get<T>(i);
    if (!value) failWith(L_, value.what());
    return *std::move(value);
  }
  /// The same, but what get throws is in the result.
  template <class T>
  Result<T> try_get(std::size_t i) const {
    if (i >= size()) return error("argument " + std::to_string(i + 1) + " of a variable number: no value");
    Result<T> value = read<T>(L_, at(i));
    if (!value) return error("argument " + std::to_string(i + 1) + " of a variable number: " + value.message());
    return value;
  }
  /// Whether get<T>(i) would give a value.
  template <class T>
  bool is(std::size_t i) const {
    return i < size() && converter<T>::read(L_, at(i)).has_value();
  }
  /// All of them, each as T.
  template <class T>
  std::vector<T> as() const {
    std::vector<T> values;
    values.reserve(size());
    for (std::size_t i = 0; i < size(); ++i) values.push_back(get<T>(i));
    return values;
  }

  /// Goes over the arguments as references to values of any type.
  class iterator {
   public:
    using value_type = reference;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    iterator(lua_State* L, int index) : L_(L), index_(index) {}
    reference operator*() const { return reference(L_, index_); }
    iterator& operator++() {
      ++index_;
      return *this;
    }
    iterator operator++(int) {
      iterator old = *this;
      ++index_;
      return old;
    }
    bool operator==(const iterator& other) const { return index_ == other.index_; }

   private:
    lua_State* L_ = nullptr;
    int index_ = 0;
  };
  iterator begin() const { return iterator(L_, first_); }
  iterator end() const { return iterator(L_, first_ + count_); }

 private:
  int at(std::size_t i) const { return first_ + static_cast<int>(i); }

  lua_State* L_ = nullptr;
  int first_ = 1;
  int count_ = 0;
};

namespace detail {

template <class P>
concept MutableReference = std::is_lvalue_reference_v<P> && !std::is_const_v<std::remove_reference_t<P>>;

/// Values that are converted: the parameter gets a copy.
template <class P>
struct Argument {
  using Value = ConvertedType<P>;
  static_assert(
      !MutableReference<P>,
      "selvage: a parameter of type T& cannot be bound to a Lua value, which is converted: take T or const T&, "
      "and return what has changed");
  static constexpr int width = 1;
  static constexpr bool optional = isOptional<Value> || std::is_same_v<Value, nil_t>;

  bool load(lua_State* L, int index) {
    value = converter<Value>::read(L, index);
    return value.has_value();
  }
  P get() {
    if constexpr (std::is_lvalue_reference_v<P>) {
      return *value;
    } else {
      return *std::move(value);
    }
  }
  static std::string expected(lua_State* L) { return converter<Value>::expected(L); }
  static std::string mismatch(lua_State* L, int index) { return converter<Value>::mismatch(L, index); }

  std::optional<Value> value;
};

/// An object while a call uses it: ownership cannot be taken from under it.
template <class T>
class UsedObject {
 public:
  UsedObject() = default;
  UsedObject(const UsedObject&) = delete;
  UsedObject& operator=(const UsedObject&) = delete;
  ~UsedObject() {
    if (pinned_ != nullptr) --pinned_->pins;
  }

  bool load(lua_State* L, int index) {
    object_ = objectAt<T>(L, index);
    if (object_ == nullptr) return false;
    // Of a part, it is the whole that could be taken away.
    auto* instance = static_cast<Instance*>(lua_touserdata(L, index));
    while (instance->owner != nullptr) instance = const_cast<Instance*>(instance->owner);
    if (instance->holder->unique != nullptr) {
      pinned_ = instance;
      ++pinned_->pins;
    }
    return true;
  }
  T* object() const { return object_; }

 private:
  T* object_ = nullptr;
  Instance* pinned_ = nullptr;
};

template <class T>
struct ObjectMessages {
  static constexpr int width = 1;
  static constexpr bool optional = false;
  static std::string expected(lua_State* L) { return className(L, &typeTag<std::remove_const_t<T>>); }
  static std::string mismatch(lua_State* L, int index) { return classMismatch<T>(L, index); }
};

template <class P>
  requires ObjectClass<std::remove_cvref_t<P>>
struct Argument<P>
    : ObjectMessages<std::conditional_t<MutableReference<P>, std::remove_cvref_t<P>, const std::remove_cvref_t<P>>> {
  using Class = std::remove_cvref_t<P>;
  using Object = std::conditional_t<MutableReference<P>, Class, const Class>;
  static_assert(!std::is_rvalue_reference_v<P>,
                "selvage: a parameter of type T&& would move from an object that Lua still holds: take T, T& or "
                "std::unique_ptr<T>");
  static_assert(std::is_reference_v<P> || std::is_copy_constructible_v<Class>,
                "selvage: an object of this class cannot be copied out of Lua: take it by reference or by pointer");

  bool load(lua_State* L, int index) { return object.load(L, index); }
  Object& get() { return *object.object(); }

  UsedObject<Object> object;
};

template <class P>
  requires std::is_pointer_v<std::remove_cvref_t<P>> &&
           ObjectClass<std::remove_const_t<std::remove_pointer_t<std::remove_cvref_t<P>>>>
struct Argument<P> : ObjectMessages<std::remove_pointer_t<std::remove_cvref_t<P>>> {
  using Object = std::remove_pointer_t<std::remove_cvref_t<P>>;
  bool load(lua_State* L, int index) { return lua_isnoneornil(L, index) || object.load(L, index); }
  Object* get() { return object.object(); }

  UsedObject<Object> object;
};

/// Takes ownership when it is loaded, so that no other parameter can have the same object, and gives it back if the
/// call does not take place.
template <class P>
  requires isUniquePointer<std::remove_cvref_t<P>>
struct Argument<P> {
  using Pointer = std::remove_cvref_t<P>;
  static_assert(!std::is_lvalue_reference_v<P>,
                "selvage: take a std::unique_ptr by value, which takes ownership from Lua, or the object by reference");
  static constexpr int width = 1;
  static constexpr bool optional = false;

  Argument() = default;
  Argument(const Argument&) = delete;
  Argument& operator=(const Argument&) = delete;
  ~Argument() {
    if (held == nullptr) return;
    *held = std::move(taken);
    instance->object = object;
  }

  bool load(lua_State* L, int index) {
    held = converter<Pointer>::find(L, index);
    if (held == nullptr) return false;
    taken = std::move(*held);
    instance = instanceAt(L, index);
    object = std::exchange(instance->object, nullptr);
    return true;
  }
  Pointer get() {
    std::destroy_at(std::exchange(held, nullptr));
    return std::move(taken);
  }
  static std::string expected(lua_State* L) { return converter<Pointer>::expected(L); }
  static std::string mismatch(lua_State* L, int index) { return converter<Pointer>::mismatch(L, index); }

  Pointer* held = nullptr;
  Pointer taken;
  Instance* instance = nullptr;
  void* object = nullptr;
};

template <class P>
inline constexpr bool isSpan = false;
template <class T>
inline constexpr bool isSpan<std::span<T>> = true;

template <class P>
  requires isSpan<std::remove_cvref_t<P>>
struct Argument<P> {
  using Span = std::remove_cvref_t<P>;
  using Element = typename Span::value_type;
  static_assert(std::is_const_v<typename Span::element_type>,
                "selvage: what is written to a span would be lost, as the table is copied: take a span<const T>");
  static_assert(!std::is_same_v<Element, bool>, "selvage: there is no span of bool: take a std::vector<bool>");
  static constexpr int width = 1;
  static constexpr bool optional = false;

  bool load(lua_State* L, int index) {
    std::optional<std::vector<Element>> read = converter<std::vector<Element>>::read(L, index);
    if (!read) return false;
    elements = *std::move(read);
    return true;
  }
  Span get() { return Span(elements); }
  static std::string expected(lua_State* L) { return converter<std::vector<Element>>::expected(L); }
  static std::string mismatch(lua_State* L, int index) { return converter<std::vector<Element>>::mismatch(L, index); }

  std::vector<Element> elements;
};

/// Parameters that take no argument.
template <class P>
struct StateArgument {
  static constexpr int width = 0;
  static constexpr bool optional = true;
  bool load(lua_State* state, int) {
    L = state;
    return true;
  }
  static std::string expected(lua_State*) { return {}; }
  static std::string mismatch(lua_State*, int) { return {}; }
  lua_State* L = nullptr;
};
template <>
struct Argument<this_state> : StateArgument<this_state> {
  this_state get() { return this_state{L}; }
};
template <>
struct Argument<lua_State*> : StateArgument<lua_State*> {
  lua_State* get() { return L; }
};

template <>
struct Argument<variadic_args> {
  static constexpr int width = 0;
  static constexpr bool optional = true;
  bool load(lua_State* L, int index) {
    arguments = variadic_args(L, index);
    return true;
  }
  variadic_args get() { return arguments; }
  static std::string expected(lua_State*) { return "..."; }
  static std::string mismatch(lua_State*, int) { return {}; }
  variadic_args arguments;
};
template <>
struct Argument<const variadic_args&> : Argument<variadic_args> {};

/// Facts of a parameter list.
template <class... P>
struct Parameters {
  static constexpr std::size_t count = sizeof...(P);
  static constexpr bool variadic = (std::is_same_v<std::remove_cvref_t<P>, variadic_args> || ...);
  /// How many Lua arguments it takes at most, the rest of a variable number aside.
  static constexpr int maximum = (0 + ... + Argument<P>::width);

  /// How many Lua arguments come before each parameter.
  static constexpr std::array<int, count + 1> offsets = [] {
    std::array<int, count + 1> result{};
    const std::array<int, count + 1> widths{Argument<P>::width..., 0};
    for (std::size_t i = 0; i < count; ++i) result[i + 1] = result[i] + widths[i];
    return result;
  }();

  /// How many Lua arguments it takes at least: all up to the last that cannot be left out.
  static constexpr int minimum = [] {
    const std::array<bool, count + 1> optional{Argument<P>::optional..., true};
    int result = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!optional[i]) result = offsets[i + 1];
    }
    return result;
  }();

  static constexpr bool acceptsCount(int given) { return given >= minimum && (variadic || given <= maximum); }
};

}  // namespace detail

SELVAGE_NAMESPACE_END
