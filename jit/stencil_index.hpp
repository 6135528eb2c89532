// Finds the stencil of an opcode's variant.
#pragma once

#include <array>
#include <bit>
#include <vector>

#include "jit/stencil.hpp"

namespace selvage {

// The stencils of one library by opcode and variant: a hash table, since few of the possible variants exist.
class StencilIndex {
 public:
  explicit StencilIndex(const StencilLibrary& library) : resumes(library.opcodeCount()) {
    entries.resize(std::bit_ceil(library.stencils.size() * 2));
    for (const Stencil& stencil : library.stencils) {
      if (stencil.part == 1) {
        resumes[stencil.opcode] = &stencil;
        continue;
      }
      size_t i = hashOf(stencil.opcode, stencil.variant);
      while (entries[i & (entries.size() - 1)] != nullptr) ++i;
      entries[i & (entries.size() - 1)] = &stencil;
    }
  }

  // The stencil of the instruction itself, or null.
  const Stencil* find(uint32_t opcode, uint32_t variant) const {
    for (size_t i = hashOf(opcode, variant);; ++i) {
      const Stencil* stencil = entries[i & (entries.size() - 1)];
      if (stencil == nullptr || (stencil->opcode == opcode && stencil->variant == variant)) return stencil;
    }
  }
  // What its calls return to, or null.
  const Stencil* resumeOf(uint32_t opcode) const { return resumes[opcode]; }

 private:
  std::vector<const Stencil*> entries;
  std::vector<const Stencil*> resumes;

  static size_t hashOf(uint32_t opcode, uint32_t variant) {
    const uint32_t mixed = (opcode + (variant << 8)) * 0x9E3779B1U;
    return mixed >> 12;
  }
};

}  // namespace selvage
