// Opcodes that index tables with computed keys, and table constructors (manual 3.2, 3.4.9).
//
// Integer keys within the array part are done here, appending at its end included; the rest leaves.
#pragma once

#include "stencils/moves.hpp"

namespace selvage::opcodes {

// For those whose result has no place.
struct AcceptsAll {
  template <Operand>
  static bool accepts(Tag) {
    return true;
  }
};
// Element `index` (0-based) of the array part, for the result A. False: not there, nil (then __index may have a say),
// or of a type that the result's place does not accept.
template <class T = AcceptsAll>
inline bool readElement(const selvage::Table* table, uint64_t index, Value& result) {
  if (index >= table->arrayCount) return false;
  uint64_t* array = table->array;
  const Tag tag = SplitStorage::tag(array, static_cast<int64_t>(index));
  if (tag == Tag::Nil || !T::template accepts<A>(tag)) [[unlikely]]
    return false;
  result.bits = array[index];
  result.tag = tag;
  return true;
}

// Overwrites an element, or appends one where nothing else can notice.
inline bool writeElement(selvage::Table* table, uint64_t index, Value value) {
  if (table->barrier != 0 || value.tag == Tag::Nil) [[unlikely]]
    return false;
  const uint64_t count = table->arrayCount;
  if (index < count) [[likely]] {
    if (SplitStorage::tag(table->array, static_cast<int64_t>(index)) == Tag::Nil && table->shape->metatable != nullptr)
        [[unlikely]] {
      return false;
    }
  } else {
    if (index != count || index >= table->arrayCapacity || table->hash != nullptr || table->shape->metatable != nullptr)
      return false;
    table->arrayCount = static_cast<uint32_t>(index + 1);
  }
  SplitStorage::set(table->array, static_cast<int64_t>(index), value);
  return true;
}

struct GetIndex {
  static constexpr OpcodeInfo info{"GetIndex", FlowKind::Next, SlotWrite, SlotRead, SlotRead, None};
  static constexpr bool hasCarried(StencilVariant v) { return v.b == Place::Slot && isSlotOrInteger(v.c); }
  static constexpr Event event = Event::Index;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if (T::areTags(T::template tag<B>(m), T::template tag<C>(m), Tag::Table, Tag::Integer)) [[likely]] {
      Value result;
      if (readElement<T>(T::template object<B, selvage::Table>(m), static_cast<uint64_t>(T::template integer<C>(m)) - 1,
                         result)) {
        T::template set<A>(m, result);
        SELVAGE_GO(m, T::next(m));
      }
    }
    SELVAGE_GO(m, T::miss(m, &selvage_getIndex));
  }
};

struct GetIndexInteger {
  static constexpr OpcodeInfo info{"GetIndexInteger", FlowKind::Next, SlotWrite, SlotRead, Immediate, None};
  static constexpr bool hasCarried(StencilVariant v) { return v.b == Place::Slot && v.c == Place::Slot; }
  static constexpr Event event = Event::Index;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if (T::template tag<B>(m) == Tag::Table) [[likely]] {
      Value result;
      if (readElement<T>(T::template object<B, selvage::Table>(m),
                         static_cast<uint64_t>(T::template immediate<C>(m)) - 1, result)) {
        T::template set<A>(m, result);
        SELVAGE_GO(m, T::next(m));
      }
    }
    SELVAGE_GO(m, T::miss(m, &selvage_getIndex));
  }
};

template <FixedName name, OperandKind source>
struct SetIndex {
  static constexpr OpcodeInfo info{name.text, FlowKind::Next, SlotRead, SlotRead, source, None};
  static constexpr bool hasCarried(StencilVariant v) {
    return v.a == Place::Slot && isSlotOrInteger(v.b) && v.constant == ConstantType::Any;
  }
  static constexpr Event event = Event::NewIndex;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if (T::areTags(T::template tag<A>(m), T::template tag<B>(m), Tag::Table, Tag::Integer)) [[likely]] {
      if (writeElement(T::template object<A, selvage::Table>(m), static_cast<uint64_t>(T::template integer<B>(m)) - 1,
                       T::template value<C>(m)))
        SELVAGE_GO(m, T::next(m));
    }
    forgetScratch(m);
    SELVAGE_GO(m, T::depart(m, &selvage_setIndex));
  }
};

struct SetIndexInteger {
  static constexpr OpcodeInfo info{"SetIndexInteger", FlowKind::Next, SlotRead, Immediate, SlotRead, None};
  static constexpr bool hasCarried(StencilVariant v) { return v.a == Place::Slot && v.b == Place::Slot; }
  static constexpr Event event = Event::NewIndex;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if (T::template tag<A>(m) == Tag::Table) [[likely]] {
      if (writeElement(T::template object<A, selvage::Table>(m), static_cast<uint64_t>(T::template immediate<B>(m)) - 1,
                       T::template value<C>(m)))
        SELVAGE_GO(m, T::next(m));
    }
    forgetScratch(m);
    SELVAGE_GO(m, T::depart(m, &selvage_setIndex));
  }
};

// A table as its constructor's template says, in one piece with its named fields when these are few.
struct NewTable {
  static constexpr OpcodeInfo info{"NewTable", FlowKind::Next, SlotWrite, OperandKind::Template, None, None};
  static constexpr uint32_t maxInlineFields = 8;  // their tags are one 8-byte word

  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const TableTemplate* shapes = T::template tableTemplate<B>(m);
    selvage::Shape* shape = shapes->shape;
    const uint32_t fields = shapes->fieldCapacity;
    if (shape != nullptr && shapes->arrayCapacity == 0 && fields <= maxInlineFields) [[likely]] {
      Object* object = m.vm->heap.allocateFast(tableBytes(fields));
      if (object != nullptr) [[likely]] {
        auto* table = static_cast<selvage::Table*>(object);
        Heap::setHeader(table, ObjectKind::Table);
        table->shape = shape;
        uint64_t* const tags = reinterpret_cast<uint64_t*>(table + 1);
        table->fields = fields != 0 ? tags + 1 : nullptr;
        table->array = nullptr;
        table->arrayCount = 0;
        table->arrayCapacity = 0;
        table->hash = nullptr;
        table->fieldCapacity = fields;
        *tags = 0;
        T::template set<A>(m, reinterpret_cast<uint64_t>(table), Tag::Table);
        SELVAGE_GO(m, T::next(m));
      }
    }
    SELVAGE_GO(m, T::depart(m, &selvage_newTable));
  }
};

template <FixedName name>
struct SetList {
  static constexpr OpcodeInfo info{name.text, FlowKind::Next, SlotRead, SlotRange, Immediate, ImmediateExtension};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::materialize(m);
    SELVAGE_GO(m, &selvage_setList);
  }
};

}  // namespace selvage::opcodes
