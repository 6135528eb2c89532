// Tail calls of native functions: they are called like any other, with the calling Lua function's frame left in place
// for messages that name it, and their results are returned from that frame.
#include "stencils/fast_path.hpp"
#include "vm/frame.hpp"

namespace selvage {

extern "C" SELVAGE_HANDLER void selvage_tailCallOther(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  Value* const callee = &slotOf(m, m.pc->a) + frameHeaderSlots;
  if (callee[-2].tag != Tag::Function || m.vm->hookedThreads != 0) [[unlikely]]
    SELVAGE_GO(m, &selvage_tailCallSlow);
  const Proto& proto = *constantsHeader(m.constants).proto;
  callee[-2].extra = static_cast<uint32_t>(m.pc - proto.code.data());
  Frame{callee}.setHeader(tailCallReturnOf(m.pc), m.base);
  m.base = callee;
  SELVAGE_GO(m, callee[-2].function()->code->entry);
}

namespace {

// From the native function's frame to the caller of the Lua function that called it, which gets x0 results.
[[gnu::always_inline]] inline Handler* returnFurther(Machine& m, Value* base) {
  const Value* const source = m.base - frameHeaderSlots;
  auto* const returnTo = base[-1].as<Handler>();
  Value* const target = base - frameHeaderSlots;
  for (uint64_t i = 0; i < m.x0; ++i) target[i] = source[i];
  m.base = base;
  return returnTo;
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_tailCallReturn(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (m.vm->hookedThreads != 0) [[unlikely]]
    SELVAGE_GO(m, &selvage_tailCallReturnSlow);
  SELVAGE_GO(m, returnFurther(m, Frame{m.base}.caller().base));
}

// From a frame that EnterVararg made: back to the one that the return address knows.
extern "C" SELVAGE_HANDLER void selvage_tailCallReturnVararg(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (m.vm->hookedThreads != 0) [[unlikely]]
    SELVAGE_GO(m, &selvage_tailCallReturnSlow);
  SELVAGE_GO(m, returnFurther(m, Frame{m.base}.caller().beforeVarargs().base));
}

}  // namespace selvage
