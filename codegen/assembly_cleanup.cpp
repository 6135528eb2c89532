// See assembly_cleanup.hpp.
#include "codegen/assembly_cleanup.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace selvage::codegen {
namespace {

constexpr std::string_view nextHole = "hole_next";
// Runs longer than this are not tried when looking for the best end of the hot part.
constexpr size_t longestMovedRun = 12;

bool isNext(const BranchTarget& target) { return target.isSymbol(nextHole); }

class Cleaner {
 public:
  Cleaner(AssemblyFunction& function, const CleanupOptions& options) : blocks(function.blocks), options(options) {
    nameBlocks(function.name);
  }

  void run(CleanedFunction& result) {
    foldEmptyBlocks();
    findTemperatures();
    std::vector<uint32_t> hot, cold;
    for (uint32_t i = 0; i < blocks.size(); ++i) {
      if (isHot[i]) hot.push_back(i);
      else if (isReachable[i]) cold.push_back(i);
    }
    hot = bestHotOrder(std::move(hot));
    result.fallsThrough = emit(hot, options.mayFallThrough, result.hot);
    emit(cold, false, result.cold);
  }

 private:
  std::vector<BasicBlock>& blocks;
  const CleanupOptions& options;
  std::vector<bool> isHot, isReachable;

  bool isEmpty(const BasicBlock& block) const { return block.lines.empty() && block.condition.empty(); }

  BranchTarget followed(BranchTarget target) const {
    // Bounded, because an endless loop of empty blocks has no end to be found.
    for (size_t steps = 0; target.kind == BranchTarget::Kind::Block && steps <= blocks.size(); ++steps) {
      const BasicBlock& block = blocks[target.block];
      if (!isEmpty(block) || block.next.kind == BranchTarget::Kind::Verbatim) break;
      target = block.next;
    }
    return target;
  }

  void foldEmptyBlocks() {
    for (BasicBlock& block : blocks) {
      block.next = followed(block.next);
      if (block.condition.empty()) continue;
      block.conditionTarget = followed(block.conditionTarget);
      if (block.conditionTarget == block.next) block.condition.clear();
    }
  }

  template <class Visit>
  void forEachSuccessor(const BasicBlock& block, Visit visit) const {
    if (block.next.kind == BranchTarget::Kind::Block) visit(block.next.block);
    if (!block.condition.empty() && block.conditionTarget.kind == BranchTarget::Kind::Block) {
      visit(block.conditionTarget.block);
    }
    for (uint32_t each : block.referenced) visit(each);
  }

  static bool isHotExit(const BranchTarget& target, bool acceptsAll) {
    if (target.kind == BranchTarget::Kind::Block) return false;
    if (acceptsAll) return !target.text.starts_with("ud2");
    if (target.kind == BranchTarget::Kind::Symbol) return target.text.starts_with("hole_");
    return target.text.starts_with("jmp");
  }

  // Blocks reachable from the entry; through unmarked blocks only if `onlyUnmarked`.
  std::vector<bool> reachable(bool onlyUnmarked) const {
    std::vector<bool> result(blocks.size());
    std::vector<uint32_t> pending{0};
    result[0] = true;
    while (!pending.empty()) {
      uint32_t current = pending.back();
      pending.pop_back();
      forEachSuccessor(blocks[current], [&](uint32_t successor) {
        if (result[successor] || (onlyUnmarked && blocks[successor].isMarkedCold)) return;
        result[successor] = true;
        pending.push_back(successor);
      });
    }
    return result;
  }

  // Among the candidates, those from which a hot exit can be reached within the candidates.
  std::vector<bool> leadingToExit(const std::vector<bool>& candidates, bool acceptsAll) const {
    std::vector<bool> result(blocks.size());
    for (bool hasChanged = true; hasChanged;) {
      hasChanged = false;
      for (uint32_t i = 0; i < blocks.size(); ++i) {
        if (result[i] || !candidates[i]) continue;
        const BasicBlock& block = blocks[i];
        bool leads = isHotExit(block.next, acceptsAll) ||
                     (!block.condition.empty() && isHotExit(block.conditionTarget, acceptsAll));
        forEachSuccessor(block, [&](uint32_t successor) { leads = leads || result[successor]; });
        if (leads) result[i] = hasChanged = true;
      }
    }
    return result;
  }

  void findTemperatures() {
    isReachable = reachable(false);
    std::vector<bool> candidates = reachable(true);
    isHot = leadingToExit(candidates, false);
    if (!isHot[0]) isHot = leadingToExit(candidates, true);
    isHot[0] = true;  // the entry is where the previous stencil runs into
  }

