// From source text to a proto: the one door to lexer, parser and bytecode compiler.
#pragma once

#include <string_view>

#include "vm/memory.hpp"
#include "vm/vm.hpp"

namespace selvage {

// Compiles a chunk to its main proto (vararg, one upvalue _ENV). `chunkName` is as lua_load takes it ("@file",
// "=name" or the text). Null on an error, with the reference's message in `error`. A first line that begins with '#'
// must have been removed (blanked) by the caller that reads files. Never runs the collector.
Proto* compileSource(VM& vm, std::string_view source, std::string_view chunkName, Text& error);

}  // namespace selvage
