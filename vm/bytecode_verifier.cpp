// The verifier: where instructions begin; operands and variable value counts, instruction by instruction; the structure
// of loops; and, where something can be open in the frame, the data-flow pass (bytecode_flow.hpp).
//
// Programs that load what they have dumped wait for all this, so each pass is taken only by functions that it can say
// something about, and takes time in proportion to their code.
#include "vm/bytecode_verifier.hpp"

#include <algorithm>
#include <span>

#include "vm/bytecode_flow.hpp"
#include "vm/bytecode_limits.hpp"
#include "vm/format_text.hpp"
#include "vm/instruction_fields.hpp"
#include "vm/string.hpp"

namespace selvage {

namespace {

constexpr uint32_t noPosition = UINT32_MAX;

bool isShortString(Value value) { return value.isString() && value.string()->isShort(); }

class Verifier {
 public:
  Verifier(VM& owner, const Proto& checkedProto, Text& reason)
      : vm(owner), proto(checkedProto), code(checkedProto.code), why(reason), map(vm), loops(vm), innermost(vm) {}

  bool run() {
    return verifyHeader() && verifyTemplates() && findInstructions() && verifyInstructions() &&
           (!hasLoops || verifyLoops()) && (!needsFlow || verifyFlow(vm, proto, map, why));
  }

 private:
  bool reject(std::string_view message) {
    why = message;
    return false;
  }
  bool rejectAt(uint32_t position, std::string_view message) {
    why = formatText(vm, "{} in instruction {}", message, position);
    return false;
  }
  const Instruction& at(uint32_t position) const { return code[position]; }
  uint32_t end() const { return static_cast<uint32_t>(code.size()); }
  uint32_t next(uint32_t position) const { return position + infoOf(at(position)).words(); }

  bool verifyHeader() {
    if (proto.code.empty()) return reject("no code");
    if (proto.frameSlots > maxFrameSlots || proto.parameterCount > proto.frameSlots) return reject("bad frame size");
    if (proto.upvalues.size() > maxUpvalues) return reject("too many upvalues");
    if (proto.protos.size() > maxNestedProtos) return reject("too many functions");
    for (const Proto* nested : proto.protos) {
      for (const UpvalueDescription& upvalue : nested->upvalues) {
        if (upvalue.index >= (upvalue.fromParentStack ? proto.frameSlots : proto.upvalues.size())) {
          return reject("bad upvalue");
        }
      }
    }
    if (!proto.lines.empty() && proto.lines.size() != proto.code.size()) return reject("bad line table");
    for (const LocalVariable& local : proto.locals) {
      if (local.name == nullptr || local.startPc > local.endPc || local.endPc > end() ||
          local.slot >= proto.frameSlots) {
        return reject("bad local variable");
      }
    }
    for (uint32_t i = 0; i < proto.cacheCount; ++i) {
      const String* key = proto.caches()[i].key;
      if (key == nullptr || !key->isShort()) return reject("bad inline cache");
    }
    return true;
  }

  bool verifyTemplates() {
    for (uint32_t i = 0; i < proto.templateCount; ++i) {
      const TableTemplate& shape = proto.templates()[i];
      if (shape.keyCount > maxTemplateKeys || shape.fieldCapacity != shape.keyCount ||
          shape.arrayCapacity > maxTemplateArray || shape.firstKey > proto.constantCount ||
          shape.keyCount > proto.constantCount - shape.firstKey) {
        return reject("bad table template");
      }
      List<const String*> keys(vm);
      for (uint32_t k = 0; k < shape.keyCount; ++k) {
        const Value key = proto.constants[shape.firstKey + k];
        if (!isShortString(key)) return reject("bad key in table template");
        keys.push_back(key.string());
      }
      std::sort(keys.begin(), keys.end());
      if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return reject("repeated key in table template");
    }
    return true;
  }

  // Which words begin an instruction, and that every instruction is complete.
  bool findInstructions() {
    map.assign(end());
    uint32_t last = 0;
    for (uint32_t position = 0; position < end();) {
      if (at(position).opcode >= opcodeCount) return rejectAt(position, "bad opcode");
      map.markStart(position);
      last = position;
      if (infoOf(at(position)).words() > end() - position) return rejectAt(position, "missing second word");
      position = next(position);
    }
    const FlowKind flow = infoOf(at(last)).flow;
    if (flow != FlowKind::Leave && flow != FlowKind::Jump) return rejectAt(last, "code runs past its end");
    return true;
  }

