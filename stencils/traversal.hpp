// What traversal.cpp leaves for the slow path.
#pragma once

#include "vm/machine.hpp"

namespace selvage {

extern "C" {
extern Handler selvage_genericForCallMiss;
}

}  // namespace selvage
