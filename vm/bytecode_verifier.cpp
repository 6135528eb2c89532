// The verifier: operands instruction by instruction, then the structure of loops and of variable value counts, then a
// data-flow pass over what is open in the frame.
#include "vm/bytecode_verifier.hpp"

#include <algorithm>
#include <bitset>

#include "vm/bytecode_limits.hpp"
#include "vm/format_text.hpp"
#include "vm/instruction_fields.hpp"
#include "vm/string.hpp"

namespace selvage {

namespace {

constexpr uint32_t noPosition = UINT32_MAX;

bool isShortString(Value value) { return value.isString() && value.string()->isShort(); }

// A set of slots of the frame.
class SlotSet {
 public:
  bool isEmpty() const { return bits.none(); }
  bool has(uint32_t slot) const { return bits.test(slot); }
  bool hasFrom(uint32_t slot) const { return (bits >> slot).any(); }
  void add(uint32_t slot) { bits.set(slot); }
  void set(uint32_t slot, bool isMember) { bits.set(slot, isMember); }
  void removeFrom(uint32_t slot) { bits &= ~(allSlots() << slot); }
  void remove(const SlotSpan& span) {
    if (span.count == 0) return;
    const SlotSet before = *this;
    removeFrom(span.first);
    if (span.count < width - span.first) bits |= before.bits & (allSlots() << (span.first + span.count));
  }
  // Whether this changed the set.
  bool unite(const SlotSet& other) { return replace(bits | other.bits); }
  bool intersect(const SlotSet& other) { return replace(bits & other.bits); }

 private:
  static constexpr size_t width = maxFrameSlots;
  using Bits = std::bitset<width>;
  static Bits allSlots() { return Bits().set(); }
  bool replace(const Bits& newBits) {
    const bool changes = newBits != bits;
    bits = newBits;
    return changes;
  }
  Bits bits;
};

// What is known where an instruction begins.
struct FlowState {
  bool isReached = false;
  SlotSet captured;     // slots that open upvalues may refer to
  SlotSet toBeClosed;   // slots that may be pending to-be-closed variables
  SlotSet tables;       // slots that certainly hold a table
  SlotSet tableMakers;  // slots that certainly hold a function that returns a new table
};

class Verifier {
 public:
  Verifier(VM& owner, const Proto& checkedProto, Text& reason)
      : vm(owner), proto(checkedProto), why(reason), isStart(vm), isTarget(vm), states(vm), pending(vm) {}

  bool run() {
    return verifyHeader() && verifyTemplates() && findInstructions() && verifyInstructions() && verifyLoops() &&
           verifyFlow();
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
  const Instruction& at(uint32_t position) const { return proto.code[position]; }
  uint32_t end() const { return static_cast<uint32_t>(proto.code.size()); }
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
    isStart.assign(end(), false);
    uint32_t last = 0;
    for (uint32_t position = 0; position < end();) {
      if (at(position).opcode >= opcodeCount) return rejectAt(position, "bad opcode");
      isStart[position] = true;
      last = position;
      if (infoOf(at(position)).words() > end() - position) return rejectAt(position, "missing second word");
      position = next(position);
    }
    const FlowKind flow = infoOf(at(last)).flow;
    if (flow != FlowKind::Leave && flow != FlowKind::Jump) return rejectAt(last, "code runs past its end");
    isTarget.assign(end(), false);
    return true;
  }

  bool verifyInstructions() {
    for (uint32_t position = 0; position < end(); position = next(position)) {
      const OpcodeInfo& info = infoOf(at(position));
      for (uint32_t operand = 0; operand < operandCount; ++operand) {
        if (!verifyOperand(position, operandKind(info, operand), operand)) return false;
      }
      if (!verifyExtension(position, info.extension) || !verifyRules(position)) return false;
    }
    // Only now are all jump targets known.
    for (uint32_t position = 0; position < end(); position = next(position)) {
      if (!verifyVariableCount(position)) return false;
    }
    return true;
  }

  bool isConstant(uint32_t units) const { return units % slotUnits == 0 && units / slotUnits < proto.constantCount; }

  static bool isElement(uint32_t units, uint64_t firstUnit, uint32_t unitsEach, uint32_t count) {
    return units >= firstUnit && (units - firstUnit) % unitsEach == 0 && (units - firstUnit) / unitsEach < count;
  }

