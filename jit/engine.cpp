#include "jit/engine.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>

#include "jit/code_memory.hpp"
#include "jit/function_stitcher.hpp"
#include "jit/perf_map.hpp"
#include "stencil_library.hpp"
#include "stencils/interpreter.hpp"
#include "vm/frame.hpp"
#include "vm/hook.hpp"

namespace selvage {

namespace {

constexpr int32_t neverPromoted = INT32_MAX;
// How often something has to happen before something is done about it.
struct Patience {
  // Calls and loop turns after which a function is stitched. Stitching costs little more than running the bytecode a
  // few dozen times, so waiting longer does not pay. Code that was stitched with no frame to take samples from is
  // stitched again when its loops have taken so many turns.
  int32_t promotion = 120;
  // Recompilation: a loop that has taken so many turns in the general copy of its function was stitched for other types
  // than it meets. It is stitched again with what it meets now, but not forever.
  int32_t generalTurns = 1000;
  // Visits after which general copies are made; the interpreter takes over from the first ones. Many functions leave
  // now and then only, when a table grows.
  uint32_t generalVisits = 8;

  // With the environment variable SELVAGE_JIT_STRESS set, for tests, nearly none: small programs get all there is.
  static Patience usual() {
    if (std::getenv("SELVAGE_JIT_STRESS") != nullptr) return {.promotion = 2, .generalTurns = 4, .generalVisits = 2};
    return {};
  }
};
constexpr uint32_t maxAttempts = 4;

// What stitching takes.
struct Workshop {
  CodeMemory memory;
  FunctionStitcher stitcher;

  Workshop(CodeMemoryMode mode, bool isBulk)
      : memory(
            CodeMemoryOptions{
                .mode = mode, .near = reinterpret_cast<const void*>(&selvage_interpret), .isBulk = isBulk},
            Stitcher::preludeFor(stencilLibrary)),
        stitcher(stencilLibrary) {}
};

struct Engine {
  JitMode mode;
  const Patience patience = Patience::usual();
  PerfMap perfMap;
  std::unique_ptr<Workshop> openedWorkshop;
  JitStatistics statistics;
  std::vector<std::unique_ptr<JitCode>> retired;  // flushed, but perhaps still returned to

  explicit Engine(JitMode m) : mode(m) {}

