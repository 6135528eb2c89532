// Slow paths of field access and indexing; here the inline caches are filled.
#include "stencils/keyed_access.hpp"
#include "stencils/metamethod_entry.hpp"
#include "stencils/slow_path.hpp"
#include "vm/inline_cache.hpp"

namespace selvage {

namespace {

InlineCache& cacheAt(VM& vm, uint32_t units) {
  return const_cast<InlineCache&>(reinterpret_cast<const InlineCache&>(constantAt(vm, units)));
}

// Remembers a fact for the instruction and for the whole VM.
void remember(InlineCache& cache, InlineCache* second, Shape* shape, Table* holder, int32_t index, Shape* newShape) {
  refill(cache, shape, fieldFact(shape, cache.key, index));
  cache.holder = holder;
  cache.newShape = newShape;
  rememberInVM(second, cache);
}

// Remembers that a function, the metamethod for `event`, decides on a field that objects of the shape have not.
void rememberComputed(VM& vm, InlineCache* second, Shape* shape, String* key, Event event) {
  Table* const metatable = shape->metatable;
  if (metatable->shape->isDictionary()) return;
  const int32_t index = findField(metatable->shape, vm.eventStrings[static_cast<size_t>(event)]);
  if (index < 0) return;
  metatable->flags |= tableIsWatched;
  vm.cachesMayDepend = true;
  rememberInVM(second, {shape, 8 * index, fieldIsComputed, metatable, nullptr, key});
}

// Remembers where `cache.key` of a receiver with `shape` was found, if that can be relied on: in the receiver itself,
// or in a table on its __index chain when no table before it has such a field even if it is nil just now (it could be
// set without a change of shape). The tables on the way become watched. For a receiver that has the field, but nil,
// both are remembered.
void fillReadCache(VM& vm, InlineCache& cache, Shape* shape, Table* receiver) {
  if (shape->isDictionary()) return;
  const int32_t own = receiver != nullptr ? findField(shape, cache.key) : -1;
  if (own >= 0) {
    remember(cache, vm.lookupCache, shape, nullptr, own, nullptr);
    if (SplitStorage::tag(receiver->fields, own) != Tag::Nil) return;
  }
  Table* metatable = shape->metatable;
  if (own >= 0 && metatable == nullptr) return;
  constexpr int maxCachedChain = 8;
  Table* chain[2 * maxCachedChain];
  int length = 0;
  Table* holder = nullptr;
  int32_t index = -1;
  while (metatable != nullptr) {
    if (length == 2 * maxCachedChain) return;
    chain[length++] = metatable;
    const Value next = metamethod(vm, metatable, Event::Index);
    if (next.isNil()) break;
    if (!next.isTable()) {
      if (next.isFunction() && length == 1 && own < 0)
        rememberComputed(vm, vm.lookupCache, shape, cache.key, Event::Index);
      return;
    }
    Table* table = next.table();
    chain[length++] = table;
    if (table->shape->isDictionary()) return;
    index = findField(table->shape, cache.key);
    if (index >= 0) {
      if (SplitStorage::tag(table->fields, index) == Tag::Nil) return;
      holder = table;
      break;
    }
    metatable = table->metatable();
  }
  for (int k = 0; k < length; ++k) chain[k]->flags |= tableIsWatched;
  vm.cachesMayDepend |= length > 0;
  if (own >= 0) {
    Shape* const beyond = beyondOwnField(shape);
    entryBeyond(vm.lookupCache, shape, cache.key) =
        holder != nullptr ? fieldFact(beyond, cache.key, index, holder) : absenceFact(beyond, cache.key);
  } else if (holder != nullptr) {
    remember(cache, vm.lookupCache, shape, holder, index, nullptr);
  } else {
    rememberInVM(vm.lookupCache, absenceFact(shape, cache.key));
  }
}

// A userdata has no fields of its own; without __index, reading one is an error.
void fillUserdataCache(VM& vm, InlineCache& cache, const Userdata& userdata) {
  Table* const metatable = userdata.metatable();
  if (metatable != nullptr && !metamethod(vm, metatable, Event::Index).isNil())
    fillReadCache(vm, cache, userdata.shape, nullptr);
}

Handler* readThrough(VM& vm, Value object, Value key, int operand) {
  Value result;
  Value receiver;
  switch (lookupIndex(vm, object, key, result, receiver, operand)) {
    case Lookup::Done: slotAt(vm, vm.pc->a) = result; return resumeNext(vm);
    case Lookup::Call: {
      const Value arguments[] = {receiver, key};
      return callFromSlowPath(vm, &selvage_storeResult, Value::nil(), result, arguments);
    }
    case Lookup::Failed: break;
  }
  return resumeRaising();
}

Handler* readField(VM& vm, Value object, int operand) {
  InlineCache& cache = cacheAt(vm, vm.pc->c);
  if (object.isTable()) fillReadCache(vm, cache, object.table()->shape, object.table());
  else if (object.isUserdata()) fillUserdataCache(vm, cache, *object.userdata());
  return readThrough(vm, object, Value::string(cache.key), operand);
}

Handler* getField(VM& vm) { return readField(vm, slotAt(vm, vm.pc->b), 1); }

Value environmentOf(VM& vm) { return *static_cast<LuaFunction*>(vm.base[-2].function())->upvalues[vm.pc->b]->value; }

Handler* getGlobal(VM& vm) { return readField(vm, environmentOf(vm), 1); }

Handler* self(VM& vm) {
  const Value object = slotAt(vm, vm.pc->b);
  (&slotAt(vm, vm.pc->a))[frameHeaderSlots] = object;
  InlineCache& cache = cacheAt(vm, vm.pc->c);
  if (object.isString()) fillReadCache(vm, cache, vm.stringShape, nullptr);
  return readField(vm, object, 1);
}

// For the next time that this field is read by a computed key. Only what the table itself decides: keys out of data are
// many, and tables that are __index of others would be watched for all of them.
void rememberRead(VM& vm, Table* table, Value key) {
  Shape* const shape = table->shape;
  if (!key.isString() || !key.string()->isShort() || shape->metatable != nullptr) return;
  InlineCache cache{};
  cache.key = key.string();
  fillReadCache(vm, cache, shape, table);
}

// For the next time that a metamethod decides on a computed key.
void rememberBeyond(VM& vm, Value object, Value key, Event event) {
  const Table* const metatable = metatableOf(vm, object);
  rememberMetamethod(vm, metatable, event);
  if (event != Event::Index || metatable == nullptr) return;
  const Value next = metamethodOf(vm, object, event);
  if (next.isTable()) rememberRead(vm, next.table(), key);
}

bool hasNone(VM& vm, Table* metatable, Event event) {
  return hasNoMetamethod(metatable, event) || metamethod(vm, metatable, event).isNil();
}

Handler* getIndex(VM& vm) {
  const Instruction* pc = vm.pc;
  const Value object = slotAt(vm, pc->b);
  const Value key = infoAt(pc).c == OperandKind::Immediate ? Value::integer(pc->c) : slotAt(vm, pc->c);
  if (object.isTable()) [[likely]] {
    rememberRead(vm, object.table(), key);
    Value result;
    if (key.isString()) result = tableGetString(object.table(), key.string());
    else if (key.isInteger()) result = tableGetInteger(object.table(), key.integer());
    else if (int64_t exact; key.isFloat() && exactInteger(key.number(), exact))
      result = tableGetInteger(object.table(), exact);
    else result = tableGet(object.table(), key);
    if (!result.isNil() || hasNone(vm, object.table()->metatable(), Event::Index)) [[likely]] {
      slotAt(vm, pc->a) = result;
      return resumeNext(vm);
    }
  }
  rememberBeyond(vm, object, key, Event::Index);
  return readThrough(vm, object, key, 1);
}

// A store of `key` through a cache may be remembered when it cannot mean more than the store.
bool isPlainStore(VM& vm, Table* table, String* key) {
  if (table->shape->isDictionary() || (key->flags & stringIsEventLike) != 0) return false;
  Table* metatable = table->metatable();
  if (metatable == nullptr) return true;
  if (!metamethod(vm, metatable, Event::NewIndex).isNil()) return false;
  metatable->flags |= tableIsWatched;
  vm.cachesMayDepend = true;
  return true;
}

Handler* writeThrough(VM& vm, Value object, Value key, Value value, int operand, bool isDynamic) {
  Value handler;
  Value receiver;
  switch (lookupSetIndex(vm, object, key, value, handler, receiver, operand, isDynamic)) {
    case Lookup::Done: return resumeAfterAllocation(vm);
    case Lookup::Call: {
      const Value arguments[] = {receiver, key, value};
      return callFromSlowPath(vm, &selvage_discardResult, Value::nil(), handler, arguments);
    }
    case Lookup::Failed: break;
  }
  return resumeRaising();
}

// A plain store (see isPlainStore), remembered in `cache` and the VM-wide one where that is possible.
Handler* storeField(VM& vm, Table* table, InlineCache& cache, Value value, bool isDynamic) {
  Shape* const before = table->shape;
  const int32_t existing = findField(before, cache.key);
  const TableStatus status = tableSetString(vm, table, cache.key, value, isDynamic);
  if (status != TableStatus::Ok) [[unlikely]] {
    failTableStatus(vm, status);
    return resumeRaising();
  }
  if (existing >= 0 && table->shape == before) {
    remember(cache, vm.storeCache, before, nullptr, existing, nullptr);
  } else if (existing < 0 && !table->shape->isDictionary() && table->shape != before &&
             (table->flags & tableIsWatched) == 0) {
    remember(cache, vm.storeCache, before, nullptr, static_cast<int32_t>(table->shape->fieldCount()) - 1, table->shape);
  }
  return resumeAfterAllocation(vm);
}

// For the next time that a function decides on the store of a field that the object has not.
void rememberComputedStore(VM& vm, Value object, String* key) {
  if (!hasShape(object.tag)) return;
  Shape* const shape = object.table()->shape;
  if (shape->metatable == nullptr || shape->isDictionary()) return;
  if (findField(shape, key) < 0 && metamethodOf(vm, object, Event::NewIndex).isFunction())
    rememberComputed(vm, vm.storeCache, shape, key, Event::NewIndex);
}

Handler* writeField(VM& vm, Value object, Value value, int operand) {
  InlineCache& cache = cacheAt(vm, vm.pc->c);
  if (!object.isTable() || !isPlainStore(vm, object.table(), cache.key)) {
    rememberComputedStore(vm, object, cache.key);
    return writeThrough(vm, object, Value::string(cache.key), value, operand, false);
  }
  return storeField(vm, object.table(), cache, value, false);
}

Handler* setField(VM& vm) {
  const Instruction* pc = vm.pc;
  return writeField(vm, slotAt(vm, pc->a), operandAt(vm, infoAt(pc).b, pc->b), 0);
}

Handler* setGlobal(VM& vm) { return writeField(vm, environmentOf(vm), slotAt(vm, vm.pc->a), 1); }

Handler* setIndex(VM& vm) {
  const Instruction* pc = vm.pc;
  const Value object = slotAt(vm, pc->a);
  const Value key = infoAt(pc).b == OperandKind::Immediate ? Value::integer(pc->b) : slotAt(vm, pc->b);
  const Value value = operandAt(vm, infoAt(pc).c, pc->c);
  if (object.isTable() && hasNone(vm, object.table()->metatable(), Event::NewIndex)) [[likely]] {
    if (key.isString() && key.string()->isShort() && isPlainStore(vm, object.table(), key.string())) {
      InlineCache cache{};
      cache.key = key.string();
      return storeField(vm, object.table(), cache, value, true);
    }
    TableStatus status;
    if (key.isInteger()) status = tableSetInteger(vm, object.table(), key.integer(), value);
    else if (key.isString()) status = tableSetString(vm, object.table(), key.string(), value, true);
    else status = tableSet(vm, object.table(), key, value);
    if (status == TableStatus::Ok) [[likely]]
      return resumeAfterAllocation(vm);
    failTableStatus(vm, status);
    return resumeRaising();
  }
  rememberBeyond(vm, object, key, Event::NewIndex);
  return writeThrough(vm, object, key, value, 0, true);
}

Handler* setUpvalueBarrier(VM& vm) {
  writeBarrierSlow(vm, static_cast<LuaFunction*>(vm.base[-2].function())->upvalues[vm.pc->a]);
  return resumeNext(vm);
}

}  // namespace

SELVAGE_SLOW_PATH(selvage_getFieldMiss, getField)
SELVAGE_SLOW_PATH(selvage_getGlobal, getGlobal)
SELVAGE_SLOW_PATH(selvage_selfMiss, self)
SELVAGE_SLOW_PATH(selvage_getIndexMiss, getIndex)
SELVAGE_SLOW_PATH(selvage_setFieldMiss, setField)
SELVAGE_SLOW_PATH(selvage_setGlobal, setGlobal)
SELVAGE_SLOW_PATH(selvage_setIndexMiss, setIndex)
SELVAGE_SLOW_PATH(selvage_setUpvalueBarrier, setUpvalueBarrier)

}  // namespace selvage