  bool verifyInstructions() {
    for (uint32_t position = 0; position < end(); position = next(position)) {
      const Instruction& instruction = at(position);
      const OpcodeInfo& info = infoOf(instruction);
      if (!verifyOperand(position, info.a, instruction.a, 0) || !verifyOperand(position, info.b, instruction.b, 1) ||
          !verifyOperand(position, info.c, instruction.c, 2) || !verifyExtension(position, info.extension) ||
          !verifyRules(position) || !verifyVariableCount(position)) {
        return false;
      }
    }
    return true;
  }

  uint64_t firstTemplate() const { return uint64_t{proto.constantCount} * slotUnits; }
  bool isInFrame(uint32_t units, uint64_t slots) const {
    return units % slotUnits == 0 && units / slotUnits + slots <= proto.frameSlots;
  }
  bool isConstant(uint32_t units) const { return units % slotUnits == 0 && units / slotUnits < proto.constantCount; }

  static bool isElement(uint32_t units, uint64_t firstUnit, uint32_t unitsEach, uint32_t count) {
    return units >= firstUnit && (units - firstUnit) % unitsEach == 0 && (units - firstUnit) / unitsEach < count;
  }

  // Most operands are slots or none at all.
  bool verifyOperand(uint32_t position, OperandKind kind, uint32_t field, uint32_t operand) {
    if (kind == OperandKind::None) return true;
    if (isSlot(kind) && kind != OperandKind::SlotRange) return isInFrame(field, 1) || rejectAt(position, "bad slot");
    return verifyOtherOperand(position, kind, field, operand);
  }

  [[gnu::noinline]] bool verifyOtherOperand(uint32_t position, OperandKind kind, uint32_t field, uint32_t operand) {
    const Instruction& instruction = at(position);
    switch (kind) {
      case OperandKind::SlotRange:
        return isInFrame(field, slotsOfOperand(instruction, operand)) || rejectAt(position, "bad slot");
      case OperandKind::Constant: {
        if (!isConstant(field)) return rejectAt(position, "bad constant");
        const Value value = proto.constants[field / slotUnits];
        if (takesNumericConstant(opcodeOf(instruction)) && !value.isNumber()) {
          return rejectAt(position, "constant is not a number");
        }
        if (eventOf(opcodeOf(instruction)) == Event::Eq && value.isString() && !value.string()->isShort()) {
          return rejectAt(position, "bad constant");
        }
        return true;
      }
      case OperandKind::ConstantWide:
        return (instruction.wide >= 0 && isConstant(static_cast<uint32_t>(instruction.wide))) ||
               rejectAt(position, "bad constant");
      case OperandKind::Cache:
        return isElement(field, firstTemplate() + uint64_t{proto.templateCount} * tableTemplateUnits, inlineCacheUnits,
                         proto.cacheCount) ||
               rejectAt(position, "bad inline cache");
      case OperandKind::Template:
        return isElement(field, firstTemplate(), tableTemplateUnits, proto.templateCount) ||
               rejectAt(position, "bad table template");
      case OperandKind::Upvalue: return field < proto.upvalues.size() || rejectAt(position, "bad upvalue");
      case OperandKind::Proto: return field < proto.protos.size() || rejectAt(position, "bad function");
      case OperandKind::FrameSize: return field == proto.frameSlots * slotUnits || rejectAt(position, "bad frame size");
      case OperandKind::JumpWide: return verifyJump(position);
      case OperandKind::Immediate:
      case OperandKind::SignedWide: return true;
      default: return rejectAt(position, "bad operand kind");
    }
    return true;
  }

  bool verifyExtension(uint32_t position, OperandKind kind) {
    if (kind == OperandKind::JumpExtension) return verifyJump(position);
    if (kind == OperandKind::ImmediateExtension) {
      return at(position).extension() >= 0 || rejectAt(position, "bad operand");
    }
    return true;
  }

  bool verifyJump(uint32_t position) {
    const int64_t target = jumpTarget(at(position), position);
    if (target <= 0 || target >= end() || !map.isStart(static_cast<uint32_t>(target))) {
      return rejectAt(position, "bad jump");
    }
    // So every cycle has a safepoint in it.
    if (target <= position && !opcodeHasSafepoint[at(position).opcode]) {
      return rejectAt(position, "jump back without a safepoint");
    }
    return map.markTarget(static_cast<uint32_t>(target)) || rejectAt(position, "jump to values that are not counted");
  }

