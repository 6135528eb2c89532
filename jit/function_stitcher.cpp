#include "jit/function_stitcher.hpp"

#include <algorithm>
#include <array>

#include "opcodes.hpp"
#include "stencils/slow_paths.hpp"

namespace selvage {

namespace {

constexpr uint8_t scaleOf(OperandKind kind) {
  switch (kind) {
    case OperandKind::SlotWrite:
    case OperandKind::SlotRead:
    case OperandKind::SlotReadWrite:
    case OperandKind::SlotRange:
    case OperandKind::Constant:
    case OperandKind::ConstantWide:
    case OperandKind::Cache:
    case OperandKind::Template:
    case OperandKind::Upvalue:
    case OperandKind::FrameSize: return 3;
    default: return 0;
  }
}

// What stitching asks of an opcode. The value of an operand's hole is a distance in bytes for what is in memory,
// otherwise the number itself.
struct Form {
  uint8_t a, b, c;  // left shifts that make an operand its hole's value
  uint8_t words;
  bool isWide;  // b and c are one operand
  bool hasJump;
  bool hasConstant;
};

constexpr std::array<Form, opcodeCount> forms = [] {
  std::array<Form, opcodeCount> result{};
  for (uint32_t opcode = 0; opcode < opcodeCount; ++opcode) {
    const OpcodeInfo& info = opcodeInfo[opcode];
    result[opcode] = {
        .a = scaleOf(info.a),
        .b = scaleOf(info.b),
        .c = scaleOf(info.c),
        .words = static_cast<uint8_t>(info.words()),
        .isWide =
            info.b == OperandKind::SignedWide || info.b == OperandKind::ConstantWide || info.b == OperandKind::JumpWide,
        .hasJump = info.b == OperandKind::JumpWide || info.extension == OperandKind::JumpExtension,
        .hasConstant = hasConstantOperand(info),
    };
  }
  return result;
}();

// By a branch, which is foreseen: the next instruction need not wait for this one's length.
uint32_t wordAfter(const Proto& proto, uint32_t word) {
  if (forms[proto.code[word].opcode].words != 1) [[unlikely]] {
    asm volatile("");  // or the compiler would add without a branch
    return word + 2;
  }
  return word + 1;
}
bool isJumpBack(const Proto& proto, uint32_t word) {
  return forms[proto.code[word].opcode].hasJump && jumpTargetOf(proto, word) <= word;
}
Handler* handlerAt(const uint8_t* code) { return reinterpret_cast<Handler*>(const_cast<uint8_t*>(code)); }

}  // namespace

// Labels are numbered by words: first those of the first copy, then those in copies of loops.
Label FunctionStitcher::labelOf(uint32_t word, bool isInLoop) const {
  return Label{(isInLoop ? static_cast<uint32_t>(plan.first().size()) : 0) + word};
}

bool FunctionStitcher::needsGeneralCopy(uint32_t word) const {
  const RegisterPlan::Step& first = plan.first()[word];
  return first.isEnteredCarrying || first.carried != nullptr ||
         (!isInLoopCopy.empty() && isInLoopCopy[word] != 0 && plan.inLoop()[word].carried != nullptr);
}

// Where a jump to `target` goes from the first copy of an instruction, or from the one in a loop's copy.
Label FunctionStitcher::jumpLabel(uint32_t word, uint32_t target, bool isInLoop) const {
  const bool isWithinLoop = !isInLoopCopy.empty() && (isInLoopCopy[word] & isInLoopCopy[target]) != 0;
  if (isWithinLoop && (target <= word || isInLoop)) {
    // Two loops that stand side by side are both copied: a jump from one to the other leaves the copy.
    for (const RegisterPlan::Loop& loop : plan.loops()) {
      if (word >= loop.head && word < loop.end && target >= loop.head && target < loop.end)
        return labelOf(target, true);
    }
  }
  return labelOf(target, false);
}

template <class LabelOfTarget>
void FunctionStitcher::emitInstruction(const Proto& proto, uint32_t word, Choice choice,
                                       const LabelOfTarget& labelOfTarget) {
  const Instruction& instruction = proto.code[word];
  const Form& form = forms[instruction.opcode];
  const Label jump = form.hasJump ? labelOfTarget(static_cast<uint32_t>(jumpTargetOf(proto, word))) : noLabel;
  if (choice.carried != nullptr) {
    stitcher.emit(*choice.carried, word, jump);
    return;
  }
  const Stencil& plain = library.usualOf(instruction.opcode, generalVariant(ConstantType::Any));
  const Stencil* general = &plain;
  if (form.hasConstant) {
    const ConstantType constant = constantTypeFor(proto, instruction);
    general = &library.usualOf(instruction.opcode, generalVariant(constant));
  } else if (choice.countsTurns && isJumpBack(proto, word)) {
    const Stencil* const counted = library.find(instruction.opcode, generalVariant(ConstantType::Counted));
    if (counted != nullptr) general = counted;
  }
  stitcher.emit(*general, word, jump);
  const Stencil* const resume = library.partAfter(plain);
  if (resume != nullptr) stitcher.emit(*resume, word, jump);
}

void FunctionStitcher::emitJump(Label target) {
  stitcher.emit(*library.find(static_cast<uint32_t>(Opcode::Jump), generalVariant(ConstantType::Any)), 0, target);
}

void FunctionStitcher::emitFirstCopy(const Proto& proto, bool countsTurns) {
  const auto words = static_cast<uint32_t>(proto.code.size());
  for (uint32_t word = 0; word < words; word = wordAfter(proto, word)) {
    stitcher.bind(labelOf(word, false));
    emitInstruction(proto, word, {plan.first()[word].carried, countsTurns},
                    [&](uint32_t target) { return jumpLabel(word, target, false); });
  }
}

void FunctionStitcher::emitLoopCopies(const Proto& proto) {
  for (const RegisterPlan::Loop& loop : plan.loops()) {
    uint32_t last = loop.head;
    for (uint32_t word = loop.head; word < loop.end; word = wordAfter(proto, word)) {
      stitcher.bind(labelOf(word, true));
      emitInstruction(proto, word, {plan.inLoop()[word].carried, false},
                      [&](uint32_t target) { return jumpLabel(word, target, true); });
      last = word;
    }
    if (opcodeInfo[proto.code[last].opcode].flow != FlowKind::Jump) emitJump(labelOf(loop.end, false));
  }
}

// Copies what was emitted into code memory.
bool FunctionStitcher::finish(const Proto& proto, CodeMemory& memory, StitchedCode& code, std::string& reason) {
  comparedShapes.clear();
  comparedShapes.reserve(stitcher.emitted().size());  // nothing may fail while a block is being written
  const auto codeOffset =
      reinterpret_cast<const uint8_t*>(proto.code.data()) - reinterpret_cast<const uint8_t*>(proto.constants);
  const auto fillIn = [&](const Stitcher::Emitted& item, HoleValues& values) {
    const Instruction& instruction = proto.code[item.tag];
    const Form& form = forms[instruction.opcode];
    values[HoleSymbol::A] = int64_t{instruction.a} << form.a;
    values[HoleSymbol::B] = int64_t{form.isWide ? instruction.wide : instruction.b} << form.b;
    values[HoleSymbol::C] = int64_t{instruction.c} << form.c;
    values.setAddress(HoleSymbol::Constants, proto.constants);
    values[HoleSymbol::E] = item.tag;
    values[HoleSymbol::Pc] = codeOffset + int64_t{item.tag} * int64_t{sizeof(Instruction)};
    if (isOwnField(item.stencil->variant)) {
      const InlineCache& cache = cacheOf(proto, instruction);
      values.setAddress(HoleSymbol::User0, cache.shape);
      values[HoleSymbol::User1] = cache.payloadOffset;
      values[HoleSymbol::User2] = cache.tagOffset;
      comparedShapes.push_back(cache.shape);
    }
  };
  if (stitcher.finish(memory, code, fillIn)) return true;
  reason = stitcher.error();
  return false;
}

bool FunctionStitcher::stitch(const Proto& proto, const RunningFrame& frame, bool keepsOffsets, CodeMemory& memory,
                              JitCode& result, std::string& reason) {
  const bool isBlind = frame.base == nullptr;
  plan.make(proto, frame);
  const auto words = static_cast<uint32_t>(proto.code.size());
  isInLoopCopy.assign(plan.loops().empty() ? 0 : words, 0);
  for (const RegisterPlan::Loop& loop : plan.loops())
    std::fill(isInLoopCopy.begin() + loop.head, isInLoopCopy.begin() + loop.end, 1);
  stitcher.begin();
  stitcher.addLabels(plan.loops().empty() ? words : 2 * words);
  const Label endOfFirstCopy = stitcher.addLabels(1);
  emitFirstCopy(proto, isBlind);
  const size_t firstCopyItems = stitcher.emitted().size();
  stitcher.bind(endOfFirstCopy);
  emitLoopCopies(proto);

  // Before there is code that would be lost if memory does not suffice for them.
  result.resumeAddresses.assign(words, nullptr);
  result.needsGeneralCopy.assign(isBlind ? 0 : words, 0);
  if (keepsOffsets) {
    const std::span<const uint32_t> offsets = stitcher.labelOffsets();
    result.offsets.assign(offsets.begin(), offsets.begin() + words);
  }
  if (!finish(proto, memory, result.code, reason)) return false;
  result.firstCopySize = stitcher.offsetOf(endOfFirstCopy);
  const uint8_t* const code = result.code.entry();
  for (const Stitcher::Emitted& item : stitcher.emitted().first(firstCopyItems)) {
    if (item.stencil->part != 0) continue;
    const bool isEnteredCarrying = plan.first()[item.tag].isEnteredCarrying;
    result.resumeAddresses[item.tag] = isEnteredCarrying ? &selvage_generalCopy : handlerAt(code + item.hotOffset);
    if (!isBlind) result.needsGeneralCopy[item.tag] = needsGeneralCopy(item.tag);
    ++result.instructions;
  }
  return true;
}

bool FunctionStitcher::stitchGeneralCopies(const Proto& proto, CodeMemory& memory, JitCode& code, std::string& reason) {
  const auto words = static_cast<uint32_t>(proto.code.size());
  const auto isGeneral = [&](uint32_t word) {
    return !code.needsGeneralCopy.empty() && code.needsGeneralCopy[word] != 0;
  };
  // Where those go who have nothing in registers. First the labels of general copies, then of what is not copied.
  const auto entryOf = [&](uint32_t word) {
    return Label{(code.resumeAddresses[word] == &selvage_generalCopy ? 0 : words) + word};
  };
  stitcher.begin();
  stitcher.addLabels(2 * words);
  for (uint32_t word = 0; word < words; word = wordAfter(proto, word)) {
    if (code.resumeAddresses[word] != &selvage_generalCopy)
      stitcher.bindOutside(entryOf(word), reinterpret_cast<const uint8_t*>(code.resumeAddresses[word]));
    if (!isGeneral(word)) continue;
    stitcher.bind(Label{word});
    emitInstruction(proto, word, {.countsTurns = true}, entryOf);
    const FlowKind flow = opcodeInfo[proto.code[word].opcode].flow;
    const uint32_t following = wordAfter(proto, word);
    if (flow != FlowKind::Jump && flow != FlowKind::Leave && !isGeneral(following)) emitJump(entryOf(following));
  }
  auto general = std::make_unique<GeneralCopies>();
  general->addresses.assign(words, nullptr);
  if (!finish(proto, memory, general->code, reason)) return false;
  const uint8_t* const start = general->code.entry();
  for (uint32_t word = 0; word < words; word = wordAfter(proto, word)) {
    Handler*& resume = code.resumeAddresses[word];
    Handler*& address = general->addresses[word];
    address = isGeneral(word) ? handlerAt(start + stitcher.offsetOf(Label{word})) : resume;
    if (resume == &selvage_generalCopy) resume = address;
  }
  code.general = std::move(general);
  return true;
}

}  // namespace selvage
