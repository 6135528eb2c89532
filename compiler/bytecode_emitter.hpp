// The code of one function while it is being compiled: instruction words, lines, constants, caches, templates, labels.
//
// The compiler speaks in slot numbers, constant indices and cache indices. What an operand field really holds is
// in units that depend on how many constants and templates there are in the end, so finish() encodes all operand
// fields at once, by the operand kinds in opcodeInfo. It also threads jumps that lead to jumps.
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>

#include "compiler/arena.hpp"
#include "opcodes.hpp"
#include "vm/instruction_fields.hpp"
#include "vm/vm.hpp"

namespace selvage {

// The forward jumps that wait for one label: positions of their instructions.
using JumpList = ArenaList<uint32_t>;

class BytecodeEmitter {
 public:
  struct ConstantKey {
    uint32_t tag;
    uint64_t bits;
    bool operator==(const ConstantKey&) const = default;
  };
  // Both factors depend on the secret, or a source could be written whose numbers all meet.
  struct ConstantKeyHash {
    HashSecret secret;
    size_t operator()(const ConstantKey& key) const {
      const uint64_t other = std::rotl(key.bits, 32) ^ key.tag;
      const auto product = static_cast<unsigned __int128>(key.bits ^ secret.first) * (other ^ secret.second);
      return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    }
  };

  // The arena must outlive the emitter.
  BytecodeEmitter(VM& owner, Arena& arena)
      : vm(owner),
        code(arena),
        lines(arena),
        liveSlots(arena),
        fallIns(arena),
        constants(arena),
        constantIndices(0, ConstantKeyHash{vm.hashSecret}, std::equal_to<>(), arena),
        caches(arena),
        templates(arena),
        templateKeys(arena) {
    constexpr size_t usualWords = 32;
    code.reserve(usualWords);
    lines.reserve(usualWords);
    liveSlots.reserve(usualWords);
  }

  // ---- instructions; the result is the position (word index) of the new instruction ----
  uint32_t emit(Opcode opcode, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0);
  uint32_t emitWide(Opcode opcode, uint32_t a, int32_t wide);
  uint32_t emitExtended(Opcode opcode, uint32_t a, uint32_t b, uint32_t c, int32_t extension);
  // Sets `count` slots to nil, together with those that the instruction before sets if possible.
  void emitLoadNil(uint32_t first, uint32_t count);
  // Where the compiler keeps the number of slots in use; it is noted with each instruction (Proto::liveSlots).
  void followLiveSlots(const uint32_t& count) { liveSlotCount = &count; }
  uint32_t pc() const { return static_cast<uint32_t>(code.size()); }
  // The line of the instructions that follow.
  void setLine(uint32_t line) { currentLine = line; }
  uint32_t line() const { return currentLine; }
  void setLineOf(uint32_t position, uint32_t line);
  Instruction& at(uint32_t position) { return code[position]; }

  // ---- jumps ----
  // One that goes on to the next instruction, until it is patched.
  uint32_t emitJump() { return emitWide(Opcode::Jump, static_cast<uint32_t>(visitOfNext()), 0); }
  // Makes the jump of the instruction at `position` lead to `target`.
  void patchJump(uint32_t position, uint32_t target);
  // Makes all of them lead to the next instruction.
  void bindHere(const JumpList& jumps);
  // The jump of the instruction at `position`, which is bound here and emitted last of all such, stands where the
  // reference has no jump and goes on to the next instruction: if that is a jump on another line, debug hooks see it.
  void noteFallIn(uint32_t position);
  // What goes on from the last instruction to the next one is a jump in the reference, which leads where the next one
  // leads if that is a jump too: debug hooks do not see that one then.
  void noteLeap() { leapTarget = pc(); }
  // The jump back to `target` that begins a loop's next turn, or is a goto. `isVisited`: see JumpVisit::Always.
  void emitLoopJump(uint32_t target, bool isVisited = false);
  // Marks the next instruction as one that jumps lead to.
  uint32_t label();
  // False right behind an instruction that never goes on, as long as no label was put there.
  bool isReachable() const;

  // ---- constants (indices) ----
  // Equal values share an index; strings are told apart by address.
  uint32_t constant(Value value);
  // Whether a 16-bit operand can name the constant.
  static bool fitsOperand(uint32_t constantIndex) { return constantIndex * slotUnits <= operandLimit; }

  // ---- inline caches and table templates (indices) ----
  // No more caches than this are handed out; see hasOperandOverflow.
  void limitCaches(uint32_t limit) { cacheLimit = limit; }
  // Some room is kept for the constants that are still to come, so that few functions have to be compiled again.
  bool canMakeCache() const { return caches.size() < cacheLimit && operandUnits() <= operandLimit - operandLimit / 8; }
  uint32_t makeCache(String* key);
  // `keys` are different short strings.
  uint32_t makeTemplate(std::span<String* const> keys, uint32_t arrayCapacity);

  // ---- the end ----
  // Whether caches or templates have come to lie beyond what a 16-bit operand can reach. This does not change any more:
  // the function must be compiled again, with fewer caches or, if they cannot be reached either, without templates.
  bool hasOperandOverflow() const;
  uint32_t cacheCount() const { return static_cast<uint32_t>(caches.size()); }
  bool canReachTemplates() const;
  // A proto with code, lines, constants, templates, caches and frame size, and with room for so many locals, upvalues
  // and protos; or null when memory runs out. The first instruction must be one of the Enter kind.
  Proto* finish(uint32_t frameSlots, size_t locals, size_t upvalues, size_t protos);

 private:
  static constexpr size_t operandLimit = 0xFFFF;

  // What constants, templates and caches take of the units that operands count in.
  size_t operandUnits() const {
    return constants.size() * slotUnits + templates.size() * tableTemplateUnits + caches.size() * inlineCacheUnits;
  }

  JumpVisit visitOfNext() const { return leapTarget == pc() ? JumpVisit::Never : JumpVisit::Usual; }
  void threadJumps();
  void encodeOperands();
  uint32_t encodedOperand(OperandKind kind, uint32_t value) const;
  uint32_t appendWord(Opcode opcode, uint32_t a, uint32_t b, uint32_t c);

  VM& vm;
  ArenaList<Instruction> code;
  ArenaList<uint32_t> lines;
  ArenaList<uint16_t> liveSlots;
  const uint32_t* liveSlotCount = nullptr;
  ArenaList<uint32_t> fallIns;       // ascending
  uint32_t leapTarget = UINT32_MAX;  // see noteLeap
  uint32_t currentLine = 0;
  uint32_t lastInstruction = UINT32_MAX;  // position of the instruction emitted last
  uint32_t lastLabel = 0;                 // highest position that a jump is known to lead to

  ArenaList<Value> constants;
  std::unordered_map<ConstantKey, uint32_t, ConstantKeyHash, std::equal_to<>,
                     ArenaAllocator<std::pair<const ConstantKey, uint32_t>>>
      constantIndices;
  ArenaList<String*> caches;
  uint32_t cacheLimit = 0x10000;
  ArenaList<TableTemplate> templates;
  // Key lists and the index of their first constant.
  std::map<ArenaList<String*>, uint32_t, std::less<>, ArenaAllocator<std::pair<const ArenaList<String*>, uint32_t>>>
      templateKeys;
};

}  // namespace selvage
