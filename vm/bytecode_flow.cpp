// The data-flow pass: from every jump target (and the function's entry) to the next one or to where the path ends, as
// often as something new is learnt about how the target can be reached. What is known is kept for targets only.
#include "vm/bytecode_flow.hpp"

#include <array>

#include "vm/bytecode_limits.hpp"
#include "vm/format_text.hpp"
#include "vm/instruction_fields.hpp"

namespace selvage {

namespace {

constexpr uint32_t wordBits = 64;

// A set of slots of the frame, of which there are at most `words` * 64.
template <uint32_t words>
class SlotSet {
 public:
  bool isEmpty() const { return !hasFrom(0); }
  bool has(uint32_t slot) const { return (bits[slot / wordBits] >> (slot % wordBits) & 1) != 0; }
  bool hasFrom(uint32_t slot) const {
    uint64_t found = 0;
    for (uint32_t word = 0; word < words; ++word) found |= bits[word] & maskFrom(word, slot);
    return found != 0;
  }
  void add(uint32_t slot) { bits[slot / wordBits] |= bitOf(slot); }
  void set(uint32_t slot, bool isMember) {
    bits[slot / wordBits] &= ~bitOf(slot);
    if (isMember) add(slot);
  }
  void removeFrom(uint32_t slot) {
    for (uint32_t word = 0; word < words; ++word) bits[word] &= ~maskFrom(word, slot);
  }
  void remove(const SlotSpan& span) {
    for (uint32_t word = 0; word < words; ++word) {
      bits[word] &= ~maskFrom(word, span.first) | maskFrom(word, span.first + span.count);
    }
  }
  // Whether this changed the set.
  bool unite(const SlotSet& other) {
    return change(other, [](uint64_t mine, uint64_t theirs) { return mine | theirs; });
  }
  bool intersect(const SlotSet& other) {
    return change(other, [](uint64_t mine, uint64_t theirs) { return mine & theirs; });
  }

 private:
  static uint64_t bitOf(uint32_t slot) { return uint64_t{1} << (slot % wordBits); }
  // Of the bits in the word, those of `slot` and above.
  static uint64_t maskFrom(uint32_t word, uint32_t slot) {
    const uint32_t first = word * wordBits;
    if (slot <= first) return ~uint64_t{0};
    return slot - first < wordBits ? ~uint64_t{0} << (slot - first) : 0;
  }
  template <class F>
  bool change(const SlotSet& other, F combined) {
    bool isChanged = false;
    for (uint32_t word = 0; word < words; ++word) {
      const uint64_t before = bits[word];
      bits[word] = combined(before, other.bits[word]);
      isChanged |= bits[word] != before;
    }
    return isChanged;
  }

  std::array<uint64_t, words> bits{};
};

template <uint32_t words>
class FlowVerifier {
 public:
  FlowVerifier(VM& owner, const Proto& checkedProto, const CodeMap& codeMap, Text& reason)
      : vm(owner), proto(checkedProto), map(codeMap), why(reason), states(vm), pending(vm) {}

  bool run() {
    states.resize(map.targetCount());
    if (!follow(0, {})) return false;
    while (!pending.empty()) {
      const uint32_t position = pending.back();
      pending.pop_back();
      if (!follow(position, states[map.targetNumber(position)])) return false;
    }
    return true;
  }

 private:
  using Slots = SlotSet<words>;

  // What is known where an instruction begins.
  struct State {
    bool isReached = false;
    Slots captured;     // slots that open upvalues may refer to
    Slots toBeClosed;   // slots that may be pending to-be-closed variables
    Slots tables;       // slots that certainly hold a table
    Slots tableMakers;  // slots that certainly hold a function that returns a new table
    bool isOpenFrom(uint32_t slot) const { return captured.hasFrom(slot) || toBeClosed.hasFrom(slot); }
  };

  bool rejectAt(uint32_t position, std::string_view message) {
    why = formatText(vm, "{} in instruction {}", message, position);
    return false;
  }

  bool follow(uint32_t position, State state) {
    while (true) {
      const Instruction& instruction = proto.code[position];
      if (!step(position, state)) return false;
      const OpcodeInfo& info = infoOf(instruction);
      if (hasJump(info)) reach(static_cast<uint32_t>(jumpTarget(instruction, position)), state);
      if (info.flow == FlowKind::Jump || info.flow == FlowKind::Leave) return true;
      position += info.words();
      if (map.isTarget(position)) {
        reach(position, state);
        return true;
      }
    }
  }

  void reach(uint32_t target, const State& state) {
    State& known = states[map.targetNumber(target)];
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
    if (isNews) pending.push_back(target);
  }

  // The function that the compiler makes where a constructor's template is out of reach: it returns a new table.
  static bool isTableMaker(const Proto& nested) {
    return nested.code.size() == 3 && opcodeOf(nested.code[1]) == Opcode::NewTable &&
           opcodeOf(nested.code[2]) == Opcode::Return1 && nested.code[1].a == nested.code[2].a;
  }

  // SetList stores into its table without asking whether it is one.
  void trackTables(const Instruction& instruction, State& state) const {
    const uint32_t a = instruction.a / slotUnits;
    const bool copiesTable =
        opcodeOf(instruction) == Opcode::Move && state.tables.has(uint32_t{instruction.b} / slotUnits);
    const bool callsMaker = opcodeOf(instruction) == Opcode::Call && instruction.c != 0 && state.tableMakers.has(a);
    const SlotSpan set = slotsSetBy(instruction);
    if (set.count == 0) return;
    state.tables.remove(set);
    state.tableMakers.remove(set);
    if (set.first != a) return;
    // A captured variable can change at any time.
    const bool isStable = !state.captured.has(a);
    if (copiesTable || callsMaker || opcodeOf(instruction) == Opcode::NewTable) state.tables.set(a, isStable);
    if (opcodeOf(instruction) == Opcode::Closure && isTableMaker(*proto.protos[instruction.b])) {
      state.tableMakers.set(a, isStable);
    }
  }

  bool step(uint32_t position, State& state) {
    const Instruction& instruction = proto.code[position];
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
      case Opcode::ForPrepare: return !state.isOpenFrom(a) || rejectAt(position, "loop over open variables");
      case Opcode::GenericForCall: return !state.isOpenFrom(a + 4) || rejectAt(position, "call over open variables");
      case Opcode::Call:
      case Opcode::CallVariable:
      case Opcode::CallMultiple:
      case Opcode::CallVariableMultiple: return !state.isOpenFrom(a) || rejectAt(position, "call over open variables");
      default: break;
    }
    if (infoOf(instruction).flow != FlowKind::Leave) return true;
    return (state.captured.isEmpty() && state.toBeClosed.isEmpty()) || rejectAt(position, "variables are left open");
  }

  bool markToBeClosed(uint32_t position, uint32_t slot, State& state) {
    if (state.toBeClosed.hasFrom(slot)) return rejectAt(position, "variable is already marked");
    state.toBeClosed.add(slot);
    return true;
  }

  VM& vm;
  const Proto& proto;
  const CodeMap& map;
  Text& why;
  List<State> states;      // by number of the jump target
  List<uint32_t> pending;  // targets of which something new is known
};

}  // namespace

bool verifyFlow(VM& vm, const Proto& proto, const CodeMap& map, Text& why) {
  if (proto.frameSlots <= wordBits) return FlowVerifier<1>(vm, proto, map, why).run();
  return FlowVerifier<maxFrameSlots / wordBits>(vm, proto, map, why).run();
}

}  // namespace selvage
