// The command line of `selvage`: that of the reference's stand-alone interpreter and a few long options.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jit/engine.hpp"

namespace selvage {

struct Options {
  // What -e, -l and -W ask for, to be done in their order.
  struct Action {
    enum class Kind { Execute, Require, TurnWarningsOn } kind;
    std::string text;
  };
  std::vector<Action> actions;
  bool isInteractive = false;
  bool showsVersion = false;
  bool showsHelp = false;
  bool ignoresEnvironment = false;
  bool hasCode = false;  // -e was given
  JitMode jit = JitMode::On;
  size_t memoryLimit = 0;         // in bytes; 0: none
  double timeLimit = 0;           // in seconds; 0: none
  uint64_t instructionLimit = 0;  // 0: none
  int script = 0;                 // index of the script's name among the arguments; 0: none
  bool scriptIsStandardInput = false;
  // The script to be compiled instead of running anything; empty: none.
  std::string compiled;
  std::string output;   // where to; empty: beside the script
  bool strips = false;  // leave out lines and names
  // The listing to be made instead of running anything, and what it is of.
  enum class Listing { None, Stencils, Bytecode, Jit } listing = Listing::None;
  std::string listed;
};

// Nothing, with the message in `error`, when an argument cannot be understood.
std::optional<Options> parseOptions(std::span<char* const> arguments, std::string& error);

// How the command that is called `program` is used.
std::string usageText(std::string_view program);
// One line, with its end.
std::string versionText();

}  // namespace selvage
