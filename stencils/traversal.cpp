// Generic for loops over tables by `next` and the step function of `ipairs`, where the array part is at its end: the
// hash part, and the end of the loop, without a C call. (Elements of the array part are the business of GenericForCall
// itself.)
#include "stencils/traversal.hpp"

#include "stencils/fast_path.hpp"
#include "vm/table_hash.hpp"

namespace selvage {

namespace {

// The state of the loop: iterator, table, control variable, and from slot 4 on the variables that the program sees.
struct Loop {
  Value* slots;
  uint32_t variables;

  void setElement(Value key, Value value) const {
    slots[4] = key;
    slots[5] = value;
    for (uint32_t i = 2; i < variables; ++i) slots[4 + i].tag = Tag::Nil;
  }
  void setEnd() const { setElement(Value::nil(), Value::nil()); }
};

// GenericForLoop, which comes next, looks at the first variable and at what else a turn of a loop is to look at; when
// that is nothing, it is passed over.
[[gnu::always_inline]] inline Handler* goOn(Machine& m, Value* slots) {
  if (slots[4].tag == Tag::Nil || m.vm->safepoint.load(std::memory_order_relaxed) != 0)
    return resumeAt(m, nextInstruction(m.pc));
  slots[2] = slots[4];
  return resumeAt(m, jumpTarget(m.pc));
}

// False: left to the slow path.
[[gnu::always_inline]] inline bool stepOfIpairs(const Loop& loop, const Table* table) {
  const Value* const slots = loop.slots;
  if (slots[2].tag != Tag::Integer) return false;
  const int64_t key = static_cast<int64_t>(slots[2].bits + 1);
  Value value = Value::nil();
  if (static_cast<uint64_t>(key) - 1 < table->arrayCount) {
    value = SplitStorage::get(table->array, key - 1);
  } else if (table->hash != nullptr) {
    const HashNode* node = findInteger(table->hash, key);
    if (node != nullptr) value = node->getValue();
  }
  if (value.tag != Tag::Nil) {
    loop.setElement(Value::integer(key), value);
    return true;
  }
  if (table->shape->metatable != nullptr) return false;
  loop.setEnd();
  return true;
}

// From one key of the hash part to the next, by the position that the control variable's slot remembers.
[[gnu::always_inline]] inline bool stepOfNext(const Loop& loop, const Table* table) {
  Value& control = loop.slots[2];
  const HashPart* const hash = table->hash;
  if (hash == nullptr || table->shape->fieldCount() != 0) return false;
  uint32_t index = 0;
  if (control.tag != Tag::Nil) {
    // It may hold anything at all in a loop that was entered in another way.
    const uint32_t remembered = control.extra;
    if (remembered <= table->arrayCapacity) return false;
    index = remembered - table->arrayCapacity;
    if (index > hash->size()) return false;
    const HashNode& node = hash->nodes[index - 1];
    if (node.key != control.bits || node.keyTag != static_cast<uint8_t>(control.tag)) return false;
  } else if (table->arrayCount != 0) {
    return false;
  }
  const uint32_t size = hash->size();
  while (index < size && hash->nodes[index].isEmpty()) ++index;
  if (index == size) {
    loop.setEnd();
    control.extra = 0;
    return true;
  }
  const HashNode& node = hash->nodes[index];
  loop.setElement(node.getKey(), node.getValue());
  control.extra = table->arrayCapacity + index + 1;
  return true;
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_genericForCall(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Loop loop{&slotOf(m, m.pc->a), m.pc->b};
  const Value* const slots = loop.slots;
  if (slots[0].tag == Tag::Function && slots[1].tag == Tag::Table) {
    Handler* const entry = slots[0].function()->code->entry;
    const Table* const table = slots[1].table();
    if (entry == m.vm->nextEntry ? stepOfNext(loop, table)
                                 : entry == m.vm->ipairsStepEntry && stepOfIpairs(loop, table)) {
      SELVAGE_GO(m, goOn(m, loop.slots));
    }
  }
  SELVAGE_GO(m, leaveFor(m, &selvage_genericForCallMiss));
}

}  // namespace selvage