  // What single opcodes ask for beyond their operands' kinds.
  bool verifyRules(uint32_t position) {
    const Instruction& instruction = at(position);
    const Opcode opcode = opcodeOf(instruction);
    const bool isEnter = opcode == Opcode::Enter || opcode == Opcode::EnterVararg;
    if (isEnter != (position == 0)) return rejectAt(position, "misplaced function entry");
    switch (opcode) {
      case Opcode::Enter:
      case Opcode::EnterVararg:
        return (instruction.a == proto.parameterCount && (opcode == Opcode::EnterVararg) == proto.isVararg) ||
               rejectAt(position, "bad function entry");
      case Opcode::Vararg:
      case Opcode::VarargMultiple:
      case Opcode::Return0FromVararg:
      case Opcode::Return1FromVararg:
      case Opcode::ReturnFromVararg:
      case Opcode::ReturnVariableFromVararg: return proto.isVararg || rejectAt(position, "function is not vararg");
      case Opcode::Return0:
      case Opcode::Return1:
      case Opcode::Return:
      case Opcode::ReturnVariable: return !proto.isVararg || rejectAt(position, "function is vararg");
      case Opcode::TailCall:
      case Opcode::TailCallVariable:
        return instruction.c == (proto.isVararg ? 1 : 0) || rejectAt(position, "bad tail call");
      case Opcode::CloseReturn: return instruction.extension() <= 1 || rejectAt(position, "bad operand");
      case Opcode::Concat: return instruction.c >= 2 || rejectAt(position, "bad operand");
      case Opcode::SetList:
      case Opcode::SetListVariable:
        needsFlow = true;
        return instruction.extension() >= 1 || rejectAt(position, "bad operand");
      case Opcode::ToBeClosed: needsFlow = true; return true;
      case Opcode::Closure: needsFlow |= capturesBetween(instruction.b, 0, proto.frameSlots); return true;
      case Opcode::ForPrepare:
      case Opcode::ForLoop: hasLoops = true; return true;
      case Opcode::GenericForPrepare:
      case Opcode::GenericForCall: hasLoops = needsFlow = true; return true;
      default: return true;
    }
  }

  // ---- variable numbers of values ----

  // The slots from which an instruction takes vm.variableResults values and from which it leaves them, or noPosition.
  struct VariableValues {
    uint32_t taken = noPosition, left = noPosition;
  };
  static VariableValues variableValuesOf(const Instruction& instruction) {
    const uint32_t a = instruction.a / slotUnits;
    const uint32_t listEnd = uint32_t{instruction.b} / slotUnits + instruction.c;
    const uint32_t argumentsEnd = a + frameHeaderSlots + instruction.b;
    switch (opcodeOf(instruction)) {
      case Opcode::VarargMultiple:
      case Opcode::CallMultiple: return {noPosition, a};
      case Opcode::CallVariableMultiple: return {argumentsEnd, a};
      case Opcode::CallVariable:
      case Opcode::TailCallVariable: return {argumentsEnd, noPosition};
      case Opcode::SetListVariable: return {listEnd, noPosition};
      case Opcode::ReturnVariable:
      case Opcode::ReturnVariableFromVararg: return {a + instruction.b, noPosition};
      case Opcode::CloseReturn:
        if (instruction.extension() == 1) return {listEnd, listEnd};
        return {};
      default: return {};
    }
  }

  // Instructions that take a variable number of values directly follow the one that left them there; only closing
  // upvalues may come between, and no jump leads in.
  bool verifyVariableCount(uint32_t position) {
    const VariableValues values = variableValuesOf(at(position));
    if (values.taken != noPosition) {
      if (available != values.taken) return rejectAt(position, "values were not counted");
      for (uint32_t between = availableAt; between <= position; between = next(between)) {
        if (!map.forbidTarget(between)) return rejectAt(position, "values were not counted");
      }
    }
    if (opcodeOf(at(position)) == Opcode::CloseUpvalues) return true;
    available = values.left;
    availableAt = next(position);
    return true;
  }

  // ---- loops ----

  // A numeric for loop, by the positions of its two instructions. What lies behind the first, up to and with the
  // second, is inside.
  struct Loop {
    uint32_t prepare, end;
    uint32_t hiddenSlots;  // the first of three
    uint32_t outer;        // number of the loop around it, or noLoop
    bool hasInside(uint32_t position) const { return position > prepare && position <= end; }
  };
  static constexpr uint32_t noLoop = UINT32_MAX;

