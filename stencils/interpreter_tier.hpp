// The interpreter as a tier: operands are decoded from the instruction word at m.pc, `next` dispatches through the
// VM's table of handlers.
#pragma once

#include "stencils/slow_paths.hpp"
#include "stencils/tier.hpp"

namespace selvage {

template <class Op>
SELVAGE_HANDLER void interpreterResume(SELVAGE_PARAMETERS);

template <class Op>
struct InterpreterTier : TierOperations<InterpreterTier<Op>, Op> {
  using Base = TierOperations<InterpreterTier<Op>, Op>;
  static constexpr int64_t words = Op::info.words();

  template <Operand O, Aspect>
  static uint64_t operandBytes(const Machine& m) {
    if constexpr (O == Operand::A) return m.pc->a * uint64_t{8};
    else if constexpr (O == Operand::C) return m.pc->c * uint64_t{8};
    else if constexpr (Op::info.b == OperandKind::ConstantWide) return static_cast<uint64_t>(m.pc->wide) * 8;
    else return m.pc->b * uint64_t{8};
  }
  template <Operand O>
  static int64_t immediate(const Machine& m) {
    if constexpr (O == Operand::A) return m.pc->a;
    else if constexpr (O == Operand::C) return m.pc->c;
    else if constexpr (O == Operand::Extension) return m.pc->extension();
    else if constexpr (Op::info.b == OperandKind::SignedWide) return m.pc->wide;
    else return m.pc->b;
  }
  template <Operand O>
  static uint64_t count(const Machine& m) {
    return static_cast<uint64_t>(immediate<O>(m));
  }
  // In one branch: processors predict the next handler from what they remember of the last branches, which is not much.
  static bool areTags(Tag first, Tag second, Tag firstWanted, Tag secondWanted) {
    return pairOf(first, second) == pairOf(firstWanted, secondWanted);
  }
  static constexpr uint32_t pairOf(Tag first, Tag second) {
    return static_cast<uint32_t>(first) << 8 | static_cast<uint32_t>(second);
  }
  static bool isTurnDue(const Machine& m) {
    static_assert(hasSafepoint<Op>);
    return (static_cast<uint32_t>(countDown(m)) | m.vm->safepoint.load(std::memory_order_relaxed)) != 0;
  }
  static void setCallHeader(const Machine& m) {
    const uint64_t offset = Base::template byteOffset<Operand::A>(m) + Op::calleeSlots * sizeof(Value);
    const Frame callee{reinterpret_cast<Value*>(reinterpret_cast<char*>(m.base) + offset)};
    callee.function().extra = pcIndex(m);
    callee.setHeader(resumeAddress(m), static_cast<uint32_t>(offset));
  }
  static Handler* next(Machine& m) {
    forgetTransfers(m);
    m.pc += words;
    return m.vm->dispatch[m.pc->opcode];
  }
  static Handler* jump(Machine& m) {
    forgetTransfers(m);
    if constexpr (Op::info.extension == OperandKind::JumpExtension) m.pc += words + m.pc->extension();
    else m.pc += words + m.pc->wide;
    return m.vm->dispatch[m.pc->opcode];
  }
  static void materialize(Machine&) {}
  static void markCold() {}
  static void passNext(Machine& m) { m.x2 = reinterpret_cast<uint64_t>(&selvage_interpretNext); }
  static Handler* resumeAddress(const Machine&) { return &interpreterResume<Op>; }
  static uint32_t pcIndex(const Machine& m) {
    return static_cast<uint32_t>(m.pc -
                                 (reinterpret_cast<const ConstantsHeader*>(m.constants) - 1)->proto->code.data());
  }
  // At a return address: back to the frame of the call.
  static void restoreAfterCall(Machine& m) {
    const Frame callee{m.base};
    const uint32_t index = callee.callerPc();
    m.base = callee.caller().base;
    const Proto* proto = m.base[-2].function()->proto();
    m.constants = proto->constants;
    m.pc = proto->code.data() + index;
  }
  // Counts a call or a loop turn; true when the function should be promoted.
  static bool countDown(const Machine& m) {
    auto* header = const_cast<ConstantsHeader*>(reinterpret_cast<const ConstantsHeader*>(m.constants) - 1);
    const uint32_t left = static_cast<uint32_t>(header->hotness) - 1;  // unsigned: clang then decrements in place
    header->hotness = static_cast<int32_t>(left);
    return static_cast<int32_t>(left) < 0;
  }
  static void enterFunction(Machine&) {}
};

}  // namespace selvage
