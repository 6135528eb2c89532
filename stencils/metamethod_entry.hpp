// Finding a metamethod and entering it without a C call, for the fast handlers out of line.
//
// Metamethods are found through the VM-wide lookup cache, as fields of metatables. The slow paths, which find them in
// any case, fill it (rememberMetamethod).
#pragma once

#include "stencils/fast_path.hpp"
#include "stencils/field_lookup.hpp"
#include "vm/frame.hpp"

namespace selvage {

// May be null.
inline const Table* metatableOf(const Machine& m, Value value) {
  if (hasShape(value.tag)) return value.table()->shape->metatable;
  return m.vm->typeMetatables[static_cast<size_t>(metatableSlot(value.tag))];
}

// Whether it is known that there is none. `metatable` may be null.
inline bool hasNoMetamethod(const Table* metatable, Event event) {
  return metatable == nullptr || (metatable->aux >> static_cast<uint32_t>(event) & 1) != 0;
}

// Nil when there is none or it is not known. `metatable` may be null.
[[gnu::always_inline]] inline Value findMetamethod(const Machine& m, const Table* metatable, Event event) {
  if (metatable == nullptr) return Value::nil();
  const String* const key = m.vm->eventStrings[static_cast<size_t>(event)];
  const InlineCache* const found = findRemembered(m.vm->lookupCache, metatable->shape, key);
  if (found == nullptr || found->holder != nullptr || found->tagOffset >= fieldIsAbsent) return Value::nil();
  return fieldAt(*found, metatable);
}

// For the next time: the metamethod of a metatable, which may be null or have none.
inline void rememberMetamethod(VM& vm, const Table* metatable, Event event) {
  if (metatable == nullptr || metatable->shape->isDictionary()) return;
  String* const key = vm.eventStrings[static_cast<size_t>(event)];
  const int32_t index = findField(metatable->shape, key);
  if (index >= 0) rememberInVM(vm.lookupCache, fieldFact(metatable->shape, key, index));
}

// Makes the frame of a call from the running instruction, above the running frame, as callFromSlowPath does. Null if
// that is not to be done here.
template <class... Arguments>
[[gnu::always_inline]] inline Handler* enterFunction(Machine& m, Function* function, Handler* returnTo,
                                                     Arguments... arguments) {
  if (m.vm->hookedThreads != 0 && !function->isLua()) return nullptr;  // see enterCallee
  const Proto& proto = *constantsHeader(m.constants).proto;
  Value* const start = m.base + proto.frameSlots;
  Value* const base = start + 1 + frameHeaderSlots;
  if (base + sizeof...(arguments) > stackLimit(*m.vm)) return nullptr;
  start[0].tag = Tag::Nil;
  start[1].bits = reinterpret_cast<uint64_t>(function);
  start[1].tag = Tag::Function;
  start[1].extra = static_cast<uint32_t>(m.pc - proto.code.data());
  Frame{base}.setHeader(returnTo, m.base);
  uint32_t place = 0;
  ((base[place++] = arguments), ...);
  m.base = base;
  m.x0 = sizeof...(arguments);
  forgetAllButCount(m);
  return function->code->entry;
}

// Where an instruction goes on that calls a function, or leaves for `miss` if it cannot be entered here.
template <class... Arguments>
[[gnu::always_inline]] inline Handler* enterFunctionOr(Handler* miss, Machine& m, Function* function, Handler* returnTo,
                                                       Arguments... arguments) {
  Handler* const entry = enterFunction(m, function, returnTo, arguments...);
  return entry != nullptr ? entry : leaveFor(m, miss);
}

// At a return address: back to the frame of the instruction that called. The first result, or nil.
[[gnu::always_inline]] inline Value returnToInstruction(Machine& m) {
  const Frame callee{m.base};
  Value result = Value::nil();
  if (m.x0 != 0) result = callee.base[-2];
  const uint32_t index = callee.callerPc();
  m.base = callee.caller().base;
  const Proto& proto = *Frame{m.base}.callee()->proto();
  m.constants = proto.constants;
  m.pc = proto.code.data() + index;
  return result;
}

// What the return address of the frame that was just entered finds as Continuation::data.
inline Value& continuationData(const Machine& m) { return m.base[-1 - static_cast<int>(frameHeaderSlots)]; }

}  // namespace selvage
