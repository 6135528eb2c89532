// See stitcher.hpp.
#include "jit/stitcher.hpp"

#include <algorithm>

namespace selvage {
namespace {

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

Stitcher::Stitcher(const StencilLibrary& givenLibrary) : library(givenLibrary) {}

std::vector<uint8_t> Stitcher::preludeFor(const StencilLibrary& library) {
  // Regions start at a page, so any alignment that constants ask for holds at offset 0.
  std::vector<uint8_t> bytes(library.pool.begin(), library.pool.end());
  bytes.resize(veneersOffset(library));
  for (const ExternalSymbol& external : library.externals) {
    size_t start = bytes.size();
    bytes.resize(start + veneerSize, trapInstruction);
    std::memcpy(bytes.data() + start, veneerCode, sizeof veneerCode);
    store(bytes.data() + start + veneerAddressOffset, reinterpret_cast<uint64_t>(external.address));
  }
  return bytes;
}

void Stitcher::begin() {
  itemsEnd = items.data();
  labels.clear();
  outsideLabels.clear();
  hotSize = coldSize = coldStart = 0;
  errorText.clear();
}

void Stitcher::growItems() {
  const size_t count = items.size();
  items.resize(std::max(2 * count, size_t{128}));
  itemsEnd = items.data() + count;
  itemsLimit = items.data() + items.size();
}

Label Stitcher::addLabels(uint32_t count) {
  const auto first = static_cast<Label>(labels.size());
  labels.resize(labels.size() + count, unbound);
  return first;
}

// Functions of the program are reached directly from all of a region, or through their veneers in its prelude.
void Stitcher::setExternals(const uint8_t* prelude) {
  const auto start = reinterpret_cast<int64_t>(prelude);
  for (uint32_t i = 0; i < library.externals.size(); ++i) {
    const auto address = reinterpret_cast<int64_t>(library.externals[i].address);
    const bool isInReach = fits<int32_t>(address - start) && fits<int32_t>(address - (start + maxRegionBytes));
    values[externalSymbol(i)] = isInReach ? address : start + veneersOffset(library) + i * veneerSize;
  }
  values[HoleSymbol::Pool] = start;
  externalsFrom = prelude;
}

bool Stitcher::start(CodeMemory& memory) {
  // At least one trap instruction follows the hot parts, should the last one run off its end. Copying a part in whole
  // steps may write up to a step beyond it.
  coldStart = aligned(hotSize + copyStep, coldAlignment);
  block = memory.allocate(coldStart + coldSize + copyStep);
  if (!block) {
    errorText = memory.isAvailable() ? "code memory is exhausted" : memory.status();
    return false;
  }
  writing.emplace(memory, block.code, block.size);
  bytes = writing->bytes();
  if (bytes == nullptr) {
    errorText = "code memory cannot be written";
    return abandon(memory);
  }
  codeStart = reinterpret_cast<int64_t>(block.code);
  for (const OutsideLabel& outside : outsideLabels) {
    const int64_t offset = reinterpret_cast<int64_t>(outside.code) - codeStart;
    if (!fits<int32_t>(offset)) {
      errorText = "a label is out of reach";
      return abandon(memory);
    }
    labels[static_cast<size_t>(outside.label)] = static_cast<uint32_t>(offset);
  }
  if (block.prelude != externalsFrom) setExternals(block.prelude);
  return true;
}

bool Stitcher::placeOtherHole(const Hole& hole, const Emitted& item, uint8_t* place) {
  // Its own address is wanted, not that of a veneer.
  const int64_t value =
      hole.addend + (hole.isExternal() ? reinterpret_cast<int64_t>(library.externals[hole.externalIndex()].address)
                                       : values[hole.symbol]);
  switch (hole.kind) {
    case HoleKind::Low8: store(place, static_cast<uint8_t>(value)); return true;
    case HoleKind::Low16: store(place, static_cast<uint16_t>(value)); return true;
    case HoleKind::Low32:
      store(place, static_cast<uint32_t>(value));
      return fits<int32_t>(value) || fits<uint32_t>(value) || fail(item, hole, "its value needs over 32 bits");
    default:
      store(place, value);
      return values[HoleSymbol::Jump] != filling::outOfReach || hole.symbol != HoleSymbol::Jump ||
             fail(item, hole, "its label is not bound");
  }
}

// Finds the plain hole whose value does not fit.
bool Stitcher::explainFailure(const Emitted& item) {
  if (!errorText.empty()) return false;
  for (const Hole& hole : library.holesOf(*item.stencil)) {
    if (!isPlain(hole.kind)) continue;
    if (hole.symbol == HoleSymbol::Jump && values[HoleSymbol::Jump] == filling::outOfReach)
      return fail(item, hole, "its label is not bound");
    const uint32_t part = hole.isCold != 0 ? coldOffsetOf(item) : item.hotOffset;
    const int64_t value = values[hole.symbol] + hole.addend;
    if (hole.kind == HoleKind::Signed32 && !fits<int32_t>(value))
      return fail(item, hole, "its value needs over 32 bits");
    if (hole.kind == HoleKind::Relative32 && !fits<int32_t>(value - reinterpret_cast<int64_t>(block.code + part)))
      return fail(item, hole, "its target is out of reach");
  }
  return false;
}

bool Stitcher::fail(const Emitted& item, const Hole& hole, const char* what) {
  errorText = std::string("stencil ").append(library.nameOf(*item.stencil));
  errorText.append(", hole ").append(nameOf(library, hole)).append(": ").append(what);
  return false;
}

void Stitcher::complete(StitchedCode& code) {
  code.block = block;
  code.hotSize = hotSize;
  code.size = coldStart + coldSize;
  std::memset(bytes + hotSize, trapInstruction, coldStart - hotSize);
  std::memset(bytes + code.size, trapInstruction, block.size - code.size);
  writing.reset();
}

bool Stitcher::abandon(CodeMemory& memory) {
  writing.reset();
  memory.release(block);
  return false;
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
    case HoleSymbol::Pool: return "pool";
    default: return library.externals[hole.externalIndex()].name;
  }
}

}  // namespace selvage
