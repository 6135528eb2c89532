// The for loops (manual 3.3.5).
//
// A numeric loop's three hidden slots are, after ForPrepare: for an integer loop the index, the number of turns that
// remain, the step; for a float loop the index, the limit, the step. A generic loop's four are the iterator, the state,
// the control variable and the closing value.
#pragma once

#include "stencils/table_access.hpp"

namespace selvage::opcodes {

struct ForPrepare {
  static constexpr OpcodeInfo info{"ForPrepare", FlowKind::Branch, SlotRange, JumpWide, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    Value* slots = T::template slot<A>(m);
    // The common case: counting up by one.
    if (slots[0].tag == Tag::Integer && slots[1].tag == Tag::Integer && slots[2].tag == Tag::Integer &&
        slots[2].bits == 1) [[likely]] {
      const int64_t start = slots[0].integer();
      const int64_t limit = slots[1].integer();
      if (start > limit) SELVAGE_GO(m, T::jump(m));
      slots[1].bits = static_cast<uint64_t>(limit) - static_cast<uint64_t>(start);
      slots[3].bits = slots[0].bits;
      slots[3].tag = Tag::Integer;
      SELVAGE_GO(m, T::next(m));
    }
    T::materialize(m);
    SELVAGE_GO(m, &selvage_forPrepare);
  }
};

// As a carried stencil it is for loops over integers or floats: place A is the register, of that kind, that gets the
// index when the loop goes on, place B the same one if the index is in it already.
struct ForLoop {
  static constexpr OpcodeInfo info{"ForLoop", FlowKind::Branch, SlotRange, JumpWide, None, None};
  static constexpr bool hasSafepoint = true;
  static constexpr bool countsTurns = true;
  static constexpr bool leavesRareForms = true;
  static constexpr bool hasCarried(StencilVariant v) {
    return v.a != Place::Slot && (v.b == Place::Slot || v.b == v.a) && v.c == Place::Slot;
  }
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    using enum Aspect;
    if constexpr (T::template place<A> != Place::Slot && T::template place<B> == Place::Slot) {
      constexpr auto expected = isFloatPlace(T::template place<A>) ? selvage::Tag::Float : selvage::Tag::Integer;
      if (T::template at<A, Aspect::Tag, selvage::Tag>(m, offsetof(Value, tag)) != expected) [[unlikely]] {
        T::materialize(m);
        SELVAGE_GO(m, &selvage_rareForm);
      }
    }
    if constexpr (isFloatPlace(T::template place<A>)) {
      const double step = T::template at<A, Bits, double>(m, 2 * sizeof(Value));
      const double limit = T::template at<A, Integer, double>(m, sizeof(Value));
      double index;
      if constexpr (T::template place<B> != Place::Slot) index = T::template number<B>(m) + step;
      else index = T::template at<A, OutBits, double>(m) + step;
      if (!(step > 0 ? index <= limit : limit <= index)) SELVAGE_GO(m, T::next(m));
      T::template at<A, OutBits, double>(m) = index;
      T::template at<A, OutTag, double>(m, 3 * sizeof(Value)) = index;
      T::template at<A, OutFloatTag, selvage::Tag>(m, 3 * sizeof(Value) + offsetof(Value, tag)) = selvage::Tag::Float;
      T::template floatRegister<T::template place<A>>(m) = index;
      if (T::isTurnDue(m)) [[unlikely]] {
        T::materialize(m);
        SELVAGE_GO(m, &selvage_dueTurn);
      }
      SELVAGE_GO(m, T::jump(m));
    }
    const uint64_t step = T::template at<A, Bits, uint64_t>(m, 2 * sizeof(Value));
    if constexpr (isIntegerPlace(T::template place<A>)) {
      const uint64_t remaining = T::template at<A, Integer, uint64_t>(m, sizeof(Value));
      if (remaining == 0) SELVAGE_GO(m, T::next(m));
      T::template at<A, OutFloat, uint64_t>(m, sizeof(Value)) = remaining - 1;
      uint64_t index;
      if constexpr (T::template place<B> != Place::Slot) index = T::template bits<B>(m) + step;
      else index = T::template at<A, OutBits, uint64_t>(m) + step;
      T::template at<A, OutBits, uint64_t>(m) = index;
      T::template at<A, OutTag, uint64_t>(m, 3 * sizeof(Value)) = index;
      T::template at<A, OutFloatTag, selvage::Tag>(m, 3 * sizeof(Value) + offsetof(Value, tag)) = selvage::Tag::Integer;
      T::template integerRegister<T::template place<A>>(m) = index;
    } else if (T::template tag<A>(m) == Tag::Integer) [[likely]] {
      const uint64_t remaining = T::template at<A, Integer, uint64_t>(m, sizeof(Value));
      if (remaining == 0) SELVAGE_GO(m, T::next(m));
      T::template at<A, OutFloat, uint64_t>(m, sizeof(Value)) = remaining - 1;
      const uint64_t index = T::template at<A, OutBits, uint64_t>(m) + step;
      T::template at<A, OutBits, uint64_t>(m) = index;
      T::template at<A, OutTag, uint64_t>(m, 3 * sizeof(Value)) = index;
      T::template at<A, OutFloatTag, selvage::Tag>(m, 3 * sizeof(Value) + offsetof(Value, tag)) = selvage::Tag::Integer;
    } else if constexpr (!T::hasRareForms) {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_rareForm);
    } else {
      const auto floatStep = std::bit_cast<double>(step);
      const double index = T::template number<A>(m) + floatStep;
      const double limit = T::template at<A, OutFloat, double>(m, sizeof(Value));
      if (!(floatStep > 0 ? index <= limit : limit <= index)) SELVAGE_GO(m, T::next(m));
      T::template at<A, Other, double>(m) = index;
      T::template at<A, Other, double>(m, 3 * sizeof(Value)) = index;
      T::template at<A, Other, selvage::Tag>(m, 3 * sizeof(Value) + offsetof(Value, tag)) = selvage::Tag::Float;
    }
    if (T::isTurnDue(m)) [[unlikely]] {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_dueTurn);
    }
    SELVAGE_GO(m, T::jump(m));
  }
};

