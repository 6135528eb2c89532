// Standard output and its neighbours; see the header.
#include "stdlib/standard_streams.hpp"

#include <unistd.h>

#include <cstdio>

namespace selvage {

void flushAfterPrint() {
  static const bool isTerminal = isatty(STDOUT_FILENO) != 0;  // of the process, not of a VM
  if (isTerminal) std::fflush(stdout);
}

void flushStandardOutput() { std::fflush(stdout); }

void writeStandardError(std::string_view text) {
  flushStandardOutput();
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace selvage
