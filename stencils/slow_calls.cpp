// Slow paths of calls, frames, closures, table constructors and loops: whatever grows the stack, allocates, is an
// interrupt, or promotes.
#include <algorithm>

#include "stencils/closures.hpp"
#include "stencils/metamethod_calls.hpp"
#include "stencils/metamethod_entry.hpp"
#include "stencils/slow_path.hpp"
#include "stencils/table_construction.hpp"
#include "stencils/to_be_closed.hpp"
#include "stencils/traversal.hpp"
#include "vm/debug_names.hpp"
#include "vm/debug_variables.hpp"
#include "vm/frame.hpp"
#include "vm/inline_cache.hpp"
#include "vm/pending_variables.hpp"
#include "vm/table_parts.hpp"

namespace selvage {

namespace {

Handler* callNonFunction(VM& vm) {
  vm.top = vm.base + vm.transfer;
  rememberMetamethod(vm, metatableOf(vm, vm.base[-2]), Event::Call);
  return enterCallee(vm);
}

// TailCall of something with a __call metamethod, or of a native function while hooks are on. What turns out to be a
// Lua function takes over the frame after all; a native one is called as usual and its results are returned.
Handler* tailCallSlow(VM& vm) {
  const Instruction* pc = vm.pc;
  uint64_t count = vm.transfer;
  int chain = 0;
  vm.top = std::max(vm.top, &slotAt(vm, pc->a) + frameHeaderSlots + count);
  while (!slotAt(vm, pc->a).isFunction()) {
    const Value called = slotAt(vm, pc->a);
    const Value handler = metamethodOf(vm, called, Event::Call);
    if (++chain > maxMetamethodChain || handler.isNil()) {
      failCall(vm, called);
      return resumeRaising();
    }
    if (!ensureStack(vm, 1)) return resumeRaising();
    Value* const arguments = &slotAt(vm, pc->a) + frameHeaderSlots;
    std::copy_backward(arguments, arguments + count, arguments + count + 1);
    arguments[0] = called;
    slotAt(vm, pc->a) = handler;
    ++count;
    ++vm.top;
  }
  Value* const callee = &slotAt(vm, pc->a) + frameHeaderSlots;
  Function* const function = callee[-2].function();
  vm.transfer = count;
  if (!function->isLua()) {
    callee[-2].extra = static_cast<uint32_t>(pc - runningProto(vm).code.data());
    Frame{callee}.setHeader(tailCallReturnOf(pc), vm.base);
    vm.base = callee;
    return enterCallee(vm);
  }
  if (pc->c != 0) vm.base = Frame{vm.base}.beforeVarargs().base;
  vm.base[-2] = callee[-2];
  vm.base[-1].tag = Tag::TailFrame;
  std::copy(callee, callee + count, vm.base);
  return function->code->entry;
}

// A return of native_tail_calls.cpp while hooks are on.
Handler* tailCallReturnSlow(VM& vm) {
  const Frame callee{vm.base};
  const uint32_t index = callee.callerPc();
  vm.base = callee.caller().base;
  const Proto& proto = *Frame{vm.base}.callee()->proto();
  const Value* results = callee.base - frameHeaderSlots;
  const auto offset = results - vm.base;
  const auto count = static_cast<uint32_t>(vm.transfer);
  vm.pc = proto.code.data() + index;
  vm.constants = proto.constants;
  vm.top = const_cast<Value*>(results) + count;
  if (!hookReturn(vm, results, count)) return resumeRaising();
  results = vm.base + offset;
  if (proto.code[index].c != 0) vm.base = Frame{vm.base}.beforeVarargs().base;
  return returnFromNative(vm, results, vm.transfer);
}

// ---- frames ----

uint32_t frameSlotsOf(const Proto& proto) { return proto.frameSlots; }

// Enter found too little room for the frame: makes it and does Enter again. Requests show themselves as a stack without
// room.
Handler* growForFrame(VM& vm) {
  Proto& proto = runningProto(vm);
  vm.top = vm.base + vm.transfer;
  vm.pc = proto.code.data();
  if (!heedRequests(vm)) return resumeRaising();
  if (vm.base + frameSlotsOf(proto) > stackLimit(vm) && !growStack(vm, frameSlotsOf(proto))) {
    return overflowAtEntry(vm);
  }
  return proto.entry;
}

Handler* fillArguments(VM& vm) {
  Proto& proto = runningProto(vm);
  for (uint64_t i = vm.transfer; i < proto.parameterCount; ++i) vm.base[i].tag = Tag::Nil;
  vm.transfer = proto.parameterCount;
  return proto.entry;
}

Handler* enterVararg(VM& vm) {
  Proto& proto = runningProto(vm);
  for (uint64_t i = vm.transfer; i < proto.parameterCount; ++i) vm.base[i].tag = Tag::Nil;
  vm.transfer = std::max<uint64_t>(vm.transfer, proto.parameterCount);
  vm.top = vm.base + vm.transfer;
  vm.pc = proto.code.data();
  if (!heedRequests(vm)) return resumeRaising();
  const auto needed = 1 + frameHeaderSlots + frameSlotsOf(proto);
  if (vm.top + needed > stackLimit(vm) && !growStack(vm, needed)) return overflowAtEntry(vm);
  return proto.entry;
}

// VarargMultiple found too little room; it is carried out again. A request shows itself in the same way here, too, and
// would still do so then.
Handler* varargMultiple(VM& vm) {
  if (!heedRequests(vm)) return resumeRaising();
  const uint32_t count = Frame{vm.base}.extraArguments();
  if (!growStack(vm, count)) {
    failStackOverflow(vm);
    return resumeRaising();
  }
  return resumeAt(vm, vm.pc);
}

// ---- closures and the end of scopes ----

Handler* closure(VM& vm) {
  const Instruction* pc = vm.pc;
  auto* enclosing = static_cast<LuaFunction*>(vm.base[-2].function());
  Proto* proto = runningProto(vm).protos[pc->b];
  LuaFunction* function = newLuaFunction(vm, proto);
  for (size_t i = 0; i < proto->upvalues.size(); ++i) {
    const UpvalueDescription& description = proto->upvalues[i];
    function->upvalues[i] = description.fromParentStack ? findUpvalue(vm, vm.base + description.index)
                                                        : enclosing->upvalues[description.index];
  }
  slotAt(vm, pc->a) = Value::function(function);
  return resumeAfterAllocation(vm);
}

Handler* closeUpvaluesAt(VM& vm) {
  closeUpvalues(vm, &slotAt(vm, vm.pc->a));
  return resumeNext(vm);
}

// Calls the handler of the innermost pending to-be-closed variable at or above `from`, to return to `returnTo` with
// `data`; null when there is none left.
Handler* closeOne(VM& vm, const Value* from, Handler* returnTo, Value data) {
  Thread& thread = *vm.current;
  if (thread.toBeClosed.empty()) return nullptr;
  Value* const variable = thread.stack + thread.toBeClosed.back();
  if (variable < from) return nullptr;
  thread.toBeClosed.pop_back();
  closeUpvalues(vm, variable);
  rememberMetamethod(vm, metatableOf(vm, *variable), Event::Close);
  const Value arguments[] = {*variable, Value::nil()};
  return callFromSlowPath(vm, returnTo, data, metamethodOf(vm, *variable, Event::Close), arguments);
}

Handler* close(VM& vm) {
  Value* const from = &slotAt(vm, vm.pc->a);
  if (Handler* call = closeOne(vm, from, &selvage_repeat, Value::nil()); call != nullptr) return call;
  closeUpvalues(vm, from);
  return resumeNext(vm);
}

// The results wait in their slots, which may reach above the frame's own when their number is variable; the handlers'
// frames go above them, and the number is kept across the handlers' calls.
Handler* closeReturn(VM& vm) {
  const Instruction* pc = vm.pc;
  Value* const from = &slotAt(vm, pc->a);
  Value* const end = &slotAt(vm, pc->b) + pc->c + (pc->extension() != 0 ? vm.variableResults : 0);
  vm.top = std::max(vm.top, end);
  Handler* call = closeOne(vm, from, &selvage_closeReturnResult, Value::integer(vm.variableResults));
  if (call != nullptr) return call;
  closeUpvalues(vm, from);
  return resumeNext(vm);
}

Handler* closeReturnResult(VM& vm) {
  const Continuation done = returnToCaller(vm);
  vm.variableResults = static_cast<uint32_t>(done.data.integer());
  return closeReturn(vm);
}

// Slot `variable` begins to be a to-be-closed variable. False: its value has no __close metamethod.
bool markToBeClosed(VM& vm, const Value* variable) {
  if (!isClosable(vm, *variable)) {
    const auto slot = static_cast<uint32_t>(variable - vm.base);
    const Proto& proto = runningProto(vm);
    // Active from this very instruction on: its scope may end behind it.
    const LocalVariable* local = activeLocal(proto, static_cast<uint32_t>(vm.pc - proto.code.data()), slot);
    return failNotClosable(vm, local != nullptr ? local->name->view() : temporaryName);
  }
  markPending(vm, variable);
  return true;
}

Handler* toBeClosed(VM& vm) {
  const Value& variable = slotAt(vm, vm.pc->a);
  if (!markToBeClosed(vm, &variable)) return resumeRaising();
  rememberMetamethod(vm, metatableOf(vm, variable), Event::Close);
  return resumeNext(vm);
}

// ---- generic for ----

Handler* genericForPrepare(VM& vm) {
  if (!markToBeClosed(vm, &slotAt(vm, vm.pc->a) + 3)) return resumeRaising();
  return resumeAt(vm, jumpTarget(vm.pc));
}

// The next element of a traversal by `next`, by the position in the control slot's `extra` if the key there is the
// control variable. 0: the end. False: the key is unknown.
bool advanceTraversal(Table* table, Value* control, Value& key, Value& value, bool& isAtEnd) {
  uint32_t position = 0;
  if (!control->isNil()) {
    // `extra` is what we left there, or anything at all in a loop entered in another way: it has to prove itself.
    Value atPosition;
    Value ignored;
    const uint32_t remembered = control->extra;
    if (remembered > 0 && tableAdvance(table, remembered - 1, atPosition, ignored) == remembered &&
        atPosition.tag == control->tag && atPosition.bits == control->bits) {
      position = remembered;
    } else {
      const int64_t found = tablePositionAfter(table, *control);
      if (found < 0) return false;
      position = static_cast<uint32_t>(found);
    }
  }
  const uint32_t after = tableAdvance(table, position, key, value);
  isAtEnd = after == 0;
  control->extra = after;
  return true;
}

Handler* genericForCall(VM& vm) {
  const Instruction* pc = vm.pc;
  Value* const slots = &slotAt(vm, pc->a);
  if (slots[0].isFunction() && slots[1].isTable() && slots[0].function()->code->entry == vm.nextEntry) {
    Value key;
    Value value;
    bool isAtEnd = false;
    if (advanceTraversal(slots[1].table(), slots + 2, key, value, isAtEnd)) {
      for (uint32_t i = 2; i < pc->b; ++i) slots[4 + i].tag = Tag::Nil;
      if (isAtEnd) {
        slots[4].tag = Tag::Nil;
        slots[5].tag = Tag::Nil;
        return resumeNext(vm);
      }
      slots[4] = key;
      slots[5] = value;
      if (vm.safepoint.load(std::memory_order_relaxed) != 0) return resumeNext(vm);
      slots[2] = key;
      return resumeAt(vm, jumpTarget(pc));
    }
  }
  return callIterator(vm);
}

// ---- tables ----

Handler* newTableFromTemplate(VM& vm) {
  const Instruction* pc = vm.pc;
  auto& shapes = const_cast<TableTemplate&>(reinterpret_cast<const TableTemplate&>(constantAt(vm, pc->b)));
  if (shapes.shape == nullptr) {
    Shape* shape = vm.emptyShape;
    for (uint32_t i = 0; i < shapes.keyCount; ++i) {
      String* const key = vm.constants[shapes.firstKey + i].string();
      if (shape->fieldCount() >= maxShapeFields) {
        shape = vm.emptyShape;
        break;
      }
      shape = shapeWithKey(vm, shape, key);
    }
    shapes.shape = shape;
    if (shapes.fieldCapacity < shape->fieldCount()) shapes.fieldCapacity = shape->fieldCount();
  }
  Table* table = newTable(vm, shapes.arrayCapacity, shapes.fieldCapacity);
  if (table == nullptr) {
    failMemory(vm);
    return resumeRaising();
  }
  for (uint32_t i = 0; i < shapes.shape->fieldCount(); ++i) SplitStorage::tagByte(table->fields, i) = 0;
  table->shape = shapes.shape;
  slotAt(vm, pc->a) = Value::table(table);
  return resumeAfterAllocation(vm);
}

Handler* setList(VM& vm) {
  const Instruction* pc = vm.pc;
  if (!slotAt(vm, pc->a).isTable()) {
    failWithPosition(vm, "damaged chunk (a table is missing)");
    return resumeRaising();
  }
  Table* const table = slotAt(vm, pc->a).table();
  const Value* const values = &slotAt(vm, pc->b);
  uint64_t count = pc->c;
  if (pc->opcode == static_cast<uint16_t>(Opcode::SetListVariable)) {
    count += vm.variableResults;
    vm.top = std::max(vm.top, const_cast<Value*>(values) + count);
  }
  const int64_t first = pc->extension();
  if (!tableReserveArray(vm, table, static_cast<uint64_t>(first) - 1 + count)) {
    failMemory(vm);
    return resumeRaising();
  }
  const auto before = static_cast<uint64_t>(first) - 1;
  if (hasRoomForList(table, before, count)) {
    storeList(table, before, values, count);
    return resumeAfterAllocation(vm);
  }
  for (uint64_t i = 0; i < count; ++i) {
    if (tableSetInteger(vm, table, first + static_cast<int64_t>(i), values[i]) != TableStatus::Ok) {
      failMemory(vm);
      return resumeRaising();
    }
  }
  return resumeAfterAllocation(vm);
}

// ---- pairs with __pairs (manual 6.1): its first three results are those of `pairs` ----

Handler* pairsByMetamethod(VM& vm) {
  vm.top = vm.base + vm.transfer;
  const Value handler = metamethodOf(vm, vm.base[0], Event::Pairs);
  if (handler.isNil()) return &selvage_callNative;
  if (!ensureStack(vm, nativeMinimumSlots)) return resumeRaising();
  Value* const callee = vm.base + 1 + frameHeaderSlots;
  callee[-2] = handler;
  callee[-2].extra = 0;
  callee[0] = vm.base[0];
  return callFrame(vm, callee, 1, &selvage_pairsReturn);
}

Handler* pairsReturn(VM& vm) {
  constexpr uint64_t wanted = 3;
  Value* const results = vm.base - frameHeaderSlots;
  for (uint64_t i = vm.transfer; i < wanted; ++i) results[i].tag = Tag::Nil;
  vm.base = Frame{vm.base}.caller().base;
  return returnFromNative(vm, results, wanted);
}

// ---- safepoints and promotion ----

// True when the running function may go on.
bool passSafepoint(VM& vm) {
  const uint32_t requests = vm.safepoint.load(std::memory_order_relaxed);
  if (!heedRequests(vm)) return false;
  if ((requests & safepointCollect) != 0) collectIfRequested(vm);
  return true;
}

Handler* dueTurn(VM& vm) {
  const Instruction* target = jumpTarget(vm.pc);
  if (vm.safepoint.load(std::memory_order_relaxed) != 0) {
    if (!passSafepoint(vm)) return resumeRaising();
  } else {
    vm.engine.promote(vm, runningProto(vm), target);
  }
  return resumeAt(vm, target);
}

Handler* hotFunction(VM& vm) {
  Proto& proto = runningProto(vm);
  vm.engine.promote(vm, proto, nullptr);
  return proto.entry;
}

}  // namespace

Handler* callIterator(VM& vm) {
  const Instruction* pc = vm.pc;
  Value* const slots = &slotAt(vm, pc->a);
  Value* const callee = slots + 4 + frameHeaderSlots;
  callee[-2] = slots[0];
  callee[-2].extra = static_cast<uint32_t>(pc - runningProto(vm).code.data());
  callee[0] = slots[1];
  callee[1] = slots[2];
  return callFrame(vm, callee, 2, traitsAt(pc).resume);
}

SELVAGE_NATIVE_PATH(selvage_callNonFunctionMiss, callNonFunction)
SELVAGE_SLOW_PATH(selvage_tailCallSlow, tailCallSlow)
SELVAGE_NATIVE_PATH(selvage_tailCallReturnSlow, tailCallReturnSlow)
SELVAGE_NATIVE_PATH(selvage_pairsByMetamethod, pairsByMetamethod)
SELVAGE_NATIVE_PATH(selvage_pairsReturn, pairsReturn)
SELVAGE_NATIVE_PATH(selvage_growStack, growForFrame)
SELVAGE_NATIVE_PATH(selvage_fillArguments, fillArguments)
SELVAGE_NATIVE_PATH(selvage_enterVararg, enterVararg)
SELVAGE_NATIVE_PATH(selvage_hotFunction, hotFunction)
SELVAGE_SLOW_PATH(selvage_varargMultiple, varargMultiple)
SELVAGE_SLOW_PATH(selvage_closureMiss, closure)
SELVAGE_SLOW_PATH(selvage_closeUpvaluesMiss, closeUpvaluesAt)
SELVAGE_SLOW_PATH(selvage_closeMiss, close)
SELVAGE_SLOW_PATH(selvage_closeReturnMiss, closeReturn)
SELVAGE_NATIVE_PATH(selvage_closeReturnResult, closeReturnResult)
SELVAGE_SLOW_PATH(selvage_toBeClosedMiss, toBeClosed)
SELVAGE_SLOW_PATH(selvage_genericForPrepare, genericForPrepare)
SELVAGE_SLOW_PATH(selvage_genericForCallMiss, genericForCall)
SELVAGE_SLOW_PATH(selvage_newTableMiss, newTableFromTemplate)
SELVAGE_SLOW_PATH(selvage_setListMiss, setList)
SELVAGE_SLOW_PATH(selvage_dueTurn, dueTurn)

}  // namespace selvage
