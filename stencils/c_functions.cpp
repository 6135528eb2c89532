// C functions, the machine's side: calling them, leaving them early, going on after a yield; see vm/c_function.hpp.
#include "vm/c_function.hpp"

#include <cxxabi.h>
#include <unwind.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <exception>
#include <new>
#include <typeinfo>

#include "stencils/entries.hpp"
#include "stencils/machine_entry.hpp"
#include "stencils/slow_path.hpp"
#include "vm/call.hpp"
#include "vm/frame.hpp"
#include "vm/native.hpp"
#include "vm/operations.hpp"
#include "vm/pending_variables.hpp"

namespace selvage {

namespace {

// In place of the number of results: the function was left early.
constexpr int leftEarly = INT_MIN;

}  // namespace

extern "C" Handler selvage_closedInC;

// ---- the C stack ----
// Calls function(state, status, context) and stores the stack pointer that it is called with. What it would preserve for
// its caller is on the stack, so that selvage_returnFromC can return from anywhere above without unwinding.
extern "C" int selvage_invokeC(lua_State* state, int status, intptr_t context, void* function, void** stack);
extern "C" [[noreturn]] void selvage_returnFromC(void* stack, int result);
extern "C" const uint8_t selvage_invokedC[];  // where the function returns to

asm(R"(
        .pushsection .text.selvage_invokeC,"ax",@progbits
        .p2align 4
        .globl  selvage_invokeC
        .hidden selvage_invokeC
        .type   selvage_invokeC,@function
selvage_invokeC:
        .cfi_startproc
        pushq   %rbp
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbp, 0
        pushq   %rbx
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %rbx, 0
        pushq   %r12
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r12, 0
        pushq   %r13
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r13, 0
        pushq   %r14
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r14, 0
        pushq   %r15
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %r15, 0
        subq    $8, %rsp
        .cfi_adjust_cfa_offset 8
        movq    %rsp, (%r8)
        callq   *%rcx
        .globl  selvage_invokedC
        .hidden selvage_invokedC
selvage_invokedC:
        addq    $8, %rsp
        .cfi_adjust_cfa_offset -8
        popq    %r15
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r15
        popq    %r14
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r14
        popq    %r13
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r13
        popq    %r12
        .cfi_adjust_cfa_offset -8
        .cfi_restore %r12
        popq    %rbx
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rbx
        popq    %rbp
        .cfi_adjust_cfa_offset -8
        .cfi_restore %rbp
        retq
        .cfi_endproc
        .size   selvage_invokeC, .-selvage_invokeC

        .globl  selvage_returnFromC
        .hidden selvage_returnFromC
        .type   selvage_returnFromC,@function
selvage_returnFromC:
        movq    %rdi, %rsp
        movl    %esi, %eax
        jmp     selvage_invokedC
        .size   selvage_returnFromC, .-selvage_returnFromC
        .popsection
)");

namespace {

// Follows returns through functions that have nothing left to do but to give back their stack frames.
class EpilogueWalk {
 public:
  // At the return from the function whose frame address is `frame` (its caller's rbp, then the return address).
  explicit EpilogueWalk(const void* frame) {
    const auto* words = static_cast<const uint64_t*>(frame);
    framePointer_ = words[0];
    code_ = reinterpret_cast<const uint8_t*>(words[1]);
    stack_ = words + 2;
  }

  // Whether all that happens until the stack pointer is `stack` and `target` runs is epilogues.
  bool reaches(const uint8_t* target, const void* stack) {
    constexpr int mostInstructions = 64;
    for (int i = 0; i < mostInstructions; ++i) {
      if (code_ == target) return stack_ == stack;
      if (stack_ >= stack || !step()) return false;
    }
    return false;
  }

 private:
  bool begins(std::initializer_list<uint8_t> bytes) {
    if (!std::equal(bytes.begin(), bytes.end(), code_)) return false;
    code_ += bytes.size();
    return true;
  }
  template <class Integer>
  int64_t immediate() {
    Integer value;
    std::memcpy(&value, code_, sizeof(value));
    code_ += sizeof(value);
    return value;
  }
  uint64_t pop() { return *stack_++; }
  static const uint64_t* atAddress(uint64_t address) { return reinterpret_cast<const uint64_t*>(address); }
  void addToStack(int64_t bytes) {
    stack_ = atAddress(reinterpret_cast<uint64_t>(stack_) + static_cast<uint64_t>(bytes));
  }

