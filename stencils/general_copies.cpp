// The ways into the general copies of stitched functions, whose stencils expect nothing in registers.
//
// Carried stencils come here when they meet what they are not for, and so does whoever goes on at an instruction that
// stitched code reaches with something in registers. A function's first visit has the copies made; from then on it is a
// table that says where to go.
#include "stencils/fast_path.hpp"

namespace selvage {

namespace {

Handler* makeGeneralCopies(VM& vm) { return vm.engine.generalCopy(vm, runningProto(vm), vm.pc); }

}  // namespace

SELVAGE_SLOW_PATH(selvage_makeGeneralCopies, makeGeneralCopies)

extern "C" SELVAGE_HANDLER void selvage_generalCopy(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Proto& proto = *constantsHeader(constants).proto;
  forgetTransfers(m);
  if (proto.generalAddresses == nullptr) SELVAGE_GO(m, &selvage_makeGeneralCopies);
  SELVAGE_GO(m, proto.generalAddresses[pc - proto.code.data()]);
}

extern "C" SELVAGE_HANDLER void selvage_leaveCarried(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Proto& proto = *constantsHeader(constants).proto;
  m.pc = proto.code.data() + x3;
  forgetTransfers(m);
  if (proto.generalAddresses == nullptr) SELVAGE_GO(m, &selvage_makeGeneralCopies);
  SELVAGE_GO(m, proto.generalAddresses[x3]);
}

}  // namespace selvage
