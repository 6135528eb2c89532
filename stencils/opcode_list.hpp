// The list of all opcodes. Their numbers, names, operand formats, both tiers' code, the disassembler and the verifier
// are derived from it and from the definitions that it names.
#pragma once

#include "stencils/arithmetic.hpp"
#include "stencils/calls.hpp"
#include "stencils/comparison.hpp"
#include "stencils/field_access.hpp"
#include "stencils/loops.hpp"
#include "stencils/moves.hpp"
#include "stencils/table_access.hpp"

namespace selvage::opcodes {

template <class... Ops>
struct OpcodeList {
  static constexpr uint32_t size = sizeof...(Ops);
  template <class... Others>
  OpcodeList<Ops..., Others...> operator+(OpcodeList<Others...>) const;
};

constexpr OperandKind slot = OperandKind::SlotRead;

// The three operand forms of a binary operator.
template <FixedName slots, FixedName constant, FixedName constantFirst, Event event>
using BinaryForms = OpcodeList<Arithmetic<slots, event, slot, slot>, Arithmetic<constant, event, slot, Constant>,
                               Arithmetic<constantFirst, event, Constant, slot>>;

using MoveOpcodes = OpcodeList<Move, LoadInteger, LoadConstant, LoadNil, LoadBoolean<Tag::False>,
                               LoadBoolean<Tag::True>, GetUpvalue, SetUpvalue>;
using FieldOpcodes = OpcodeList<GetGlobal, SetGlobal, GetField, SetField<"SetField", slot>,
                                SetField<"SetFieldConstant", Constant>, Self>;
using TableOpcodes =
    OpcodeList<GetIndex, GetIndexInteger, SetIndex<"SetIndex", slot>, SetIndex<"SetIndexConstant", Constant>,
               SetIndexInteger, NewTable, SetList<"SetList">, SetList<"SetListVariable">>;
using UpdateOpcodes = OpcodeList<
    UpdateUpvalue<"AddToUpvalue", Event::Add, slot>, UpdateUpvalue<"AddConstantToUpvalue", Event::Add, Constant>,
    UpdateUpvalue<"SubFromUpvalue", Event::Sub, slot>, UpdateUpvalue<"SubConstantFromUpvalue", Event::Sub, Constant>>;
using UnaryOpcodes = OpcodeList<Unary<"Unm", Event::Unm>, Unary<"BNot", Event::BNot>, Not, Length, Concat>;
using JumpOpcodes = OpcodeList<
    Jump, LoopJump, JumpIf<true>, JumpIf<false>, CopyJumpIf<true>, CopyJumpIf<false>,
    JumpIfEqual<"JumpIfEqual", true, slot>, JumpIfEqual<"JumpIfNotEqual", false, slot>,
    JumpIfEqual<"JumpIfEqualConstant", true, Constant>, JumpIfEqual<"JumpIfNotEqualConstant", false, Constant>,
    JumpIfLess<"JumpIfLess", Event::Lt, true, slot, slot>, JumpIfLess<"JumpIfNotLess", Event::Lt, false, slot, slot>,
    JumpIfLess<"JumpIfLessConstant", Event::Lt, true, slot, Constant>,
    JumpIfLess<"JumpIfNotLessConstant", Event::Lt, false, slot, Constant>,
    JumpIfLess<"JumpIfConstantLess", Event::Lt, true, Constant, slot>,
    JumpIfLess<"JumpIfNotConstantLess", Event::Lt, false, Constant, slot>,
    JumpIfLess<"JumpIfLessEqual", Event::Le, true, slot, slot>,
    JumpIfLess<"JumpIfNotLessEqual", Event::Le, false, slot, slot>,
    JumpIfLess<"JumpIfLessEqualConstant", Event::Le, true, slot, Constant>,
    JumpIfLess<"JumpIfNotLessEqualConstant", Event::Le, false, slot, Constant>,
    JumpIfLess<"JumpIfConstantLessEqual", Event::Le, true, Constant, slot>,
    JumpIfLess<"JumpIfNotConstantLessEqual", Event::Le, false, Constant, slot>>;
using LoopOpcodes = OpcodeList<ForPrepare, ForLoop, GenericForPrepare, GenericForCall, GenericForLoop>;
using CallOpcodes =
    OpcodeList<Call<"Call", false, false>, Call<"CallVariable", true, false>, Call<"CallMultiple", false, true>,
               Call<"CallVariableMultiple", true, true>, TailCall<"TailCall", false>,
               TailCall<"TailCallVariable", true>, Return0<"Return0", false>, Return1<"Return1", false>,
               Return<"Return", false, false>, Return<"ReturnVariable", true, false>,
               Return0<"Return0FromVararg", true>, Return1<"Return1FromVararg", true>,
               Return<"ReturnFromVararg", false, true>, Return<"ReturnVariableFromVararg", true, true>, Enter,
               EnterVararg, Vararg, VarargMultiple, Closure, CloseUpvalues, Close, CloseReturn, ToBeClosed>;

using Opcodes = decltype(MoveOpcodes{} + FieldOpcodes{} + TableOpcodes{} +
                         BinaryForms<"Add", "AddConstant", "ConstantAdd", Event::Add>{} +
                         BinaryForms<"Sub", "SubConstant", "ConstantSub", Event::Sub>{} +
                         BinaryForms<"Mul", "MulConstant", "ConstantMul", Event::Mul>{} +
                         BinaryForms<"Div", "DivConstant", "ConstantDiv", Event::Div>{} +
                         BinaryForms<"Mod", "ModConstant", "ConstantMod", Event::Mod>{} +
                         BinaryForms<"Pow", "PowConstant", "ConstantPow", Event::Pow>{} +
                         BinaryForms<"IDiv", "IDivConstant", "ConstantIDiv", Event::IDiv>{} +
                         BinaryForms<"BAnd", "BAndConstant", "ConstantBAnd", Event::BAnd>{} +
                         BinaryForms<"BOr", "BOrConstant", "ConstantBOr", Event::BOr>{} +
                         BinaryForms<"BXor", "BXorConstant", "ConstantBXor", Event::BXor>{} +
                         BinaryForms<"Shl", "ShlConstant", "ConstantShl", Event::Shl>{} +
                         BinaryForms<"Shr", "ShrConstant", "ConstantShr", Event::Shr>{} + UpdateOpcodes{} +
                         UnaryOpcodes{} + JumpOpcodes{} + LoopOpcodes{} + CallOpcodes{});

}  // namespace selvage::opcodes

namespace selvage {

// The metamethod that an opcode's slow path may call; Index for those that say nothing.
template <class Op>
constexpr Event eventOf() {
  if constexpr (requires { Op::event; }) return Op::event;
  return Event::Index;
}

template <class List>
struct OpcodeInfos;
template <class... Ops>
struct OpcodeInfos<opcodes::OpcodeList<Ops...>> {
  static constexpr OpcodeInfo all[] = {Ops::info...};
  static constexpr Event events[] = {eventOf<Ops>()...};
  static constexpr bool safepoints[] = {hasSafepoint<Ops>...};
};

inline constexpr auto& allOpcodes = OpcodeInfos<opcodes::Opcodes>::all;
inline constexpr auto& allEvents = OpcodeInfos<opcodes::Opcodes>::events;  // likewise by opcode number
inline constexpr auto& allSafepoints = OpcodeInfos<opcodes::Opcodes>::safepoints;
static_assert(opcodes::Opcodes::size <= maxOpcodes);

}  // namespace selvage
