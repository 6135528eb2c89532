// The table by which the stencils' translation unit tells codegen/ which of its functions is which stencil.
//
// It is never part of a running program: the stencil compiler reads it out of an object file, through its
// relocations, so its layout is part of the contract between the two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "vm/machine.hpp"

namespace selvage {

struct StencilSource {
  Handler* code;
  const char* name;  // for listings, e.g. "Add" or "Call.resume"
  uint32_t opcode;
  uint32_t variant;  // index among the type-specialised stencils of the opcode
  uint32_t part;     // 0: the instruction's body; 1: what is entered at the return address of its call
};
static_assert(sizeof(StencilSource) == 32 && offsetof(StencilSource, name) == 8 &&
              offsetof(StencilSource, opcode) == 16 && offsetof(StencilSource, variant) == 20 &&
              offsetof(StencilSource, part) == 24);

}  // namespace selvage
