// Classes made known to Lua: new_usertype<T>(name, constructors, key, member, key, member...), and the usertype<T> that
// it returns, to which members can be added later.
//
//     state.new_usertype<Vector>("Vector", constructors<Vector(), Vector(double, double)>(),
//                                "x", &Vector::x, "length", &Vector::length,
//                                meta_function::addition, [](const Vector& a, const Vector& b) { return a + b; });
#pragma once

#include "class_members.hpp"

SELVAGE_NAMESPACE_BEGIN

namespace detail {

template <class T, class S>
struct Construction {
  static_assert(alwaysFalse<S>, "selvage: constructors<...> takes signatures such as T(int, double)");
};
template <class T, class R, class... P>
struct Construction<T, R(P...)> {
  static_assert(std::is_same_v<R, T> || std::is_void_v<R>,
                "selvage: a signature in constructors<...> must return the class itself");
  static_assert(
      std::is_constructible_v<T, P...> || requires { T{std::declval<P>()...}; },
      "selvage: constructors<...> names a signature that the class has no constructor for");
  pushed_results operator()(this_state L, P... arguments) const {
    pushObject<T>(L, std::forward<P>(arguments)...);
    return {1};
  }
};

/// A callable as a member of T: pointers to methods of its bases take a T.
template <class T, class F>
auto bindMember(F&& f) {
  using Function = std::decay_t<F>;
  if constexpr (std::is_member_function_pointer_v<Function>) {
    static_assert(std::is_base_of_v<typename ClassOfMember<Function>::type, T>,
                  "selvage: a method of a class must be of that class or of a base");
    return BoundMethod<T, Function>{f};
  } else if constexpr (isOverloadSet<Function>) {
    return std::apply([](auto&&... each) { return overload(bindMember<T>(std::forward<decltype(each)>(each))...); },
                      std::forward<F>(f).functions);
  } else {
    return Function(std::forward<F>(f));
  }
}

template <class T>
inline constexpr bool isBoundMethod = false;
template <class T, class F>
inline constexpr bool isBoundMethod<BoundMethod<T, F>> = true;

template <class T>
inline constexpr bool isConstructors = false;
template <class... S>
inline constexpr bool isConstructors<constructors<S...>> = true;
template <class T>
inline constexpr bool isFactories = false;
template <class... F>
inline constexpr bool isFactories<factories_t<F...>> = true;
template <class T>
inline constexpr bool isConstruction = isConstructors<T> || isFactories<T> || std::is_same_v<T, no_construction>;
template <class T>
inline constexpr bool isProperty = false;
template <class G, class S>
inline constexpr bool isProperty<property_t<G, S>> = true;
template <class T>
inline constexpr bool isReadonly = false;
template <class M, class C>
inline constexpr bool isReadonly<readonly_t<M, C>> = true;
template <class T>
inline constexpr bool isStaticVariable = false;
template <class T>
inline constexpr bool isStaticVariable<var_t<T>> = true;

/// The base classes of T among the arguments of new_usertype.
template <class B>
struct BasesOf {
  static constexpr bool given = false;
};
template <class... B>
struct BasesOf<bases<B...>> {
  static constexpr bool given = true;
};

template <class T, class B>
void* upcast(void* object) {
  return static_cast<B*>(static_cast<T*>(object));
}

/// Pushes a callable whose first argument from Lua, the class itself, is left out.
template <class F>
int callClassEntry(lua_State* L) {
  lua_remove(L, 1);
  return functionEntry<F>(L);
}

// The __eq of classes with operator==. Objects of different classes are different.
template <class T>
int compareObjects(lua_State* L) {
  const T* left = objectAt<const T>(L, 1);
  const T* right = objectAt<const T>(L, 2);
  lua_pushboolean(L, left != nullptr && right != nullptr && static_cast<bool>(*left == *right));
  return 1;
}

/// Sets a metamethod of a class and of the classes derived from it that have not their own: pops it. `record` is the
/// index of the class.
inline void setMetamethod(lua_State* L, int record, const char* name) {
  ensureStack(L, 10);
  record = lua_absindex(L, record);
  const int value = lua_gettop(L);
  lua_getiuservalue(L, record, plainMetatable);
  lua_pushstring(L, name);
  lua_rawget(L, -2);  // the value so far, at value + 2
  lua_getiuservalue(L, record, derivedClasses);
  const auto count = static_cast<lua_Integer>(lua_rawlen(L, -1));
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(L, value + 3, i);
    lua_getiuservalue(L, -1, plainMetatable);
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    const bool inherited = lua_isnil(L, -1) || lua_rawequal(L, -1, value + 2) != 0;
    lua_pop(L, 2);
    if (inherited) {
      lua_pushvalue(L, value);
      setMetamethod(L, -2, name);
    }
    lua_pop(L, 1);
  }
  lua_settop(L, value);
  setMetafield(L, record, name);
}

