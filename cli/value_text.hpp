// Values as the prompt shows them: tables with their contents, everything else as print() has it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "vm/vm.hpp"

namespace selvage {

// Replaces each table among the values above vm.top - count by a string that shows what is in it, laid out for
// `columns` columns: to a limited depth and number of elements, with strings quoted, tables that contain themselves
// marked. A table whose metatable has __tostring is left as it is; inside other tables it is shown by that. False with
// the error in `message` when a __tostring fails.
bool showTables(VM& vm, uint32_t count, uint32_t columns, Text& message);

}  // namespace selvage
