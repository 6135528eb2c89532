// string.pack, packsize and unpack (manual 6.4.2).
#pragma once

#include "vm/native.hpp"

namespace selvage {

int stringPack(NativeCall& call);
int stringPackSize(NativeCall& call);
int stringUnpack(NativeCall& call);

}  // namespace selvage
