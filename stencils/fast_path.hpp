// What fast handlers out of line are made of: those that instructions leave to before they give up for a slow path.
//
// They have the handlers' own signature and, on their fast path, make no C call and so keep everything in registers.
// Operands are read from the instruction at m.pc, which both tiers have made valid.
#pragma once

#include "stencils/slow_path.hpp"

namespace selvage {

inline Value& slotOf(const Machine& m, uint32_t units) {
  return *reinterpret_cast<Value*>(reinterpret_cast<uint64_t*>(m.base) + units);
}
inline const Value& constantOf(const Machine& m, uint32_t units) {
  return *reinterpret_cast<const Value*>(reinterpret_cast<const uint64_t*>(m.constants) + units);
}
// By a branch, which is foreseen: an address that had to wait for the kind would keep all that follows waiting.
inline const Value& operandOf(const Machine& m, OperandKind kind, uint32_t units) {
  if (kind == OperandKind::Constant) [[unlikely]] {
    asm volatile("");  // or the compiler would choose the address without a branch
    return constantOf(m, units);
  }
  return slotOf(m, units);
}

// The instruction at `pc` of the running function, in stitched code where that can be entered.
inline Handler* resumeAt(Machine& m, const Instruction* pc) {
  forgetTransfers(m);
  m.pc = pc;
  const Proto& proto = *constantsHeader(m.constants).proto;
  if (proto.resumeAddresses != nullptr) {
    if (Handler* stitched = proto.resumeAddresses[pc - proto.code.data()]; stitched != nullptr) return stitched;
  }
  return m.vm->dispatch[pc->opcode];
}

// A slow path, to which nothing but pc and the frame matters.
inline Handler* leaveFor(Machine& m, Handler* slowPath) {
  forgetTransfers(m);
  return slowPath;
}

// Where the instruction told to go on (Tier::passNext); f0 to f3, x0 and x1 are to be as they were.
inline Handler* passedNext(const Machine& m) { return reinterpret_cast<Handler*>(m.x2); }

}  // namespace selvage
