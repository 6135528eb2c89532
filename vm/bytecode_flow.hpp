// The verifier's data-flow pass: what is open in a frame, and which slots certainly hold tables, on every path through
// a function's code.
#pragma once

#include <cstdint>

#include "vm/function.hpp"
#include "vm/memory.hpp"

namespace selvage {

// Which words begin an instruction, and which of these jumps lead to. Targets are numbered as they are found.
class CodeMap {
 public:
  explicit CodeMap(VM& vm) : marks(vm) {}

  // Forgets all and takes a number of words.
  void assign(uint32_t words) {
    marks.assign(words, middle);
    targets = 0;
  }
  void markStart(uint32_t position) { marks[position] = start; }
  // The word begins an instruction. False: no jump may lead to it.
  bool markTarget(uint32_t position) {
    if (marks[position] == start) marks[position] = firstTarget + targets++;
    return marks[position] != neverTarget;
  }
  // False: a jump leads there already.
  bool forbidTarget(uint32_t position) {
    if (isTarget(position)) return false;
    marks[position] = neverTarget;
    return true;
  }

  bool isStart(uint32_t position) const { return marks[position] != middle; }
  bool isTarget(uint32_t position) const { return marks[position] >= firstTarget; }
  uint32_t targetCount() const { return targets; }
  // Of a target, below targetCount.
  uint32_t targetNumber(uint32_t position) const { return marks[position] - firstTarget; }

 private:
  enum Mark : uint32_t { middle, start, neverTarget, firstTarget };
  List<uint32_t> marks;
  uint32_t targets = 0;
};

// Call frames and loops do not lie over slots that are open, nothing is open when the function is left, and lists are
// stored in new tables only. All else that verifyProto asks for has been checked. False: `why` says what is wrong.
bool verifyFlow(VM& vm, const Proto& proto, const CodeMap& map, Text& why);

}  // namespace selvage
