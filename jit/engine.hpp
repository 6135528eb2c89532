// The engine: a VM with its interpreter, its JIT and its libraries, ready to run programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "vm/vm.hpp"

namespace selvage {

enum class JitMode : uint8_t {
  Off,     // interpret only
  On,      // stitch functions and loops that are run often
  Always,  // stitch every function before its first run
};

// "off", "on", "always".
std::string_view nameOf(JitMode mode);
bool parseJitMode(std::string_view text, JitMode& mode);

struct EngineOptions {
  JitMode mode = JitMode::On;
  // Where all memory comes from but that of stitched code and of what belongs to it.
  AllocateFunction allocate = systemAllocate;
  void* allocateData = nullptr;
};

// Since the VM was made.
struct JitStatistics {
  uint64_t functions = 0;  // stitched, again included
  uint64_t bytecodes = 0;  // instructions in them
  uint64_t codeBytes = 0;  // of stitched code, all told
  uint64_t liveBytes = 0;  // in use now
  double seconds = 0;      // spent stitching
};

// A VM without libraries (see stdlib/libraries.hpp). Null when memory does not suffice.
VM* newEngine(const EngineOptions& options);
// Runs the pending finalizers and frees everything.
void destroyEngine(VM* vm);

// ---- control, also as the `jit` library ----
JitMode jitMode(const VM& vm);
void setJitMode(VM& vm, JitMode mode);
JitStatistics jitStatistics(const VM& vm);
// Whether the system gives executable memory.
bool jitHasMemory(const VM& vm);
// Why nothing can be stitched here, or how code memory works: one line.
std::string jitMemoryStatus(const VM& vm);
// Forgets all stitched code; what is running goes on in it until it returns.
void flushJit(VM& vm);

// Which functions a switch is for.
enum class JitScope : uint8_t {
  Function,  // the one that is given
  Whole,     // and those written in it, at any depth
  Inner,     // only these
};
// Lets functions be stitched when the mode says so, as they are from the beginning, or not. What is running in stitched
// code goes on in it until it returns; every later call is interpreted.
void setStitchable(VM& vm, Proto& proto, JitScope scope, bool isStitchable);
// Forgets the stitched code of these functions, as flushJit(vm) does of all.
void flushJit(VM& vm, Proto& proto, JitScope scope);
// Stitches one function now, whatever the mode, and again if it is stitched, so that its JitCode says where the code of
// each instruction begins. False when it cannot be, with the reason.
bool stitchForListing(VM& vm, Proto& proto, std::string& reason);

}  // namespace selvage
