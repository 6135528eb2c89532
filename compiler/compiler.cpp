// From source text to a proto: parse, then compile.
#include "compiler/compiler.hpp"

#include <new>

#include "compiler/arena.hpp"
#include "compiler/bytecode_compiler.hpp"
#include "compiler/parser.hpp"

namespace selvage {

Proto* compileSource(VM& vm, std::string_view source, std::string_view chunkName, Text& error) {
  // What a parse and a compilation need meanwhile is in containers of the C++ library, which report by an exception
  // that there is no memory for them. Nothing that was made until then is referred to by anything.
  try {
    Arena arena(vm.memory);
    FunctionNode* main = parseChunk(vm, arena, source, chunkName, error);
    if (main == nullptr) return nullptr;
    if (String* name = newString(vm, chunkName)) return compileFunction(vm, arena, *main, name, error);
    error = "not enough memory";
  } catch (const std::bad_alloc&) {
    error = "not enough memory";
  }
  return nullptr;
}

}  // namespace selvage
