// The mathematical functions (manual 6.7), with the deprecated ones that Lua 5.4 builds commonly keep.
#include <cmath>
#include <cstdint>
#include <ctime>
#include <limits>
#include <new>

#include "stdlib/libraries.hpp"
#include "stdlib/math_random.hpp"
#include "stencils/intrinsics.hpp"
#include "vm/float_operations.hpp"
#include "vm/number.hpp"
#include "vm/operations.hpp"

namespace selvage {

namespace {

constexpr double pi = 3.141592653589793238462643383279502884;

// The integer with this value if it fits, the float otherwise.
Value integerIfPossible(double d) {
  int64_t integer;
  return exactInteger(d, integer) ? Value::integer(integer) : Value::number(d);
}

// A function of one float argument.
template <double (*function)(double)>
int mathFunction(NativeCall& call) {
  double x;
  if (!call.checkNumber(0, x)) return nativeFailed;
  return call.returns(Value::number(function(x)));
}

double degrees(double x) { return x * (180.0 / pi); }
double radians(double x) { return x * (pi / 180.0); }

// ---- rounding ----

template <double (*function)(double)>
int mathRound(NativeCall& call) {
  if (call.has(0) && call.argument(0).isInteger()) return call.returns(call.argument(0));
  double x;
  if (!call.checkNumber(0, x)) return nativeFailed;
  return call.returns(integerIfPossible(function(x)));
}

int mathAbs(NativeCall& call) {
  if (call.has(0) && call.argument(0).isInteger()) {
    const int64_t i = call.argument(0).integer();
    return call.returns(Value::integer(i < 0 ? wrapSub(0, i) : i));
  }
  double x;
  if (!call.checkNumber(0, x)) return nativeFailed;
  return call.returns(Value::number(std::fabs(x)));
}

int mathFmod(NativeCall& call) {
  const Value left = call.argumentOrNil(0);
  const Value right = call.argumentOrNil(1);
  if (left.isInteger() && right.isInteger()) {
    const int64_t divisor = right.integer();
    if (divisor == 0) return call.failArgument(1, "zero");
    return call.returns(Value::integer(divisor == -1 ? 0 : left.integer() % divisor));
  }
  double x;
  double y;
  if (!call.checkNumber(0, x) || !call.checkNumber(1, y)) return nativeFailed;
  return call.returns(Value::number(floatRemainder(x, y)));
}

int mathModf(NativeCall& call) {
  if (call.has(0) && call.argument(0).isInteger()) return call.returns(call.argument(0), Value::number(0));
  double x;
  if (!call.checkNumber(0, x)) return nativeFailed;
  const double whole = std::trunc(x);
  const double fraction = x == whole ? 0.0 : x - whole;  // also for infinities
  return call.returns(integerIfPossible(whole), Value::number(fraction));
}

int mathToInteger(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  const auto integer = toInteger(call.argument(0));
  return call.returns(integer ? Value::integer(*integer) : Value::nil());
}

int mathType(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  const Value value = call.argument(0);
  if (!value.isNumber()) return call.returns(Value::nil());
  return call.returnsString(value.isInteger() ? "integer" : "float");
}

// ---- comparison ----

int mathUlt(NativeCall& call) {
  int64_t a;
  int64_t b;
  if (!call.checkInteger(0, a) || !call.checkInteger(1, b)) return nativeFailed;
  return call.returns(Value::boolean(static_cast<uint64_t>(a) < static_cast<uint64_t>(b)));
}

// The extreme of all arguments by `<`, which any values with an order have.
template <bool isMaximum>
int mathExtreme(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  uint32_t extreme = 0;
  for (uint32_t i = 1; i < call.count; ++i) {
    bool isBetter;
    const Value candidate = call.argument(i);
    const Value best = call.argument(extreme);
    if (best.isNumber() && candidate.isNumber()) {
      if (isMaximum ? numberLessThan(best, candidate) : numberLessThan(candidate, best)) extreme = i;
      continue;
    }
    if (!(isMaximum ? call.lessThan(best, candidate, isBetter) : call.lessThan(candidate, best, isBetter))) {
      return nativeFailed;
    }
    if (isBetter) extreme = i;
  }
  return call.returns(call.argument(extreme));
}

// ---- powers and logarithms, trigonometry with two arguments ----

int mathLog(NativeCall& call) {
  double x;
  if (!call.checkNumber(0, x)) return nativeFailed;
  if (call.isNoneOrNil(1)) return call.returns(Value::number(std::log(x)));
  double base;
  if (!call.checkNumber(1, base)) return nativeFailed;
  if (base == 2) return call.returns(Value::number(std::log2(x)));
  if (base == 10) return call.returns(Value::number(std::log10(x)));
  return call.returns(Value::number(std::log(x) / std::log(base)));
}

int mathAtan(NativeCall& call) {
  double y;
  double x;
  if (!call.checkNumber(0, y) || !call.optionalNumber(1, 1, x)) return nativeFailed;
  return call.returns(Value::number(std::atan2(y, x)));
}

int mathPow(NativeCall& call) {
  double x;
  double y;
  if (!call.checkNumber(0, x) || !call.checkNumber(1, y)) return nativeFailed;
  return call.returns(Value::number(std::pow(x, y)));
}

int mathFrexp(NativeCall& call) {
  double x;
  if (!call.checkNumber(0, x)) return nativeFailed;
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);
  return call.returns(Value::number(mantissa), Value::integer(exponent));
}

int mathLdexp(NativeCall& call) {
  double x;
  int64_t exponent;
  if (!call.checkNumber(0, x) || !call.checkInteger(1, exponent)) return nativeFailed;
  return call.returns(Value::number(std::ldexp(x, static_cast<int>(exponent))));
}

// ---- random numbers; upvalue: a userdata with the RandomGenerator ----

RandomGenerator& generatorOf(NativeCall& call) {
  return *static_cast<RandomGenerator*>(call.upvalue(0).userdata()->memory());
}

int mathRandom(NativeCall& call) {
  RandomGenerator& generator = generatorOf(call);
  const uint64_t random = generator.next();
  int64_t low = 1;
  int64_t high;
  switch (call.count) {
    case 0: return call.returns(Value::number(RandomGenerator::toFloat(random)));
    case 1:
      if (!call.checkInteger(0, high)) return nativeFailed;
      if (high == 0) return call.returns(Value::integer(static_cast<int64_t>(random)));
      break;
    case 2:
      if (!call.checkInteger(0, low) || !call.checkInteger(1, high)) return nativeFailed;
      break;
    default: return call.fail("wrong number of arguments");
  }
  if (low > high) return call.failArgument(0, "interval is empty");
  const uint64_t offset = generator.project(random, static_cast<uint64_t>(high) - static_cast<uint64_t>(low));
  return call.returns(Value::integer(wrapAdd(static_cast<int64_t>(offset), low)));
}

void seedRandomly(VM& vm, RandomGenerator& generator, uint64_t& first, uint64_t& second) {
  first = static_cast<uint64_t>(std::time(nullptr));
  second = reinterpret_cast<uintptr_t>(&vm);
  generator.seed(first, second);
}

int mathRandomSeed(NativeCall& call) {
  RandomGenerator& generator = generatorOf(call);
  uint64_t first;
  uint64_t second;
  if (!call.has(0)) {
    seedRandomly(call.vm, generator, first, second);
  } else {
    int64_t a;
    int64_t b;
    if (!call.checkInteger(0, a) || !call.optionalInteger(1, 0, b)) return nativeFailed;
    first = static_cast<uint64_t>(a);
    second = static_cast<uint64_t>(b);
    generator.seed(first, second);
  }
  return call.returns(Value::integer(static_cast<int64_t>(first)), Value::integer(static_cast<int64_t>(second)));
}

constexpr NativeCode mathFunctions[] = {
    makeNative("abs", mathAbs, &selvage_mathAbs),
    makeNative("acos", mathFunction<std::acos>),
    makeNative("asin", mathFunction<std::asin>),
    makeNative("atan", mathAtan),
    makeNative("ceil", mathRound<std::ceil>, &selvage_mathCeil),
    makeNative("cos", mathFunction<std::cos>),
    makeNative("deg", mathFunction<degrees>),
    makeNative("exp", mathFunction<std::exp>),
    makeNative("tointeger", mathToInteger, &selvage_mathToInteger),
    makeNative("floor", mathRound<std::floor>, &selvage_mathFloor),
    makeNative("fmod", mathFmod),
    makeNative("ult", mathUlt),
    makeNative("log", mathLog),
    makeNative("max", mathExtreme<true>, &selvage_mathMax),
    makeNative("min", mathExtreme<false>, &selvage_mathMin),
    makeNative("modf", mathModf),
    makeNative("rad", mathFunction<radians>),
    makeNative("sin", mathFunction<std::sin>),
    makeNative("sqrt", mathFunction<std::sqrt>, &selvage_mathSqrt),
    makeNative("tan", mathFunction<std::tan>),
    makeNative("type", mathType),
    // Deprecated.
    makeNative("atan2", mathAtan),
    makeNative("cosh", mathFunction<std::cosh>),
    makeNative("sinh", mathFunction<std::sinh>),
    makeNative("tanh", mathFunction<std::tanh>),
    makeNative("pow", mathPow),
    makeNative("frexp", mathFrexp),
    makeNative("ldexp", mathLdexp),
    makeNative("log10", mathFunction<std::log10>),
};
constexpr NativeCode randomCode = makeNative("random", mathRandom);
constexpr NativeCode randomSeedCode = makeNative("randomseed", mathRandomSeed);

}  // namespace

Table* openMathLibrary(VM& vm) {
  Table* library = newLibrary(vm, mathFunctions);
  setField(vm, library, "pi", Value::number(pi));
  setField(vm, library, "huge", Value::number(std::numeric_limits<double>::infinity()));
  setField(vm, library, "maxinteger", Value::integer(std::numeric_limits<int64_t>::max()));
  setField(vm, library, "mininteger", Value::integer(std::numeric_limits<int64_t>::min()));

  Userdata* userdata = newUserdata(vm, sizeof(RandomGenerator), 0);
  auto* generator = new (userdata->memory()) RandomGenerator;
  uint64_t first;
  uint64_t second;
  seedRandomly(vm, *generator, first, second);
  registerWithUpvalue(vm, library, randomCode, Value::userdata(userdata));
  registerWithUpvalue(vm, library, randomSeedCode, Value::userdata(userdata));
  return library;
}

}  // namespace selvage
