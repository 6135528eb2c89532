// Binary chunks with changes by chance, run under bounds: a chunk that loads may do whatever it likes, but it neither
// crashes nor goes on once its bound has struck.
//
//     selvage_mutated_chunks [--seed=N] [--count=N] [--first=N] [--memory-limit=BYTES] SOURCE.lua...
//
// Chunk number i is made of one of the sources and the seed alone. One or several of its instructions are changed before
// it is written (opcodes, operands, constants, jumps that lead elsewhere, instructions that change places), or bits of
// what has been written are flipped. Then it is loaded and run in each mode under a time limit or an instruction limit.
// All this is done in a child process; when that ends, or stands still for longer than a bound may be late, the parent
// says which chunk it was and goes on with the next one.
//
// The last line counts: "N passed, N failed".
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "jit/engine.hpp"
#include "stdlib/libraries.hpp"
#include "stdlib/load_chunk.hpp"
#include "vm/bounds.hpp"
#include "vm/bytecode_file.hpp"
#include "vm/call.hpp"
#include "vm/instruction_fields.hpp"
#include "vm/native.hpp"

namespace {

using namespace selvage;

struct Options {
  uint64_t seed = 20261201;
  uint64_t count = 1000;
  uint64_t first = 0;
  size_t memoryLimit = size_t{64} << 20;
  std::vector<std::string> sources;  // their texts
  std::vector<std::string> names;
};

using Random = std::mt19937_64;

uint64_t below(Random& random, uint64_t bound) { return bound == 0 ? 0 : random() % bound; }

// ---- making chunks ----

void collect(Proto& proto, std::vector<Proto*>& protos) {
  protos.push_back(&proto);
  for (Proto* nested : proto.protos) collect(*nested, protos);
}

std::vector<uint32_t> startsOf(const Proto& proto) {
  std::vector<uint32_t> starts;
  for (uint32_t position = 0; position < proto.code.size(); position += infoOf(proto.code[position]).words()) {
    starts.push_back(position);
  }
  return starts;
}

void setJump(Instruction& instruction, uint32_t position, uint32_t target) {
  const auto distance = static_cast<int32_t>(target) - static_cast<int32_t>(position + infoOf(instruction).words());
  if (infoOf(instruction).b == OperandKind::JumpWide) instruction.wide = distance;
  else std::memcpy(&instruction + 1, &distance, sizeof(distance));
}

void changeField(Random& random, Instruction& instruction) {
  uint16_t* const fields[] = {&instruction.a, &instruction.b, &instruction.c};
  uint16_t& field = *fields[below(random, 3)];
  switch (below(random, 4)) {
    case 0: field = static_cast<uint16_t>(field + 2); break;
    case 1: field = static_cast<uint16_t>(field - 2); break;
    case 2: field = static_cast<uint16_t>(field ^ (1U << below(random, 16))); break;
    default: field = static_cast<uint16_t>(2 * below(random, 16));
  }
}

// One change of one function's code. Words that are no instructions any more are left to the verifier.
void mutate(Random& random, Proto& proto) {
  const std::vector<uint32_t> starts = startsOf(proto);
  const uint32_t position = starts[below(random, starts.size())];
  Instruction& instruction = proto.code[position];
  const auto anyStart = [&] { return starts[below(random, starts.size())]; };
  switch (below(random, 8)) {
    case 0:
    case 1:
    case 2: {  // a jump that leads elsewhere
      for (int attempt = 0; attempt < 20; ++attempt) {
        const uint32_t jump = anyStart();
        if (!hasJump(infoOf(proto.code[jump]))) continue;
        setJump(proto.code[jump], jump, anyStart());
        return;
      }
      break;
    }
    case 3: {  // two instructions of the same length change places; a jump keeps its target one time in two
      const uint32_t other = anyStart();
      const uint32_t words = infoOf(instruction).words();
      if (infoOf(proto.code[other]).words() != words) return;
      const bool keepsTargets = below(random, 2) == 0;
      const auto target = [&](uint32_t at) {
        return hasJump(infoOf(proto.code[at])) ? jumpTarget(proto.code[at], at) : int64_t{-1};
      };
      const int64_t first = target(position);
      const int64_t second = target(other);
      for (uint32_t i = 0; i < words; ++i) std::swap(proto.code[position + i], proto.code[other + i]);
      if (keepsTargets && first >= 0) setJump(proto.code[other], other, static_cast<uint32_t>(first));
      if (keepsTargets && second >= 0) setJump(proto.code[position], position, static_cast<uint32_t>(second));
      return;
    }
    case 4: {  // another instruction's copy
      const uint32_t other = anyStart();
      if (infoOf(proto.code[other]).words() != infoOf(instruction).words()) return;
      for (uint32_t i = 0; i < infoOf(instruction).words(); ++i) proto.code[position + i] = proto.code[other + i];
      return;
    }
    case 5: {  // another opcode of the same form
      for (int attempt = 0; attempt < 50; ++attempt) {
        const auto opcode = static_cast<uint16_t>(below(random, opcodeCount));
        const OpcodeInfo& now = infoOf(instruction);
        const OpcodeInfo& then = opcodeInfo[opcode];
        if (now.words() != then.words() || hasJump(now) != hasJump(then)) continue;
        instruction.opcode = opcode;
        return;
      }
      break;
    }
    default: changeField(random, instruction);
  }
}

// The bytes of chunk number `number`.
std::string makeChunk(const Options& options, uint64_t number) {
  Random random(options.seed * 1'000'003 + number);
  for (int i = 0; i < 8; ++i) random();
  const std::string& source = options.sources[below(random, options.sources.size())];
  VM* const vm = newEngine({.mode = JitMode::Off});
  const LuaFunction* function = nullptr;
  {
    Text error(*vm);
    function = loadChunk(*vm, source, "=chunk", "t", Value::table(vm->globals), error);
    if (function == nullptr) {
      std::fprintf(stderr, "%s\n", error.c_str());
      std::exit(2);
    }
  }
  const bool flipsBits = below(random, 4) == 0;
  if (!flipsBits) {
    std::vector<Proto*> protos;
    collect(*function->proto(), protos);
    // A change makes the next one less likely to matter; most chunks have one.
    do mutate(random, *protos[below(random, protos.size())]);
    while (below(random, 3) == 0);
  }
  std::string result;
  {
    Text bytes(*vm);
    dumpFunction(*vm, *function->proto(), below(random, 2) == 0, bytes);
    result = bytes;
  }
  destroyEngine(vm);
  if (flipsBits) {
    do result[below(random, result.size())] ^= static_cast<char>(1U << below(random, 8));
    while (below(random, 3) == 0);
  }
  return result;
}

// ---- running them ----

// Whether the chunk was one that can be loaded.
bool runChunk(const Options& options, const std::string& chunk, JitMode mode, bool limitsTime) {
  using namespace std::chrono_literals;
  constexpr uint64_t instructions = 20'000;
  VM* const vm = newEngine({.mode = mode});
  openBaseLibrary(*vm);
  setField(*vm, vm->globals, "table", Value::table(openTableLibrary(*vm)));
  setField(*vm, vm->globals, "string", Value::table(openStringLibrary(*vm)));
  setField(*vm, vm->globals, "utf8", Value::table(openUtf8Library(*vm)));
  setField(*vm, vm->globals, "math", Value::table(openMathLibrary(*vm)));
  setField(*vm, vm->globals, "coroutine", Value::table(openCoroutineLibrary(*vm)));
  for (const char* name : {"print", "warn", "dofile", "loadfile"}) setField(*vm, vm->globals, name, Value::nil());
  setMemoryLimit(*vm, options.memoryLimit);
  if (limitsTime) {
    if (!setTimeLimit(*vm, 10ms)) std::exit(2);
  } else {
    setInstructionLimit(*vm, instructions);
  }
  bool isLoaded = false;
  {
    Text error(*vm);
    LuaFunction* const function = loadChunk(*vm, chunk, "=chunk", "b", Value::table(vm->globals), error);
    isLoaded = function != nullptr;
    uint32_t count = 0;
    if (isLoaded) static_cast<void>(callValue(*vm, Value::function(function), {}, allResults, &count));
  }
  destroyEngine(vm);
  return isLoaded;
}

struct Progress {
  std::atomic<uint64_t> chunk;
  std::atomic<uint64_t> steps;
  std::atomic<uint64_t> loaded;  // of these
};

constexpr JitMode modes[] = {JitMode::Off, JitMode::On, JitMode::Always};

[[noreturn]] void work(const Options& options, Progress& progress) {
  for (uint64_t i = progress.chunk; i < options.first + options.count; ++i) {
    progress.chunk = i;
    const std::string chunk = makeChunk(options, i);
    for (const JitMode mode : modes) {
      for (const bool limitsTime : {true, false}) {
        // With an instruction limit nothing is stitched.
        if (!limitsTime && mode == JitMode::On) continue;
        progress.loaded += runChunk(options, chunk, mode, limitsTime) ? 1 : 0;
        ++progress.steps;
      }
    }
  }
  std::exit(0);
}

// Waits for a child that is to make steps; its status, or -1 if it stood still and has been ended.
int awaitWorker(pid_t child, const Progress& progress) {
  constexpr int patience = 1000;  // hundredths of a second
  uint64_t seen = progress.steps;
  for (int waited = 0;;) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) return status;
    usleep(10'000);
    if (progress.steps != seen) {
      seen = progress.steps;
      waited = 0;
    } else if (++waited > patience) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return -1;
    }
  }
}

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    const auto number = [&](std::string_view name, auto& value) {
      if (!argument.starts_with(name)) return false;
      value = std::stoull(argument.substr(name.size()));
      return true;
    };
    if (number("--seed=", options.seed) || number("--count=", options.count) || number("--first=", options.first) ||
        number("--memory-limit=", options.memoryLimit)) {
      continue;
    }
    std::stringstream text;
    text << std::ifstream(argument).rdbuf();
    std::string source = text.str();
    if (source.starts_with('#')) source.insert(0, "--");
    options.sources.push_back(std::move(source));
    options.names.push_back(argument);
  }
  return options;
}

}  // namespace

int main(int count, char** arguments) {
  const Options options = parse(count, arguments);
  if (options.sources.empty()) {
    std::fprintf(stderr, "usage: selvage_mutated_chunks [--seed=N] [--count=N] [--first=N] SOURCE.lua...\n");
    return 2;
  }
  auto* const progress = static_cast<Progress*>(
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  // Functions are stitched after a few calls or turns.
  setenv("SELVAGE_JIT_STRESS", "1", 1);
  uint64_t failed = 0;
  progress->chunk = options.first;
  while (progress->chunk < options.first + options.count) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) work(options, *progress);
    const int status = awaitWorker(child, *progress);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2) return 2;
    ++failed;
    std::printf("chunk %llu of seed %llu %s %d\n", static_cast<unsigned long long>(progress->chunk.load()),
                static_cast<unsigned long long>(options.seed), status == -1 ? "does not end:" : "fails:", status);
    ++progress->chunk;
  }
  const double share = static_cast<double>(progress->loaded) / static_cast<double>(progress->steps);
  std::printf("%.0f %% of the chunks could be loaded\n", 100 * share);
  if (share < 0.1) ++failed;  // nothing is tested
  std::printf("%llu passed, %llu failed\n", static_cast<unsigned long long>(options.count - failed),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}
