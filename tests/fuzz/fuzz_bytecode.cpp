// Fuzzer of binary chunks: whatever is in one, loading it either fails or gives a function that can be run, listed,
// asked for names and dumped again. The inputs begin from chunks that the built command makes of the programs in
// seeds/.
//
// The first byte says how a chunk that loads is run: interpreted for a number of instructions, counted by a hook or as a
// limit, or stitched, until its first call, return of a library function or backward jump, or for some time. What goes
// on in spite of that is a failure, too (-timeout).
#include "fuzz_vm.hpp"
#include "stdlib/load_chunk.hpp"
#include "vm/bytecode_file.hpp"
#include "vm/disassembler.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace selvage;
  if (size < 1) return -1;
  const bool isStitched = (data[0] & 1) != 0;
  const fuzz::EnginePointer vm = fuzz::newBoundedVM(isStitched ? JitMode::Always : JitMode::Off);
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  Text error(*vm);
  const Value globals = Value::table(vm->globals);
  LuaFunction* function = loadChunk(*vm, bytes, "=fuzz", "b", globals, error);
  if (function == nullptr) return 0;
  disassemble(*function->proto(), true);
  Text again(*vm);
  dumpFunction(*vm, *function->proto(), false, again);
  const bool isLimited = (data[0] & 2) != 0;
  if (isStitched && isLimited) static_cast<void>(setTimeLimit(*vm, std::chrono::milliseconds(5)));
  else if (isStitched) requestInterrupt(*vm);
  else if (isLimited) setInstructionLimit(*vm, 2000);
  else fuzz::boundInstructions(*vm);
  fuzz::call(*vm, Value::function(function), {});
  return 0;
}
