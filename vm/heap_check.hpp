// A check of what must hold of a heap whatever has happened: for tests, after programs whose memory ran out.
#pragma once

#include <string>

#include "vm/vm.hpp"

namespace selvage {

// Collects garbage, calling no finalizers, and looks at everything that is left: objects refer to live objects of the
// right kinds only, tables have the parts that their shapes speak of and find each of their keys again, short strings
// are those that are interned, shapes and their transitions agree, threads' lists are in order, and the heap's accounts
// are right. The first thing that is not so, in words; empty if all is well. Only at a safepoint.
std::string checkHeap(VM& vm);

}  // namespace selvage
