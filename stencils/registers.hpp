// Which of the machine's registers hold something that matters.
//
// All handlers pass on all registers. Where some of them are of no use to whoever is next, these say so, and the
// compiler need not keep what they held: without that, a short handler would have to save it across its own use of the
// register. Each assigns, as far as the compiler can see, values that are unknown.
#pragma once

#include "vm/machine.hpp"

namespace selvage {

// x3: it is carried by no stencil, and passNext leaves the next instruction in x2.
inline void forgetSpare(Machine& m) { asm("" : "=c"(m.x3)); }
// x2 and x3, where integers may be carried in x0 and x1.
inline void forgetScratch(Machine& m) { asm("" : "=d"(m.x2), "=c"(m.x3)); }
// x0 to x3, where no integers are carried.
inline void forgetTransfers(Machine& m) { asm("" : "=D"(m.x0), "=S"(m.x1), "=d"(m.x2), "=c"(m.x3)); }
// All but x0, the count of arguments or results: so it is at entries and return addresses, and nothing has to be kept
// across a C call.
inline void forgetAllButCount(Machine& m) {
  asm("" : "=S"(m.x1), "=d"(m.x2), "=c"(m.x3), "=x"(m.f0), "=x"(m.f1), "=x"(m.f2), "=x"(m.f3));
}

}  // namespace selvage
