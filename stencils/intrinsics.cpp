#include "stencils/intrinsics.hpp"

#include <cmath>

#include "stencils/table_access.hpp"
#include "vm/native.hpp"
#include "vm/number.hpp"

namespace selvage {

namespace {

// The function's common case: true with its only result, false to leave it to the native function. Arguments are
// m.base[0] to m.base[m.x0 - 1].
using Intrinsic = bool(const Machine& m, Value& result);

template <Intrinsic& work>
SELVAGE_HANDLER void intrinsicHandler(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  Value result;
  if (!work(m, result)) [[unlikely]]
    SELVAGE_GO(m, &selvage_callNative);
  m.base[-2] = result;
  m.x0 = 1;
  SELVAGE_GO(m, m.base[-1].as<Handler>());
}

#define SELVAGE_INTRINSIC(name, work)                                     \
  extern "C" SELVAGE_HANDLER void name(SELVAGE_PARAMETERS) {              \
    [[clang::musttail]] return intrinsicHandler<work>(SELVAGE_ARGUMENTS); \
  }

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

// Two numbers of one type, the usual case.
template <bool wantsMaximum>
inline bool mathExtreme(const Machine& m, Value& result) {
  if (m.x0 != 2 || m.base[0].tag != m.base[1].tag) return false;
  bool takesSecond;
  if (m.base[0].tag == Tag::Integer) {
    takesSecond = wantsMaximum ? m.base[0].integer() < m.base[1].integer() : m.base[1].integer() < m.base[0].integer();
  } else {
    if (m.base[0].tag != Tag::Float) return false;
    takesSecond = wantsMaximum ? m.base[0].number() < m.base[1].number() : m.base[1].number() < m.base[0].number();
  }
  result.bits = takesSecond ? m.base[1].bits : m.base[0].bits;
  result.tag = m.base[0].tag;
  return true;
}

inline bool isStringAt(const Machine& m, uint64_t i) { return i < m.x0 && m.base[i].tag == Tag::String; }
inline bool isIntegerAt(const Machine& m, uint64_t i) { return i < m.x0 && m.base[i].tag == Tag::Integer; }

inline bool stringByte(const Machine& m, Value& result) {
  if (!isStringAt(m, 0)) return false;
  const String* string = m.base[0].string();
  uint64_t position = 0;
  if (m.x0 > 1) {
    if (m.x0 > 2 || m.base[1].tag != Tag::Integer) return false;
    position = m.base[1].bits - 1;  // negative ones wrap beyond every length
  }
  if (position >= string->length) return false;
  result = Value::integer(static_cast<uint8_t>(string->text[position]));
  return true;
}

// One byte, or the whole string.
inline bool stringSub(const Machine& m, Value& result) {
  if (!isStringAt(m, 0) || !isIntegerAt(m, 1)) return false;
  const String* string = m.base[0].string();
  const int64_t first = m.base[1].integer();
  int64_t last = -1;
  if (m.x0 > 2) {
    if (m.base[2].tag != Tag::Integer) return false;
    last = m.base[2].integer();
  }
  const auto length = static_cast<int64_t>(string->length);
  if (first == last && first >= 1 && first <= length) {
    result = Value::string(m.vm->byteStrings[static_cast<uint8_t>(string->text[first - 1])]);
    return true;
  }
  if (first == 1 && (last == -1 || last >= length)) {
    result = m.base[0];
    return true;
  }
  return false;
}

inline bool stringChar(const Machine& m, Value& result) {
  if (m.x0 != 1 || m.base[0].tag != Tag::Integer || m.base[0].bits > 255) return false;
  result = Value::string(m.vm->byteStrings[m.base[0].bits]);
  return true;
}

inline bool stringLength(const Machine& m, Value& result) {
  if (!isStringAt(m, 0)) return false;
  result = Value::integer(static_cast<int64_t>(m.base[0].string()->length));
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
  if (m.base[0].tag == Tag::String) return stringLength(m, result);
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
SELVAGE_INTRINSIC(selvage_stringByte, stringByte)
SELVAGE_INTRINSIC(selvage_stringSub, stringSub)
SELVAGE_INTRINSIC(selvage_stringChar, stringChar)
SELVAGE_INTRINSIC(selvage_stringLength, stringLength)
SELVAGE_INTRINSIC(selvage_type, typeOf)
SELVAGE_INTRINSIC(selvage_rawGet, rawGet)
SELVAGE_INTRINSIC(selvage_rawLength, rawLength)
SELVAGE_INTRINSIC(selvage_rawEqual, rawEqual)
SELVAGE_INTRINSIC(selvage_getMetatable, getMetatable)

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

// next and the step of ipairs within the array part, when they are called as functions.
extern "C" SELVAGE_HANDLER void selvage_next(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  Value element;
  if (m.x0 == 2 && m.base[0].tag == Tag::Table && m.base[1].tag == Tag::Integer && m.base[1].bits != 0 &&
      opcodes::readElement(m.base[0].table(), m.base[1].bits, element)) {
    auto* const returnTo = m.base[-1].as<Handler>();
    m.base[-2] = Value::integer(m.base[1].integer() + 1);
    m.base[-1] = element;
    SELVAGE_GO(m, returnTo);
  }
  SELVAGE_GO(m, &selvage_callNative);
}

extern "C" SELVAGE_HANDLER void selvage_ipairsStep(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  Value element;
  if (m.x0 == 2 && m.base[0].tag == Tag::Table && m.base[1].tag == Tag::Integer &&
      opcodes::readElement(m.base[0].table(), m.base[1].bits, element)) {
    auto* const returnTo = m.base[-1].as<Handler>();
    m.base[-2] = Value::integer(m.base[1].integer() + 1);
    m.base[-1] = element;
    SELVAGE_GO(m, returnTo);
  }
  SELVAGE_GO(m, &selvage_callNative);
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
