// C pointers of the library's own functions, which are no C functions: lua_tocfunction has to name them too.
//
// Each of a fixed number of tiny pieces of code stands for one of the functions of a VM, in the order in which they
// were asked for; called as a C function, it calls the one it stands for.
#pragma once

#include "api/api.hpp"

namespace selvage::api {

// A C function that does what the native function does; null when too many have been asked for. The same for all
// closures of one code; raises the error for memory.
lua_CFunction pointerOfNative(VM& vm, NativeFunction* function);

}  // namespace selvage::api