  bool verifyOperand(uint32_t position, OperandKind kind, uint32_t operand) {
    const Instruction& instruction = at(position);
    const uint32_t field = operandField(instruction, operand);
    const uint64_t firstTemplate = uint64_t{proto.constantCount} * slotUnits;
    const uint64_t firstCache = firstTemplate + uint64_t{proto.templateCount} * tableTemplateUnits;
    switch (kind) {
      case OperandKind::SlotWrite:
      case OperandKind::SlotRead:
      case OperandKind::SlotReadWrite:
      case OperandKind::SlotRange:
        if (field % slotUnits != 0 ||
            uint64_t{field} / slotUnits + slotsOfOperand(instruction, operand) > proto.frameSlots) {
          return rejectAt(position, "bad slot");
        }
        return true;
      case OperandKind::Constant: {
        if (!isConstant(field)) return rejectAt(position, "bad constant");
        const Value value = proto.constants[field / slotUnits];
        const std::optional<Event> event = eventOf(opcodeOf(instruction));
        if (takesNumericConstant(opcodeOf(instruction)) && !value.isNumber()) {
          return rejectAt(position, "constant is not a number");
        }
        if (event == Event::Eq && value.isString() && !value.string()->isShort()) {
          return rejectAt(position, "bad constant");
        }
        return true;
      }
      case OperandKind::ConstantWide:
        return (instruction.wide >= 0 && isConstant(static_cast<uint32_t>(instruction.wide))) ||
               rejectAt(position, "bad constant");
      case OperandKind::Cache:
        return isElement(field, firstCache, inlineCacheUnits, proto.cacheCount) ||
               rejectAt(position, "bad inline cache");
      case OperandKind::Template:
        return isElement(field, firstTemplate, tableTemplateUnits, proto.templateCount) ||
               rejectAt(position, "bad table template");
      case OperandKind::Upvalue: return field < proto.upvalues.size() || rejectAt(position, "bad upvalue");
      case OperandKind::Proto: return field < proto.protos.size() || rejectAt(position, "bad function");
      case OperandKind::FrameSize: return field == proto.frameSlots * slotUnits || rejectAt(position, "bad frame size");
      case OperandKind::JumpWide: return verifyJump(position);
      case OperandKind::None:
      case OperandKind::Immediate:
      case OperandKind::SignedWide: return true;
      case OperandKind::JumpExtension:
      case OperandKind::ImmediateExtension: return rejectAt(position, "bad operand kind");
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
    if (target <= 0 || target >= end() || !isStart[static_cast<size_t>(target)]) return rejectAt(position, "bad jump");
    isTarget[static_cast<size_t>(target)] = true;
    return true;
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
      case Opcode::SetListVariable: return instruction.extension() >= 1 || rejectAt(position, "bad operand");
      default: return true;
    }
  }

  // ---- variable numbers of values ----

  // The slot from which the instruction leaves vm.variableResults values, or noPosition.
  static uint32_t variableValuesFrom(const Instruction& instruction) {
    switch (opcodeOf(instruction)) {
      case Opcode::CallMultiple:
      case Opcode::CallVariableMultiple:
      case Opcode::VarargMultiple: return instruction.a / slotUnits;
      case Opcode::CloseReturn:
        return instruction.extension() == 1 ? uint32_t{instruction.b} / slotUnits + instruction.c : noPosition;
      default: return noPosition;
    }
  }

  // The slot from which it takes them, or noPosition.
  static uint32_t variableValuesTo(const Instruction& instruction) {
    const uint32_t a = instruction.a / slotUnits;
    switch (opcodeOf(instruction)) {
      case Opcode::CallVariable:
      case Opcode::CallVariableMultiple:
      case Opcode::TailCallVariable: return a + frameHeaderSlots + instruction.b;
      case Opcode::SetListVariable: return instruction.b / slotUnits + instruction.c;
      case Opcode::ReturnVariable:
      case Opcode::ReturnVariableFromVararg: return a + instruction.b;
      case Opcode::CloseReturn:
        return instruction.extension() == 1 ? uint32_t{instruction.b} / slotUnits + instruction.c : noPosition;
      default: return noPosition;
    }
  }

  // Instructions that take a variable number of values directly follow the one that left them there; only closing
  // upvalues may come between.
  bool verifyVariableCount(uint32_t position) {
    const uint32_t first = variableValuesTo(at(position));
    if (first != noPosition) {
      if (available != first || isTarget[position]) return rejectAt(position, "values were not counted");
    }
    const bool keepsThem = opcodeOf(at(position)) == Opcode::CloseUpvalues && !isTarget[position];
    if (!keepsThem) available = variableValuesFrom(at(position));
    return true;
  }

  // ---- loops ----

