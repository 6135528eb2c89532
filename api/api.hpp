// What the implementation of the C API is made of: the stack of a lua_State, indices, errors.
//
// A lua_State is a Thread seen from C (vm/thread.hpp). The functions of the API work on the innermost frame of their
// thread. For the running thread, that frame is described by the VM's fields, for any other one by the thread's own;
// whatever may call Lua or make room first makes the thread the running one (RunningThread).
//
// The caller of a function of the API sees an error as an exception, or is left without one; see vm/c_function.hpp.
// Where no C function is running, that is to say in the host's own code outside any protected call, the panic function
// is called.
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
  Thread* host = nullptr;           // resumes the main thread: see calls.cpp; also in the registry
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

// The value that an index below LUA_REGISTRYINDEX stands for: upvalue `number` of the C function whose frame is at
// `base`.
Value& upvalueOfFrame(const Value* base, int number);

// The innermost frame of a thread.
class Stack {
 public:
  explicit Stack(lua_State* state) : thread(threadOf(state)), vm(*thread.vm), ends_(endsOf(thread, vm)) {}

  bool isRunning() const { return &thread == vm.current; }
  Value* base() const { return ends_->base; }
  Value*& top() const { return ends_->top; }
  int count() const { return static_cast<int>(top() - base()); }
  void push(Value value) const { *top()++ = value; }
  Value pop() const { return *--top(); }

  // The value that an index stands for; its address is that of `none` if there is none.
  Value& at(int index) const {
    if (index > 0) {
      Value* const slot = base() + (index - 1);
      if (slot < top()) [[likely]]
        return *slot;
      return const_cast<Value&>(none);
    }
    if (index > LUA_REGISTRYINDEX) [[likely]]
      return top()[index];
    return index == LUA_REGISTRYINDEX ? vm.registryValue : upvalueOfFrame(base(), LUA_REGISTRYINDEX - index);
  }
  // Likewise for most indices, without a call; null for what is rare. What begins with this and leaves the rest to a
  // function of its own needs no registers but those of its arguments.
  Value* slotAt(int index) const {
    if (index > 0) {
      Value* const slot = base() + (index - 1);
      return slot < top() ? slot : nullptr;
    }
    return index > LUA_REGISTRYINDEX ? top() + index : nullptr;
  }
  // A copy of it, which stays what it is when the stack moves.
  Value get(int index) const { return at(index); }
  bool isNone(int index) const { return &at(index) == &none; }

  Thread& thread;
  VM& vm;

 private:
  // Where the VM has those of the running thread's innermost frame, and a thread that does not run its own.
  struct Ends {
    Value* base;
    Value* top;
  };
  static_assert(offsetof(VM, top) - offsetof(VM, base) == offsetof(Ends, top));
  static_assert(offsetof(Thread, top) - offsetof(Thread, base) == offsetof(Ends, top));
  // A branch, which is predicted, where a choice of addresses would be waited for.
  static Ends* endsOf(Thread& thread, VM& vm) {
    if (&thread == vm.current) [[likely]]
      return reinterpret_cast<Ends*>(&vm.base);
    return reinterpret_cast<Ends*>(&thread.base);
  }

  Ends* ends_;
};

// Does what may call Lua or grow the stack on behalf of a thread: work(stack) returns false after an error was raised,
// which then goes on.
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

// What make() gives, which is an object or the outcome of a store. If there is no memory for it, garbage is collected
// and make() called again; if there still is none, that is the error.
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

// ---- names that C code gives as text, most likely the same ones as before ----
inline FieldName* rememberedName(VM& vm, const char* text) {
  auto* const state = static_cast<State*>(vm.apiData);
  return state == nullptr ? nullptr : state->names.find(vm, text);
}
// As makeString.
String* nameString(VM& vm, const char* text);
// The table's own field of this name, or nil; raises the error for memory. Remembers where it is.
Value findNamedField(VM& vm, Table* table, const char* name, String*& key);
// Likewise; the field, or nil if it is not where it was in the table that was asked last.
inline Value rememberedField(VM& vm, const Table* table, const char* text) {
  const FieldName* const name = rememberedName(vm, text);
  return name != nullptr && name->isFieldOf(table) ? SplitStorage::get(table->fields, name->field) : Value::nil();
}

}  // namespace selvage::api
