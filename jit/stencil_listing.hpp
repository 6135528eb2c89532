// Stencils and stitched code as text for people: sizes, bytes, holes, and assembly where a disassembler is built in.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "jit/stencil.hpp"

namespace selvage {

// Whether listings contain assembly or bytes only: the build found the disassembler Zydis, and it is installed here.
bool listingHasAssembly();

// One stencil: a heading line, then its hot and cold code with each hole shown by name.
std::string listStencil(const StencilLibrary& library, const Stencil& stencil);

// Machine code that runs at `address`: one line for each instruction (or for sixteen bytes without a disassembler),
// with addresses relative to `address`.
std::string listCode(std::span<const uint8_t> bytes, const void* address);

}  // namespace selvage
