// The machine registers: the one signature that every interpreter handler, stencil and slow path has.
//
// clang's preserve_none convention keeps the first four in r12 to r15, which ordinary C functions preserve, then x0
// to x3 in rdi, rsi, rdx, rcx and f0 to f3 in xmm0 to xmm3. All end in a guaranteed tail call, so a handler can
// jump to any other of either tier and the C stack stays where it is. `[[clang::musttail]]` wants identical
// prototypes on both sides, which is why the parameter list is a macro: no template can spell one.
#pragma once

#include <cstdint>

#include "vm/instruction.hpp"
#include "vm/value.hpp"

#define SELVAGE_HANDLER __attribute__((preserve_none, nouwtable))

#define SELVAGE_PARAMETERS                                                                                   \
  [[maybe_unused]] ::selvage::VM *vm, [[maybe_unused]] ::selvage::Value *base,                               \
      [[maybe_unused]] const ::selvage::Instruction *pc, [[maybe_unused]] const ::selvage::Value *constants, \
      [[maybe_unused]] uint64_t x0, [[maybe_unused]] uint64_t x1, [[maybe_unused]] uint64_t x2,              \
      [[maybe_unused]] uint64_t x3, [[maybe_unused]] double f0, [[maybe_unused]] double f1,                  \
      [[maybe_unused]] double f2, [[maybe_unused]] double f3

#define SELVAGE_ARGUMENTS vm, base, pc, constants, x0, x1, x2, x3, f0, f1, f2, f3

namespace selvage {

struct VM;

using Handler __attribute__((preserve_none)) = void(SELVAGE_PARAMETERS);

// The registers as one object, for helpers that read or change several; it dissolves into registers.
//   pc         the instruction being executed; in stitched code only valid after Tier::materialize
//   constants  of the running Lua function (see Proto); anything while a native function runs
//   x0         at a function's entry: the number of arguments (slots base[0]..); at a return address: the number of
//              results (slots base[-2].. of the frame that is returning)
struct Machine {
  VM* vm;
  Value* base;
  const Instruction* pc;
  const Value* constants;
  uint64_t x0, x1, x2, x3;
  double f0, f1, f2, f3;
};

}  // namespace selvage

// Leaves a handler for `target` (a Handler* expression, which may change `machine`) with the registers of `machine`.
#define SELVAGE_GO(machine, target)                                                                                \
  do {                                                                                                             \
    ::selvage::Handler* const selvageTarget = (target);                                                            \
    [[clang::musttail]] return selvageTarget((machine).vm, (machine).base, (machine).pc, (machine).constants,      \
                                             (machine).x0, (machine).x1, (machine).x2, (machine).x3, (machine).f0, \
                                             (machine).f1, (machine).f2, (machine).f3);                            \
  } while (false)
