// Functions: prototypes as the compiler makes them, closures, upvalues, native functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "vm/inline_cache.hpp"
#include "vm/instruction.hpp"
#include "vm/machine.hpp"
#include "vm/memory.hpp"
#include "vm/object.hpp"
#include "vm/shape.hpp"
#include "vm/value.hpp"

namespace selvage {

struct JitCode;  // jit/: the stitched code of one proto

// What a function runs. A call jumps to `entry` with base at the first argument and x0 = number of arguments; the
// frame header is complete. Kind is ObjectKind::Proto for Lua code; native code objects are static and not in the heap.
struct Code : Object {
  Handler* entry;
};

struct LocalVariable {  // for debug names and the debug library
  String* name;
  uint32_t slot;
  uint32_t startPc;  // first instruction word where it is active
  uint32_t endPc;    // first one where it is not any more
};

struct UpvalueDescription {
  String* name;
  bool fromParentStack;  // slot `index` of the enclosing function, otherwise its upvalue `index`
  uint16_t index;
};

// Directly below a proto's constants, so that the constants pointer leads to everything.
struct ConstantsHeader {
  struct Proto* proto;
  int32_t hotness;  // counts down calls and loop turns in the interpreter; at 0 the engine is asked to promote
  int32_t
      generalTurns;  // counts down loop turns in general copies; below 0 the engine is asked whether to stitch again
};
static_assert(sizeof(ConstantsHeader) == 16);

// How much a proto has of everything.
struct ProtoSizes {
  uint32_t constants = 0;
  uint32_t templates = 0;
  uint32_t caches = 0;
  uint32_t locals = 0;
  uint32_t upvalues = 0;
  uint32_t protos = 0;
  uint32_t words = 0;      // of code
  uint32_t lines = 0;      // as many as words, or none
  uint32_t liveSlots = 0;  // as many as words, or none
};

struct Proto : Code {
  // As the collector's cell for it was made: `header` is kept.
  Proto(const Object& header, Memory& memory) : Code{header, nullptr}, jitShapes(memory) {}

  // One block: ConstantsHeader, constants (Values), table templates, inline caches, and all that the spans show.
  Value* constants = nullptr;
  size_t blockBytes = 0;
  uint32_t constantCount = 0;
  uint32_t templateCount = 0;
  uint32_t cacheCount = 0;
  uint32_t frameSlots = 0;  // slots from base that the function's own code uses
  uint8_t parameterCount = 0;
  bool isVararg = false;
  uint32_t lineDefined = 0;  // 0: the main function of a chunk
  uint32_t lastLineDefined = 0;
  std::span<Instruction> code;
  std::span<uint32_t> lines;  // one for each word of code; empty: not known
  // For each word, how many slots from base are in use by then (locals and pending temporaries, not the instruction's
  // own operands): what lies above is stale, and no reason to keep an object. Empty: not known.
  std::span<uint16_t> liveSlots;
  std::span<Proto*> protos;
  std::span<UpvalueDescription> upvalues;
  std::span<LocalVariable> locals;  // by startPc
  String* source = nullptr;         // chunk name as given ("@file", "=name", or the text itself)
  Proto* nextProto = nullptr;       // list of all protos of the VM
  // Engine's:
  JitCode* jit = nullptr;                // null while not compiled
  Handler** resumeAddresses = nullptr;   // one for each word: where stitched code can be entered, or null
  Handler** generalAddresses = nullptr;  // likewise for those who leave a carried stencil; null until they are needed
  uint32_t jitAttempts = 0;
  bool isJitOff = false;   // never to be stitched, whatever the mode
  List<Shape*> jitShapes;  // those that stitched code has as constants: they live as long as the proto

  TableTemplate* templates() const { return reinterpret_cast<TableTemplate*>(constants + constantCount); }
  InlineCache* caches() const { return reinterpret_cast<InlineCache*>(templates() + templateCount); }
  ConstantsHeader* header() const { return reinterpret_cast<ConstantsHeader*>(constants) - 1; }
};

// A captured variable: `value` points to a stack slot while the variable's block runs, then to `closed`.
struct Upvalue : Object {
  Value* value;
  Value closed;
  Upvalue* next;  // open upvalues of a thread, from the top of the stack down
  bool isOpen() const { return value != &closed; }
};

// aux: number of upvalues.
struct Function : Object {
  Code* code;
  bool isLua() const { return code->kind == ObjectKind::Proto; }
  Proto* proto() const { return static_cast<Proto*>(code); }
};

struct LuaFunction : Function {
  Upvalue* upvalues[1];  // really aux
};
constexpr size_t luaFunctionBytes(uint32_t upvalues) { return offsetof(LuaFunction, upvalues) + upvalues * 8; }

struct NativeCall;
// Reads its arguments from and pushes its results through `call`; returns the number of results (the last ones
// pushed), or nativeFailed after an error was raised. See native.hpp.
using NativeFunctionPointer = int (*)(NativeCall& call);

// Static description of a native function.
struct NativeCode : Code {
  NativeFunctionPointer function;  // null when `entry` does all the work itself
  const char* name;                // for messages, e.g. "insert"
};

struct NativeFunction : Function {
  Value upvalues[1];  // really aux
};
constexpr size_t nativeFunctionBytes(uint32_t upvalues) {
  return offsetof(NativeFunction, upvalues) + upvalues * sizeof(Value);
}

// aux: number of user values. The shape stands where tables have theirs, so that methods are found in the same way; it
// has no fields and is derived from VM::userdataShape.
struct Userdata : Object {
  Shape* shape;
  size_t bytes;
  Value userValues[1];  // really aux, then the memory, 16-byte aligned
  Table* metatable() const { return shape->metatable; }
  void* memory() { return reinterpret_cast<char*>(this) + offsetof(Userdata, userValues) + aux * sizeof(Value); }
};

// Tables and userdata have their shapes in the same place.
constexpr bool hasShape(Tag tag) { return tag == Tag::Table || tag == Tag::Userdata; }

}  // namespace selvage
