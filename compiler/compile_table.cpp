// Table constructors.
//
// The table is made with room for everything that the constructor names: a template lists the constant keys, whose
// fields are then stored through inline caches that always hit. Positional items are collected in slots and stored in
// batches.
#include <algorithm>

#include "compiler/function_compiler.hpp"
#include "vm/bytecode_limits.hpp"

namespace selvage {

namespace {

constexpr uint32_t itemsPerBatch = 50;

String* fieldName(const TableItem& item) {
  if (item.key == nullptr || item.key->kind != ExpressionKind::Constant) return nullptr;
  const Value key = item.key->as<ConstantExpression>()->value;
  return key.isString() && key.string()->isShort() ? key.string() : nullptr;
}

}  // namespace

void FunctionCompiler::emitNewTable(TableExpression* expression, uint32_t slot) {
  emitter.setLine(expression->line);
  if (!policy.useTemplates) {
    TemporaryScope scope(*this);
    const uint32_t frame = reserve(frameHeaderSlots);
    emitter.emit(Opcode::Closure, frame, tableMakerProto());
    emitter.emit(Opcode::Call, frame, 0, 1);
    move(slot, frame);
    return;
  }
  ArenaList<String*> keys(context.arena);
  for (const TableItem& item : expression->items) {
    String* name = fieldName(item);
    if (name == nullptr || keys.size() == maxTemplateKeys) continue;
    if (std::ranges::find(keys, name) == keys.end()) keys.push_back(name);
  }
  uint32_t positional = expression->positionalCount;
  if (positional != 0 && expression->items.back().key == nullptr &&
      expression->items.back().value->hasMultipleValues()) {
    --positional;
  }
  emitter.emit(Opcode::NewTable, slot, emitter.makeTemplate(keys, std::min(positional, maxTemplateArray)));
}

void FunctionCompiler::compileKeyedItem(uint32_t table, const TableItem& item) {
  TemporaryScope scope(*this);
  Target target;
  target.object = table;
  target.line = item.line;
  prepareKey(target, item.key, {});
  storeExpression(target, item.value);
}

void FunctionCompiler::compileTable(TableExpression* expression, Destination destination) {
  TemporaryScope scope(*this);
  const uint32_t table = destination.isFresh ? destination.slot : reserve();
  emitNewTable(expression, table);
  uint32_t stored = 0;   // positional items already in the table
  uint32_t pending = 0;  // and in the slots from firstPending on
  const uint32_t firstPending = freeSlot;
  const auto storePending = [&](bool isVariable) {
    emitter.emitExtended(isVariable ? Opcode::SetListVariable : Opcode::SetList, table, firstPending, pending,
                         static_cast<int32_t>(stored + 1));
    stored += pending;
    pending = 0;
    freeSlot = firstPending;
  };
  for (const TableItem& item : expression->items) {
    if (isFutile()) return;
    if (item.key != nullptr) {
      compileKeyedItem(table, item);
      continue;
    }
    const uint32_t slot = reserve();
    if (&item == &expression->items.back() && item.value->hasMultipleValues()) {
      compileMultiple(item.value, slot, variableCount);
      emitter.setLine(expression->lastLine);
      storePending(true);
      break;
    }
    compileToFresh(item.value, slot);
    emitter.setLine(item.line);
    if (++pending == itemsPerBatch) storePending(false);
  }
  emitter.setLine(expression->lastLine);
  if (pending != 0) storePending(false);
  move(destination.slot, table);
}

}  // namespace selvage
