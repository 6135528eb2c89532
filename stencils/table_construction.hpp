// What the handlers of table_construction.cpp leave for the slow paths.
#pragma once

#include "vm/machine.hpp"

namespace selvage {

extern "C" {
extern Handler selvage_newTableMiss, selvage_setListMiss;
}

}  // namespace selvage
