// What the handlers of closures.cpp leave for the slow paths.
#pragma once

#include "vm/machine.hpp"

namespace selvage {

extern "C" {
extern Handler selvage_closureMiss, selvage_closeUpvaluesMiss;
}

}  // namespace selvage
