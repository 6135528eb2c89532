// Intrinsics of the string library.
#include <cstring>

#include "stencils/intrinsic_forms.hpp"
#include "stencils/intrinsics.hpp"
#include "vm/number_arithmetic.hpp"
#include "vm/string_positions.hpp"

namespace selvage {

namespace {

inline bool stringLength(const Machine& m, Value& result) {
  if (!isStringAt(m, 0)) return false;
  result = Value::integer(static_cast<int64_t>(m.base[0].string()->length));
  return true;
}

// The bytes first..last of a string, 1-based and not empty.
struct Slice {
  const String* string;
  uint64_t first;
  uint64_t count;
};

// The slice that the arguments of `sub` ask for. False: there are other things than integers among them.
inline bool sliceOf(const Value* arguments, uint64_t count, Slice& slice) {
  if (count < 2 || arguments[0].tag != Tag::String || arguments[1].tag != Tag::Integer) return false;
  int64_t last = -1;
  if (count > 2) {
    if (arguments[2].tag != Tag::Integer) return false;
    last = arguments[2].integer();
  }
  slice.string = arguments[0].string();
  slice.first = startPosition(arguments[1].integer(), slice.string->length);
  const uint64_t end = endPosition(last, slice.string->length);
  slice.count = slice.first <= end ? end - slice.first + 1 : 0;
  return true;
}

// Nothing, one byte, or the whole string.
inline bool stringSub(const Machine& m, Value& result) {
  Slice slice;
  if (!sliceOf(m.base, m.x0, slice)) return false;
  if (slice.count == 1) {
    result = Value::string(m.vm->byteStrings[static_cast<uint8_t>(slice.string->text[slice.first - 1])]);
  } else if (slice.count == 0) {
    result = Value::string(m.vm->emptyString);
  } else {
    result = m.base[0];
    return slice.count == slice.string->length;
  }
  return true;
}

String* makeSub(VM& vm, const Value* arguments, uint64_t count) {
  Slice slice;
  if (!sliceOf(arguments, count, slice)) return nullptr;
  return newString(vm, {slice.string->text + slice.first - 1, slice.count});
}

inline bool stringChar(const Machine& m, Value& result) {
  if (m.x0 != 1 || m.base[0].tag != Tag::Integer || m.base[0].bits > 255) return false;
  result = Value::string(m.vm->byteStrings[m.base[0].bits]);
  return true;
}

String* makeChar(VM& vm, const Value* arguments, uint64_t count) {
  char text[maxShortLength];
  if (count > maxShortLength) return nullptr;
  for (uint64_t i = 0; i < count; ++i) {
    if (!arguments[i].isInteger() || arguments[i].bits > 255) return nullptr;
    text[i] = static_cast<char>(arguments[i].bits);
  }
  return newString(vm, {text, count});
}

}  // namespace

SELVAGE_INTRINSIC(selvage_stringLength, stringLength)
SELVAGE_INTRINSIC(selvage_stringSub, stringSub, stringHandler<makeSub>)
SELVAGE_INTRINSIC(selvage_stringChar, stringChar, stringHandler<makeChar>)

// As many bytes as every native function has room for.
extern "C" SELVAGE_HANDLER void selvage_stringByte(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  int64_t from = 1;
  if (!isStringAt(m, 0) || !optionalIntegerAt(m, 1, from)) SELVAGE_GO(m, &selvage_callNative);
  int64_t to = from;
  if (!optionalIntegerAt(m, 2, to)) SELVAGE_GO(m, &selvage_callNative);
  const String* string = m.base[0].string();
  const uint64_t first = startPosition(from, string->length);
  const uint64_t end = endPosition(to, string->length);
  const uint64_t count = first <= end ? end - first + 1 : 0;
  if (count > nativeMinimumSlots) SELVAGE_GO(m, &selvage_callNative);
  auto* const returnTo = m.base[-1].as<Handler>();
  Value* const target = m.base - frameHeaderSlots;
  for (uint64_t i = 0; i < count; ++i) {
    target[i] = Value::integer(static_cast<uint8_t>(string->text[first - 1 + i]));
  }
  m.x0 = count;
  SELVAGE_GO(m, returnTo);
}

namespace {

// An integer, or a short numeral of digits alone.
[[gnu::always_inline]] inline bool plainInteger(Value value, int64_t& result) {
  if (value.tag == Tag::String) {
    constexpr uint32_t safeDigits = 18;
    const String* const string = value.string();
    if (string->length - 1 >= safeDigits) return false;
    uint64_t number = 0;
    for (uint32_t i = 0; i < string->length; ++i) {
      const auto digit = static_cast<uint8_t>(string->text[i] - '0');
      if (digit > 9) return false;
      number = number * 10 + digit;
    }
    result = static_cast<int64_t>(number);
    return true;
  }
  result = value.integer();
  return value.tag == Tag::Integer;
}

template <Event event>
inline bool plainArithmetic(const Machine& m, Value& result) {
  int64_t left;
  int64_t right;
  if (m.x0 != 2 || event == Event::Pow || !plainInteger(m.base[0], left) || !plainInteger(m.base[1], right))
    return false;
  if constexpr (event == Event::Div) {
    result = Value::number(static_cast<double>(left) / static_cast<double>(right));
  } else {
    if ((event == Event::Mod || event == Event::IDiv) && right == 0) return false;
    result = Value::integer(integerArithmetic(event, left, right));
  }
  return true;
}

inline std::optional<Value> convertedArithmetic(Event event, const Value* operands) {
  const auto left = toNumberValue(operands[0]);
  const auto right = toNumberValue(operands[1]);
  if (!left || !right) return std::nullopt;
  return numberArithmetic(event, *left, *right);
}

// Numerals of any kind; errors and other operands' metamethods are for the native function.
template <Event event>
SELVAGE_HANDLER void convertingArithmetic(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  std::optional<Value> result;
  if (m.x0 == 2) result = convertedArithmetic(event, m.base);
  forgetAllButCount(m);
  if (!result) [[unlikely]]
    SELVAGE_GO(m, &selvage_callNative);
  m.base[-2] = *result;
  m.x0 = 1;
  SELVAGE_GO(m, m.base[-1].as<Handler>());
}

}  // namespace

template <Event event>
SELVAGE_HANDLER void numeralArithmetic(SELVAGE_PARAMETERS) {
  [[clang::musttail]] return intrinsicHandler<plainArithmetic<event>, convertingArithmetic<event>>(SELVAGE_ARGUMENTS);
}

template SELVAGE_HANDLER void numeralArithmetic<Event::Add>(SELVAGE_PARAMETERS);
template SELVAGE_HANDLER void numeralArithmetic<Event::Sub>(SELVAGE_PARAMETERS);
template SELVAGE_HANDLER void numeralArithmetic<Event::Mul>(SELVAGE_PARAMETERS);
template SELVAGE_HANDLER void numeralArithmetic<Event::Mod>(SELVAGE_PARAMETERS);
template SELVAGE_HANDLER void numeralArithmetic<Event::Pow>(SELVAGE_PARAMETERS);
template SELVAGE_HANDLER void numeralArithmetic<Event::Div>(SELVAGE_PARAMETERS);
template SELVAGE_HANDLER void numeralArithmetic<Event::IDiv>(SELVAGE_PARAMETERS);
template SELVAGE_HANDLER void numeralArithmetic<Event::Unm>(SELVAGE_PARAMETERS);

}  // namespace selvage
