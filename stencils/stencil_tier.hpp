// Stencils as a tier: operands, jumps and return addresses are holes, external symbols whose relocations the
// build-time compiler turns into patch records (see codegen/).
//
// Only stencils.cpp includes this file: nothing defines these symbols.
#pragma once

#include <bit>
#include <utility>

#include "stencils/slow_paths.hpp"
#include "stencils/stencil_variant.hpp"
#include "stencils/tier.hpp"

namespace selvage {

// What follows the operand's letter is ignored by the stencil compiler (see Aspect for why there are several).
#define SELVAGE_DECLARE_HOLES(letter)                                                                          \
  extern "C" char hole_##letter##_0[], hole_##letter##_1[], hole_##letter##_2[], hole_##letter##_3[],          \
      hole_##letter##_4[], hole_##letter##_5[], hole_##letter##_6[], hole_##letter##_7[], hole_##letter##_8[]; \
  template <int aspect>                                                                                        \
  uint64_t letter##Hole() {                                                                                    \
    char* symbol = aspect == 0   ? hole_##letter##_0                                                           \
                   : aspect == 1 ? hole_##letter##_1                                                           \
                   : aspect == 2 ? hole_##letter##_2                                                           \
                   : aspect == 3 ? hole_##letter##_3                                                           \
                   : aspect == 4 ? hole_##letter##_4                                                           \
                   : aspect == 5 ? hole_##letter##_5                                                           \
                   : aspect == 6 ? hole_##letter##_6                                                           \
                   : aspect == 7 ? hole_##letter##_7                                                           \
                                 : hole_##letter##_8;                                                          \
    return reinterpret_cast<uint64_t>(symbol);                                                                 \
  }
SELVAGE_DECLARE_HOLES(a)
SELVAGE_DECLARE_HOLES(b)
SELVAGE_DECLARE_HOLES(c)
SELVAGE_DECLARE_HOLES(e)
#undef SELVAGE_DECLARE_HOLES

// A field's offsets in stencils that know it (ConstantType::OwnField).
extern "C" char hole_user1_0[], hole_user2_0[];

extern "C" {
extern Handler hole_next;
extern Handler hole_jump;
}

// `constantType` is what is known of the opcode's constant operand, if it has one.
template <class Op, ConstantType constantType = ConstantType::Any>
struct StencilTier : TierOperations<StencilTier<Op, constantType>, Op> {
  using Base = TierOperations<StencilTier<Op, constantType>, Op>;
  static constexpr bool hasRareForms = false;

  template <Operand O, Aspect A>
  static uint64_t operandBytes(const Machine&) {
    if constexpr (O == Operand::A) return aHole<static_cast<int>(A)>();
    else if constexpr (O == Operand::B) return bHole<static_cast<int>(A)>();
    else if constexpr (O == Operand::C) return cHole<static_cast<int>(A)>();
    else return eHole<static_cast<int>(A)>();
  }
  template <Operand O>
  static Tag tag(const Machine& m) {
    constexpr bool isConstant = kindOf(Op::info, O) == OperandKind::Constant;
    if constexpr (isConstant && constantType == ConstantType::Integer) return Tag::Integer;
    else if constexpr (isConstant && constantType == ConstantType::Float) return Tag::Float;
    else return Base::template tag<O>(m);
  }
  template <Operand O>
  static Value value(const Machine& m) {
    return {Base::template bits<O>(m), tag<O>(m)};
  }
  template <Operand O>
  static int64_t immediate(const Machine& m) {
    return static_cast<int32_t>(operandBytes<O, Aspect::Other>(m));
  }
  template <Operand O>
  static uint64_t count(const Machine& m) {
    return operandBytes<O, Aspect::Other>(m);
  }
  // In assembly, since clang would load each hole into a register first. The base of the frame that Op makes is slot A
  // and `Op::calleeSlots` more.
  static void setCallHeader(const Machine& m) {
    const uint64_t header = (Op::calleeSlots - frameHeaderSlots) * sizeof(Value);
    using enum Aspect;
    uint32_t& callerPc = Base::template at<Operand::A, Other, uint32_t>(m, header + offsetof(Value, extra));
    asm("movl $hole_e_0, %0" : "=m"(callerPc));
    Base::template at<Operand::A, OutBits, Handler*>(m, header + sizeof(Value)) = resumeAddress(m);
    Base::template at<Operand::A, OutTag, selvage::Tag>(m, header + sizeof(Value) + offsetof(Value, tag)) =
        selvage::Tag::Frame;
    uint32_t& distance =
        Base::template at<Operand::A, OutFloat, uint32_t>(m, header + sizeof(Value) + offsetof(Value, extra));
    asm("movl $hole_a_8+%c1, %0" : "=m"(distance) : "i"(Op::calleeSlots * sizeof(Value)));
  }
  static Handler* next(Machine& m) {
    forgetScratch(m);
    return &hole_next;
  }
  static Handler* jump(Machine& m) {
    forgetScratch(m);
    return &hole_jump;
  }
  // A function's code lies in one block with its constants.
  static void materialize(Machine& m) { asm("leaq hole_pc(%1), %0" : "=r"(m.pc) : "r"(m.constants)); }
  // Moves what follows out of the hot code.
  static void markCold() { asm volatile("# selvage_cold"); }
  static void passNext(Machine& m) { asm("leaq hole_next(%%rip), %0" : "=r"(m.x2)); }
  static Handler* resumeAddress(const Machine&) {
    Handler* address;
    asm("leaq hole_resume(%%rip), %0" : "=r"(address));
    return address;
  }
  static uint32_t pcIndex(const Machine&) { return static_cast<uint32_t>(eHole<0>()); }
  static void restoreAfterCall(Machine& m) {
    asm("subq $hole_a_8+%c1, %0" : "+r"(m.base) : "i"(Op::calleeSlots * sizeof(Value)) : "cc");
    asm("movabs $hole_constants, %0" : "=r"(m.constants));
  }
  static bool countDown(const Machine&) { return false; }
  static void enterFunction(Machine& m) { asm("movabs $hole_constants, %0" : "=r"(m.constants)); }
};

