// How the frames between a function of the C API and the call of the C function that is left early go away. Destructors
// in them run, as when a C++ exception passes, up to the first frame in the way of that: one that would catch whatever
// comes (`catch (...)`), that would end the process (`noexcept`), or that has no unwind tables. From that frame on the
// stack pointer is set back, as longjmp does.
//
// So nothing is thrown. The frames are searched first, the way that the unwinder does it, by asking the personality
// routine of each; then a forced unwinding, which no handler can stop, goes as far as the search allows.
#pragma once

#include <exception>

#include "vm/c_function.hpp"

namespace selvage {

// Goes from the running function of the C API back to where the boundary's function was called, which then seems to
// have returned leftEarly. vm.error and what belongs to it are what they were, whatever destructors did meanwhile.
[[noreturn]] void unwindTo(VM& vm, CBoundary& boundary);

// Whether a frame up to the boundary has a handler for just this exception: one that names a type.
bool isCaughtByType(const CBoundary& boundary, const std::exception_ptr& exception);

}  // namespace selvage
