// C functions (lua_CFunction): how they are kept, called, and left.
//
// A C function is a native function whose code is the one NativeCode of all C functions, with the C pointer in front of
// its upvalues. It runs on the C stack above whatever entered the machine. It is left by returning, or, when it raises
// an error or its coroutine yields, by unwinding its frames, so that destructors in them run; where that would go wrong,
// the stack pointer is set back instead. One function, runC, calls C functions and is where all that ends.
#pragma once

#include <cstdint>
#include <span>

#include "vm/function.hpp"
#include "vm/thread.hpp"
#include "vm/vm.hpp"

namespace selvage {

using CFunctionPointer = int (*)(lua_State* state);
// A continuation: what goes on when a yield has left the C function (lua_KFunction).
using CContinuation = int (*)(lua_State* state, int status, intptr_t context);

extern "C" Handler selvage_callC;

// ---- as objects ----
inline bool isCFunction(const Function& function) { return function.code->entry == &selvage_callC; }
// The upvalues that the program knows of.
inline std::span<Value> upvaluesOf(NativeFunction& function) {
  const std::span<Value> all(function.upvalues, function.aux);
  return isCFunction(function) ? all.subspan(1) : all;
}
inline size_t upvalueCount(const Function& function) { return isCFunction(function) ? function.aux - 1 : function.aux; }
inline CFunctionPointer pointerOf(const NativeFunction& function) {
  return reinterpret_cast<CFunctionPointer>(function.upvalues[0].bits);
}
// A new one with nil upvalues; null when memory runs out.
NativeFunction* newCFunction(VM& vm, CFunctionPointer pointer, uint32_t upvalues);

// ---- leaving C functions early ----
// The innermost call of a C function: what errors and yields go back to.
struct Leaving;
struct CBoundary {
  void* stack;  // the stack pointer while the function runs
  CBoundary* outer;
  Leaving* leaving;  // null: nothing is being unwound
};
// The error that destructors which run Lua code meanwhile must not replace.
Value errorOf(const Leaving& leaving);

// Leaves the running C function: `frame` is the frame address of the function of the C API that was called. After that
// the machine raises vm.error or, if vm.isUnwindingToYield, the coroutine's yield goes on. If nothing but the epilogues
// of functions lies between here and the boundary, it returns what that function must then return, which is as good as
// unwinding and much quicker; with a null `frame` it does not return. Must not be called without a boundary.
int leaveC(VM& vm, void* frame);

// Calls a function object that may leave as C functions do, outside of any; it cannot yield. False: it failed, the
// error is in vm.error.
bool protectC(VM& vm, void (*work)(void* data), void* data);
template <class Work>
bool protectC(VM& vm, Work work) {
  return protectC(vm, [](void* data) { (*static_cast<Work*>(data))(); }, &work);
}

// To be called when a shared library has been loaded. Where the program has the C++ runtime built in and the library
// has brought the shared one, there are two unwinders, whose functions are called for each other's frames: each must
// have set itself up, which it does when it begins to unwind.
void joinUnwinders();

// LUA_ERRRUN, LUA_ERRMEM or LUA_ERRERR.
int statusOf(ErrorKind kind);

// ---- calls by C functions ----
// lua_callk and lua_pcallk: the function and its arguments, on the top of the running thread's stack, are replaced by
// `wanted` results (or allResults). With a null continuation the call cannot be left by a yield. Failed: function and
// arguments are gone and the error is in vm.error. Yielded: the C function that calls is to be left (leaveC).
Exit callFromC(VM& vm, uint32_t arguments, int wanted, CContinuation continuation, intptr_t context);
// `messageHandler`: a function, or nil.
Exit protectedCallFromC(VM& vm, uint32_t arguments, int wanted, const Value& messageHandler, CContinuation continuation,
                        intptr_t context);

// lua_yieldk, with `count` values on the top of the running thread's stack: what is needed to go on after the next
// resume is put beneath them, and the C function is to be left (leaveC), unless it is a hook: then the coroutine yields
// once that has returned. False: the error is in vm.error.
bool yieldFromC(VM& vm, uint32_t count, CContinuation continuation, intptr_t context);

// lua_resume: resumes a thread with the `count` values on the top of its stack; before its start, the function is
// beneath them. Failed: the error is on the top of its stack. Otherwise what was yielded or returned is, `results`
// values.
Exit resumeFromC(VM& vm, Thread& thread, uint32_t count, int& results);
constexpr uint32_t maxResumeDepth = 195;  // of coroutines running each other, as deep as the reference goes
// Why a thread cannot be resumed, or null.
inline const char* resumeObstacle(const VM& vm, const Thread& thread) {
  // A coroutine that has ended can run another function once C code has pushed one.
  const bool canRun = thread.status == ThreadStatus::Suspended ||
                      (thread.status == ThreadStatus::Dead && !thread.hasError && thread.top != thread.base);
  if (canRun) [[likely]]
    return vm.resumeDepth >= maxResumeDepth ? cStackOverflow : nullptr;
  return thread.status == ThreadStatus::Dead ? "cannot resume dead coroutine" : "cannot resume non-suspended coroutine";
}

// While it lives, `thread` runs in place of the running one, as if that had called it; in which state it is, the thread
// that is no coroutine of anyone's, or which waits for one, does not notice.
class RunningThread {
 public:
  RunningThread(VM& vm, Thread& thread) : vm_(vm), before_(&thread == vm.current ? nullptr : vm.current) {
    if (before_ != nullptr) [[unlikely]]
      begin(thread);
  }
  ~RunningThread() {
    if (before_ != nullptr) [[unlikely]]
      end();
  }
  RunningThread(const RunningThread&) = delete;
  RunningThread& operator=(const RunningThread&) = delete;

 private:
  void begin(Thread& thread);
  void end();

  VM& vm_;
  Thread* before_;  // null: `thread` was running
  ThreadStatus beforeStatus_{};
  ThreadStatus threadStatus_{};
  const Instruction* pc_ = nullptr;
  const Value* constants_ = nullptr;
  uint64_t transfer_ = 0;
};

}  // namespace selvage
