// See object_reader.hpp. This is the only file that uses LLVM, and only its Object library.
#include "codegen/object_reader.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include <llvm/BinaryFormat/ELF.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/Endian.h>
#include <llvm/Support/Error.h>

#include "codegen/assembly_cleanup.hpp"

namespace selvage::codegen {
namespace {

using llvm::object::ELF64LEObjectFile;
using llvm::object::ELFRelocationRef;
using llvm::object::ELFSectionRef;
using llvm::object::ELFSymbolRef;
using llvm::object::RelocationRef;
using llvm::object::SectionRef;
using llvm::object::SymbolRef;
namespace ELF = llvm::ELF;

constexpr const char* tableSection = "selvage_stencils";
constexpr size_t rowBytes = 32;  // sizeof(StencilSource), which asserts its layout
constexpr size_t nameField = 8, opcodeField = 16, variantField = 20, partField = 24;

struct SymbolMeaning {
  HoleSymbol symbol;
  bool isNumber;  // an operand or a 64-bit number, not an address in the code
  bool is64;      // may need all 64 bits
};

// What a symbol named hole_* stands for; false if it is none.
bool meaningOf(llvm::StringRef name, SymbolMeaning& meaning) {
  static const std::map<std::string, SymbolMeaning> meanings = {
      {"a", {HoleSymbol::A, true, false}},
      {"b", {HoleSymbol::B, true, false}},
      {"c", {HoleSymbol::C, true, false}},
      {"e", {HoleSymbol::E, true, false}},
      {"w", {HoleSymbol::Wide, true, false}},
      {"pc", {HoleSymbol::Pc, true, false}},
      {"constants", {HoleSymbol::Constants, true, true}},
      {"user0", {HoleSymbol::User0, true, true}},
      {"user1", {HoleSymbol::User1, true, false}},
      {"user2", {HoleSymbol::User2, true, false}},
      {"user3", {HoleSymbol::User3, true, true}},
      {"next", {HoleSymbol::Next, false, false}},
      {"jump", {HoleSymbol::Jump, false, false}},
      {"resume", {HoleSymbol::Resume, false, false}},
      {"self", {HoleSymbol::Self, false, false}},
  };
  if (!name.consume_front("hole_")) return false;
  auto found = meanings.find(name.split('_').first.str());
  if (found == meanings.end()) return false;
  meaning = found->second;
  return true;
}

std::string messageOf(llvm::Error error) { return llvm::toString(std::move(error)); }

class Reader {
 public:
  explicit Reader(std::vector<std::string>& errors) : errors(errors) {}

  bool open(const std::string& path) {
    auto opened = llvm::object::ObjectFile::createObjectFile(path);
    if (!opened) return fail("cannot read " + path + ": " + messageOf(opened.takeError()));
    file = std::move(*opened);
    object = llvm::dyn_cast<ELF64LEObjectFile>(file.getBinary());
    if (object == nullptr || object->getArch() != llvm::Triple::x86_64) {
      return fail(path + " is no x86-64 ELF object file");
    }
    for (SectionRef section : object->sections()) {
      auto target = section.getRelocatedSection();
      if (!target) return fail(messageOf(target.takeError()));
      if (*target == object->section_end()) continue;
      for (RelocationRef relocation : section.relocations()) relocations[(*target)->getIndex()].push_back(relocation);
    }
    for (SectionRef section : object->sections()) {
      if (auto name = section.getName()) sectionByName.emplace(name->str(), section);
      else return fail(messageOf(name.takeError()));
    }
    return true;
  }

  bool readTable(std::vector<SourceRow>& rows) {
    auto found = sectionByName.find(tableSection);
    if (found == sectionByName.end()) return fail(std::string("no section ") + tableSection + " (the stencil table)");
    SectionRef section = found->second;
    llvm::StringRef bytes = contentsOf(section);
    if (bytes.empty() || bytes.size() % rowBytes != 0) return fail("the stencil table has an odd size");
    rows.resize(bytes.size() / rowBytes);
    for (size_t i = 0; i < rows.size(); ++i) {
      const char* row = bytes.data() + i * rowBytes;
      rows[i].opcode = llvm::support::endian::read32le(row + opcodeField);
      rows[i].variant = llvm::support::endian::read32le(row + variantField);
      rows[i].part = llvm::support::endian::read32le(row + partField);
    }
    for (RelocationRef relocation : relocations[section.getIndex()]) {
      SourceRow& row = rows[relocation.getOffset() / rowBytes];
      size_t field = relocation.getOffset() % rowBytes;
      ELFSymbolRef symbol = *relocation.getSymbol();
      if (field == 0) {
        row.function = functionAt(symbol, addendOf(relocation));
      } else if (field == nameField) {
        if (!readText(symbol, addendOf(relocation), row.name)) return false;
      } else {
        return fail("an unexpected relocation in the stencil table");
      }
    }
    for (const SourceRow& row : rows) {
      if (row.function.empty() || row.name.empty()) return fail("a row of the stencil table lacks its code or name");
    }
    return true;
  }

