// What the handlers of to_be_closed.cpp leave for the slow paths.
#pragma once

#include "vm/machine.hpp"

namespace selvage {

extern "C" {
extern Handler selvage_toBeClosedMiss, selvage_closeMiss, selvage_closeReturnMiss;
}

}  // namespace selvage