  // How many unconditional jumps a layout of the hot part needs. `follower` of the last block is hole_next.
  size_t jumpsNeeded(const std::vector<uint32_t>& order) const {
    size_t count = 0;
    for (size_t i = 0; i < order.size(); ++i) {
      const BasicBlock& block = blocks[order[i]];
      bool isLast = i + 1 == order.size();
      auto follows = [&](const BranchTarget& target) {
        return isLast ? options.mayFallThrough && isNext(target) : target.isBlock(order[i + 1]);
      };
      if (block.next.kind == BranchTarget::Kind::Verbatim || follows(block.next)) continue;
      if (!block.condition.empty() && follows(block.conditionTarget)) continue;
      ++count;
    }
    return count;
  }

  // clang's order, or that with one run of blocks that ends at hole_next moved to the end, whichever needs fewer jumps.
  std::vector<uint32_t> bestHotOrder(std::vector<uint32_t> order) const {
    if (!options.mayFallThrough) return order;
    std::vector<uint32_t> best = order;
    size_t bestJumps = jumpsNeeded(best);
    for (size_t last = 1; last + 1 < order.size(); ++last) {
      const BasicBlock& block = blocks[order[last]];
      if (!isNext(block.next) && (block.condition.empty() || !isNext(block.conditionTarget))) continue;
      for (size_t first = last; first >= 1 && last - first < longestMovedRun; --first) {
        std::vector<uint32_t> candidate = order;
        std::rotate(candidate.begin() + static_cast<std::ptrdiff_t>(first),
                    candidate.begin() + static_cast<std::ptrdiff_t>(last) + 1, candidate.end());
        size_t jumps = jumpsNeeded(candidate);
        if (jumps < bestJumps) {
          bestJumps = jumps;
          best = std::move(candidate);
        }
      }
    }
    return best;
  }

  std::string nameOf(const BranchTarget& target) {
    if (target.kind != BranchTarget::Kind::Block) return target.text;
    return blocks[target.block].labels.front();
  }

  // Every block that something may jump to needs a label; those that clang let be reached by falling in have none.
  void nameBlocks(const std::string& function) {
    for (uint32_t i = 0; i < blocks.size(); ++i) {
      if (blocks[i].labels.empty()) blocks[i].labels.push_back(".Lselvage_block_" + std::to_string(i) + "_" + function);
    }
  }

  // Returns whether the last block runs into what follows it.
  bool emit(const std::vector<uint32_t>& order, bool mayFallThrough, std::vector<std::string>& lines) {
    bool fallsThrough = false;
    for (size_t i = 0; i < order.size(); ++i) {
      const BasicBlock& block = blocks[order[i]];
      for (const std::string& label : block.labels) lines.push_back(label + ":");
      bool isOpaque = false;
      for (const std::string& line : block.lines) {
        if (line.starts_with("#APP")) isOpaque = true;
        if (line.starts_with("#NO_APP")) isOpaque = false;
        lines.push_back("\t" + (isOpaque ? line : rewriteAddress(line)));
      }
      bool isLast = i + 1 == order.size();
      auto follows = [&](const BranchTarget& target) {
        return isLast ? mayFallThrough && isNext(target) : target.isBlock(order[i + 1]);
      };
      bool nextFollows = follows(block.next);
      if (!block.condition.empty()) {
        if (follows(block.conditionTarget) && block.next.kind != BranchTarget::Kind::Verbatim) {
          lines.push_back("\tj" + std::string(invertedCondition(block.condition)) + "\t" + nameOf(block.next));
          nextFollows = true;
        } else {
          lines.push_back("\tj" + block.condition + "\t" + nameOf(block.conditionTarget));
        }
      }
      if (nextFollows) {
        fallsThrough = isLast;
      } else if (block.next.kind == BranchTarget::Kind::Verbatim) {
        lines.push_back("\t" + block.next.text);
      } else {
        lines.push_back("\tjmp\t" + nameOf(block.next));
      }
    }
    return fallsThrough;
  }
};

// What a line does to the machine stack, or null.
const char* stackUse(std::string_view line) {
  std::string_view text = stripped(line);
  std::string_view mnemonic = mnemonicOf(text);
  if (mnemonic.starts_with("push")) return "a push";
  if (mnemonic.starts_with("pop") && !mnemonic.starts_with("popcnt")) return "a pop";
  if (mnemonic.starts_with("call")) return "a call";
  if (mnemonic.starts_with("ret")) return "a return";
  for (std::string_view name : {"%rsp", "%esp"}) {
    if (text.find(name) != std::string_view::npos) return "a use of the stack pointer";
  }
  return nullptr;
}

std::string_view registerOf64(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> names = {{
      {"%eax", "%rax"},
      {"%ebx", "%rbx"},
      {"%ecx", "%rcx"},
      {"%edx", "%rdx"},
      {"%esi", "%rsi"},
      {"%edi", "%rdi"},
      {"%ebp", "%rbp"},
      {"%esp", "%rsp"},
      {"%r8d", "%r8"},
      {"%r9d", "%r9"},
      {"%r10d", "%r10"},
      {"%r11d", "%r11"},
      {"%r12d", "%r12"},
      {"%r13d", "%r13"},
      {"%r14d", "%r14"},
      {"%r15d", "%r15"},
  }};
  for (auto [narrow, wide] : names) {
    if (name == narrow || name == wide) return wide;
  }
  return {};
}

enum class AddressClass { Operand, Number64, Code, Local, External };

AddressClass classify(std::string_view expression) {
  std::string_view symbol = expression.substr(0, expression.find_first_of("+-@"));
  if (symbol.starts_with(".L")) return AddressClass::Local;
  if (!symbol.starts_with("hole_")) return AddressClass::External;
  std::string_view name = symbol.substr(5);
  name = name.substr(0, name.find('_'));
  if (name.size() == 1) return AddressClass::Operand;
  if (name == "pc" || name == "constants" || name.starts_with("user")) return AddressClass::Number64;
  return AddressClass::Code;
}

bool isSymbolic(std::string_view expression) {
  return !expression.empty() && (expression.front() == '_' || expression.front() == '.' ||
                                 (expression.front() >= 'a' && expression.front() <= 'z') ||
                                 (expression.front() >= 'A' && expression.front() <= 'Z'));
}

}  // namespace

