// What a tier is, and the part of it that both tiers share.
//
// An opcode's semantics are a C++ function template over a tier. The tier decodes operands and says how to go on; the
// semantics use nothing else and cannot tell which tier they are in. In the interpreter (interpreter_tier.hpp) an
// operand comes out of the instruction word and `next` is a table dispatch; in a stencil (stencil_tier.hpp) an operand
// is the address of an external symbol, a hole that the stitcher fills, and `next` is a tail call to another such
// symbol.
//
// What the semantics use of a tier T, O being an operand position and m the Machine:
//   tag<O> integer<O> number<O> bits<O> object<O, T> value<O>      what a slot or constant operand holds
//   setInteger<O> setNumber<O> setTag<O> set<O>                    write a slot operand
//   slot<O>(m, n)                  the slot n slots above operand O
//   byteOffset<O> immediate<O>     the operand as a distance in bytes, as a number
//   count<O>                       an unsigned number that is only added or compared with what is no constant: clang
//                                  takes a hole for an address, which is never 0
//   setCallHeader                  the header of the frame of a call in slot A
//   cacheShape<O> ...              the fields of an inline cache or template operand
//   isOwnField                     whether the cache's facts are the stencil's own constants; it leaves when they fail
//   hasRareForms                   whether forms of an operation that are rare and long belong here; where not, they
//                                  are left for selvage_rareForm
//   areTags                        whether two tags are two given ones
//   isStopDue                      whether a safepoint has something to do; only for opcodes that say `hasSafepoint`,
//                                  which are the only ones that the verifier lets jump back
//   isTurnDue                      whether a jump back has something else to do first: a safepoint, a promotion
//   next, jump                     where to go on
//   resumeAddress, pcIndex         what a call made by this opcode leaves in the frame header
//   place<O>                       where the operand is (stencil_variant.hpp)
//   accepts<O>                     whether a value of this type may be the result O; if not, `leave` leads to a stencil
//                                  that takes all
//   materialize                    makes m.pc valid: before every departure to a slow path
//   markCold                       says that this is rare, and that code shared with nothing else belongs out of line
//   passNext                       leaves in x2 the handler that goes on with the next instruction, for routines that
//                                  preserve f0 to f3, x0 and x1 (fast_path.hpp)
//   depart, miss                   leave for such a routine; `miss` where the fast path has failed, which is first of
//                                  all for the general stencil if there is one
#pragma once

#include <cstddef>
#include <cstdint>

#include "stencils/registers.hpp"
#include "stencils/stencil_variant.hpp"
#include "vm/frame.hpp"
#include "vm/machine.hpp"
#include "vm/opcode_info.hpp"
#include "vm/vm.hpp"

