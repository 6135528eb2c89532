// Running Lua code from the command: errors become messages with a traceback, an interrupt becomes an error.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "vm/vm.hpp"

namespace selvage {

// Calls `function`. True: all its results are the `count` values below vm.top, which the caller pops. False: `message`
// is the error's text with a traceback.
bool callProtected(VM& vm, Value function, std::span<const Value> arguments, uint32_t& count, Text& message);

// Loads a chunk with the globals and calls it without arguments, forgetting the results.
bool runString(VM& vm, std::string_view source, std::string_view chunkName, Text& message);

// What the command was called by, as messages name it (manual, section 7: argv[0]).
std::string_view programName();

// "name: message" on standard error.
void reportError(std::string_view message);

}  // namespace selvage