  // One instruction of an epilogue. The result of the function (eax) is none of its business.
  bool step() {
    if (begins({0xC3})) {  // ret
      code_ = reinterpret_cast<const uint8_t*>(pop());
    } else if (begins({0x48, 0x83, 0xC4})) {  // add rsp, byte
      addToStack(immediate<int8_t>());
    } else if (begins({0x48, 0x81, 0xC4})) {  // add rsp, double word
      addToStack(immediate<int32_t>());
    } else if (begins({0x48, 0x8D, 0x65})) {  // lea rsp, [rbp + byte]
      stack_ = atAddress(framePointer_ + static_cast<uint64_t>(immediate<int8_t>()));
    } else if (begins({0xC9})) {  // leave
      stack_ = atAddress(framePointer_);
      framePointer_ = pop();
    } else if (begins({0x5D})) {  // pop rbp
      framePointer_ = pop();
    } else if (*code_ == 0x59 || *code_ == 0x5B || *code_ == 0x5E || *code_ == 0x5F) {  // pop rcx, rbx, rsi, rdi
      ++code_;
      pop();
    } else if (*code_ == 0x41 && code_[1] >= 0x58 && code_[1] <= 0x5F) {  // pop r8 ... r15
      code_ += 2;
      pop();
    } else if (begins({0xEB})) {  // jmp
      const int64_t distance = immediate<int8_t>();
      code_ += distance;
    } else if (begins({0xE9})) {
      const int64_t distance = immediate<int32_t>();
      code_ += distance;
    } else {
      return begins({0x90});  // nop
    }
    return true;
  }

