// See stencil_listing.hpp. Without SELVAGE_ZYDIS_NAME everything works but shows bytes instead of instructions.
#include "jit/stencil_listing.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "jit/stitcher.hpp"

#ifdef SELVAGE_ZYDIS_NAME
#include <Zydis/Zydis.h>
#include <dlfcn.h>
#endif

namespace selvage {
namespace {

constexpr size_t bytesPerLine = 16;

const char* kindName(HoleKind kind) {
  switch (kind) {
    case HoleKind::Low8: return "low 8 bits";
    case HoleKind::Low16: return "low 16 bits";
    case HoleKind::Low32: return "32 bits";
    case HoleKind::Signed32: return "32 bits, signed";
    case HoleKind::Absolute64: return "64 bits";
    case HoleKind::Relative32: return "relative";
  }
  return "?";
}

std::string hexBytes(std::span<const uint8_t> bytes) {
  std::string text;
  for (uint8_t byte : bytes) text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
  return text;
}

std::string withAddend(const char* name, int64_t addend) {
  return addend == 0 ? std::string("{") + name + "}" : fmt::format("{{{}{:+}}}", name, addend);
}

std::string bytesOnly(std::span<const uint8_t> bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += bytesPerLine) {
    text += fmt::format("  {:4x}  {}\n", i, hexBytes(bytes.subspan(i, std::min(bytesPerLine, bytes.size() - i))));
  }
  return text;
}

std::vector<Hole> holesOfPart(const StencilLibrary& library, const Stencil& stencil, bool isCold) {
  std::vector<Hole> holes;
  for (const Hole& hole : library.holesOf(stencil)) {
    if ((hole.isCold != 0) == isCold) holes.push_back(hole);
  }
  std::ranges::sort(holes, {}, [](const Hole& hole) { return hole.offset; });
  return holes;
}

std::string listHoles(const StencilLibrary& library, std::span<const Hole> holes) {
  std::string text;
  for (const Hole& hole : holes) {
    const int64_t addend = hole.kind == HoleKind::Relative32 ? hole.addend + hole.offset : hole.addend;
    text += fmt::format("        hole at {:x}: {}, {}\n", uint32_t{hole.offset},
                        withAddend(nameOf(library, hole), addend), kindName(hole.kind));
  }
  return text;
}

#ifdef SELVAGE_ZYDIS_NAME

size_t bytesOf(HoleKind kind) {
  switch (kind) {
    case HoleKind::Low8: return 1;
    case HoleKind::Low16: return 2;
    case HoleKind::Absolute64: return 8;
    case HoleKind::Low32:
    case HoleKind::Signed32:
    case HoleKind::Relative32: return 4;
  }
  return 0;
}

// The functions of the disassembler, which is loaded when first needed. Null ones if it is not installed.
struct Zydis {
  decltype(&ZydisDecoderInit) initializeDecoder = nullptr;
  decltype(&ZydisFormatterInit) initializeFormatter = nullptr;
  decltype(&ZydisDecoderDecodeFull) decode = nullptr;
  decltype(&ZydisFormatterFormatInstruction) format = nullptr;

  static const Zydis& loaded() {
    static const Zydis zydis;
    return zydis;
  }
  bool isLoaded() const {
    return initializeDecoder != nullptr && initializeFormatter != nullptr && decode != nullptr && format != nullptr;
  }