/// Pushes one of the functions of class_members.hpp with its upvalues.
inline void pushMemberHandler(lua_State* L, int record, lua_CFunction handler) {
  record = lua_absindex(L, record);
  lua_getiuservalue(L, record, classMembers);
  lua_getiuservalue(L, record, classFallbacks);
  lua_getiuservalue(L, record, plainMetatable);
  lua_pushstring(L, "__name");
  lua_rawget(L, -2);
  lua_remove(L, -2);
  lua_pushcclosure(L, handler, 3);
}

/// From now on members of the class and of those derived from it are looked up by a function: there are accessors.
inline void useAccessors(lua_State* L, int record) {
  ensureStack(L, 10);
  record = lua_absindex(L, record);
  lua_getiuservalue(L, record, classFallbacks);
  lua_pushstring(L, "accessors");
  if (lua_rawget(L, -2) == LUA_TNIL) {
    lua_pushstring(L, "accessors");
    lua_pushboolean(L, 1);
    lua_rawset(L, -4);
    pushMemberHandler(L, record, readMember);
    setMetafield(L, record, "__index");
    lua_getiuservalue(L, record, classTable);
    lua_getmetatable(L, -1);
    lua_pushstring(L, "__index");
    pushMemberHandler(L, record, readClassMember);
    lua_rawset(L, -3);
    lua_pop(L, 2);
    lua_getiuservalue(L, record, derivedClasses);
    const auto count = static_cast<lua_Integer>(lua_rawlen(L, -1));
    for (lua_Integer i = 1; i <= count; ++i) {
      lua_rawgeti(L, -1, i);
      useAccessors(L, -1);
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
}

/// The entries of T's base B and of all bases of B.
template <class T, class B>
void collectBase(lua_State* L, std::vector<BaseEntry>& entries) {
  static_assert(std::is_base_of_v<B, T> && !std::is_same_v<B, T>, "selvage: bases<...> names a class that is no base");
  static_assert(std::is_convertible_v<T*, B*>, "selvage: bases<...> names a base that is private or ambiguous");
  ensureStack(L, 3);
  const ClassRecord* record = pushClass(L, &typeTag<B>);
  lua_pop(L, 1);
  if (record == nullptr) {
    const std::string text = "the base class " + std::string(typeName<B>()) + " of " + std::string(typeName<T>()) +
                             " must be registered before it";
    fail(L, text.c_str());
  }
  const auto offset = static_cast<std::int32_t>(entries.size());
  entries.push_back(BaseEntry{&typeTag<B>, upcast<T, B>, -1});
  for (std::int32_t i = 0; i < record->baseCount; ++i) {
    BaseEntry entry = record->bases()[i];
    entry.from = entry.from < 0 ? offset : offset + 1 + entry.from;
    entries.push_back(entry);
  }
}

/// Makes a class and its table; leaves the record on the stack.
template <class T, class... B>
void createClass(lua_State* L, const char* name) {
  ensureStack(L, 16);
  std::vector<BaseEntry> entries;
  (collectBase<T, B>(L, entries), ...);
  // Objects of a class that is registered again still refer to its old record.
  pushClass(L, &typeTag<T>);
  const int previous = lua_gettop(L);
  makeClass(L, &typeTag<T>, name, entries);
  const int record = lua_gettop(L);
  lua_getiuservalue(L, record, classFallbacks);
  lua_pushvalue(L, previous);
  lua_setfield(L, -2, "previous");
  lua_pop(L, 1);

  pushMemberHandler(L, record, writeMember);
  setMetafield(L, record, "__newindex");
  if constexpr (requires(const T& a, const T& b) {
                  { a == b } -> std::convertible_to<bool>;
                }) {
    lua_pushcfunction(L, compareObjects<T>);
    setMetafield(L, record, "__eq");
  }

  // The class as scripts see it: empty, it reads through to the members.
  lua_createtable(L, 0, 0);
  lua_createtable(L, 0, 4);
  lua_getiuservalue(L, record, classMembers);
  lua_setfield(L, -2, "__index");
  pushMemberHandler(L, record, writeClassMember);
  lua_setfield(L, -2, "__newindex");
  lua_pushfstring(L, "class %s", name);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "__name");
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, -2);
  lua_setiuservalue(L, record, classTable);

  if constexpr (sizeof...(B) > 0) {
    // Members are inherited through a chain of tables, in the order of the bases.
    lua_getiuservalue(L, record, classMembers);
    lua_createtable(L, 0, 1);
    bool accessors = false;
    auto inherit = [&](const TypeTag* base) {
      pushClass(L, base);
      const int baseRecord = lua_gettop(L);
      lua_getiuservalue(L, baseRecord, derivedClasses);
      lua_pushvalue(L, record);
      lua_rawseti(L, -2, static_cast<lua_Integer>(lua_rawlen(L, -2)) + 1);
      lua_pop(L, 1);
      lua_getiuservalue(L, baseRecord, classFallbacks);
      lua_pushstring(L, "accessors");
      accessors |= lua_rawget(L, -2) != LUA_TNIL;
      lua_pop(L, 2);
      // Metamethods, but not those that every class has of its own.
      lua_getiuservalue(L, baseRecord, plainMetatable);
      lua_getiuservalue(L, record, plainMetatable);
      lua_pushnil(L);
      while (lua_next(L, baseRecord + 1) != 0) {
        lua_pushvalue(L, -2);
        if (lua_rawget(L, baseRecord + 2) == LUA_TNIL) {
          lua_pop(L, 1);
          setMetafield(L, record, lua_tostring(L, -2));
        } else {
          lua_pop(L, 2);
        }
      }
      lua_settop(L, baseRecord);
      lua_getiuservalue(L, baseRecord, classMembers);
      lua_remove(L, baseRecord);
    };
    (inherit(&typeTag<B>), ...);
    if constexpr (sizeof...(B) > 1) lua_pushcclosure(L, readFromBases, static_cast<int>(sizeof...(B)));
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    if (accessors) useAccessors(L, record);
  }
  lua_remove(L, previous);
}

}  // namespace detail

