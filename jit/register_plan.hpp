// Which stencil each instruction of a function gets, and what registers hold between them.
//
// One pass over the bytecode follows the instructions as they would be executed, with the values that a running frame
// holds as samples: they tell which types to expect. Numbers that an instruction writes stay in a register for the
// stencils that follow; where ways join, only what all of them bring along is kept.
//
// A loop's head knows nothing at first. When its end is reached and registers hold something there, an innermost loop
// is planned once more, for a second copy of its body that begins with what its end left in registers; the first copy
// is then the first turn only. A carried stencil that meets another type than it was chosen for leaves for the general
// stencil of its instruction, in a further copy that knows nothing of registers.
#pragma once

#include <span>
#include <vector>

#include "jit/plan_form.hpp"
#include "jit/register_state.hpp"
#include "jit/stencil.hpp"
#include "vm/function.hpp"

namespace selvage {

// A frame in which a function has been running, to take samples from.
struct RunningFrame {
  const Value* base = nullptr;  // null: there is none
  uint32_t liveSlots = 0;       // only these may hold references that can be followed
  uint32_t word = 0;            // where it is
};

class RegisterPlan {
 public:
  struct Step {
    const Stencil* carried = nullptr;  // null: the general stencil
    bool isEnteredCarrying = false;    // registers hold something at its start
  };
  // The words head..end-1 have a second copy; the last instruction before `end` jumps back to `head`.
  struct Loop {
    uint32_t head;
    uint32_t end;
  };

  explicit RegisterPlan(const StencilLibrary& library) : stencils(library) {}

  // Without a frame little is known of types: every instruction gets its general stencil.
  void make(const Proto& proto, const RunningFrame& frame);

  // By word, with a meaning for the first word of an instruction only; inLoop is meaningful within loops().
  std::span<const Step> first() const { return {firstSteps.data(), words}; }
  std::span<const Step> inLoop() const { return loopSteps; }
  std::span<const Loop> loops() const { return copiedLoops; }

 private:
  // What is known of a word beyond its instruction. Those that are targets of jumps have a Target too.
  struct Mark {
    static constexpr uint8_t none = 0;
    static constexpr uint8_t isForward = 1;
    static constexpr uint8_t isLoopHead = 2;
    static constexpr uint8_t isTarget = isForward | isLoopHead;
    static constexpr uint8_t hasManyJumpsBack = 4;  // to it
    static constexpr uint8_t jumpsBack = 8;         // by itself
  };
  static constexpr uint32_t nothing = 0;  // the arrival that brings nothing along
  struct Target {
    uint32_t arrival;  // index of what all jumps here so far bring along, or noArrival
    uint32_t loopEnd;  // of a loop's head: the end of the last jump back
  };
  static constexpr uint32_t noArrival = UINT32_MAX;

  const StencilLibrary& stencils;
  const Proto* proto = nullptr;
  RunningFrame frame;
  uint32_t words = 0;
  // Those by word have room for the longest function so far, and no meaning where nothing was written for this one.
  std::vector<Step> firstSteps;
  std::vector<Step> loopSteps;
  std::vector<Loop> copiedLoops;
  std::vector<uint8_t> marks;
  std::vector<Target> targets;
  std::vector<RegisterState> arrivals;  // the first is `nothing`
  std::vector<Value> samples;           // by slot; Tag::Frame: nothing is known

  // The pass that is being made:
  RegisterState state;
  RegisterState backState;  // at its last jump back

  void findTargets();
  void sampleFrame();
  bool pass(uint32_t begin, uint32_t end, Step* steps, bool isLoopCopy);
  void join(uint32_t word, bool isFollowing);
  const Stencil* planJumpBack(uint32_t word, bool isLoopCopy);
  void planLoopCopy(uint32_t head, uint32_t end);
  bool isCopyable(uint32_t head, uint32_t back) const;
  void arrive(uint32_t word, const RegisterState& from);

  const Stencil* plan(uint32_t word, const Instruction& instruction, PlanForm form);
  const Stencil* planArithmetic(const Instruction& instruction, PlanForm form);
  const Stencil* planComparison(const Instruction& instruction, PlanForm form);
  const Stencil* planLoad(uint32_t word, const Instruction& instruction, Value sample, StencilVariant variant);
  const Stencil* planForLoop(const Instruction& instruction, RegisterState& jumpState);
  const Stencil* carriedUnlessGeneral(const Instruction& instruction, StencilVariant variant) const;
  void write(uint32_t slot, Value sample);
  void forgetWritten(const Instruction& instruction, PlanForm form);
  bool isReadAsNumber(uint32_t word, uint32_t slot, Tag type) const;
  Place integerPlaceOf(uint32_t slot);
  Value sampleElement(Value table, Value key) const;
  Value sampleField(Value table, const Instruction& instruction) const;
  Value sampleUpvalue(uint32_t index) const;
};

// The word that an instruction may jump to, or -1.
inline int64_t jumpTargetOf(const Proto& proto, uint32_t word) {
  const Instruction& instruction = proto.code[word];
  const PlanForm form = planForms[instruction.opcode];
  if (!form.hasJump()) return -1;
  return int64_t{word} + form.words + (form.hasWideJump ? instruction.wide : (&instruction)->extension());
}
// What is known of an instruction's constant operand; Any if it has none.
inline ConstantType constantTypeFor(const Proto& proto, const Instruction& instruction) {
  const OperandSet constants = planForms[instruction.opcode].constants;
  if (constants == noOperand) return ConstantType::Any;
  const uint32_t units = constants == operandA ? instruction.a : constants == operandB ? instruction.b : instruction.c;
  return constantTypeOf(proto.constants[units / slotUnits].tag);
}

// The inline cache that is the instruction's operand C.
inline const InlineCache& cacheOf(const Proto& proto, const Instruction& instruction) {
  return *reinterpret_cast<const InlineCache*>(reinterpret_cast<const uint64_t*>(proto.constants) + instruction.c);
}

}  // namespace selvage
