// Operators whose operands are tables or userdata with metamethods, without a C call: entering the metamethod, and what
// is done with its result; calls of such values; and the operators on floats that may be a call of the C library.
// Everything else that the stencils of operators leave is for the slow paths (slow_operators.cpp), which also fill the
// cache by which metamethods are found here.
#include "stencils/metamethod_calls.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "stencils/metamethod_entry.hpp"
#include "vm/frame.hpp"
#include "vm/instruction_fields.hpp"
#include "vm/number_arithmetic.hpp"
#include "vm/table_hash.hpp"

namespace selvage {

namespace {

inline Event eventOf(const Machine& m) { return traitsAt(m.pc).event; }

// Whether operators of the value's type are most often metamethods.
inline bool hasOperators(Tag tag) { return hasShape(tag) || tag == Tag::String; }

// Enters the left operand's metamethod or, if that has none, the right one's; null when there is none or it is not
// known.
[[gnu::always_inline]] inline Handler* enterMetamethod(Machine& m, Event event, Value left, Value right,
                                                       Handler* returnTo) {
  if (!hasOperators(left.tag) && !hasOperators(right.tag)) return nullptr;
  const Table* metatable = metatableOf(m, left);
  if (hasNoMetamethod(metatable, event)) metatable = metatableOf(m, right);
  const Value metamethod = findMetamethod(m, metatable, event);
  if (metamethod.tag != Tag::Function) return nullptr;
  return enterFunction(m, metamethod.function(), returnTo, left, right);
}

// Where an operator goes on: in the metamethod, or in the slow path `miss`.
[[gnu::always_inline]] inline Handler* metamethodOr(Handler* miss, Machine& m, Event event, Value left, Value right,
                                                    Handler* returnTo) {
  Handler* const entry = enterMetamethod(m, event, left, right, returnTo);
  return entry != nullptr ? entry : leaveFor(m, miss);
}

// The lengths of the instructions that go on here are known, so that the next one's address waits for nothing but the
// present one's.
constexpr uint32_t comparisonWords = 2;
constexpr uint32_t resultWords = 1;
constexpr bool hasKnownLength(const OpcodeInfo& info) {
  const bool isComparison = std::string_view(info.name).starts_with("JumpIf") && info.b != OperandKind::JumpWide;
  if (isComparison) return info.words() == comparisonWords && info.extension == OperandKind::JumpExtension;
  const bool isStore =
      std::string_view(info.name).starts_with("Set") && info.extension != OperandKind::ImmediateExtension;
  const bool hasResult = info.flow == FlowKind::Next && info.a == OperandKind::SlotWrite;
  return !(isStore || hasResult) || info.words() == resultWords;
}
static_assert(std::all_of(std::begin(opcodeInfo), std::end(opcodeInfo), hasKnownLength));
static_assert(infoOf(Opcode::Self).words() == resultWords);

inline Handler* resumeAfterComparison(Machine& m, bool outcome) {
  const Instruction* const next = m.pc + comparisonWords;
  return resumeAt(m, outcome == traitsAt(m.pc).jumpsWhen ? next + m.pc->extension() : next);
}

}  // namespace

// The callee's frame is complete, but what is called has to become its first argument.
extern "C" SELVAGE_HANDLER void selvage_callNonFunction(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value called = m.base[-2];
  Value metamethod = Value::nil();
  if (hasShape(called.tag)) metamethod = findMetamethod(m, called.table()->shape->metatable, Event::Call);
  Value* const end = m.base + m.x0;
  if (metamethod.tag == Tag::Function && end < stackLimit(*m.vm) &&
      (m.vm->hookedThreads == 0 || metamethod.function()->isLua())) [[likely]] {
    for (Value* slot = end; slot != m.base; --slot) slot[0] = slot[-1];
    m.base[0] = called;
    m.base[-2] = metamethod;
    ++m.x0;
    forgetAllButCount(m);
    SELVAGE_GO(m, metamethod.function()->code->entry);
  }
  SELVAGE_GO(m, &selvage_callNonFunctionMiss);
}

extern "C" SELVAGE_HANDLER void selvage_arithmetic(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const OpcodeInfo& info = opcodeInfo[m.pc->opcode];
  const Value left = operandOf(m, info.b, m.pc->b);
  const Value right = operandOf(m, info.c, m.pc->c);
  SELVAGE_GO(m, metamethodOr(&selvage_arithmeticMiss, m, eventOf(m), left, right, &selvage_storeResult));
}

namespace {

// An operator on two numbers that may be for the C library; nothing but the frame is kept across that call.
template <Event event>
[[gnu::always_inline]] inline Handler* floatOperation(Machine& m) {
  const OpcodeInfo& info = opcodeInfo[m.pc->opcode];
  const Value left = operandOf(m, info.b, m.pc->b);
  const Value right = operandOf(m, info.c, m.pc->c);
  if (!left.isNumber() || !right.isNumber()) return leaveFor(m, &selvage_arithmetic);
  slotOf(m, m.pc->a) = Value::number(floatArithmetic(event, asFloat(left), asFloat(right)));
  forgetAllButCount(m);
  return resumeAt(m, m.pc + resultWords);
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_modulo(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  SELVAGE_GO(m, floatOperation<Event::Mod>(m));
}

extern "C" SELVAGE_HANDLER void selvage_floorDivision(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  SELVAGE_GO(m, floatOperation<Event::IDiv>(m));
}

extern "C" SELVAGE_HANDLER void selvage_power(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  SELVAGE_GO(m, floatOperation<Event::Pow>(m));
}

extern "C" SELVAGE_HANDLER void selvage_unary(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value operand = slotOf(m, m.pc->b);
  SELVAGE_GO(m, metamethodOr(&selvage_unaryMiss, m, eventOf(m), operand, operand, &selvage_storeResult));
}

// The last two values first; with more of them the slow path goes on with the result.
extern "C" SELVAGE_HANDLER void selvage_concat(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const uint32_t count = m.pc->c;
  const Value* const values = &slotOf(m, m.pc->b) + count;
  const Value left = values[-2];
  const Value right = values[-1];
  if (hasShape(left.tag) || hasShape(right.tag)) {
    Handler* const returnTo = count == 2 ? &selvage_storeResult : &selvage_concatResult;
    Handler* const metamethod = enterMetamethod(m, Event::Concat, left, right, returnTo);
    if (metamethod != nullptr) {
      continuationData(m) = Value::integer(count - 1);
      SELVAGE_GO(m, metamethod);
    }
  }
  SELVAGE_GO(m, leaveFor(m, &selvage_concatMiss));
}

extern "C" SELVAGE_HANDLER void selvage_length(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value operand = slotOf(m, m.pc->b);
  if (operand.tag == Tag::Table) {
    const Table* table = operand.table();
    if (hasNoMetamethod(table->shape->metatable, Event::Len)) {
      if (hasElementsInArrayOnly(table)) [[likely]] {
        slotOf(m, m.pc->a) = Value::integer(table->arrayCount);
        SELVAGE_GO(m, resumeAt(m, m.pc + 1));
      }
    } else {
      SELVAGE_GO(m, metamethodOr(&selvage_lengthMiss, m, Event::Len, operand, operand, &selvage_storeResult));
    }
  }
  SELVAGE_GO(m, leaveFor(m, &selvage_lengthMiss));
}

namespace {

// Two strings, which the C library compares; nothing but the frame is kept across the call.
[[gnu::noinline]] SELVAGE_HANDLER void compareStringsHandler(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const OpcodeInfo& info = opcodeInfo[m.pc->opcode];
  const String* const left = operandOf(m, info.a, m.pc->a).string();
  const String* const right = operandOf(m, info.b, m.pc->b).string();
  const int order = compareStrings(left, right);
  forgetAllButCount(m);
  SELVAGE_GO(m, resumeAfterComparison(m, eventOf(m) == Event::Lt ? order < 0 : order <= 0));
}

}  // namespace

extern "C" SELVAGE_HANDLER void selvage_compareLess(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const OpcodeInfo& info = opcodeInfo[m.pc->opcode];
  const Value left = operandOf(m, info.a, m.pc->a);
  const Value right = operandOf(m, info.b, m.pc->b);
  if (left.tag == Tag::String && right.tag == Tag::String) SELVAGE_GO(m, leaveFor(m, &compareStringsHandler));
  SELVAGE_GO(m, metamethodOr(&selvage_compareLessMiss, m, eventOf(m), left, right, &selvage_compareResult));
}

// Of different tables: equal only by a metamethod.
extern "C" SELVAGE_HANDLER void selvage_compareEqual(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value left = slotOf(m, m.pc->a);
  const Value right = operandOf(m, opcodeInfo[m.pc->opcode].b, m.pc->b);
  if (left.tag == Tag::Table && right.tag == Tag::Table) {
    if (!hasNoMetamethod(left.table()->shape->metatable, Event::Eq)) {
      SELVAGE_GO(m, metamethodOr(&selvage_compareEqualMiss, m, Event::Eq, left, right, &selvage_compareResult));
    } else if (hasNoMetamethod(right.table()->shape->metatable, Event::Eq)) {
      SELVAGE_GO(m, resumeAfterComparison(m, false));
    }
  }
  SELVAGE_GO(m, leaveFor(m, &selvage_compareEqualMiss));
}

extern "C" SELVAGE_HANDLER void selvage_storeResult(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value result = returnToInstruction(m);
  slotOf(m, m.pc->a) = result;
  SELVAGE_GO(m, resumeAt(m, m.pc + resultWords));
}

extern "C" SELVAGE_HANDLER void selvage_compareResult(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value result = returnToInstruction(m);
  SELVAGE_GO(m, resumeAfterComparison(m, !isFalsy(result.tag)));
}

extern "C" SELVAGE_HANDLER void selvage_compareResultNegated(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const Value result = returnToInstruction(m);
  SELVAGE_GO(m, resumeAfterComparison(m, isFalsy(result.tag)));
}

extern "C" SELVAGE_HANDLER void selvage_discardResult(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  returnToInstruction(m);
  SELVAGE_GO(m, resumeAt(m, m.pc + resultWords));
}

}  // namespace selvage