  // A numeric for loop is entered only through its ForPrepare, and nothing in it changes its hidden slots; so ForLoop
  // always finds what ForPrepare or itself left. A generic for loop's two last instructions belong together.
  bool verifyLoops() {
    for (uint32_t position = 0; position < end(); position = next(position)) {
      const Opcode opcode = opcodeOf(at(position));
      if (opcode == Opcode::ForLoop && !verifyNumericFor(position)) return false;
      if (opcode == Opcode::ForPrepare && !isPreparedLoop(position)) return rejectAt(position, "bad loop");
      if (opcode == Opcode::GenericForPrepare) {
        const auto call = static_cast<uint32_t>(jumpTarget(at(position), position));
        if (opcodeOf(at(call)) != Opcode::GenericForCall || at(call).a != at(position).a) {
          return rejectAt(position, "bad loop");
        }
      }
      if (opcode == Opcode::GenericForCall) {
        const uint32_t loop = next(position);
        if (loop >= end() || opcodeOf(at(loop)) != Opcode::GenericForLoop || at(loop).a != at(position).a ||
            jumpTarget(at(loop), loop) != jumpTarget(at(position), position)) {
          return rejectAt(position, "bad loop");
        }
      }
    }
    return true;
  }

  // Whether the ForPrepare at `position` leads around a loop that leads back to behind it.
  bool isPreparedLoop(uint32_t position) const {
    const int64_t exit = jumpTarget(at(position), position);
    const int64_t loop = exit - 1;  // ForLoop is one word
    return loop > position && isStart[static_cast<size_t>(loop)] &&
           opcodeOf(at(static_cast<uint32_t>(loop))) == Opcode::ForLoop &&
           at(static_cast<uint32_t>(loop)).a == at(position).a &&
           jumpTarget(at(static_cast<uint32_t>(loop)), static_cast<uint32_t>(loop)) == next(position);
  }

  bool verifyNumericFor(uint32_t loop) {
    const int64_t start = jumpTarget(at(loop), loop);
    const int64_t prepare = start - 1;  // ForPrepare is one word
    if (start > loop || prepare < 0 || !isStart[static_cast<size_t>(prepare)]) return rejectAt(loop, "bad loop");
    const auto first = static_cast<uint32_t>(prepare);
    if (opcodeOf(at(first)) != Opcode::ForPrepare || jumpTarget(at(first), first) != int64_t{loop} + 1) {
      return rejectAt(loop, "bad loop");
    }
    const uint32_t hidden = at(loop).a / slotUnits;
    for (uint32_t position = 0; position < end(); position = next(position)) {
      const Instruction& instruction = at(position);
      const bool isInside = position > first && position < loop;
      if (!isInside) {
        if (!hasJump(infoOf(instruction)) || position == loop) continue;
        const int64_t target = jumpTarget(instruction, position);
        if (target > prepare && target <= loop) return rejectAt(position, "jump into a loop");
        continue;
      }
      const SlotSpan set = slotsSetBy(instruction);
      const bool changes = set.count != 0 && set.first < hidden + 3 && hidden < uint64_t{set.first} + set.count;
      if (changes) return rejectAt(position, "loop variable is changed");
      if (opcodeOf(instruction) == Opcode::Closure && capturesBetween(instruction.b, hidden, hidden + 3)) {
        return rejectAt(position, "loop variable is captured");
      }
    }
    return true;
  }

  bool capturesBetween(uint32_t nested, uint32_t from, uint32_t to) const {
    for (const UpvalueDescription& upvalue : proto.protos[nested]->upvalues) {
      if (upvalue.fromParentStack && upvalue.index >= from && upvalue.index < to) return true;
    }
    return false;
  }

  // ---- what is open ----

  // Follows every path through the code. Call frames and loops may not lie over slots that are open, and nothing may be
  // open when the function is left.
  bool verifyFlow() {
    states.assign(end(), {});
    states[0].isReached = true;
    pending.push_back(0);
    while (!pending.empty()) {
      const uint32_t position = pending.back();
      pending.pop_back();
      FlowState state = states[position];
      if (!step(position, state)) return false;
      const OpcodeInfo& info = infoOf(at(position));
      if (hasJump(info)) reach(static_cast<uint32_t>(jumpTarget(at(position), position)), state);
      if (info.flow != FlowKind::Jump && info.flow != FlowKind::Leave) reach(next(position), state);
    }
    return true;
  }

  void reach(uint32_t position, const FlowState& state) {
    FlowState& known = states[position];
    bool isNews = !known.isReached;
    if (isNews) {
      known = state;
      known.isReached = true;
    } else {
      isNews |= known.captured.unite(state.captured);
      isNews |= known.toBeClosed.unite(state.toBeClosed);
      isNews |= known.tables.intersect(state.tables);
      isNews |= known.tableMakers.intersect(state.tableMakers);
    }
    if (isNews) pending.push_back(position);
  }

