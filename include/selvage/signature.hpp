// What can be called from Lua, and the types of its parameters and of its result.
#pragma once

#include <functional>
#include <type_traits>

#include "configuration.hpp"

SELVAGE_NAMESPACE_BEGIN

/// The type of a callable: what it returns and what it takes, the object of a method first.
template <class R, class... P>
struct Signature {
  using Returned = R;
};

namespace detail {

/// CallableSignature<F>::type is F's Signature, if F has exactly one.
template <class F>
struct CallableSignature {};

template <class R, class... P>
struct CallableSignature<R (*)(P...)> {
  using type = Signature<R, P...>;
};
template <class R, class... P>
struct CallableSignature<R (*)(P...) noexcept> {
  using type = Signature<R, P...>;
};

/// MethodSignature<F, C>::type is the Signature of a method that is called on a C.
template <class F, class C>
struct MethodSignature {};

template <class R, class B, class... P, class C>
struct MethodSignature<R (B::*)(P...), C> {
  using type = Signature<R, C&, P...>;
};
template <class R, class B, class... P, class C>
struct MethodSignature<R (B::*)(P...) noexcept, C> {
  using type = Signature<R, C&, P...>;
};
template <class R, class B, class... P, class C>
struct MethodSignature<R (B::*)(P...) const, C> {
  using type = Signature<R, const C&, P...>;
};
template <class R, class B, class... P, class C>
struct MethodSignature<R (B::*)(P...) const noexcept, C> {
  using type = Signature<R, const C&, P...>;
};
template <class R, class B, class... P, class C>
struct MethodSignature<R (B::*)(P...)&, C> {
  using type = Signature<R, C&, P...>;
};
template <class R, class B, class... P, class C>
struct MethodSignature<R (B::*)(P...) & noexcept, C> {
  using type = Signature<R, C&, P...>;
};
template <class R, class B, class... P, class C>
struct MethodSignature<R (B::*)(P...) const&, C> {
  using type = Signature<R, const C&, P...>;
};
template <class R, class B, class... P, class C>
struct MethodSignature<R (B::*)(P...) const & noexcept, C> {
  using type = Signature<R, const C&, P...>;
};

/// The class of which a pointer to member is.
template <class F>
struct ClassOfMember;
template <class M, class C>
struct ClassOfMember<M C::*> {
  using type = C;
  using Member = M;
};

template <class F>
  requires std::is_member_function_pointer_v<F>
struct CallableSignature<F> : MethodSignature<F, typename ClassOfMember<F>::type> {};

// A method's signature without its object.
template <class S>
struct WithoutObject;
template <class R, class Object, class... P>
struct WithoutObject<Signature<R, Object, P...>> {
  using type = Signature<R, P...>;
};

template <class F>
  requires std::is_class_v<F> && requires { &F::operator(); }
struct CallableSignature<F> : WithoutObject<typename MethodSignature<decltype(&F::operator()), F>::type> {};

template <class R, class... P>
struct CallableSignature<std::function<R(P...)>> {
  using type = Signature<R, P...>;
};

}  // namespace detail

/// Has one known signature: a function, a method, a lambda without `auto` parameters, a std::function.
template <class F>
concept Callable = requires { typename detail::CallableSignature<F>::type; };

/// A class whose objects are passed to Lua as functions. Specialise it as std::false_type for a class with operator()
/// that is to be a usertype.
template <class F>
struct is_function_object : std::bool_constant<std::is_class_v<F> && Callable<F>> {};

/// The signature of a callable.
template <class F>
struct SignatureOf {
  static_assert(
      Callable<F>,
      "selvage: the parameters of this callable cannot be told: it is not callable, is a generic lambda, or has "
      "several operator(); name them with selvage::as_function<R(P...)>(f), or use selvage::overload");
  using type = typename detail::CallableSignature<F>::type;
};

SELVAGE_NAMESPACE_END
