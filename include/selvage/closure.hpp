// C++ callables as Lua functions. A callable without state is a bare C function; one with state is kept in a userdata
// that is the C function's upvalue, with a finalizer if it has a destructor.
#pragma once

#include "invoke.hpp"

SELVAGE_NAMESPACE_BEGIN

/// A function known at compile time, which is then called without a pointer: c_call<&Vector::length>.
template <auto Function>
struct c_call_t {};
template <auto Function>
inline constexpr c_call_t<Function> c_call{};

namespace detail {

/// A pointer to a method of C or one of its bases, to be called on objects of class C.
template <class C, class F>
struct BoundMethod {
  F function;
};

template <class C, class F>
struct Dispatch<BoundMethod<C, F>> {
  using S = typename MethodSignature<F, C>::type;
  static constexpr int maximum = Invoker<S>::ParameterList::maximum;
  static int run(lua_State* L, BoundMethod<C, F>& bound, int first) {
    return Invoker<S>::run(L, bound.function, first, true);
  }
  static bool accepts(int given) { return Invoker<S>::ParameterList::acceptsCount(given); }
  static void pushMismatch(lua_State* L, int code, int first) { Invoker<S>::pushMismatch(L, argumentOf(code), first); }
  static std::string describe(lua_State* L) { return Invoker<S>::describe(L); }
};

template <auto Function>
struct Dispatch<c_call_t<Function>> {
  using F = std::remove_const_t<decltype(Function)>;
  using S = typename SignatureOf<F>::type;
  static constexpr int maximum = Dispatch<F>::maximum;
  static int run(lua_State* L, c_call_t<Function>&, int first) {
    auto call = [](auto&&... arguments) -> decltype(auto) {
      return std::invoke(Function, std::forward<decltype(arguments)>(arguments)...);
    };
    return Invoker<S>::run(L, call, first, std::is_member_function_pointer_v<F>);
  }
  static bool accepts(int given) { return Dispatch<F>::accepts(given); }
  static void pushMismatch(lua_State* L, int code, int first) { Dispatch<F>::pushMismatch(L, code, first); }
  static std::string describe(lua_State* L) { return Dispatch<F>::describe(L); }
};

template <class T>
inline constexpr bool isOverloadSet = false;
template <class... F>
inline constexpr bool isOverloadSet<overload_set<F...>> = true;
template <class T>
inline constexpr bool isYielding = false;
template <class F>
inline constexpr bool isYielding<yielding_t<F>> = true;
template <class T>
inline constexpr bool isConstantCall = false;
template <auto Function>
inline constexpr bool isConstantCall<c_call_t<Function>> = true;

/// What has a Dispatch and becomes a Lua function.
template <class F>
concept FunctionLike =
    isOverloadSet<F> || isYielding<F> || isConstantCall<F> || is_function_object<F>::value ||
    std::is_member_function_pointer_v<F> ||
    (std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>> && !std::is_same_v<F, lua_CFunction>);

/// Callables that need no place of their own.
template <class F>
inline constexpr bool isStateless = std::is_empty_v<F> && std::is_trivially_default_constructible_v<F>;

/// The place of a T within a block of blockRoom<T> bytes that is aligned for a double only.
template <class T>
inline constexpr std::size_t blockRoom = sizeof(T) + (alignof(T) > 8 ? alignof(T) : 0);
template <class T>
T* blockContent(void* block) {
  auto address = reinterpret_cast<std::uintptr_t>(block);
  if constexpr (alignof(T) > 8) address = (address + alignof(T) - 1) & ~(std::uintptr_t{alignof(T)} - 1);
  return reinterpret_cast<T*>(address);
}

template <class F>
int functionEntry(lua_State* L) {
  int code = 0;
  if constexpr (isStateless<F>) {
    F function{};
    code = Dispatch<F>::run(L, function, 1);
  } else {
    code = Dispatch<F>::run(L, *blockContent<F>(lua_touserdata(L, lua_upvalueindex(1))), 1);
  }
  if (code < 0) [[unlikely]] {
    return raiseCode<F>(L, code, 1);
  }
  if constexpr (isYielding<F>) {
    return lua_yield(L, code);
  } else {
    return code;
  }
}

template <class F>
int destroyBlockContent(lua_State* L) {
  std::destroy_at(blockContent<F>(lua_touserdata(L, 1)));
  return 0;
}

/// Pushes a userdata that holds `value` and destroys it in the end. Scripts never see it.
template <class T, class Value>
void pushBlock(lua_State* L, Value&& value) {
  void* block = lua_newuserdatauv(L, blockRoom<T>, 0);
  if constexpr (std::is_trivially_destructible_v<T>) {
    new (blockContent<T>(block)) T(std::forward<Value>(value));
  } else {
    // One metatable for each type of callable. It is set last: only a constructed value may be destroyed.
    struct BlockOf {};
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &typeTag<std::pair<BlockOf, T>>) == LUA_TNIL) {
      lua_pop(L, 1);
      lua_createtable(L, 0, 1);
      lua_pushcfunction(L, destroyBlockContent<T>);
      lua_setfield(L, -2, "__gc");
      lua_pushvalue(L, -1);
      lua_rawsetp(L, LUA_REGISTRYINDEX, &typeTag<std::pair<BlockOf, T>>);
    }
    new (blockContent<T>(block)) T(std::forward<Value>(value));
    lua_setmetatable(L, -2);
  }
}

/// Pushes a callable as a Lua function.
template <class F, class Value>
void pushFunction(lua_State* L, Value&& function) {
  ensureStack(L, 6);
  if constexpr (isStateless<F>) {
    lua_pushcclosure(L, functionEntry<F>, 0);
  } else {
    if constexpr (!std::is_function_v<std::remove_reference_t<Value>> && requires { function == nullptr; }) {
      // An empty std::function, or a null pointer.
      if (function == nullptr) {
        lua_pushnil(L);
        return;
      }
    }
    pushBlock<F>(L, std::forward<Value>(function));
    lua_pushcclosure(L, functionEntry<F>, 1);
  }
}

}  // namespace detail

template <detail::FunctionLike F>
struct converter<F> {
  static std::optional<F> read(lua_State*, int) {
    static_assert(alwaysFalse<F>,
                  "selvage: a Lua function cannot be read as this type: use selvage::function or "
                  "std::function<R(P...)>");
    return std::nullopt;
  }
  template <class Value>
  static void push(lua_State* L, Value&& function) {
    detail::pushFunction<F>(L, std::forward<Value>(function));
  }
};

SELVAGE_NAMESPACE_END
