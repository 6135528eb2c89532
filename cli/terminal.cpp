// What the terminal can do; see the header.
#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace selvage {

namespace {

std::string_view environmentVariable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

}  // namespace

bool terminalIsCapable() {
  const std::string_view kind = environmentVariable("TERM");
  return !kind.empty() && kind != "dumb";
}

bool usesColour(int fileDescriptor) {
  return terminalIsCapable() && environmentVariable("NO_COLOR").empty() && isatty(fileDescriptor) != 0;
}

uint32_t terminalColumns() {
  winsize size = {};
  const bool isKnown = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return isKnown ? size.ws_col : 80;
}

}  // namespace selvage
