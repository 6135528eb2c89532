// Table constructors: tables with room for a few elements inside, and storing lists of elements, without a C call while
// there is room.
#include "stencils/table_construction.hpp"

#include "stencils/fast_path.hpp"
#include "vm/table_parts.hpp"

namespace selvage {

namespace {

constexpr uint32_t fieldsInWord = 8;  // the tags of so many fields are one word

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_newTable(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const auto& shapes = reinterpret_cast<const TableTemplate&>(constantOf(m, m.pc->b));
  const uint32_t fields = shapes.fieldCapacity;
  const uint32_t elements = shapes.arrayCapacity;
  const size_t bytes = tableBytes(fields) + ((elements + 7) & ~7U) + elements * sizeof(uint64_t);
  if (shapes.shape == nullptr || elements > maxElementsInside || fields > fieldsInWord || bytes > maxCellBytes)
    SELVAGE_GO(m, leaveFor(m, &selvage_newTableMiss));
  auto* const table = static_cast<Table*>(m.vm->heap.allocateFast(bytes));
  if (table == nullptr) [[unlikely]]
    SELVAGE_GO(m, leaveFor(m, &selvage_newTableMiss));
  Heap::setHeader(table, ObjectKind::Table, elements != 0 ? tableHasArrayInside : 0);
  table->shape = shapes.shape;
  table->fields = fields != 0 ? fieldsInTable(table, fields) : nullptr;
  table->array = elements != 0 ? arrayInTable(table, fields, elements) : nullptr;
  table->arrayCount = 0;
  table->arrayCapacity = elements;
  table->hash = nullptr;
  table->fieldCapacity = fields;
  if (fields != 0) *reinterpret_cast<uint64_t*>(table + 1) = 0;
  slotOf(m, m.pc->a) = Value::table(table);
  SELVAGE_GO(m, passedNext(m));
}

extern "C" SELVAGE_HANDLER void selvage_setList(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  // The verifier has seen that a table was put there, but a binary chunk that lies about the slots in use may have had
  // the collector clear it.
  if (slotOf(m, m.pc->a).tag != Tag::Table) [[unlikely]]
    SELVAGE_GO(m, leaveFor(m, &selvage_setListMiss));
  Table* const table = slotOf(m, m.pc->a).table();
  const uint64_t before = static_cast<uint64_t>(m.pc->extension()) - 1;
  uint64_t count = m.pc->c;
  if (m.pc->opcode == static_cast<uint16_t>(Opcode::SetListVariable)) count += m.vm->variableResults;
  if (!hasRoomForList(table, before, count)) SELVAGE_GO(m, leaveFor(m, &selvage_setListMiss));
  storeList(table, before, &slotOf(m, m.pc->b), count);
  SELVAGE_GO(m, resumeAt(m, nextInstruction(m.pc)));
}

}  // namespace selvage
