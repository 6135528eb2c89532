// From a function's bytecode to stitched code: a plan of which stencil each instruction gets (register_plan.hpp), and
// one pass that emits them.
//
// The code has up to three copies of an instruction: the first one, one in the second copy of an innermost loop, whose
// registers hold from turn to turn what the loop goes on with, and a general one that knows nothing of registers. To
// the last one carried stencils leave when they meet a type that they are not for, and slow paths return to it; it
// joins the first copy where that expects nothing in registers.
#pragma once

#include <string>
#include <vector>

#include "jit/register_plan.hpp"
#include "jit/stitcher.hpp"
#include "opcodes.hpp"
#include "vm/function.hpp"

namespace selvage {

// The stitched code of one function, as long as it can be entered. Proto::jit.
struct JitCode {
  StitchedCode code;
  // For each word of bytecode where slow paths, calls and the interpreter can enter it; null within an instruction.
  std::vector<Handler*> resumeAddresses;
  // If it was asked for: for each word where its (first) stencil begins, from the start of the code; without meaning
  // within an instruction.
  std::vector<uint32_t> offsets;
  uint32_t instructions = 0;  // of the function
  // Where the first copy ends; copies of loops follow up to loopCopiesEnd, then general copies up to code.hotSize.
  uint32_t firstCopySize = 0;
  uint32_t loopCopiesEnd = 0;
  // The shapes that the code compares with. They must live as long as it does.
  std::vector<Shape*> shapes;
};

class FunctionStitcher {
 public:
  explicit FunctionStitcher(const StencilLibrary& givenLibrary)
      : library(givenLibrary), plan(givenLibrary), stitcher(givenLibrary) {}

  // Stitches `proto` into `memory`. `frame` tells which types to expect; `keepsOffsets`: whoever lists the code will
  // want JitCode::offsets. False when code memory is exhausted, with the reason.
  bool stitch(const Proto& proto, const RunningFrame& frame, bool keepsOffsets, CodeMemory& memory, JitCode& result,
              std::string& reason);

 private:
  // Label numbers: the word in the first copy, then in the copies of loops, then in the general copies.
  enum class Copy : uint32_t { First, Loop, General };

  const StencilLibrary& library;
  RegisterPlan plan;
  Stitcher stitcher;
  std::vector<bool> isInLoopCopy;  // by word; empty: no loop is copied
  bool countsAllTurns = false;     // not only those in general copies

  Label labelOf(const Proto& proto, Copy copy, uint32_t word) const;
  Label entryOf(const Proto& proto, uint32_t word) const;
  bool needsGeneralCopy(uint32_t word) const;
  Label jumpLabel(const Proto& proto, Copy copy, uint32_t word, uint32_t target) const;
  void emitInstruction(const Proto& proto, Copy copy, uint32_t word);
  void emitJump(Label target);
};

}  // namespace selvage
