// The shape of typical stencils: what a change of compiler or of source must not ruin unnoticed. The limits are what
// the stencils measure today with a little room; a stencil that outgrows its limit wants to be looked at
// (build/selvage --list-stencils NAME), not the limit raised.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#include "jit/stencil_listing.hpp"
#include "opcodes.hpp"
#include "stencil_library.hpp"
#include "stencils/stencil_variant.hpp"

using namespace selvage;

namespace {

struct Expected {
  Opcode opcode;
  StencilVariant variant;
  uint32_t part;
  uint32_t hotBytes;  // at most
  uint32_t operands;  // holes of the hot code that are operands
};

constexpr StencilVariant general;
constexpr StencilVariant integerConstant{.constant = ConstantType::Integer};
constexpr StencilVariant knownField{.constant = ConstantType::OwnField};

constexpr Expected expectations[] = {
    {Opcode::Move, general, 0, 28, 4},
    {Opcode::LoadConstant, general, 0, 28, 4},
    {Opcode::LoadInteger, general, 0, 28, 3},
    {Opcode::LoadTrue, general, 0, 12, 1},
    {Opcode::Not, general, 0, 24, 2},
    {Opcode::Jump, general, 0, 8, 0},
    {Opcode::JumpIfFalse, general, 0, 16, 1},
    {Opcode::GetUpvalue, general, 0, 40, 3},
    {Opcode::AddConstantToUpvalue, integerConstant, 0, 48, 2},
    {Opcode::GetField, general, 0, 104, 8},
    {Opcode::GetField, knownField, 0, 84, 4},
    {Opcode::SetField, knownField, 0, 88, 4},
    {Opcode::AddConstant, integerConstant, 0, 64, 5},
    {Opcode::GetIndex, general, 0, 104, 6},
    {Opcode::JumpIfLess, general, 0, 56, 4},
    {Opcode::Call, general, 0, 100, 7},
    {Opcode::Call, general, 1, 36, 2},
    {Opcode::Return1, general, 0, 36, 2},
    {Opcode::Enter, general, 0, 48, 2},
    // Operands in registers: no load of them, no test of their tag.
    {Opcode::Add, {.a = Place::F0, .b = Place::F1, .c = Place::F2}, 0, 32, 2},
    {Opcode::Mul, {.a = Place::I0, .b = Place::I0, .c = Place::I1}, 0, 28, 2},
    {Opcode::GetIndex, {.a = Place::F1, .c = Place::I0}, 0, 84, 4},
    {Opcode::SetIndex, {.b = Place::I1, .c = Place::F3}, 0, 176, 2},
    {Opcode::JumpIfLess, {.a = Place::I0, .b = Place::I1}, 0, 12, 0},
    {Opcode::ForLoop, {.a = Place::I0, .b = Place::I0}, 0, 80, 5},
    {Opcode::Move, {.b = Place::F2}, 0, 24, 2},
};

bool isOperand(HoleSymbol symbol) {
  return symbol <= HoleSymbol::E || symbol == HoleSymbol::User1 || symbol == HoleSymbol::User2;
}

}  // namespace

TEST_CASE("every stencil is found by its opcode and variant, and no other", "[stencils]") {
  size_t found = 0;
  for (uint32_t opcode = 0; opcode < opcodeCount; ++opcode) {
    for (uint32_t variant = 0; variant <= variantCount; ++variant) {
      const Stencil* const stencil = stencilLibrary.find(opcode, variant);
      if (stencil == nullptr) continue;
      ++found;
      if (stencil->opcode != opcode || stencil->variant != variant || stencil->part != 0)
        FAIL(stencilLibrary.nameOf(*stencil) << " found as variant " << variant << " of opcode " << opcode);
    }
  }
  CHECK(found == static_cast<size_t>(std::ranges::count(stencilLibrary.stencils, 0, &Stencil::part)));
  CHECK(stencilLibrary.find(0, UINT16_MAX) == nullptr);
  CHECK(stencilLibrary.find(opcodeCount - 1, UINT16_MAX) == nullptr);
}

TEST_CASE("every opcode has a stencil", "[stencils]") {
  REQUIRE(stencilLibrary.opcodeCount() == opcodeCount);
  for (uint32_t opcode = 0; opcode < opcodeCount; ++opcode) {
    INFO(opcodeInfo[opcode].name);
    CHECK(stencilLibrary.find(opcode) != nullptr);
    if (hasConstantOperand(opcodeInfo[opcode])) {
      CHECK(stencilLibrary.find(opcode, generalVariant(ConstantType::Integer)) != nullptr);
      CHECK(stencilLibrary.find(opcode, generalVariant(ConstantType::Float)) != nullptr);
    }
  }
}

TEST_CASE("typical stencils keep their shape", "[stencils]") {
  for (const Expected& expected : expectations) {
    const Stencil* stencil = stencilLibrary.find(static_cast<uint32_t>(expected.opcode), expected.variant.number());
    REQUIRE(stencil != nullptr);
    if (expected.part == 1) stencil = stencilLibrary.partAfter(*stencil);
    REQUIRE(stencil != nullptr);
    INFO(stencilLibrary.nameOf(*stencil) << " part " << expected.part << ": " << stencil->hotSize << " hot bytes");
    CHECK(stencil->hotSize <= expected.hotBytes);
    uint32_t operands = 0;
    for (const Hole& hole : stencilLibrary.holesOf(*stencil)) {
      if (hole.isCold != 0 || !isOperand(hole.symbol)) continue;
      ++operands;
      // A displacement or an immediate of an instruction, never an address in memory.
      CHECK((hole.kind == HoleKind::Signed32 || hole.kind == HoleKind::Low32));
    }
    CHECK(operands >= expected.operands);
  }
}

TEST_CASE("no stencil spills in its hot code", "[stencils]") {
  if (!listingHasAssembly()) return;
  for (const Stencil& stencil : stencilLibrary.stencils) {
    const std::string listing = listCode(stencilLibrary.hotOf(stencil), stencilLibrary.hotOf(stencil).data());
    INFO(stencilLibrary.nameOf(stencil) << "\n" << listing);
    CHECK(listing.find("push ") == std::string::npos);
    CHECK(listing.find("pop ") == std::string::npos);
    CHECK(listing.find("call ") == std::string::npos);
    CHECK(listing.find("rsp") == std::string::npos);
  }
}
