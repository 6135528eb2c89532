// Fuzzer of the compiler: any text either has an error or becomes code that the verifier of binary chunks accepts and
// that is dumped the same after it has been loaded.
#include <cstdio>
#include <cstdlib>

#include "fuzz_vm.hpp"
#include "stdlib/load_chunk.hpp"
#include "vm/bytecode_file.hpp"
#include "vm/disassembler.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selvage;
  const fuzz::EnginePointer vm = fuzz::newBoundedVM(JitMode::Always);
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  Text error(*vm);
  const Value globals = Value::table(vm->globals);
  const LuaFunction* function = loadChunk(*vm, source, "=fuzz", "t", globals, error);
  if (function == nullptr) return 0;
  disassemble(*function->proto(), true);
  Text first(*vm);
  if (!dumpFunction(*vm, *function->proto(), false, first)) return 0;
  const LuaFunction* loaded = loadChunk(*vm, first, "=fuzz", "b", globals, error);
  Text second(*vm);
  if (loaded == nullptr || !dumpFunction(*vm, *loaded->proto(), false, second) || first != second) {
    std::fprintf(stderr, "what was compiled does not load again: %s\n", error.c_str());
    std::abort();
  }
  return 0;
}
