// Every opcode's semantics, compiled for the stencil tier. This file is no part of the program: the build compiles it to
// assembly, from which codegen/ makes the stencil library. The table at the end tells it what is what.
#include "stencils/opcode_list.hpp"
#include "stencils/stencil_source.hpp"
#include "stencils/stencil_tier.hpp"
#include "stencils/stencil_variant.hpp"

namespace selvage {

namespace {

template <class List>
struct Sources;

template <class... Ops>
struct Sources<opcodes::OpcodeList<Ops...>> {
  template <class Op>
  static constexpr uint32_t countOf() {
    return 1 + (hasConstantOperand(Op::info) ? 2 : 0) + (hasResume<Op> ? 1 : 0);
  }
  static constexpr uint32_t count = (countOf<Ops>() + ...);

  struct Table {
    StencilSource sources[count];
  };

  template <class Op, ConstantType constantType = ConstantType::Any>
  static constexpr StencilSource body(uint32_t opcode) {
    return {&Op::template run<StencilTier<Op, constantType>>, Op::info.name, opcode,
            static_cast<uint32_t>(constantType), 0};
  }

  template <class Op>
  static constexpr void add(Table& table, uint32_t& at, uint32_t& opcode) {
    table.sources[at++] = body<Op>(opcode);
    if constexpr (hasConstantOperand(Op::info)) {
      table.sources[at++] = body<Op, ConstantType::Integer>(opcode);
      table.sources[at++] = body<Op, ConstantType::Float>(opcode);
    }
    if constexpr (hasResume<Op>)
      table.sources[at++] = {&Op::template resume<StencilTier<Op>>, Op::info.name, opcode, 0, 1};
    ++opcode;
  }

  static constexpr Table make() {
    Table table{};
    uint32_t at = 0;
    uint32_t opcode = 0;
    (add<Ops>(table, at, opcode), ...);
    return table;
  }
};

}  // namespace

extern "C" {
extern const Sources<opcodes::Opcodes>::Table selvageStencilSources;
[[gnu::used, gnu::section("selvage_stencils")]] constinit const Sources<opcodes::Opcodes>::Table selvageStencilSources =
    Sources<opcodes::Opcodes>::make();
}

}  // namespace selvage
