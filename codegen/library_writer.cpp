// See library_writer.hpp.
#include "codegen/library_writer.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

namespace selvage::codegen {
namespace {

constexpr size_t numbersPerLine = 24;

const char* spelling(HoleKind kind) {
  switch (kind) {
    case HoleKind::Low8: return "Low8";
    case HoleKind::Low16: return "Low16";
    case HoleKind::Low32: return "Low32";
    case HoleKind::Signed32: return "Signed32";
    case HoleKind::Absolute64: return "Absolute64";
    case HoleKind::Relative32: return "Relative32";
  }
  return nullptr;
}

const char* spelling(HoleSymbol symbol) {
  switch (symbol) {
    case HoleSymbol::A: return "A";
    case HoleSymbol::B: return "B";
    case HoleSymbol::C: return "C";
    case HoleSymbol::E: return "E";
    case HoleSymbol::Wide: return "Wide";
    case HoleSymbol::Pc: return "Pc";
    case HoleSymbol::Constants: return "Constants";
    case HoleSymbol::User0: return "User0";
    case HoleSymbol::User1: return "User1";
    case HoleSymbol::User2: return "User2";
    case HoleSymbol::User3: return "User3";
    case HoleSymbol::Next: return "Next";
    case HoleSymbol::Jump: return "Jump";
    case HoleSymbol::Resume: return "Resume";
    case HoleSymbol::Self: return "Self";
    case HoleSymbol::Cold: return "Cold";
    case HoleSymbol::Pool: return "Pool";
    case HoleSymbol::External: return "External";
  }
  return nullptr;
}

class Writer {
 public:
  std::string text;

  void line(const std::string& content) { text += content + "\n"; }

  template <class Number>
  void list(const std::vector<Number>& values) {
    for (size_t i = 0; i < values.size(); i += numbersPerLine) {
      text += "   ";
      for (size_t k = i; k < std::min(values.size(), i + numbersPerLine); ++k) {
        text += ' ' + std::to_string(values[k]) + ',';
      }
      text += '\n';
    }
  }

  void numbers(const std::string& type, const std::string& name, const std::vector<size_t>& values) {
    line("constexpr " + type + " " + name + "[] = {");
    list(values);
    line("};\n");
  }

