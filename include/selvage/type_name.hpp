// Names of C++ types, known at compile time, and the tags by which types are told apart at run time.
#pragma once

#include <string_view>

#include "configuration.hpp"

SELVAGE_NAMESPACE_BEGIN

namespace detail {
template <class T>
constexpr std::string_view signatureWithType() {
#if defined(_MSC_VER) && !defined(__clang__)
  return __FUNCSIG__;
#else
  return __PRETTY_FUNCTION__;
#endif
}

// Where in such a signature the type's name stands: measured on a type whose name is known.
inline constexpr std::size_t nameOffset = signatureWithType<double>().find("double");
inline constexpr std::size_t nameSuffix = signatureWithType<double>().size() - nameOffset - 6;
}  // namespace detail

/// The name of a type without its namespaces: "Vector" for game::Vector, "Pair<game::A>" for game::Pair<game::A>.
template <class T>
constexpr std::string_view typeName() {
  std::string_view name = detail::signatureWithType<T>();
  name = name.substr(detail::nameOffset, name.size() - detail::nameOffset - detail::nameSuffix);
  const std::size_t arguments = name.find('<');
  const std::size_t colons = name.substr(0, arguments).rfind("::");
  return colons == std::string_view::npos ? name : name.substr(colons + 2);
}

/// The identity of a C++ type within the program: the address of its tag. The registry files classes under it.
struct TypeTag {
  std::string_view name;
};

// Never written, but not constant either: linkers may merge constants that are alike, and then types would be, too.
template <class T>
inline constinit TypeTag typeTag{typeName<T>()};

SELVAGE_NAMESPACE_END