  const uint8_t* code_;
  const uint64_t* stack_;
  uint64_t framePointer_;
};

struct ExceptionGlobals {  // what __cxa_get_globals returns, in the C++ ABI
  void* caught;
  unsigned int uncaught;
};

// Throws LeavesC; if it cannot be thrown, since a frame without unwind tables is in the way, sets the stack pointer back.
[[noreturn]] void throwLeaving(const CBoundary& boundary) {
  void* const object = abi::__cxa_allocate_exception(sizeof(LeavesC));
  new (object) LeavesC();
  // As __cxa_throw does, which ends the program where this goes on. The count of references is the header's first member.
  auto* const header = reinterpret_cast<int*>(
      abi::__cxa_init_primary_exception(object, const_cast<std::type_info*>(&typeid(LeavesC)), nullptr));
  *header = 1;
  auto* const globals = reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
  ++globals->uncaught;
  // By the C++ ABI, the unwinder's header is the last thing in front of the object.
  _Unwind_RaiseException(static_cast<_Unwind_Exception*>(object) - 1);
  --globals->uncaught;
  if (boundary.stack == nullptr) std::terminate();
  abi::__cxa_free_exception(object);
  selvage_returnFromC(boundary.stack, leftEarly);
}

// Calls a C function or continuation with the frame at vm.base. leftEarly: see leaveC.
[[gnu::noinline]] int runC(VM& vm, void* function, int status, intptr_t context) {
  CBoundary boundary{nullptr, vm.boundary};
  vm.boundary = &boundary;
  int count;
  try {
    count = selvage_invokeC(stateOf(*vm.current), status, context, function, &boundary.stack);
  } catch (abi::__forced_unwind&) {
    vm.boundary = boundary.outer;
    throw;  // the operating system's thread is being ended
  } catch (...) {
    takeException(vm);
    count = leftEarly;
  }
  vm.boundary = boundary.outer;
  return count;
}

// ---- returning ----

Handler* leftC(VM& vm) {
  if (!vm.isUnwindingToYield) return resumeRaising();
  if (vm.current->yieldableEntries > 0) return passYield(vm);
  vm.isUnwindingToYield = false;
  vm.transfer = static_cast<uint64_t>(vm.top - vm.base);
  return &selvage_coroutineYield;
}

// Calls the handler of the innermost variable that the C function at vm.base has marked, above its `count` results, in a frame
// that returns to selvage_closedInC, so that it may yield. Null when none is pending.
Handler* closeOneOfC(VM& vm, uint64_t count) {
  const Thread& thread = *vm.current;
  if (thread.toBeClosed.empty() || thread.stack + thread.toBeClosed.back() < vm.base) return nullptr;
  if (!hasRoom(vm, 1 + frameHeaderSlots + nativeMinimumSlots)) return resumeRaising();
  const Value value = thread.stack[thread.toBeClosed.back()];
  vm.current->toBeClosed.pop_back();
  *vm.top = Value::integer(static_cast<int64_t>(count));  // the number is kept beneath the frame
  Value* const frame = vm.top + 1 + frameHeaderSlots;
  frame[-2] = metamethodOf(vm, value, Event::Close);
  frame[-2].extra = 0;
  Frame{frame}.setHeader(&selvage_closedInC,
                         static_cast<uint32_t>(reinterpret_cast<char*>(frame) - reinterpret_cast<char*>(vm.base)));
  frame[0] = value;
  frame[1] = Value::nil();
  vm.base = frame;
  vm.top = frame + 2;
  vm.transfer = 2;
  return enterCallee(vm);
}

// A C function returns vm.transfer values from the top of its stack; what it has marked with lua_toclose is closed first.
Handler* returnFromC(VM& vm) {
  const uint64_t count = vm.transfer;
  if (vm.hasClosableInC) {
    if (Handler* const call = closeOneOfC(vm, count); call != nullptr) return call;
  }
  if (vm.safepoint.load(std::memory_order_relaxed) != 0) return &selvage_nativeSafepoint;
  return returnFromNative(vm, vm.top - count, count);
}

// A handler that closeOneOfC has called has returned.
Handler* closedInC(VM& vm) {
  vm.top = vm.base - (1 + frameHeaderSlots);
  vm.transfer = static_cast<uint64_t>(vm.top->integer());
  vm.base = Frame{vm.base}.caller().base;
  return returnFromC(vm);
}

// ---- going on after a yield ----

// Calls the continuation of the C function at vm.base; its results are those of the function.
Handler* runContinuation(VM& vm, CContinuation continuation, int status, intptr_t context) {
  const int count = runC(vm, reinterpret_cast<void*>(continuation), status, context);
  if (count == leftEarly) return leftC(vm);
  vm.transfer = static_cast<uint64_t>(std::max(count, 0));
  return returnFromC(vm);
}

constexpr int statusYielded = 1;  // LUA_YIELD

// `count` values from `results` on take the places of the frame at vm.base and of what lies beneath it. Then the
// continuation runs.
Handler* continueWith(VM& vm, const Value* results, uint64_t count, int status) {
  Value* const frame = vm.base;
  const auto continuation = reinterpret_cast<CContinuation>(frame[continuationFunction].bits);
  const auto context = static_cast<intptr_t>(frame[continuationContext].integer());
  const auto wanted = static_cast<int>(frame[continuationContext].extra);
  Value* const target = frame + continuationHandler;
  vm.base = Frame{frame}.caller().base;
  std::copy(results, results + count, target);
  if (wanted >= 0) {
    for (auto i = count; i < static_cast<uint64_t>(wanted); ++i) target[i] = Value::nil();
    count = static_cast<uint64_t>(wanted);
  }
  vm.top = target + count;
  if (continuation != nullptr) return runContinuation(vm, continuation, status, context);
  vm.transfer = count;
  return returnFromC(vm);
}

Handler* continueAfter(VM& vm) { return continueWith(vm, vm.base - frameHeaderSlots, vm.transfer, statusYielded); }

void writeContinuation(Value* slots, Value handler, CContinuation continuation, intptr_t context, int wanted) {
  slots[0] = handler;
  slots[1] = Value::integer(context);
  slots[1].extra = static_cast<uint32_t>(wanted);
  slots[2] = Value::pointer(reinterpret_cast<void*>(continuation));
}

}  // namespace

Handler* continueWithError(VM& vm) {
  const Value error = vm.error;
  const int status = statusOf(vm.errorKind);
  vm.error = Value::nil();
  vm.errorIsHandled = false;
  setStackLimit(vm, stackLimitOf(*vm.current));
  vm.base[continuationContext].extra = static_cast<uint32_t>(allResults);
  return continueWith(vm, &error, 1, status);
}

extern "C" SELVAGE_HANDLER void selvage_leaveProtected(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return selvage_leave(SELVAGE_ARGUMENTS);
}

SELVAGE_NATIVE_PATH(selvage_leftC, leftC)
SELVAGE_NATIVE_PATH(selvage_returnFromCClosing, returnFromC)
SELVAGE_NATIVE_PATH(selvage_closedInC, closedInC)
SELVAGE_NATIVE_PATH(selvage_continueCall, continueAfter)
SELVAGE_NATIVE_PATH(selvage_continueProtected, continueAfter)
SELVAGE_NATIVE_PATH(selvage_continueYield, continueAfter)

extern "C" SELVAGE_HANDLER void selvage_callC(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  vm->base = base;
  vm->top = base + x0;
  const int count =
      runC(*vm, reinterpret_cast<void*>(static_cast<NativeFunction*>(base[-2].function())->upvalues[0].bits), 0, 0);
  m.base = m.vm->base;
  forgetAllButCount(m);
  m.x0 = static_cast<uint64_t>(count);
  if (count < 0) [[unlikely]]
    SELVAGE_GO(m, &selvage_leftC);
  if (m.vm->hasClosableInC) [[unlikely]]
    SELVAGE_GO(m, &selvage_returnFromCClosing);
  SELVAGE_GO(m, returnResults(m, count));
}

// ---- what the C API is made of ----

NativeFunction* newCFunction(VM& vm, CFunctionPointer pointer, uint32_t upvalues) {
  static constexpr NativeCode code = makeNative("?", nullptr, &selvage_callC);
  NativeFunction* function = newNativeFunction(vm, code, upvalues + 1);
  if (function != nullptr) function->upvalues[0] = Value::pointer(reinterpret_cast<void*>(pointer));
  return function;
}

int statusOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Run: return 2;
    case ErrorKind::Memory: return 4;
    case ErrorKind::Handler: return 5;
  }
  return 2;
}

