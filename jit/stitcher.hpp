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

  // Appends a stencil. `jump` is the target of hole_jump and may be bound later. A stencil with part 1 is emitted right
  // after its part 0.
  void emit(const Stencil& stencil, uint32_t tag, Label jump = noLabel) {
    items.push_back({&stencil, hotSize, coldSize, jump, tag});
    hotSize += stencil.hotSize;
    coldSize += stencil.coldSize;
  }

  // Copies and patches all that was emitted. `fillIn(const Emitted&, HoleValues&)` sets the values of one stencil's
  // holes. False when code memory is exhausted, a value does not fit its hole, or a label was not bound; error() says
  // which.
  template <class FillIn>
  bool finish(CodeMemory& memory, StitchedCode& code, FillIn&& fillIn) {
    if (!start(memory)) return false;
    for (size_t i = 0; i < items.size(); ++i) {
      fillIn(static_cast<const Emitted&>(items[i]), values);
      if (!place(i)) return abandon(memory);
    }
    complete(code);
    return true;
  }

  // After finish(), until begin():
  std::span<const Emitted> emitted() const { return items; }
  uint32_t coldOffsetOf(const Emitted& item) const { return coldStart + item.coldOffset; }
  uint32_t offsetOf(Label label) const { return labels[static_cast<size_t>(label)]; }
  // Of all labels, by number; unbound ones have no meaning.
  std::span<const uint32_t> labelOffsets() const { return labels; }
  const std::string& error() const { return errorText; }

 private:
  const StencilLibrary& library;
  std::vector<Emitted> items;
  std::vector<uint32_t> labels;  // hot offsets
  uint32_t hotSize = 0;
  uint32_t coldSize = 0;
  uint32_t coldStart = 0;
  std::string errorText;

  // Between start() and complete():
  HoleValues values;
  CodeBlock block;
  std::optional<CodeMemory::Writing> writing;
  uint8_t* bytes = nullptr;                // where the block can be written
  const uint8_t* externalsFrom = nullptr;  // the prelude for which `values` has the addresses of externals

  bool start(CodeMemory& memory);
  bool place(size_t index);
  void complete(StitchedCode& code);
  bool abandon(CodeMemory& memory);
  void setExternals(const uint8_t* prelude);
  bool placeOtherHole(const Hole& hole, const Emitted& item, uint8_t* place);
  bool explainFailure(const Emitted& item);
  bool fail(const Emitted& item, const Hole& hole, const char* what);
};

// The name of a hole's symbol for people, e.g. "a", "next", or an external's name.
const char* nameOf(const StencilLibrary& library, const Hole& hole);

}  // namespace selvage
