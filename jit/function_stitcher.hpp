// From a function's bytecode to stitched code: one pass that chooses a stencil for each instruction, and one that emits
// them.
//
// Float arithmetic is carried: within a run of instructions that nothing jumps into, results that are expected to be
// floats stay in registers for the stencils that follow, besides being written to their slots (write-through, so memory
// is always exact). A carried stencil that meets something else leaves for the general stencil of its instruction in a
// second copy of the run, which is laid out behind the rest and knows nothing of registers; so does every slow path in
// the middle of such a run. The copy joins the first one where the run ends.
#pragma once

#include <string>
#include <vector>

#include "jit/stitcher.hpp"
#include "stencils/stencil_variant.hpp"
#include "vm/function.hpp"

namespace selvage {

// The stitched code of one function, as long as it can be entered. Proto::jit.
struct JitCode {
  StitchedCode code;
  // For each word of bytecode where slow paths, calls and the interpreter can enter it; null within an instruction.
  std::vector<Handler*> resumeAddresses;
  // For each word where its (first) stencil begins, from the start of the code.
  std::vector<uint32_t> offsets;
  // Where the first copy ends; general copies follow up to code.hotSize.
  uint32_t firstCopySize = 0;
};

class FunctionStitcher {
 public:
  explicit FunctionStitcher(const StencilLibrary& library);

  // Stitches `proto` into `memory`. `frame`, if not null, is the base of a frame of the function in which it has been
  // running: the types of what is in its slots tell what to expect. False when code memory is exhausted, with the
  // reason.
  bool stitch(const Proto& proto, const Value* frame, CodeMemory& memory, JitCode& result, std::string& reason);

 private:
  struct Choice {
    const Stencil* carried;  // null: the general stencil
    bool isEnteredCarrying;  // registers hold something at its start, so it has a second, general copy
    bool isLeader;           // something jumps here
    bool needsGeneralCopy() const { return carried != nullptr || isEnteredCarrying; }
  };

  Stitcher stitcher;
  std::vector<const Stencil*> byVariant;  // opcode * variantCount + variant
  std::vector<const Stencil*> resumes;    // by opcode
  std::vector<Choice> choices;            // by word
  std::vector<Tag> expected;              // by slot: the type that it is thought to have

  const Stencil* find(uint32_t opcode, uint32_t variant) const { return byVariant[opcode * variantCount + variant]; }
  void choose(const Proto& proto, const Value* frame);
  void emitInstruction(const Proto& proto, uint32_t word, const Stencil* carried);
};

}  // namespace selvage
