// The stitcher: copies stencils side by side and fills their holes.
//
// It knows nothing of what the stencils mean. Its user announces them in order, which lays them out (all hot parts in
// sequence, then all cold parts); finish() then copies them straight into code memory and asks for the values of each
// one's holes just when it fills them. So nothing is kept of a stencil but its place, and buffers are kept between
// functions.
//
//     stitcher.begin();
//     Label loop = stitcher.addLabels(1);
//     stitcher.bind(loop);                           // the next stencil emitted
//     stitcher.emit(stencil, instructionNumber, loop);  // loop: where hole_jump goes
//     bool isDone = stitcher.finish(memory, code, [&](const Stitcher::Emitted& item, HoleValues& values) {
//       values[HoleSymbol::A] = operandOf(item.tag);
//     });
//     if (!isDone) ... stitcher.error() ...
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jit/code_memory.hpp"
#include "jit/stencil.hpp"

namespace selvage {

// A place in the code being stitched.
enum class Label : uint32_t {};
constexpr Label noLabel{UINT32_MAX};

// What fills holes, by symbol: operands as signed 32-bit numbers, the others with 64 bits. The user sets the first
// userSymbolCount ones, which keep their values from one stencil to the next; the stitcher sets the others.
class HoleValues {
 public:
  int64_t& operator[](HoleSymbol symbol) { return numbers[static_cast<size_t>(symbol)]; }
  int64_t operator[](HoleSymbol symbol) const { return numbers[static_cast<size_t>(symbol)]; }
  void setAddress(HoleSymbol symbol, const void* address) { (*this)[symbol] = reinterpret_cast<int64_t>(address); }
  const int64_t* data() const { return numbers.data(); }

 private:
  std::array<int64_t, symbolCount> numbers{};
};

// Code ready to run. Its block belongs to the code memory it was finished into.
struct StitchedCode {
  CodeBlock block;
  uint32_t hotSize = 0;  // the hot parts are the first bytes of the block
  uint32_t size = 0;     // without padding at the end

  const uint8_t* entry() const { return block.code; }
};

class Stitcher {
 public:
  // One stencil of the function being stitched.
  struct Emitted {
    const Stencil* stencil;
    uint32_t hotOffset;   // from the block's start
    uint32_t coldOffset;  // from the start of the cold parts; use coldOffsetOf
    Label jump;
    uint32_t tag;  // the user's
  };

  // `library` must outlive the stitcher.
  explicit Stitcher(const StencilLibrary& library);

  // What code memories for stitched code must be given as their prelude: the library's constants and veneers.
  static std::vector<uint8_t> preludeFor(const StencilLibrary& library);

  // Starts a new function; results of the last one are forgotten.
  void begin();

  // The first of `count` new labels, which are numbered in sequence.
  Label addLabels(uint32_t count);
  // The label is where the next stencil will be emitted. A label is bound once.
  void bind(Label label) { labels[static_cast<size_t>(label)] = hotSize; }
  // The label is where `code` runs: an address of other code, which must be within reach.
  void bindOutside(Label label, const uint8_t* code) { outsideLabels.push_back({label, code}); }

  // Appends a stencil. `jump` is the target of hole_jump and may be bound later. A stencil with part 1 is emitted right
  // after its part 0.
  void emit(const Stencil& stencil, uint32_t tag, Label jump = noLabel) {
    if (itemsEnd == itemsLimit) [[unlikely]]
      growItems();
    *itemsEnd++ = {&stencil, hotSize, coldSize, jump, tag};
    hotSize += stencil.hotSize;
    coldSize += stencil.coldSize;
  }

  // Copies and patches all that was emitted. `fillIn(const Emitted&, HoleValues&)` sets the values of one stencil's
  // holes. False when code memory is exhausted, a value does not fit its hole, or a label was not bound; error() says
  // which.
  template <class FillIn>
  bool finish(CodeMemory& memory, StitchedCode& code, FillIn&& fillIn) {
    if (!start(memory)) return false;
    for (const Emitted& item : emitted()) {
      fillIn(item, values);
      if (!place(item)) [[unlikely]]
        return abandon(memory);
    }
    complete(code);
    return true;
  }

  // After finish(), until begin():
  std::span<const Emitted> emitted() const { return {items.data(), itemsEnd}; }
  uint32_t coldOffsetOf(const Emitted& item) const { return coldStart + item.coldOffset; }
  uint32_t offsetOf(Label label) const { return labels[static_cast<size_t>(label)]; }
  // Of all labels, by number; those that are unbound or outside have no meaning.
  std::span<const uint32_t> labelOffsets() const { return labels; }
  const std::string& error() const { return errorText; }

 private:
  static constexpr uint32_t unbound = uint32_t{1} << 31;  // a label's offset

  const StencilLibrary& library;
  std::vector<Emitted> items;  // those before itemsEnd are in use; the memory is kept
  Emitted* itemsEnd = nullptr;
  Emitted* itemsLimit = nullptr;
  struct OutsideLabel {
    Label label;
    const uint8_t* code;
  };
  std::vector<uint32_t> labels;  // offsets from the block's start, modulo 2^32
  std::vector<OutsideLabel> outsideLabels;
  uint32_t hotSize = 0;
  uint32_t coldSize = 0;
  uint32_t coldStart = 0;
  std::string errorText;

