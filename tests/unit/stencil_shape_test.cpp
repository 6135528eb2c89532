// The shape of typical stencils: what a change of compiler or of source must not ruin unnoticed. The limits are what the
// stencils measure today with a little room; a stencil that outgrows its limit wants to be looked at
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
  ConstantType constant;
  uint32_t part;
  uint32_t hotBytes;  // at most
  uint32_t operands;  // holes of the hot code that are operands
};

constexpr Expected expectations[] = {
    {Opcode::Move, ConstantType::Any, 0, 32, 4},        {Opcode::LoadConstant, ConstantType::Any, 0, 32, 4},
    {Opcode::LoadInteger, ConstantType::Any, 0, 32, 3}, {Opcode::LoadTrue, ConstantType::Any, 0, 16, 1},
    {Opcode::Not, ConstantType::Any, 0, 48, 2},         {Opcode::Jump, ConstantType::Any, 0, 8, 0},
    {Opcode::JumpIfFalse, ConstantType::Any, 0, 24, 1}, {Opcode::GetUpvalue, ConstantType::Any, 0, 64, 3},
    {Opcode::GetField, ConstantType::Any, 0, 112, 8},   {Opcode::AddConstant, ConstantType::Integer, 0, 160, 4},
    {Opcode::JumpIfLess, ConstantType::Any, 0, 256, 4}, {Opcode::Call, ConstantType::Any, 0, 128, 8},
    {Opcode::Call, ConstantType::Any, 1, 64, 2},        {Opcode::Return1, ConstantType::Any, 0, 40, 2},
    {Opcode::Enter, ConstantType::Any, 0, 64, 2},
};

bool isOperand(HoleSymbol symbol) { return symbol <= HoleSymbol::E; }

}  // namespace

TEST_CASE("every opcode has a stencil", "[stencils]") {
  REQUIRE(stencilLibrary.opcodeCount() == opcodeCount);
  for (uint32_t opcode = 0; opcode < opcodeCount; ++opcode) {
    INFO(opcodeInfo[opcode].name);
    CHECK(stencilLibrary.find(opcode) != nullptr);
    if (hasConstantOperand(opcodeInfo[opcode])) {
      CHECK(stencilLibrary.find(opcode, static_cast<uint32_t>(ConstantType::Integer)) != nullptr);
      CHECK(stencilLibrary.find(opcode, static_cast<uint32_t>(ConstantType::Float)) != nullptr);
    }
  }
}

TEST_CASE("typical stencils keep their shape", "[stencils]") {
  for (const Expected& expected : expectations) {
    const Stencil* stencil = stencilLibrary.find(static_cast<uint32_t>(expected.opcode),
                                                 static_cast<uint32_t>(expected.constant), expected.part);
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
