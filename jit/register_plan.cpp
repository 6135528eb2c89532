#include "jit/register_plan.hpp"

#include <algorithm>

#include "stencils/interpreter.hpp"
#include "vm/shape.hpp"
#include "vm/table.hpp"

namespace selvage {

namespace {

constexpr Value unknown{0, Tag::Frame};
constexpr uint32_t maxCopiedWords = 512;  // of a loop's body

bool isKnown(Value sample) { return sample.tag != Tag::Frame; }
// A number whose value does not matter; as a key it stands for any element.
Value someNumber(Tag type) { return type == Tag::Float ? Value{0, Tag::Float} : Value::integer(1); }

bool isSlot(OperandKind kind) { return kind == OperandKind::SlotRead; }

bool isIntegerOperator(Event event) {
  switch (event) {
    case Event::Add:
    case Event::Sub:
    case Event::Mul:
    case Event::Mod:
    case Event::IDiv:
    case Event::BAnd:
    case Event::BOr:
    case Event::BXor:
    case Event::Shl:
    case Event::Shr: return true;
    default: return false;
  }
}

bool isBinaryArithmetic(const OpcodeInfo& info, Event event) {
  return info.a == OperandKind::SlotWrite && event >= Event::Add && event <= Event::Shr;
}

}  // namespace

ConstantType constantTypeFor(const Proto& proto, const OpcodeInfo& info, const Instruction& instruction) {
  if (!hasConstantOperand(info)) return ConstantType::Any;
  const uint32_t units = info.a == OperandKind::Constant   ? instruction.a
                         : info.b == OperandKind::Constant ? instruction.b
                                                           : instruction.c;
  return constantTypeOf(proto.constants[units / slotUnits].tag);
}

int64_t jumpTargetOf(const Proto& proto, uint32_t word) {
  const Instruction& instruction = proto.code[word];
  const OpcodeInfo& info = opcodeInfo[instruction.opcode];
  const int64_t next = word + info.words();
  if (info.b == OperandKind::JumpWide) return next + instruction.wide;
  if (info.extension == OperandKind::JumpExtension) return next + (&instruction)->extension();
  return -1;
}

namespace {

// OwnField if the instruction's cache has met one shape only, whose objects have the field.
ConstantType knownField(const Proto& proto, const Instruction& instruction) {
  const InlineCache& cache = cacheOf(proto, instruction);
  const bool isOwn = cache.shape != nullptr && cache.holder == nullptr && cache.newShape == nullptr;
  return isOwn && cache.replacements == 0 ? ConstantType::OwnField : ConstantType::Any;
}

}  // namespace

// ---- samples ----

Value RegisterPlan::sampleOf(OperandKind kind, uint32_t units) const {
  if (kind == OperandKind::Constant) return proto->constants[units / slotUnits];
  return samples[units / slotUnits];
}

Value RegisterPlan::sampleUpvalue(uint32_t index) const {
  if (frame.base == nullptr) return unknown;
  const Value value = *static_cast<LuaFunction*>(frame.base[-2].function())->upvalues[index]->value;
  return value.tag == Tag::Nil ? unknown : value;
}

// Carried loads of elements are for the array part: what is elsewhere is no sample for them.
Value RegisterPlan::sampleElement(Value table, Value key) const {
  if (table.tag != Tag::Table) return unknown;
  Value element = Value::nil();
  if (key.isString()) {
    element = tableGetString(table.table(), key.string());
  } else if (key.isInteger() && table.table()->arrayCount > 0) {
    const uint64_t index = key.bits - 1;
    element =
        SplitStorage::get(table.table()->array, index < table.table()->arrayCount ? static_cast<int64_t>(index) : 0);
  }
  return element.isNil() ? unknown : element;
}

Value RegisterPlan::sampleField(Value table, const Instruction& instruction) const {
  return sampleElement(table, Value::string(cacheOf(*proto, instruction).key));
}

// Takes what the frame holds now; for a loop's head only when the frame is in that loop.
void RegisterPlan::sampleFrame(bool isForLoop) {
  if (frame.base == nullptr) return;
  for (uint32_t slot = 0; slot < std::min<size_t>(frame.liveSlots, samples.size()); ++slot) {
    const Value value = frame.base[slot];
    if (value.tag != Tag::Nil || !isForLoop) samples[slot] = value.tag == Tag::Nil ? unknown : value;
  }
}

// ---- the shape of the function ----

void RegisterPlan::findTargets() {
  const auto words = static_cast<uint32_t>(proto->code.size());
  targets.assign(words + 1, {});
  for (uint32_t word = 0; word < words; word += opcodeInfo[proto->code[word].opcode].words()) {
    const int64_t jump = jumpTargetOf(*proto, word);
    if (jump < 0) continue;
    Target& target = targets[static_cast<size_t>(jump)];
    if (jump > word) {
      target.isForward = true;
    } else {
      target.hasManyJumpsBack = target.isLoopHead;
      target.isLoopHead = true;
      target.loopEnd = word + opcodeInfo[proto->code[word].opcode].words();
    }
  }
}

// Innermost loops with one jump back, no longer than is sensible.
bool RegisterPlan::isCopyable(uint32_t head, uint32_t back) const {
  const auto opcode = static_cast<Opcode>(proto->code[back].opcode);
  if (opcode != Opcode::ForLoop && opcode != Opcode::LoopJump) return false;
  if (targets[head].hasManyJumpsBack || back - head > maxCopiedWords) return false;
  return std::none_of(targets.begin() + head + 1, targets.begin() + back + 1,
                      [](const Target& target) { return target.isLoopHead; });
}

void RegisterPlan::arrive(uint32_t word, const RegisterState& from) {
  Target& target = targets[word];
  if (target.arrival == noArrival) {
    target.arrival = static_cast<uint32_t>(arrivals.size());
    arrivals.push_back(from);
  } else {
    arrivals[target.arrival].intersect(from);
  }
}

// ---- passes ----

void RegisterPlan::make(const Proto& newProto, const RunningFrame& newFrame) {
  proto = &newProto;
  frame = newFrame;
  const auto words = static_cast<uint32_t>(proto->code.size());
  firstSteps.assign(words, {});
  copiedLoops.clear();
  if (frame.base == nullptr) return;
  findTargets();
  arrivals.clear();
  samples.assign(proto->frameSlots, unknown);
  sampleFrame(false);
  state.clear();
  isReachable = true;
  pass(0, words, firstSteps, false);
}

void RegisterPlan::pass(uint32_t begin, uint32_t end, std::span<Step> steps, bool isLoopCopy) {
  for (uint32_t word = begin; word < end;) {
    const Instruction& instruction = proto->code[word];
    const OpcodeInfo& info = opcodeInfo[instruction.opcode];
    const Target target = targets[word];
    const bool isCopyHead = isLoopCopy && word == begin;
    if (!isCopyHead && (target.isForward || !isReachable)) {
      const RegisterState* const arrival = arrivalAt(target);
      if (arrival == nullptr) state.clear();
      else if (isReachable) state.intersect(*arrival);
      else state = *arrival;
    }
    if (target.isLoopHead && !isCopyHead) {
      state.clear();
      if (frame.word >= word && frame.word < target.loopEnd) sampleFrame(true);
    }
    isReachable = true;
    steps[word].isEnteredCarrying = !state.isEmpty();

    const int64_t jump = jumpTargetOf(*proto, word);
    const bool isJumpBack = jump >= 0 && jump <= word;
    const uint32_t next = word + info.words();
    if (isJumpBack) {
      const auto head = static_cast<uint32_t>(jump);
      const bool mayCopy = isCopyable(head, word);
      steps[word].carried = nullptr;
      if (!mayCopy) {
        state.clear();
      } else {
        backState = state;
        if (static_cast<Opcode>(instruction.opcode) == Opcode::ForLoop)
          steps[word].carried = planForLoop(instruction, backState);
        if (!isLoopCopy) {
          const RegisterState after = state;
          planLoopCopy(head, next);
          state = after;
        }
      }
    } else {
      steps[word].carried = plan(word);
      if (jump >= 0) arrive(static_cast<uint32_t>(jump), state);
    }
    isReachable = info.flow != FlowKind::Jump && info.flow != FlowKind::Leave;
    word = next;
  }
}

// At the end of a loop's first copy, with what registers hold at its jump back in backState.
void RegisterPlan::planLoopCopy(uint32_t head, uint32_t end) {
  constexpr int maxPasses = 4;
  RegisterState assumed = backState;
  loopSteps.resize(proto->code.size());
  for (int i = 0; i < maxPasses; ++i) {
    if (assumed.isEmpty()) return;
    for (uint32_t word = head; word < end; ++word) {
      targets[word].arrival = noArrival;
      loopSteps[word] = {};
    }
    state = assumed;
    isReachable = true;
    pass(head, end, loopSteps, true);
    if (backState.includes(assumed)) {
      copiedLoops.push_back({head, end});
      if (isReachable) {
        targets[end].isForward = true;
        arrive(end, state);
      }
      return;
    }
    assumed.intersect(backState);
  }
}

// ---- instructions ----

const Stencil* RegisterPlan::carriedUnlessGeneral(const Instruction& instruction, StencilVariant variant) const {
  return variant.isCarried() ? stencils.find(instruction.opcode, variant.number()) : nullptr;
}

Place RegisterPlan::integerPlaceOf(OperandKind kind, uint32_t units) {
  if (!isSlot(kind)) return Place::Slot;
  const Place place = state.placeOf(units / slotUnits);
  return isIntegerPlace(place) ? place : Place::Slot;
}

const Stencil* RegisterPlan::planArithmetic(const Instruction& instruction, const OpcodeInfo& info) {
  const Event event = opcodeTraits()[instruction.opcode].event;
  const uint32_t target = instruction.a / slotUnits;
  const Value left = sampleOf(info.b, instruction.b);
  const Value right = sampleOf(info.c, instruction.c);
  const bool isFloatOperator = event == Event::Add || event == Event::Sub || event == Event::Mul || event == Event::Div;
  const auto mayBeFloat = [](OperandKind kind, Value sample) {
    return sample.tag == Tag::Float || (kind == OperandKind::Constant ? sample.isInteger() : !isKnown(sample));
  };
  const bool isFloats = isFloatOperator && (left.tag == Tag::Float || right.tag == Tag::Float) &&
                        mayBeFloat(info.b, left) && mayBeFloat(info.c, right);
  const bool isIntegers = isIntegerOperator(event) && left.isInteger() && right.isInteger();
  if (!isFloats && !isIntegers) {
    state.forget(target);
    if (isNumber(left.tag) && isNumber(right.tag)) samples[target] = someNumber(Tag::Float);
    else samples[target] = unknown;
    return nullptr;
  }
  StencilVariant variant{.constant = constantTypeFor(*proto, info, instruction)};
  const auto placeOf = [&](OperandKind kind, uint32_t units) {
    if (!isSlot(kind)) return Place::Slot;
    const Place place = state.placeOf(units / slotUnits);
    return (isFloats ? isFloatPlace(place) : isIntegerPlace(place)) ? place : Place::Slot;
  };
  variant.b = placeOf(info.b, instruction.b);
  variant.c = placeOf(info.c, instruction.c);
  variant.a = state.take(target, isFloats);
  samples[target] = someNumber(isFloats ? Tag::Float : Tag::Integer);
  return carriedUnlessGeneral(instruction, variant);
}

// Whether the next use of a slot is one that profits from a number of this type in a register.
bool RegisterPlan::isReadAsNumber(uint32_t word, uint32_t slot, Tag type) const {
  constexpr int maxInstructions = 8;
  word += opcodeInfo[proto->code[word].opcode].words();
  for (int i = 0; i < maxInstructions && word < proto->code.size(); ++i) {
    const Instruction& instruction = proto->code[word];
    const OpcodeInfo& info = opcodeInfo[instruction.opcode];
    const auto opcode = static_cast<Opcode>(instruction.opcode);
    const bool readsA = isSlot(info.a) && instruction.a / slotUnits == slot;
    const bool readsB = isSlot(info.b) && instruction.b / slotUnits == slot;
    const bool readsC = isSlot(info.c) && instruction.c / slotUnits == slot;
    if (readsA || readsB || readsC) {
      if (isBinaryArithmetic(info, opcodeTraits()[instruction.opcode].event)) return true;
      if (opcode == Opcode::Move || opcode == Opcode::SetField) return readsB;
      if (opcode == Opcode::SetIndex) return readsC || (readsB && type == Tag::Integer);
      if (opcode == Opcode::SetIndexInteger) return readsC;
      if (opcode == Opcode::SetIndexConstant) return readsB && type == Tag::Integer;
      if (opcode == Opcode::GetIndex) return readsC && type == Tag::Integer;
      return info.flow == FlowKind::Branch;
    }
    if (info.a == OperandKind::SlotRange || info.flow == FlowKind::Jump || info.flow == FlowKind::Leave) return false;
    if (info.a == OperandKind::SlotWrite && instruction.a / slotUnits == slot) return false;
    word += info.words();
  }
  return false;
}

// A load into slot A of what is expected to be like `sample`; `variant` has the places of the operands.
const Stencil* RegisterPlan::planLoad(uint32_t word, const Instruction& instruction, Value sample,
                                      StencilVariant variant) {
  const uint32_t target = instruction.a / slotUnits;
  if (isKnown(sample) && isNumber(sample.tag) && isReadAsNumber(word, target, sample.tag))
    variant.a = state.take(target, sample.tag == Tag::Float);
  else state.forget(target);
  samples[target] = sample;
  return carriedUnlessGeneral(instruction, variant);
}

// The jump back of an innermost numeric loop: what the loop goes on with is left in `jumpState`.
const Stencil* RegisterPlan::planForLoop(const Instruction& instruction, RegisterState& jumpState) {
  const uint32_t index = instruction.a / slotUnits;
  const uint32_t visible = index + 3;
  StencilVariant variant;
  variant.b = state.placeOf(index);
  if (variant.b == Place::Slot && !isNumber(samples[index].tag)) {
    jumpState.forget(index);
    jumpState.forget(visible);
    return nullptr;
  }
  jumpState = state;
  if (variant.b != Place::Slot) {
    variant.a = variant.b;
    jumpState.forgetRegister(variant.a);
    jumpState.alias(index, variant.a);
  } else {
    variant.a = jumpState.take(index, samples[index].tag == Tag::Float);
    state.forgetRegister(variant.a);
  }
  jumpState.alias(visible, variant.a);
  return carriedUnlessGeneral(instruction, variant);
}

void RegisterPlan::forgetWritten(const Instruction& instruction, const OpcodeInfo& info) {
  const uint32_t slot = instruction.a / slotUnits;
  switch (static_cast<Opcode>(instruction.opcode)) {
    case Opcode::LoadNil:
      for (uint32_t i = slot; i < slot + instruction.b; ++i) {
        state.forget(i);
        samples[i] = unknown;
      }
      return;
    case Opcode::LoadInteger: samples[slot] = Value::integer(instruction.wide); break;
    case Opcode::LoadConstant:
      samples[slot] = proto->constants[static_cast<uint32_t>(instruction.wide) / slotUnits];
      break;
    case Opcode::Length: samples[slot] = someNumber(Tag::Integer); break;
    case Opcode::Unm: samples[slot] = samples[instruction.b / slotUnits]; break;
    case Opcode::ForPrepare: {
      // An integer loop if start and step are integers.
      const bool isInteger = samples[slot].isInteger() && samples[slot + 2].isInteger();
      const bool isNumeric = isNumber(samples[slot].tag) && isNumber(samples[slot + 2].tag);
      for (const uint32_t i : {slot, slot + 3})
        samples[i] = isInteger ? someNumber(Tag::Integer) : isNumeric ? someNumber(Tag::Float) : unknown;
      state.clear();
      return;
    }
    default:
      if (info.a == OperandKind::SlotWrite || info.a == OperandKind::SlotReadWrite) {
        samples[slot] = unknown;
        break;
      }
      // What calls and their like leave is not known; loops keep their hidden slots.
      if (info.a == OperandKind::SlotRange && info.flow != FlowKind::Branch) {
        for (size_t i = slot; i < samples.size(); ++i) samples[i] = unknown;
      }
      break;
  }
  const auto isMany = [](OperandKind kind) {
    return kind == OperandKind::SlotRange || kind == OperandKind::Proto || kind == OperandKind::FrameSize;
  };
  if (isMany(info.a) || isMany(info.b) || isMany(info.c) || info.flow == FlowKind::Call) state.clear();
  else if (info.a == OperandKind::SlotWrite || info.a == OperandKind::SlotReadWrite) state.forget(slot);
}

// Chooses the stencil of an instruction that does not jump back, and follows what it does to registers and samples.
const Stencil* RegisterPlan::plan(uint32_t word) {
  const Instruction& instruction = proto->code[word];
  const OpcodeInfo& info = opcodeInfo[instruction.opcode];
  const uint32_t b = instruction.b / slotUnits;
  if (isBinaryArithmetic(info, opcodeTraits()[instruction.opcode].event)) return planArithmetic(instruction, info);
  switch (static_cast<Opcode>(instruction.opcode)) {
    case Opcode::Move: {
      const Place place = state.placeOf(b);
      const uint32_t target = instruction.a / slotUnits;
      samples[target] = samples[b];
      if (place == Place::Slot) state.forget(target);
      else state.alias(target, place);
      return carriedUnlessGeneral(instruction, {.b = place});
    }
    case Opcode::GetUpvalue: return planLoad(word, instruction, sampleUpvalue(instruction.b), {});
    case Opcode::GetField:
      return planLoad(word, instruction, sampleField(samples[b], instruction),
                      {.constant = knownField(*proto, instruction)});
    case Opcode::GetIndexInteger:
      return planLoad(word, instruction, sampleElement(samples[b], Value::integer(instruction.c)), {});
    case Opcode::GetIndex: {
      const Place key = integerPlaceOf(info.c, instruction.c);
      return planLoad(word, instruction, sampleElement(samples[b], samples[instruction.c / slotUnits]), {.c = key});
    }
    case Opcode::GetGlobal: {
      const Value sample = sampleField(sampleUpvalue(instruction.b), instruction);
      forgetWritten(instruction, info);
      samples[instruction.a / slotUnits] = sample;
      return nullptr;
    }
    case Opcode::SetField:
      return carriedUnlessGeneral(instruction, {.constant = knownField(*proto, instruction), .b = state.placeOf(b)});
    case Opcode::SetFieldConstant:
      return carriedUnlessGeneral(instruction, {.constant = knownField(*proto, instruction)});
    case Opcode::SetIndexInteger:
      return carriedUnlessGeneral(instruction, {.c = state.placeOf(instruction.c / slotUnits)});
    case Opcode::SetIndexConstant:
    case Opcode::SetIndex: {
      const Place key = integerPlaceOf(info.b, instruction.b);
      const Place value = isSlot(info.c) ? state.placeOf(instruction.c / slotUnits) : Place::Slot;
      return carriedUnlessGeneral(instruction, {.b = key, .c = value});
    }
    case Opcode::JumpIfEqual:
    case Opcode::JumpIfNotEqual:
    case Opcode::JumpIfEqualConstant:
    case Opcode::JumpIfNotEqualConstant:
    case Opcode::JumpIfLess:
    case Opcode::JumpIfNotLess:
    case Opcode::JumpIfLessConstant:
    case Opcode::JumpIfNotLessConstant:
    case Opcode::JumpIfConstantLess:
    case Opcode::JumpIfNotConstantLess:
    case Opcode::JumpIfLessEqual:
    case Opcode::JumpIfNotLessEqual:
    case Opcode::JumpIfLessEqualConstant:
    case Opcode::JumpIfNotLessEqualConstant:
    case Opcode::JumpIfConstantLessEqual:
    case Opcode::JumpIfNotConstantLessEqual: {
      StencilVariant variant{.constant = constantTypeFor(*proto, info, instruction)};
      if (isSlot(info.a)) variant.a = state.placeOf(instruction.a / slotUnits);
      if (isSlot(info.b)) variant.b = state.placeOf(b);
      // Of different types: the slots will do.
      if (!isCarriedComparison(variant.a, variant.b)) variant.b = Place::Slot;
      return carriedUnlessGeneral(instruction, variant);
    }
    default: forgetWritten(instruction, info); return nullptr;
  }
}

}  // namespace selvage