 private:
  Zydis() {
    void* library = dlopen(SELVAGE_ZYDIS_NAME, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return;
    const auto find = [&]<class Function>(Function& function, const char* name) {
      function = reinterpret_cast<Function>(dlsym(library, name));
    };
    find(initializeDecoder, "ZydisDecoderInit");
    find(initializeFormatter, "ZydisFormatterInit");
    find(decode, "ZydisDecoderDecodeFull");
    find(format, "ZydisFormatterFormatInstruction");
  }
};

class Disassembler {
 public:
  // Only if the library is loaded.
  Disassembler() {
    Zydis::loaded().initializeDecoder(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    Zydis::loaded().initializeFormatter(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  }

  // Length of the instruction and its text; 0 when the bytes are none.
  size_t decode(std::span<const uint8_t> bytes, uint64_t address, std::string& text) {
    ZydisDecodedInstruction instruction;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (ZYAN_FAILED(Zydis::loaded().decode(&decoder, bytes.data(), bytes.size(), &instruction, operands))) return 0;
    char buffer[256];
    if (ZYAN_FAILED(Zydis::loaded().format(&formatter, &instruction, operands, instruction.operand_count_visible,
                                           buffer, sizeof buffer, address, nullptr))) {
      return 0;
    }
    text = buffer;
    return instruction.length;
  }

 private:
  ZydisDecoder decoder;
  ZydisFormatter formatter;
};

// A number that stands in for a hole while an instruction is formatted, and is then replaced by the hole's name.
// Positive as 32 bits, and its digits occur nowhere else in an instruction's text.
constexpr uint32_t standIn(size_t index) { return 0x5AFE0000U + static_cast<uint32_t>(index); }

std::string listPart(const StencilLibrary& library, std::span<const uint8_t> bytes, std::span<const Hole> holes) {
  if (!listingHasAssembly()) return bytesOnly(bytes);
  Disassembler disassembler;
  std::string text, line;
  for (size_t start = 0; start < bytes.size();) {
    size_t length = disassembler.decode(bytes.subspan(start), start, line);
    if (length == 0) return text + bytesOnly(bytes.subspan(start));
    std::vector<uint8_t> filled(bytes.begin() + static_cast<std::ptrdiff_t>(start),
                                bytes.begin() + static_cast<std::ptrdiff_t>(start + length));
    std::vector<std::pair<std::string, std::string>> names;
    for (size_t i = 0; i < holes.size(); ++i) {
      const Hole& hole = holes[i];
      size_t at = hole.offset - start;
      if (hole.offset < start || at + bytesOf(hole.kind) > length || bytesOf(hole.kind) < 4) continue;
      uint64_t number = standIn(i);
      int64_t addend = hole.addend;
      if (hole.kind == HoleKind::Relative32) {
        addend += static_cast<int64_t>(start + length);
        number -= start + length;  // what is shown is the address, and the instruction is formatted as if at `start`
      }
      std::memcpy(filled.data() + at, &number, bytesOf(hole.kind));
      names.emplace_back(fmt::format("0x{:016X}", standIn(i)), withAddend(nameOf(library, hole), addend));
      names.emplace_back(fmt::format("0x{:08X}", standIn(i)), names.back().second);
    }
    disassembler.decode(filled, start, line);
    for (const auto& [digits, name] : names) {
      for (size_t found = line.find(digits); found != std::string::npos; found = line.find(digits)) {
        line.replace(found, digits.size(), name);
      }
    }
    text += fmt::format("  {:4x}  {:32}  {}\n", start, hexBytes(bytes.subspan(start, length)), line);
    start += length;
  }
  return text;
}

#else

std::string listPart(const StencilLibrary&, std::span<const uint8_t> bytes, std::span<const Hole>) {
  return bytesOnly(bytes);
}

#endif

}  // namespace

bool listingHasAssembly() {
#ifdef SELVAGE_ZYDIS_NAME
  return Zydis::loaded().isLoaded();
#else
  return false;
#endif
}

std::string listStencil(const StencilLibrary& library, const Stencil& stencil) {
  std::string text =
      fmt::format("{}: opcode {}, variant {}, part {}; {} bytes hot, {} bytes cold{}\n", library.nameOf(stencil),
                  stencil.opcode, stencil.variant, stencil.part, stencil.hotSize, stencil.coldSize,
                  stencil.fallsThrough ? "" : "; does not fall through");
  const std::vector<Hole> hot = holesOfPart(library, stencil, false);
  text += listPart(library, library.hotOf(stencil), hot);
  text += listHoles(library, hot);
  if (stencil.coldSize > 0) {
    const std::vector<Hole> cold = holesOfPart(library, stencil, true);
    text += "  cold:\n";
    text += listPart(library, library.coldOf(stencil), cold);
    text += listHoles(library, cold);
  }
  return text;
}

std::string listCode(std::span<const uint8_t> bytes, [[maybe_unused]] const void* address) {
#ifdef SELVAGE_ZYDIS_NAME
  if (!listingHasAssembly()) return bytesOnly(bytes);
  Disassembler disassembler;
  std::string text, line;
  for (size_t start = 0; start < bytes.size();) {
    size_t length = disassembler.decode(bytes.subspan(start), reinterpret_cast<uint64_t>(address) + start, line);
    if (length == 0) return text + bytesOnly(bytes.subspan(start));
    text += fmt::format("  {:4x}  {:32}  {}\n", start, hexBytes(bytes.subspan(start, length)), line);
    start += length;
  }
  return text;
#else
  return bytesOnly(bytes);
#endif
}

}  // namespace selvage
