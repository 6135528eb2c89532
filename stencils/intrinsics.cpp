#include "stencils/intrinsics.hpp"

#include <cmath>

#include "stencils/intrinsic_forms.hpp"
#include "stencils/table_access.hpp"
#include "vm/number.hpp"

namespace selvage {

namespace {

// Without SSE4.1's rounding instruction, for which a baseline x86-64 compiler calls the C library: exact for everything
// whose integer part fits, and the rest is left alone.
inline bool floorToInteger(double d, int64_t& result) {
  if (!(d >= -twoTo63 && d < twoTo63)) return false;
  const auto truncated = static_cast<int64_t>(d);
  result = truncated - static_cast<int64_t>(static_cast<double>(truncated) > d);
  return true;
}

inline bool mathFloor(const Machine& m, Value& result) {
  if (m.x0 == 0) return false;
  if (m.base[0].tag == Tag::Float) {
    int64_t i;
    if (!floorToInteger(m.base[0].number(), i)) return false;
    result = Value::integer(i);
    return true;
  }
  result = m.base[0];
  return m.base[0].tag == Tag::Integer;
}

inline bool mathCeil(const Machine& m, Value& result) {
  if (m.x0 == 0) return false;
  if (m.base[0].tag == Tag::Float) {
    int64_t i;
    if (!floorToInteger(-m.base[0].number(), i) || i == INT64_MIN) return false;
    result = Value::integer(-i);
    return true;
  }
  result = m.base[0];
  return m.base[0].tag == Tag::Integer;
}

inline bool mathSqrt(const Machine& m, Value& result) {
  if (m.x0 == 0) return false;
  double d;
  if (m.base[0].tag == Tag::Float) d = m.base[0].number();
  else if (m.base[0].tag == Tag::Integer) d = static_cast<double>(m.base[0].integer());
  else return false;
  result = Value::number(__builtin_elementwise_sqrt(d));
  return true;
}

inline bool mathAbs(const Machine& m, Value& result) {
  if (m.x0 == 0) return false;
  if (m.base[0].tag == Tag::Float) {
    result = Value::number(std::fabs(m.base[0].number()));
    return true;
  }
  const int64_t i = m.base[0].integer();
  result = Value::integer(i < 0 ? wrapSub(0, i) : i);
  return m.base[0].tag == Tag::Integer;
}

// Integers beyond this may be no float exactly, so that comparing them as floats would not do.
constexpr uint64_t maxExactInteger = uint64_t{1} << 53;

// Whether two numbers are in order. False in `isKnown`: that is more than can be told here.
inline bool isLess(Value left, Value right, bool& isKnown) {
  if (left.tag == Tag::Integer && right.tag == Tag::Integer) return left.integer() < right.integer();
  const auto asFloat = [&isKnown](Value v) {
    if (v.tag == Tag::Float) return v.number();
    isKnown &= v.tag == Tag::Integer && v.bits + maxExactInteger <= 2 * maxExactInteger;
    return static_cast<double>(v.integer());
  };
  return asFloat(left) < asFloat(right);
}

template <bool wantsMaximum>
inline bool mathExtreme(const Machine& m, Value& result) {
  if (m.x0 == 0) return false;
  Value best = m.base[0];
  bool isKnown = isNumber(best.tag);
  for (uint64_t i = 1; i < m.x0; ++i) {
    const Value candidate = m.base[i];
    if (wantsMaximum ? isLess(best, candidate, isKnown) : isLess(candidate, best, isKnown)) best = candidate;
  }
  result = best;
  return isKnown;
}

inline bool mathToInteger(const Machine& m, Value& result) {
  if (m.x0 == 0) return false;
  result = m.base[0];
  if (result.tag == Tag::Integer) return true;
  int64_t exact;
  if (result.tag != Tag::Float || !exactInteger(result.number(), exact)) return false;
  result = Value::integer(exact);
  return true;
}

inline bool typeOf(const Machine& m, Value& result) {
  if (m.x0 == 0) return false;
  result = Value::string(m.vm->typeNames[static_cast<uint32_t>(m.base[0].tag)]);
  return true;
}

inline bool rawGet(const Machine& m, Value& result) {
  if (m.x0 < 2 || m.base[0].tag != Tag::Table || m.base[1].tag != Tag::Integer) return false;
  return opcodes::readElement(m.base[0].table(), m.base[1].bits - 1, result);
}

inline bool rawLength(const Machine& m, Value& result) {
  if (m.x0 == 0) return false;
  if (m.base[0].tag == Tag::String) {
    result = Value::integer(static_cast<int64_t>(m.base[0].string()->length));
    return true;
  }
  if (m.base[0].tag != Tag::Table || m.base[0].table()->hash != nullptr) return false;
  result = Value::integer(m.base[0].table()->arrayCount);
  return true;
}

inline bool rawEqual(const Machine& m, Value& result) {
  if (m.x0 < 2) return false;
  const Tag tag = m.base[0].tag;
  if (tag != m.base[1].tag || tag <= Tag::Float || tag == Tag::String) return false;
  result = Value::boolean(m.base[0].bits == m.base[1].bits);
  return true;
}

// Numbers as they are; numerals are for the native function.
inline bool toNumberIntrinsic(const Machine& m, Value& result) {
  if (m.x0 != 1) return false;
  result = m.base[0];
  return isNumber(result.tag);
}

// Whether it is known that the metatable of all values of a type has no __tostring.
inline bool hasPlainText(const VM& vm, Tag tag) {
  const Table* metatable = vm.typeMetatables[static_cast<uint32_t>(tag)];
  return metatable == nullptr || (metatable->aux & (1U << static_cast<uint32_t>(Event::ToString))) != 0;
}

inline bool stringAsItIs(const Machine& m, Value& result) {
  result = m.base[0];
  return isStringAt(m, 0) && hasPlainText(*m.vm, Tag::String);
}

String* numeralOf(VM& vm, const Value* arguments, uint64_t count) {
  if (count == 0 || !arguments[0].isNumber() || !hasPlainText(vm, Tag::Integer)) return nullptr;
  char buffer[maxNumberText];
  return newString(vm, formatNumber(arguments[0], buffer));
}

inline bool getMetatable(const Machine& m, Value& result) {
  if (m.x0 == 0 || m.base[0].tag != Tag::Table) return false;
  if (m.base[0].table()->shape->metatable != nullptr) return false;
  result = Value::nil();
  return true;
}

}  // namespace

SELVAGE_INTRINSIC(selvage_mathFloor, mathFloor)
SELVAGE_INTRINSIC(selvage_mathCeil, mathCeil)
SELVAGE_INTRINSIC(selvage_mathSqrt, mathSqrt)
SELVAGE_INTRINSIC(selvage_mathAbs, mathAbs)
SELVAGE_INTRINSIC(selvage_mathMax, mathExtreme<true>)
SELVAGE_INTRINSIC(selvage_mathMin, mathExtreme<false>)
SELVAGE_INTRINSIC(selvage_mathToInteger, mathToInteger)
SELVAGE_INTRINSIC(selvage_type, typeOf)
SELVAGE_INTRINSIC(selvage_rawGet, rawGet)
SELVAGE_INTRINSIC(selvage_rawLength, rawLength)
SELVAGE_INTRINSIC(selvage_rawEqual, rawEqual)
SELVAGE_INTRINSIC(selvage_getMetatable, getMetatable)
SELVAGE_INTRINSIC(selvage_toNumber, toNumberIntrinsic)
SELVAGE_INTRINSIC(selvage_toString, stringAsItIs, stringHandler<numeralOf>)

// select('#', ...) and select(n, ...) with n > 0: the results are arguments and only have to move down.
extern "C" SELVAGE_HANDLER void selvage_select(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (m.x0 == 0) SELVAGE_GO(m, &selvage_callNative);
  auto* const returnTo = m.base[-1].as<Handler>();
  if (m.base[0].tag == Tag::Integer && m.base[0].integer() > 0) {
    const uint64_t first = m.base[0].bits;
    const uint64_t count = first < m.x0 ? m.x0 - first : 0;
    Value* const target = m.base - frameHeaderSlots;
    for (uint64_t i = 0; i < count; ++i) target[i] = m.base[first + i];
    m.x0 = count;
    SELVAGE_GO(m, returnTo);
  }
  if (m.base[0].tag == Tag::String && m.base[0].string() == m.vm->byteStrings['#']) {
    m.base[-2] = Value::integer(static_cast<int64_t>(m.x0 - 1));
    m.x0 = 1;
    SELVAGE_GO(m, returnTo);
  }
  SELVAGE_GO(m, &selvage_callNative);
}

// assert of a true value returns all its arguments.
extern "C" SELVAGE_HANDLER void selvage_assert(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (m.x0 == 0 || isFalsy(m.base[0].tag)) [[unlikely]]
    SELVAGE_GO(m, &selvage_callNative);
  auto* const returnTo = m.base[-1].as<Handler>();
  Value* const target = m.base - frameHeaderSlots;
  for (uint64_t i = 0; i < m.x0; ++i) target[i] = m.base[i];
  SELVAGE_GO(m, returnTo);
}

// next and the step of ipairs within the array part, when they are called as functions. A key 0 of next's is for it to
// refuse.
template <bool isNext>
inline SELVAGE_HANDLER void stepInArray(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  Value element;
  if (m.x0 == 2 && m.base[0].tag == Tag::Table && m.base[1].tag == Tag::Integer && !(isNext && m.base[1].bits == 0) &&
      opcodes::readElement(m.base[0].table(), m.base[1].bits, element)) {
    auto* const returnTo = m.base[-1].as<Handler>();
    m.base[-2] = Value::integer(m.base[1].integer() + 1);
    m.base[-1] = element;
    SELVAGE_GO(m, returnTo);
  }
  SELVAGE_GO(m, &selvage_callNative);
}

extern "C" SELVAGE_HANDLER void selvage_next(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return stepInArray<true>(SELVAGE_ARGUMENTS);
}
extern "C" SELVAGE_HANDLER void selvage_ipairsStep(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return stepInArray<false>(SELVAGE_ARGUMENTS);
}

// pairs of a table without metatable, ipairs of anything: the iterator is the function's upvalue.
template <bool isArray>
inline SELVAGE_HANDLER void startTraversal(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  if (m.x0 == 0) [[unlikely]]
    SELVAGE_GO(m, &selvage_callNative);
  const Value subject = m.base[0];
  if (!isArray && (subject.tag != Tag::Table || subject.table()->shape->metatable != nullptr))
    SELVAGE_GO(m, &selvage_pairsByMetamethod);
  auto* const returnTo = m.base[-1].as<Handler>();
  m.base[0] = isArray ? Value::integer(0) : Value::nil();
  m.base[-2] = static_cast<NativeFunction*>(m.base[-2].function())->upvalues[0];
  m.base[-1] = subject;
  m.x0 = 3;
  SELVAGE_GO(m, returnTo);
}

extern "C" SELVAGE_HANDLER void selvage_pairs(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return startTraversal<false>(SELVAGE_ARGUMENTS);
}
extern "C" SELVAGE_HANDLER void selvage_ipairs(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return startTraversal<true>(SELVAGE_ARGUMENTS);
}

}  // namespace selvage
