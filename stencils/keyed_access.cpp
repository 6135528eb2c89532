#include "stencils/keyed_access.hpp"

#include "stencils/metamethod_entry.hpp"
#include "vm/number.hpp"
#include "vm/table_hash.hpp"
#include "vm/table_parts.hpp"

namespace selvage {

namespace {

// A key that is an operand: in a slot, or the number itself.
inline Value keyOf(const Machine& m, OperandKind kind, uint16_t units) {
  return kind == OperandKind::Immediate ? Value::integer(units) : slotOf(m, units);
}

// The operands of the instruction that loads or stores. x3 holds nothing that matters: its register is free.
struct Load {
  Value object;
  Value key;
};
[[gnu::always_inline]] inline Load loadOperands(Machine& m) {
  forgetSpare(m);
  return {slotOf(m, m.pc->b), keyOf(m, opcodeInfo[m.pc->opcode].c, m.pc->c)};
}
struct Store {
  Value object;
  Value key;
  Value value;
};
[[gnu::always_inline]] inline Store storeOperands(Machine& m) {
  forgetSpare(m);
  const OpcodeInfo& info = opcodeInfo[m.pc->opcode];
  return {slotOf(m, m.pc->a), keyOf(m, info.b, m.pc->b), operandOf(m, info.c, m.pc->c)};
}

inline bool isIn(const HashNode* node) { return node != nullptr && !node->isEmpty(); }

// Makes a key that is neither an integer nor a string what it is stored as (normalizeKey). False: there is no such key.
inline bool isStored(Value& key) {
  if (key.tag == Tag::False || key.tag == Tag::True) key = Value::boolean(key.tag == Tag::True);
  return key.tag != Tag::Nil;
}

// Whether a key is stored as an integer; it becomes one.
inline bool isInteger(Value& key) {
  if (key.tag == Tag::Integer) return true;
  int64_t exact;
  if (key.tag != Tag::Float || !exactInteger(key.number(), exact)) return false;
  key = Value::integer(exact);
  return true;
}

// Whether no metamethod has a say where the table has no value. False, too, where that is not known.
inline bool isPlain(const Table* table, Event event) { return hasNoMetamethod(table->shape->metatable, event); }

// ---- reading ----
// Each returns false for what is left to the slow path. That a key is absent is an answer where no metamethod has a
// say.

inline bool readAbsent(const Table* table, Value& result) {
  result.tag = Tag::Nil;
  return isPlain(table, Event::Index);
}

[[gnu::always_inline]] inline bool readNode(const Table* table, const HashNode* node, Value& result) {
  if (node == nullptr) return readAbsent(table, result);
  result = node->getValue();
  return result.tag != Tag::Nil || isPlain(table, Event::Index);
}

[[gnu::always_inline]] inline bool readInteger(const Table* table, uint64_t key, Value& result) {
  const uint64_t index = key - 1;
  if (index < table->arrayCount) {
    result = SplitStorage::get(table->array, static_cast<int64_t>(index));
    return result.tag != Tag::Nil || isPlain(table, Event::Index);
  }
  if (table->hash == nullptr) return readAbsent(table, result);
  return readNode(table, findInteger(table->hash, static_cast<int64_t>(key)), result);
}

[[gnu::always_inline]] inline bool readString(const Machine& m, const Table* table, const String* key, Value& result) {
  Shape* const shape = table->shape;
  if (!shape->isDictionary()) {
    const InlineCache* const fact = findRemembered(m.vm->lookupCache, shape, key);
    if (fact == nullptr) return false;
    result.tag = Tag::Nil;
    if (fact->tagOffset >= fieldIsAbsent) return fact->tagOffset == fieldIsAbsent;
    result = fieldAt(*fact, table);
    return result.tag != Tag::Nil || (fact->holder == nullptr && shape->metatable == nullptr);
  }
  if (table->hash == nullptr) return readAbsent(table, result);
  return key->isShort() && readNode(table, findShortString(table->hash, key), result);
}

[[gnu::always_inline]] inline bool read(const Machine& m, const Table* table, Value key, Value& result) {
  if (key.tag == Tag::String) return readString(m, table, key.string(), result);
  if (isInteger(key)) return readInteger(table, key.bits, result);
  if (!isStored(key)) return false;
  if (table->hash == nullptr) return readAbsent(table, result);
  return readNode(table, findOther(table->hash, key), result);
}

// ---- writing, to a table that needs no barrier ----

// Overwrites a value that is there, which no metatable and no cache has a say in.
inline bool writeNode(HashNode* node, Value value) {
  if (!isIn(node)) return false;
  node->setValue(value);
  return true;
}

// Whether an integer key that has no value yet goes into the hash part, being far from the array part.
inline bool isFarFromArray(const Table* table, uint64_t index) {
  return index > table->arrayCount && index >= table->arrayCapacity;
}

// Whether the hash part has neither the integer key, which is the one behind the array part, nor the next one, which
// would have to follow it into the array part.
inline bool isEndOfArray(HashPart* hash, uint64_t key) {
  if (hash == nullptr || hash->hasIntegers == 0) return true;
  return !isIn(findInteger(hash, static_cast<int64_t>(key))) && !isIn(findInteger(hash, static_cast<int64_t>(key + 1)));
}

// The node for a new integer key where nothing has to be moved for it, that is, its main position has no value; or
// null.
inline HashNode* takeMainPosition(HashPart* hash, uint64_t key) {
  HashNode* const node = &hash->nodes[integerPosition(hash, key)];
  if (!node->isEmpty()) return nullptr;
  node->setKey(Value::integer(static_cast<int64_t>(key)), false);
  hash->hasIntegers = 1;
  return node;
}

[[gnu::always_inline]] inline bool writeInteger(Table* table, uint64_t key, Value value) {
  const uint64_t index = key - 1;
  const uint64_t count = table->arrayCount;
  if (index < count) {
    const bool isAbsent = SplitStorage::tag(table->array, static_cast<int64_t>(index)) == Tag::Nil;
    if (isAbsent && !isPlain(table, Event::NewIndex)) return false;
    SplitStorage::set(table->array, static_cast<int64_t>(index), value);
    if (value.tag == Tag::Nil && index == count - 1) dropTrailingNils(table);
    return true;
  }
  const bool mayBeAdded = isPlain(table, Event::NewIndex);
  if (index == count && index < table->arrayCapacity && mayBeAdded && value.tag != Tag::Nil &&
      isEndOfArray(table->hash, key)) {
    table->arrayCount = static_cast<uint32_t>(index + 1);
    SplitStorage::set(table->array, static_cast<int64_t>(index), value);
    return true;
  }
  HashPart* const hash = table->hash;
  if (hash == nullptr) return mayBeAdded && value.tag == Tag::Nil;
  HashNode* node = findInteger(hash, static_cast<int64_t>(key));
  if (!isIn(node)) {
    if (!mayBeAdded || value.tag == Tag::Nil) return mayBeAdded;
    if (!isFarFromArray(table, index)) return false;
    if (node == nullptr) node = takeMainPosition(hash, key);
    if (node == nullptr) return false;
  }
  node->setValue(value);
  return true;
}

// Whether a new integer key goes into the hash part, if there is room for it.
inline bool isForHash(const Table* table, Value key, Value value) {
  return key.tag == Tag::Integer && value.tag != Tag::Nil && table->hash != nullptr && table->barrier == 0 &&
         isFarFromArray(table, key.bits - 1);
}

inline bool writeString(const Machine& m, Table* table, const String* key, Value value) {
  Shape* const shape = table->shape;
  if (!shape->isDictionary()) {
    const InlineCache* const fact = findRemembered(m.vm->storeCache, shape, key);
    return fact != nullptr && fact->tagOffset != fieldIsComputed && storeAt(*fact, table, value);
  }
  constexpr uint8_t plainShort = stringIsShort;
  return table->hash != nullptr && (key->flags & (stringIsShort | stringIsEventLike)) == plainShort &&
         writeNode(findShortString(table->hash, key), value);
}

[[gnu::always_inline]] inline bool write(const Machine& m, Table* table, Value key, Value value) {
  if (table->barrier != 0) return false;
  if (key.tag == Tag::String) return writeString(m, table, key.string(), value);
  if (isInteger(key)) return writeInteger(table, key.bits, value);
  return isStored(key) && table->hash != nullptr && writeNode(findOther(table->hash, key), value);
}

// ---- what metamethods have a say in ----

// Whether a table has no value under the key. False, too, where that is not to be found out here.
[[gnu::always_inline]] inline bool isAbsent(const Table* table, Value key) {
  if (key.tag == Tag::String) {
    if (!key.string()->isShort()) return false;
    if (!table->shape->isDictionary()) return table->shape->fieldCount() == 0;
    return table->hash == nullptr || !isIn(findShortString(table->hash, key.string()));
  }
  if (isInteger(key)) {
    const uint64_t index = key.bits - 1;
    if (index < table->arrayCount) return SplitStorage::tag(table->array, static_cast<int64_t>(index)) == Tag::Nil;
    return table->hash == nullptr || !isIn(findInteger(table->hash, key.integer()));
  }
  return isStored(key) && (table->hash == nullptr || !isIn(findOther(table->hash, key)));
}

// The metamethod that decides on the key of a table, which has no value under it, or of a userdata; nil if not known.
[[gnu::always_inline]] inline Value metamethodBeyond(const Machine& m, Value object, Value key, Event event) {
  if (!hasShape(object.tag)) return Value::nil();
  const Table* const table = object.table();
  const Table* const metatable = table->shape->metatable;
  if (hasNoMetamethod(metatable, event) || (object.tag == Tag::Table && !isAbsent(table, key))) return Value::nil();
  return findMetamethod(m, metatable, event);
}

// The ways on from where a metamethod has a say, which is then in x3: a function, another table, or not known here.
struct Beyond {
  Handler* computed;
  Handler* inherited;
  Handler* miss;
};
[[gnu::always_inline]] inline Handler* beyond(Machine& m, Event event, Beyond routes, Value object, Value key) {
  const Value metamethod = metamethodBeyond(m, object, key, event);
  m.x3 = metamethod.bits;
  if (metamethod.tag == Tag::Function) return routes.computed;
  return metamethod.tag == Tag::Table ? routes.inherited : routes.miss;
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_getIndex(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const auto [object, key] = loadOperands(m);
  Value result;
  if (object.tag == Tag::Table && read(m, object.table(), key, result)) [[likely]] {
    slotOf(m, m.pc->a) = result;
    SELVAGE_GO(m, passedNext(m));
  }
  SELVAGE_GO(m, &selvage_getIndexBeyond);
}

extern "C" SELVAGE_HANDLER void selvage_getIndexBeyond(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const auto [object, key] = loadOperands(m);
  constexpr Beyond routes{&selvage_getIndexComputed, &selvage_getIndexInherited, &selvage_getIndexMiss};
  SELVAGE_GO(m, beyond(m, Event::Index, routes, object, key));
}

extern "C" SELVAGE_HANDLER void selvage_getIndexComputed(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  auto* const function = reinterpret_cast<Function*>(m.x3);
  const auto [object, key] = loadOperands(m);
  SELVAGE_GO(m, enterFunctionOr(&selvage_getIndexMiss, m, function, &selvage_storeResult, object, key));
}

extern "C" SELVAGE_HANDLER void selvage_getIndexInherited(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const auto* const table = reinterpret_cast<const Table*>(m.x3);
  const auto [object, key] = loadOperands(m);
  if (Value result; read(m, table, key, result)) {
    slotOf(m, m.pc->a) = result;
    SELVAGE_GO(m, passedNext(m));
  }
  SELVAGE_GO(m, &selvage_getIndexMiss);
}

namespace {

// A key for which isForHash holds; nothing but the frame is kept across the call.
SELVAGE_HANDLER void insertHandler(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const auto [object, key, value] = storeOperands(m);
  HashPart* const hash = object.table()->hash;
  HashNode* node = findInteger(hash, key.integer());
  if (node == nullptr) node = insertNode(hash, key);
  if (node == nullptr) SELVAGE_GO(m, &selvage_setIndexMiss);
  node->setValue(value);
  forgetAllButCount(m);
  SELVAGE_GO(m, resumeAt(m, nextInstruction(m.pc)));
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_setIndex(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const auto [object, key, value] = storeOperands(m);
  if (object.tag == Tag::Table) [[likely]] {
    if (write(m, object.table(), key, value)) [[likely]]
      SELVAGE_GO(m, passedNext(m));
    if (hasNoMetamethod(object.table()->shape->metatable, Event::NewIndex)) {
      SELVAGE_GO(m, isForHash(object.table(), key, value) ? leaveFor(m, &insertHandler) : &selvage_setIndexMiss);
    }
  }
  SELVAGE_GO(m, &selvage_setIndexBeyond);
}

extern "C" SELVAGE_HANDLER void selvage_setIndexBeyond(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const auto [object, key, value] = storeOperands(m);
  constexpr Beyond routes{&selvage_setIndexComputed, &selvage_setIndexInherited, &selvage_setIndexMiss};
  SELVAGE_GO(m, beyond(m, Event::NewIndex, routes, object, key));
}

extern "C" SELVAGE_HANDLER void selvage_setIndexComputed(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  auto* const function = reinterpret_cast<Function*>(m.x3);
  const auto [object, key, value] = storeOperands(m);
  SELVAGE_GO(m, enterFunctionOr(&selvage_setIndexMiss, m, function, &selvage_discardResult, object, key, value));
}

extern "C" SELVAGE_HANDLER void selvage_setIndexInherited(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  auto* const table = reinterpret_cast<Table*>(m.x3);
  const auto [object, key, value] = storeOperands(m);
  if (write(m, table, key, value)) SELVAGE_GO(m, passedNext(m));
  SELVAGE_GO(m, &selvage_setIndexMiss);
}

}  // namespace selvage
