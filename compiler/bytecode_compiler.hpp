// From a syntax tree to protos: the one door to the bytecode compiler.
#pragma once

#include <string>
#include <string_view>

#include "compiler/arena.hpp"
#include "compiler/ast.hpp"
#include "vm/vm.hpp"

namespace selvage {

// Compiles the main function of a chunk with all functions in it and hands each proto to vm.engine.prepareProto.
// `arena` is for what is needed meanwhile. `source` becomes Proto::source. Null when the chunk exceeds a limit of the
// bytecode; then `error` is a message with the position. Never runs the collector.
Proto* compileFunction(VM& vm, Arena& arena, FunctionNode& main, String* source, Text& error);

}  // namespace selvage
