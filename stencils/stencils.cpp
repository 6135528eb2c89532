// Every opcode's semantics, compiled for the stencil tier. This file is no part of the program: the build compiles it to
// assembly, from which codegen/ makes the stencil library. The table at the end tells it what is what.
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

template <class Op>
constexpr bool hasFloats = false;
template <class Op>
  requires requires { typename Op::Apply; }
constexpr bool hasFloats<Op> = hasFloatStencils(Op::event);

// One variant of an opcode, as its number says (stencil_variant.hpp).
template <class Op, uint32_t variant>
struct FloatVariant {
  static constexpr uint32_t index = variant - 3;
  static constexpr auto constant = static_cast<ConstantType>(index % 3);
  static constexpr auto right = static_cast<Place>(index / 3 % placeCount);
  static constexpr auto left = static_cast<Place>(index / 3 / placeCount % placeCount);
  static constexpr auto result = placeOfRegister(index / 3 / placeCount / placeCount);
  static constexpr bool exists = hasConstantOperand(Op::info) == (constant != ConstantType::Any) &&
                                 (Op::info.b != OperandKind::Constant || left == Place::Slot) &&
                                 (Op::info.c != OperandKind::Constant || right == Place::Slot);
};

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
  template <class Op, uint32_t... variants>
  static constexpr uint32_t countFloats(std::integer_sequence<uint32_t, variants...>) {
    return (uint32_t{FloatVariant<Op, variants + 3>::exists} + ...);
  }
  using FloatVariants = std::make_integer_sequence<uint32_t, variantCount - 3>;

  template <class Op>
  static constexpr uint32_t countOf() {
    uint32_t count = 1 + (hasConstantOperand(Op::info) ? 2 : 0) + (hasResume<Op> ? 1 : 0);
    if constexpr (hasFloats<Op>) count += countFloats<Op>(FloatVariants{});
    return count;
  }
  static constexpr uint32_t count = (countOf<Ops>() + ...);

  struct Table {
    StencilSource sources[count];
  };

  template <class Op, class Tier>
  static constexpr StencilSource body(uint32_t opcode, uint32_t variant) {
    return {&Op::template run<Tier>, Op::info.name, opcode, variant, 0};
  }

  template <class Op, uint32_t variant>
  static constexpr void addFloat(Table& table, uint32_t& at, uint32_t opcode) {
    using Variant = FloatVariant<Op, variant>;
    if constexpr (Variant::exists) {
      using Tier = FloatStencilTier<Op, Variant::result, Variant::left, Variant::right, Variant::constant>;
      table.sources[at++] = body<Op, Tier>(opcode, variant);
    }
  }

  template <class Op, uint32_t... variants>
  static constexpr void addFloats(Table& table, uint32_t& at, uint32_t opcode,
                                  std::integer_sequence<uint32_t, variants...>) {
    (addFloat<Op, variants + 3>(table, at, opcode), ...);
  }

  template <class Op>
  static constexpr void add(Table& table, uint32_t& at, uint32_t& opcode) {
    table.sources[at++] = body<Op, StencilTier<Op>>(opcode, generalVariant(ConstantType::Any));
    if constexpr (hasConstantOperand(Op::info)) {
      table.sources[at++] =
          body<Op, StencilTier<Op, ConstantType::Integer>>(opcode, generalVariant(ConstantType::Integer));
      table.sources[at++] = body<Op, StencilTier<Op, ConstantType::Float>>(opcode, generalVariant(ConstantType::Float));
    }
    if constexpr (hasFloats<Op>) addFloats<Op>(table, at, opcode, FloatVariants{});
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