  bool readLibrary(ExtractedLibrary& result) {
    library = &result;
    std::vector<SourceRow> rows;
    if (!readTable(rows)) return false;
    std::sort(rows.begin(), rows.end(), [](const SourceRow& left, const SourceRow& right) {
      return std::tie(left.opcode, left.variant, left.part) < std::tie(right.opcode, right.variant, right.part);
    });
    if (!checkRows(rows)) return false;
    std::map<std::string, ELFSymbolRef> functions;
    for (ELFSymbolRef symbol : object->symbols()) {
      if (symbol.getELFType() == ELF::STT_FUNC) functions.emplace(nameOf(symbol), symbol);
    }
    for (const SourceRow& row : rows) {
      auto found = functions.find(row.function);
      if (found == functions.end()) {
        fail("stencil " + row.name + ": function " + row.function + " is not defined in the object file");
        continue;
      }
      ExtractedStencil stencil;
      stencil.source = row;
      readStencil(found->second, stencil);
      library->stencils.push_back(std::move(stencil));
    }
    return errors.empty();
  }

 private:
  std::vector<std::string>& errors;
  llvm::object::OwningBinary<llvm::object::ObjectFile> file;
  ELF64LEObjectFile* object = nullptr;
  std::map<uint64_t, std::vector<RelocationRef>> relocations;  // by index of the section they apply to
  std::map<std::string, SectionRef> sectionByName;
  std::map<uint64_t, uint32_t> poolOffsets;  // of constant sections already taken, by index
  std::map<std::string, uint32_t> externalIndices;
  ExtractedLibrary* library = nullptr;

  bool fail(std::string message) {
    errors.push_back(std::move(message));
    return false;
  }

  std::string nameOf(const SymbolRef& symbol) {
    auto name = symbol.getName();
    if (name) return name->str();
    fail(messageOf(name.takeError()));
    return {};
  }

  std::string nameOf(const SectionRef& section) {
    auto name = section.getName();
    if (name) return name->str();
    fail(messageOf(name.takeError()));
    return {};
  }

  llvm::StringRef contentsOf(const SectionRef& section) {
    auto contents = section.getContents();
    if (contents) return *contents;
    fail(messageOf(contents.takeError()));
    return {};
  }

  int64_t addendOf(const RelocationRef& relocation) {
    auto addend = ELFRelocationRef(relocation).getAddend();
    if (addend) return *addend;
    fail(messageOf(addend.takeError()));
    return 0;
  }

  // The section that defines a symbol; section_end() for an undefined one.
  llvm::object::section_iterator sectionOf(const SymbolRef& symbol) {
    auto section = symbol.getSection();
    if (section) return *section;
    fail(messageOf(section.takeError()));
    return object->section_end();
  }

  // The function that a relocation names, directly or (as the assembler does for local ones) by section and offset.
  std::string functionAt(const ELFSymbolRef& symbol, int64_t addend) {
    if (symbol.getELFType() != ELF::STT_SECTION) return nameOf(symbol);
    auto section = sectionOf(symbol);
    for (ELFSymbolRef each : object->symbols()) {
      if (each.getELFType() != ELF::STT_FUNC || sectionOf(each) != section) continue;
      if (static_cast<int64_t>(valueOf(each)) == addend) return nameOf(each);
    }
    return {};
  }

  uint64_t valueOf(const SymbolRef& symbol) {
    auto value = symbol.getValue();
    if (value) return *value;
    fail(messageOf(value.takeError()));
    return 0;
  }

  bool readText(const ELFSymbolRef& symbol, int64_t addend, std::string& text) {
    auto section = sectionOf(symbol);
    if (section == object->section_end()) return fail("a stencil's name is not in the object file");
    llvm::StringRef bytes = contentsOf(*section);
    uint64_t start = valueOf(symbol) + static_cast<uint64_t>(addend);
    if (start >= bytes.size()) return fail("a stencil's name is not in the object file");
    text = bytes.substr(start).split('\0').first.str();
    return true;
  }

