// Building the code of one function, and encoding it once all its constants are known.
#include "compiler/bytecode_emitter.hpp"

#include <algorithm>
#include <cstring>

namespace selvage {

uint32_t BytecodeEmitter::appendWord(Opcode opcode, uint32_t a, uint32_t b, uint32_t c) {
  Instruction word;
  word.opcode = static_cast<uint16_t>(opcode);
  word.a = static_cast<uint16_t>(a);
  word.b = static_cast<uint16_t>(b);
  word.c = static_cast<uint16_t>(c);
  lastInstruction = pc();
  code.push_back(word);
  lines.push_back(currentLine);
  if (liveSlotCount != nullptr) liveSlots.push_back(static_cast<uint16_t>(*liveSlotCount));
  return lastInstruction;
}

uint32_t BytecodeEmitter::emit(Opcode opcode, uint32_t a, uint32_t b, uint32_t c) {
  return appendWord(opcode, a, b, c);
}

uint32_t BytecodeEmitter::emitWide(Opcode opcode, uint32_t a, int32_t wide) {
  const uint32_t position = appendWord(opcode, a, 0, 0);
  code[position].wide = wide;
  return position;
}

uint32_t BytecodeEmitter::emitExtended(Opcode opcode, uint32_t a, uint32_t b, uint32_t c, int32_t extension) {
  const uint32_t position = appendWord(opcode, a, b, c);
  Instruction word{};
  std::memcpy(&word, &extension, sizeof extension);
  code.push_back(word);
  lines.push_back(currentLine);
  if (liveSlotCount != nullptr) liveSlots.push_back(static_cast<uint16_t>(*liveSlotCount));
  return position;
}

void BytecodeEmitter::emitLoadNil(uint32_t first, uint32_t count) {
  if (count == 0) return;
  if (lastLabel != pc() && !code.empty()) {
    Instruction& last = code[lastInstruction];
    if (opcodeOf(last) == Opcode::LoadNil && last.a + last.b == first) {
      last.b = static_cast<uint16_t>(last.b + count);
      return;
    }
  }
  emit(Opcode::LoadNil, first, count);
}

void BytecodeEmitter::setLineOf(uint32_t position, uint32_t line) {
  const uint32_t words = infoOf(code[position]).words();
  for (uint32_t i = 0; i < words; ++i) lines[position + i] = line;
}

void BytecodeEmitter::patchJump(uint32_t position, uint32_t target) {
  Instruction& instruction = code[position];
  const auto distance = static_cast<int32_t>(int64_t{target} - position - infoOf(instruction).words());
  if (infoOf(instruction).b == OperandKind::JumpWide) {
    instruction.wide = distance;
  } else {
    std::memcpy(&code[position + 1], &distance, sizeof distance);
  }
  lastLabel = std::max(lastLabel, target);
}

void BytecodeEmitter::bindHere(const JumpList& jumps) {
  for (const uint32_t position : jumps) patchJump(position, pc());
}

void BytecodeEmitter::noteFallIn(uint32_t position) { fallIns.push_back(position); }

void BytecodeEmitter::emitLoopJump(uint32_t target, bool isVisited) {
  // To a debug hook this instruction begins a line for what falls into it, and not for what jumps to it. What only
  // stands for falling in arrives at a jump of its own.
  if (!isVisited && !fallIns.empty() && jumpTarget(code[fallIns.back()], fallIns.back()) == pc() &&
      lines[fallIns.back()] != currentLine) {
    emitJump();
    label();
  }
  const JumpVisit visit = isVisited ? JumpVisit::Always : visitOfNext();
  patchJump(emitWide(Opcode::LoopJump, static_cast<uint32_t>(visit), 0), target);
}

uint32_t BytecodeEmitter::label() {
  lastLabel = pc();
  return pc();
}

bool BytecodeEmitter::isReachable() const {
  if (code.empty() || lastLabel == pc()) return true;
  const FlowKind flow = infoOf(code[lastInstruction]).flow;
  return flow != FlowKind::Jump && flow != FlowKind::Leave;
}

uint32_t BytecodeEmitter::constant(Value value) {
  const bool hasPayload = !value.isNil() && !value.isBoolean();
  const ConstantKey key{static_cast<uint32_t>(value.tag), hasPayload ? value.bits : 0};
  const auto [entry, isNew] = constantIndices.try_emplace(key, static_cast<uint32_t>(constants.size()));
  if (isNew) constants.push_back(value);
  return entry->second;
}

uint32_t BytecodeEmitter::makeCache(String* key) {
  caches.push_back(key);
  return static_cast<uint32_t>(caches.size() - 1);
}

uint32_t BytecodeEmitter::makeTemplate(std::span<String* const> keys, uint32_t arrayCapacity) {
  ArenaList<String*> keyList(keys.begin(), keys.end(), caches.get_allocator());
  const auto keyCount = static_cast<uint32_t>(keys.size());
  const auto [entry, isNew] = templateKeys.try_emplace(std::move(keyList), static_cast<uint32_t>(constants.size()));
  if (isNew) {
    for (String* key : keys) {
      const Value value = Value::string(key);
      constantIndices.try_emplace(ConstantKey{static_cast<uint32_t>(value.tag), value.bits},
                                  static_cast<uint32_t>(constants.size()));
      constants.push_back(value);
    }
  }
  const uint32_t firstKey = keyCount == 0 ? 0 : entry->second;
  for (size_t i = 0; i < templates.size() && i < 16; ++i) {
    const TableTemplate& known = templates[templates.size() - 1 - i];
    if (known.firstKey == firstKey && known.keyCount == keyCount && known.arrayCapacity == arrayCapacity) {
      return static_cast<uint32_t>(templates.size() - 1 - i);
    }
  }
  templates.push_back({nullptr, arrayCapacity, keyCount, firstKey, keyCount});
  return static_cast<uint32_t>(templates.size() - 1);
}

bool BytecodeEmitter::canReachTemplates() const {
  return templates.empty() ||
         constants.size() * slotUnits + (templates.size() - 1) * tableTemplateUnits <= operandLimit;
}

bool BytecodeEmitter::hasOperandOverflow() const {
  return !canReachTemplates() || (!caches.empty() && operandUnits() - inlineCacheUnits > operandLimit);
}

void BytecodeEmitter::threadJumps() {
  auto fallIn = fallIns.begin();
  for (uint32_t position = 0; position < pc(); position += infoOf(code[position]).words()) {
    if (!isThreadable(opcodeOf(code[position]))) continue;
    const auto first = static_cast<uint32_t>(jumpTarget(code[position], position));
    if (fallIn != fallIns.end() && *fallIn == position) {
      ++fallIn;
      if (lines[first] != lines[position]) continue;
    }
    uint32_t target = first;
    while (opcodeOf(code[target]) == Opcode::Jump) target = static_cast<uint32_t>(jumpTarget(code[target], target));
    if (target != first) patchJump(position, target);
  }
}

uint32_t BytecodeEmitter::encodedOperand(OperandKind kind, uint32_t value) const {
  switch (kind) {
    case OperandKind::SlotWrite:
    case OperandKind::SlotRead:
    case OperandKind::SlotReadWrite:
    case OperandKind::SlotRange:
    case OperandKind::Constant: return value * slotUnits;
    case OperandKind::Template: return static_cast<uint32_t>(constants.size() * slotUnits + value * tableTemplateUnits);
    case OperandKind::Cache:
      return static_cast<uint32_t>(constants.size() * slotUnits + templates.size() * tableTemplateUnits +
                                   value * inlineCacheUnits);
    default: return value;
  }
}

void BytecodeEmitter::encodeOperands() {
  for (uint32_t position = 0; position < pc(); position += infoOf(code[position]).words()) {
    Instruction& instruction = code[position];
    const OpcodeInfo& info = infoOf(instruction);
    instruction.a = static_cast<uint16_t>(encodedOperand(info.a, instruction.a));
    if (info.b == OperandKind::ConstantWide) instruction.wide *= static_cast<int32_t>(slotUnits);
    if (isWide(info.b)) continue;
    instruction.b = static_cast<uint16_t>(encodedOperand(info.b, instruction.b));
    instruction.c = static_cast<uint16_t>(encodedOperand(info.c, instruction.c));
  }
}

Proto* BytecodeEmitter::finish(uint32_t frameSlots, size_t locals, size_t upvalues, size_t protos) {
  // Each step may take some milliseconds.
  if (isStopRequested(vm)) return nullptr;
  threadJumps();
  if (isStopRequested(vm)) return nullptr;
  code[0].b = static_cast<uint16_t>(frameSlots * slotUnits);
  encodeOperands();
  if (isStopRequested(vm)) return nullptr;
  const auto count = [](size_t size) { return static_cast<uint32_t>(size); };
  Proto* proto = newProto(vm, {.constants = count(constants.size()),
                               .templates = count(templates.size()),
                               .caches = count(caches.size()),
                               .locals = count(locals),
                               .upvalues = count(upvalues),
                               .protos = count(protos),
                               .words = pc(),
                               .lines = count(lines.size()),
                               .liveSlots = count(liveSlots.size())});
  if (proto == nullptr) return nullptr;
  std::copy(constants.begin(), constants.end(), proto->constants);
  std::copy(templates.begin(), templates.end(), proto->templates());
  for (size_t i = 0; i < caches.size(); ++i) proto->caches()[i].key = caches[i];
  proto->frameSlots = frameSlots;
  std::copy(code.begin(), code.end(), proto->code.begin());
  std::copy(lines.begin(), lines.end(), proto->lines.begin());
  std::copy(liveSlots.begin(), liveSlots.end(), proto->liveSlots.begin());
  return proto;
}

}  // namespace selvage
