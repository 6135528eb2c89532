// Slow paths of operators: strings and metamethods in arithmetic, comparisons, concatenation, length; numeric for loops
// that do not simply count up; and the addresses to which the metamethods called by them return.
#include <cmath>
#include <cstring>

#include "stencils/metamethod_calls.hpp"
#include "stencils/metamethod_entry.hpp"
#include "stencils/slow_path.hpp"
#include "vm/number.hpp"

namespace selvage {

namespace {

// The metamethod has to be called.
void rememberOperator(VM& vm, Event event, Value left, Value right) {
  Table* metatable = metatableOf(vm, left);
  if (metamethod(vm, metatable, event).isNil()) metatable = metatableOf(vm, right);
  rememberMetamethod(vm, metatable, event);
}

// Stores the outcome of a lookup in slot a, or calls the handler and stores its result.
Handler* storeOutcome(VM& vm, Lookup outcome, Value result, Value left, Value right) {
  switch (outcome) {
    case Lookup::Done: slotAt(vm, vm.pc->a) = result; return resumeAfterAllocation(vm);
    case Lookup::Call: {
      rememberOperator(vm, traitsAt(vm.pc).event, left, right);
      const Value arguments[] = {left, right};
      return callFromSlowPath(vm, &selvage_storeResult, Value::nil(), result, arguments);
    }
    case Lookup::Failed: break;
  }
  return resumeRaising();
}

Handler* arithmeticOperation(VM& vm) {
  const Instruction* pc = vm.pc;
  const OpcodeInfo& info = infoAt(pc);
  const Value left = operandAt(vm, info.b, pc->b);
  const Value right = operandAt(vm, info.c, pc->c);
  Value result;
  const Lookup outcome = lookupArithmetic(vm, traitsAt(pc).event, left, right, result, 1, 2);
  return storeOutcome(vm, outcome, result, left, right);
}

Handler* unaryOperation(VM& vm) {
  const Value operand = slotAt(vm, vm.pc->b);
  Value result;
  const Lookup outcome = lookupArithmetic(vm, traitsAt(vm.pc).event, operand, operand, result, 1, 1);
  return storeOutcome(vm, outcome, result, operand, operand);
}

Handler* lengthOperation(VM& vm) {
  const Value operand = slotAt(vm, vm.pc->b);
  Value result;
  const Lookup outcome = lookupLength(vm, operand, result, 1);
  return storeOutcome(vm, outcome, result, operand, operand);
}

Handler* resumeAfterComparison(VM& vm, bool outcome) {
  return resumeAt(vm, outcome == traitsAt(vm.pc).jumpsWhen ? jumpTarget(vm.pc) : nextInstruction(vm.pc));
}

Handler* decideComparison(VM& vm, Lookup outcome, Value result, Value left, Value right, bool isNegated = false) {
  switch (outcome) {
    case Lookup::Done: return resumeAfterComparison(vm, !result.isFalsy());
    case Lookup::Call: {
      // Caches know nothing of a metamethod that stands in for another.
      if (!isNegated) rememberOperator(vm, traitsAt(vm.pc).event, left, right);
      const Value arguments[] = {left, right};
      return callFromSlowPath(vm, isNegated ? &selvage_compareResultNegated : &selvage_compareResult, Value::nil(),
                              result, arguments);
    }
    case Lookup::Failed: break;
  }
  return resumeRaising();
}

Handler* compareEqual(VM& vm) {
  const Instruction* pc = vm.pc;
  const Value left = slotAt(vm, pc->a);
  const Value right = operandAt(vm, infoAt(pc).b, pc->b);
  Value result;
  const Lookup outcome = lookupEqual(vm, left, right, result);
  return decideComparison(vm, outcome, result, left, right);
}

Handler* compareLess(VM& vm) {
  const Instruction* pc = vm.pc;
  const OpcodeInfo& info = infoAt(pc);
  Value left = operandAt(vm, info.a, pc->a);
  Value right = operandAt(vm, info.b, pc->b);
  Value result;
  bool isNegated;
  const Lookup outcome = lookupCompare(vm, traitsAt(pc).event, left, right, result, isNegated);
  return decideComparison(vm, outcome, result, left, right, isNegated);
}

// ---- concatenation ----

// The strings and numbers among the last of `count` values, as one string; how many they were. 0: the memory ran out or
// the result would be too long, and an error was raised.
uint32_t concatTexts(VM& vm, const Value* values, uint32_t count, Value& result) {
  constexpr uint32_t maxNumbers = 16;
  constexpr uint32_t maxPieces = 256;
  char numbers[maxNumbers][maxNumberText];
  // Left uninitialised: clearing them would cost more than most concatenations.
  struct Piece {
    const char* text;
    size_t size;
  } pieces[maxPieces];
  uint32_t numberCount = 0;
  uint32_t taken = 0;
  size_t total = 0;
  while (taken < count && taken < maxPieces) {
    const Value value = values[count - 1 - taken];
    std::string_view text;
    if (value.isString()) text = value.string()->view();
    else if (value.isNumber() && numberCount < maxNumbers) text = formatNumber(value, numbers[numberCount++]);
    else break;
    total += text.size();
    pieces[taken++] = {text.data(), text.size()};
  }
  char shortText[maxShortLength];
  char* target = shortText;
  String* string = nullptr;
  if (total > maxShortLength) {
    string = newLongString(vm, total);
    if (string == nullptr) {
      failMemory(vm);
      return 0;
    }
    target = string->text;
  }
  char* end = target;
  for (uint32_t i = taken; i-- > 0;) {
    std::memcpy(end, pieces[i].text, pieces[i].size);
    end += pieces[i].size;
  }
  if (string == nullptr) string = newString(vm, {shortText, total});
  result = Value::string(string);
  return taken;
}

// Joins the first `count` of the instruction's values from the right; each partial result takes its left operand's
// slot.
Handler* concatRest(VM& vm, uint32_t count) {
  Value* const values = &slotAt(vm, vm.pc->b);
  while (count > 1) {
    Value result;
    const Value left = values[count - 2];
    const Value right = values[count - 1];
    if ((left.isString() || left.isNumber()) && (right.isString() || right.isNumber())) {
      const uint32_t taken = concatTexts(vm, values, count, result);
      if (taken == 0) return resumeRaising();
      count -= taken - 1;
    } else {
      const int slot = static_cast<int>(values - vm.base) + static_cast<int>(count);
      switch (lookupConcat(vm, left, right, result, slot - 2, slot - 1)) {
        case Lookup::Done: break;
        case Lookup::Call: {
          rememberOperator(vm, Event::Concat, left, right);
          const Value arguments[] = {left, right};
          return callFromSlowPath(vm, &selvage_concatResult, Value::integer(count - 1), result, arguments);
        }
        case Lookup::Failed: return resumeRaising();
      }
      --count;
    }
    values[count - 1] = result;
  }
  slotAt(vm, vm.pc->a) = values[0];
  return resumeAfterAllocation(vm);
}

Handler* concat(VM& vm) { return concatRest(vm, vm.pc->c); }

Handler* concatResult(VM& vm) {
  const Continuation done = returnToCaller(vm);
  const auto count = static_cast<uint32_t>(done.data.integer());
  (&slotAt(vm, vm.pc->b))[count - 1] = done.result;
  return concatRest(vm, count);
}

// ---- numeric for (manual 3.3.5) ----

// The limit of an integer loop as an integer, clipped. False: the loop does not run; nothing: not a number.
enum class Limit { Runs, Skips, NoNumber };
Limit integerLimit(Value limit, int64_t start, int64_t step, int64_t& result) {
  if (const auto converted = toNumberValue(limit); converted) limit = *converted;
  if (limit.isInteger()) {
    result = limit.integer();
  } else {
    if (!limit.isFloat()) return Limit::NoNumber;
    const double d = limit.number();
    const double rounded = step < 0 ? std::ceil(d) : std::floor(d);
    if (!exactInteger(rounded, result)) {
      if (d > 0) {  // a NaN is treated as below every integer
        if (step < 0) return Limit::Skips;
        result = INT64_MAX;
      } else {
        if (step > 0) return Limit::Skips;
        result = INT64_MIN;
      }
    }
  }
  return (step > 0 ? start > result : start < result) ? Limit::Skips : Limit::Runs;
}

Handler* forPrepare(VM& vm) {
  Value* const slots = &slotAt(vm, vm.pc->a);
  if (slots[0].isInteger() && slots[2].isInteger()) {
    const int64_t start = slots[0].integer();
    const int64_t step = slots[2].integer();
    if (step == 0) {
      failForStepIsZero(vm);
      return resumeRaising();
    }
    int64_t limit = 0;
    switch (integerLimit(slots[1], start, step, limit)) {
      case Limit::NoNumber: failForLoop(vm, "limit", slots[1]); return resumeRaising();
      case Limit::Skips: return resumeAt(vm, jumpTarget(vm.pc));
      case Limit::Runs: break;
    }
    uint64_t turns = 0;
    if (step > 0) {
      turns = static_cast<uint64_t>(limit) - static_cast<uint64_t>(start);
      if (step != 1) turns /= static_cast<uint64_t>(step);
    } else {
      turns = (static_cast<uint64_t>(start) - static_cast<uint64_t>(limit)) / (static_cast<uint64_t>(-(step + 1)) + 1);
    }
    slots[1] = Value::integer(static_cast<int64_t>(turns));
    slots[3] = slots[0];
    return resumeNext(vm);
  }
  constexpr const char* names[] = {"initial value", "limit", "step"};
  constexpr int order[] = {1, 2, 0};  // the reference looks at the limit first
  for (const int i : order) {
    const auto number = toNumberValue(slots[i]);
    if (!number) {
      failForLoop(vm, names[i], slots[i]);
      return resumeRaising();
    }
    slots[i] = *number;
  }
  const double start = asFloat(slots[0]);
  const double limit = asFloat(slots[1]);
  const double step = asFloat(slots[2]);
  if (step == 0) {
    failForStepIsZero(vm);
    return resumeRaising();
  }
  // As in the reference, nothing is beyond a NaN.
  if (step > 0 ? limit < start : start < limit) return resumeAt(vm, jumpTarget(vm.pc));
  slots[0] = Value::number(start);
  slots[1] = Value::number(limit);
  slots[2] = Value::number(step);
  slots[3] = Value::number(start);
  return resumeNext(vm);
}

}  // namespace

SELVAGE_SLOW_PATH(selvage_arithmeticMiss, arithmeticOperation)
SELVAGE_SLOW_PATH(selvage_unaryMiss, unaryOperation)
SELVAGE_SLOW_PATH(selvage_lengthMiss, lengthOperation)
SELVAGE_SLOW_PATH(selvage_compareEqualMiss, compareEqual)
SELVAGE_SLOW_PATH(selvage_compareLessMiss, compareLess)
SELVAGE_SLOW_PATH(selvage_concatMiss, concat)
SELVAGE_SLOW_PATH(selvage_forPrepare, forPrepare)
SELVAGE_NATIVE_PATH(selvage_concatResult, concatResult)

}  // namespace selvage