  bool checkRows(const std::vector<SourceRow>& rows) {
    uint32_t expectedOpcode = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      const SourceRow& row = rows[i];
      bool isFirstOfVariant = i == 0 || rows[i - 1].opcode != row.opcode || rows[i - 1].variant != row.variant;
      if (i == 0 || rows[i - 1].opcode != row.opcode) {
        for (; expectedOpcode < row.opcode; ++expectedOpcode) {
          fail("opcode number " + std::to_string(expectedOpcode) + " (before " + row.name + ") has no stencil");
        }
        ++expectedOpcode;
        if (row.variant != 0) fail("opcode " + row.name + ": its variant 0 is missing");
      }
      if (isFirstOfVariant && row.part != 0) {
        fail("stencil " + row.name + ": part 0 of opcode number " + std::to_string(row.opcode) + ", variant " +
             std::to_string(row.variant) + " is missing");
      }
      if (!isFirstOfVariant && row.part != rows[i - 1].part + 1) {
        fail("stencil " + row.name + ": parts are defined twice or not in sequence");
      }
    }
    return errors.empty();
  }

  void readStencil(const ELFSymbolRef& function, ExtractedStencil& stencil) {
    auto hot = sectionOf(function);
    if (hot == object->section_end() || valueOf(function) != 0) {
      fail("stencil " + stencil.source.name + ": its function does not begin its own section");
      return;
    }
    auto cold = sectionByName.find(coldSectionPrefix + stencil.source.function);
    if (cold == sectionByName.end()) {
      fail("stencil " + stencil.source.name + ": no cold section: was the assembly text cleaned?");
      return;
    }
    for (bool isHot : {true, false}) {
      ExtractedPart& part = isHot ? stencil.hot : stencil.cold;
      SectionRef section = isHot ? *hot : cold->second;
      llvm::StringRef bytes = contentsOf(section);
      part.bytes.assign(bytes.bytes_begin(), bytes.bytes_end());
      if (part.bytes.size() > maxPartSize) {
        fail("stencil " + stencil.source.name + " is larger than " + std::to_string(maxPartSize) + " bytes");
        return;
      }
      for (RelocationRef relocation : relocations[section.getIndex()]) {
        Hole hole{};
        if (!readHole(relocation, part, *hot, cold->second, hole)) {
          errors.back() = "stencil " + stencil.source.name + " (" + stencil.source.function + "): " + errors.back();
          continue;
        }
        hole.isCold = isHot ? 0 : 1;
        part.holes.push_back(hole);
      }
      if (part.holes.size() > maxPartHoles) {
        fail("stencil " + stencil.source.name + " has more than " + std::to_string(maxPartHoles) + " holes");
        return;
      }
      std::sort(part.holes.begin(), part.holes.end(),
                [](const Hole& left, const Hole& right) { return left.offset < right.offset; });
    }
    auto marker = sectionByName.find(fallThroughSectionPrefix + stencil.source.function);
    stencil.fallsThrough = marker != sectionByName.end();
  }

  static size_t bytesOf(HoleKind kind) {
    switch (kind) {
      case HoleKind::Low8: return 1;
      case HoleKind::Low16: return 2;
      case HoleKind::Absolute64: return 8;
      default: return 4;
    }
  }

  // Whether the four bytes at `offset` are the displacement of a jump or a call.
  static bool isBranch(const std::vector<uint8_t>& bytes, uint64_t offset) {
    if (offset >= 1 && (bytes[offset - 1] == 0xE8 || bytes[offset - 1] == 0xE9)) return true;
    return offset >= 2 && bytes[offset - 2] == 0x0F && (bytes[offset - 1] & 0xF0) == 0x80;
  }

