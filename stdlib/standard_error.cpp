// Standard error; see the header.
#include "stdlib/standard_error.hpp"

#include <cstdio>

namespace selvage {

void writeStandardError(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace selvage