int leaveC(VM& vm, void* frame) {
  const CBoundary& boundary = *vm.boundary;
  if (frame != nullptr && boundary.stack != nullptr && EpilogueWalk(frame).reaches(selvage_invokedC, boundary.stack))
    return leftEarly;
  const bool isKept = vm.keptException != nullptr && !vm.isUnwindingToYield && rawEqual(vm.error, vm.keptError);
  if (isKept) std::rethrow_exception(vm.keptException);
  throwLeaving(boundary);
}

void takeException(VM& vm) {
  std::exception_ptr exception = std::current_exception();
  try {
    throw;
  } catch (const LeavesC&) {
    return;
  } catch (const std::bad_alloc&) {
    vm.isUnwindingToYield = false;
    failMemory(vm);
    return;
  } catch (const std::exception& standard) {
    vm.isUnwindingToYield = false;
    if (vm.keptException == exception) {
      fail(vm, vm.keptError);
      return;
    }
    const String* message = newString(vm, standard.what());
    if (message == nullptr) failMemory(vm);
    else fail(vm, Value::string(message));
  } catch (...) {
    vm.isUnwindingToYield = false;
    if (vm.keptException == exception) {
      fail(vm, vm.keptError);
      return;
    }
    const String* message = newString(vm, "C++ exception");
    if (message == nullptr) failMemory(vm);
    else fail(vm, Value::string(message));
  }
  vm.keptException = std::move(exception);
  vm.keptError = vm.error;
}

namespace {

// A frame that is protected or may be left by a yield has a continuation's slots beneath it.
template <bool isProtected, bool isYieldable>
[[gnu::always_inline]] inline Exit enterCall(VM& vm, uint32_t arguments, int wanted, const Value* messageHandler,
                                             CContinuation continuation, intptr_t context) {
  constexpr uint32_t beneath = isProtected || isYieldable ? continuationSlots : 0;
  Thread& thread = *vm.current;
  const SavedMachine saved(vm);
  Value* const function = vm.top - arguments - 1;
  Exit exit = Exit::Failed;
  if (vm.nativeDepth >= maxNativeDepth) [[unlikely]] {
    failWithPosition(vm, "C stack overflow");
  } else if (hasRoom(vm, beneath + frameHeaderSlots + nativeMinimumSlots)) [[likely]] {
    Value* const from = saved.moved(vm, function);
    Value* const base = from + beneath + frameHeaderSlots;
#pragma clang loop unroll(disable) vectorize(disable)
    for (Value* argument = vm.top - 1; argument != from; --argument) {
      argument[beneath + frameHeaderSlots - 1] = *argument;
    }
    base[-2] = *from;
    base[-2].extra = saved.callerPc(vm);
    if constexpr (beneath != 0) {
      const Value handler = isProtected ? *messageHandler : Value::nil();
      writeContinuation(from, handler, continuation, context, wanted);
    }
    Frame{base}.setHeader(isProtected ? &selvage_leaveProtected : &selvage_leave,
                          static_cast<uint32_t>(reinterpret_cast<char*>(base) - reinterpret_cast<char*>(vm.base)));
    vm.base = base;
    vm.top = base + arguments;
    vm.transfer = arguments;

    uint32_t& entries = isYieldable ? thread.yieldableEntries : thread.nativeDepth;
    ++vm.nativeDepth;
    ++entries;
    enterMachine(vm, entryOfCallee(vm));
    --entries;
    --vm.nativeDepth;
    exit = vm.exit;
  }
  Value* const target = saved.moved(vm, function);
  if (isYieldable && exit == Exit::Yielded) {
    // What was called goes on when the coroutine does, and returns to where there is no C function any more.
    target[beneath + 1].bits =
        reinterpret_cast<uint64_t>(isProtected ? &selvage_continueProtected : &selvage_continueCall);
    return exit;
  }
  const auto count = static_cast<uint32_t>(vm.transfer);
  saved.restore(vm);
  if (exit != Exit::Returned) [[unlikely]] {
    vm.top = target;
    collectIfRequested(vm);
    if (isProtected) setStackLimit(vm, stackLimitOf(thread));
    return exit;
  }
  const uint32_t kept = wanted == allResults ? count : static_cast<uint32_t>(wanted);
  if constexpr (beneath != 0) {
#pragma clang loop unroll(disable) vectorize(disable)
    for (uint32_t i = 0; i < count; ++i) target[i] = target[i + beneath];
  }
  for (uint32_t i = count; i < kept; ++i) target[i] = Value::nil();
  vm.top = target + kept;
  return exit;
}

bool canYield(const VM& vm, CContinuation continuation) {
  return continuation != nullptr && vm.current->nativeDepth == 0 && vm.current->resumer != nullptr;
}

}  // namespace

