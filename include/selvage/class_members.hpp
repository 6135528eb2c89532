// Members of classes as Lua finds them: methods and constants are plain values in a table; properties are accessors,
// which the table holds as sealed userdata and the class's __index and __newindex call.
#pragma once

#include "table.hpp"

SELVAGE_NAMESPACE_BEGIN

// ---- what a program writes to describe members ----

/// A property with functions that get and set it.
template <class Getter, class Setter>
struct property_t {
  Getter getter;
  Setter setter;
};
/// property(get) can only be read, property(get, set) also be written. Each is a method, or a function of the object;
/// without an object it is a property of the class itself.
template <class Getter, class Setter = nil_t>
property_t<std::decay_t<Getter>, std::decay_t<Setter>> property(Getter&& getter, Setter&& setter = {}) {
  return {std::forward<Getter>(getter), std::forward<Setter>(setter)};
}
template <class Getter>
auto readonly_property(Getter&& getter) {
  return property(std::forward<Getter>(getter));
}
template <class Setter>
property_t<nil_t, std::decay_t<Setter>> writeonly_property(Setter&& setter) {
  return {nil, std::forward<Setter>(setter)};
}

/// A data member that scripts can read only.
template <class M, class C>
struct readonly_t {
  M C::* member;
};
template <class M, class C>
readonly_t<M, C> readonly(M C::* member) {
  return {member};
}

/// A variable of the class itself, which is kept in the state; std::ref(x) makes it a C++ variable.
template <class T>
struct var_t {
  T value;
};
template <class T>
var_t<std::decay_t<T>> var(T&& value) {
  return {std::forward<T>(value)};
}

/// The signatures of constructors: constructors<T(), T(int, int)>().
template <class... S>
struct constructors {};
/// Functions that make objects, in place of constructors.
template <class... F>
struct factories_t {
  overload_set<F...> functions;
};
template <class... F>
factories_t<std::decay_t<F>...> factories(F&&... functions) {
  return {overload(std::forward<F>(functions)...)};
}
/// Scripts cannot make objects of the class.
struct no_construction {};
inline constexpr no_construction no_constructor{};
/// As a key: makes the class itself callable, Vector(1, 2).
struct call_construction {};
inline constexpr call_construction call_constructor{};

/// The base classes, nearest first: base_classes, bases<A, B>().
struct base_classes_tag {};
inline constexpr base_classes_tag base_classes{};
template <class... B>
struct bases {};

/// Metamethods as keys of members.
enum class meta_function {
  addition,
  subtraction,
  multiplication,
  division,
  floor_division,
  modulus,
  power_of,
  unary_minus,
  concatenation,
  length,
  equal_to,
  less_than,
  less_than_or_equal_to,
  bitwise_and,
  bitwise_or,
  bitwise_xor,
  bitwise_not,
  bitwise_left_shift,
  bitwise_right_shift,
  call,
  call_function = call,
  index,      ///< called for members that do not exist
  new_index,  ///< called for assignments to members that do not exist
  to_string,
  pairs,
  close,
};

namespace detail {

inline const char* metamethodName(meta_function function) {
  static constexpr const char* names[] = {
      "__add", "__sub",  "__mul",   "__div",      "__idiv",     "__mod",   "__pow",  "__unm",  "__concat",
      "__len", "__eq",   "__lt",    "__le",       "__band",     "__bor",   "__bxor", "__bnot", "__shl",
      "__shr", "__call", "__index", "__newindex", "__tostring", "__pairs", "__close"};
  return names[static_cast<int>(function)];
}

// ---- accessors ----

/// What an accessor does. Reading and writing return codes as calls do; the object is at index 1, a new value at 2.
struct AccessorOperations {
  int (*read)(lua_State* L, void* content) = nullptr;
  int (*write)(lua_State* L, void* content) = nullptr;
  void (*explainRead)(lua_State* L, int code) = nullptr;
  void (*explainWrite)(lua_State* L, int code) = nullptr;
  bool isStatic = false;
};

struct Accessor {
  std::uintptr_t seal;
  const AccessorOperations* operations;
  void* content() { return this + 1; }
};

inline Accessor* accessorAt(lua_State* L, int index) {
  if (lua_type(L, index) != LUA_TUSERDATA) return nullptr;
  return sealedBlock<Accessor>(L, index, accessorKind);
}

template <class Content>
struct AccessorBlock : Accessor {
  Content content;
};

/// Pushes an accessor with its content.
template <class Content>
void pushAccessor(lua_State* L, const AccessorOperations* operations, Content content) {
  using Block = AccessorBlock<Content>;
  static_assert(alignof(Content) <= 8,
                "selvage: what a property's functions capture needs more alignment than Lua gives; capture a pointer");
  static_assert(sizeof(Accessor) % alignof(Content) == 0);
  pushBlock<Block>(L, Block{{0, operations}, std::move(content)});
  auto* block = static_cast<Accessor*>(lua_touserdata(L, -1));
  block->seal = sealOf(block, accessorKind);
}

inline void pushText(lua_State* L, const std::string& text) { lua_pushlstring(L, text.data(), text.size()); }

/// A data member.
template <class T, class Pointer>
struct VariableAccess {
  using Class = typename ClassOfMember<Pointer>::type;
  using Member = typename ClassOfMember<Pointer>::Member;
  static_assert(std::is_base_of_v<Class, T>, "selvage: a data member of a class must be of that class or of a base");

