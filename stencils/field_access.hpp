// Opcodes that read and write fields through inline caches (manual 3.2, 2.4): globals, t.name, methods.
//
// One comparison of the receiver's shape proves where the field is: in the receiver, or in a table on its __index
// chain (the cache's holder). Everything else leaves for a slow path, which fills the cache when it can.
#pragma once

#include "stencils/moves.hpp"

namespace selvage::opcodes {

static_assert(offsetof(selvage::Table, shape) == offsetof(selvage::Userdata, shape));

// Reads through the cache at operand C of a receiver with the given shape into slot A; false: not to be had here.
template <class T>
inline bool readCached(Machine& m, const selvage::Shape* shape, selvage::Table* receiver, Value& result) {
  if (shape != T::template cacheShape<C>(m)) [[unlikely]]
    return false;
  selvage::Table* holder = T::template cacheHolder<C>(m);
  if (holder == nullptr) holder = receiver;
  const char* fields = reinterpret_cast<const char*>(holder->fields);
  const auto tag = static_cast<Tag>(*reinterpret_cast<const uint8_t*>(fields + T::template cacheTagOffset<C>(m)));
  if (tag == Tag::Nil || !T::template accepts<A>(tag)) [[unlikely]]
    return false;
  result.bits = *reinterpret_cast<const uint64_t*>(fields + T::template cachePayloadOffset<C>(m));
  result.tag = tag;
  return true;
}

struct GetField {
  static constexpr OpcodeInfo info{"GetField", FlowKind::Next, SlotWrite, SlotRead, Cache, None};
  static constexpr bool hasCarried(StencilVariant v) { return v.b == Place::Slot && v.c == Place::Slot; }
  static constexpr Event event = Event::Index;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if (T::template tag<B>(m) == Tag::Table) [[likely]] {
      auto* table = T::template object<B, selvage::Table>(m);
      Value result;
      if (readCached<T>(m, table->shape, table, result)) [[likely]] {
        T::template set<A>(m, result);
        SELVAGE_GO(m, T::next(m));
      }
    }
    SELVAGE_GO(m, T::miss(m, &selvage_getField));
  }
};

struct GetGlobal {
  static constexpr OpcodeInfo info{"GetGlobal", FlowKind::Next, SlotWrite, OperandKind::Upvalue, Cache, None};
  static constexpr Event event = Event::Index;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Value* environment = T::template upvalue<B>(m)->value;
    if (environment->tag == Tag::Table) [[likely]] {
      selvage::Table* table = environment->table();
      Value result;
      if (readCached<T>(m, table->shape, table, result)) [[likely]] {
        T::template set<A>(m, result);
        SELVAGE_GO(m, T::next(m));
      }
    }
    T::materialize(m);
    SELVAGE_GO(m, &selvage_getGlobal);
  }
};

struct Self {
  static constexpr OpcodeInfo info{"Self", FlowKind::Next, SlotRange, SlotRead, Cache, None};
  static constexpr Event event = Event::Index;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Tag tag = T::template tag<B>(m);
    auto* table = T::template object<B, selvage::Table>(m);
    const selvage::Shape* shape = nullptr;
    if (hasShape(tag)) shape = table->shape;  // a userdata's stands in the same place
    else if (tag == Tag::String) shape = m.vm->stringShape;
    if (shape != nullptr) [[likely]] {
      Value result;
      if (readCached<T>(m, shape, table, result)) [[likely]] {
        *T::template slot<A>(m, 2) = Value::object(table, tag);
        T::template set<A>(m, result);
        SELVAGE_GO(m, T::next(m));
      }
    }
    SELVAGE_GO(m, T::depart(m, &selvage_self));
  }
};

// Writes through the cache at operand C; false: not to be done here. `value` is not nil when a field is added.
template <class T>
inline bool writeCached(Machine& m, selvage::Table* table, Value value) {
  if (table->shape != T::template cacheShape<C>(m)) [[unlikely]]
    return false;
  selvage::Shape* newShape = T::template cacheNewShape<C>(m);
  const int64_t payloadOffset = T::template cachePayloadOffset<C>(m);
  if (newShape != nullptr) {
    // A watched table must tell; so must nil, which is no field.
    if (payloadOffset >= static_cast<int64_t>(table->fieldCapacity) * 8 || (table->flags & tableIsWatched) != 0 ||
        value.tag == Tag::Nil) {
      return false;
    }
    if (table->barrier != 0) return false;
    table->shape = newShape;
  } else if (table->barrier != 0) [[unlikely]] {
    return false;
  }
  char* fields = reinterpret_cast<char*>(table->fields);
  *reinterpret_cast<uint64_t*>(fields + payloadOffset) = value.bits;
  *reinterpret_cast<uint8_t*>(fields + T::template cacheTagOffset<C>(m)) = static_cast<uint8_t>(value.tag);
  return true;
}

template <FixedName name, OperandKind source>
struct SetField {
  static constexpr OpcodeInfo info{name.text, FlowKind::Next, SlotRead, source, Cache, None};
  static constexpr bool hasCarried(StencilVariant v) {
    return v.a == Place::Slot && v.c == Place::Slot &&
           (v.constant == ConstantType::OwnField || v.constant == ConstantType::Any);
  }
  static constexpr Event event = Event::NewIndex;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if (T::template tag<A>(m) == Tag::Table) [[likely]] {
      if (writeCached<T>(m, T::template object<A, selvage::Table>(m), T::template value<B>(m))) [[likely]]
        SELVAGE_GO(m, T::next(m));
    }
    SELVAGE_GO(m, T::miss(m, &selvage_setField));
  }
};

struct SetGlobal {
  static constexpr OpcodeInfo info{"SetGlobal", FlowKind::Next, SlotRead, OperandKind::Upvalue, Cache, None};
  static constexpr Event event = Event::NewIndex;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Value* environment = T::template upvalue<B>(m)->value;
    if (environment->tag == Tag::Table) [[likely]] {
      if (writeCached<T>(m, environment->table(), T::template value<A>(m))) [[likely]]
        SELVAGE_GO(m, T::next(m));
    }
    T::materialize(m);
    SELVAGE_GO(m, &selvage_setGlobal);
  }
};

}  // namespace selvage::opcodes