  // Between start() and complete():
  HoleValues values;
  CodeBlock block;
  std::optional<CodeMemory::Writing> writing;
  uint8_t* bytes = nullptr;                // where the block can be written
  int64_t codeStart = 0;                   // the address where it runs
  const uint8_t* externalsFrom = nullptr;  // the prelude for which `values` has the addresses of externals

  void growItems();
  bool start(CodeMemory& memory);
  bool place(const Emitted& item);
  void complete(StitchedCode& code);
  bool abandon(CodeMemory& memory);
  void setExternals(const uint8_t* prelude);
  bool placeOtherHole(const Hole& hole, const Emitted& item, uint8_t* place);
  bool explainFailure(const Emitted& item);
  bool fail(const Emitted& item, const Hole& hole, const char* what);
};

namespace filling {

constexpr int64_t outOfReach = INT64_MIN / 2;  // of every hole: stands for the address of a label that is not bound

// May write, and read, up to a step more than `size` bytes.
inline void copyInSteps(uint8_t* to, const uint8_t* from, uint32_t size) {
  // Most parts are a step or two: unrolling would cost more than it saves.
#pragma clang loop unroll(disable)
  for (uint32_t i = 0; i < size; i += copyStep) std::memcpy(to + i, from + i, copyStep);
}

// Fills `count` holes of one plain kind. `origin` is what their values are relative to. High bits of what does not fit
// are added to `excess`.
inline const Hole* fill(const Hole* hole, uint32_t count, const int64_t* symbols, int64_t origin, uint8_t* part,
                        uint64_t& excess) {
#pragma clang loop unroll(disable)
  for (const Hole* const end = hole + count; hole != end; ++hole) {
    const int64_t value = symbols[static_cast<size_t>(hole->symbol)] + hole->addend - origin;
    const auto bits = static_cast<int32_t>(value);
    excess |= static_cast<uint64_t>(value) + (uint64_t{1} << 31);
    std::memcpy(part + hole->offset, &bits, sizeof bits);
  }
  return hole;
}

}  // namespace filling

// Here, since it is most of the work of compiling.
[[gnu::always_inline]] inline bool Stitcher::place(const Emitted& item) {
  const Stencil& stencil = *item.stencil;
  // Bytes may alias anything: what the loops need is kept out of members.
  uint8_t* const hotPart = bytes + item.hotOffset;
  uint8_t* const coldPart = bytes + coldStart + item.coldOffset;
  const int64_t hotOrigin = codeStart + item.hotOffset;
  const int64_t coldOrigin = codeStart + coldStart + item.coldOffset;
  const int64_t resume = hotOrigin + stencil.hotSize;
  // Further parts of the same instruction are no next instruction.
  int64_t next = resume;
  for (const Emitted* part = &item + 1; part != itemsEnd && part->stencil->part != 0; ++part)
    next += part->stencil->hotSize;
  values[HoleSymbol::Resume] = resume;
  values[HoleSymbol::Next] = next;
  values[HoleSymbol::Self] = hotOrigin;
  values[HoleSymbol::Cold] = coldOrigin;
  values[HoleSymbol::Jump] = filling::outOfReach;
  if (item.jump != noLabel) {
    const uint32_t offset = offsetOf(item.jump);
    if (offset != unbound) values[HoleSymbol::Jump] = codeStart + static_cast<int32_t>(offset);
  }

  const uint8_t* const code = library.code + stencil.code;
  const int64_t* const symbols = values.data();
  const Hole* hole = library.holes + stencil.holes;
  uint64_t excess = 0;
  filling::copyInSteps(hotPart, code, stencil.hotSize);
  hole = filling::fill(hole, stencil.hotHoles.signedHoles, symbols, 0, hotPart, excess);
  hole = filling::fill(hole, stencil.hotHoles.relativeHoles, symbols, hotOrigin, hotPart, excess);
  if (stencil.coldSize != 0) {
    filling::copyInSteps(coldPart, code + stencil.hotSize, stencil.coldSize);
    hole = filling::fill(hole, stencil.coldHoles.signedHoles, symbols, 0, coldPart, excess);
    hole = filling::fill(hole, stencil.coldHoles.relativeHoles, symbols, coldOrigin, coldPart, excess);
  }
  bool isGood = excess >> 32 == 0;
  for (const Hole* const end = hole + stencil.otherHoles; hole != end; ++hole) {
    uint8_t* const place = (hole->isCold != 0 ? coldPart : hotPart) + hole->offset;
    const int64_t value = symbols[static_cast<size_t>(hole->symbol)] + hole->addend;
    const auto narrow = static_cast<uint32_t>(value);
    // What nearly all of them are: addresses, and small numbers.
    const bool isUsers = hole->symbol < HoleSymbol::Next;
    if (isUsers && hole->kind == HoleKind::Absolute64) std::memcpy(place, &value, sizeof value);
    else if (isUsers && hole->kind == HoleKind::Low32 && value == narrow) std::memcpy(place, &narrow, sizeof narrow);
    else isGood &= placeOtherHole(*hole, item, place);
  }
  return isGood || explainFailure(item);
}

// The name of a hole's symbol for people, e.g. "a", "next", or an external's name.
const char* nameOf(const StencilLibrary& library, const Hole& hole);

}  // namespace selvage