/// A class that Lua knows. Members are added as to a table: type["name"] = member.
template <class T>
class usertype {
 public:
  usertype() = default;

  /// Adds a member: a method, data member, property, function, constructor, constant or variable. The key is a name,
  /// a meta_function, or call_constructor.
  template <class Key, class Member>
  const usertype& set(const Key& key, Member&& member) const {
    using Value = std::decay_t<Member>;
    lua_State* L = record_.lua_state();
    if (L == nullptr) fail(nullptr, "a usertype that refers to no class was used");
    ensureStack(L, 16);
    const StackGuard guard(L);
    record_.push(L);
    if constexpr (std::is_same_v<std::remove_cvref_t<Key>, call_construction>) {
      lua_getiuservalue(L, -1, classTable);
      lua_getmetatable(L, -1);
      pushCallConstructor(L, std::forward<Member>(member));
      lua_setfield(L, -2, "__call");
    } else if constexpr (std::is_same_v<std::remove_cvref_t<Key>, meta_function>) {
      setMeta(L, guard.top() + 1, detail::metamethodName(key), std::forward<Member>(member));
    } else {
      static_assert(std::is_convertible_v<const Key&, std::string>,
                    "selvage: the key of a class's member is a name, a meta_function, or call_constructor");
      const std::string name(key);
      lua_getiuservalue(L, -1, classMembers);
      detail::pushText(L, name);
      if (pushMember(L, std::forward<Member>(member))) detail::useAccessors(L, guard.top() + 1);
      lua_rawset(L, -3);
    }
    static_assert(!std::is_same_v<Value, base_classes_tag>);
    return *this;
  }

