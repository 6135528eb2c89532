// The ways into the general copies of stitched functions, whose stencils expect nothing in registers.
//
// Carried stencils come here when they meet what they are not for, and so does whoever goes on at an instruction that
// stitched code reaches with something in registers. The engine makes the copies when a function has come a few times
// (EngineInterface::generalCopy); from then on a table says where to go.
#include "stencils/fast_path.hpp"

namespace selvage {

namespace {

Handler* makeGeneralCopies(VM& vm) { return vm.engine.generalCopy(vm, runningProto(vm), vm.pc); }

}  // namespace

SELVAGE_SLOW_PATH(selvage_makeGeneralCopies, makeGeneralCopies)

namespace {

// Where the instruction at m.pc, which is word number `word`, goes on.
[[gnu::always_inline]] inline Handler* generalCopyOf(Machine& m, const Proto& proto, uint64_t word) {
  forgetTransfers(m);
  return proto.generalAddresses == nullptr ? &selvage_makeGeneralCopies : proto.generalAddresses[word];
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_generalCopy(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Proto& proto = *constantsHeader(constants).proto;
  SELVAGE_GO(m, generalCopyOf(m, proto, static_cast<uint64_t>(pc - proto.code.data())));
}

extern "C" SELVAGE_HANDLER void selvage_leaveCarried(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Proto& proto = *constantsHeader(constants).proto;
  m.pc = proto.code.data() + x3;
  SELVAGE_GO(m, generalCopyOf(m, proto, x3));
}

}  // namespace selvage
