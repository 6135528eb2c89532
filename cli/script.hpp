// Running what the command line names: LUA_INIT, -e and -l, the script, standard input.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/options.hpp"
#include "vm/vm.hpp"

namespace selvage {

// The global `arg`: the script's name at 0, its arguments from 1 on, what came before it at negative indices.
void createArgumentTable(VM& vm, std::span<char* const> arguments, int script);

// Each of these reports its errors itself and returns whether there was none.
bool runInitialization(VM& vm);  // of the environment variables LUA_INIT_5_4 or LUA_INIT
bool runActions(VM& vm, std::span<const Options::Action> actions);
// A script, or standard input when `path` is absent, called with the values of the global `arg`.
bool runScript(VM& vm, std::optional<std::string_view> path);

// Writes the binary chunk of a script to `output` (empty: the script's name with the ending .luac). `strip`: without
// lines and names.
bool compileScript(VM& vm, const std::string& script, std::string output, bool strip);

}  // namespace selvage
