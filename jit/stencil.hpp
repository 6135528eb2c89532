// Stencils: pieces of machine code with holes, and the library of them that the build generates.
//
// The stencil compiler (codegen/) writes a library as plain constant data; the stitcher copies stencils side by side
// and fills their holes. A stencil has a hot part, which follows the previous stencil's directly and falls through
// to the next one's, and a cold part, which is laid out apart. Nothing here knows what the stencils mean.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace selvage {

// How a hole's bytes are computed from the value V (symbol + addend) and the address P where the hole's part starts.
enum class HoleKind : uint8_t {
  Signed32,    // sign-extended by the processor: -2^31 <= V < 2^31
  Relative32,  // V - P in 32 signed bits
  Low8,        // the low 8 bits of V
  Low16,
  Low32,  // the low 32 bits of V; V fits in 32 bits as a signed or as an unsigned number
  Absolute64,
};
// Nearly all holes are of the first two kinds, which a stencil has in lists of their own.
constexpr bool isPlain(HoleKind kind) { return kind <= HoleKind::Relative32; }

// What fills a hole. The first ones are numbers that the stitcher's user gives with each stencil; an operand's unit
// and meaning are the user's.
enum class HoleSymbol : uint8_t {
  A,
  B,
  C,
  E,          // operands (hole_a*, hole_b*, hole_c*, hole_e*)
  Wide,       // hole_w*
  Pc,         // hole_pc, as an operand
  Constants,  // hole_constants
  User0,      // hole_user0, a 64-bit number
  User1,      // hole_user1*, as an operand
  User2,
  User3,     // 64 bits again
  Next,      // hole_next: the next instruction's first stencil
  Jump,      // hole_jump: the label given with the stencil
  Resume,    // hole_resume: the stencil emitted right after this one
  Self,      // hole_self: the start of this stencil's hot part
  Cold,      // the start of this stencil's cold part
  Pool,      // the library's constant pool
  External,  // a function of the program: this one and all higher numbers, see externalSymbol
};
constexpr uint32_t userSymbolCount = static_cast<uint32_t>(HoleSymbol::Next);
constexpr uint32_t symbolCount = 256;
constexpr uint32_t maxExternals = symbolCount - static_cast<uint32_t>(HoleSymbol::External);
constexpr HoleSymbol externalSymbol(uint32_t index) {
  return static_cast<HoleSymbol>(static_cast<uint32_t>(HoleSymbol::External) + index);
}

struct Hole {
  uint16_t offset;  // from the start of its part
  HoleKind kind : 4;
  uint8_t isCold : 1;  // in the cold part
  HoleSymbol symbol;
  int32_t addend;  // for Relative32 it includes the distance from the end of the hole's instruction to its part's start

  bool isExternal() const { return symbol >= HoleSymbol::External; }
  // Into the library's externals.
  uint32_t externalIndex() const { return static_cast<uint32_t>(symbol) - static_cast<uint32_t>(HoleSymbol::External); }
};
static_assert(sizeof(Hole) == 8);
constexpr uint32_t maxPartSize = UINT16_MAX;

// How many holes of the plain kinds a part has; the signed ones come first.
struct HoleCounts {
  uint8_t signedHoles;
  uint8_t relativeHoles;

  uint32_t sum() const { return uint32_t{signedHoles} + relativeHoles; }
};
constexpr uint32_t maxPartHoles = UINT8_MAX / 2;  // so that the others of both parts can be counted together

// Where a stencil's pieces are is said by offsets, so that a library is constant data without a single address to be
// relocated when the program starts.
struct Stencil {
  uint32_t code;  // where in StencilLibrary::code the hot part is; the cold part follows it
  uint32_t
      holes;  // index of the first in StencilLibrary::holes: of hot, then cold ones the plain kinds, then the others
  uint32_t name;     // where in StencilLibrary::names it is, up to a zero byte
  uint16_t hotSize;  // in bytes
  uint16_t coldSize;
  uint16_t opcode;
  uint16_t variant;
  HoleCounts hotHoles;
  HoleCounts coldHoles;
  uint8_t otherHoles;  // of both parts
  uint8_t part;        // 0: the instruction's body; 1: entered at the return address of its call
  bool fallsThrough;   // whether the hot part ends by running into what follows it
};

struct ExternalSymbol {
  const char* name;
  void (*address)();
};

constexpr uint16_t noStencil = UINT16_MAX;
constexpr uint32_t usualVariants = 3;  // how many variants of each opcode usualOf() finds

// Bytes behind StencilLibrary::code that may be read, so that code can be copied in steps of that many.
constexpr uint32_t copyStep = 32;

struct VariantEntry {
  uint16_t opcode;   // whose row has a stencil here, or noOpcode
  uint16_t stencil;  // its part 0
};
constexpr uint16_t noOpcode = UINT16_MAX;

struct StencilLibrary {
  std::span<const Stencil> stencils;        // by opcode, then variant, then part
  std::span<const uint32_t> firstOfOpcode;  // index into stencils; one more entry than there are opcodes
  std::span<const uint16_t> usual;          // opcode * usualVariants + variant: the part 0, or noStencil
  std::span<const uint16_t> rows;           // by opcode: where in `index` its row begins
  std::span<const VariantEntry> index;      // rows by variant, which lie in each other's gaps
  std::span<const ExternalSymbol> externals;
  std::span<const uint8_t> pool;  // constants that code refers to relative to itself
  uint32_t poolAlignment;
  const uint8_t* code;
  const Hole* holes;
  const char* names;

  uint32_t opcodeCount() const { return static_cast<uint32_t>(firstOfOpcode.size()) - 1; }
  // All stencils of an opcode.
  std::span<const Stencil> of(uint32_t opcode) const {
    return stencils.subspan(firstOfOpcode[opcode], firstOfOpcode[opcode + 1] - firstOfOpcode[opcode]);
  }
  // Part 0 of a stencil; null when there is none.
  const Stencil* find(uint32_t opcode, uint32_t variant = 0) const {
    if (opcode >= opcodeCount()) return nullptr;
    const uint32_t at = rows[opcode] + variant;
    return at < index.size() && index[at].opcode == opcode ? &stencils[index[at].stencil] : nullptr;
  }
  // Part 0 of a variant below usualVariants that the opcode is known to have.
  const Stencil& usualOf(uint32_t opcode, uint32_t variant) const {
    return stencils[usual[opcode * usualVariants + variant]];
  }
  // The part that goes with this one and follows it; null when it is the last.
  const Stencil* partAfter(const Stencil& stencil) const {
    const Stencil* const next = &stencil + 1;
    return next != stencils.data() + stencils.size() && next->part == stencil.part + 1 ? next : nullptr;
  }
  std::string_view nameOf(const Stencil& stencil) const { return names + stencil.name; }
  std::span<const uint8_t> hotOf(const Stencil& stencil) const { return {code + stencil.code, stencil.hotSize}; }
  std::span<const uint8_t> coldOf(const Stencil& stencil) const {
    return {code + stencil.code + stencil.hotSize, stencil.coldSize};
  }
  // Of both parts.
  std::span<const Hole> holesOf(const Stencil& stencil) const {
    return {holes + stencil.holes, size_t{stencil.hotHoles.sum()} + stencil.coldHoles.sum() + stencil.otherHoles};
  }
};

}  // namespace selvage
