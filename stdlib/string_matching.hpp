// The functions of the string library that take patterns.
#pragma once

#include "vm/native.hpp"

namespace selvage {

int stringFind(NativeCall& call);
int stringMatch(NativeCall& call);
int stringGmatch(NativeCall& call);
int stringGsub(NativeCall& call);

}  // namespace selvage
