#include "jit/function_stitcher.hpp"

#include <array>

#include "opcodes.hpp"
#include "stencils/interpreter.hpp"

namespace selvage {

namespace {

// The value of an operand's hole: a distance in bytes for what is in memory, otherwise the number itself.
int64_t holeValue(OperandKind kind, int64_t operand) {
  switch (kind) {
    case OperandKind::SlotWrite:
    case OperandKind::SlotRead:
    case OperandKind::SlotReadWrite:
    case OperandKind::SlotRange:
    case OperandKind::Constant:
    case OperandKind::ConstantWide:
    case OperandKind::Cache:
    case OperandKind::Template:
    case OperandKind::FrameSize: return operand * 8;
    default: return operand;
  }
}

bool isWide(OperandKind kind) {
  return kind == OperandKind::SignedWide || kind == OperandKind::ConstantWide || kind == OperandKind::JumpWide;
}

const Value& constantOperand(const Proto& proto, const OpcodeInfo& info, const Instruction& instruction) {
  const uint32_t units = info.a == OperandKind::Constant   ? instruction.a
                         : info.b == OperandKind::Constant ? instruction.b
                                                           : instruction.c;
  return proto.constants[units / slotUnits];
}

ConstantType constantTypeFor(const Proto& proto, const OpcodeInfo& info, const Instruction& instruction) {
  if (!hasConstantOperand(info)) return ConstantType::Any;
  return constantTypeOf(constantOperand(proto, info, instruction).tag);
}

// The word that an instruction may jump to, or -1.
int64_t jumpTargetOf(const Proto& proto, uint32_t word) {
  const Instruction& instruction = proto.code[word];
  const OpcodeInfo& info = opcodeInfo[instruction.opcode];
  const int64_t next = word + info.words();
  if (info.b == OperandKind::JumpWide) return next + instruction.wide;
  if (info.extension == OperandKind::JumpExtension) return next + (&instruction)->extension();
  return -1;
}

// Which slot each float register mirrors.
class FloatRegisters {
 public:
  FloatRegisters() { clear(); }
  void clear() { slots.fill(none); }
  bool isEmpty() const {
    for (const uint32_t slot : slots) {
      if (slot != none) return false;
    }
    return true;
  }
  Place placeOf(uint32_t slot) const {
    for (uint32_t i = 0; i < floatRegisters; ++i) {
      if (slots[i] == slot) return placeOfRegister(i);
    }
    return Place::Slot;
  }
  void forget(uint32_t slot) {
    for (uint32_t& held : slots) {
      if (held == slot) held = none;
    }
  }
  // A register for a new value of `slot`: a free one, else the one that was set longest ago.
  Place take(uint32_t slot) {
    forget(slot);
    for (uint32_t i = 0; i < floatRegisters; ++i) {
      const uint32_t candidate = (next + i) % floatRegisters;
      if (slots[candidate] == none) return hold(candidate, slot);
    }
    return hold(next, slot);
  }

 private:
  static constexpr uint32_t none = UINT32_MAX;
  std::array<uint32_t, floatRegisters> slots;
  uint32_t next = 0;

