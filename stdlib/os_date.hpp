// os.date and os.time.
#pragma once

#include "vm/native.hpp"

namespace selvage {

int osDate(NativeCall& call);
int osTime(NativeCall& call);

}  // namespace selvage
