#include "jit/function_stitcher.hpp"

#include "opcodes.hpp"
#include "stencils/stencil_variant.hpp"

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
    case OperandKind::FrameSize:
      return operand * 8;
    default:
      return operand;
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

uint32_t variantFor(const Proto& proto, const OpcodeInfo& info, const Instruction& instruction) {
  if (!hasConstantOperand(info)) return 0;
  return static_cast<uint32_t>(constantTypeOf(constantOperand(proto, info, instruction).tag));
}

}  // namespace

bool FunctionStitcher::stitch(const Proto& proto, CodeMemory& memory, JitCode& result, std::string& reason) {
  stitcher.begin();
  const auto words = static_cast<uint32_t>(proto.code.size());
  for (uint32_t pc = 0; pc < words; ++pc) stitcher.addLabel();
  HoleValues values;
  values.setAddress(HoleSymbol::Constants, proto.constants);
  for (uint32_t pc = 0; pc < words;) {
    const Instruction& instruction = proto.code[pc];
    const OpcodeInfo& info = opcodeInfo[instruction.opcode];
    const uint32_t next = pc + info.words();
    values[HoleSymbol::A] = holeValue(info.a, instruction.a);
    values[HoleSymbol::B] = holeValue(info.b, isWide(info.b) ? instruction.wide : instruction.b);
    values[HoleSymbol::C] = holeValue(info.c, instruction.c);
    values[HoleSymbol::E] = pc;
    values.setAddress(HoleSymbol::Pc, &instruction);
    Label jump = noLabel;
    if (info.b == OperandKind::JumpWide) jump = Label{next + static_cast<uint32_t>(instruction.wide)};
    else if (info.extension == OperandKind::JumpExtension)
      jump = Label{next + static_cast<uint32_t>(instruction.extension())};
    stitcher.bind(Label{pc});
    const std::span<const Stencil> stencils = library.of(instruction.opcode);
    const uint32_t variant = variantFor(proto, info, instruction);
    stitcher.emit(stencils[variant], values, jump);
    if (stencils.back().part == 1) stitcher.emit(stencils.back(), values, jump);
    pc = next;
  }
  if (!stitcher.finish(memory, result.code)) {
    reason = stitcher.error();
    return false;
  }
  result.resumeAddresses.assign(words, nullptr);
  for (uint32_t pc = 0; pc < words; pc += opcodeInfo[proto.code[pc].opcode].words()) {
    result.resumeAddresses[pc] =
        reinterpret_cast<Handler*>(const_cast<uint8_t*>(result.code.entry() + stitcher.offsetOf(Label{pc})));
  }
  return true;
}

}  // namespace selvage