// Stencils with operands and results in registers; see stencil_variant.hpp. They leave for the general copy of their
// instruction.
template <class Op, StencilVariant variant>
struct CarriedTier : StencilTier<Op, variant.constant> {
  using Base = StencilTier<Op, variant.constant>;

  template <Operand O>
  static constexpr Place place = O == Operand::A   ? variant.a
                                 : O == Operand::B ? variant.b
                                 : O == Operand::C ? variant.c
                                                   : Place::Slot;

  template <Place p>
  static double& floatRegister(Machine& m) {
    static_assert(isFloatPlace(p));
    if constexpr (p == Place::F0) return m.f0;
    else if constexpr (p == Place::F1) return m.f1;
    else if constexpr (p == Place::F2) return m.f2;
    else return m.f3;
  }
  template <Place p>
  static uint64_t& integerRegister(Machine& m) {
    static_assert(isIntegerPlace(p));
    if constexpr (p == Place::I0) return m.x0;
    else return m.x1;
  }
  template <Operand O>
  static Tag tag(const Machine& m) {
    if constexpr (isFloatPlace(place<O>)) return Tag::Float;
    else if constexpr (isIntegerPlace(place<O>)) return Tag::Integer;
    else return Base::template tag<O>(m);
  }
  template <Operand O>
  static double number(const Machine& m) {
    if constexpr (isFloatPlace(place<O>)) return floatRegister<place<O>>(const_cast<Machine&>(m));
    else return Base::template number<O>(m);
  }
  template <Operand O>
  static int64_t integer(const Machine& m) {
    if constexpr (isIntegerPlace(place<O>))
      return static_cast<int64_t>(integerRegister<place<O>>(const_cast<Machine&>(m)));
    else return Base::template integer<O>(m);
  }
  template <Operand O>
  static uint64_t bits(const Machine& m) {
    if constexpr (isFloatPlace(place<O>)) return std::bit_cast<uint64_t>(number<O>(m));
    else if constexpr (isIntegerPlace(place<O>)) return static_cast<uint64_t>(integer<O>(m));
    else return Base::template bits<O>(m);
  }
  template <Operand O>
  static Value value(const Machine& m) {
    return {bits<O>(m), tag<O>(m)};
  }
  template <Operand O>
  static bool accepts(Tag tag) {
    if constexpr (isFloatPlace(place<O>)) return tag == Tag::Float;
    else if constexpr (isIntegerPlace(place<O>)) return tag == Tag::Integer;
    else return true;
  }
  template <Operand O>
  static void setNumber(Machine& m, double d) {
    Base::template setNumber<O>(m, d);
    if constexpr (isFloatPlace(place<O>)) floatRegister<place<O>>(m) = d;
  }
  template <Operand O>
  static void setInteger(Machine& m, int64_t i) {
    Base::template setInteger<O>(m, i);
    if constexpr (isIntegerPlace(place<O>)) integerRegister<place<O>>(m) = static_cast<uint64_t>(i);
  }
  // The value must be one that the place accepts.
  template <Operand O>
  static void set(Machine& m, Value v) {
    if constexpr (isFloatPlace(place<O>)) setNumber<O>(m, std::bit_cast<double>(v.bits));
    else if constexpr (isIntegerPlace(place<O>)) setInteger<O>(m, static_cast<int64_t>(v.bits));
    else Base::template set<O>(m, v);
  }
  static Handler* leave(Machine& m) {
    forgetScratch(m);
    m.x3 = Base::pcIndex(m);
    return &selvage_leaveCarried;
  }
  static Handler* miss(Machine& m, Handler* routine) {
    if constexpr (place<Operand::A> != Place::Slot || isOwnField) return leave(m);
    else return Base::depart(m, routine);
  }
  static bool countDown(const Machine& m) {
    if constexpr (variant.constant != ConstantType::Counted) return false;
    auto* header = const_cast<ConstantsHeader*>(reinterpret_cast<const ConstantsHeader*>(m.constants) - 1);
    return --header->generalTurns < 0;
  }

  static constexpr bool isOwnField = variant.constant == ConstantType::OwnField;
  template <Operand O>
  static Shape* cacheShape(const Machine& m) {
    if constexpr (!isOwnField) return Base::template cacheShape<O>(m);
    Shape* shape;
    asm("movabs $hole_user0, %0" : "=r"(shape));
    return shape;
  }
  template <Operand O>
  static int64_t cachePayloadOffset(const Machine& m) {
    if constexpr (!isOwnField) return Base::template cachePayloadOffset<O>(m);
    return reinterpret_cast<int64_t>(hole_user1_0);
  }
  template <Operand O>
  static int64_t cacheTagOffset(const Machine& m) {
    if constexpr (!isOwnField) return Base::template cacheTagOffset<O>(m);
    return reinterpret_cast<int64_t>(hole_user2_0);
  }
  template <Operand O>
  static Table* cacheHolder(const Machine& m) {
    if constexpr (!isOwnField) return Base::template cacheHolder<O>(m);
    return nullptr;
  }
  template <Operand O>
  static Shape* cacheNewShape(const Machine& m) {
    if constexpr (!isOwnField) return Base::template cacheNewShape<O>(m);
    return nullptr;
  }
};

}  // namespace selvage
