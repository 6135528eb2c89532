// The command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace engine {

struct Options {
  int frames = 600;
  int entities = 10000;
  std::uint64_t seed = 1;
  std::string jit;      ///< "off", "on" or "always"; empty: as it is
  std::string svg;      ///< where to write the picture; empty: nowhere
  std::string scripts;  ///< the folder of the scripts
  int reloadAt = 0;     ///< the frame before which the behaviour is loaded again; 0: only when its file changes
  bool showPicture = true;
};

/// Reads the command line. Prints help, or what is wrong, and returns nothing if the program is to end, with `status`.
std::optional<Options> readOptions(int count, char** words, int& status);

}  // namespace engine
