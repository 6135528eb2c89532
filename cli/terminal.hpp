// What the terminal can do that the command is connected to, if it is.
#pragma once

#include <cstdint>

namespace selvage {

// Whether the environment names a terminal that can move its cursor (TERM is neither missing nor "dumb").
bool terminalIsCapable();
// Whether text written to a file descriptor may be coloured: it is a capable terminal and NO_COLOR is not set.
bool usesColour(int fileDescriptor);
// Columns of the terminal that is standard output; 80 if it is none.
uint32_t terminalColumns();

}  // namespace selvage
