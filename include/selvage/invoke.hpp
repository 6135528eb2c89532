// Calls of C++ callables with arguments from the Lua stack, and what becomes of their results.
//
// A call ends in a code: the number of results that it pushed, or a negative number that says what went wrong. The
// error is raised by the caller, in a frame without objects, when those of the call are gone.
#pragma once

#include <algorithm>
#include <exception>

#include "argument.hpp"

SELVAGE_NAMESPACE_BEGIN

/// For functions that push their results by themselves: how many they are.
struct pushed_results {
  int count = 0;
};

/// Several results, or arguments, of any types known at run time only.
class variadic_results : public std::vector<selvage::reference> {
 public:
  using std::vector<selvage::reference>::vector;
};
template <>
struct is_container<variadic_results> : std::false_type {};

/// The elements of a range as so many results, or so many arguments of a call.
template <class Range>
struct as_args_t {
  Range range;
};
template <class Range>
as_args_t<Range> as_args(Range&& range) {
  return as_args_t<Range>{std::forward<Range>(range)};
}
template <class Range>
as_args_t<Range> as_returns(Range&& range) {
  return as_args_t<Range>{std::forward<Range>(range)};
}

namespace detail {

inline constexpr int raised = -1;  ///< the error value is on top of the stack
constexpr int badArgument(int index) { return -1 - index; }
constexpr bool isBadArgument(int code) { return code < raised; }
constexpr int argumentOf(int code) { return -1 - code; }

template <class T>
inline constexpr bool isResult = false;
template <class T>
inline constexpr bool isResult<Result<T>> = true;
template <class T>
inline constexpr bool isExpanded = false;
template <class Range>
inline constexpr bool isExpanded<as_args_t<Range>> = true;
template <>
inline constexpr bool isExpanded<variadic_results> = true;
template <>
inline constexpr bool isExpanded<variadic_args> = true;

/// Pushes one argument or result, which may expand to several values. Returns how many.
template <class T>
int pushArgument(lua_State* L, T&& value) {
  using Value = std::remove_cvref_t<T>;
  if constexpr (std::is_same_v<Value, variadic_args>) {
    const int count = static_cast<int>(value.size());
    ensureStack(L, count);
    // Through references: the arguments may be on the stack of another thread.
    for (const selvage::reference& each : value) each.push(L);
    return count;
  } else if constexpr (std::is_same_v<Value, variadic_results>) {
    ensureStack(L, static_cast<int>(value.size()));
    for (const selvage::reference& each : value) each.push(L);
    return static_cast<int>(value.size());
  } else if constexpr (isExpanded<Value>) {
    int count = 0;
    for (const auto& each : value.range) {
      ensureStack(L, 2);
      push(L, each);
      ++count;
    }
    return count;
  } else {
    push(L, std::forward<T>(value));
    return 1;
  }
}

/// Pushes an object that a function returned by reference or pointer. `owner` is the index of the object of whose
/// method it is the result, or 0: it is kept alive, as the result is likely to be a part of it.
template <class T>
void pushReturnedObject(lua_State* L, T* object, int owner) {
  if (owner != 0 && object != nullptr) {
    const Instance* instance = instanceAt(L, owner);
    if (instance == nullptr) {
      owner = 0;
    } else if (instance->object == object && instance->record->type == &typeTag<std::remove_const_t<T>> &&
               (!std::is_const_v<T> || instance->holder->readOnly)) {
      // A method that returns its own object.
      lua_pushvalue(L, owner);
      return;
    }
  }
  pushPointer(L, object, owner);
}

/// Pushes what a function returned, declared as R. Returns a code.
template <class R, class Value>
int pushReturned(lua_State* L, Value&& value, int owner) {
  using Plain = std::remove_cvref_t<R>;
  if constexpr (std::is_same_v<Plain, pushed_results>) {
    return value.count;
  } else if constexpr (isResult<Plain>) {
    if (!value.has_value()) {
      value.what().push(L);
      return raised;
    }
    if constexpr (std::is_void_v<typename Plain::value_type>) {
      return 0;
    } else {
      return pushReturned<typename Plain::value_type>(L, std::forward<Value>(value).value(), owner);
    }
  } else if constexpr (isTuple<Plain> || isPair<Plain>) {
    ensureStack(L, static_cast<int>(std::tuple_size_v<Plain>) + 4);
    return std::apply([L](auto&&... each) { return (0 + ... + pushArgument(L, std::forward<decltype(each)>(each))); },
                      std::forward<Value>(value));
  } else if constexpr (std::is_lvalue_reference_v<R> && ObjectClass<Plain>) {
    pushReturnedObject(L, &value, owner);
    return 1;
  } else if constexpr (std::is_pointer_v<Plain> && ObjectClass<std::remove_const_t<std::remove_pointer_t<Plain>>>) {
    pushReturnedObject(L, value, owner);
    return 1;
  } else {
    ensureStack(L, 4);
    return pushArgument(L, std::forward<Value>(value));
  }
}

/// Calls f with the arguments from `first` on. A method's first argument is its object.
template <class S>
struct Invoker;

template <class R, class... P>
struct Invoker<Signature<R, P...>> {
  using ParameterList = Parameters<P...>;

