// Calls, returns, varargs, closures, and the end of scopes (manual 3.4.10, 3.4.11, 3.3.8).
//
// See vm/frame.hpp for the layout. A call is a few stores and a jump to the callee's entry, which may be an
// interpreted function, stitched code or a native function; a return is a jump to the frame's return address.
#pragma once

#include "stencils/moves.hpp"

namespace selvage::opcodes {

template <FixedName name, bool variableArguments, bool allResultsWanted>
struct Call {
  static constexpr OpcodeInfo info{name.text, FlowKind::Call, SlotRange, Immediate, allResultsWanted ? None : Immediate,
                                   None};
  static constexpr Event event = Event::Call;
  static constexpr bool hasResumeBody = true;

  static constexpr uint64_t calleeSlots = frameHeaderSlots;  // from slot A to the callee's base

  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const selvage::Tag tag = T::template tag<A>(m);
    auto* function = T::template object<A, selvage::Function>(m);
    T::setCallHeader(m);
    m.x0 = T::template count<B>(m);
    if constexpr (variableArguments) m.x0 += m.vm->variableResults;
    m.base = T::template slot<A>(m, frameHeaderSlots);
    if (tag != selvage::Tag::Function) [[unlikely]]
      SELVAGE_GO(m, &selvage_callNonFunction);
    SELVAGE_GO(m, function->code->entry);
  }

  template <class T>
  SELVAGE_HANDLER static void resume(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::restoreAfterCall(m);
    if constexpr (allResultsWanted) {
      m.vm->variableResults = static_cast<uint32_t>(m.x0);
    } else if (m.x0 < T::template count<C>(m)) [[unlikely]] {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_fillResults);
    }
    SELVAGE_GO(m, T::next(m));
  }
};

// Back to the frame that the return address knows, out of the one that EnterVararg made.
template <class M>
inline void leaveVarargFrame(M& m) {
  m.base = reinterpret_cast<Value*>(reinterpret_cast<char*>(m.base) - m.base[-3].extra);
}

template <FixedName name, bool variableArguments>
struct TailCall {
  static constexpr OpcodeInfo info{name.text, FlowKind::Leave, SlotRange, Immediate, Immediate, None};
  static constexpr Event event = Event::Call;
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Value* source = T::template slot<A>(m);
    uint64_t count = static_cast<uint64_t>(T::template immediate<B>(m));
    if constexpr (variableArguments) count += m.vm->variableResults;
    // Only Lua functions take over the frame: messages of a native one are to name its caller.
    auto* function = source->function();
    if (source->tag != selvage::Tag::Function || !function->isLua()) [[unlikely]] {
      T::materialize(m);
      m.x0 = count;
      SELVAGE_GO(m, &selvage_tailCallOther);
    }
    if (T::template immediate<C>(m) != 0) leaveVarargFrame(m);
    m.base[-2].bits = source->bits;
    m.base[-1].tag = selvage::Tag::TailFrame;
    source += frameHeaderSlots;
    for (uint64_t i = 0; i < count; ++i) m.base[i] = source[i];
    m.x0 = count;
    SELVAGE_GO(m, function->code->entry);
  }
};

template <FixedName name, bool fromVararg>
struct Return0 {
  static constexpr OpcodeInfo info{name.text, FlowKind::Leave, None, None, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    if constexpr (fromVararg) leaveVarargFrame(m);
    m.x0 = 0;
    SELVAGE_GO(m, m.base[-1].as<Handler>());
  }
};

template <FixedName name, bool fromVararg>
struct Return1 {
  static constexpr OpcodeInfo info{name.text, FlowKind::Leave, SlotRead, None, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Value result = T::template value<A>(m);
    if constexpr (fromVararg) leaveVarargFrame(m);
    m.base[-2] = result;
    m.x0 = 1;
    SELVAGE_GO(m, m.base[-1].as<Handler>());
  }
};

template <FixedName name, bool variable, bool fromVararg>
struct Return {
  static constexpr OpcodeInfo info{name.text, FlowKind::Leave, SlotRange, Immediate, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Value* source = T::template slot<A>(m);
    uint64_t count = static_cast<uint64_t>(T::template immediate<B>(m));
    if constexpr (variable) count += m.vm->variableResults;
    if constexpr (fromVararg) leaveVarargFrame(m);
    auto* const returnTo = m.base[-1].as<Handler>();  // a result will stand there
    Value* target = m.base - frameHeaderSlots;
    for (uint64_t i = 0; i < count; ++i) target[i] = source[i];
    m.x0 = count;
    SELVAGE_GO(m, returnTo);
  }
};

