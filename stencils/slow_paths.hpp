// Out-of-line routines that handlers and stencils leave to, and the addresses that frames return to.
//
// All have the handlers' signature. m.pc is valid on entry (Tier::materialize); each continues by itself: at the next
// instruction in whichever tier the function has, in a callee, or in the handling of an error.
#pragma once

#include "vm/machine.hpp"

namespace selvage {

extern "C" {
// Fields, indexing.
extern Handler selvage_getGlobal, selvage_setGlobal;
// These want Tier::passNext as well.
extern Handler selvage_getField, selvage_self, selvage_setField, selvage_getIndex, selvage_setIndex;
extern Handler selvage_closure, selvage_closeUpvalues, selvage_newTable;
extern Handler selvage_rareForm;  // does the whole of an instruction of which stencils have the frequent forms only
// Stitched code without registers (general_copies.cpp): of the instruction at pc, and of the one at word x3.
extern Handler selvage_generalCopy, selvage_leaveCarried;
extern Handler selvage_interpretNext;  // the next instruction, interpreted; pc is the present one's, one word long
// Everything else that an instruction may need: each finds what to do in the instruction at pc.
extern Handler selvage_arithmetic, selvage_unary, selvage_length, selvage_concat;
// selvage_arithmetic for the operators that may be a call of the C library: numbers, not both integers but for `^`.
extern Handler selvage_modulo, selvage_floorDivision, selvage_power;
extern Handler selvage_compareEqual, selvage_compareLess;
extern Handler selvage_setList;
extern Handler selvage_forPrepare, selvage_genericForPrepare, selvage_genericForCall;
extern Handler selvage_close, selvage_closeReturn, selvage_toBeClosed;
extern Handler selvage_vararg, selvage_varargMultiple;
extern Handler selvage_setUpvalueBarrier;
// Calls. selvage_callNonFunction: base is the callee's, slot base[-2] holds something that is no function.
extern Handler selvage_callNonFunction;
extern Handler selvage_pairsByMetamethod;  // `pairs` of something that may have __pairs
extern Handler selvage_tailCallOther;      // TailCall of something that is no Lua function, with x0 arguments
extern Handler selvage_tailCallSlow;
extern Handler selvage_fillResults;    // fewer results than wanted: nils the rest, goes on
extern Handler selvage_fillArguments;  // Enter: fewer arguments than parameters; does Enter's work again
extern Handler selvage_growStack;      // Enter: no room for the frame; does Enter again
extern Handler selvage_enterVararg;
// Interrupts and promotion.
extern Handler selvage_dueTurn;  // at a backward jump that is about to be taken: a safepoint, or else a hot loop
extern Handler selvage_hotFunction;
extern Handler selvage_raise;  // vm.error is set; vm.base, vm.top are the failing frame's
extern Handler selvage_next;   // the entry of the library function `next`, which generic loops know
}

}  // namespace selvage
