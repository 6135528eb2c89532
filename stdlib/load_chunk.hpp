// From source files and strings to functions: what load, loadfile, dofile, require and the command share.
#pragma once

#include <optional>
#include <string_view>

#include "vm/memory.hpp"
#include "vm/vm.hpp"

namespace selvage {

// Reads a source file, or standard input when `path` is absent, without byte order mark and with a first line that
// begins with '#' emptied. False with the reference's message in `error`.
bool readSource(VM& vm, std::optional<std::string_view> path, Text& source, Text& error);

// Compiles a chunk to a function whose _ENV is `environment`. `mode` as load takes it ("b", "t" or "bt"). Null with the
// message in `error`.
LuaFunction* loadChunk(VM& vm, std::string_view source, std::string_view chunkName, std::string_view mode,
                       Value environment, Text& error);

// A file (or standard input) through both, with the globals as its environment unless another one is given.
LuaFunction* loadFile(VM& vm, std::optional<std::string_view> path, std::string_view mode,
                      std::optional<Value> environment, Text& error);

// The error object of a chunk that could not be loaded, from the message. A syntax error is a result and nothing else;
// nesting that is too deep is raised while loading, so the message handler in force has made of it what is returned.
// `vm.errorKind` is that of the error. The stack may move.
Value errorOfLoading(VM& vm, std::string_view message);

}  // namespace selvage