// The first instruction of a function: x0 arguments are in place.
struct Enter {
  static constexpr OpcodeInfo info{"Enter", FlowKind::Next, Immediate, FrameSize, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::enterFunction(m);
    if (reinterpret_cast<uint64_t>(m.base) + T::template byteOffset<B>(m) >
        reinterpret_cast<uint64_t>(stackLimit(*m.vm))) [[unlikely]] {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_growStack);
    }
    if (m.x0 < T::template count<A>(m)) [[unlikely]] {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_fillArguments);
    }
    if (T::countDown(m)) [[unlikely]]
      SELVAGE_GO(m, &selvage_hotFunction);
    SELVAGE_GO(m, T::next(m));
  }
};

struct EnterVararg {
  static constexpr OpcodeInfo info{"EnterVararg", FlowKind::Next, Immediate, FrameSize, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::enterFunction(m);
    if (T::countDown(m)) [[unlikely]]
      SELVAGE_GO(m, &selvage_hotFunction);
    const auto parameters = static_cast<uint64_t>(T::template immediate<A>(m));
    const uint64_t count = m.x0;
    const uint64_t moved = (count + 1 + frameHeaderSlots) * sizeof(Value);
    if (reinterpret_cast<uint64_t>(m.base) + moved + T::template byteOffset<B>(m) >
            reinterpret_cast<uint64_t>(stackLimit(*m.vm)) ||
        count < parameters) [[unlikely]] {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_enterVararg);
    }
    Value* frame = m.base + count + 1 + frameHeaderSlots;
    frame[-3] = Value::integer(static_cast<int64_t>(count - parameters));
    frame[-3].extra = static_cast<uint32_t>(moved);
    frame[-2] = m.base[-2];
    frame[-2].extra = m.base[-2].extra;
    frame[-1] = m.base[-1];
    frame[-1].extra = m.base[-1].extra + static_cast<uint32_t>(moved);
    // The parameters move along; the extra arguments stay, just below the number.
    for (uint64_t i = 0; i < parameters; ++i) {
      frame[i] = m.base[i];
      m.base[i].tag = selvage::Tag::Nil;
    }
    m.base = frame;
    SELVAGE_GO(m, T::next(m));
  }
};

struct Vararg {
  static constexpr OpcodeInfo info{"Vararg", FlowKind::Next, SlotRange, Immediate, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Frame frame{m.base};
    const int64_t available = frame.extraArguments();
    const int64_t wanted = T::template immediate<B>(m);
    const Value* source = frame.varargs();
    Value* target = T::template slot<A>(m);
    int64_t i = 0;
    for (; i < wanted && i < available; ++i) target[i] = source[i];
    for (; i < wanted; ++i) target[i].tag = selvage::Tag::Nil;
    SELVAGE_GO(m, T::next(m));
  }
};

struct VarargMultiple {
  static constexpr OpcodeInfo info{"VarargMultiple", FlowKind::Next, SlotRange, None, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const Frame frame{m.base};
    const uint64_t count = frame.extraArguments();
    const Value* source = frame.varargs();
    Value* target = T::template slot<A>(m);
    if (target + count > stackLimit(*m.vm)) [[unlikely]] {
      T::materialize(m);
      SELVAGE_GO(m, &selvage_varargMultiple);
    }
    for (uint64_t i = 0; i < count; ++i) target[i] = source[i];
    m.vm->variableResults = static_cast<uint32_t>(count);
    SELVAGE_GO(m, T::next(m));
  }
};

struct Closure {
  static constexpr OpcodeInfo info{"Closure", FlowKind::Next, SlotWrite, OperandKind::Proto, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    SELVAGE_GO(m, T::depart(m, &selvage_closure));
  }
};

// Opcodes whose whole work is out of line.
template <FixedName name, Handler& work, FlowKind flow, OperandKind a, OperandKind b = None, OperandKind c = None,
          OperandKind extension = None>
struct OutOfLine {
  static constexpr OpcodeInfo info{name.text, flow, a, b, c, extension};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    T::materialize(m);
    SELVAGE_GO(m, &work);
  }
};

struct CloseUpvalues {
  static constexpr OpcodeInfo info{"CloseUpvalues", FlowKind::Next, SlotRange, None, None, None};
  template <class T>
  SELVAGE_HANDLER static void run(SELVAGE_PARAMETERS) {
    Machine m{SELVAGE_ARGUMENTS};
    const selvage::Upvalue* open = m.vm->current->openUpvalues;
    if (open == nullptr || open->value < T::template slot<A>(m)) SELVAGE_GO(m, T::next(m));
    SELVAGE_GO(m, T::depart(m, &selvage_closeUpvalues));
  }
};

using Close = OutOfLine<"Close", selvage_close, FlowKind::Next, SlotRange>;
using CloseReturn =
    OutOfLine<"CloseReturn", selvage_closeReturn, FlowKind::Next, SlotRange, SlotRange, Immediate, ImmediateExtension>;
using ToBeClosed = OutOfLine<"ToBeClosed", selvage_toBeClosed, FlowKind::Next, SlotRead>;

}  // namespace selvage::opcodes
