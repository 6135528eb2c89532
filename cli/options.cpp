// The command line of `selvage`; see the header.
#include "cli/options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <system_error>

#include "lua.h"

namespace selvage {

namespace {

constexpr std::string_view usageOfOptions =
    "Available options are:\n"
    "  -c file   compile script 'file' to a binary chunk, without running it\n"
    "  -e stat   execute string 'stat'\n"
    "  -i        enter interactive mode after executing 'script'\n"
    "  -l mod    require library 'mod' into global 'mod'\n"
    "  -l g=mod  require library 'mod' into global 'g'\n"
    "  -o file   where -c writes its chunk (default: the script's name with the ending .luac)\n"
    "  -s        leave lines and names out of that chunk\n"
    "  -v        show version information\n"
    "  -E        ignore environment variables\n"
    "  -W        turn warnings on\n"
    "  --        stop handling options\n"
    "  -         stop handling options and execute stdin\n"
    "  --jit=off|on|always    interpret only, compile what runs often (default), or compile everything first\n"
    "  --memory-limit=SIZE    let scripts have so many bytes, or kilobytes, megabytes, gigabytes (K, M, G)\n"
    "  --time-limit=SECONDS   end what is run after so many seconds\n"
    "  --instruction-limit=N  end what is run after so many instructions, interpreting only\n"
    "  --list-stencils [NAME] list the stencils, or those of one opcode with their code\n"
    "  --dump-bytecode FILE   list the bytecode of a script\n"
    "  --dump-jit FILE        list the machine code that a script is compiled to\n"
    "  --help                 show this text\n"
    "  --version              show version information\n";

}  // namespace

std::string usageText(std::string_view program) {
  return fmt::format("usage: {} [options] [script [args]]\n{}", program, usageOfOptions);
}

// One line, which begins as the reference's whole line and ends like it: scripts look for either.
std::string versionText() { return LUA_COPYRIGHT "  Selvage " SELVAGE_VERSION " runs the Lua of PUC-Rio\n"; }

namespace {

// What follows `name` in an argument that begins with it.
std::optional<std::string_view> valueOf(std::string_view argument, std::string_view name) {
  if (!argument.starts_with(name)) return std::nullopt;
  return argument.substr(name.size());
}

// Bytes: a positive whole number, perhaps with K, M or G.
std::optional<size_t> parseSize(std::string_view text) {
  size_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || number == 0) return std::nullopt;
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  constexpr std::string_view units = "KMG";
  const size_t position = unit.empty() ? 0 : units.find(unit[0]) + 1;
  if (unit.size() > 1 || (!unit.empty() && position == 0)) return std::nullopt;
  const size_t shift = 10 * position;
  if (number > SIZE_MAX >> shift) return std::nullopt;
  return number << shift;
}

// A positive whole number.
std::optional<uint64_t> parseCount(std::string_view text) {
  uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

// A positive number.
std::optional<double> parseSeconds(std::string_view text) {
  double seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem != std::errc() || end != text.data() + text.size() || !(seconds > 0)) return std::nullopt;
  return seconds;
}

class Parser {
 public:
  Parser(std::span<char* const> arguments, std::string& error) : arguments_(arguments), error_(error) {}

  std::optional<Options> parse() {
    for (index_ = 1; index_ < arguments_.size(); ++index_) {
      const std::string_view argument = arguments_[index_];
      if (!argument.starts_with('-')) {
        options_.script = static_cast<int>(index_);
        break;
      }
      if (argument == "-") {
        options_.script = static_cast<int>(index_);
        options_.scriptIsStandardInput = true;
        break;
      }
      if (argument == "--") {
        if (index_ + 1 < arguments_.size()) options_.script = static_cast<int>(index_ + 1);
        break;
      }
      if (!(argument.starts_with("--") ? parseLong(argument) : parseShort(argument))) return std::nullopt;
    }
    return options_;
  }

 private:
  bool failUnrecognized(std::string_view argument) {
    error_ = fmt::format("unrecognized option '{}'", argument);
    return false;
  }
  bool failMalformed(std::string_view argument, std::string_view expected) {
    error_ = fmt::format("'{}' needs {}", argument, expected);
    return false;
  }
  bool failMissing(std::string_view argument) {
    error_ = fmt::format("'{}' needs argument", argument);
    return false;
  }

  bool hasNext() const { return index_ + 1 < arguments_.size() && arguments_[index_ + 1][0] != '-'; }

  bool parseShort(std::string_view argument) {
    const char letter = argument[1];
    if (letter == 'e' || letter == 'l' || letter == 'c' || letter == 'o') {
      std::string_view text = argument.substr(2);
      if (text.empty()) {
        if (!hasNext()) return failMissing(argument);
        text = arguments_[++index_];
      }
      if (letter == 'c' || letter == 'o') {
        (letter == 'c' ? options_.compiled : options_.output) = text;
        return true;
      }
      options_.hasCode |= letter == 'e';
      options_.actions.push_back(
          {letter == 'e' ? Options::Action::Kind::Execute : Options::Action::Kind::Require, std::string(text)});
      return true;
    }
    if (argument.size() > 2) return failUnrecognized(argument);
    switch (letter) {
      case 'i':
        options_.isInteractive = true;
        options_.showsVersion = true;
        return true;
      case 's': options_.strips = true; return true;
      case 'v': options_.showsVersion = true; return true;
      case 'E': options_.ignoresEnvironment = true; return true;
      case 'W': options_.actions.push_back({Options::Action::Kind::TurnWarningsOn, {}}); return true;
      default: return failUnrecognized(argument);
    }
  }

  bool parseLong(std::string_view argument) {
    constexpr std::string_view jit = "--jit=";
    if (argument.starts_with(jit)) {
      return parseJitMode(argument.substr(jit.size()), options_.jit) || failUnrecognized(argument);
    }
    if (const auto value = valueOf(argument, "--memory-limit=")) {
      const auto bytes = parseSize(*value);
      options_.memoryLimit = bytes.value_or(0);
      return bytes.has_value() || failMalformed(argument, "a size such as 500K, 64M or 2G");
    }
    if (const auto value = valueOf(argument, "--instruction-limit=")) {
      const auto count = parseCount(*value);
      options_.instructionLimit = count.value_or(0);
      return count.has_value() || failMalformed(argument, "a positive whole number");
    }
    if (const auto value = valueOf(argument, "--time-limit=")) {
      const auto seconds = parseSeconds(*value);
      options_.timeLimit = seconds.value_or(0);
      return seconds.has_value() || failMalformed(argument, "a number of seconds");
    }
    if (argument == "--help") {
      options_.showsHelp = true;
      return true;
    }
    if (argument == "--version") {
      options_.showsVersion = true;
      return true;
    }
    if (argument == "--list-stencils") {
      options_.listing = Options::Listing::Stencils;
      if (hasNext()) options_.listed = arguments_[++index_];
      return true;
    }
    if (argument == "--dump-bytecode" || argument == "--dump-jit") {
      if (!hasNext()) return failMissing(argument);
      options_.listing = argument == "--dump-jit" ? Options::Listing::Jit : Options::Listing::Bytecode;
      options_.listed = arguments_[++index_];
      return true;
    }
    return failUnrecognized(argument);
  }

  std::span<char* const> arguments_;
  std::string& error_;
  Options options_;
  size_t index_ = 0;
};

}  // namespace

std::optional<Options> parseOptions(std::span<char* const> arguments, std::string& error) {
  return Parser(arguments, error).parse();
}

}  // namespace selvage
