// Turns a compiled stencil function into the text of a stencil: jumps folded, hot and cold parts, fall-through last.
//
// - An edge to an empty block becomes an edge to where that block goes, so `jne .L1 ... .L1: jmp hole_slow` becomes
//   `jne hole_slow`.
// - A block is cold unless it is on a path from the entry to a hot way out: `hole_*` or an indirect jump. (When the
//   function has none, jumps to symbols and returns are its hot ways out.) Blocks that clang put into an unlikely
//   section, and blocks with an inline assembly comment `# selvage_cold`, are cold, and so is what they alone lead to.
// - A hot block that goes on to `hole_next` is laid out last and its jump is dropped: the next stencil follows.
// - Code that takes a hole's address in a way that only works for real addresses is rewritten (see rewriteAddress).
#pragma once

#include <string>
#include <vector>

#include "codegen/assembly_parser.hpp"

namespace selvage::codegen {

struct CleanupOptions {
  // False when something else than the next instruction follows directly (the stencil's own second part).
  bool mayFallThrough = true;
  // Whether pushes, calls and stack slots are accepted in the hot part.
  bool allowsStackInHot = false;
};

struct CleanedFunction {
  std::vector<std::string> hot;  // lines of assembly text
  std::vector<std::string> cold;
  bool fallsThrough = false;  // the hot part runs into what follows
};

// False with a message in `error` when the hot part uses the machine stack.
bool cleanUp(AssemblyFunction function, const CleanupOptions& options, CleanedFunction& result, std::string& error);

// `leaq symbol(%rip), %reg` and `movl $symbol, %reg`, as clang writes them for addresses below 2 GB, in a form that is
// right for what the stitcher patches in: operand holes are sign-extended, 64-bit holes and externals take a movabs.
// Other lines are returned as they are.
std::string rewriteAddress(const std::string& line);

// The whole text again, with each function's code replaced by its cleaned form. Cold parts are in sections
// `.text.selvage_cold.<function>`; the hot parts stay in the functions' own sections.
std::string assembleText(const Assembly& assembly, const std::vector<CleanedFunction>& functions);

constexpr const char* coldSectionPrefix = ".text.selvage_cold.";
// An empty section with this prefix says that the function's hot part runs into what follows it.
constexpr const char* fallThroughSectionPrefix = "selvage_falls_through.";

}  // namespace selvage::codegen
