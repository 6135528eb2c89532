// Threads (coroutines): each is a separate Lua stack.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vm/hook.hpp"
#include "vm/memory.hpp"
#include "vm/object.hpp"
#include "vm/pending_slots.hpp"
#include "vm/value.hpp"

struct lua_State;  // C's name of a thread

namespace selvage {

struct VM;
struct Upvalue;

// What kind of error VM::error is, for lua_pcall and its like.
enum class ErrorKind : uint8_t { Run, Memory, Handler };  // Handler: a message handler failed

enum class ThreadStatus : uint8_t { Suspended, Running, Normal, Dead };

constexpr uint32_t maxStackSlots = 1'000'000;  // the reference's limit (LUAI_MAXSTACK)
constexpr uint32_t stackReserveSlots = 256;    // beyond the limit, for error handling and native functions
constexpr uint32_t errorStackSlots = 4000;     // more for message handlers of a stack overflow
constexpr uint32_t maxProtectedDepth = 1000;   // nested pcalls and xpcalls of a thread; the reference allows about 200
constexpr uint32_t nativeMinimumSlots = 20;    // free slots that every native function starts with

struct Thread : Object {
  // As the collector's cell for it was made: `header` is kept.
  Thread(const Object& header, Memory& memory) : Object(header), toBeClosed(memory) {}

  Value* stack = nullptr;   // all slots initialised up to the reserve, in which only those below `top` are
  uint32_t stackSlots = 0;  // allocated
  bool hasGrown = false;    // the stack, since the last collection
  ThreadStatus status = ThreadStatus::Suspended;
  bool isStarted = false;
  ErrorKind errorKind{};     // of `error`
  uint32_t nativeDepth = 0;  // entries into this stack from C++ code that are still running: not yieldable if not 0
  uint32_t yieldableEntries =
      0;                  // such entries that a yield can leave, since the last resume: see stencils/c_functions.cpp
  Value* base = nullptr;  // while not running: of the native function that yielded or resumed, or of the bottom frame
  Value* top = nullptr;   // while not running: end of the live slots
  const Instruction* pc =
      nullptr;             // while not running: of the innermost frame if that is a Lua function's (it failed there)
  bool isWrapped = false;  // resumed by a function made by coroutine.wrap: values are given back without a flag
  bool isResumedFromC = false;      // by resumeFromC: values stay on this stack
  Thread* resumer = nullptr;        // who to return to while running or normal
  Upvalue* openUpvalues = nullptr;  // sorted by descending slot
  PendingSlots toBeClosed;          // of pending to-be-closed variables, counted from `stack`
  Thread* nextThread = nullptr;     // list of all threads of the VM
  Value error = Value::nil();       // of a dead thread that ended with an error (for coroutine.close)
  bool hasError = false;
  Hook hook;
  HookRequest hookRequest;
  uint32_t protectedDepth = 0;  // pcalls and xpcalls that are running
  uint32_t finalizerFrame = 0;  // the base of the frame of the finalizer that runs, as a slot; 0: none
  // What C code knows the thread by (lua_State*) is the address of `vm`; the word below it is the host's own
  // (lua_getextraspace), in new threads as in the main one.
  void* extraSpace = nullptr;
  VM* vm = nullptr;
};

inline Thread& threadOf(lua_State* state) {
  return *reinterpret_cast<Thread*>(reinterpret_cast<char*>(state) - offsetof(Thread, vm));
}
inline lua_State* stateOf(Thread& thread) { return reinterpret_cast<lua_State*>(&thread.vm); }

// What VM::stackLimit is to be while the thread runs.
inline Value* stackLimitOf(const Thread& thread, uint32_t most = maxStackSlots) {
  const uint32_t usable = thread.stackSlots - stackReserveSlots;
  return thread.stack + (usable < most ? usable : most);
}

// GC object; not on any stack yet. Its own stack has an empty bottom frame; a coroutine's function is then pushed.
Thread* newThread(VM& vm);
void destroyThread(VM& vm, Thread* thread);
// Makes room for `slots` slots above vm.top on the running thread's stack. Moves the stack: vm.base, vm.top, open
// upvalues are updated, other pointers to slots are not. False when the stack would exceed its limit; then the
// caller raises "stack overflow". Without memory std::bad_alloc is thrown.
[[nodiscard]] bool growStack(VM& vm, uint32_t slots);
// Closes open upvalues at or above `from`.
void closeUpvalues(VM& vm, Value* from);
Upvalue* findUpvalue(VM& vm, Value* slot);
// Ends a thread that does not run (coroutine.close): closes its pending variables. False when it had ended with an
// error or a __close handler failed; `error` is then the error. In stencils/coroutines.cpp, since it calls Lua.
bool closeThread(VM& vm, Thread& thread, Value& error);

}  // namespace selvage