Exit callFromC(VM& vm, uint32_t arguments, int wanted, CContinuation continuation, intptr_t context) {
  if (canYield(vm, continuation)) [[unlikely]]
    return enterCall<false, true>(vm, arguments, wanted, nullptr, continuation, context);
  return enterCall<false, false>(vm, arguments, wanted, nullptr, nullptr, 0);
}

Exit protectedCallFromC(VM& vm, uint32_t arguments, int wanted, const Value& messageHandler, CContinuation continuation,
                        intptr_t context) {
  if (canYield(vm, continuation)) [[unlikely]]
    return enterCall<true, true>(vm, arguments, wanted, &messageHandler, continuation, context);
  return enterCall<true, false>(vm, arguments, wanted, &messageHandler, nullptr, 0);
}

bool yieldFromC(VM& vm, uint32_t count, CContinuation continuation, intptr_t context) {
  Thread& thread = *vm.current;
  if (thread.resumer == nullptr) return failWithPosition(vm, yieldFromOutside);
  // A hook is called within an entry of its own, which is over by the time of the yield.
  const bool isHook = thread.hook.isRunning && vm.base[-2].isFunction() && vm.base[-2].function()->isLua();
  if (thread.nativeDepth > (isHook ? 1U : 0U)) return failWithPosition(vm, yieldAcrossC);
  if (isHook) {
    thread.hook.yields = true;
    return true;
  }
  if (continuation == nullptr && !vm.hasClosableInC) {
    // The values of the next resume are the function's results: its frame is what they are returned from.
    vm.top = std::copy(vm.top - count, vm.top, vm.base);
    vm.isUnwindingToYield = true;
    return true;
  }
  if (!hasRoom(vm, continuationSlots + frameHeaderSlots + nativeMinimumSlots)) return false;
  Value* const from = vm.top - count;
  Value* const base = from + continuationSlots + frameHeaderSlots;
  std::copy_backward(from, vm.top, base + count);
  writeContinuation(from, Value::nil(), continuation, context, allResults);
  base[-2] = Value::nil();
  base[-2].extra = 0;
  Frame{base}.setHeader(&selvage_continueYield,
                        static_cast<uint32_t>(reinterpret_cast<char*>(base) - reinterpret_cast<char*>(vm.base)));
  vm.base = base;
  vm.top = base + count;
  vm.isUnwindingToYield = true;
  return true;
}

void RunningThread::begin(Thread& thread) {
  VM& vm = vm_;
  pc_ = vm.pc;
  constants_ = vm.constants;
  transfer_ = vm.transfer;
  beforeStatus_ = before_->status;
  threadStatus_ = thread.status;
  before_->status = ThreadStatus::Normal;
  before_->base = vm.base;
  before_->top = vm.top;
  before_->pc = vm.pc;
  vm.current = &thread;
  thread.status = ThreadStatus::Running;
  ++thread.nativeDepth;
  vm.base = thread.base;
  vm.top = thread.top;
  setStackLimit(vm, stackLimitOf(thread));
}

void RunningThread::end() {
  Thread& thread = *vm_.current;
  --thread.nativeDepth;
  thread.status = threadStatus_;
  thread.base = vm_.base;
  thread.top = vm_.top;
  before_->status = beforeStatus_;
  vm_.current = before_;
  vm_.base = before_->base;
  vm_.top = before_->top;
  vm_.pc = pc_;
  vm_.constants = constants_;
  vm_.transfer = transfer_;
  setStackLimit(vm_, stackLimitOf(*before_));
}

}  // namespace selvage
