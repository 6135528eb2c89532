// The VM: everything that the coroutines of one Lua state share (the reference's global_State).
//
// r12 points here while Lua code runs, and what fast paths need comes first. All state of an engine is in its VM;
// there is no other mutable state, so any number of VMs can run in one process, each in one thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "vm/bounds.hpp"
#include "vm/c_stack_end.hpp"
#include "vm/event.hpp"
#include "vm/frame.hpp"
#include "vm/function.hpp"
#include "vm/heap.hpp"
#include "vm/machine.hpp"
#include "vm/memory.hpp"
#include "vm/string.hpp"
#include "vm/table.hpp"
#include "vm/thread.hpp"

namespace selvage {

class StringTable;  // string_table.hpp

// Why the next safepoint has something to do (bits).
enum Safepoint : uint32_t {
  safepointCollect = 1,
  safepointInterrupt = 2,  // raise "interrupted!" (set from a signal handler)
  safepointExceeded = 4,   // raise the error of VM::exceededBounds, and stay: see bounds.hpp
  safepointHook = 8,       // give threads the hooks that were requested: see hook.hpp
  safepointStop = safepointInterrupt | safepointExceeded,  // the program is not to go on
  safepointAtEntry = safepointStop | safepointHook,        // entries of functions are to see it, too
};

// How an entry into the machine from C++ ended.
enum class Exit : uint8_t { Returned, Failed, Yielded };

struct CBoundary;  // c_function.hpp

constexpr uint32_t lookupCacheSize = 1024;                     // a power of two
constexpr std::string_view outOfMemory = "not enough memory";  // what errors for memory say
constexpr char cStackOverflow[] = "C stack overflow";          // what errors for nesting in C or in a source say
constexpr uint32_t maxOpcodes = 512;
constexpr uint32_t maxNativeDepth = 200;  // nested entries from C++ into Lua (the reference's LUAI_MAXCCALLS)

// What the VM asks of whatever runs its code. Filled in by the engine (stencils/, jit/) when a VM is made.
struct EngineInterface {
  // A proto got hot while `pc` (or its entry, if null) was about to run: the engine may compile it.
  void (*promote)(VM& vm, Proto& proto, const Instruction* pc) = nullptr;
  // Where the instruction at `pc` is executed with nothing in registers, in a function that has left a carried stencil
  // or is to be entered where its stitched code expects something in registers.
  Handler* (*generalCopy)(VM& vm, Proto& proto, const Instruction* pc) = nullptr;
  void (*prepareProto)(VM& vm, Proto& proto) = nullptr;  // sets entry and hotness of a new proto
  void (*destroyProto)(VM& vm, Proto& proto) = nullptr;  // frees what the engine attached
  // From now on every instruction is (or is not any more) to go through the hooks' handler: takes all functions and all
  // frames out of stitched code, or lets them in again.
  void (*setHooked)(VM& vm, bool isHooked) = nullptr;
};

struct VM {
  // Hot.
  std::atomic<uint32_t> safepoint;  // Safepoint bits
  uint32_t variableResults;  // after a call or VARARG with a variable number of results: how many, from slot A on
  Value* stackLimit;         // of the running thread: no Lua frame's slots may go beyond it
  Value* base;               // of the innermost frame; valid while C++ code runs on behalf of the VM
  Value* top;                // end of the live slots of the innermost frame; likewise
  const Instruction* pc;     // of the innermost Lua frame; likewise
  const Value* constants;    // what the register is to be when C++ code hands over to a handler
  uint64_t transfer;         // x0, in both directions
  Thread* current;
  Shape* emptyShape;           // no fields, no metatable
  Shape* userdataShape;        // of userdata without metatable; the shapes of others come from it
  Shape* latestUserdataShape;  // the one given last, or null; until the next collection
  Shape* stringShape;          // stands in for strings in inline caches: its metatable is that of strings
  Handler* nextEntry;          // the code entries of `next` and of the step function of `ipairs`, which generic for
  Handler* ipairsStepEntry;    // loops recognise
  InlineCache* lookupCache;    // lookupCacheSize entries each, by shape and key, for reads and for stores: see
  InlineCache* storeCache;     // stencils/field_lookup.hpp
  Heap heap;
  Handler* dispatch[maxOpcodes];
  Memory memory;

