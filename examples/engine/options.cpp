#include "options.hpp"

#include <charconv>
#include <cstdio>
#include <string_view>

namespace engine {

namespace {

constexpr const char* help = R"(Runs a small world of plants, grazers and hunters, scripted in Lua, without a window.

usage: selvage_engine [OPTION...]

  --frames N        frames of 1/60 s to run (600)
  --entities N      entities to keep alive (10000)
  --seed N          seed of all chance: the same seed gives the same world (1)
  --jit=MODE        off, on or always (on)
  --svg FILE        write a picture of the world's end
  --no-picture      do not print a picture as text
  --scripts DIR     where the scripts are
  --reload-at N     load the behaviour again before frame N, keeping its state; a change of its file does so, too
  --help            show this and end
)";

bool complain(const std::string& message) {
  std::fprintf(stderr, "selvage_engine: %s\nTry --help.\n", message.c_str());
  return false;
}

template <class T>
bool readNumber(std::string_view option, std::string_view text, T least, T most, T& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    return complain(std::string(option) + " needs a whole number from " + std::to_string(least) + " to " +
                    std::to_string(most) + ", not '" + std::string(text) + "'");
  }
  return true;
}

bool setOption(Options& options, std::string_view name, const std::string& value) {
  if (name == "--frames") return readNumber(name, value, 1, 1000000, options.frames);
  if (name == "--entities") return readNumber(name, value, 1, 1000000, options.entities);
  if (name == "--seed") return readNumber<std::uint64_t>(name, value, 0, INT64_MAX, options.seed);
  if (name == "--reload-at") return readNumber(name, value, 1, 1000000, options.reloadAt);
  if (name == "--jit") {
    if (value != "off" && value != "on" && value != "always") {
      return complain("--jit is off, on or always, not '" + value + "'");
    }
    options.jit = value;
  } else if (name == "--svg") {
    options.svg = value;
  } else {
    options.scripts = value;
  }
  return true;
}

}  // namespace

std::optional<Options> readOptions(int count, char** words, int& status) {
  Options options;
  options.scripts = ENGINE_SCRIPTS;
  status = 2;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--help") {
      std::fputs(help, stdout);
      status = 0;
      return std::nullopt;
    }
    if (word == "--no-picture") {
      options.showPicture = false;
      continue;
    }
    // --name VALUE and --name=VALUE are the same.
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    bool known = false;
    for (const char* each : {"--frames", "--entities", "--seed", "--jit", "--svg", "--scripts", "--reload-at"}) {
      known |= name == each;
    }
    if (!known) {
      complain("there is no option '" + word + "'");
      return std::nullopt;
    }
    std::string value;
    if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (i + 1 < count) {
      value = words[++i];
    }
    if (value.empty()) {
      complain(name + " needs a value");
      return std::nullopt;
    }
    if (!setOption(options, name, value)) return std::nullopt;
  }
  status = 0;
  return options;
}

}  // namespace engine
