// Finding the name of a value by looking for the instruction that put it in its slot.
//
// The reference's rules: only an instruction that certainly ran counts. Code that a forward jump skips may not have
// run, so what it sets has no name.
#include "vm/debug_names.hpp"

#include <algorithm>

#include "vm/format_text.hpp"
#include "vm/instruction_fields.hpp"

namespace selvage {

namespace {

constexpr uint32_t notFound = UINT32_MAX;
constexpr std::string_view environmentName = "_ENV";
constexpr uint32_t maxReferenceIndex = 255;

uint32_t findSetter(const Proto& proto, uint32_t pc, uint32_t slot) {
  uint32_t setter = notFound;
  uint32_t conditionalBefore = 0;  // instructions before this one may have been jumped over
  for (uint32_t position = 0; position < pc; position += infoOf(proto.code[position]).words()) {
    const Instruction& instruction = proto.code[position];
    if (slotsSetBy(instruction).contains(slot)) setter = position < conditionalBefore ? notFound : position;
    if (!hasJump(infoOf(instruction))) continue;
    const int64_t target = jumpTarget(instruction, position);
    if (target > position && target <= pc)
      conditionalBefore = std::max(conditionalBefore, static_cast<uint32_t>(target));
  }
  return setter;
}

std::string_view nameOfUpvalue(const Proto& proto, uint32_t index) {
  const String* name = index < proto.upvalues.size() ? proto.upvalues[index].name : nullptr;
  return name == nullptr ? "?" : name->view();
}

std::string_view nameOfConstant(Value value) { return value.isString() ? value.string()->view() : "?"; }

std::string_view cacheKey(const Proto& proto, uint32_t units) {
  const auto* cache = reinterpret_cast<const InlineCache*>(reinterpret_cast<const uint64_t*>(proto.constants) + units);
  return cache->key->view();
}

// The name of a field of the table in `slot`: a global when that is the variable _ENV.
VariableName fieldOf(const Proto& proto, uint32_t position, uint32_t slot, std::string_view name) {
  const LocalVariable* local = activeLocal(proto, position, slot);
  bool isEnvironment = local != nullptr && local->name->view() == environmentName;
  if (local == nullptr) {
    const VariableName table = nameOfSlot(proto, position, slot);
    isEnvironment = table.kind != nullptr && std::string_view(table.kind) == "upvalue" && table.name == environmentName;
  }
  return {isEnvironment ? "global" : "field", name};
}

// The name of what the instruction at `position` puts in its slot a.
VariableName nameOfResult(const Proto& proto, uint32_t position) {
  const Instruction& instruction = proto.code[position];
  switch (opcodeOf(instruction)) {
    case Opcode::Move:
      if (instruction.b < instruction.a) return nameOfSlot(proto, position, instruction.b / slotUnits);
      return {};
    case Opcode::GetUpvalue: return {"upvalue", nameOfUpvalue(proto, instruction.b)};
    case Opcode::GetGlobal: {
      const bool isEnvironment = nameOfUpvalue(proto, instruction.b) == environmentName;
      return {isEnvironment ? "global" : "field", cacheKey(proto, instruction.c)};
    }
    case Opcode::GetField: return fieldOf(proto, position, instruction.b / slotUnits, cacheKey(proto, instruction.c));
    case Opcode::GetIndex: {
      const VariableName key = nameOfSlot(proto, position, instruction.c / slotUnits);
      const bool isConstant = key.kind != nullptr && std::string_view(key.kind) == "constant";
      return fieldOf(proto, position, instruction.b / slotUnits, isConstant ? key.name : "?");
    }
    // The reference has no such instruction for larger keys.
    case Opcode::GetIndexInteger: return {"field", instruction.c <= maxReferenceIndex ? "integer index" : "?"};
    case Opcode::Self: return {"method", cacheKey(proto, instruction.c)};
    case Opcode::LoadConstant: {
      const Value value = proto.constants[static_cast<uint32_t>(instruction.wide) / slotUnits];
      if (value.isString()) return {"constant", nameOfConstant(value)};
      return {};
    }
    default: return {};
  }
}

}  // namespace

const LocalVariable* activeLocal(const Proto& proto, uint32_t pc, uint32_t slot) {
  for (const LocalVariable& local : proto.locals) {
    if (local.startPc > pc) break;
    if (local.slot == slot && pc < local.endPc) return &local;
  }
  return nullptr;
}

VariableName nameOfSlot(const Proto& proto, uint32_t pc, uint32_t slot) {
  if (const LocalVariable* local = activeLocal(proto, pc, slot)) return {"local", local->name->view()};
  const uint32_t setter = findSetter(proto, pc, slot);
  if (setter == notFound) return {};
  const uint32_t target = proto.code[setter].a / slotUnits;
  // Self puts the object two slots behind the method; other instructions that set several slots give no names.
  return target == slot ? nameOfResult(proto, setter) : VariableName{};
}

VariableName nameOfCall(VM&, const Proto& proto, uint32_t pc) {
  if (pc >= proto.code.size()) return {};
  const Instruction& instruction = proto.code[pc];
  switch (opcodeOf(instruction)) {
    case Opcode::Call:
    case Opcode::CallVariable:
    case Opcode::CallMultiple:
    case Opcode::CallVariableMultiple:
    case Opcode::TailCall:
    case Opcode::TailCallVariable: return nameOfSlot(proto, pc, instruction.a / slotUnits);
    case Opcode::GenericForCall: return {"for iterator", "for iterator"};
    default: break;
  }
  const std::optional<Event> event = eventOf(opcodeOf(instruction));
  if (!event) return {};
  return {"metamethod", eventNames[static_cast<uint32_t>(*event)] + 2};
}

Text describeOperand(VM& vm, const Proto& proto, uint32_t pc, uint32_t operand) {
  const Instruction& instruction = proto.code[pc];
  const OperandKind kind = operandKind(infoOf(instruction), operand);
  VariableName variable;
  if (isSlot(kind)) {
    variable = nameOfSlot(proto, pc, operandField(instruction, operand) / slotUnits);
  } else if (kind == OperandKind::Upvalue) {
    variable = {"upvalue", nameOfUpvalue(proto, operandField(instruction, operand))};
  } else if (kind == OperandKind::Constant) {
    const Value value = proto.constants[operandField(instruction, operand) / slotUnits];
    if (value.isString()) variable = {"constant", nameOfConstant(value)};
  }
  return variable.kind == nullptr ? Text(vm) : formatText(vm, " ({} '{}')", variable.kind, variable.name);
}

}  // namespace selvage