  // Roots.
  Thread* mainThread;
  Table* globals;
  Table* registry;
  Table* typeMetatables[tagCount];  // by tag; tables and userdata have their own; booleans share True's; strings: also
                                    // in stringShape, so use setTypeMetatable
  String* eventStrings[eventCount];
  String* emptyString;
  String* typeNames[tagCount];  // by tag, what `type` returns
  String* byteStrings[256];     // the strings of one byte
  Value error;                  // the error being raised, see fail()
  Proto* protos;                // all, through Proto::nextProto
  Thread* threads;              // all but the main one, through Thread::nextThread

  StringTable* strings;
  HashSecret hashSecret;   // of short strings
  uint32_t seed;           // of the hashes of long strings and of scattered hash parts
  uint32_t nativeDepth;    // nested entries from C++ (all threads)
  uint32_t resumeDepth;    // nested coroutine.resume
  uint32_t hookedThreads;  // that have a debug hook; see hook.hpp
  bool isHooked;           // every instruction goes through the hooks' handler
  bool cachesMayDepend;    // a cache that relies on a watched table was filled since the last flush
  bool isClosing;
  bool errorIsHandled;      // the message handler has seen vm.error
  bool errorIsOfBound;      // vm.error says that a bound has been exceeded
  ErrorKind errorKind;      // of `error`
  Exit exit;                // how the innermost entry from C++ ended
  bool isUnwindingToYield;  // C functions are being left because their coroutine yields: see stencils/c_functions.cpp
  bool hasClosableInC;      // some C function has used lua_toclose: the returns of C functions look for what is pending
  CBoundary* boundary;      // of the innermost running C function
  std::exception_ptr keptException;  // the C++ exception that became the error `keptError`
  Value keptError;
  Value registryValue;         // `registry`, for those that need its address
  void* apiData;               // the C API's own
  bool lookupCachesAreMapped;  // pages of the system's
  // Bounds.
  std::atomic<uint32_t> exceededBounds;  // bits by Bound
  bool countsInstructions;
  bool ignoresTableFinalizers;  // __gc of tables means nothing: a sandbox's scripts do not outlive their bounds
  uint64_t instructionsLeft;
  Watchdog* watchdog;  // null until there is a time limit
  EngineInterface engine;
  void* engineData;   // the engine's own
  void* libraryData;  // the standard library's own
  void (*warn)(VM& vm, const char* text, bool toBeContinued);
};

// ---- life ----
// Without engine, libraries and main function; see engine.hpp for the complete one. All memory comes from `allocate`.
// Null when it does not suffice.
VM* newVM(AllocateFunction allocate = systemAllocate, void* userData = nullptr);
void destroyVM(VM* vm);

// Asks the running program to stop with the error "interrupted!" at its next backward jump, call or return of a library
// function, or in the midst of a library function that takes long (NativeCall::mayGoOn). May be called from a signal
// handler.
void requestInterrupt(VM& vm);

// Every read of VM::stackLimit: once, since another thread may make it null at any time (see requestStop). For the
// thread sanitizer an atomic access would do, too, but clang does not make one the operand of a comparison, and entries
// of functions have no register to spare.
[[clang::no_sanitize("thread")]] inline Value* stackLimit(const VM& vm) {
  return *static_cast<Value* const volatile*>(&vm.stackLimit);
}

// Asks for one of safepointAtEntry at the next safepoint or entry of a function. May be called from any
// thread and from signal handlers.
void requestStop(VM& vm, Safepoint request);

// Every write to VM::stackLimit: a request that entries of functions are to see is not lost.
inline void setStackLimit(VM& vm, Value* limit) {
  const std::atomic_ref shared(vm.stackLimit);
  shared.store(limit, std::memory_order_relaxed);
  const bool isRequested = (vm.safepoint.load(std::memory_order_relaxed) & safepointAtEntry) != 0;
  if (isRequested) [[unlikely]]
    shared.store(nullptr, std::memory_order_relaxed);
}

// What the header of a frame called from here has as its caller's pc: a word index if a Lua function is running.
inline uint32_t callerPcHere(const VM& vm) {
  const Value& running = vm.base[-2];
  const bool isLua = running.isFunction() && running.function()->isLua() && vm.pc != nullptr;
  return isLua ? static_cast<uint32_t>(vm.pc - running.function()->proto()->code.data()) : 0;
}

// Whether a bound has been exceeded (bounds.hpp): only the host can catch the error.
inline bool isOverBounds(const VM& vm) {
  return (vm.safepoint.load(std::memory_order_relaxed) & safepointExceeded) != 0;
}
// Whether the program is not to go on: what takes long asks this now and then.
inline bool isStopRequested(const VM& vm) {
  return (vm.safepoint.load(std::memory_order_relaxed) & safepointStop) != 0;
}
// Whether nothing more may be entered from C++: the error is cStackOverflow.
inline bool isNestedTooDeep(const VM& vm) { return vm.nativeDepth >= maxNativeDepth || isCStackLow(); }

// ---- strings ----
// Interns short ones. Throws std::bad_alloc.
String* newString(VM& vm, std::string_view text);
// A long string whose `length` bytes the caller fills before anything else happens; length > maxShortLength. Null when
// memory runs out.
String* newLongString(VM& vm, size_t length);

// ---- objects; std::bad_alloc is thrown when memory runs out ----
Table* newTable(VM& vm, uint32_t arrayCapacity = 0, uint32_t fieldCapacity = 0);
LuaFunction* newLuaFunction(VM& vm, Proto* proto);                                         // upvalues null
NativeFunction* newNativeFunction(VM& vm, const NativeCode& code, uint32_t upvalues = 0);  // upvalues nil
Upvalue* newClosedUpvalue(VM& vm, Value value);
Userdata* newUserdata(VM& vm, size_t bytes, uint32_t userValues);
// Null when memory runs out. A proto owned by the heap with room for all that `sizes` says, zeroed (constants nil,
// caches empty), and its `nextProto` linked. Who makes it fills the rest.
Proto* newProto(VM& vm, const ProtoSizes& sizes);
// Hands a proto that is complete, and all that are nested in it, to the engine, if the VM has one.
void prepareProtos(VM& vm, Proto& proto);

// ---- metatables ----
// The index in VM::typeMetatables: one for each type, not for each tag.
constexpr Tag metatableSlot(Tag tag) {
  if (tag == Tag::False) return Tag::True;
  return tag == Tag::Float ? Tag::Integer : tag;
}
Table* metatableOf(VM& vm, Value value);
void setTypeMetatable(VM& vm, Tag tag, Table* metatable);
void setUserdataMetatable(VM& vm, Userdata& userdata, Table* metatable);  // without regard to a finalizer
// debug.setmetatable, lua_setmetatable: of a table or userdata its own (with finalizer), of other values their type's.
// Throws std::bad_alloc, and then nothing has changed.
void setMetatable(VM& vm, Value value, Table* metatable);
// The metamethod or nil. `event` in a (possibly null) metatable; remembers absence in Table::aux.
Value metamethod(VM& vm, Table* metatable, Event event);
Value metamethodOf(VM& vm, Value value, Event event);
// Forgets every inline cache (a watched table changed).
void flushInlineCaches(VM& vm);
// Empties the VM-wide caches behind them.
void clearLookupCache(VM& vm);

// ---- errors: raised by storing vm.error and returning failure; nothing is thrown ----
// Each returns false so that callers can `return fail(...)`.
bool fail(VM& vm, Value error);
// With "chunk:line:" of the innermost frame if that is a Lua function (vm.base, vm.pc), as luaG_runerror does.
bool failWithPosition(VM& vm, std::string_view message);
bool failMemory(VM& vm);
// Whether an error object is the text about memory. As in the reference, an error with that text is one for memory,
// whoever raises it: no message handler sees it.
bool isMemoryMessage(const VM& vm, Value error);

}  // namespace selvage