  /// A member to be assigned to.
  template <class Key>
  auto operator[](Key&& key) const {
    return Place<std::decay_t<Key>>{*this, std::forward<Key>(key)};
  }

  /// The table that scripts know the class by.
  table class_table() const {
    lua_State* L = record_.lua_state();
    ensureStack(L, 4);
    const StackGuard guard(L);
    record_.push(L);
    lua_getiuservalue(L, -1, classTable);
    return table(L, -1);
  }

 private:
  template <class Self>
  friend class detail::FieldOperations;

  explicit usertype(object record) : record_(std::move(record)) {}

  template <class Key>
  struct Place {
    const usertype& type;
    Key key;
    template <class Member>
    void operator=(Member&& member) const {
      type.set(key, std::forward<Member>(member));
    }
  };

  // The function that makes objects of what describes it.
  template <class Member>
  static auto maker(Member&& member) {
    using Value = std::decay_t<Member>;
    if constexpr (detail::isFactories<Value>) {
      return std::forward<Member>(member).functions;
    } else if constexpr (detail::isConstructors<Value>) {
      return makerOf(member);
    } else {
      return detail::bindMember<T>(std::forward<Member>(member));
    }
  }
  template <class... S>
  static auto makerOf(const constructors<S...>&) {
    static_assert(sizeof...(S) > 0,
                  "selvage: constructors<> needs signatures; no_constructor says that there are none");
    return overload(detail::Construction<T, S>{}...);
  }

  template <class Member>
  static void pushCallConstructor(lua_State* L, Member&& member) {
    auto function = maker(std::forward<Member>(member));
    using Function = decltype(function);
    if constexpr (detail::isStateless<Function>) {
      lua_pushcclosure(L, detail::callClassEntry<Function>, 0);
    } else {
      detail::pushBlock<Function>(L, std::move(function));
      lua_pushcclosure(L, detail::callClassEntry<Function>, 1);
    }
  }

  /// Pushes a member as the table of members has it. Returns whether it is an accessor.
  template <class Member>
  static bool pushMember(lua_State* L, Member&& member) {
    using Value = std::decay_t<Member>;
    if constexpr (std::is_same_v<Value, no_construction>) {
      lua_pushnil(L);
    } else if constexpr (detail::isConstruction<Value> || detail::FunctionLike<Value>) {
      auto function = maker(std::forward<Member>(member));
      detail::pushFunction<decltype(function)>(L, std::move(function));
    } else if constexpr (std::is_member_object_pointer_v<Value>) {
      detail::pushAccessor(L, &detail::variableOperations<T, Value, true>, Value(member));
      return true;
    } else if constexpr (detail::isReadonly<Value>) {
      detail::pushAccessor(L, &detail::variableOperations<T, decltype(member.member), false>, member.member);
      return true;
    } else if constexpr (detail::isProperty<Value>) {
      auto getter = accessorFunction<true>(std::forward<Member>(member).getter);
      auto setter = accessorFunction<false>(std::forward<Member>(member).setter);
      using Getter = decltype(getter);
      using Setter = decltype(setter);
      detail::pushAccessor(L, &detail::propertyOperations<Getter, Setter>,
                           property_t<Getter, Setter>{std::move(getter), std::move(setter)});
      return true;
    } else if constexpr (detail::isStaticVariable<Value>) {
      using Content = decltype(member.value);
      detail::pushAccessor(L, &detail::staticOperations<std::remove_cvref_t<Content>>,
                           std::forward<Member>(member).value);
      return true;
    } else {
      push(L, std::forward<Member>(member));
    }
    return false;
  }