  static bool isOpenFrom(const FlowState& state, uint32_t slot) {
    return state.captured.hasFrom(slot) || state.toBeClosed.hasFrom(slot);
  }

  // The function that the compiler makes where a constructor's template is out of reach: it returns a new table.
  static bool isTableMaker(const Proto& nested) {
    return nested.code.size() == 3 && opcodeOf(nested.code[1]) == Opcode::NewTable &&
           opcodeOf(nested.code[2]) == Opcode::Return1 && nested.code[1].a == nested.code[2].a;
  }

  // SetList stores into its table without asking whether it is one.
  void trackTables(const Instruction& instruction, FlowState& state) const {
    const uint32_t a = instruction.a / slotUnits;
    const bool copiesTable =
        opcodeOf(instruction) == Opcode::Move && state.tables.has(uint32_t{instruction.b} / slotUnits);
    const bool callsMaker = opcodeOf(instruction) == Opcode::Call && instruction.c != 0 && state.tableMakers.has(a);
    const SlotSpan set = slotsSetBy(instruction);
    state.tables.remove(set);
    state.tableMakers.remove(set);
    if (set.count == 0 || set.first != a) return;
    // A captured variable can change at any time.
    const bool isStable = !state.captured.has(a);
    if (copiesTable || callsMaker || opcodeOf(instruction) == Opcode::NewTable) state.tables.set(a, isStable);
    if (opcodeOf(instruction) == Opcode::Closure && isTableMaker(*proto.protos[instruction.b])) {
      state.tableMakers.set(a, isStable);
    }
  }

  bool step(uint32_t position, FlowState& state) {
    const Instruction& instruction = at(position);
    const uint32_t a = instruction.a / slotUnits;
    const Opcode opcode = opcodeOf(instruction);
    if ((opcode == Opcode::SetList || opcode == Opcode::SetListVariable) && !state.tables.has(a)) {
      return rejectAt(position, "list is not stored in a new table");
    }
    trackTables(instruction, state);
    switch (opcode) {
      case Opcode::Closure:
        for (const UpvalueDescription& upvalue : proto.protos[instruction.b]->upvalues) {
          if (!upvalue.fromParentStack) continue;
          state.captured.add(upvalue.index);
          state.tables.set(upvalue.index, false);
          state.tableMakers.set(upvalue.index, false);
        }
        return true;
      case Opcode::ToBeClosed: return markToBeClosed(position, a, state);
      case Opcode::GenericForPrepare: return markToBeClosed(position, a + 3, state);
      case Opcode::CloseUpvalues: state.captured.removeFrom(a); return true;
      case Opcode::Close:
      case Opcode::CloseReturn:
        state.captured.removeFrom(a);
        state.toBeClosed.removeFrom(a);
        return true;
      case Opcode::ForPrepare: return !isOpenFrom(state, a) || rejectAt(position, "loop over open variables");
      case Opcode::GenericForCall: return !isOpenFrom(state, a + 4) || rejectAt(position, "call over open variables");
      case Opcode::Call:
      case Opcode::CallVariable:
      case Opcode::CallMultiple:
      case Opcode::CallVariableMultiple: return !isOpenFrom(state, a) || rejectAt(position, "call over open variables");
      default: break;
    }
    if (infoOf(instruction).flow != FlowKind::Leave) return true;
    return (state.captured.isEmpty() && state.toBeClosed.isEmpty()) || rejectAt(position, "variables are left open");
  }

  bool markToBeClosed(uint32_t position, uint32_t slot, FlowState& state) {
    if (state.toBeClosed.hasFrom(slot)) return rejectAt(position, "variable is already marked");
    state.toBeClosed.add(slot);
    return true;
  }

  VM& vm;
  const Proto& proto;
  Text& why;
  List<bool> isStart;
  List<bool> isTarget;
  uint32_t available = noPosition;  // first slot of the values that the instruction before left
  List<FlowState> states;
  List<uint32_t> pending;
};

}  // namespace

bool verifyProto(VM& vm, const Proto& proto, Text& why) { return Verifier(vm, proto, why).run(); }

bool verifyProtos(VM& vm, const Proto& proto, Text& why) {
  if (!verifyProto(vm, proto, why)) return false;
  return std::all_of(proto.protos.begin(), proto.protos.end(),
                     [&](const Proto* nested) { return verifyProtos(vm, *nested, why); });
}

}  // namespace selvage
