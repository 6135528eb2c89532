// What opcodeInfo does not tell: the rules of the operands of kind SlotRange, and which metamethods opcodes call.
#include "vm/instruction_fields.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace selvage {

namespace {

constexpr uint32_t numericForSlots = 4;       // start, limit, step and the visible variable
constexpr uint32_t genericForStateSlots = 4;  // iterator, state, control, closing value
constexpr uint32_t iteratorCallSlots = 4;     // iterator, header and two arguments
constexpr uint32_t selfSlots = 3;             // method, frame header, object

constexpr std::string_view constantWord = "Constant";
constexpr std::string_view comparisonPrefix = "JumpIf";
constexpr std::string_view negation = "Not";
constexpr std::string_view eventPrefix = "__";

constexpr bool removePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// An operator opcode's name without what tells its operand form: "Add" for "ConstantAdd", "Less" for
// "JumpIfNotLessConstant".
constexpr std::string_view operatorName(Opcode opcode) {
  std::string_view name = infoOf(opcode).name;
  if (removePrefix(name, comparisonPrefix)) removePrefix(name, negation);
  removePrefix(name, constantWord);
  if (name.ends_with(constantWord)) name.remove_suffix(constantWord.size());
  return name;
}

// Whether an event is called as the operator is, but for the prefix and capital letters.
constexpr bool isNamed(Event event, std::string_view operatorWord) {
  std::string_view name = eventNames[static_cast<uint32_t>(event)];
  name.remove_prefix(eventPrefix.size());
  return std::equal(name.begin(), name.end(), operatorWord.begin(), operatorWord.end(), [](char small, char letter) {
    return small == (letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
  });
}

constexpr std::optional<Event> findOperatorEvent(Opcode opcode) {
  const std::string_view name = operatorName(opcode);
  if (name == "Equal") return Event::Eq;
  if (name == "Less") return Event::Lt;
  if (name == "LessEqual") return Event::Le;
  if (name == "Length") return Event::Len;
  for (uint32_t event = static_cast<uint32_t>(Event::Add); event <= static_cast<uint32_t>(Event::Concat); ++event) {
    if (isNamed(static_cast<Event>(event), name)) return static_cast<Event>(event);
  }
  return {};
}

// The operators' events, by opcode.
constexpr auto operatorEvents = [] {
  std::array<std::optional<Event>, opcodeCount> events;
  for (uint32_t opcode = 0; opcode < opcodeCount; ++opcode) {
    events[opcode] = findOperatorEvent(static_cast<Opcode>(opcode));
  }
  return events;
}();

std::optional<Event> operatorEvent(Opcode opcode) { return operatorEvents[static_cast<uint32_t>(opcode)]; }

}  // namespace

bool isThreadable(Opcode opcode) {
  switch (opcode) {
    case Opcode::ForPrepare:
    case Opcode::ForLoop:
    case Opcode::GenericForPrepare:
    case Opcode::GenericForCall:
    case Opcode::GenericForLoop:
    case Opcode::LoopJump: return false;
    default: return hasJump(infoOf(opcode));
  }
}

std::optional<Event> eventOf(Opcode opcode) {
  switch (opcode) {
    case Opcode::GetGlobal:
    case Opcode::GetField:
    case Opcode::GetIndex:
    case Opcode::GetIndexInteger:
    case Opcode::Self: return Event::Index;
    case Opcode::SetGlobal:
    case Opcode::SetField:
    case Opcode::SetFieldConstant:
    case Opcode::SetIndex:
    case Opcode::SetIndexConstant:
    case Opcode::SetIndexInteger: return Event::NewIndex;
    case Opcode::Close:
    case Opcode::CloseReturn: return Event::Close;
    default: return operatorEvent(opcode);
  }
}

bool takesNumericConstant(Opcode opcode) {
  const std::optional<Event> event = operatorEvent(opcode);
  return event && *event != Event::Eq;
}

uint32_t slotsOfOperand(const Instruction& instruction, uint32_t operand) {
  const Instruction& i = instruction;
  const bool isFirst = operand == 0;
  switch (opcodeOf(i)) {
    case Opcode::LoadNil:
    case Opcode::Vararg: return isFirst ? i.b : 1;
    case Opcode::VarargMultiple: return 0;
    case Opcode::Self: return isFirst ? selfSlots : 1;
    case Opcode::Concat: return operand == 1 ? i.c : 1;
    case Opcode::SetList:
    case Opcode::SetListVariable: return operand == 1 ? i.c : 1;
    case Opcode::ForPrepare:
    case Opcode::ForLoop: return numericForSlots;
    case Opcode::GenericForPrepare: return genericForStateSlots;
    case Opcode::GenericForCall: return genericForStateSlots + std::max<uint32_t>(i.b, iteratorCallSlots);
    case Opcode::GenericForLoop: return genericForStateSlots + 1;
    case Opcode::Call:
    case Opcode::CallVariable: return std::max<uint32_t>(frameHeaderSlots + i.b, i.c);
    case Opcode::CallMultiple:
    case Opcode::CallVariableMultiple:
    case Opcode::TailCall:
    case Opcode::TailCallVariable: return frameHeaderSlots + i.b;
    case Opcode::Return:
    case Opcode::ReturnFromVararg:
    case Opcode::ReturnVariable:
    case Opcode::ReturnVariableFromVararg: return i.b;
    case Opcode::CloseUpvalues:
    case Opcode::Close: return 0;
    case Opcode::CloseReturn: return isFirst ? 0 : i.c;
    default: return 1;
  }
}

SlotSpan slotsSetBy(const Instruction& instruction) {
  const uint32_t first = instruction.a / slotUnits;
  switch (opcodeOf(instruction)) {
    case Opcode::LoadNil:
    case Opcode::Self:
    case Opcode::Vararg: return {first, slotsOfOperand(instruction, 0)};
    case Opcode::VarargMultiple:
    case Opcode::Call:
    case Opcode::CallVariable:
    case Opcode::CallMultiple:
    case Opcode::CallVariableMultiple:
    case Opcode::TailCall:
    case Opcode::TailCallVariable: return {first, openEnd};
    case Opcode::ForPrepare:
    case Opcode::ForLoop: return {first, numericForSlots};
    case Opcode::GenericForCall: return {first + genericForStateSlots, openEnd};
    case Opcode::GenericForLoop: return {first + 2, 1};
    default: {
      const OperandKind kind = infoOf(instruction).a;
      const bool sets = kind == OperandKind::SlotWrite || kind == OperandKind::SlotReadWrite;
      return {first, sets ? 1U : 0U};
    }
  }
}

}  // namespace selvage