  template <class F>
  static int run(lua_State* L, F& f, int first, bool isMethod) {
#if SELVAGE_EXCEPTIONS
    try {
      return call(L, f, first, isMethod, std::index_sequence_for<P...>());
    } catch (const error& caught) {
      caught.push(L);
    } catch (const std::exception& caught) {
      lua_pushstring(L, caught.what());
    }
    return raised;
#else
    return call(L, f, first, isMethod, std::index_sequence_for<P...>());
#endif
  }

  /// Pushes the reason why an argument does not fit.
  SELVAGE_COLD static void pushMismatch(lua_State* L, [[maybe_unused]] int index, [[maybe_unused]] int first) {
    std::string text;
    [[maybe_unused]] std::size_t i = 0;
    ((Argument<P>::width != 0 && first + ParameterList::offsets[i++] == index
          ? void(text = Argument<P>::mismatch(L, index))
          : void(Argument<P>::width == 0 ? ++i : i)),
     ...);
    lua_pushlstring(L, text.data(), text.size());
  }

  static std::string describe(lua_State* L) {
    std::string text;
    ((text += (Argument<P>::expected(L).empty() ? "" : (text.empty() ? "" : ", ") + Argument<P>::expected(L))), ...);
    return "(" + text + ")";
  }

 private:
  template <class F, std::size_t... I>
  static int call(lua_State* L, F& f, int first, [[maybe_unused]] bool isMethod, std::index_sequence<I...>) {
    [[maybe_unused]] std::tuple<Argument<P>...> arguments;
    [[maybe_unused]] int failed = 0;
    const bool complete = (load(L, std::get<I>(arguments), first + ParameterList::offsets[I], failed) && ...);
    if (!complete) return badArgument(failed);
    if constexpr (std::is_void_v<R>) {
      std::invoke(f, static_cast<Argument<P>&>(std::get<I>(arguments)).get()...);
      return 0;
    } else {
      return pushReturned<R>(L, std::invoke(f, static_cast<Argument<P>&>(std::get<I>(arguments)).get()...),
                             isMethod ? first : 0);
    }
  }

  template <class A>
  static bool load(lua_State* L, A& argument, int index, int& failed) {
    if (argument.load(L, index)) return true;
    failed = index;
    return false;
  }
};

/// How callables of type F are dispatched. `run` calls and returns a code, `accepts` says whether so many arguments may
/// be given, `pushMismatch` explains a code of a bad argument.
template <class F>
struct Dispatch {
  using S = typename SignatureOf<F>::type;
  static constexpr bool isMethod = std::is_member_function_pointer_v<F>;
  static int run(lua_State* L, F& f, int first) { return Invoker<S>::run(L, f, first, isMethod); }
  static bool accepts(int given) { return Invoker<S>::ParameterList::acceptsCount(given); }
  static constexpr int maximum = Invoker<S>::ParameterList::maximum;
  static void pushMismatch(lua_State* L, int code, int first) { Invoker<S>::pushMismatch(L, argumentOf(code), first); }
  static std::string describe(lua_State* L) { return Invoker<S>::describe(L); }
};

/// Raises the error of a code, in a frame that has nothing to destroy.
template <class F>
[[noreturn]] SELVAGE_COLD int raiseCode(lua_State* L, int code, int first) {
  if (code != raised) {
    Dispatch<F>::pushMismatch(L, code, first);
    luaL_argerror(L, argumentOf(code), lua_tostring(L, -1));
  }
  lua_error(L);
  std::abort();
}

}  // namespace detail

/// A callable with its signature named: for generic lambdas and for classes with several operator().
template <class S, class F>
struct as_function_t;
template <class R, class... P, class F>
struct as_function_t<R(P...), F> {
  F function;
  R operator()(P... arguments) { return std::invoke(function, std::forward<P>(arguments)...); }
};