  // A getter or setter that is a data member is a function of the object, too.
  template <bool Reads, class F>
  static auto accessorFunction(F&& f) {
    using Function = std::decay_t<F>;
    if constexpr (std::is_member_object_pointer_v<Function>) {
      using M = typename detail::ClassOfMember<Function>::Member;
      if constexpr (Reads) {
        return [f](const T& object) -> const M& { return object.*f; };
      } else {
        return [f](T& object, const M& value) { object.*f = value; };
      }
    } else if constexpr (std::is_same_v<Function, nil_t>) {
      return nil;
    } else {
      return detail::bindMember<T>(std::forward<F>(f));
    }
  }

  template <class Member>
  static void setMeta(lua_State* L, int record, const char* name, Member&& member) {
    const std::string_view text(name);
    if (text == "__index" || text == "__newindex") {
      // A fallback for members that do not exist.
      detail::useAccessors(L, record);
      lua_getiuservalue(L, record, classFallbacks);
      lua_pushstring(L, name);
      pushMember(L, std::forward<Member>(member));
      lua_rawset(L, -3);
      lua_pop(L, 1);
      return;
    }
    pushMember(L, std::forward<Member>(member));
    detail::setMetamethod(L, record, name);
  }

  object record_;
};

namespace detail {

template <class T>
void setMembers(const usertype<T>&) {}

/// Sets the members that follow each other as key, member, key, member... What makes objects may stand without a key.
template <class T, class First, class... Rest>
void setMembers(const usertype<T>& type, First&& first, Rest&&... rest) {
  if constexpr (isConstruction<std::decay_t<First>>) {
    type.set("new", std::forward<First>(first));
    setMembers<T>(type, std::forward<Rest>(rest)...);
  } else {
    static_assert(sizeof...(Rest) > 0,
                  "selvage: new_usertype() takes pairs of a key and a member; the last key has none");
    if constexpr (sizeof...(Rest) > 0) {
      [&]<class Member, class... More>(Member&& member, More&&... more) {
        if constexpr (!std::is_same_v<std::decay_t<First>, base_classes_tag>) {
          type.set(std::forward<First>(first), std::forward<Member>(member));
        }
        setMembers<T>(type, std::forward<More>(more)...);
      }(std::forward<Rest>(rest)...);
    }
  }
}

/// createClass<T, B...> with the bases<B...> among the types.
template <class T>
void createClassWith(lua_State* L, const char* name) {
  createClass<T>(L, name);
}
template <class T, class First, class... Rest>
void createClassWith(lua_State* L, const char* name) {
  if constexpr (BasesOf<First>::given) {
    [&]<class... B>(bases<B...>) { createClass<T, B...>(L, name); }(First());
  } else {
    createClassWith<T, Rest...>(L, name);
  }
}

template <class Self>
template <class T, class... Members>
usertype<T> FieldOperations<Self>::new_usertype(const char* name, Members&&... members) const {
  static_assert(ObjectClass<T>, "selvage: new_usertype<T>() needs a class; this type is converted by value");
  lua_State* L = self().fields().lua_state();
  ensureStack(L, 4);
  const StackGuard guard(L);
  createClassWith<T, std::decay_t<Members>...>(L, name);
  const usertype<T> type{object(L, -1)};
  if constexpr (std::is_default_constructible_v<T> && !(isConstruction<std::decay_t<Members>> || ...)) {
    type.set("new", constructors<T()>());
  }
  setMembers<T>(type, std::forward<Members>(members)...);
  set(name, type.class_table());
  return type;
}

}  // namespace detail

SELVAGE_NAMESPACE_END