  // A numeric for loop is entered only through its ForPrepare, and nothing in it changes its hidden slots; so ForLoop
  // always finds what ForPrepare or itself left. A generic for loop's instructions belong together.
  bool verifyLoops() {
    innermost.assign(end(), noLoop);
    uint32_t current = noLoop;
    for (uint32_t position = 0; position < end(); position = next(position)) {
      while (current != noLoop && !loops[current].hasInside(position)) current = loops[current].outer;
      innermost[position] = current;
      if (!keepsLoopVariables(position, current)) return false;
      switch (opcodeOf(at(position))) {
        case Opcode::ForPrepare:
          if (!openLoop(position, current)) return rejectAt(position, "bad loop");
          break;
        case Opcode::ForLoop:
          if (current == noLoop || loops[current].end != position) return rejectAt(position, "bad loop");
          break;
        case Opcode::GenericForPrepare:
        case Opcode::GenericForCall:
          if (!isGenericLoop(position)) return rejectAt(position, "bad loop");
          break;
        default: break;
      }
    }
    return loops.empty() || verifyLoopEntries();
  }

  // Whether the ForPrepare at `position` leads around a loop that leads back to behind it and lies within `current`,
  // which is then the new loop.
  bool openLoop(uint32_t position, uint32_t& current) {
    const int64_t exit = jumpTarget(at(position), position);
    if (exit - 1 <= position) return false;
    const auto last = static_cast<uint32_t>(exit - 1);  // ForLoop is one word
    if (!map.isStart(last) || opcodeOf(at(last)) != Opcode::ForLoop || at(last).a != at(position).a ||
        jumpTarget(at(last), last) != next(position)) {
      return false;
    }
    if (current != noLoop && !loops[current].hasInside(last)) return false;
    loops.push_back({position, last, uint32_t{at(position).a} / slotUnits, current});
    current = static_cast<uint32_t>(loops.size() - 1);
    return true;
  }

  bool isGenericLoop(uint32_t position) const {
    const Instruction& instruction = at(position);
    if (opcodeOf(instruction) == Opcode::GenericForPrepare) {
      const Instruction& call = at(static_cast<uint32_t>(jumpTarget(instruction, position)));
      return opcodeOf(call) == Opcode::GenericForCall && call.a == instruction.a;
    }
    const uint32_t loop = next(position);
    return loop < end() && opcodeOf(at(loop)) == Opcode::GenericForLoop && at(loop).a == instruction.a &&
           jumpTarget(at(loop), loop) == jumpTarget(instruction, position);
  }

  bool keepsLoopVariables(uint32_t position, uint32_t innermostLoop) {
    const Instruction& instruction = at(position);
    for (uint32_t number = innermostLoop; number != noLoop; number = loops[number].outer) {
      const Loop& loop = loops[number];
      if (position == loop.end) continue;
      const uint32_t hidden = loop.hiddenSlots;
      const SlotSpan set = slotsSetBy(instruction);
      const bool changes = set.count != 0 && set.first < hidden + 3 && hidden < uint64_t{set.first} + set.count;
      if (changes) return rejectAt(position, "loop variable is changed");
      if (opcodeOf(instruction) == Opcode::Closure && capturesBetween(instruction.b, hidden, hidden + 3)) {
        return rejectAt(position, "loop variable is captured");
      }
    }
    return true;
  }

  // Jumps into a loop come from inside it.
  bool verifyLoopEntries() {
    for (uint32_t position = 0; position < end(); position = next(position)) {
      if (!hasJump(infoOf(at(position)))) continue;
      const uint32_t entered = innermost[static_cast<size_t>(jumpTarget(at(position), position))];
      if (entered != noLoop && !loops[entered].hasInside(position)) return rejectAt(position, "jump into a loop");
    }
    return true;
  }

  bool capturesBetween(uint32_t nested, uint32_t from, uint32_t to) const {
    for (const UpvalueDescription& upvalue : proto.protos[nested]->upvalues) {
      if (upvalue.fromParentStack && upvalue.index >= from && upvalue.index < to) return true;
    }
    return false;
  }

  VM& vm;
  const Proto& proto;
  const std::span<const Instruction> code;
  Text& why;
  CodeMap map;
  bool hasLoops = false;
  bool needsFlow = false;  // something can be open in the frame, or lists are stored
  // Slot of the first of the values that an instruction left, as many as it counted, and the position behind it.
  uint32_t available = noPosition;
  uint32_t availableAt = 0;
  List<Loop> loops;
  List<uint32_t> innermost;  // for each word, the number of the innermost loop that it is in
};

}  // namespace

bool verifyProto(VM& vm, const Proto& proto, Text& why) { return Verifier(vm, proto, why).run(); }

bool verifyProtos(VM& vm, const Proto& proto, Text& why) {
  if (!verifyProto(vm, proto, why)) return false;
  return std::all_of(proto.protos.begin(), proto.protos.end(),
                     [&](const Proto* nested) { return verifyProtos(vm, *nested, why); });
}

}  // namespace selvage
