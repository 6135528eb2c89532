// C functions on the C stack; see the header, and vm/c_function.hpp for what leaves them.
#include "stencils/c_stack.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <new>

#include "stencils/unwinding.hpp"
#include "vm/c_function.hpp"
#include "vm/native.hpp"
#include "vm/operations.hpp"

namespace selvage {

// Calls function(state, status, context) and stores the stack pointer that it is called with. What it would preserve
// for its caller is on the stack, so that selvage_returnFromC can return from anywhere above without unwinding.
extern "C" int selvage_invokeC(lua_State* state, int status, intptr_t context, void* function, void** stack);
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

// For a trampoline of protectC.
struct Protected {
  void (*work)(void* data);
  void* data;
};

int runProtected(lua_State*, int, intptr_t context) {
  const auto& what = *reinterpret_cast<const Protected*>(context);
  what.work(what.data);
  return 0;
}

// Where the exception that became the error is what a frame waits for, it gets that. In a function of its own, for the
// sake of the others: what the exception needs makes a frame that has to be unwound.
[[gnu::noinline]] void rethrowWhereCaught(VM& vm) {
  if (isCaughtByType(*vm.boundary, vm.keptException)) std::rethrow_exception(vm.keptException);
}

// After an exception was caught: what it says becomes vm.error. To be called in the handler. The exception itself is
// kept with the error: see keptException.
void takeException(VM& vm) {
  std::exception_ptr exception = std::current_exception();
  const char* what = nullptr;
  try {
    throw;
  } catch (const std::bad_alloc&) {
    vm.isUnwindingToYield = false;
    failMemory(vm);
    return;
  } catch (const std::exception& standard) {
    what = standard.what();  // as long as there is `exception`
  } catch (...) {
    what = "C++ exception";
  }
  vm.isUnwindingToYield = false;
  if (vm.keptException == exception) {
    fail(vm, vm.keptError);
    return;
  }
  try {
    fail(vm, Value::string(newString(vm, what)));
  } catch (const std::bad_alloc&) {
    failMemory(vm);
    return;
  }
  vm.keptException = std::move(exception);
  vm.keptError = vm.error;
}

}  // namespace

int runC(VM& vm, void* function, int status, intptr_t context) {
  CBoundary boundary{nullptr, vm.boundary, nullptr};
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

int leaveC(VM& vm, void* frame) {
  if (frame != nullptr && EpilogueWalk(frame).reaches(selvage_invokedC, vm.boundary->stack)) return leftEarly;
  const bool isKept = vm.keptException != nullptr && !vm.isUnwindingToYield && rawEqual(vm.error, vm.keptError);
  if (isKept) rethrowWhereCaught(vm);
  unwindTo(vm, *vm.boundary);
}

bool protectC(VM& vm, void (*work)(void* data), void* data) {
  const Protected what{work, data};
  Thread& thread = *vm.current;
  ++thread.nativeDepth;
  const int count = runC(vm, reinterpret_cast<void*>(&runProtected), 0, reinterpret_cast<intptr_t>(&what));
  --thread.nativeDepth;
  return count != leftEarly;
}

}  // namespace selvage
