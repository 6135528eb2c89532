// Stencils as a tier: operands, jumps and return addresses are holes, external symbols whose relocations the
// build-time compiler turns into patch records (see codegen/).
//
// Only stencils.cpp includes this file: nothing defines these symbols.
#pragma once

#include <utility>

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

extern "C" {
extern Handler hole_next;
extern Handler hole_jump;
}

// `constantType` is what is known of the opcode's constant operand, if it has one.
template <class Op, ConstantType constantType = ConstantType::Any>
struct StencilTier : TierOperations<StencilTier<Op, constantType>, Op> {
  using Base = TierOperations<StencilTier<Op, constantType>, Op>;
  static constexpr bool isStencil = true;
  static constexpr bool expectsFloats = false;

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
  static Handler* next(Machine& m) {
    Base::forgetTransfers(m);
    return &hole_next;
  }
  static Handler* jump(Machine& m) {
    Base::forgetTransfers(m);
    return &hole_jump;
  }
  static void materialize(Machine& m) { asm("movabs $hole_pc, %0" : "=r"(m.pc)); }
  static void passNext(Machine& m) { asm("leaq hole_next(%%rip), %0" : "=r"(m.x2)); }
  static Handler* resumeAddress(const Machine&) {
    Handler* address;
    asm("leaq hole_resume(%%rip), %0" : "=r"(address));
    return address;
  }
  static uint32_t pcIndex(const Machine&) { return static_cast<uint32_t>(eHole<0>()); }
  static void restoreAfterCall(Machine& m) {
    m.base = reinterpret_cast<Value*>(reinterpret_cast<uint64_t>(m.base) - Op::template calleeOffset<StencilTier>(m));
    asm("movabs $hole_constants, %0" : "=r"(m.constants));
  }
  static bool countDown(const Machine&) { return false; }
  static void enterFunction(Machine& m) { asm("movabs $hole_constants, %0" : "=r"(m.constants)); }
};

// Stencils that expect floats, with operands and result in registers; see stencil_variant.hpp. The stitcher fills
// hole_jump with the general stencil of the instruction.
template <class Op, Place resultPlace, Place leftPlace, Place rightPlace, ConstantType constantType>
struct FloatStencilTier : StencilTier<Op, constantType> {
  using Base = StencilTier<Op, constantType>;
  static constexpr bool expectsFloats = true;

  template <Operand O>
  static constexpr Place place = O == Operand::A   ? resultPlace
                                 : O == Operand::B ? leftPlace
                                                   : rightPlace;

  template <Place p>
  static double& registerOf(Machine& m) {
    static_assert(p != Place::Slot);
    if constexpr (p == Place::F0) return m.f0;
    else if constexpr (p == Place::F1) return m.f1;
    else if constexpr (p == Place::F2) return m.f2;
    else return m.f3;
  }
  template <Operand O>
  static Tag tag(const Machine& m) {
    if constexpr (place<O> != Place::Slot) return Tag::Float;
    else return Base::template tag<O>(m);
  }
  template <Operand O>
  static double number(const Machine& m) {
    if constexpr (place<O> != Place::Slot) return registerOf<place<O>>(const_cast<Machine&>(m));
    else return Base::template number<O>(m);
  }
  template <Operand O>
  static void setNumber(Machine& m, double d) {
    Base::template setNumber<O>(m, d);
    registerOf<place<O>>(m) = d;
  }
};

}  // namespace selvage
