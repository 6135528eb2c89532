// Opcodes that move values: between slots, from constants, from and to upvalues.
#pragma once

#include "stencils/slow_paths.hpp"
#include "stencils/tier.hpp"

namespace selvage::opcodes {

// A string as a template argument: the name of an opcode that comes out of a template.
template <size_t n>
struct FixedName {
  char text[n]{};
  constexpr FixedName(const char (&literal)[n]) {
    for (size_t i = 0; i < n; ++i) text[i] = literal[i];
  }
};

using enum Operand;
using OperandKind::Cache;
using OperandKind::Constant;
using OperandKind::ConstantWide;
using OperandKind::FrameSize;
using OperandKind::Immediate;
using OperandKind::ImmediateExtension;
using OperandKind::JumpExtension;
using OperandKind::JumpWide;
using OperandKind::None;
using OperandKind::SignedWide;
using OperandKind::SlotRange;
using OperandKind::SlotRead;
using OperandKind::SlotReadWrite;
using OperandKind::SlotWrite;

struct Move {
  static constexpr OpcodeInfo info{"Move", FlowKind::Next, SlotWrite, SlotRead, None, None};
  static constexpr bool hasCarried(StencilVariant v) { return v.a == Place::Slot && v.c == Place::Slot; }
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::template set<A>(m, T::template value<B>(m));
    SELVAGE_GO(m, T::next(m));
  }
};

struct LoadInteger {
  static constexpr OpcodeInfo info{"LoadInteger", FlowKind::Next, SlotWrite, SignedWide, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::template setInteger<A>(m, T::template immediate<B>(m));
    SELVAGE_GO(m, T::next(m));
  }
};

struct LoadConstant {
  static constexpr OpcodeInfo info{"LoadConstant", FlowKind::Next, SlotWrite, ConstantWide, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::template set<A>(m, T::template value<B>(m));
    SELVAGE_GO(m, T::next(m));
  }
};

struct LoadNil {
  static constexpr OpcodeInfo info{"LoadNil", FlowKind::Next, SlotRange, Immediate, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    Value* slot = T::template slot<A>(m);
    int64_t count = T::template immediate<B>(m);
    do {
      slot->tag = Tag::Nil;
      ++slot;
    } while (--count > 0);
    SELVAGE_GO(m, T::next(m));
  }
};

template <Tag tag>
struct LoadBoolean {
  static constexpr OpcodeInfo info{
      tag == Tag::True ? "LoadTrue" : "LoadFalse", FlowKind::Next, SlotWrite, None, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::template setTag<A>(m, tag);
    SELVAGE_GO(m, T::next(m));
  }
};

struct GetUpvalue {
  static constexpr OpcodeInfo info{"GetUpvalue", FlowKind::Next, SlotWrite, OperandKind::Upvalue, None, None};
  static constexpr bool hasCarried(StencilVariant v) { return v.b == Place::Slot && v.c == Place::Slot; }
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Value value = *T::template upvalue<B>(m)->value;
    if constexpr (T::template place<A> != Place::Slot) {
      if (!T::template accepts<A>(value.tag)) [[unlikely]]
        SELVAGE_GO(m, T::leave(m));
    }
    T::template set<A>(m, value);
    SELVAGE_GO(m, T::next(m));
  }
};

struct SetUpvalue {
  static constexpr OpcodeInfo info{"SetUpvalue", FlowKind::Next, OperandKind::Upvalue, SlotRead, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    selvage::Upvalue* upvalue = T::template upvalue<A>(m);
    *upvalue->value = T::template value<B>(m);
    if (upvalue->barrier != 0) [[unlikely]] {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_setUpvalueBarrier);
    }
    SELVAGE_GO(m, T::next(m));
  }
};

}  // namespace selvage::opcodes
