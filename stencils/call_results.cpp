// Calls that gave fewer results than the instruction wants: `local x = f()` where f returns nothing, or an iterator's
// bare `return`. The rest becomes nil, without a C call: functions that return something in some cases only are
// frequent.
#include "stencils/fast_path.hpp"
#include "vm/frame.hpp"

namespace selvage {

// x0 results stand where those of the instruction at pc do.
extern "C" SELVAGE_HANDLER void selvage_fillResults(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const OpcodeInfo& info = opcodeInfo[m.pc->opcode];
  const bool isLoop = info.extension == OperandKind::JumpExtension;  // GenericForCall
  Value* const results = &slotOf(m, m.pc->a) + (isLoop ? 4 : 0);
  const uint64_t wanted = isLoop ? m.pc->b : m.pc->c;
  uint64_t i = m.x0;
  do results[i].tag = Tag::Nil;
  while (++i < wanted);
  SELVAGE_GO(m, resumeAt(m, nextInstruction(m.pc)));
}

}  // namespace selvage
