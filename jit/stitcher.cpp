// See stitcher.hpp.
#include "jit/stitcher.hpp"

#include <cstring>

namespace selvage {
namespace {

constexpr uint32_t unbound = UINT32_MAX;
constexpr uint32_t coldAlignment = 16;
// jmp *0(%rip) and the address it jumps to, for functions of the program that are out of reach.
constexpr uint32_t veneerSize = 16;
constexpr uint8_t veneerCode[] = {0xFF, 0x25, 0x00, 0x00, 0x00, 0x00};
constexpr uint32_t veneerAddressOffset = sizeof veneerCode;

uint32_t aligned(uint32_t value, uint32_t alignment) { return (value + alignment - 1) / alignment * alignment; }

uint32_t veneersOffset(const StencilLibrary& library) {
  return aligned(static_cast<uint32_t>(library.pool.size()), veneerSize);
}

template <class Integer>
void store(uint8_t* bytes, Integer value) {
  std::memcpy(bytes, &value, sizeof value);
}

template <class Integer>
bool fits(int64_t value) {
  return value == static_cast<int64_t>(static_cast<Integer>(value));
}

}  // namespace

struct Stitcher::Placement {
  std::array<int64_t, localSymbolCount> values;  // of all symbols but externals and the pool
  const uint8_t* prelude;
  bool isJumpBound;
};

Stitcher::Stitcher(const StencilLibrary& givenLibrary) : library(givenLibrary) {}

std::vector<uint8_t> Stitcher::preludeFor(const StencilLibrary& library) {
  // Regions start at a page, so any alignment that constants ask for holds at offset 0.
  std::vector<uint8_t> bytes(library.pool.begin(), library.pool.end());
  bytes.resize(veneersOffset(library));
  for (const ExternalSymbol& external : library.externals) {
    size_t start = bytes.size();
    bytes.resize(start + veneerSize, 0xCC);
    std::memcpy(bytes.data() + start, veneerCode, sizeof veneerCode);
    store(bytes.data() + start + veneerAddressOffset, reinterpret_cast<uint64_t>(external.address));
  }
  return bytes;
}

void Stitcher::begin() {
  items.clear();
  labels.clear();
  hotSize = coldSize = coldStart = 0;
  errorText.clear();
}

Label Stitcher::addLabel() {
  labels.push_back(unbound);
  return static_cast<Label>(labels.size() - 1);
}

void Stitcher::bind(Label label) { labels[static_cast<size_t>(label)] = hotSize; }

uint32_t Stitcher::emit(const Stencil& stencil, const HoleValues& values, Label jump) {
  items.push_back({&stencil, hotSize, coldSize, jump, values});
  hotSize += stencil.hotSize;
  coldSize += stencil.coldSize;
  return static_cast<uint32_t>(items.size() - 1);
}

bool Stitcher::fail(const Emitted& item, const Hole& hole, const char* what) {
  errorText = std::string("stencil ") + item.stencil->name + ", hole " + nameOf(library, hole) + ": " + what;
  return false;
}

bool Stitcher::patch(std::span<const Hole> holes, const Placement& placement, uint8_t* bytes, const uint8_t* code,
                     const Emitted& item) {
  for (const Hole& hole : holes) {
    int64_t value;
    if (hole.symbol < HoleSymbol::External) [[likely]] {
      if (hole.symbol == HoleSymbol::Jump && !placement.isJumpBound) return fail(item, hole, "its label is not bound");
      value = placement.values[static_cast<size_t>(hole.symbol)] + hole.addend;
    } else if (hole.symbol == HoleSymbol::Pool) {
      value = reinterpret_cast<int64_t>(placement.prelude) + hole.addend;
    } else {
      value = reinterpret_cast<int64_t>(library.externals[hole.external].address) + hole.addend;
      if (hole.kind == HoleKind::Relative32 && !fits<int32_t>(value - reinterpret_cast<int64_t>(code + hole.offset))) {
        value = reinterpret_cast<int64_t>(placement.prelude + veneersOffset(library) + hole.external * veneerSize) +
                hole.addend;
      }
    }
    uint8_t* place = bytes + hole.offset;
    switch (hole.kind) {
      case HoleKind::Low8: store(place, static_cast<uint8_t>(value)); break;
      case HoleKind::Low16: store(place, static_cast<uint16_t>(value)); break;
      case HoleKind::Low32:
        if (!fits<int32_t>(value) && !fits<uint32_t>(value)) return fail(item, hole, "its value needs over 32 bits");
        store(place, static_cast<uint32_t>(value));
        break;
      case HoleKind::Signed32:
        if (!fits<int32_t>(value)) return fail(item, hole, "its value needs over 32 bits");
        store(place, static_cast<int32_t>(value));
        break;
      case HoleKind::Absolute64: store(place, value); break;
      case HoleKind::Relative32: {
        int64_t distance = value - reinterpret_cast<int64_t>(code + hole.offset);
        if (!fits<int32_t>(distance)) return fail(item, hole, "its target is out of reach");
        store(place, static_cast<int32_t>(distance));
        break;
      }
    }
  }
  return true;
}

bool Stitcher::finish(CodeMemory& memory, StitchedCode& code) {
  // At least one trap instruction follows the hot parts, should the last one run off its end.
  coldStart = aligned(hotSize + 1, coldAlignment);
  CodeBlock block = memory.allocate(coldStart + coldSize);
  if (!block) {
    errorText = memory.isAvailable() ? "code memory is exhausted" : memory.status();
    return false;
  }
  bool isGood = true;
  {
    CodeMemory::Writing writing(memory, block.code, block.size);
    uint8_t* bytes = writing.bytes();
    if (bytes == nullptr) {
      errorText = "code memory cannot be written";
      isGood = false;
    }
    Placement placement;
    placement.prelude = block.prelude;
    auto address = [&](uint32_t offset) { return reinterpret_cast<int64_t>(block.code + offset); };
    auto value = [&](HoleSymbol symbol) -> int64_t& { return placement.values[static_cast<size_t>(symbol)]; };
    for (size_t i = 0; isGood && i < items.size(); ++i) {
      const Emitted& item = items[i];
      const Stencil& stencil = *item.stencil;
      std::memcpy(bytes + item.hotOffset, stencil.hot, stencil.hotSize);
      std::memcpy(bytes + coldStart + item.coldOffset, stencil.cold, stencil.coldSize);
      std::memcpy(placement.values.data(), item.values.numbers.data(), sizeof item.values.numbers);
      // Further parts of the same instruction are no next instruction.
      size_t next = i + 1;
      while (next < items.size() && items[next].stencil->part != 0) ++next;
      value(HoleSymbol::Next) = address(next < items.size() ? items[next].hotOffset : hotSize);
      value(HoleSymbol::Resume) = address(item.hotOffset + stencil.hotSize);
      value(HoleSymbol::Self) = address(item.hotOffset);
      value(HoleSymbol::Cold) = address(coldStart + item.coldOffset);
      placement.isJumpBound = item.jump != noLabel && labels[static_cast<size_t>(item.jump)] != unbound;
      value(HoleSymbol::Jump) = placement.isJumpBound ? address(labels[static_cast<size_t>(item.jump)]) : 0;
      isGood = patch(stencil.holesOfHot(), placement, bytes + item.hotOffset, block.code + item.hotOffset, item) &&
               patch(stencil.holesOfCold(), placement, bytes + coldStart + item.coldOffset,
                     block.code + coldStart + item.coldOffset, item);
    }
  }
  if (!isGood) {
    memory.release(block);
    return false;
  }
  code.block = block;
  code.hotSize = hotSize;
  code.size = coldStart + coldSize;
  return true;
}

const char* nameOf(const StencilLibrary& library, const Hole& hole) {
  switch (hole.symbol) {
    case HoleSymbol::A: return "a";
    case HoleSymbol::B: return "b";
    case HoleSymbol::C: return "c";
    case HoleSymbol::E: return "e";
    case HoleSymbol::Wide: return "w";
    case HoleSymbol::Pc: return "pc";
    case HoleSymbol::Constants: return "constants";
    case HoleSymbol::User0: return "user0";
    case HoleSymbol::User1: return "user1";
    case HoleSymbol::User2: return "user2";
    case HoleSymbol::User3: return "user3";
    case HoleSymbol::Next: return "next";
    case HoleSymbol::Jump: return "jump";
    case HoleSymbol::Resume: return "resume";
    case HoleSymbol::Self: return "self";
    case HoleSymbol::Cold: return "cold";
    case HoleSymbol::External: return library.externals[hole.external].name;
    case HoleSymbol::Pool: return "pool";
  }
  return "?";
}

}  // namespace selvage