  bool readHole(const RelocationRef& relocation, const ExtractedPart& part, const SectionRef& hot,
                const SectionRef& cold, Hole& hole) {
    ELFSymbolRef symbol = *relocation.getSymbol();
    std::string name = nameOf(symbol);
    int64_t addend = addendOf(relocation);
    switch (relocation.getType()) {
      case ELF::R_X86_64_8: hole.kind = HoleKind::Low8; break;
      case ELF::R_X86_64_16: hole.kind = HoleKind::Low16; break;
      case ELF::R_X86_64_32: hole.kind = HoleKind::Low32; break;
      case ELF::R_X86_64_32S: hole.kind = HoleKind::Signed32; break;
      case ELF::R_X86_64_64: hole.kind = HoleKind::Absolute64; break;
      case ELF::R_X86_64_PC32:
      case ELF::R_X86_64_PLT32: hole.kind = HoleKind::Relative32; break;
      default: {
        llvm::SmallString<32> type;
        relocation.getTypeName(type);
        return fail("unknown relocation kind " + type.str().str() + " against " + name);
      }
    }
    if (relocation.getOffset() + bytesOf(hole.kind) > part.bytes.size()) return fail("a relocation beyond the code");
    hole.offset = static_cast<uint16_t>(relocation.getOffset() & maxPartSize);

    auto section = sectionOf(symbol);
    if (section != object->section_end()) {
      addend += static_cast<int64_t>(valueOf(symbol));
      if (*section == hot) hole.symbol = HoleSymbol::Self;
      else if (*section == cold) hole.symbol = HoleSymbol::Cold;
      else if (!usePool(*section, name, addend)) return false;
      else hole.symbol = HoleSymbol::Pool;
      if (hole.kind != HoleKind::Relative32 && hole.kind != HoleKind::Absolute64) {
        return fail("needs the absolute address of '" + (name.empty() ? nameOf(*section) : name) +
                    "' in 32 bits, but the code may be anywhere; reach it through a function outside the stencils");
      }
    } else if (SymbolMeaning meaning; meaningOf(name, meaning)) {
      hole.symbol = meaning.symbol;
      if (!checkHole(meaning, name, hole)) return false;
    } else if (llvm::StringRef(name).starts_with("hole_")) {
      return fail("unknown hole " + name);
    } else {
      if (!useExternal(name, hole.symbol)) return false;
      bool isReachable =
          hole.kind == HoleKind::Absolute64 || (hole.kind == HoleKind::Relative32 && isBranch(part.bytes, hole.offset));
      if (!isReachable) {
        return fail("uses '" + name +
                    "' otherwise than by a jump, a call or its 64-bit address, but code may be far from it");
      }
    }
    if (hole.kind == HoleKind::Relative32) addend -= hole.offset;
    if (addend < INT32_MIN || addend > INT32_MAX) return fail("addend of " + name + " is out of range");
    hole.addend = static_cast<int32_t>(addend);
    return true;
  }

  bool checkHole(const SymbolMeaning& meaning, const std::string& name, Hole& hole) {
    bool isRelative = hole.kind == HoleKind::Relative32;
    if (meaning.isNumber && isRelative) {
      return fail(name + " is a number, but the code addresses it relative to the instruction pointer");
    }
    if (meaning.is64 && hole.kind != HoleKind::Absolute64) {
      return fail(name + " needs 64 bits, but the code has room for fewer: use movabs");
    }
    if (!meaning.isNumber && !isRelative && hole.kind != HoleKind::Absolute64) {
      return fail(name + " is an address, but the code has room for 32 bits only");
    }
    return true;
  }

  // Takes a section of constants into the pool and makes `addend` an offset into that.
  bool usePool(const SectionRef& section, const std::string& name, int64_t& addend) {
    ELFSectionRef elf = section;
    if ((elf.getFlags() & ELF::SHF_EXECINSTR) != 0) {
      return fail("refers to the function '" + name +
                  "', which is compiled with the stencils; make it inline, or define it elsewhere");
    }
    if ((elf.getFlags() & ELF::SHF_WRITE) != 0) return fail("refers to the variable '" + name + "'");
    auto found = poolOffsets.find(section.getIndex());
    if (found == poolOffsets.end()) {
      if (!relocations[section.getIndex()].empty()) {
        return fail("refers to constants that contain addresses, in section " + nameOf(section));
      }
      uint32_t alignment = static_cast<uint32_t>(std::max<uint64_t>(1, section.getAlignment().value()));
      std::vector<uint8_t>& pool = library->pool;
      pool.resize((pool.size() + alignment - 1) / alignment * alignment);
      found = poolOffsets.emplace(section.getIndex(), static_cast<uint32_t>(pool.size())).first;
      llvm::StringRef bytes = contentsOf(section);
      pool.insert(pool.end(), bytes.bytes_begin(), bytes.bytes_end());
      library->poolAlignment = std::max(library->poolAlignment, alignment);
    }
    addend += found->second;
    return true;
  }

  bool useExternal(const std::string& name, HoleSymbol& symbol) {
    auto [found, isNew] = externalIndices.emplace(name, static_cast<uint32_t>(library->externals.size()));
    if (isNew) library->externals.push_back(name);
    symbol = externalSymbol(found->second);
    return found->second < maxExternals || fail("stencils may leave for " + std::to_string(maxExternals) +
                                                " different functions, and '" + name + "' is one more");
  }
};

}  // namespace

bool readSourceTable(const std::string& objectPath, std::vector<SourceRow>& rows, std::string& error) {
  std::vector<std::string> errors;
  Reader reader(errors);
  if (reader.open(objectPath) && reader.readTable(rows)) return true;
  error = errors.front();
  return false;
}

bool readLibrary(const std::string& objectPath, ExtractedLibrary& library, std::vector<std::string>& errors) {
  Reader reader(errors);
  return reader.open(objectPath) && reader.readLibrary(library);
}

}  // namespace selvage::codegen
