// Indexing with computed keys, beyond what the stencils of table_access.hpp do inline: keys in the hash part, fields
// named by a string that is not a constant, elements that are nil.
//
// Here is everything that takes neither a metamethod nor an allocation. A field of a table with a shape is found through
// the VM-wide caches of field_lookup.hpp, which the slow paths fill.
#pragma once

#include "vm/machine.hpp"

namespace selvage {

extern "C" {
// What is left for the slow paths.
extern Handler selvage_getIndexMiss, selvage_setIndexMiss;
}

}  // namespace selvage
