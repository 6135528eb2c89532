// The standard library for scripts that are not trusted.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

// Opens, in place of openLibraries, what cannot reach outside of the VM, cannot change what other scripts of the VM see
// of the libraries, and leaves nothing behind that would run later: the basic library without dofile and loadfile, with
// a load that takes text only and a collectgarbage that only counts; coroutine, math, string without dump, table, utf8,
// and of os what tells the time. All tables but that of globals are read-only, and so is the metatable of strings,
// which is hidden. From now on __gc of tables means nothing in this VM. Throws std::bad_alloc.
void openSandbox(VM& vm);

}  // namespace selvage
