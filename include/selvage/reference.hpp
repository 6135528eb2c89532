// References: C++ values that keep a Lua value alive, and what they know about the state that it belongs to.
//
// A reference is a slot of the registry (luaL_ref). It may outlive its state: a record that both share says whether the
// state is still open, so that a late destructor does nothing and a late use is an error.
#pragma once

#include <new>
#include <utility>

#include "configuration.hpp"

SELVAGE_NAMESPACE_BEGIN

/// What all references into one state share. Freed when the state is closed and the last reference is gone.
struct StateRecord {
  lua_State* main = nullptr;  ///< null once the state is closed
  const void* registry = nullptr;
  std::size_t holders = 0;  ///< references, and the state itself while it is open
};

inline void releaseRecord(StateRecord* record) {
  if (--record->holders == 0) delete record;
}

// Its address is the key under which a state's registry holds the record. Never written.
inline char stateRecordKey;

/// The record if there is one.
inline StateRecord* findStateRecord(lua_State* L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &stateRecordKey);
  auto** anchor = static_cast<StateRecord**>(lua_touserdata(L, -1));
  lua_pop(L, 1);
  return anchor == nullptr ? nullptr : *anchor;
}

// The finalizer of the userdata through which a state holds its record: the state is being closed.
inline int closeStateRecord(lua_State* L) {
  auto** anchor = static_cast<StateRecord**>(lua_touserdata(L, 1));
  if (anchor != nullptr && *anchor != nullptr) {
    StateRecord* record = *anchor;
    *anchor = nullptr;
    record->main = nullptr;
    releaseRecord(record);
  }
  return 0;
}

/// The record of a state, made at the first call. Fails if the state is being closed.
inline StateRecord* stateRecord(lua_State* L) {
  ensureStack(L, 4);
  if (StateRecord* record = findStateRecord(L)) return record;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &stateRecordKey) == LUA_TUSERDATA) fail(L, "the Lua state is being closed");
  lua_pop(L, 1);
  auto** anchor = static_cast<StateRecord**>(lua_newuserdatauv(L, sizeof(StateRecord*), 0));
  *anchor = nullptr;
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, closeStateRecord);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &stateRecordKey);
  auto* record = new (std::nothrow) StateRecord;
  if (record == nullptr) fail(L, "not enough memory");
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  record->main = lua_tothread(L, -1);
  lua_pop(L, 1);
  record->registry = lua_topointer(L, LUA_REGISTRYINDEX);
  record->holders = 1;
  *anchor = record;
  return record;
}

/// Lua's types, as lua_type numbers them.
enum class type : int {
  none = LUA_TNONE,
  lua_nil = LUA_TNIL,
  nil = LUA_TNIL,
  boolean = LUA_TBOOLEAN,
  lightuserdata = LUA_TLIGHTUSERDATA,
  number = LUA_TNUMBER,
  string = LUA_TSTRING,
  table = LUA_TTABLE,
  function = LUA_TFUNCTION,
  userdata = LUA_TUSERDATA,
  thread = LUA_TTHREAD,
};

inline constexpr const char* closedState = "the Lua state of this reference is closed";

/// Keeps one Lua value of any type alive; the base of all that refer to Lua values. A default-constructed one, and one
/// that was moved from, is nil and belongs to no state.
class reference {
 public:
  reference() = default;

  /// Refers to the value at `index` of L's stack, which stays there.
  reference(lua_State* L, int index) : record_(nullptr) {
    StateRecord* record = stateRecord(L);
    lua_pushvalue(L, index);
    key_ = luaL_ref(L, LUA_REGISTRYINDEX);
    record_ = record;
    ++record_->holders;
  }

  reference(const reference& other) {
    if (other.record_ == nullptr) return;
    if (lua_State* L = other.record_->main) {
      ensureStack(L, 3);
      other.push(L);
      key_ = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    record_ = other.record_;
    ++record_->holders;
  }

  reference(reference&& other) noexcept
      : record_(std::exchange(other.record_, nullptr)), key_(std::exchange(other.key_, LUA_NOREF)) {}

  // By value: assignment to itself is no special case.
  reference& operator=(reference other) noexcept {
    swap(other);
    return *this;
  }

  ~reference() { reset(); }

  void swap(reference& other) noexcept {
    std::swap(record_, other.record_);
    std::swap(key_, other.key_);
  }

  /// Lets go of the value.
  void reset() noexcept {
    StateRecord* record = std::exchange(record_, nullptr);
    if (record == nullptr) return;
    if (record->main != nullptr && lua_checkstack(record->main, 3) != 0) {
      luaL_unref(record->main, LUA_REGISTRYINDEX, key_);
    }
    key_ = LUA_NOREF;
    releaseRecord(record);
  }

  /// Whether the state that this belongs to has been closed.
  bool isOrphaned() const noexcept { return record_ != nullptr && record_->main == nullptr; }

  /// The main thread of the state. Fails if the state is closed; null for an empty reference.
  lua_State* lua_state() const {
    if (record_ == nullptr) return nullptr;
    if (record_->main == nullptr) fail(nullptr, closedState);
    return record_->main;
  }

  /// Pushes the value onto the stack of a thread of the same state; nil if empty.
  void push(lua_State* L) const {
    if (record_ == nullptr) {
      lua_pushnil(L);
      return;
    }
    if (L != record_->main) {
      if (record_->main == nullptr) fail(L, closedState);
      if (lua_topointer(L, LUA_REGISTRYINDEX) != record_->registry) {
        fail(L, "a reference to a value of one Lua state was used in another");
      }
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, key_);
  }
  void push() const {
    if (lua_State* L = lua_state()) push(L);
  }

  /// Whether the state is open and the value is not nil.
  bool valid() const noexcept { return record_ != nullptr && record_->main != nullptr && key_ != LUA_REFNIL; }
  explicit operator bool() const noexcept { return valid(); }

  type get_type() const {
    if (!valid()) return type::nil;
    lua_State* L = pushed();
    const auto result = static_cast<type>(lua_type(L, -1));
    lua_pop(L, 1);
    return result;
  }

  /// What identifies the object (lua_topointer); null for numbers, booleans and nil.
  const void* pointer() const {
    if (!valid()) return nullptr;
    lua_State* L = pushed();
    const void* result = lua_topointer(L, -1);
    lua_pop(L, 1);
    return result;
  }

  /// Whether both are the same value, without metamethods.
  friend bool operator==(const reference& left, const reference& right) {
    if (!left.valid() || !right.valid()) return left.valid() == right.valid();
    if (left.record_ != right.record_) return false;
    lua_State* L = left.pushed();
    right.push(L);
    const bool result = lua_rawequal(L, -1, -2) != 0;
    lua_pop(L, 2);
    return result;
  }

 protected:
  /// Pushes the value onto the main thread's stack, which is returned.
  lua_State* pushed() const {
    lua_State* L = lua_state();
    if (L == nullptr) fail(nullptr, "a reference that refers to nothing was used");
    ensureStack(L, 4);
    push(L);
    return L;
  }

  /// Makes this refer to the value at `index` instead, reusing the slot of the registry. L is a thread of the same
  /// state.
  void assign(lua_State* L, int index) {
    if (record_ == nullptr || key_ == LUA_REFNIL || lua_type(L, index) <= LUA_TNIL) {
      reference(L, index).swap(*this);
      return;
    }
    lua_pushvalue(L, index);
    lua_rawseti(L, LUA_REGISTRYINDEX, key_);
  }

 private:
  StateRecord* record_ = nullptr;
  int key_ = LUA_NOREF;
};

SELVAGE_NAMESPACE_END
