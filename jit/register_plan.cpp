#include "jit/register_plan.hpp"

#include <algorithm>

#include "stencils/field_lookup.hpp"
#include "vm/shape.hpp"
#include "vm/table.hpp"

namespace selvage {

namespace {

constexpr Value unknown{0, Tag::Frame};
constexpr uint32_t maxCopiedWords = 512;  // of a loop's body

// A number whose value does not matter; as a key it stands for any element.
Value someNumber(Tag type) { return type == Tag::Float ? Value{0, Tag::Float} : Value::integer(1); }

}  // namespace

namespace {

// Whether the instruction's cache has met one shape only, whose objects have the field.
bool isOwnField(const InlineCache& cache) {
  return cache.shape != nullptr && cache.holder == nullptr && cache.newShape == nullptr;
}

ConstantType knownField(const Proto& proto, const Instruction& instruction) {
  const InlineCache& cache = cacheOf(proto, instruction);
  return isOwnField(cache) && cache.replacements == 0 ? ConstantType::OwnField : ConstantType::Any;
}

// Room for `count` entries by word, which are to be written before they are read.
template <class Entry>
void makeRoom(std::vector<Entry>& entries, size_t count) {
  if (entries.size() < count) entries.resize(count);
}

}  // namespace

// ---- samples ----

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
  if (table.tag != Tag::Table) return unknown;
  const InlineCache& cache = cacheOf(*proto, instruction);
  // What the cache knows need not be looked up.
  const bool isCached = cache.shape == table.table()->shape && cache.holder == nullptr && cache.tagOffset < 0;
  const Value field = isCached ? fieldAt(cache, table.table()) : tableGetString(table.table(), cache.key);
  return field.isNil() ? unknown : field;
}

// Takes what the frame holds now, as far as that is anything.
void RegisterPlan::sampleFrame() {
  const size_t count = std::min<size_t>(frame.liveSlots, samples.size());
  for (size_t slot = 0; slot < count; ++slot) {
    if (frame.base[slot].tag != Tag::Nil) samples[slot] = frame.base[slot];
  }
}

// ---- the shape of the function ----

void RegisterPlan::findTargets() {
  const Instruction* const code = proto->code.data();
  marks.assign(words + 1, Mark::none);
  makeRoom(targets, words + 1);
  for (uint32_t word = 0, end = words; word < end; ++word) {
    const PlanForm form = planForms[code[word].opcode];
    if (form.isPlain) [[likely]]
      continue;
    const uint32_t next = word + form.words;
    if (form.hasJump()) {
      const auto target = static_cast<uint32_t>(jumpTargetOf(*proto, word));
      uint8_t& mark = marks[target];
      if ((mark & Mark::isTarget) == 0) targets[target].arrival = noArrival;
      if (target > word) {
        mark |= Mark::isForward;
      } else {
        mark |= (mark & Mark::isLoopHead) != 0 ? Mark::hasManyJumpsBack : Mark::isLoopHead;
        targets[target].loopEnd = next;
        marks[word] |= Mark::jumpsBack;
      }
    }
    word = next - 1;
  }
}

// Innermost loops with one jump back, no longer than is sensible.
bool RegisterPlan::isCopyable(uint32_t head, uint32_t back) const {
  const auto opcode = static_cast<Opcode>(proto->code[back].opcode);
  if (opcode != Opcode::ForLoop && opcode != Opcode::LoopJump) return false;
  if ((marks[head] & Mark::hasManyJumpsBack) != 0 || back - head > maxCopiedWords) return false;
  return std::none_of(marks.begin() + head + 1, marks.begin() + back + 1,
                      [](uint8_t mark) { return (mark & Mark::isLoopHead) != 0; });
}

void RegisterPlan::arrive(uint32_t word, const RegisterState& from) {
  Target& target = targets[word];
  if (from.isEmpty()) {
    target.arrival = nothing;
  } else if (target.arrival == noArrival) {
    target.arrival = static_cast<uint32_t>(arrivals.size());
    arrivals.push_back(from);
  } else {
    arrivals[target.arrival].intersect(from);
  }
}

// ---- instructions ----

