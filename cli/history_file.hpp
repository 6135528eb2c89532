// Where the inputs of earlier sessions are kept.
#pragma once

#include <optional>
#include <string>

namespace selvage {

// The file "selvage/history" in the user's state folder ($XDG_STATE_HOME, or ~/.local/state), whose folders are made if
// they are missing, for the user alone. Nothing if that is not possible.
std::optional<std::string> historyFile();

}  // namespace selvage
