// What the VM itself tells on standard error: warnings, messages of the command.
#pragma once

#include <string_view>

namespace selvage {

// At once; what standard output's buffer still holds comes later, as in the reference.
void writeStandardError(std::string_view text);

}  // namespace selvage