  static int read(lua_State* L, void* content) {
    const auto pointer = *static_cast<Pointer*>(content);
    const T* object = objectAt<const T>(L, 1);
    if (object == nullptr) return badArgument(1);
#if SELVAGE_EXCEPTIONS
    try {
      return pushMember(L, object, pointer);
    } catch (const std::exception& caught) {
      lua_pushstring(L, caught.what());
      return raised;
    }
#else
    return pushMember(L, object, pointer);
#endif
  }

  static int pushMember(lua_State* L, const T* object, Pointer pointer) {
    const Member& member = object->*pointer;
    if constexpr (ObjectClass<std::remove_const_t<Member>>) {
      if (std::is_const_v<Member> || instanceAt(L, 1)->holder->readOnly) {
        pushReturnedObject(L, &member, 1);
      } else {
        pushReturnedObject(L, const_cast<std::remove_const_t<Member>*>(&member), 1);
      }
    } else {
      push(L, member);
    }
    return 1;
  }

  static int write(lua_State* L, void* content) {
    const auto pointer = *static_cast<Pointer*>(content);
    Argument<T&> object;
    if (!object.load(L, 1)) return badArgument(1);
    Argument<const Member&> value;
    if (!value.load(L, 2)) return badArgument(2);
    object.get().*pointer = value.get();
    return 0;
  }
  static void explainRead(lua_State* L, int) { pushText(L, classMismatch<const T>(L, 1)); }
  static void explainWrite(lua_State* L, int code) {
    pushText(L, code == badArgument(1) ? classMismatch<T>(L, 1) : Argument<const Member&>::mismatch(L, 2));
  }
};

template <class T, class Pointer, bool Writable>
constexpr AccessorOperations makeVariableOperations() {
  using Access = VariableAccess<T, Pointer>;
  using Member = typename Access::Member;
  AccessorOperations operations{.read = Access::read, .explainRead = Access::explainRead};
  if constexpr (Writable && !std::is_const_v<Member> && std::is_copy_assignable_v<Member>) {
    operations.write = Access::write;
    operations.explainWrite = Access::explainWrite;
  }
  return operations;
}
template <class T, class Pointer, bool Writable>
inline constexpr AccessorOperations variableOperations = makeVariableOperations<T, Pointer, Writable>();

/// A getter and a setter, either of which may be nil_t.
template <class Getter, class Setter>
struct PropertyAccess {
  using Content = property_t<Getter, Setter>;
  static int read(lua_State* L, void* content) {
    return Dispatch<Getter>::run(L, static_cast<Content*>(content)->getter, 1);
  }
  // A setter of the class itself takes the value only.
  static int write(lua_State* L, void* content) {
    return Dispatch<Setter>::run(L, static_cast<Content*>(content)->setter, Dispatch<Setter>::maximum == 1 ? 2 : 1);
  }
  static void explainRead(lua_State* L, int code) { Dispatch<Getter>::pushMismatch(L, code, 1); }
  static void explainWrite(lua_State* L, int code) {
    Dispatch<Setter>::pushMismatch(L, code, Dispatch<Setter>::maximum == 1 ? 2 : 1);
  }
};

template <class Getter, class Setter>
constexpr AccessorOperations makePropertyOperations() {
  using Access = PropertyAccess<Getter, Setter>;
  AccessorOperations operations;
  if constexpr (!std::is_same_v<Getter, nil_t>) {
    static_assert(Dispatch<Getter>::maximum <= 1,
                  "selvage: the getter of a property takes the object and nothing else");
    operations.read = Access::read;
    operations.explainRead = Access::explainRead;
    operations.isStatic = Dispatch<Getter>::maximum == 0;
  }
  if constexpr (!std::is_same_v<Setter, nil_t>) {
    static_assert(Dispatch<Setter>::maximum == 1 || Dispatch<Setter>::maximum == 2,
                  "selvage: the setter of a property takes the object and the new value");
    operations.write = Access::write;
    operations.explainWrite = Access::explainWrite;
    operations.isStatic = Dispatch<Setter>::maximum == 1;
  }
  return operations;
}
template <class Getter, class Setter>
inline constexpr AccessorOperations propertyOperations = makePropertyOperations<Getter, Setter>();

/// A variable of the class itself.
template <class T>
struct StaticAccess {
  using Value = std::remove_reference_t<std::unwrap_reference_t<T>>;
  static Value& value(void* content) { return *static_cast<T*>(content); }
  static int read(lua_State* L, void* content) {
    push(L, std::as_const(value(content)));
    return 1;
  }
  static int write(lua_State* L, void* content) {
    Argument<const Value&> argument;
    if (!argument.load(L, 2)) return badArgument(2);
    value(content) = argument.get();
    return 0;
  }
  static void explain(lua_State* L, int) { pushText(L, Argument<const Value&>::mismatch(L, 2)); }
};
template <class T>
inline constexpr AccessorOperations staticOperations{
    .read = StaticAccess<T>::read,
    .write = std::is_const_v<typename StaticAccess<T>::Value> ? nullptr : StaticAccess<T>::write,
    .explainRead = StaticAccess<T>::explain,
    .explainWrite = StaticAccess<T>::explain,
    .isStatic = true};

// ---- the metamethods of instances and of class tables ----
// Their upvalues: the members, the fallbacks, the class's name.

[[noreturn]] SELVAGE_COLD inline int raiseProperty(lua_State* L, int code, void (*explain)(lua_State*, int), int key) {
  if (code != raised) {
    explain(L, code);
    const char* format =
        argumentOf(code) == 1 ? "no object with property '%s' of %s (%s)" : "bad value for property '%s' of %s (%s)";
    luaL_error(L, format, lua_tostring(L, key), lua_tostring(L, lua_upvalueindex(3)), lua_tostring(L, -1));
  }
  lua_error(L);
  std::abort();
}

[[noreturn]] SELVAGE_COLD inline int raiseNoAccess(lua_State* L, const char* reason) {
  luaL_error(L, "property '%s' of %s %s", luaL_tolstring(L, 2, nullptr), lua_tostring(L, lua_upvalueindex(3)), reason);
  std::abort();
}

// object, key -> value. The accessor stays on the stack while it is in use.
inline int readMember(lua_State* L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_gettable(L, lua_upvalueindex(1)) == LUA_TUSERDATA) {
    if (Accessor* accessor = accessorAt(L, 3)) {
      const AccessorOperations& operations = *accessor->operations;
      if (operations.read == nullptr) raiseNoAccess(L, "cannot be read");
      const int code = operations.read(L, accessor->content());
      return code >= 0 ? code : raiseProperty(L, code, operations.explainRead, 2);
    }
  } else if (lua_type(L, 3) == LUA_TNIL) {
    lua_pushstring(L, "__index");
    if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) {
      lua_insert(L, 1);
      lua_settop(L, 3);
      lua_call(L, 2, 1);
    }
  }
  return 1;
}

