// string.format (manual 6.4).
#pragma once

#include "vm/native.hpp"

namespace selvage {

int stringFormat(NativeCall& call);

}  // namespace selvage
