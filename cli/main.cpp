// The `selvage` command.
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>

#include "cli/interactive.hpp"
#include "cli/listing.hpp"
#include "cli/options.hpp"
#include "cli/protected_call.hpp"
#include "cli/script.hpp"
#include "jit/engine.hpp"
#include "stdlib/libraries.hpp"
#include "stdlib/standard_error.hpp"
#include "vm/bounds.hpp"

namespace selvage {

namespace {

struct EngineDestroyer {
  void operator()(VM* vm) const { destroyEngine(vm); }
};

bool writeListing(VM& vm, const Options& options) {
  switch (options.listing) {
    case Options::Listing::Stencils: return listStencils(options.listed);
    case Options::Listing::Bytecode: return dumpBytecode(vm, options.listed);
    case Options::Listing::Jit: return dumpJit(vm, options.listed);
    case Options::Listing::None: break;
  }
  return true;
}

bool makeListing(VM& vm, const Options& options) {
  if (!writeListing(vm, options)) return false;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return true;
  reportError("cannot write the listing");
  return false;
}

bool runPrograms(VM& vm, const Options& options, std::span<char* const> arguments) {
  createArgumentTable(vm, arguments, options.script);
  if (!options.ignoresEnvironment && !runInitialization(vm)) return false;
  if (!runActions(vm, options.actions)) return false;
  const bool hasScript = options.script != 0;
  if (hasScript) {
    const auto path = options.scriptIsStandardInput ? std::optional<std::string_view>{}
                                                    : std::string_view(arguments[static_cast<size_t>(options.script)]);
    if (!runScript(vm, path)) return false;
  }
  if (options.isInteractive) {
    runInteractively(vm);
  } else if (!hasScript && !options.hasCode && !options.showsVersion) {
    if (isatty(STDIN_FILENO) == 0) return runScript(vm, std::nullopt);
    std::fputs(versionText().c_str(), stdout);
    runInteractively(vm);
  }
  return true;
}

// What --memory-limit, --time-limit and --instruction-limit ask for. Exceeding one of the last two is an error like any
// other to the script, but one that it cannot get rid of: see vm/bounds.hpp.
bool setBounds(VM& vm, const Options& options) {
  if (options.memoryLimit != 0) setMemoryLimit(vm, options.memoryLimit);
  if (options.instructionLimit != 0) setInstructionLimit(vm, options.instructionLimit);
  if (options.timeLimit == 0) return true;
  constexpr double longest = 1e9;
  const std::chrono::duration<double> limit(std::min(options.timeLimit, longest));
  if (setTimeLimit(vm, std::chrono::duration_cast<std::chrono::nanoseconds>(limit))) return true;
  reportError("no time limit: the system gives no thread");
  return false;
}

bool doWhatIsAsked(VM& vm, const Options& options, std::span<char* const> arguments) {
  if (!options.compiled.empty()) return compileScript(vm, options.compiled, options.output, options.strips);
  if (options.listing != Options::Listing::None) return makeListing(vm, options);
  return runPrograms(vm, options, arguments);
}

// What a collection frees, the program soon needs again. By itself the C library gives it back to the system as soon as
// there are 128 KB of it at the end of its heap, and then each page of it costs a fault again. A process that is not
// ours decides about this itself, so the library leaves it alone.
void keepFreedMemory() {
#if defined(M_TRIM_THRESHOLD) && defined(M_MMAP_THRESHOLD)
  constexpr int mostKept = 64 << 20;
  constexpr int largestInHeap = 32 << 20;  // the most that the C library takes
  mallopt(M_TRIM_THRESHOLD, mostKept);
  mallopt(M_MMAP_THRESHOLD, largestInHeap);
#endif
}

int run(std::span<char* const> arguments) {
  keepFreedMemory();
  std::string error;
  const std::optional<Options> options = parseOptions(arguments, error);
  if (!options) {
    reportError(error);
    writeStandardError(usageText(programName()));
    return EXIT_FAILURE;
  }
  if (options->showsHelp) {
    std::fputs(usageText(programName()).c_str(), stdout);
    return EXIT_SUCCESS;
  }
  if (options->showsVersion) {
    std::fputs(versionText().c_str(), stdout);
    std::fflush(stdout);
  }
  const std::unique_ptr<VM, EngineDestroyer> vm(newEngine({.mode = options->jit}));
  if (!vm) {
    reportError("cannot create state: not enough memory");
    return EXIT_FAILURE;
  }
  if (options->ignoresEnvironment) setField(*vm, vm->registry, ignoresEnvironmentKey, Value::boolean(true));
  openLibraries(*vm);
  if (!setBounds(*vm, *options)) return EXIT_FAILURE;
  collectorSettings(*vm).isGenerational = true;  // as the reference's command has it
  bool succeeded = false;
  try {
    succeeded = doWhatIsAsked(*vm, *options, arguments);
  } catch (const std::bad_alloc&) {
    reportError("not enough memory");
  }
  return succeeded ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

}  // namespace selvage

int main(int argc, char** argv) { return selvage::run({argv, static_cast<size_t>(argc)}); }