struct GenericForPrepare {
  static constexpr OpcodeInfo info{"GenericForPrepare", FlowKind::Branch, SlotRange, JumpWide, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if (T::template slot<A>(m, 3)->tag == Tag::Nil) [[likely]]
      SELVAGE_GO(m, T::jump(m));
    T::materialize(m);
    SELVAGE_GO(m, &selvage_genericForPrepare);
  }
};

// Calls the iterator. When it is `next` or the step function of `ipairs`, the next element is found without a call and
// the loop's body is next: here within the array part, otherwise in selvage_genericForCall, with the help of the
// position that the control slot remembers in its `extra`.
struct GenericForCall {
  static constexpr OpcodeInfo info{"GenericForCall", FlowKind::Branch, SlotRange, Immediate, None, JumpExtension};
  static constexpr bool hasSafepoint = true;
  static constexpr Event event = Event::Call;
  static constexpr bool hasResumeBody = true;

  static constexpr uint64_t calleeSlots = 4 + frameHeaderSlots;  // from slot A to the callee's base

  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    Value* slots = T::template slot<A>(m);
    if (slots[0].tag != Tag::Function) [[unlikely]] {
      forgetTransfers(m);
      T::materialize(m);
      SELVAGE_GO(m, &selvage_genericForCall);
    }
    const selvage::Function* iterator = slots[0].function();
    Code* code = iterator->code;
    if (slots[1].tag == Tag::Table && (code->entry == m.vm->nextEntry || code->entry == m.vm->ipairsStepEntry)) {
      // `next` within the array part (the key is the position after it) and the step function of `ipairs` alike.
      const selvage::Table* table = slots[1].table();
      // The key 0 is in no array part.
      const bool isNext = code->entry == m.vm->nextEntry;
      uint64_t position = ~uint64_t{0};
      if (slots[2].tag == Tag::Integer) position = isNext && slots[2].bits == 0 ? position : slots[2].bits;
      else if (isNext && slots[2].tag == Tag::Nil) position = 0;
      Value element;
      if (readElement<T>(table, position, element) && T::template immediate<B>(m) <= 2 && !T::isStopDue(m)) [[likely]] {
        slots[2].bits = position + 1;
        slots[2].tag = Tag::Integer;
        slots[4].bits = position + 1;
        slots[4].tag = Tag::Integer;
        slots[5].bits = element.bits;
        slots[5].tag = element.tag;
        SELVAGE_GO(m, T::jump(m));
      }
      forgetTransfers(m);
      T::materialize(m);
      SELVAGE_GO(m, &selvage_genericForCall);
    }
    // The call: iterator(state, control), with its frame in the slots of the loop's variables.
    Value* callee = slots + 4 + frameHeaderSlots;
    callee[0] = slots[1];
    callee[1] = slots[2];
    callee[-2] = slots[0];
    T::setCallHeader(m);
    m.base = callee;
    forgetTransfers(m);
    m.x0 = 2;
    SELVAGE_GO(m, code->entry);
  }

  template <class T>
  SELVAGE_HANDLER static void resume(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::restoreAfterCall(m);
    if (m.x0 < T::template count<B>(m)) {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_fillResults);
    }
    SELVAGE_GO(m, T::next(m));
  }
};

struct GenericForLoop {
  static constexpr OpcodeInfo info{"GenericForLoop", FlowKind::Branch, SlotRange, JumpWide, None, None};
  static constexpr bool hasSafepoint = true;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    Value* slots = T::template slot<A>(m);
    if (slots[4].tag == Tag::Nil) SELVAGE_GO(m, T::next(m));
    slots[2] = slots[4];
    if (T::isTurnDue(m)) [[unlikely]] {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_dueTurn);
    }
    SELVAGE_GO(m, T::jump(m));
  }
};

}  // namespace selvage::opcodes