  void holes(const std::vector<Hole>& list) {
    for (const Hole& hole : list) {
      const std::string symbol = hole.isExternal() ? "externalSymbol(" + std::to_string(hole.externalIndex()) + ")"
                                                   : std::string("HoleSymbol::") + spelling(hole.symbol);
      line("    {" + std::to_string(hole.offset) + ", HoleKind::" + spelling(hole.kind) + ", " +
           std::to_string(hole.isCold) + ", " + symbol + ", " + std::to_string(hole.addend) + "},");
    }
  }
};

// In the order in which a library has them.
std::vector<Hole> holesOf(const ExtractedStencil& stencil) {
  std::vector<Hole> holes;
  const ExtractedPart* const parts[] = {&stencil.hot, &stencil.cold};
  const auto add = [&](const ExtractedPart* part, auto isWanted) {
    std::ranges::copy_if(part->holes, std::back_inserter(holes), isWanted, [](const Hole& hole) { return hole.kind; });
  };
  for (const ExtractedPart* part : parts) {
    for (const HoleKind wanted : {HoleKind::Signed32, HoleKind::Relative32})
      add(part, [&](HoleKind kind) { return kind == wanted; });
  }
  for (const ExtractedPart* part : parts) add(part, [](HoleKind kind) { return !isPlain(kind); });
  return holes;
}

// The HoleCounts of a part, as text.
std::string countsOf(const ExtractedPart& part) {
  const auto count = [&](HoleKind kind) {
    return std::to_string(std::ranges::count(part.holes, kind, [](const Hole& hole) { return hole.kind; }));
  };
  return "{" + count(HoleKind::Signed32) + ", " + count(HoleKind::Relative32) + "}, ";
}

uint32_t opcodeCountOf(const ExtractedLibrary& library) {
  return library.stencils.empty() ? 0 : library.stencils.back().source.opcode + 1;
}

// What StencilLibrary::find() looks in.
struct VariantIndex {
  std::vector<size_t> rows;
  std::vector<VariantEntry> index;
};

// Puts each opcode's row of variants, mostly gaps, where it fits among the others first; the fullest rows are put
// first, and those of one variant end up in gaps.
VariantIndex indexVariants(const ExtractedLibrary& library) {
  std::vector<std::vector<size_t>> stencilsOf(opcodeCountOf(library));
  for (size_t i = 0; i < library.stencils.size(); ++i) {
    const SourceRow& source = library.stencils[i].source;
    if (source.part == 0) stencilsOf[source.opcode].push_back(i);
  }
  std::vector<size_t> opcodes(stencilsOf.size());
  std::iota(opcodes.begin(), opcodes.end(), 0);
  std::ranges::sort(opcodes, std::less{},
                    [&](size_t opcode) { return std::pair{SIZE_MAX - stencilsOf[opcode].size(), opcode}; });

  VariantIndex result;
  result.rows.resize(opcodes.size());
  for (const size_t opcode : opcodes) {
    size_t row = 0;
    const auto place = [&](size_t i) { return row + library.stencils[i].source.variant; };
    const auto isTaken = [&](size_t i) {
      return place(i) < result.index.size() && result.index[place(i)].opcode != noOpcode;
    };
    while (std::ranges::any_of(stencilsOf[opcode], isTaken)) ++row;
    result.rows[opcode] = row;
    for (const size_t i : stencilsOf[opcode]) {
      if (place(i) >= result.index.size()) result.index.resize(place(i) + 1, {noOpcode, noStencil});
      result.index[place(i)] = {static_cast<uint16_t>(opcode), static_cast<uint16_t>(i)};
    }
  }
  return result;
}

}  // namespace

std::string librarySource(const ExtractedLibrary& library, const std::string& headerName,
                          const std::string& libraryName) {
  Writer out;
  out.line("// Generated by codegen/stencil_compiler. Do not edit.");
  out.line("#include \"" + headerName + "\"\n");
  out.line("namespace selvage {\nnamespace {\n");

  // Declared with the linker's name, so that no header's declaration of the same function can disagree.
  for (size_t i = 0; i < library.externals.size(); ++i) {
    out.line("extern \"C\" void external" + std::to_string(i) + "() __asm__(\"" + library.externals[i] + "\");");
  }
  out.line("\nconstexpr ExternalSymbol externals[] = {");
  for (size_t i = 0; i < library.externals.size(); ++i) {
    out.line("    {\"" + library.externals[i] + "\", external" + std::to_string(i) + "},");
  }
  out.line("    {nullptr, nullptr},\n};\n");

  out.line("alignas(" + std::to_string(library.poolAlignment) + ") constexpr uint8_t pool[] = {");
  out.list(library.pool);
  out.line("    0,\n};\n");

  out.line("// Each stencil's hot part and then its cold part.");
  out.line("constexpr uint8_t code[] = {");
  for (const ExtractedStencil& stencil : library.stencils) {
    out.line("    // " + stencil.source.name);
    out.list(stencil.hot.bytes);
    out.list(stencil.cold.bytes);
  }
  out.list(std::vector<uint8_t>(copyStep));
  out.line("};\n");

  out.line("constexpr Hole holes[] = {");
  for (const ExtractedStencil& stencil : library.stencils) {
    out.line("    // " + stencil.source.name);
    out.holes(holesOf(stencil));
  }
  out.line("    {},\n};\n");

  // Variants of one opcode share their name.
  std::map<std::string, size_t> names;
  size_t nameOffset = 0;
  out.line("constexpr char names[] =");
  for (const ExtractedStencil& stencil : library.stencils) {
    if (!names.emplace(stencil.source.name, nameOffset).second) continue;
    out.line("    \"" + stencil.source.name + "\\0\"");
    nameOffset += stencil.source.name.size() + 1;
  }
  out.line("    \"\";\n");

  out.line("constexpr Stencil stencils[] = {");
  size_t codeOffset = 0, holeOffset = 0;
  std::vector<size_t> firstOfOpcode(opcodeCountOf(library) + 1, library.stencils.size());
  for (size_t i = 0; i < library.stencils.size(); ++i) {
    const ExtractedStencil& stencil = library.stencils[i];
    size_t& first = firstOfOpcode[stencil.source.opcode];
    first = std::min(first, i);
    auto number = [](size_t value) { return std::to_string(value) + ", "; };
    const std::vector<Hole> holes = holesOf(stencil);
    const auto others =
        static_cast<size_t>(std::ranges::count_if(holes, [](const Hole& hole) { return !isPlain(hole.kind); }));
    out.line("    {" + number(codeOffset) + number(holeOffset) + number(names[stencil.source.name]) +
             number(stencil.hot.bytes.size()) + number(stencil.cold.bytes.size()) + number(stencil.source.opcode) +
             number(stencil.source.variant) + countsOf(stencil.hot) + countsOf(stencil.cold) + number(others) +
             number(stencil.source.part) + (stencil.fallsThrough ? "true" : "false") + "},");
    codeOffset += stencil.hot.bytes.size() + stencil.cold.bytes.size();
    holeOffset += holes.size();
  }
  out.line("};\n");

  std::vector<size_t> usual(opcodeCountOf(library) * usualVariants, noStencil);
  for (size_t i = 0; i < library.stencils.size(); ++i) {
    const SourceRow& row = library.stencils[i].source;
    if (row.part == 0 && row.variant < usualVariants) usual[row.opcode * usualVariants + row.variant] = i;
  }
  const VariantIndex variants = indexVariants(library);
  out.numbers("uint32_t", "firstOfOpcode", firstOfOpcode);
  out.numbers("uint16_t", "usualStencils", usual);
  out.numbers("uint16_t", "stencilRows", variants.rows);
  out.line("constexpr VariantEntry stencilIndex[] = {");
  for (const VariantEntry& entry : variants.index)
    out.line("    {" + std::to_string(entry.opcode) + ", " + std::to_string(entry.stencil) + "},");
  out.line("};\n");
  out.line("}  // namespace\n");

  out.line("constinit const StencilLibrary " + libraryName + " = {");
  out.line("    stencils, firstOfOpcode, usualStencils, stencilRows, stencilIndex, {externals, " +
           std::to_string(library.externals.size()) + "}, {pool, " + std::to_string(library.pool.size()) + "}, " +
           std::to_string(library.poolAlignment) + ", code, holes, names,\n};");
  out.line("\n}  // namespace selvage");
  return out.text;
}

std::string libraryHeader(const ExtractedLibrary& library, const std::string& libraryName) {
  Writer out;
  out.line("// Generated by codegen/stencil_compiler. Do not edit.");
  out.line("#pragma once\n\n#include \"jit/stencil.hpp\"\n\nnamespace selvage {\n");
  out.line("extern const StencilLibrary " + libraryName + ";");
  out.line("constexpr uint32_t " + libraryName + "OpcodeCount = " + std::to_string(opcodeCountOf(library)) + ";");
  out.line("\n}  // namespace selvage");
  return out.text;
}

}  // namespace selvage::codegen
