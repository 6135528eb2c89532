#include "jit/function_stitcher.hpp"

#include <algorithm>
#include <array>

#include "opcodes.hpp"
#include "stencils/interpreter.hpp"

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

}  // namespace

Label FunctionStitcher::labelOf(const Proto& proto, Copy copy, uint32_t word) const {
  return Label{static_cast<uint32_t>(copy) * static_cast<uint32_t>(proto.code.size()) + word};
}

// Where the instruction begins for those who have nothing in registers.
Label FunctionStitcher::entryOf(const Proto& proto, uint32_t word) const {
  return labelOf(proto, plan.first()[word].isEnteredCarrying ? Copy::General : Copy::First, word);
}

bool FunctionStitcher::needsGeneralCopy(uint32_t word) const {
  const RegisterPlan::Step& first = plan.first()[word];
  return first.isEnteredCarrying || first.carried != nullptr ||
         (!isInLoopCopy.empty() && isInLoopCopy[word] && plan.inLoop()[word].carried != nullptr);
}

// Where an instruction's jump to `target` goes from a copy of it.
Label FunctionStitcher::jumpLabel(const Proto& proto, Copy copy, uint32_t word, uint32_t target) const {
  if (copy == Copy::General) return entryOf(proto, target);
  const bool isJumpBack = target <= word;
  const bool isWithinLoop = !isInLoopCopy.empty() && isInLoopCopy[word] && isInLoopCopy[target];
  if (isWithinLoop && (isJumpBack || copy == Copy::Loop)) {
    // Two loops that stand side by side are both copied: a jump from one to the other leaves the copy.
    for (const RegisterPlan::Loop& loop : plan.loops()) {
      if (word >= loop.head && word < loop.end && target >= loop.head && target < loop.end)
        return labelOf(proto, Copy::Loop, target);
    }
  }
  return labelOf(proto, Copy::First, target);
}

void FunctionStitcher::emitInstruction(const Proto& proto, Copy copy, uint32_t word) {
  const Instruction& instruction = proto.code[word];
  stitcher.bind(labelOf(proto, copy, word));
  const Stencil* carried = copy == Copy::First  ? plan.first()[word].carried
                           : copy == Copy::Loop ? plan.inLoop()[word].carried
                                                : nullptr;
  const Form& form = forms[instruction.opcode];
  Label jump = noLabel;
  bool isJumpBack = false;
  if (form.hasJump) {
    const auto target = static_cast<uint32_t>(jumpTargetOf(proto, word));
    isJumpBack = target <= word;
    jump = jumpLabel(proto, copy, word, target);
  }
  if (carried != nullptr) {
    // One that does not jump by itself leaves for the general copy.
    stitcher.emit(*carried, word, jump == noLabel ? labelOf(proto, Copy::General, word) : jump);
    return;
  }
  const Stencil& plain = library.usualOf(instruction.opcode, generalVariant(ConstantType::Any));
  const Stencil* general = &plain;
  if (form.hasConstant) {
    const ConstantType constant = constantTypeFor(proto, opcodeInfo[instruction.opcode], instruction);
    general = &library.usualOf(instruction.opcode, generalVariant(constant));
  } else if (isJumpBack && (copy == Copy::General || countsAllTurns)) {
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

bool FunctionStitcher::stitch(const Proto& proto, const RunningFrame& frame, bool keepsOffsets, CodeMemory& memory,
                              JitCode& result, std::string& reason) {
  plan.make(proto, frame);
  countsAllTurns = frame.base == nullptr;
  const auto words = static_cast<uint32_t>(proto.code.size());
  isInLoopCopy.assign(plan.loops().empty() ? 0 : words, false);
  for (const RegisterPlan::Loop& loop : plan.loops())
    std::fill(isInLoopCopy.begin() + loop.head, isInLoopCopy.begin() + loop.end, true);
  stitcher.begin();
  stitcher.addLabels(3 * words);
  const Label endOfFirstCopy = stitcher.addLabels(1);
  const Label endOfLoopCopies = stitcher.addLabels(1);
  const auto next = [&](uint32_t word) { return word + forms[proto.code[word].opcode].words; };

  for (uint32_t word = 0; word < words; word = next(word)) {
    emitInstruction(proto, Copy::First, word);
    ++result.instructions;
  }
  stitcher.bind(endOfFirstCopy);
  for (const RegisterPlan::Loop& loop : plan.loops()) {
    uint32_t last = loop.head;
    for (uint32_t word = loop.head; word < loop.end; word = next(word)) {
      emitInstruction(proto, Copy::Loop, word);
      last = word;
    }
    if (opcodeInfo[proto.code[last].opcode].flow != FlowKind::Jump) emitJump(labelOf(proto, Copy::First, loop.end));
  }
  stitcher.bind(endOfLoopCopies);
  for (uint32_t word = frame.base == nullptr ? words : 0; word < words; word = next(word)) {
    if (!needsGeneralCopy(word)) continue;
    emitInstruction(proto, Copy::General, word);
    const uint32_t following = next(word);
    if (following < words && !needsGeneralCopy(following)) emitJump(labelOf(proto, Copy::First, following));
  }
  const auto fillIn = [&](const Stitcher::Emitted& item, HoleValues& values) {
    const Instruction& instruction = proto.code[item.tag];
    const Form& form = forms[instruction.opcode];
    values[HoleSymbol::A] = int64_t{instruction.a} << form.a;
    values[HoleSymbol::B] = int64_t{form.isWide ? instruction.wide : instruction.b} << form.b;
    values[HoleSymbol::C] = int64_t{instruction.c} << form.c;
    values.setAddress(HoleSymbol::Constants, proto.constants);
    values[HoleSymbol::E] = item.tag;
    values.setAddress(HoleSymbol::Pc, &instruction);
    if (isOwnField(item.stencil->variant)) {
      const InlineCache& cache = cacheOf(proto, instruction);
      values.setAddress(HoleSymbol::User0, cache.shape);
      values[HoleSymbol::User1] = cache.payloadOffset;
      values[HoleSymbol::User2] = cache.tagOffset;
      result.shapes.push_back(cache.shape);
    }
  };
  // Before there is code that would be lost if memory does not suffice for them.
  result.resumeAddresses.assign(words, nullptr);
  if (keepsOffsets) {
    const std::span<const uint32_t> offsets = stitcher.labelOffsets();
    result.offsets.assign(offsets.begin(), offsets.begin() + words);
  }
  if (!stitcher.finish(memory, result.code, fillIn)) {
    reason = stitcher.error();
    return false;
  }
  result.firstCopySize = stitcher.offsetOf(endOfFirstCopy);
  result.loopCopiesEnd = stitcher.offsetOf(endOfLoopCopies);
  const uint8_t* code = result.code.entry();
  for (uint32_t word = 0; word < words; word = next(word)) {
    const uint8_t* entry = code + stitcher.offsetOf(entryOf(proto, word));
    result.resumeAddresses[word] = reinterpret_cast<Handler*>(const_cast<uint8_t*>(entry));
  }
  return true;
}

}  // namespace selvage
