// Calls, errors, coroutines, chunks (manual 4.4 to 4.6).
#include <cstring>

#include "api/api.hpp"
#include "stdlib/load_chunk.hpp"
#include "vm/bytecode_file.hpp"
#include "vm/call.hpp"

namespace selvage::api {

namespace {

// vm.error becomes the value on the top of the stack, and its status the result.
int takeError(const Stack& stack) {
  VM& vm = stack.vm;
  const int status = statusOf(vm.errorKind);
  stack.push(vm.error);
  vm.error = Value::nil();
  vm.errorIsHandled = false;
  return status;
}

// By a thread that may not be the running one.
[[gnu::noinline]] Exit callAs(lua_State* L, uint32_t arguments, int wanted, lua_KFunction k, lua_KContext context) {
  Thread& thread = threadOf(L);
  const RunningThread running(*thread.vm, thread);
  return callFromC(*thread.vm, arguments, wanted, k, context);
}

[[gnu::noinline]] Exit protectedCallAs(lua_State* L, uint32_t arguments, int wanted, const Value& messageHandler,
                                       lua_KFunction k, lua_KContext context) {
  Thread& thread = threadOf(L);
  const RunningThread running(*thread.vm, thread);
  return protectedCallFromC(*thread.vm, arguments, wanted, messageHandler, k, context);
}

void readPieces(lua_State* L, lua_Reader reader, void* data, Text& source) {
  while (true) {
    size_t size = 0;
    const char* const piece = reader(L, data, &size);
    if (piece == nullptr || size == 0) return;
    source.append(piece, size);
  }
}

// Null with the message in `error`. Where there is no memory, garbage is collected first and then there is another try.
LuaFunction* load(lua_State* L, lua_Reader reader, void* data, const char* name, const char* mode, Text& error) {
  VM& vm = *threadOf(L).vm;
  Text source(vm);
  readPieces(L, reader, data, source);
  return allocating(vm, [&] {
    LuaFunction* const function = loadChunk(vm, source, name == nullptr ? "?" : name, mode == nullptr ? "bt" : mode,
                                            tableGetInteger(vm.registry, LUA_RIDX_GLOBALS), error);
    if (function == nullptr && std::string_view(error) == outOfMemory) throwOutOfMemory();
    return function;
  });
}

// ---- resuming the main thread ----
// A host may run its program as if the main thread were a coroutine (manual, lua_resume). What resumes it then is a
// thread of which nobody else knows, the host's; it is the running one as long as the main thread runs that way or has
// yielded.

Thread& hostThread(VM& vm) {
  State& state = stateOfApi(vm);
  if (state.host == nullptr) {
    state.host = allocating(vm, [&] {
      Thread* const thread = newThread(vm);
      if (thread == nullptr ||
          tableSet(vm, vm.registry, Value::pointer(&state.host), Value::thread(thread)) != TableStatus::Ok)
        throwOutOfMemory();
      return thread;
    });
    state.host->isStarted = true;
  }
  return *state.host;
}

// Whether that is the main thread outside of all calls, or one that has ended with an error.
bool isIdleMain(const Stack& stack) {
  const Thread& thread = stack.thread;
  return &thread == stack.vm.mainThread && stack.isRunning() && stack.vm.nativeDepth == 0 &&
         (stack.base() == thread.stack + frameHeaderSlots || thread.hasError);
}

void leaveToHost(VM& vm, Thread& host) {
  Thread& main = *vm.mainThread;
  main.base = vm.base;
  main.top = vm.top;
  main.status = ThreadStatus::Suspended;
  host.status = ThreadStatus::Running;
  vm.current = &host;
  vm.base = host.base;
  vm.top = host.top;
  setStackLimit(vm, stackLimitOf(host));
}

void returnFromHost(VM& vm) {
  Thread& host = *vm.current;
  host.base = vm.base;
  host.top = vm.top;
  host.status = ThreadStatus::Suspended;
  Thread& main = *vm.mainThread;
  main.status = ThreadStatus::Running;
  main.isStarted = true;
  vm.current = &main;
  vm.base = main.base;
  vm.top = main.top;
  setStackLimit(vm, stackLimitOf(main));
}

bool isHost(const VM& vm, const Thread& thread) {
  return vm.apiData != nullptr && static_cast<const State*>(vm.apiData)->host == &thread;
}

int resumeFailed(const Stack& stack, int arguments, const char* message) {
  stack.top() -= arguments;
  stack.push(Value::string(makeString(stack.vm, message)));
  return LUA_ERRRUN;
}

}  // namespace

extern "C" {

[[clang::disable_tail_calls]] void lua_callk(lua_State* L, int nargs, int nresults, lua_KContext ctx, lua_KFunction k) {
  const Thread& thread = threadOf(L);
  VM& vm = *thread.vm;
  const auto arguments = static_cast<uint32_t>(nargs);
  const Exit exit =
      &thread == vm.current ? callFromC(vm, arguments, nresults, k, ctx) : callAs(L, arguments, nresults, k, ctx);
  if (exit == Exit::Returned) [[likely]]
    return;
  raise(vm);
}

int lua_pcallk(lua_State* L, int nargs, int nresults, int msgh, lua_KContext ctx, lua_KFunction k) {
  const Stack stack(L);
  const auto arguments = static_cast<uint32_t>(nargs);
  const Value handler = msgh == 0 ? Value::nil() : stack.get(msgh);
  const Exit exit = stack.isRunning() ? protectedCallFromC(stack.vm, arguments, nresults, handler, k, ctx)
                                      : protectedCallAs(L, arguments, nresults, handler, k, ctx);
  if (exit == Exit::Returned) [[likely]]
    return LUA_OK;
  if (exit == Exit::Yielded) raise(stack.vm);
  return takeError(stack);
}

[[clang::disable_tail_calls]] int lua_error(lua_State* L) {
  const Stack stack(L);
  fail(stack.vm, stack.pop());
  return raiseFrom(stack.vm, __builtin_frame_address(0));
}

int lua_load(lua_State* L, lua_Reader reader, void* data, const char* chunkname, const char* mode) {
  const Stack stack(L);
  VM& vm = stack.vm;
  const int count = stack.count();
  Text error(vm);
  const LuaFunction* function = nullptr;
  const bool succeeded = protectC(vm, [&] { function = load(L, reader, data, chunkname, mode, error); });
  stack.top() = stack.base() + count;
  if (succeeded && function == nullptr) {
    stack.push(errorOfLoading(vm, error));
    return vm.errorKind == ErrorKind::Run && error != cStackOverflow ? LUA_ERRSYNTAX : statusOf(vm.errorKind);
  }
  if (!succeeded) {
    if (stack.isRunning()) passToMessageHandler(vm);
    return takeError(stack);
  }
  stack.push(Value::function(function));
  collectWhenDue(vm);
  return LUA_OK;
}

int lua_dump(lua_State* L, lua_Writer writer, void* data, int strip) {
  const Stack stack(L);
  const Value& function = stack.top()[-1];
  if (!function.isFunction() || !function.function()->isLua()) return 1;
  Text bytes(stack.vm);
  const bool isComplete = allocating(stack.vm, [&] {
    bytes.clear();
    return dumpFunction(stack.vm, *function.function()->proto(), strip != 0, bytes);
  });
  if (!isComplete) return 1;
  return writer(L, bytes.data(), bytes.size(), data);
}

// ---- coroutines ----

[[clang::disable_tail_calls]] int lua_yieldk(lua_State* L, int nresults, lua_KContext ctx, lua_KFunction k) {
  Thread& thread = threadOf(L);
  VM& vm = *thread.vm;
  if (&thread != vm.current) raiseMessage(vm, "attempt to yield a coroutine that is not running");
  if (yieldFromC(vm, static_cast<uint32_t>(nresults), k, ctx) && !vm.isUnwindingToYield) return 0;  // in a hook
  return raiseFrom(vm, __builtin_frame_address(0));
}

int lua_resume(lua_State* L, lua_State* from, int narg, int* nresults) {
  static_cast<void>(from);  // the running thread resumes, whatever it is called
  const Stack stack(L);
  VM& vm = stack.vm;
  Thread& thread = stack.thread;
  const bool isMain = isIdleMain(stack);
  if (const char* const obstacle = isMain ? nullptr : resumeObstacle(vm, thread); obstacle != nullptr) {
    return resumeFailed(stack, narg, obstacle);
  }
  if (isNestedTooDeep(vm)) return resumeFailed(stack, narg, cStackOverflow);
  const bool hasFunction = isMain ? !thread.hasError && stack.count() > narg : thread.isStarted || stack.count() > narg;
  if (!hasFunction) return resumeFailed(stack, narg, "cannot resume dead coroutine");
  if (isMain) [[unlikely]] {
    leaveToHost(vm, hostThread(vm));
    thread.isStarted = false;
  }
  const Exit exit = resumeFromC(vm, thread, static_cast<uint32_t>(narg), *nresults);
  const bool hasYielded = exit != Exit::Failed && thread.status == ThreadStatus::Suspended;
  if (&thread == vm.mainThread && !hasYielded) [[unlikely]] {
    returnFromHost(vm);
    *nresults = Stack(L).count();  // as in the reference, also what was there before
  }
  if (exit == Exit::Failed) {
    *nresults = 1;  // the error
    return statusOf(thread.errorKind);
  }
  return hasYielded ? LUA_YIELD : LUA_OK;
}

int lua_status(lua_State* L) {
  const Thread& thread = threadOf(L);
  if (thread.hasError) return statusOf(thread.errorKind);
  return thread.status == ThreadStatus::Suspended && thread.isStarted ? LUA_YIELD : LUA_OK;
}

int lua_isyieldable(lua_State* L) {
  const Thread& thread = threadOf(L);
  return thread.resumer != nullptr && thread.nativeDepth == 0 ? 1 : 0;
}

int lua_closethread(lua_State* L, lua_State* from) {
  static_cast<void>(from);
  const Stack stack(L);
  VM& vm = stack.vm;
  Thread& thread = stack.thread;
  const int status = lua_status(L);
  if (isIdleMain(stack)) leaveToHost(vm, hostThread(vm));
  Value error = Value::nil();
  const bool succeeded = closeThread(vm, thread, error);
  // It is as if it were new.
  thread.status = ThreadStatus::Suspended;
  if (&thread == vm.mainThread && isHost(vm, *vm.current)) returnFromHost(vm);
  if (succeeded) return LUA_OK;
  Stack(L).push(error);
  return status == LUA_OK || status == LUA_YIELD ? LUA_ERRRUN : status;
}

int lua_resetthread(lua_State* L) { return lua_closethread(L, nullptr); }

}  // extern "C"

}  // namespace selvage::api
