// The interpreter: every opcode's semantics, compiled for the interpreter tier.
#include "stencils/interpreter.hpp"

#include "stencils/interpreter_tier.hpp"
#include "stencils/opcode_list.hpp"

namespace selvage {

template <class Op>
SELVAGE_HANDLER void interpreterResume(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return Op::template resume<InterpreterTier<Op>>(SELVAGE_ARGUMENTS);
}

namespace {

template <class Op>
constexpr OpcodeTraits traitsOf() {
  OpcodeTraits traits;
  traits.event = eventOf<Op>();
  if constexpr (requires { Op::jumpsWhen; }) traits.jumpsWhen = Op::jumpsWhen;
  if constexpr (requires { Op::hasResumeBody; }) traits.resume = &interpreterResume<Op>;
  return traits;
}

template <class List>
struct Tables;
template <class... Ops>
struct Tables<opcodes::OpcodeList<Ops...>> {
  static constexpr Handler* handlers[] = {&Ops::template run<InterpreterTier<Ops>>...};
  static constexpr OpcodeTraitsTable traits{{traitsOf<Ops>()...}};
};

}  // namespace

std::span<Handler* const> interpreterHandlers() { return Tables<opcodes::Opcodes>::handlers; }
constinit const OpcodeTraitsTable opcodeTraitsTable = Tables<opcodes::Opcodes>::traits;

extern "C" SELVAGE_HANDLER void selvage_interpret(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Proto* proto = m.base[-2].function()->proto();
  m.constants = proto->constants;
  m.pc = proto->code.data();
  SELVAGE_GO(m, m.vm->dispatch[m.pc->opcode]);
}

extern "C" SELVAGE_HANDLER void selvage_interpretNext(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  ++m.pc;
  SELVAGE_GO(m, m.vm->dispatch[m.pc->opcode]);
}

}  // namespace selvage
