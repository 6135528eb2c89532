// Objects of C++ classes as userdata: how they are laid out, recognised, owned and destroyed.
//
// The block of a userdata begins with an Instance, which says of which class the object is, where it is and who owns
// it. What is passed to C++ may be any userdata of any library, so an instance proves itself by a seal: a number in its
// first word that depends on its address and on a secret of the process. That takes two cheap calls of the C API to
// check and no lookup, and unlike a comparison of metatables it cannot be forged with debug.setmetatable.
//
// A class is a ClassRecord, itself a userdata (so it lives as long as anything that may still look at it while the
// state is being closed), which the registry holds under the address of the type's tag. Its user values are the
// metatables and the table of members.
#pragma once

#include <chrono>
#include <memory>

#include "containers.hpp"

SELVAGE_NAMESPACE_BEGIN

/// How an instance holds its object. One constant for each way and class.
struct Holder {
  /// Ends the holding: runs the destructor or gives up the share. Null if there is nothing to do.
  void (*destroy)(struct Instance&) = nullptr;
  /// The object's std::shared_ptr if that is what holds it.
  std::shared_ptr<void> (*share)(struct Instance&) = nullptr;
  /// The std::unique_ptr that holds it, as a type to be compared and its address.
  const TypeTag* uniqueType = nullptr;
  void* (*unique)(struct Instance&) = nullptr;
  bool readOnly = false;  ///< a const object
};

struct ClassRecord;

/// The head of each userdata that is an object of a C++ class.
struct Instance {
  std::uintptr_t seal;
  const ClassRecord* record;
  void* object;  ///< null before construction, after destruction, and when ownership has been taken away
  const Holder* holder;
  const Instance* owner;  ///< that of which the object is a part, kept alive by the userdata's user value
  std::uint64_t pins;     ///< calls that are using the object, if it could be taken away meanwhile

  /// Whether the object is there, and whatever it is a part of.
  bool isAlive() const {
    if (object == nullptr) return false;
    for (const Instance* whole = owner; whole != nullptr; whole = whole->owner) {
      if (whole->object == nullptr) return false;
    }
    return true;
  }
};

/// A base class of a class, direct or indirect.
struct BaseEntry {
  const TypeTag* type;
  void* (*cast)(void*);  ///< from the class that `from` says
  std::int32_t from;     ///< another entry, or -1 for the class itself
};

struct ClassRecord {
  std::uintptr_t seal;
  const TypeTag* type;
  std::int32_t baseCount;
  const BaseEntry* bases() const { return reinterpret_cast<const BaseEntry*>(this + 1); }
  BaseEntry* bases() { return reinterpret_cast<BaseEntry*>(this + 1); }
};

/// The user values of a ClassRecord.
enum ClassValue : int {
  plainMetatable = 1,       ///< of instances that need no destructor
  finalizingMetatable = 2,  ///< of the others
  classMembers = 3,         ///< name to function, constant or accessor; inherits the members of bases
  classTable = 4,           ///< what scripts see under the class's name
  derivedClasses = 5,       ///< a list of the records of classes derived directly from this
  classFallbacks = 6,       ///< handlers for unknown members, by the name of the metamethod
  classValueCount = 6,
};

namespace detail {

inline std::uintptr_t makeSecret() {
  // Addresses (randomised by the system) and the time, mixed (the finalizer of SplitMix64).
  static const int here = 0;
  std::uint64_t mixed =
      reinterpret_cast<std::uintptr_t>(&here) ^
      static_cast<std::uint64_t>(std::chrono::high_resolution_clock::now().time_since_epoch().count());
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return static_cast<std::uintptr_t>(mixed ^ (mixed >> 31)) | 1;
}
inline const std::uintptr_t secret = makeSecret();

/// What a block of a kind must have as its first word. Kinds differ in small odd numbers.
inline std::uintptr_t sealOf(const void* block, std::uintptr_t kind) {
  return reinterpret_cast<std::uintptr_t>(block) ^ (secret * kind);
}
inline constexpr std::uintptr_t instanceKind = 1;
inline constexpr std::uintptr_t accessorKind = 3;
inline constexpr std::uintptr_t classKind = 5;

/// The sealed block at `index`, or null if there is none of that kind.
template <class Block>
Block* sealedBlock(lua_State* L, int index, std::uintptr_t kind) {
  void* block = lua_touserdata(L, index);
  if (block == nullptr || lua_rawlen(L, index) < sizeof(Block)) return nullptr;
  auto* sealed = static_cast<Block*>(block);
  return sealed->seal == sealOf(block, kind) ? sealed : nullptr;
}

/// The room for an object behind a header, whose block is aligned for a double only.
template <class T, class Header>
inline constexpr std::size_t blockSize = sizeof(Header) + sizeof(T) + (alignof(T) > 8 ? alignof(T) : 0);

template <class T, class Header>
void* payload(Header* header) {
  auto address = reinterpret_cast<std::uintptr_t>(header + 1);
  if constexpr (alignof(T) > 8) address = (address + alignof(T) - 1) & ~(std::uintptr_t{alignof(T)} - 1);
  return reinterpret_cast<void*>(address);
}
static_assert(sizeof(Instance) % 8 == 0 && sizeof(ClassRecord) % 8 == 0);

/// The object seen as its base class `type`, or null if that is none of its classes.
inline void* castToBase(const ClassRecord* record, void* object, const TypeTag* type) {
  const BaseEntry* bases = record->bases();
  for (std::int32_t i = 0; i < record->baseCount; ++i) {
    if (bases[i].type != type) continue;
    // From the class itself down the entries that lead here; a chain is as short as an inheritance is deep.
    std::int32_t path[32];
    int length = 0;
    for (std::int32_t step = i; step >= 0 && length < 32; step = bases[step].from) path[length++] = step;
    while (length > 0) object = bases[path[--length]].cast(object);
    return object;
  }
  return nullptr;
}

}  // namespace detail