// object, key, value ->
inline int writeMember(lua_State* L) {
  lua_settop(L, 3);
  lua_pushvalue(L, 2);
  if (lua_gettable(L, lua_upvalueindex(1)) == LUA_TUSERDATA) {
    if (Accessor* accessor = accessorAt(L, 4)) {
      const AccessorOperations& operations = *accessor->operations;
      if (operations.write == nullptr) raiseNoAccess(L, "is read-only");
      lua_rotate(L, 2, -1);
      const int code = operations.write(L, accessor->content());
      if (code < 0) raiseProperty(L, code, operations.explainWrite, 4);
      return 0;
    }
  }
  lua_pushstring(L, "__newindex");
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) {
    lua_insert(L, 1);
    lua_settop(L, 4);
    lua_call(L, 3, 0);
    return 0;
  }
  return luaL_error(L, "%s has no property '%s'", lua_tostring(L, lua_upvalueindex(3)), luaL_tolstring(L, 2, nullptr));
}

// class table, key -> value
inline int readClassMember(lua_State* L) {
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  lua_gettable(L, lua_upvalueindex(1));
  if (Accessor* accessor = accessorAt(L, 3)) {
    const AccessorOperations& operations = *accessor->operations;
    if (!operations.isStatic) return 0;
    if (operations.read == nullptr) raiseNoAccess(L, "cannot be read");
    const int code = operations.read(L, accessor->content());
    return code >= 0 ? code : raiseProperty(L, code, operations.explainRead, 2);
  }
  return 1;
}

// class table, key, value -> : scripts may add methods to a class.
inline int writeClassMember(lua_State* L) {
  lua_settop(L, 3);
  lua_pushvalue(L, 2);
  lua_gettable(L, lua_upvalueindex(1));
  if (Accessor* accessor = accessorAt(L, 4)) {
    const AccessorOperations& operations = *accessor->operations;
    if (!operations.isStatic || operations.write == nullptr) raiseNoAccess(L, "is read-only");
    lua_rotate(L, 2, -1);
    const int code = operations.write(L, accessor->content());
    if (code < 0) raiseProperty(L, code, operations.explainWrite, 4);
    return 0;
  }
  lua_settop(L, 3);
  lua_rawset(L, lua_upvalueindex(1));
  return 0;
}

// members, key -> what the first base that has it says. The bases' members are the upvalues.
inline int readFromBases(lua_State* L) {
  lua_settop(L, 2);
  for (int base = 1; !lua_isnone(L, lua_upvalueindex(base)); ++base) {
    lua_pushvalue(L, 2);
    if (lua_gettable(L, lua_upvalueindex(base)) != LUA_TNIL) return 1;
    lua_pop(L, 1);
  }
  return 0;
}

}  // namespace detail

SELVAGE_NAMESPACE_END