  Place hold(uint32_t i, uint32_t slot) {
    slots[i] = slot;
    next = (i + 1) % floatRegisters;
    return placeOfRegister(i);
  }
};

constexpr Tag unknown = Tag::Frame;  // no value has it

}  // namespace

FunctionStitcher::FunctionStitcher(const StencilLibrary& l)
    : stitcher(l), byVariant(l.opcodeCount() * variantCount), resumes(l.opcodeCount()) {
  for (const Stencil& stencil : l.stencils) {
    if (stencil.part == 1) resumes[stencil.opcode] = &stencil;
    else byVariant[stencil.opcode * variantCount + stencil.variant] = &stencil;
  }
}

// Follows the bytecode once, keeping account of what registers hold and of the types that slots are expected to have.
void FunctionStitcher::choose(const Proto& proto, const Value* frame) {
  const auto words = static_cast<uint32_t>(proto.code.size());
  choices.assign(words, {});
  for (uint32_t word = 0; word < words; word += opcodeInfo[proto.code[word].opcode].words()) {
    if (const int64_t target = jumpTargetOf(proto, word); target >= 0)
      choices[static_cast<size_t>(target)].isLeader = true;
  }
  const auto observed = [&](uint32_t slot) { return frame != nullptr ? frame[slot].tag : unknown; };
  const auto observeAll = [&] {
    for (uint32_t slot = 0; slot < expected.size(); ++slot) expected[slot] = observed(slot);
  };
  expected.assign(proto.frameSlots, unknown);
  observeAll();
  FloatRegisters registers;
  for (uint32_t word = 0; word < words;) {
    const Instruction& instruction = proto.code[word];
    const OpcodeInfo& info = opcodeInfo[instruction.opcode];
    Choice& choice = choices[word];
    if (choice.isLeader) {
      registers.clear();
      observeAll();
    }
    choice.isEnteredCarrying = !registers.isEmpty();
    word += info.words();

    const bool isArithmetic = info.a == OperandKind::SlotWrite &&
                              hasFloatStencils(opcodeTraits()[instruction.opcode].event) &&
                              info.c != OperandKind::None && info.c != OperandKind::Cache;
    const uint32_t target = instruction.a / slotUnits;
    if (isArithmetic) {
      Tag types[2];
      Place places[2] = {Place::Slot, Place::Slot};
      const OperandKind kinds[2] = {info.b, info.c};
      const uint32_t units[2] = {instruction.b, instruction.c};
      bool isPlausible = true;
      bool hasFloat = false;
      for (int i = 0; i < 2; ++i) {
        if (kinds[i] == OperandKind::Constant) {
          types[i] = proto.constants[units[i] / slotUnits].tag;
          isPlausible &= isNumber(types[i]);
        } else {
          places[i] = registers.placeOf(units[i] / slotUnits);
          types[i] = places[i] != Place::Slot ? Tag::Float : expected[units[i] / slotUnits];
          isPlausible &= types[i] == Tag::Float || types[i] == unknown;
        }
        hasFloat |= types[i] == Tag::Float;
      }
      const bool isDivision = opcodeTraits()[instruction.opcode].event == Event::Div;
      if (isPlausible && hasFloat) {
        const ConstantType constant = constantTypeFor(proto, info, instruction);
        choice.carried = find(instruction.opcode, floatVariant(registers.take(target), places[0], places[1], constant));
        expected[target] = Tag::Float;
      } else {
        registers.forget(target);
        expected[target] = isDivision                                             ? Tag::Float
                           : types[0] == Tag::Integer && types[1] == Tag::Integer ? Tag::Integer
                                                                                  : observed(target);
      }
      continue;
    }
    const OperandKind kinds[] = {info.a, info.b, info.c};
    bool isPassing = info.flow == FlowKind::Next || info.flow == FlowKind::Branch;
    for (const OperandKind kind : kinds) {
      // Ranges of slots, and opcodes whose work is out of line, end what registers hold.
      isPassing &= kind != OperandKind::SlotRange && kind != OperandKind::Proto && kind != OperandKind::FrameSize;
    }
    if (!isPassing) {
      registers.clear();
      observeAll();
    } else if (info.a == OperandKind::SlotWrite || info.a == OperandKind::SlotReadWrite) {
      registers.forget(target);
      if (info.b == OperandKind::ConstantWide) {
        expected[target] = proto.constants[static_cast<uint32_t>(instruction.wide) / slotUnits].tag;
      } else if (info.b == OperandKind::SignedWide) {
        expected[target] = Tag::Integer;
      } else if (instruction.opcode == static_cast<uint16_t>(Opcode::Move)) {
        expected[target] = expected[instruction.b / slotUnits];
      } else {
        expected[target] = observed(target);
      }
    }
  }
}

// Labels: word for the first copy, words + word for the general one.
void FunctionStitcher::emitInstruction(const Proto& proto, uint32_t word, const Stencil* carried) {
  const auto words = static_cast<uint32_t>(proto.code.size());
  const Instruction& instruction = proto.code[word];
  const OpcodeInfo& info = opcodeInfo[instruction.opcode];
  HoleValues values;
  values.setAddress(HoleSymbol::Constants, proto.constants);
  values[HoleSymbol::A] = holeValue(info.a, instruction.a);
  values[HoleSymbol::B] = holeValue(info.b, isWide(info.b) ? instruction.wide : instruction.b);
  values[HoleSymbol::C] = holeValue(info.c, instruction.c);
  values[HoleSymbol::E] = word;
  values.setAddress(HoleSymbol::Pc, &instruction);
  if (carried != nullptr) {
    stitcher.emit(*carried, values, Label{words + word});
    return;
  }
  const int64_t target = jumpTargetOf(proto, word);
  const Label jump = target < 0 ? noLabel : Label{static_cast<uint32_t>(target)};
  stitcher.emit(*find(instruction.opcode, generalVariant(constantTypeFor(proto, info, instruction))), values, jump);
  if (resumes[instruction.opcode] != nullptr) stitcher.emit(*resumes[instruction.opcode], values, jump);
}

bool FunctionStitcher::stitch(const Proto& proto, const Value* frame, CodeMemory& memory, JitCode& result,
                              std::string& reason) {
  choose(proto, frame);
  stitcher.begin();
  const auto words = static_cast<uint32_t>(proto.code.size());
  for (uint32_t i = 0; i < 2 * words; ++i) stitcher.addLabel();
  const Label endOfFirstCopy = stitcher.addLabel();
  const auto next = [&](uint32_t word) { return word + opcodeInfo[proto.code[word].opcode].words(); };
  for (uint32_t word = 0; word < words; word = next(word)) {
    stitcher.bind(Label{word});
    emitInstruction(proto, word, choices[word].carried);
  }
  stitcher.bind(endOfFirstCopy);
  const Stencil& jump = *find(static_cast<uint32_t>(Opcode::Jump), 0);
  for (uint32_t word = 0; word < words; word = next(word)) {
    if (!choices[word].needsGeneralCopy()) continue;
    stitcher.bind(Label{words + word});
    emitInstruction(proto, word, nullptr);
    const uint32_t following = next(word);
    if (following < words && !choices[following].needsGeneralCopy())
      stitcher.emit(jump, HoleValues{}, Label{following});
  }
  if (!stitcher.finish(memory, result.code)) {
    reason = stitcher.error();
    return false;
  }
  result.resumeAddresses.assign(words, nullptr);
  result.offsets.assign(words, 0);
  result.firstCopySize = stitcher.offsetOf(endOfFirstCopy);
  const uint8_t* code = result.code.entry();
  for (uint32_t word = 0; word < words; word = next(word)) {
    result.offsets[word] = stitcher.offsetOf(Label{word});
    const Label entry{choices[word].isEnteredCarrying ? words + word : word};
    result.resumeAddresses[word] = reinterpret_cast<Handler*>(const_cast<uint8_t*>(code + stitcher.offsetOf(entry)));
  }
  return true;
}

}  // namespace selvage
