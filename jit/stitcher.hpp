// The stitcher: copies stencils side by side and fills their holes.
//
// It knows nothing of what the stencils mean. Its user announces them in order with the values of their holes, and
// finish() lays them out (all hot parts in sequence, then all cold parts), copies and patches them straight into code
// memory. Buffers are kept between functions, so that nothing is allocated for each stencil.
//
//     stitcher.begin();
//     Label loop = stitcher.addLabel();
//     stitcher.bind(loop);                       // the next stencil emitted
//     HoleValues values;
//     values[HoleSymbol::A] = 32;
//     stitcher.emit(stencil, values, loop);      // loop: where hole_jump goes
//     if (!stitcher.finish(memory, code)) ... stitcher.error() ...
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "jit/code_memory.hpp"
#include "jit/stencil.hpp"

namespace selvage {

// A place in the code being stitched.
enum class Label : uint32_t {};
constexpr Label noLabel{UINT32_MAX};

// What fills the holes whose values the user gives: operands as signed 32-bit numbers, the others with 64 bits.
struct HoleValues {
  std::array<int64_t, userSymbolCount> numbers{};

  int64_t& operator[](HoleSymbol symbol) { return numbers[static_cast<size_t>(symbol)]; }
  void setAddress(HoleSymbol symbol, const void* address) { (*this)[symbol] = reinterpret_cast<int64_t>(address); }
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
  // One stencil of the function being stitched, with its place once it is emitted.
  struct Emitted {
    const Stencil* stencil;
    uint32_t hotOffset;   // from the block's start
    uint32_t coldOffset;  // from the start of the cold parts; use coldOffsetOf
    Label jump;
    HoleValues values;
  };

  // `library` must outlive the stitcher.
  explicit Stitcher(const StencilLibrary& library);

  // What code memories for stitched code must be given as their prelude: the library's constants and veneers.
  static std::vector<uint8_t> preludeFor(const StencilLibrary& library);

  // Starts a new function; results of the last one are forgotten.
  void begin();
  Label addLabel();
  // The label is where the next stencil will be emitted. A label is bound once.
  void bind(Label label);
  // Appends a stencil. `jump` is the target of hole_jump and may be bound later. A stencil with part 1 is emitted right
  // after its part 0. Returns its index in emitted().
  uint32_t emit(const Stencil& stencil, const HoleValues& values, Label jump = noLabel);
  // Lays out, copies and patches. False when code memory is exhausted, a value does not fit its hole, or a label was
  // not bound; error() says which.
  bool finish(CodeMemory& memory, StitchedCode& code);

  // After finish(), until begin():
  std::span<const Emitted> emitted() const { return items; }
  uint32_t coldOffsetOf(const Emitted& item) const { return coldStart + item.coldOffset; }
  uint32_t offsetOf(Label label) const { return labels[static_cast<size_t>(label)]; }
  const std::string& error() const { return errorText; }

 private:
  struct Placement;  // of the item being patched

  const StencilLibrary& library;
  std::vector<Emitted> items;
  std::vector<uint32_t> labels;  // hot offsets
  uint32_t hotSize = 0;
  uint32_t coldSize = 0;
  uint32_t coldStart = 0;
  std::string errorText;

  bool patch(std::span<const Hole> holes, const Placement& placement, uint8_t* bytes, const uint8_t* code,
             const Emitted& item);
  bool fail(const Emitted& item, const Hole& hole, const char* what);
};

// The name of a hole's symbol for people, e.g. "a", "next", or an external's name.
const char* nameOf(const StencilLibrary& library, const Hole& hole);

}  // namespace selvage