const Stencil* RegisterPlan::carriedUnlessGeneral(const Instruction& instruction, StencilVariant variant) const {
  return variant.isCarried() ? stencils.find(instruction.opcode, variant.number()) : nullptr;
}

Place RegisterPlan::integerPlaceOf(uint32_t slot) {
  const Place place = state.placeOf(slot);
  return isIntegerPlace(place) ? place : Place::Slot;
}

const Stencil* RegisterPlan::planArithmetic(const Instruction& instruction, PlanForm form) {
  const uint32_t target = instruction.a / slotUnits;
  const bool isConstantB = (form.constants & operandB) != 0;
  const bool isConstantC = (form.constants & operandC) != 0;
  const Value* const sources[] = {samples.data(), proto->constants};
  const Tag left = sources[isConstantB][instruction.b / slotUnits].tag;
  const Tag right = sources[isConstantC][instruction.c / slotUnits].tag;
  const auto mayBeFloat = [](bool isConstant, Tag tag) {
    return tag == Tag::Float || tag == (isConstant ? Tag::Integer : unknown.tag);
  };
  const bool isIntegers = left == Tag::Integer && right == Tag::Integer && form.takesIntegers;
  const bool isFloats = !isIntegers && form.takesFloats && (left == Tag::Float || right == Tag::Float) &&
                        mayBeFloat(isConstantB, left) && mayBeFloat(isConstantC, right);
  if (!isFloats && !isIntegers) {
    write(target, isNumber(left) && isNumber(right) ? someNumber(Tag::Float) : unknown);
    return nullptr;
  }
  const auto placeOf = [&](bool isConstant, uint32_t units) {
    if (isConstant) return Place::Slot;
    const Place place = state.placeOf(units / slotUnits);
    return isFloatPlace(place) == isFloats ? place : Place::Slot;
  };
  StencilVariant variant;
  if (form.constants != noOperand) variant.constant = constantTypeOf(isConstantB ? left : right);
  variant.b = placeOf(isConstantB, instruction.b);
  variant.c = placeOf(isConstantC, instruction.c);
  variant.a = state.take(target, isFloats);
  samples[target] = someNumber(isFloats ? Tag::Float : Tag::Integer);
  return stencils.find(instruction.opcode, variant.number());
}

const Stencil* RegisterPlan::planComparison(const Instruction& instruction, PlanForm form) {
  if (state.isEmpty()) return nullptr;
  StencilVariant variant{.constant = constantTypeFor(*proto, instruction)};
  if ((form.readSlots & operandA) != 0) variant.a = state.placeOf(instruction.a / slotUnits);
  if ((form.readSlots & operandB) != 0) variant.b = state.placeOf(instruction.b / slotUnits);
  // Of different types: the slots will do.
  if (!isCarriedComparison(variant.a, variant.b)) variant.b = Place::Slot;
  return carriedUnlessGeneral(instruction, variant);
}

// Whether the next use of a slot is one that profits from a number of this type in a register.
bool RegisterPlan::isReadAsNumber(uint32_t word, uint32_t slot, Tag type) const {
  constexpr int maxInstructions = 8;
  const uint32_t units = slot * slotUnits;
  word += planForms[proto->code[word].opcode].words;
  for (int i = 0; i < maxInstructions && word < words; ++i) {
    const Instruction& instruction = proto->code[word];
    const PlanForm form = planForms[instruction.opcode];
    const OperandSet here = (instruction.a == units ? operandA : noOperand) |
                            (instruction.b == units ? operandB : noOperand) |
                            (instruction.c == units ? operandC : noOperand);
    if (const OperandSet read = here & form.readSlots; read != noOperand)
      return (read & (type == Tag::Float ? form.floatsWanted : form.integersWanted)) != noOperand;
    if (form.isEndOfUse || (form.setsSlot && (here & operandA) != noOperand)) return false;
    word += form.words;
  }
  return false;
}