std::string rewriteAddress(const std::string& line) {
  std::string_view text = stripped(line);
  std::string_view mnemonic = mnemonicOf(text);
  std::string_view operands = operandsOf(text);
  size_t comma = operands.rfind(',');
  if (comma == std::string_view::npos) return line;
  std::string_view source = stripped(operands.substr(0, comma));
  std::string_view destination = stripped(operands.substr(comma + 1));
  std::string_view wide = registerOf64(destination);
  if (wide.empty()) return line;

  constexpr std::string_view relative = "(%rip)";
  bool isLoadOfAddress = mnemonic == "leaq" && source.ends_with(relative);
  bool isImmediate = (mnemonic == "movl" || mnemonic == "movq" || mnemonic == "movabsq") && source.starts_with("$");
  if (!isLoadOfAddress && !isImmediate) return line;
  std::string_view expression = isImmediate ? source.substr(1) : source.substr(0, source.size() - relative.size());
  if (!isSymbolic(expression)) return line;

  auto rewritten = [&](std::string_view instruction) {
    return std::string(instruction) + "\t$" + std::string(expression) + ", " + std::string(wide);
  };
  switch (classify(expression)) {
    case AddressClass::Operand: return rewritten("movq");
    case AddressClass::Number64:
    case AddressClass::External: return rewritten("movabsq");
    case AddressClass::Code:
    case AddressClass::Local:
      if (isLoadOfAddress) return line;
      return "leaq\t" + std::string(expression) + "(%rip), " + std::string(wide);
  }
  return line;
}

bool cleanUp(AssemblyFunction function, const CleanupOptions& options, CleanedFunction& result, std::string& error) {
  Cleaner(function, options).run(result);
  if (options.allowsStackInHot) return true;
  for (const std::string& line : result.hot) {
    if (const char* use = stackUse(line)) {
      error = "function " + function.name + ": its hot part contains " + use + ":" + line;
      return false;
    }
  }
  return true;
}

std::string assembleText(const Assembly& assembly, const std::vector<CleanedFunction>& functions) {
  std::string text;
  auto append = [&](std::string_view line) {
    text += line;
    text += '\n';
  };
  size_t line = 0;
  for (size_t i = 0; i < assembly.functions.size(); ++i) {
    const AssemblyFunction& function = assembly.functions[i];
    const CleanedFunction& cleaned = functions[i];
    for (; line < function.firstLine; ++line) append(assembly.lines[line]);
    for (const std::string& each : cleaned.hot) append(each);
    for (line = function.endLine; line < function.afterLine; ++line) append(assembly.lines[line]);
    if (cleaned.fallsThrough) {
      append(std::string("\t.section\t") + fallThroughSectionPrefix + function.name + ",\"\",@progbits");
    }
    append(std::string("\t.section\t") + coldSectionPrefix + function.name + ",\"ax\",@progbits");
    for (const std::string& each : cleaned.cold) append(each);
  }
  for (; line < assembly.lines.size(); ++line) append(assembly.lines[line]);
  return text;
}

}  // namespace selvage::codegen
