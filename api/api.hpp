// What the implementation of the C API is made of: the stack of a lua_State, indices, errors.
//
// A lua_State is a Thread seen from C (vm/thread.hpp). The functions of the API work on the innermost frame of their
// thread. For the running thread, that frame is described by the VM's fields, for any other one by the thread's own; whatever
// may call Lua or make room first makes the thread the running one (RunningThread).
//
// The caller of a function of the API sees an error as an exception, or is left without one; see vm/c_function.hpp. Where
// no C function is running, that is to say in the host's own code outside any protected call, the panic function is called.
#pragma once

#include <new>
#include "api/field_names.hpp"

#include "include/lua.h"
#include "vm/c_function.hpp"
#include "vm/native.hpp"
#include "vm/vm.hpp"

namespace selvage::api {

// What the API remembers for each VM.
struct State {
  lua_CFunction panic = nullptr;
  lua_WarnFunction warn = nullptr;
  void* warnData = nullptr;
  Table* standIns = nullptr;        // native functions that have a C pointer: see native_pointers.hpp
  Table* lightFunctions = nullptr;  // the functions without upvalues by their C pointers, so that each exists once
  FieldNames names;
};
State& stateOfApi(VM& vm);  // made on first use; it lives in the registry
State* makeState(VM& vm);   // null when memory runs out

// vm.error is raised.
[[noreturn]] void raise(VM& vm);
// Likewise, in the function of the API whose frame address is `frame`: what that function must return.
int raiseFrom(VM& vm, void* frame);
inline void raiseUnless(VM& vm, bool succeeded) {
  if (!succeeded) [[unlikely]]
    raise(vm);
}
[[noreturn]] void raiseMemory(VM& vm);
// "message" with the position of the running Lua function, if it is one.
[[noreturn]] void raiseMessage(VM& vm, std::string_view message);

// What no index stands for: LUA_TNONE.
inline constexpr Value none{0, Tag::Nil};

// The innermost frame of a thread.
class Stack {
 public:
  explicit Stack(lua_State* state)
      : thread(threadOf(state)),
        vm(*thread.vm),
        base_(isRunning() ? &vm.base : &thread.base),
        top_(isRunning() ? &vm.top : &thread.top) {}

  bool isRunning() const { return &thread == vm.current; }
  Value* base() const { return *base_; }
  Value*& top() const { return *top_; }
  int count() const { return static_cast<int>(top() - base()); }
  void push(Value value) const { *top()++ = value; }
  Value pop() const { return *--top(); }

  // The value that an index stands for; its address is that of `none` if there is none.
  Value& at(int index) const {
    if (index > 0) {
      Value* const slot = base() + (index - 1);
      return slot < top() ? *slot : const_cast<Value&>(none);
    }
    if (index > LUA_REGISTRYINDEX) return top()[index];
    return index == LUA_REGISTRYINDEX ? vm.registryValue : upvalue(LUA_REGISTRYINDEX - index);
  }
  // A copy of it, which stays what it is when the stack moves.
  Value get(int index) const { return at(index); }
  bool isNone(int index) const { return &at(index) == &none; }

  Thread& thread;
  VM& vm;

 private:
  Value& upvalue(int number) const;

  Value** base_;
  Value** top_;
};

// Does what may call Lua or grow the stack on behalf of a thread: work(stack) returns false after an error was raised, which
// then goes on.
template <class Work>
void perform(lua_State* state, Work work) {
  Thread& thread = threadOf(state);
  VM& vm = *thread.vm;
  bool succeeded = false;
  try {
    const RunningThread running(vm, thread);
    succeeded = work(Stack(state));
  } catch (const std::bad_alloc&) {
    failMemory(vm);
  }
  raiseUnless(vm, succeeded);
}

// What make() gives, which is an object or the outcome of a store. If there is no memory for it, garbage is collected and
// make() called again; if there still is none, that is the error.
template <class Make>
auto allocating(VM& vm, Make make) {
  for (bool isFirst = true;; isFirst = false) {
    try {
      return make();
    } catch (const std::bad_alloc&) {
    }
    if (!isFirst) raiseMemory(vm);
    collectGarbage(vm, false);
  }
}

// What the functions of the API that allocate end with: the collector may run, with all that is on the stacks alive.
inline void collectWhenDue(VM& vm) {
  if ((vm.safepoint.load(std::memory_order_relaxed) & safepointCollect) != 0) [[unlikely]]
    collectIfRequested(vm);
}

// The string with this text; raises the error for memory.
String* makeString(VM& vm, std::string_view text);
// Likewise of a name that C code gives, most likely the same one as before.
String* nameString(VM& vm, const char* text);

}  // namespace selvage::api