/// Names the signature of a callable: as_function<int(int, int)>(f).
template <class S, class F>
as_function_t<S, std::decay_t<F>> as_function(F&& f) {
  return as_function_t<S, std::decay_t<F>>{std::forward<F>(f)};
}
namespace detail {
template <class S>
struct FunctionTypeOf;
template <class R, class... P>
struct FunctionTypeOf<Signature<R, P...>> {
  using type = R(P...);
};
}  // namespace detail

/// Passes a callable to Lua as a function, whatever else its class may be.
template <class F>
auto as_function(F&& f) {
  using Named = typename detail::FunctionTypeOf<typename SignatureOf<std::decay_t<F>>::type>::type;
  return as_function_t<Named, std::decay_t<F>>{std::forward<F>(f)};
}

/// Several functions under one name: the first whose parameters fit the arguments, in number and types, is called.
template <class... F>
struct overload_set {
  std::tuple<F...> functions;
};
template <class... F>
overload_set<std::decay_t<F>...> overload(F&&... functions) {
  static_assert(sizeof...(F) > 0, "selvage: overload() needs at least one function");
  return {std::tuple<std::decay_t<F>...>(std::forward<F>(functions)...)};
}

/// A function whose results are yielded rather than returned, so that the coroutine that calls it is suspended.
template <class F>
struct yielding_t {
  F function;
};
template <class F>
yielding_t<std::decay_t<F>> yielding(F&& f) {
  return {std::forward<F>(f)};
}

namespace detail {

template <class... F>
struct Dispatch<overload_set<F...>> {
  static_assert(sizeof...(F) > 0, "selvage: an overload set needs at least one function");
  static constexpr int maximum = std::max({Dispatch<F>::maximum...});
  static bool accepts(int given) { return (Dispatch<F>::accepts(given) || ...); }

  static int run(lua_State* L, overload_set<F...>& set, int first) {
    return runFirst(L, set, first, std::index_sequence_for<F...>());
  }

  /// If there was but one candidate for so many arguments, its reason; else the list of all.
  SELVAGE_COLD static void pushMismatch(lua_State* L, int code, int first) {
    const int given = lua_gettop(L) - first + 1;
    const int candidates = (0 + ... + (Dispatch<F>::accepts(given) ? 1 : 0));
    if (candidates == 1) {
      ((Dispatch<F>::accepts(given) ? Dispatch<F>::pushMismatch(L, code, first) : void()), ...);
      return;
    }
    std::string text = "no overload takes (";
    for (int i = 0; i < given; ++i) text += (i == 0 ? "" : ", ") + actualName(L, first + i);
    text += "); there are ";
    std::size_t i = 0;
    ((text += (i++ == 0 ? "" : ", ") + Dispatch<F>::describe(L)), ...);
    lua_pushlstring(L, text.data(), text.size());
  }

  static std::string describe(lua_State* L) {
    std::string text;
    ((text += (text.empty() ? "" : ", ") + Dispatch<F>::describe(L)), ...);
    return text;
  }

 private:
  template <std::size_t... I>
  static int runFirst(lua_State* L, overload_set<F...>& set, int first, std::index_sequence<I...>) {
    const int given = lua_gettop(L) - first + 1;
    int code = badArgument(first);
    static_cast<void>((runOne<F>(L, std::get<I>(set.functions), first, given, code) || ...));
    return code;
  }
  template <class Function>
  static bool runOne(lua_State* L, Function& f, int first, int given, int& code) {
    if (!Dispatch<Function>::accepts(given)) return false;
    const int result = Dispatch<Function>::run(L, f, first);
    if (!isBadArgument(result)) {
      code = result;
      return true;
    }
    // The furthest that any got says most.
    code = std::min(code, result);
    return false;
  }
};

template <class F>
struct Dispatch<yielding_t<F>> {
  static constexpr int maximum = Dispatch<F>::maximum;
  static bool accepts(int given) { return Dispatch<F>::accepts(given); }
  static int run(lua_State* L, yielding_t<F>& f, int first) { return Dispatch<F>::run(L, f.function, first); }
  static void pushMismatch(lua_State* L, int code, int first) { Dispatch<F>::pushMismatch(L, code, first); }
  static std::string describe(lua_State* L) { return Dispatch<F>::describe(L); }
};

}  // namespace detail

SELVAGE_NAMESPACE_END