// A load into slot A of what is expected to be like `sample`; `variant` has the places of the operands.
const Stencil* RegisterPlan::planLoad(uint32_t word, const Instruction& instruction, Value sample,
                                      StencilVariant variant) {
  const uint32_t target = instruction.a / slotUnits;
  if (isNumber(sample.tag) && isReadAsNumber(word, target, sample.tag)) {
    variant.a = state.take(target, sample.tag == Tag::Float);
    samples[target] = sample;
  } else {
    write(target, sample);
  }
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

// The slot is set, but not in a register.
void RegisterPlan::write(uint32_t slot, Value sample) {
  state.forget(slot);
  samples[slot] = sample;
}

// An instruction of which no more is known than what its operands are.
void RegisterPlan::forgetWritten(const Instruction& instruction, PlanForm form) {
  const uint32_t slot = instruction.a / slotUnits;
  if (form.setsSlot) {
    write(slot, unknown);
  } else if (form.setsUnknownSlots) {
    for (size_t i = slot; i < samples.size(); ++i) samples[i] = unknown;
  }
  if (form.forgetsRegisters) state.clear();
}

// Chooses the stencil of an instruction that does not jump back, and follows what it does to registers and samples.
[[gnu::always_inline]] inline const Stencil* RegisterPlan::plan(uint32_t word, const Instruction& instruction,
                                                                PlanForm form) {
  const uint32_t a = instruction.a / slotUnits;
  const auto b = [&] { return instruction.b / slotUnits; };
  const auto c = [&] { return instruction.c / slotUnits; };
  switch (form.plannedLike) {
    case arithmetic: return planArithmetic(instruction, form);
    case comparison: return planComparison(instruction, form);
    case Opcode::Move: {
      const Place place = state.placeOf(b());
      samples[a] = samples[b()];
      if (place == Place::Slot) state.forget(a);
      else state.alias(a, place);
      return carriedUnlessGeneral(instruction, {.b = place});
    }
    case Opcode::LoadNil:
      for (uint32_t i = a; i < a + instruction.b; ++i) write(i, unknown);
      return nullptr;
    case Opcode::LoadInteger: write(a, Value::integer(instruction.wide)); return nullptr;
    case Opcode::LoadConstant:
      write(a, proto->constants[static_cast<uint32_t>(instruction.wide) / slotUnits]);
      return nullptr;
    case Opcode::Length: write(a, someNumber(Tag::Integer)); return nullptr;
    case Opcode::Unm: write(a, samples[b()]); return nullptr;
    case Opcode::GetUpvalue: return planLoad(word, instruction, sampleUpvalue(instruction.b), {});
    case Opcode::GetGlobal: write(a, sampleField(sampleUpvalue(instruction.b), instruction)); return nullptr;
    case Opcode::GetField:
      return planLoad(word, instruction, sampleField(samples[b()], instruction),
                      {.constant = knownField(*proto, instruction)});
    case Opcode::GetIndexInteger:
      return planLoad(word, instruction, sampleElement(samples[b()], Value::integer(instruction.c)), {});
    case Opcode::GetIndex: {
      const Place key = integerPlaceOf(c());
      return planLoad(word, instruction, sampleElement(samples[b()], samples[c()]), {.c = key});
    }
    case Opcode::SetField:
      return carriedUnlessGeneral(instruction, {.constant = knownField(*proto, instruction), .b = state.placeOf(b())});
    case Opcode::SetFieldConstant:
      return carriedUnlessGeneral(instruction, {.constant = knownField(*proto, instruction)});
    case Opcode::SetIndexInteger: return carriedUnlessGeneral(instruction, {.c = state.placeOf(c())});
    case Opcode::SetIndexConstant: return carriedUnlessGeneral(instruction, {.b = integerPlaceOf(b())});
    case Opcode::SetIndex: {
      const Place key = integerPlaceOf(b());
      return carriedUnlessGeneral(instruction, {.b = key, .c = state.placeOf(c())});
    }
    case Opcode::ForPrepare: {
      // An integer loop if start and step are integers.
      const bool isInteger = samples[a].isInteger() && samples[a + 2].isInteger();
      const bool isNumeric = isNumber(samples[a].tag) && isNumber(samples[a + 2].tag);
      samples[a] = isInteger ? someNumber(Tag::Integer) : isNumeric ? someNumber(Tag::Float) : unknown;
      samples[a + 3] = samples[a];
      state.clear();
      return nullptr;
    }
    default: forgetWritten(instruction, form); return nullptr;
  }
}

// ---- passes ----

void RegisterPlan::make(const Proto& newProto, const RunningFrame& newFrame) {
  proto = &newProto;
  frame = newFrame;
  words = static_cast<uint32_t>(proto->code.size());
  copiedLoops.clear();
  if (frame.base == nullptr) {
    firstSteps.assign(words, {});
    return;
  }
  makeRoom(firstSteps, words);
  findTargets();
  arrivals.resize(1);
  samples.assign(proto->frameSlots, unknown);
  sampleFrame();
  state.clear();
  pass(0, words, firstSteps.data(), false);
}

// Plans the words begin..end-1, of which the first begins with what is in `state`. Returns whether `end` follows on
// them.
bool RegisterPlan::pass(uint32_t begin, uint32_t end, Step* steps, bool isLoopCopy) {
  const Instruction* const code = proto->code.data();
  const uint8_t* const mark = marks.data();
  PlanForm form{};
  for (uint32_t word = begin; word < end;) {
    const Instruction& instruction = code[word];
    form = planForms[instruction.opcode];
    Step& step = steps[word];
    step.isEnteredCarrying = !state.isEmpty();
    if ((mark[word] & Mark::jumpsBack) != 0) {
      step.carried = planJumpBack(word, isLoopCopy);
    } else {
      step.carried = plan(word, instruction, form);
      if (!form.isPlain && form.hasJump()) arrive(static_cast<uint32_t>(jumpTargetOf(*proto, word)), state);
    }
    ++word;
    if (form.isPlain && mark[word] == Mark::none) [[likely]]
      continue;
    word += form.words - 1;
    if (mark[word] == Mark::none && form.isFollowed) continue;
    if (word != end) join(word, form.isFollowed);
  }
  return form.isFollowed;
}

// At a word that is jumped to or that does not follow on the one before it.
void RegisterPlan::join(uint32_t word, bool isFollowing) {
  if ((marks[word] & Mark::isLoopHead) != 0) {
    state.clear();
    if (frame.word >= word && frame.word < targets[word].loopEnd) sampleFrame();
    return;
  }
  const bool isTarget = (marks[word] & Mark::isForward) != 0;
  if (!isTarget && isFollowing) return;
  const uint32_t arrival = isTarget ? targets[word].arrival : noArrival;
  if (arrival == noArrival) state.clear();
  else if (isFollowing) state.intersect(arrivals[arrival]);
  else state = arrivals[arrival];
}

// The instruction at `word`, which jumps back.
const Stencil* RegisterPlan::planJumpBack(uint32_t word, bool isLoopCopy) {
  const auto head = static_cast<uint32_t>(jumpTargetOf(*proto, word));
  if (!isCopyable(head, word)) {
    state.clear();
    return nullptr;
  }
  const Instruction& instruction = proto->code[word];
  const Stencil* carried = nullptr;
  backState = state;
  if (static_cast<Opcode>(instruction.opcode) == Opcode::ForLoop) carried = planForLoop(instruction, backState);
  if (!isLoopCopy && !backState.isEmpty()) {
    const RegisterState after = state;
    planLoopCopy(head, word + planForms[instruction.opcode].words);
    state = after;
  }
  return carried;
}

// At the end of a loop's first copy, with what registers hold at its jump back in backState.
void RegisterPlan::planLoopCopy(uint32_t head, uint32_t end) {
  constexpr int maxPasses = 4;
  RegisterState assumed = backState;
  makeRoom(loopSteps, words);
  for (int i = 0; i < maxPasses && !assumed.isEmpty(); ++i) {
    for (uint32_t word = head; word < end; ++word) targets[word].arrival = noArrival;
    state = assumed;
    const bool isFollowed = pass(head, end, loopSteps.data(), true);
    if (backState.includes(assumed)) {
      copiedLoops.push_back({head, end});
      if (isFollowed) {
        if ((marks[end] & Mark::isTarget) == 0) targets[end].arrival = noArrival;
        marks[end] |= Mark::isForward;
        arrive(end, state);
      }
      return;
    }
    assumed.intersect(backState);
  }
}

}  // namespace selvage
