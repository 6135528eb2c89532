// Stencils: pieces of machine code with holes, and the library of them that the build generates.
//
// The stencil compiler (codegen/) writes a library as plain constant data; the stitcher copies stencils side by side
// and fills their holes. A stencil has a hot part, which follows the previous stencil's directly and falls through
// to the next one's, and a cold part, which is laid out apart. Nothing here knows what the stencils mean.
#pragma once

#include <cstdint>
#include <span>

namespace selvage {

// How a hole's bytes are computed from the value V (symbol + addend) and the address P of the hole.
enum class HoleKind : uint8_t {
  Low8,  // the low 8 bits of V
  Low16,
  Low32,     // the low 32 bits of V; V fits in 32 bits as a signed or as an unsigned number
  Signed32,  // sign-extended by the processor: -2^31 <= V < 2^31
  Absolute64,
  Relative32,  // V - P in 32 signed bits
};

// What fills a hole. The first ones are numbers that the stitcher's user gives with each stencil; an operand's unit
// and meaning are the user's.
enum class HoleSymbol : uint8_t {
  A,
  B,
  C,
  E,          // operands (hole_a*, hole_b*, hole_c*, hole_e*)
  Wide,       // hole_w*
  Pc,         // hole_pc
  Constants,  // hole_constants
  User0,
  User1,
  User2,
  User3,
  Next,      // hole_next: the next instruction's first stencil
  Jump,      // hole_jump: the label given with the stencil
  Resume,    // hole_resume: the stencil emitted right after this one
  Self,      // hole_self: the start of this stencil's hot part
  Cold,      // the start of this stencil's cold part
  External,  // a function of the program: Hole::external
  Pool,      // the library's constant pool
};
constexpr uint32_t userSymbolCount = static_cast<uint32_t>(HoleSymbol::Next);
constexpr uint32_t localSymbolCount = static_cast<uint32_t>(HoleSymbol::External);

struct Hole {
  uint32_t offset;  // from the start of the part
  HoleKind kind;
  HoleSymbol symbol;
  uint16_t external;  // index into the library's externals; 0 for other symbols
  int32_t addend;     // for Relative32 it includes the distance from the hole to the instruction's end
};
static_assert(sizeof(Hole) == 12);

struct Stencil {
  const uint8_t* hot;
  const uint8_t* cold;
  uint32_t hotSize;
  uint32_t coldSize;
  const Hole* holes;  // those of the hot part, then those of the cold part
  uint16_t hotHoles;
  uint16_t coldHoles;
  uint32_t opcode;
  uint32_t variant;
  uint32_t part;  // 0: the instruction's body; 1: entered at the return address of its call
  const char* name;
  // Whether the hot part ends by running into what follows it.
  bool fallsThrough;

  std::span<const uint8_t> hotBytes() const { return {hot, hotSize}; }
  std::span<const uint8_t> coldBytes() const { return {cold, coldSize}; }
  std::span<const Hole> holesOfHot() const { return {holes, hotHoles}; }
  std::span<const Hole> holesOfCold() const { return {holes + hotHoles, coldHoles}; }
};

struct ExternalSymbol {
  const char* name;
  void (*address)();
};

struct StencilLibrary {
  std::span<const Stencil> stencils;        // by opcode, then variant, then part
  std::span<const uint32_t> firstOfOpcode;  // index into stencils; one more entry than there are opcodes
  std::span<const ExternalSymbol> externals;
  std::span<const uint8_t> pool;  // constants that code refers to relative to itself
  uint32_t poolAlignment;

  uint32_t opcodeCount() const { return static_cast<uint32_t>(firstOfOpcode.size()) - 1; }
  // All stencils of an opcode.
  std::span<const Stencil> of(uint32_t opcode) const {
    return stencils.subspan(firstOfOpcode[opcode], firstOfOpcode[opcode + 1] - firstOfOpcode[opcode]);
  }
  // Null when there is no such stencil.
  const Stencil* find(uint32_t opcode, uint32_t variant = 0, uint32_t part = 0) const {
    if (opcode >= opcodeCount()) return nullptr;
    for (const Stencil& stencil : of(opcode)) {
      if (stencil.variant == variant && stencil.part == part) return &stencil;
    }
    return nullptr;
  }
};

}  // namespace selvage
