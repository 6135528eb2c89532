// From source text to a proto: parse, then compile.
#include "vm/compiler.hpp"

#include "vm/arena.hpp"
#include "vm/bytecode_compiler.hpp"
#include "vm/parser.hpp"

namespace selvage {

Proto* compileSource(VM& vm, std::string_view source, std::string_view chunkName, std::string& error) {
  Arena arena;
  FunctionNode* main = parseChunk(vm, arena, source, chunkName, error);
  if (main == nullptr) return nullptr;
  String* name = newString(vm, chunkName);
  if (name == nullptr) {
    error = "not enough memory";
    return nullptr;
  }
  return compileFunction(vm, *main, name, error);
}

}  // namespace selvage