namespace selvage {

enum class Operand { A, B, C, Extension };

constexpr OperandKind kindOf(const OpcodeInfo& info, Operand operand) {
  switch (operand) {
    case Operand::A: return info.a;
    case Operand::B: return info.b;
    case Operand::C: return info.c;
    case Operand::Extension: return info.extension;
  }
  return OperandKind::None;
}

constexpr bool isAmongConstants(OperandKind kind) {
  return kind == OperandKind::Constant || kind == OperandKind::ConstantWide || kind == OperandKind::Cache ||
         kind == OperandKind::Template;
}

// Whether an opcode has a `resume` body, to which the calls that it makes return.
template <class Op>
constexpr bool hasResume = requires { Op::hasResumeBody; };

// Whether an opcode looks at VM::safepoint before its jump. Every cycle of a function's code goes through such a jump,
// which is what bounds rest on (vm/bounds.hpp): the verifier refuses a jump back by any other opcode.
template <class Op>
constexpr bool hasSafepoint = requires { Op::hasSafepoint; };

// Which use an operand's address is for. A stencil has a separate symbol for each: clang would compute an address that
// several accesses share once, into a register, instead of folding it into each access as a displacement.
enum class Aspect : uint8_t { Tag, Integer, Float, Bits, OutBits, OutTag, OutFloat, OutFloatTag, Other, Count };

template <class Tier, class Op>
struct TierOperations {
  template <Operand O>
  static constexpr Place place = Place::Slot;
  template <Operand O>
  static bool accepts(Tag) {
    return true;
  }
  static constexpr bool isOwnField = false;
  static constexpr bool hasRareForms = true;
  // Two well-predicted branches, which clang would otherwise make one of, with more instructions.
  static bool areTags(Tag first, Tag second, Tag firstWanted, Tag secondWanted) {
    if (first != firstWanted) return false;
    asm volatile("");
    return second == secondWanted;
  }
  static bool isStopDue(const Machine& m) {
    static_assert(hasSafepoint<Op>, "the opcode's definition does not say that it has a safepoint");
    return m.vm->safepoint.load(std::memory_order_relaxed) != 0;
  }
  static bool isTurnDue(const Machine& m) { return isStopDue(m) || Tier::countDown(m); }
  template <Operand O, Aspect A, class T>
  static T& at(const Machine& m, uint64_t extra = 0) {
    uint64_t pointer = 0;
    if constexpr (isAmongConstants(kindOf(Op::info, O))) pointer = reinterpret_cast<uint64_t>(m.constants);
    else pointer = reinterpret_cast<uint64_t>(m.base);
    return *reinterpret_cast<T*>(pointer + Tier::template operandBytes<O, A>(m) + extra);
  }
  template <Operand O>
  static Tag tag(const Machine& m) {
    return at<O, Aspect::Tag, Tag>(m, offsetof(Value, tag));
  }
  template <Operand O>
  static int64_t integer(const Machine& m) {
    return at<O, Aspect::Integer, int64_t>(m);
  }
  template <Operand O>
  static double number(const Machine& m) {
    return at<O, Aspect::Float, double>(m);
  }
  template <Operand O>
  static uint64_t bits(const Machine& m) {
    return at<O, Aspect::Bits, uint64_t>(m);
  }
  template <Operand O, class T>
  static T* object(const Machine& m) {
    return reinterpret_cast<T*>(bits<O>(m));
  }
  template <Operand O>
  static Value value(const Machine& m) {
    return {bits<O>(m), tag<O>(m)};
  }
  template <Operand O>
  static void setTag(Machine& m, Tag newTag) {
    at<O, Aspect::OutTag, Tag>(m, offsetof(Value, tag)) = newTag;
  }
  template <Operand O>
  static void set(Machine& m, uint64_t payload, Tag newTag) {
    at<O, Aspect::OutBits, uint64_t>(m) = payload;
    setTag<O>(m, newTag);
  }
  template <Operand O>
  static void set(Machine& m, Value v) {
    set<O>(m, v.bits, v.tag);
  }
  template <Operand O>
  static void setInteger(Machine& m, int64_t i) {
    set<O>(m, static_cast<uint64_t>(i), Tag::Integer);
  }
  template <Operand O>
  static void setNumber(Machine& m, double d) {
    at<O, Aspect::OutFloat, double>(m) = d;
    at<O, Aspect::OutFloatTag, Tag>(m, offsetof(Value, tag)) = Tag::Float;
  }
  // Leaves for a routine that wants passNext.
  static Handler* depart(Machine& m, Handler* routine) {
    Tier::materialize(m);
    Tier::passNext(m);
    return routine;
  }
  // Likewise after a fast path that has failed.
  static Handler* miss(Machine& m, Handler* routine) { return Tier::depart(m, routine); }

  template <Operand O>
  static uint64_t byteOffset(const Machine& m) {
    return Tier::template operandBytes<O, Aspect::Other>(m);
  }
  template <Operand O>
  static Value* slot(const Machine& m, int64_t slots = 0) {
    return reinterpret_cast<Value*>(reinterpret_cast<uint64_t>(m.base) + byteOffset<O>(m) +
                                    static_cast<uint64_t>(slots * static_cast<int64_t>(sizeof(Value))));
  }
  // Upvalue number O of the function being executed.
  template <Operand O>
  static Upvalue* upvalue(const Machine& m) {
    const uint64_t bytes = Tier::template operandBytes<O, Aspect::Other>(m);  // of an index, in pointers
    return *reinterpret_cast<Upvalue**>(m.base[-2].bits + bytes + offsetof(LuaFunction, upvalues));
  }
  template <Operand O>
  static Shape* cacheShape(const Machine& m) {
    return at<O, Aspect::Tag, Shape*>(m, offsetof(InlineCache, shape));
  }
  template <Operand O>
  static int64_t cachePayloadOffset(const Machine& m) {
    return at<O, Aspect::Integer, int32_t>(m, offsetof(InlineCache, payloadOffset));
  }
  template <Operand O>
  static int64_t cacheTagOffset(const Machine& m) {
    return at<O, Aspect::Float, int32_t>(m, offsetof(InlineCache, tagOffset));
  }
  template <Operand O>
  static Table* cacheHolder(const Machine& m) {
    return at<O, Aspect::Bits, Table*>(m, offsetof(InlineCache, holder));
  }
  template <Operand O>
  static Shape* cacheNewShape(const Machine& m) {
    return at<O, Aspect::OutBits, Shape*>(m, offsetof(InlineCache, newShape));
  }
  template <Operand O>
  static TableTemplate* tableTemplate(const Machine& m) {
    return &at<O, Aspect::Other, TableTemplate>(m);
  }
};

}  // namespace selvage
