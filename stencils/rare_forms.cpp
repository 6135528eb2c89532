// The forms of operations that are too rare for general stencils: loops over floats. (Operations on an integer and a
// float are not: programs are full of vectors that began as integers.) A stencil that meets one leaves for the whole
// operation here, compiled from the same text as the interpreter's, and what follows is stitched code again.
#include "stencils/fast_path.hpp"
#include "stencils/interpreter_tier.hpp"
#include "stencils/opcode_list.hpp"

namespace selvage {

namespace {

// Like the interpreter, but goes on where slow paths do.
template <class Op>
struct WholeTier : InterpreterTier<Op> {
  static Handler* next(Machine& m) { return resumeAt(m, nextInstruction(m.pc)); }
  static Handler* jump(Machine& m) { return resumeAt(m, jumpTarget(m.pc)); }
  // Nothing is counted: the function has stitched code.
  static bool isTurnDue(const Machine& m) { return InterpreterTier<Op>::isStopDue(m); }
};

template <class Op>
constexpr Handler* wholeHandler() {
  if constexpr (requires { Op::leavesRareForms; }) return &Op::template run<WholeTier<Op>>;
  return nullptr;
}

template <class List>
struct RareForms;
template <class... Ops>
struct RareForms<opcodes::OpcodeList<Ops...>> {
  static constexpr Handler* handlers[] = {wholeHandler<Ops>()...};
};

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_rareForm(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  SELVAGE_GO(m, RareForms<opcodes::Opcodes>::handlers[m.pc->opcode]);
}

}  // namespace selvage