  // Set up when something is stitched for the first time: short scripts do without.
  Workshop& workshop() {
    // perf looks up names only in memory that belongs to no file.
    if (openedWorkshop == nullptr)
      openedWorkshop = std::make_unique<Workshop>(
          perfMap.isWanted() ? CodeMemoryMode::FlippedPages : CodeMemoryMode::Automatic, mode == JitMode::Always);
    return *openedWorkshop;
  }
  // Whether anything can be stitched, as far as is known.
  bool hasCodeMemory() const { return openedWorkshop == nullptr || openedWorkshop->memory.isAvailable(); }
};

Engine& engineOf(const VM& vm) { return *static_cast<Engine*>(vm.engineData); }

// Calls `action` for each proto that has been handed over. There are others until the next collection: parts of chunks
// that were refused, whose code may be anything.
template <class Action>
void forEachPrepared(VM& vm, const Action& action) {
  for (Proto* proto = vm.protos; proto != nullptr; proto = proto->nextProto) {
    if (proto->entry != nullptr) action(*proto);
  }
}

double secondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void resetHotness(const Engine& engine, Proto& proto) {
  const bool isPromotable = engine.mode == JitMode::On && engine.hasCodeMemory() && !proto.isJitOff;
  proto.header()->hotness = isPromotable ? engine.patience.promotion : neverPromoted;
}

// Lets a function with stitched code run in it, or not.
void attach(Proto& proto) {
  proto.resumeAddresses = proto.jit->resumeAddresses.data();
  proto.generalAddresses = proto.jit->general == nullptr ? nullptr : proto.jit->general->addresses.data();
  proto.entry = proto.resumeAddresses[0];
}

void detach(Proto& proto) {
  proto.resumeAddresses = nullptr;
  proto.generalAddresses = nullptr;
  proto.entry = &selvage_interpret;
}

void forget(Proto& proto) {
  proto.jit = nullptr;
  detach(proto);
}

// `frame`: of a running activation of the function, if there is one.
bool stitch(VM& vm, Proto& proto, const RunningFrame& frame, std::string& reason, bool isListed = false) {
  Engine& engine = engineOf(vm);
  if (vm.isHooked) {
    reason = "a debug hook is set";
    return false;
  }
  if (proto.isJitOff) {
    reason = "the function is switched off";
    return false;
  }
  if (proto.jit != nullptr) return true;
  const auto start = std::chrono::steady_clock::now();
  std::unique_ptr<JitCode> code;
  try {
    Workshop& workshop = engine.workshop();
    if (!workshop.memory.isAvailable()) {
      reason = workshop.memory.status();
      return false;
    }
    code = std::make_unique<JitCode>();
    if (!workshop.stitcher.stitch(proto, frame, isListed || engine.perfMap.isWanted(), workshop.memory, *code, reason))
      return false;
    const std::span<Shape* const> shapes = workshop.stitcher.shapes();
    proto.jitShapes.insert(proto.jitShapes.end(), shapes.begin(), shapes.end());
  } catch (const std::bad_alloc&) {
    // The function stays interpreted.
    if (code != nullptr) engine.openedWorkshop->memory.release(code->code.block);
    reason = "not enough memory";
    return false;
  }
  proto.jit = code.release();
  const bool isBlind = frame.base == nullptr;
  proto.header()->generalTurns = proto.jitAttempts >= maxAttempts ? neverPromoted
                                 : isBlind                        ? engine.patience.promotion
                                                                  : engine.patience.generalTurns;
  attach(proto);
  if (!isBlind) ++proto.jitAttempts;
  ++engine.statistics.functions;
  engine.statistics.bytecodes += proto.jit->instructions;
  engine.statistics.codeBytes += proto.jit->code.size;
  engine.statistics.seconds += secondsSince(start);
  if (engine.perfMap.isWanted()) [[unlikely]]
    engine.perfMap.add(proto, *proto.jit);
  return true;
}

void releaseRetired(VM& vm);

// The function is without stitched code; what runs in it goes on there.
void retire(VM& vm, Proto& proto) {
  constexpr size_t manyRetired = 32;
  Engine& engine = engineOf(vm);
  engine.retired.emplace_back(proto.jit);
  forget(proto);
  if (engine.retired.size() >= manyRetired) releaseRetired(vm);
}

void promote(VM& vm, Proto& proto, const Instruction* pc) {
  Engine& engine = engineOf(vm);
  std::string reason;
  RunningFrame frame;
  if (pc != nullptr) {
    const auto word = static_cast<uint32_t>(pc - proto.code.data());
    frame = {vm.base, proto.liveSlots.empty() ? 0U : proto.liveSlots[word], word};
  } else if (!proto.isVararg) {
    // At the entry of a vararg function its frame is not yet where it will be.
    frame = {vm.base, proto.parameterCount, 0};
  }
  if (proto.jit != nullptr && proto.header()->generalTurns < 0) {
    proto.header()->generalTurns = neverPromoted;
    if (proto.jitAttempts < maxAttempts) retire(vm, proto);
  }
  if (engine.mode == JitMode::Off || !stitch(vm, proto, frame, reason)) {
    // Nor is it asked for again by code that is still running.
    proto.header()->hotness = proto.header()->generalTurns = neverPromoted;
    return;
  }
  // Interpreted turns of a loop in a function that has stitched code meanwhile enter it at once.
  proto.header()->hotness = 0;
}

bool makeGeneralCopies(Engine& engine, Proto& proto) {
  const auto start = std::chrono::steady_clock::now();
  JitCode& code = *proto.jit;
  std::string reason;
  try {
    if (!engine.workshop().stitcher.stitchGeneralCopies(proto, engine.workshop().memory, code, reason)) return false;
  } catch (const std::bad_alloc&) {
    return false;  // as without code memory
  }
  attach(proto);
  engine.statistics.codeBytes += code.general->code.size;
  engine.statistics.seconds += secondsSince(start);
  if (engine.perfMap.isWanted()) [[unlikely]]
    engine.perfMap.addGeneralCopies(proto, code);
  return true;
}

// See EngineInterface::generalCopy.
Handler* generalCopy(VM& vm, Proto& proto, const Instruction* pc) {
  Engine& engine = engineOf(vm);
  // What runs may be older than the function's present code, or its code has been forgotten.
  JitCode* const code = vm.isHooked ? nullptr : proto.jit;
  if (code == nullptr) return vm.dispatch[pc->opcode];
  if (code->general == nullptr) {
    const bool isDue = ++code->generalVisits == engine.patience.generalVisits;
    if (!isDue || !makeGeneralCopies(engine, proto)) return vm.dispatch[pc->opcode];
  }
  return code->general->addresses[static_cast<size_t>(pc - proto.code.data())];
}

void prepareProto(VM& vm, Proto& proto) {
  proto.entry = &selvage_interpret;
  resetHotness(engineOf(vm), proto);
  std::string reason;
  if (engineOf(vm).mode == JitMode::Always) stitch(vm, proto, {}, reason);
}

void release(Engine& engine, const JitCode& code) {
  CodeMemory& memory = engine.workshop().memory;
  memory.release(code.code.block);
  if (code.general != nullptr) memory.release(code.general->code.block);
}

void destroyProto(VM& vm, Proto& proto) {
  if (proto.jit == nullptr) return;
  release(engineOf(vm), *proto.jit);
  delete proto.jit;
  forget(proto);
}

// Whether any frame will return into the code. Only frame headers hold return addresses.
bool isReturnedTo(const VM& vm, const JitCode& code) {
  const auto inStack = [&](const Thread& thread, const Value* top) {
    return std::any_of(thread.stack, const_cast<Value*>(top),
                       [&](const Value& slot) { return Frame::isHeader(slot) && code.contains(slot.as<void>()); });
  };
  const auto inThread = [&](const Thread* thread) {
    return inStack(*thread, thread == vm.current ? vm.top : thread->top);
  };
  if (inThread(vm.mainThread)) return true;
  for (const Thread* thread = vm.threads; thread != nullptr; thread = thread->nextThread) {
    if (inThread(thread)) return true;
  }
  return false;
}

void releaseRetired(VM& vm) {
  Engine& engine = engineOf(vm);
  std::erase_if(engine.retired, [&](const std::unique_ptr<JitCode>& code) {
    if (isReturnedTo(vm, *code)) return false;
    release(engine, *code);
    return true;
  });
}

// ---- debug hooks ----

// Has a frame that would return into stitched code return into the interpreter instead.
void returnToInterpreter(const Engine& engine, Frame frame, Frame caller) {
  if (!caller.function().isFunction() || !caller.callee()->isLua()) return;
  const Proto& proto = *caller.callee()->proto();
  const void* const address = frame.base[-1].as<void>();
  const bool isStitched = (proto.jit != nullptr && proto.jit->contains(address)) ||
                          std::any_of(engine.retired.begin(), engine.retired.end(),
                                      [&](const auto& code) { return code->contains(address); });
  if (!isStitched) return;
  Handler* const resume = opcodeTraits()[proto.code[frame.callerPc()].opcode].resume;
  frame.base[-1].bits = reinterpret_cast<uint64_t>(resume);
}

// Whether stitched code is left to or was, all frames hold what the interpreter needs.
void leaveStitchedFrames(const VM& vm, const Engine& engine, const Thread& thread) {
  if (!thread.isStarted || thread.status == ThreadStatus::Dead) return;
  const bool isRunning = &thread == vm.current;
  uint32_t word = isRunning ? callerPcHere(vm) : UINT32_MAX;
  for (Frame frame{isRunning ? vm.base : thread.base}; !frame.isBottom(); frame = frame.caller()) {
    const Frame caller = frame.caller();
    returnToInterpreter(engine, frame, caller);
    const bool isLua = frame.function().isFunction() && frame.callee()->isLua();
    // The header of a vararg function's frame stands in two places, once its first instruction has been executed.
    if (isLua && frame.callee()->proto()->isVararg && word != 0) {
      const Frame original = frame.beforeVarargs();
      if (original.base == caller.base) return;  // at the bottom
      returnToInterpreter(engine, original, caller);
    }
    word = frame.callerPc();
  }
}

void setHooked(VM& vm, bool isHooked) {
  Engine& engine = engineOf(vm);
  const std::span<Handler* const> handlers = interpreterHandlers();
  std::copy(handlers.begin(), handlers.end(), vm.dispatch);
  if (isHooked) std::fill_n(vm.dispatch, handlers.size(), &selvage_hookedInstruction);
  forEachPrepared(vm, [&](Proto& proto) {
    std::string reason;
    if (isHooked) detach(proto);
    else if (proto.jit != nullptr) attach(proto);
    else resetHotness(engine, proto);
    if (!isHooked && engine.mode == JitMode::Always) stitch(vm, proto, {}, reason);
  });
  if (!isHooked) return;
  leaveStitchedFrames(vm, engine, *vm.mainThread);
  for (const Thread* thread = vm.threads; thread != nullptr; thread = thread->nextThread) {
    leaveStitchedFrames(vm, engine, *thread);
  }
}

}  // namespace

std::string_view nameOf(JitMode mode) {
  switch (mode) {
    case JitMode::Off: return "off";
    case JitMode::On: return "on";
    case JitMode::Always: return "always";
  }
  return "";
}

bool parseJitMode(std::string_view text, JitMode& mode) {
  for (const JitMode candidate : {JitMode::Off, JitMode::On, JitMode::Always}) {
    if (text == nameOf(candidate)) {
      mode = candidate;
      return true;
    }
  }
  return false;
}

// All of it: nothing runs any more.
void releaseStitchedCode(VM& vm) {
  for (Proto* proto = vm.protos; proto != nullptr; proto = proto->nextProto) destroyProto(vm, *proto);
}

VM* newEngine(const EngineOptions& options) {
  VM* vm = newVM(options.allocate, options.allocateData);
  if (vm == nullptr) return nullptr;
  void* const room = allocateBytes(vm->memory, sizeof(Engine));
  if (room == nullptr) {
    destroyVM(vm);
    return nullptr;
  }
  vm->engineData = new (room) Engine(options.mode);
  const std::span<Handler* const> handlers = interpreterHandlers();
  std::copy(handlers.begin(), handlers.end(), vm->dispatch);
  vm->engine.promote = promote;
  vm->engine.generalCopy = generalCopy;
  vm->engine.prepareProto = prepareProto;
  vm->engine.destroyProto = destroyProto;
  vm->engine.setHooked = setHooked;
  return vm;
}

void destroyEngine(VM* vm) {
  if (vm == nullptr) return;
  auto* engine = static_cast<Engine*>(vm->engineData);
  closeFinalizers(*vm);
  releaseStitchedCode(*vm);
  engine->~Engine();
  vm->engineData = nullptr;
  vm->engine = {};
  freeBytes(vm->memory, engine, sizeof(Engine));
  destroyVM(vm);
}

JitMode jitMode(const VM& vm) { return engineOf(vm).mode; }

void setJitMode(VM& vm, JitMode mode) {
  Engine& engine = engineOf(vm);
  engine.mode = mode;
  forEachPrepared(vm, [&](Proto& proto) {
    std::string reason;
    if (proto.jit == nullptr) resetHotness(engine, proto);
    if (mode == JitMode::Always) stitch(vm, proto, {}, reason);
  });
}

JitStatistics jitStatistics(const VM& vm) {
  JitStatistics statistics = engineOf(vm).statistics;
  if (engineOf(vm).openedWorkshop != nullptr) statistics.liveBytes = engineOf(vm).openedWorkshop->memory.bytesInUse();
  return statistics;
}

bool jitHasMemory(const VM& vm) { return engineOf(vm).workshop().memory.isAvailable(); }

std::string jitMemoryStatus(const VM& vm) { return engineOf(vm).workshop().memory.status(); }

namespace {

// Calls `action` for each function of a scope.
template <class Action>
void forEachIn(JitScope scope, Proto& proto, const Action& action) {
  if (scope != JitScope::Inner) action(proto);
  if (scope == JitScope::Function) return;
  for (Proto* inner : proto.protos) forEachIn(JitScope::Whole, *inner, action);
}

}  // namespace

void setStitchable(VM& vm, Proto& proto, JitScope scope, bool isStitchable) {
  Engine& engine = engineOf(vm);
  forEachIn(scope, proto, [&](Proto& function) {
    if (function.isJitOff != isStitchable) return;
    function.isJitOff = !isStitchable;
    if (!isStitchable && function.jit != nullptr) retire(vm, function);
    resetHotness(engine, function);
    std::string reason;
    if (isStitchable && engine.mode == JitMode::Always) stitch(vm, function, {}, reason);
  });
  releaseRetired(vm);
}

void flushJit(VM& vm, Proto& proto, JitScope scope) {
  forEachIn(scope, proto, [&](Proto& function) {
    if (function.jit != nullptr) retire(vm, function);
    resetHotness(engineOf(vm), function);
  });
  releaseRetired(vm);
}

void flushJit(VM& vm) {
  Engine& engine = engineOf(vm);
  forEachPrepared(vm, [&](Proto& proto) {
    if (proto.jit != nullptr) engine.retired.emplace_back(proto.jit);
    forget(proto);
    resetHotness(engine, proto);
  });
  releaseRetired(vm);
}

bool stitchForListing(VM& vm, Proto& proto, std::string& reason) {
  if (proto.jit != nullptr) retire(vm, proto);
  return stitch(vm, proto, {}, reason, true);
}

}  // namespace selvage
