// Debug hooks (manual 4.7, lua_sethook): a function that is called at calls, returns, new lines and every so many
// instructions. debug.sethook stands on top of them.
//
// A hook belongs to a thread. While any thread of a VM has one, every instruction of every function goes through one
// handler that sees to hooks first (stencils/hooks.cpp): the interpreter's dispatch table leads there, and stitched
// code is left by all functions and frames. While none has one, hooks cost nothing.
#pragma once

#include <atomic>
#include <cstdint>

#include "vm/machine.hpp"

namespace selvage {

struct Thread;
struct VM;

// What a hook is called at (bits).
enum HookMask : uint32_t {
  hookAtCall = 1,
  hookAtReturn = 2,
  hookAtLine = 4,
  hookAtCount = 8,
};
constexpr uint32_t anyHook = hookAtCall | hookAtReturn | hookAtLine | hookAtCount;

enum class HookEvent : uint8_t { Call, Return, Line, Count, TailCall };

// `line` is that of a line event, 0 if it is unknown. May call Lua functions (which cannot yield), above vm.top. False:
// it failed.
using HookFunction = bool (*)(VM& vm, HookEvent event, uint32_t line);

struct Hook {
  HookFunction function = nullptr;
  void* data = nullptr;     // the function's own
  uint32_t mask = 0;        // HookMask bits; 0: there is no hook
  uint32_t interval = 0;    // instructions between count events
  uint32_t untilCount = 0;  // instructions until the next one
  bool isEntering = false;  // a function is beginning whose call event is still to come
  uint32_t lastBase = 0;    // the frame (slot of its base) and the word of the instruction that was seen last, to know
  uint32_t lastWord = 0;    // a new line
  bool yields = false;      // the function wants its coroutine to yield (lua_yield), once it has returned
  bool isRunning = false;   // the function is being called, which calls no hook in turn; what follows is for this call:
  uint32_t frame = 0;       // the base of its frame, as a slot
  uint32_t firstTransferred = 0;  // the values that a call or return passes on: the first one as a local variable's
  uint32_t transferredCount = 0;  // number, and how many they are
};

// A hook that somebody wants a thread to have who may not touch the machine: a signal handler or another OS thread
// (lua_sethook). Each field is atomic, not all of them together: a request that is half written when it is read stays
// pending, and is read again.
struct HookRequest {
  std::atomic<HookFunction> function = nullptr;
  std::atomic<void*> data = nullptr;
  std::atomic<uint32_t> mask = 0;
  std::atomic<uint32_t> interval = 0;
  std::atomic<bool> isPending = false;
};
static_assert(std::atomic<HookFunction>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

// Takes all code out of stitched code, or lets it in again, as hooks and counted instructions (bounds.hpp) now want.
void refreshHooked(VM& vm);
// Gives a thread a hook, or takes it away (mask 0). New threads have that of the thread that makes them.
// Only on the thread that runs the VM, and not in a signal handler.
void setHook(VM& vm, Thread& thread, const Hook& hook);
// Has setHook called at the next safepoint, entry from C++ into the machine or instruction that is hooked already. May be
// called from any OS thread and from signal handlers while `thread` exists.
void requestHook(Thread& thread, const Hook& hook);
// What was set or requested last: only function, data, mask and interval.
Hook latestHookOf(const Thread& thread);
// Carries out all requests. Whoever calls it is where frames may be walked: VM::pc is right if the frame at VM::base is a
// Lua function's, and is its first instruction while that has not been executed.
void applyHookRequests(VM& vm);

extern "C" {
// Where each opcode leads while hooks are on.
extern Handler selvage_hookedInstruction;
// Between a native function whose return is to be seen and where it returns to: it has a frame of its own on top of the
// one that its caller made. Whoever walks frames counts the two as one.
extern Handler selvage_hookedNativeReturn;
}

}  // namespace selvage
