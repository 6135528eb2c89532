// The parser: source text to a resolved syntax tree (see ast.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "compiler/arena.hpp"
#include "compiler/ast.hpp"

namespace selvage {

struct VM;

// How deep statements and expressions may nest. It is what the reference allows a chunk that a script loads, and
// keeps everything that recurses over the tree clear of the end of the C++ stack.
constexpr uint32_t maxSyntaxDepth = 197;

// The main function of a chunk: vararg, with the one upvalue _ENV. `chunkName` is as lua_load takes it. Null on an
// error, with the reference's message in `error`. The tree lives as long as `arena`; its strings belong to the VM, and
// the collector must not run as long as nothing else refers to them.
FunctionNode* parseChunk(VM& vm, Arena& arena, std::string_view source, std::string_view chunkName, Text& error);

}  // namespace selvage
