// Jumps and comparisons (manual 3.4.4, 3.4.5). A comparison is one instruction with its conditional jump.
#pragma once

#include "stencils/arithmetic.hpp"

namespace selvage::opcodes {

struct Jump {
  static constexpr OpcodeInfo info{"Jump", FlowKind::Jump, None, JumpWide, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    SELVAGE_GO(m, T::jump(m));
  }
};

// A backward jump other than a for loop's: counts and is a safepoint.
struct LoopJump {
  static constexpr OpcodeInfo info{"LoopJump", FlowKind::Jump, None, JumpWide, None, None};
  static constexpr bool hasSafepoint = true;
  static constexpr bool countsTurns = true;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if (T::isTurnDue(m)) [[unlikely]] {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_dueTurn);
    }
    SELVAGE_GO(m, T::jump(m));
  }
};

template <bool whenTrue>
struct JumpIf {
  static constexpr OpcodeInfo info{
      whenTrue ? "JumpIfTrue" : "JumpIfFalse", FlowKind::Branch, SlotRead, JumpWide, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if (isFalsy(T::template tag<A>(m)) != whenTrue) SELVAGE_GO(m, T::jump(m));
    SELVAGE_GO(m, T::next(m));
  }
};

// `and` and `or` as values: copies and jumps when the operand decides the result.
template <bool whenTrue>
struct CopyJumpIf {
  static constexpr OpcodeInfo info{
      whenTrue ? "CopyJumpIfTrue" : "CopyJumpIfFalse", FlowKind::Branch, SlotWrite, SlotRead, None, JumpExtension};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Tag tag = T::template tag<B>(m);
    if (isFalsy(tag) != whenTrue) {
      T::template set<A>(m, T::template bits<B>(m), tag);
      SELVAGE_GO(m, T::jump(m));
    }
    SELVAGE_GO(m, T::next(m));
  }
};

// Whether a float holds this integer exactly, so that comparing it as a float is comparing it.
inline bool isExactAsFloat(int64_t i) {
  constexpr uint64_t exact = uint64_t{1} << 53;
  return static_cast<uint64_t>(i) + exact <= 2 * exact;
}

template <FixedName name, bool jumpWhen, OperandKind right>
struct JumpIfEqual {
  static constexpr OpcodeInfo info{name.text, FlowKind::Branch, SlotRead, right, None, JumpExtension};
  static constexpr bool hasCarried(StencilVariant v) {
    return isCarriedComparison(v.a, v.b) && v.c == Place::Slot &&
           hasConstantOperand(info) == (v.constant != ConstantType::Any);
  }
  static constexpr Event event = Event::Eq;
  static constexpr bool jumpsWhen = jumpWhen;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Tag leftTag = T::template tag<A>(m);
    const Tag rightTag = T::template tag<B>(m);
    if (leftTag == rightTag) {
      if (leftTag <= Tag::True) {
        if (jumpWhen) SELVAGE_GO(m, T::jump(m));
        SELVAGE_GO(m, T::next(m));
      }
      if (leftTag == Tag::Float) {
        if ((T::template number<A>(m) == T::template number<B>(m)) == jumpWhen) SELVAGE_GO(m, T::jump(m));
        SELVAGE_GO(m, T::next(m));
      }
      if (T::template bits<A>(m) == T::template bits<B>(m)) {
        if (jumpWhen) SELVAGE_GO(m, T::jump(m));
        SELVAGE_GO(m, T::next(m));
      }
      // Different payloads: equal all the same may be long strings, tables and userdata with __eq.
      if (leftTag < Tag::String || leftTag == Tag::Function || leftTag == Tag::Thread ||
          (leftTag == Tag::String && T::template object<A, String>(m)->isShort())) {
        if (!jumpWhen) SELVAGE_GO(m, T::jump(m));
        SELVAGE_GO(m, T::next(m));
      }
    } else if (!isNumber(leftTag) || !isNumber(rightTag)) {
      if (!jumpWhen) SELVAGE_GO(m, T::jump(m));
      SELVAGE_GO(m, T::next(m));
    } else if (leftTag == Tag::Float) {
      T::markCold();
      const int64_t r = T::template integer<B>(m);
      if (isExactAsFloat(r)) {
        if ((T::template number<A>(m) == static_cast<double>(r)) == jumpWhen) SELVAGE_GO(m, T::jump(m));
        SELVAGE_GO(m, T::next(m));
      }
    } else {
      T::markCold();
      const int64_t l = T::template integer<A>(m);
      if (isExactAsFloat(l)) {
        if ((static_cast<double>(l) == T::template number<B>(m)) == jumpWhen) SELVAGE_GO(m, T::jump(m));
        SELVAGE_GO(m, T::next(m));
      }
    }
    forgetTransfers(m);
    T::materialize(m);
    SELVAGE_GO(m, &selvage_compareEqual);
  }
};

template <FixedName name, Event operation, bool jumpWhen, OperandKind left, OperandKind right>
struct JumpIfLess {
  static constexpr OpcodeInfo info{name.text, FlowKind::Branch, left, right, None, JumpExtension};
  static constexpr bool hasCarried(StencilVariant v) {
    return isCarriedComparison(v.a, v.b) && v.c == Place::Slot &&
           hasConstantOperand(info) == (v.constant != ConstantType::Any);
  }
  static constexpr Event event = operation;
  static constexpr bool jumpsWhen = jumpWhen;
  template <class N>
  static bool compare(N l, N r) {
    if constexpr (operation == Event::Lt) return l < r;
    else return l <= r;
  }
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Tag leftTag = T::template tag<A>(m);
    const Tag rightTag = T::template tag<B>(m);
    if (T::areTags(leftTag, rightTag, Tag::Integer, Tag::Integer)) [[likely]] {
      if (compare(T::template integer<A>(m), T::template integer<B>(m)) == jumpWhen) SELVAGE_GO(m, T::jump(m));
      SELVAGE_GO(m, T::next(m));
    }
    if constexpr (!isFloatPlace(T::template place<A>) && !isFloatPlace(T::template place<B>)) T::markCold();
    if (T::areTags(leftTag, rightTag, Tag::Float, Tag::Float)) {
      if (compare(T::template number<A>(m), T::template number<B>(m)) == jumpWhen) SELVAGE_GO(m, T::jump(m));
      SELVAGE_GO(m, T::next(m));
    }
    T::markCold();
    if (leftTag == Tag::Float && rightTag == Tag::Integer) {
      const int64_t r = T::template integer<B>(m);
      if (isExactAsFloat(r)) {
        if (compare(T::template number<A>(m), static_cast<double>(r)) == jumpWhen) SELVAGE_GO(m, T::jump(m));
        SELVAGE_GO(m, T::next(m));
      }
    } else if (leftTag == Tag::Integer && rightTag == Tag::Float) {
      const int64_t l = T::template integer<A>(m);
      if (isExactAsFloat(l)) {
        if (compare(static_cast<double>(l), T::template number<B>(m)) == jumpWhen) SELVAGE_GO(m, T::jump(m));
        SELVAGE_GO(m, T::next(m));
      }
    }
    forgetTransfers(m);
    T::materialize(m);
    SELVAGE_GO(m, &selvage_compareLess);
  }
};

}  // namespace selvage::opcodes
