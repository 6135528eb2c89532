// Indexing with computed keys, beyond what the stencils of table_access.hpp do inline: keys in the hash part, fields
// named by a string that is not a constant, elements that are nil.
//
// Here is everything that takes no allocation, metamethods included where they are known. A field of a table with a
// shape is found through the VM-wide caches of field_lookup.hpp, which the slow paths fill.
#pragma once

#include "vm/machine.hpp"

namespace selvage {

extern "C" {
// Where the key is absent and a metamethod has a say.
extern Handler selvage_getIndexBeyond, selvage_setIndexBeyond;
// Where that is a function or a table, which is in x3.
extern Handler selvage_getIndexComputed, selvage_setIndexComputed;
extern Handler selvage_getIndexInherited, selvage_setIndexInherited;
// What is left for the slow paths.
extern Handler selvage_getIndexMiss, selvage_setIndexMiss;
}

}  // namespace selvage
