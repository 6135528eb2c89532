// Every opcode's semantics, compiled for the stencil tier. This file is no part of the program: the build compiles it
// to assembly, from which codegen/ makes the stencil library. The table at the end tells it what is what.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "stencils/opcode_list.hpp"
#include "stencils/stencil_source.hpp"
#include "stencils/stencil_tier.hpp"
#include "stencils/stencil_variant.hpp"

namespace selvage {

namespace {

// The carried variants that an opcode has: an opcode says for which places it has a stencil. A constant operand has no
// place but a type.
template <class Op>
constexpr bool isCarriedVariant(StencilVariant v) {
  if (v.constant == ConstantType::Counted)
    return requires { Op::countsTurns; } && v.number() == generalVariant(ConstantType::Counted);
  if constexpr (requires { Op::hasCarried(v); }) {
    if (!v.isCarried() || !Op::hasCarried(v)) return false;
    if (v.constant == ConstantType::OwnField && Op::info.c != OperandKind::Cache) return false;
    if (!hasConstantOperand(Op::info)) return v.constant == ConstantType::Any || v.constant == ConstantType::OwnField;
    return (Op::info.a != OperandKind::Constant || v.a == Place::Slot) &&
           (Op::info.b != OperandKind::Constant || v.b == Place::Slot) &&
           (Op::info.c != OperandKind::Constant || v.c == Place::Slot);
  }
  return false;
}
template <class Op>
constexpr uint32_t carriedCount = [] {
  uint32_t count = 0;
  for (uint32_t number = 0; number < variantCount; ++number) count += isCarriedVariant<Op>(StencilVariant::of(number));
  return count;
}();
template <class Op>
constexpr auto carriedVariants = [] {
  std::array<StencilVariant, carriedCount<Op>> variants{};
  uint32_t count = 0;
  for (uint32_t number = 0; number < variantCount; ++number) {
    if (isCarriedVariant<Op>(StencilVariant::of(number))) variants[count++] = StencilVariant::of(number);
  }
  return variants;
}();

// "Call.resume": what listings call the part at the return address.
template <class Op>
struct ResumeName {
  static constexpr std::string_view opcode = Op::info.name;
  static constexpr std::string_view suffix = ".resume";
  static constexpr auto text = [] {
    std::array<char, opcode.size() + suffix.size() + 1> result{};
    std::copy(opcode.begin(), opcode.end(), result.begin());
    std::copy(suffix.begin(), suffix.end(), result.begin() + opcode.size());
    return result;
  }();
};

template <class List>
struct Sources;

template <class... Ops>
struct Sources<opcodes::OpcodeList<Ops...>> {
  template <class Op>
  static constexpr uint32_t countOf() {
    return 1 + (hasConstantOperand(Op::info) ? 2 : 0) + (hasResume<Op> ? 1 : 0) + carriedCount<Op>;
  }
  static constexpr uint32_t count = (countOf<Ops>() + ...);

  struct Table {
    StencilSource sources[count];
  };

  template <class Op, class Tier>
  static constexpr StencilSource body(uint32_t opcode, uint32_t variant) {
    return {&Op::template run<Tier>, Op::info.name, opcode, variant, 0};
  }

  template <class Op, size_t... indices>
  static constexpr void addCarried(Table& table, uint32_t& at, uint32_t opcode, std::index_sequence<indices...>) {
    ((table.sources[at++] =
          body<Op, CarriedTier<Op, carriedVariants<Op>[indices]>>(opcode, carriedVariants<Op>[indices].number())),
     ...);
  }

  template <class Op>
  static constexpr void add(Table& table, uint32_t& at, uint32_t& opcode) {
    table.sources[at++] = body<Op, StencilTier<Op>>(opcode, generalVariant(ConstantType::Any));
    if constexpr (hasConstantOperand(Op::info)) {
      table.sources[at++] =
          body<Op, StencilTier<Op, ConstantType::Integer>>(opcode, generalVariant(ConstantType::Integer));
      table.sources[at++] = body<Op, StencilTier<Op, ConstantType::Float>>(opcode, generalVariant(ConstantType::Float));
    }
    addCarried<Op>(table, at, opcode, std::make_index_sequence<carriedCount<Op>>{});
    if constexpr (hasResume<Op>)
      table.sources[at++] = {&Op::template resume<StencilTier<Op>>, ResumeName<Op>::text.data(), opcode, 0, 1};
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
