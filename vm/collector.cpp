// The collector: a stop-the-world marking from the roots, then everything unmarked is free for lazy sweeping.

#include "vm/collector.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

#include "opcodes.hpp"
#include "vm/c_function.hpp"
#include "vm/table_parts.hpp"

namespace selvage {

namespace {

constexpr size_t firstMarkStackBytes = 4096 * sizeof(Object*);

}  // namespace

void MarkStack::reset() {
  first = end = static_cast<Object**>(allocateBytes(memory, firstMarkStackBytes));
  if (first == nullptr) throw std::bad_alloc();
  limit = first + firstMarkStackBytes / sizeof(Object*);
}

bool MarkStack::makeRoom(const Object* object) {
  const auto count = static_cast<size_t>(end - first);
  if (void* grown = resizeBytes(memory, first, bytes(), bytes() * 2); grown != nullptr) {
    first = static_cast<Object**>(grown);
    end = first + count;
    limit = first + count * 2;
    return true;
  }
  // What has been marked meanwhile needs no place.
  end = std::remove_if(first, end, [](const Object* waiting) { return isMarked(waiting); });
  if (end != limit) return true;
  hasOverflowed |= !isMarked(object);
  return false;
}

void MarkStack::shrink() {
  constexpr ptrdiff_t kept = 1 << 16;
  if (end != first || limit - first <= kept) return;
  void* shrunk = resizeBytes(memory, first, bytes(), firstMarkStackBytes);
  if (shrunk == nullptr) return;
  first = end = static_cast<Object**>(shrunk);
  limit = first + firstMarkStackBytes / sizeof(Object*);
}

void Marker::markShape(Shape* shape) {
  if (shape == lastShape) return;  // tables of one shape tend to come together
  lastShape = shape;
  for (; shape != nullptr && setMarked(shape); shape = shape->parent) {
    markString(shape->key);
    markObject(shape->metatable);
  }
}

// Eight tags at a time tell whether there is anything to mark. The room for tags is a multiple of eight bytes.
void Marker::markSplit(uint64_t* payloads, uint32_t count) {
  constexpr uint64_t everyByte = 0x0101010101010101;
  constexpr uint64_t toSignBit = (0x80 - static_cast<uint64_t>(Tag::String)) * everyByte;
  for (uint32_t i = 0; i < count; i += 8) {
    uint64_t tags;
    std::memcpy(&tags, reinterpret_cast<char*>(payloads) - i - 8, 8);
    if (count - i < 8) tags &= ~uint64_t{0} << 8 * (8 - (count - i));  // the first element's tag is the uppermost
    for (uint64_t found = (tags + toSignBit) & (0x80 * everyByte); found != 0; found &= found - 1) {
      const auto element = i + 7 - static_cast<uint32_t>(std::countr_zero(found)) / 8;
      markObject(reinterpret_cast<Object*>(payloads[element]));
    }
  }
}

void Marker::traverseTable(Table* table) {
  markShape(table->shape);
  if (table->fields != nullptr && !hasFieldsInside(table)) {
    markStorage(reinterpret_cast<char*>(table->fields) - splitTagBytes(table->fieldCapacity));
  }
  if (table->array != nullptr && !hasArrayInside(table)) {
    markStorage(reinterpret_cast<char*>(table->array) - splitTagBytes(table->arrayCapacity));
  }
  markStorage(table->hash);

  if (Table* metatable = table->shape->metatable; metatable != nullptr) {
    const Value mode = metamethod(vm, metatable, Event::Mode);
    if (mode.isString()) {
      const std::string_view letters = mode.string()->view();
      const bool weakKeys = letters.find('k') != std::string_view::npos;
      const bool weakValues = letters.find('v') != std::string_view::npos;
      if ((weakKeys || weakValues) && traverseWeak(table, weakKeys, weakValues)) return;
    }
  }
  markSplit(table->array, table->arrayCount);
  markSplit(table->fields, table->shape->fieldCount());
  if (HashPart* hash = table->hash; hash != nullptr) {
    for (HashNode& node : std::span(hash->nodes, hash->size())) {
      if (node.isEmpty()) {
        killKey(node);
      } else {
        mark(node.getKey());
        mark(node.getValue());
      }
    }
  }
}

void Marker::traverseFunction(Function* function) {
  if (function->isLua()) {
    markObject(function->code);
    auto* closure = static_cast<LuaFunction*>(function);
    for (uint32_t i = 0; i < function->aux; ++i) markObject(closure->upvalues[i]);
  } else {
    auto* native = static_cast<NativeFunction*>(function);
    for (uint32_t i = 0; i < function->aux; ++i) mark(native->upvalues[i]);
  }
}

namespace {

// The end of the live slots of the running thread. When a Lua function is at a safepoint of its own (not in a call),
// that is in general below the end of its frame: what an instruction has left in slots that are not in use any more
// must not keep objects alive.
Value* endOfLiveSlots(VM& vm) {
  const Value function = vm.base[-2];
  if (!function.isFunction() || !function.function()->isLua()) return vm.top;
  const Proto& proto = *function.function()->proto();
  const auto word = static_cast<uint64_t>(vm.pc - proto.code.data());
  if (word >= proto.liveSlots.size() || vm.top != vm.base + proto.frameSlots) return vm.top;
  const Instruction& instruction = *vm.pc;
  const OpcodeInfo& info = opcodeInfo[instruction.opcode];
  const bool isPlain = info.flow == FlowKind::Next || info.flow == FlowKind::Jump;
  if (!isPlain || info.a == OperandKind::SlotRange) return vm.top;  // may leave several results
  uint32_t live = proto.liveSlots[word];
  const auto include = [&live](OperandKind kind, uint16_t units) {
    const bool isSlot =
        kind == OperandKind::SlotRead || kind == OperandKind::SlotWrite || kind == OperandKind::SlotReadWrite;
    if (isSlot) live = std::max(live, units / slotUnits + 1);
  };
  include(info.a, instruction.a);
  include(info.b, instruction.b);
  include(info.c, instruction.c);
  return vm.base + std::min(live, proto.frameSlots);
}

}  // namespace

void Marker::traverseThread(Thread* thread) {
  Value* top = thread == vm.current ? endOfLiveSlots(vm) : thread->top;
  for (Value* slot = thread->stack; slot < top; ++slot) mark(*slot);
  // What lies above is stale, and must not be taken for references when frames reach over it again.
  const Value* const usableEnd = thread->stack + (thread->stackSlots - stackReserveSlots);
  for (Value* slot = top; slot < usableEnd; ++slot) slot->tag = Tag::Nil;
  for (Upvalue* upvalue = thread->openUpvalues; upvalue != nullptr; upvalue = upvalue->next) markObject(upvalue);
  markObject(thread->resumer);
  mark(thread->error);
}

void Marker::traverseProto(Proto* proto) {
  for (uint32_t i = 0; i < proto->constantCount; ++i) mark(proto->constants[i]);
  for (uint32_t i = 0; i < proto->templateCount; ++i) markShape(proto->templates()[i].shape);
  for (uint32_t i = 0; i < proto->cacheCount; ++i) markString(proto->caches()[i].key);
  for (Shape* shape : proto->jitShapes) markShape(shape);
  for (Proto* nested : proto->protos) markObject(nested);
  for (const LocalVariable& local : proto->locals) markString(local.name);
  for (const UpvalueDescription& upvalue : proto->upvalues) markString(upvalue.name);
  markString(proto->source);
}

void Marker::queueTable(Table* table) {
  if (table != nullptr) {
    __builtin_prefetch(table->fields);
    if (table->array != nullptr) __builtin_prefetch(reinterpret_cast<char*>(table->array) - 8);
    if (table->hash != nullptr) __builtin_prefetch(table->hash);
  }
  if (Table* ready = tables.exchange(table); ready != nullptr) traverseTable(ready);
}

void Marker::visit(Object* object) {
  if (!setMarked(object)) return;
  if (!valuesOfKeys.empty()) [[unlikely]] {
    const auto [first, last] = valuesOfKeys.equal_range(object);
    for (auto pair = first; pair != last; ++pair) markObject(pair->second);
  }
  scan(object);
}

void Marker::scan(Object* object) {
  switch (object->kind) {
    case ObjectKind::Table: return queueTable(static_cast<Table*>(object));
    case ObjectKind::Function: return traverseFunction(static_cast<Function*>(object));
    case ObjectKind::Upvalue:
      // Also when open: the thread whose stack holds the value may be dying, which closes the upvalue.
      return mark(*static_cast<Upvalue*>(object)->value);
    case ObjectKind::Userdata: {
      auto* userdata = static_cast<Userdata*>(object);
      markShape(userdata->shape);
      for (uint32_t i = 0; i < userdata->aux; ++i) mark(userdata->userValues[i]);
      return;
    }
    case ObjectKind::Thread: return traverseThread(static_cast<Thread*>(object));
    case ObjectKind::Proto: return traverseProto(static_cast<Proto*>(object));
    default: return;
  }
}

void Marker::propagate() {
  drain();
  while (impl.markStack.takeOverflow()) [[unlikely]]
    rescan();
}

// The mark stack has been too small: something that a marked object refers to may be unmarked. Each time at least as
// much is marked as the stack can hold.
void Marker::rescan() {
  for (const SizeClass& cells : impl.classes) {
    const auto cellBytes = static_cast<size_t>(&cells - impl.classes.data()) * cellGranularity;
    for (const Block& block : cells.blocks) {
      for (char* cell = block.cells; cell < block.end; cell += cellBytes) {
        if (!isCellMarked(cell)) continue;
        scan(reinterpret_cast<Object*>(cell));
        drain();
      }
    }
  }
  for (LargeHeader* header : impl.large) {
    if (!isMarked(header->object())) continue;
    scan(header->object());
    drain();
  }
}

void Marker::drain() {
  for (;;) {
    while (!impl.markStack.isEmpty()) {
      Object* object = impl.markStack.pop();
      __builtin_prefetch(object);
      __builtin_prefetch(markWordOf(object));
      if (Object* ready = objects.exchange(object); ready != nullptr) visit(ready);
    }
    // Empties the queues; what comes out may fill the stack again.
    for (size_t i = 0; i < objects.length && impl.markStack.isEmpty(); ++i) {
      if (Object* ready = objects.exchange(nullptr); ready != nullptr) visit(ready);
    }
    if (!impl.markStack.isEmpty()) continue;
    for (size_t i = 0; i < tables.length && impl.markStack.isEmpty(); ++i) queueTable(nullptr);
    if (impl.markStack.isEmpty()) return;
  }
}

namespace {

void markRoots(VM& vm, Marker& marker) {
  const HeapImpl& impl = *vm.heap.impl;
  marker.markObject(vm.mainThread);
  marker.markObject(vm.current);
  marker.markShape(vm.emptyShape);
  marker.markShape(vm.stringShape);
  marker.markShape(vm.userdataShape);
  vm.latestUserdataShape = nullptr;
  marker.markObject(vm.globals);
  marker.markObject(vm.registry);
  for (Table* metatable : vm.typeMetatables) marker.markObject(metatable);
  for (String* name : vm.eventStrings) marker.markString(name);
  marker.markString(vm.emptyString);
  for (String* name : vm.typeNames) marker.markString(name);
  for (String* byte : vm.byteStrings) marker.markString(byte);
  marker.mark(vm.error);
  marker.mark(vm.keptError);
  for (const CBoundary* boundary = vm.boundary; boundary != nullptr; boundary = boundary->outer) {
    if (boundary->leaving != nullptr) marker.mark(errorOf(*boundary->leaving));
  }
  for (Object* object : impl.pinned) marker.markObject(object);
  for (size_t i = impl.pendingStart; i < impl.pending.size(); ++i) marker.markObject(impl.pending[i]);
}

// A cache may keep a shape that nothing else needs (so that caches do not cool down with every collection while no
// table of that shape happens to live), but not the metatables that the shape and its ancestors refer to.
bool keepShape(Marker& marker, Shape* shape) {
  for (Shape* s = shape; s != nullptr && !isMarked(s); s = s->parent) {
    if (s->metatable != nullptr && !isMarked(s->metatable)) return false;
  }
  marker.markShape(shape);
  return true;
}

void clearDeadCaches(VM& vm, Marker& marker) {
  clearLookupCache(vm);
  for (Proto* proto = vm.protos; proto != nullptr; proto = proto->nextProto) {
    if (!isMarked(proto)) continue;
    for (InlineCache& cache : std::span(proto->caches(), proto->cacheCount)) {
      if (cache.shape == nullptr) continue;
      const bool isValid = (cache.holder == nullptr || isMarked(cache.holder)) && keepShape(marker, cache.shape) &&
                           (cache.newShape == nullptr || keepShape(marker, cache.newShape));
      if (isValid) continue;
      cache.shape = nullptr;
      cache.newShape = nullptr;
      cache.holder = nullptr;
    }
  }
}

void removeDeadProtos(VM& vm) {
  for (Proto** link = &vm.protos; *link != nullptr;) {
    Proto* proto = *link;
    if (isMarked(proto)) {
      link = &proto->nextProto;
    } else {
      *link = proto->nextProto;
      releaseProto(vm, proto);
    }
  }
}

void removeDeadThreads(VM& vm) {
  for (Thread** link = &vm.threads; *link != nullptr;) {
    Thread* thread = *link;
    if (isMarked(thread)) {
      link = &thread->nextThread;
    } else {
      *link = thread->nextThread;
      destroyThread(vm, thread);
    }
  }
}

void removeDeadLargeObjects(VM& vm) {
  List<LargeHeader*>& large = vm.heap.impl->large;
  for (size_t i = 0; i < large.size();) {
    if ((large[i]->object()->mark & largeIsMarked) != 0) {
      ++i;
    } else {
      releaseLarge(vm, large[i]);  // the last one takes its place
    }
  }
}

void collect(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  impl.isCollecting = true;
  ++impl.collections;
  // At the limit a collection is what is needed most.
  const size_t limit = std::exchange(vm.memory.limit, vm.memory.limit == 0 ? 0 : vm.memory.limit + chunkAllowance);
  impl.weakValueTables.clear();
  impl.ephemeronTables.clear();
  impl.allWeakTables.clear();
  clearMarks(vm);

  Marker marker(vm);
  markRoots(vm, marker);
  marker.propagate();
  marker.convergeEphemerons();

  // Values that only finalizers can still reach disappear from weak tables before these run, keys do not (2.5.4).
  marker.clearWeakValues(0, 0);
  const size_t weakValueTables = impl.weakValueTables.size();
  const size_t allWeakTables = impl.allWeakTables.size();
  const size_t resurrected = impl.pending.size();
  separateFinalizable(vm, false);
  const bool hasFinalizable = impl.pending.size() > resurrected;
  const size_t reachableBytes = hasFinalizable ? markedBytes(vm) : 0;
  for (size_t i = resurrected; i < impl.pending.size(); ++i) marker.markObject(impl.pending[i]);
  marker.propagate();
  marker.convergeEphemerons();
  marker.clearWeakKeys();
  marker.clearWeakValues(weakValueTables, allWeakTables);

  clearDeadCaches(vm, marker);
  marker.propagate();
  removeDeadProtos(vm);
  // Those that no thread has taken since the last collection.
  releaseSpareStacks(vm);
  removeDeadThreads(vm);
  if (std::exchange(impl.hasRefused, false)) releaseSpareStacks(vm);
  if (vm.mainThread != nullptr) shrinkStack(vm, *vm.mainThread);
  for (Thread* thread = vm.threads; thread != nullptr; thread = thread->nextThread) shrinkStack(vm, *thread);
  sweepStrings(vm);
  sweepShapes(vm);
  removeDeadLargeObjects(vm);
  vm.memory.cellBytes = beginSweep(vm);
  vm.memory.limit = limit;
  // What is kept for finalizers only is garbage by the next collection and must not put that off: each would keep as
  // much as has been allocated since the last one, and the heap would grow.
  setThreshold(vm, hasFinalizable ? vm.memory.cellBytes - reachableBytes : 0);
  giveBackChunks(vm);
  impl.markStack.shrink();
  impl.isCollecting = false;
}

}  // namespace

bool collectGarbage(VM& vm, bool runFinalizers) {
  HeapImpl& impl = *vm.heap.impl;
  if (impl.isCollecting || impl.isFinalizing) return false;
  vm.safepoint.fetch_and(~uint32_t{safepointCollect}, std::memory_order_relaxed);
  collect(vm);
  if (runFinalizers) callPendingFinalizers(vm);
  return true;
}

}  // namespace selvage
