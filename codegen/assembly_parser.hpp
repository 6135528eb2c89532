// Reads the assembly text that clang writes into functions and basic blocks.
//
// Only the functions asked for are taken apart; all other lines are kept as they are, so that the text can be written
// out again around the functions' new code. Every way out of a block is explicit after parsing (there is no implied
// fall-through), so blocks can be put into any order.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace selvage::codegen {

// Where control goes at the end of a block.
struct BranchTarget {
  enum class Kind : uint8_t {
    Block,     // `block`
    Symbol,    // `text`: a symbol outside the function
    Verbatim,  // `text`: an instruction that does not go on (an indirect jump, ret, ud2)
  };
  Kind kind = Kind::Verbatim;
  uint32_t block = 0;
  std::string text;

  bool operator==(const BranchTarget&) const = default;
  bool isBlock(uint32_t index) const { return kind == Kind::Block && block == index; }
  bool isSymbol(std::string_view symbol) const { return kind == Kind::Symbol && text == symbol; }
};

struct BasicBlock {
  std::vector<std::string> labels;
  std::vector<std::string> lines;  // without terminators; an inline assembly statement is kept line by line
  std::string condition;           // of the conditional jump at the end ("ne"); empty: none
  BranchTarget conditionTarget;
  BranchTarget next;                 // when the condition does not hold
  std::vector<uint32_t> referenced;  // blocks whose labels occur in `lines`
  bool isMarkedCold = false;         // by its section or by a `# selvage_cold` comment
};

struct AssemblyFunction {
  std::string name;
  std::vector<BasicBlock> blocks;  // the first is the entry
  size_t firstLine = 0;            // in Assembly::lines: the function's label,
  size_t endLine = 0;              // and the line after its last instruction
  size_t afterLine = 0;            // the line after its .size directive
};

struct Assembly {
  std::vector<std::string> lines;
  std::vector<AssemblyFunction> functions;
};

// False with a message in `error` when a wanted function is missing or something in it is not understood.
bool parseAssembly(std::string_view text, const std::set<std::string>& wantedFunctions, Assembly& result,
                   std::string& error);

// A line without its comment and surrounding white space.
std::string_view stripped(std::string_view line);
// The first word of a stripped line.
std::string_view mnemonicOf(std::string_view line);
// What follows the first word.
std::string_view operandsOf(std::string_view line);
// The condition with the opposite outcome, or empty if `condition` is none.
std::string_view invertedCondition(std::string_view condition);

}  // namespace selvage::codegen
