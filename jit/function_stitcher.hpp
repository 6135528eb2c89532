// From a function's bytecode to stitched code: one pass that chooses a stencil for each instruction.
#pragma once

#include <string>
#include <vector>

#include "jit/stitcher.hpp"
#include "vm/function.hpp"

namespace selvage {

// The stitched code of one function, as long as it can be entered. Proto::jit.
struct JitCode {
  StitchedCode code;
  std::vector<Handler*> resumeAddresses;  // one for each word of bytecode; null within an instruction
};

class FunctionStitcher {
 public:
  explicit FunctionStitcher(const StencilLibrary& library) : library(library), stitcher(library) {}

  // Stitches `proto` into `memory`. False when code memory is exhausted, with the reason.
  bool stitch(const Proto& proto, CodeMemory& memory, JitCode& result, std::string& reason);

  // Of the last function stitched, for listings.
  const Stitcher& last() const { return stitcher; }

 private:
  const StencilLibrary& library;
  Stitcher stitcher;
};

}  // namespace selvage
