// table.sort.
#pragma once

#include "vm/native.hpp"

namespace selvage {

int tableSort(NativeCall& call);

}  // namespace selvage