/// The instance at `index`, of whatever class, or null.
inline Instance* instanceAt(lua_State* L, int index) {
  return detail::sealedBlock<Instance>(L, index, detail::instanceKind);
}

/// The object of class T (or derived from it) at `index`, or null.
template <class T>
T* objectAt(lua_State* L, int index) {
  Instance* instance = instanceAt(L, index);
  if (instance == nullptr || !instance->isAlive()) return nullptr;
  if constexpr (!std::is_const_v<T>) {
    if (instance->holder->readOnly) return nullptr;
  }
  const TypeTag* wanted = &typeTag<std::remove_const_t<T>>;
  if (instance->record->type == wanted) return static_cast<T*>(instance->object);
  return static_cast<T*>(detail::castToBase(instance->record, instance->object, wanted));
}

/// Pushes the record of a class, or nil if it was not registered in this state.
inline ClassRecord* pushClass(lua_State* L, const TypeTag* type) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, type);
  return static_cast<ClassRecord*>(lua_touserdata(L, -1));
}

/// The name under which a class was registered, or else its C++ name.
SELVAGE_COLD inline std::string className(lua_State* L, const TypeTag* type) {
  std::string name(type->name);
  if (lua_checkstack(L, 3) == 0) return name;
  if (pushClass(L, type) != nullptr) {
    lua_getiuservalue(L, -1, plainMetatable);
    lua_pushstring(L, "__name");
    lua_rawget(L, -2);
    if (lua_type(L, -1) == LUA_TSTRING) name = lua_tostring(L, -1);
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
  return name;
}

// The __gc of all instances.
inline int destroyInstance(lua_State* L) {
  Instance* instance = instanceAt(L, 1);
  if (instance == nullptr || instance->object == nullptr) return 0;
  if (instance->holder->destroy != nullptr) instance->holder->destroy(*instance);
  instance->object = nullptr;
  return 0;
}

// The __eq of classes without operator==: the same object, though it may have been pushed twice.
inline int compareIdentity(lua_State* L) {
  const Instance* left = instanceAt(L, 1);
  const Instance* right = instanceAt(L, 2);
  lua_pushboolean(L, left != nullptr && right != nullptr && left->object != nullptr && left->object == right->object);
  return 1;
}

// Sets a field of the metatable(s) of a class: the value on top of the stack, which is popped.
inline void setMetafield(lua_State* L, int record, const char* name) {
  record = lua_absindex(L, record);
  for (const int metatable : {plainMetatable, finalizingMetatable}) {
    lua_getiuservalue(L, record, metatable);
    lua_pushstring(L, name);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/// Makes a class with no members and pushes its record. `bases` are all base classes, the direct and the indirect.
SELVAGE_COLD inline ClassRecord* makeClass(lua_State* L, const TypeTag* type, std::string_view name,
                                           std::span<const BaseEntry> bases) {
  ensureStack(L, 8);
  auto* record = static_cast<ClassRecord*>(
      lua_newuserdatauv(L, sizeof(ClassRecord) + bases.size() * sizeof(BaseEntry), classValueCount));
  record->seal = detail::sealOf(record, detail::classKind);
  record->type = type;
  record->baseCount = static_cast<std::int32_t>(bases.size());
  for (std::size_t i = 0; i < bases.size(); ++i) new (record->bases() + i) BaseEntry(bases[i]);
  const int index = lua_gettop(L);
  for (int value = 1; value <= classValueCount; ++value) {
    lua_createtable(L, 0, 0);
    lua_setiuservalue(L, index, value);
  }
  lua_pushlstring(L, name.data(), name.size());
  setMetafield(L, index, "__name");
  // Scripts cannot get at the metatable, and so not destroy an object that is in use.
  lua_pushlstring(L, name.data(), name.size());
  setMetafield(L, index, "__metatable");
  lua_getiuservalue(L, index, classMembers);
  setMetafield(L, index, "__index");
  lua_pushcfunction(L, compareIdentity);
  setMetafield(L, index, "__eq");
  lua_getiuservalue(L, index, finalizingMetatable);
  lua_pushcfunction(L, destroyInstance);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  lua_pushvalue(L, index);
  lua_rawsetp(L, LUA_REGISTRYINDEX, type);
  return record;
}

/// Pushes a userdata for an object of class T, which the caller puts into it. A class that was not registered becomes
/// one without members.
template <class T>
Instance* pushInstance(lua_State* L, std::size_t size, bool needsDestructor, bool hasOwner = false) {
  ensureStack(L, 5);
  auto* instance = static_cast<Instance*>(lua_newuserdatauv(L, size, hasOwner ? 1 : 0));
  instance->object = nullptr;
  instance->holder = nullptr;
  instance->owner = nullptr;
  instance->pins = 0;
  if (pushClass(L, &typeTag<T>) == nullptr) {
    lua_pop(L, 1);
    makeClass(L, &typeTag<T>, typeName<T>(), {});
  }
  instance->record = static_cast<const ClassRecord*>(lua_touserdata(L, -1));
  instance->seal = detail::sealOf(instance, detail::instanceKind);
  lua_getiuservalue(L, -1, needsDestructor ? finalizingMetatable : plainMetatable);
  lua_setmetatable(L, -3);
  lua_pop(L, 1);
  return instance;
}

namespace detail {

template <class T>
void destroyValue(Instance& instance) {
  std::destroy_at(static_cast<T*>(payload<T>(&instance)));
}

/// The object is part of the userdata.
template <class T>
inline constexpr Holder valueHolder{.destroy = std::is_trivially_destructible_v<T> ? nullptr : destroyValue<T>};
/// The object belongs to someone else.
template <bool ReadOnly>
inline constexpr Holder rawHolder{.readOnly = ReadOnly};

/// A smart pointer is part of the userdata.
template <class T>
std::shared_ptr<void> shareObject(Instance& instance) {
  auto& pointer = *static_cast<std::shared_ptr<T>*>(payload<std::shared_ptr<T>>(&instance));
  return std::const_pointer_cast<std::remove_const_t<T>>(pointer);
}
template <class T>
inline constexpr Holder sharedHolder{
    .destroy = destroyValue<std::shared_ptr<T>>, .share = shareObject<T>, .readOnly = std::is_const_v<T>};
template <class Pointer>
inline constexpr Holder uniqueHolder{.destroy = destroyValue<Pointer>,
                                     .uniqueType = &typeTag<Pointer>,
                                     .unique = [](Instance& instance) { return payload<Pointer>(&instance); },
                                     .readOnly = std::is_const_v<typename Pointer::element_type>};

}  // namespace detail

/// Pushes an object of class T made of the arguments: Lua owns it.
template <class T, class... Arguments>
T* pushObject(lua_State* L, Arguments&&... arguments) {
  Instance* instance = pushInstance<T>(L, detail::blockSize<T, Instance>, !std::is_trivially_destructible_v<T>);
  T* object = nullptr;
  if constexpr (std::is_constructible_v<T, Arguments...>) {
    object = new (detail::payload<T>(instance)) T(std::forward<Arguments>(arguments)...);
  } else {
    object = new (detail::payload<T>(instance)) T{std::forward<Arguments>(arguments)...};
  }
  instance->object = object;
  instance->holder = &detail::valueHolder<T>;
  return object;
}

/// Pushes a pointer to an object that C++ owns and keeps alive for as long as Lua may use it; nil for null.
/// `owner` is the index of a value that is kept alive by the pushed one, or 0.
template <class T>
void pushPointer(lua_State* L, T* object, int owner = 0) {
  if (object == nullptr) {
    lua_pushnil(L);
    return;
  }
  using Class = std::remove_const_t<T>;
  Instance* instance = pushInstance<Class>(L, sizeof(Instance), false, owner != 0);
  instance->object = const_cast<Class*>(object);
  instance->holder = &detail::rawHolder<std::is_const_v<T>>;
  if (owner != 0) {
    instance->owner = instanceAt(L, owner);
    lua_pushvalue(L, owner);
    lua_setiuservalue(L, -2, 1);
  }
}

/// Pushes an object that is held by a smart pointer, of which the userdata keeps its copy; nil for null.
template <class Pointer>
void pushHeld(lua_State* L, Pointer&& pointer, const Holder* holder) {
  using Held = std::remove_cvref_t<Pointer>;
  using Class = std::remove_const_t<typename Held::element_type>;
  if (pointer == nullptr) {
    lua_pushnil(L);
    return;
  }
  Instance* instance = pushInstance<Class>(L, detail::blockSize<Held, Instance>, true);
  auto* object = const_cast<Class*>(pointer.get());
  new (detail::payload<Held>(instance)) Held(std::forward<Pointer>(pointer));
  instance->holder = holder;
  instance->object = object;
}

SELVAGE_NAMESPACE_END
