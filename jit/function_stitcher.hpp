// From a function's bytecode to stitched code: a plan of which stencil each instruction gets (register_plan.hpp), and
// one pass that emits them.
//
// The code has up to three copies of an instruction: the first one, one in the second copy of an innermost loop, whose
// registers hold from turn to turn what the loop goes on with, and a general one that knows nothing of registers. To
// the last one carried stencils leave when they meet a type that they are not for, and slow paths return to it; it
// joins the first copy where that expects nothing in registers. Most functions never need general copies, which would
// be a third of their code: they are made when a function has wanted one a few times (selvage_generalCopy).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "jit/register_plan.hpp"
#include "jit/stitcher.hpp"
#include "opcodes.hpp"
#include "vm/function.hpp"

namespace selvage {

struct GeneralCopies {
  StitchedCode code;
  // For each word of bytecode where those go on who leave a carried stencil; null within an instruction.
  std::vector<Handler*> addresses;
};

// The stitched code of one function, as long as it can be entered. Proto::jit.
struct JitCode {
  StitchedCode code;  // the first copy and those of loops
  // For each word of bytecode where slow paths, calls and the interpreter can enter it; null within an instruction.
  std::vector<Handler*> resumeAddresses;
  std::unique_ptr<GeneralCopies> general;  // null until they are made
  // By word, not 0: what is to have a general copy. Empty: nothing is.
  std::vector<uint8_t> needsGeneralCopy;
  uint32_t generalVisits = 0;  // how often they were wanted while there were none
  // If it was asked for: for each word where its (first) stencil begins, from the start of the code; without meaning
  // within an instruction.
  std::vector<uint32_t> offsets;
  uint32_t instructions = 0;   // of the function
  uint32_t firstCopySize = 0;  // copies of loops follow, up to code.hotSize

  // Whether a frame that returns to `address` returns into this code.
  bool contains(const void* address) const {
    return code.block.contains(address) || (general != nullptr && general->code.block.contains(address));
  }
};

class FunctionStitcher {
 public:
  explicit FunctionStitcher(const StencilLibrary& givenLibrary)
      : library(givenLibrary), plan(givenLibrary), stitcher(givenLibrary) {}

  // Stitches `proto` into `memory`, but for its general copies. `frame` tells which types to expect; `keepsOffsets`:
  // whoever lists the code will want JitCode::offsets. False when code memory is exhausted, with the reason. After it
  // shapes() are those that the code compares with: they must live as long as it does.
  bool stitch(const Proto& proto, const RunningFrame& frame, bool keepsOffsets, CodeMemory& memory, JitCode& result,
              std::string& reason);
  // Adds the general copies to what stitch() made. False, with nothing changed, as above.
  bool stitchGeneralCopies(const Proto& proto, CodeMemory& memory, JitCode& code, std::string& reason);
  std::span<Shape* const> shapes() const { return comparedShapes; }

 private:
  // The stencils that an instruction of a copy gets.
  struct Choice {
    const Stencil* carried = nullptr;  // null: the general one
    bool countsTurns = false;          // if it jumps back
  };

  const StencilLibrary& library;
  RegisterPlan plan;
  Stitcher stitcher;
  std::vector<uint8_t> isInLoopCopy;  // by word, not 0; empty: no loop is copied
  std::vector<Shape*> comparedShapes;

  Label labelOf(uint32_t word, bool isInLoop) const;
  Label jumpLabel(uint32_t word, uint32_t target, bool isInLoop) const;
  bool needsGeneralCopy(uint32_t word) const;
  void emitFirstCopy(const Proto& proto, bool countsTurns);
  void emitLoopCopies(const Proto& proto);
  template <class LabelOfTarget>
  void emitInstruction(const Proto& proto, uint32_t word, Choice choice, const LabelOfTarget& labelOfTarget);
  void emitJump(Label target);
  bool finish(const Proto& proto, CodeMemory& memory, StitchedCode& code, std::string& reason);
};

}  // namespace selvage
