// See assembly_parser.hpp. The text is clang's x86-64 output in AT&T syntax; what clang does not write is an error.
#include "codegen/assembly_parser.hpp"

#include <map>
#include <utility>

namespace selvage::codegen {
namespace {

constexpr std::string_view coldMarker = "selvage_cold";

constexpr std::pair<std::string_view, std::string_view> oppositeConditions[] = {
    {"e", "ne"}, {"z", "nz"}, {"l", "ge"}, {"g", "le"}, {"b", "ae"},
    {"a", "be"}, {"s", "ns"}, {"o", "no"}, {"p", "np"}, {"c", "nc"},
};

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool isSymbolCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
  return text;
}

// The label that a stripped line defines, or empty.
std::string_view labelOf(std::string_view line) {
  if (line.size() < 2 || line.back() != ':') return {};
  std::string_view name = line.substr(0, line.size() - 1);
  if (name.size() > 2 && name.front() == '"' && name.back() == '"') return name.substr(1, name.size() - 2);
  for (char c : name) {
    if (!isSymbolCharacter(c)) return {};
  }
  return name;
}

bool isColdSection(std::string_view directive) {
  return directive.find(".text.unlikely") != std::string_view::npos ||
         directive.find(".text.split") != std::string_view::npos;
}

bool isIgnoredDirective(std::string_view name) {
  return name == ".p2align" || name == ".align" || name == ".loc" || name == ".file" || name == ".addrsig" ||
         name.starts_with(".cfi_");
}

class FunctionParser {
 public:
  FunctionParser(const std::vector<std::string>& lines, AssemblyFunction& function, std::string& error)
      : lines(lines), function(function), error(error) {}

  bool run() {
    startBlock();
    for (size_t i = function.firstLine; i < function.endLine; ++i) {
      if (!addLine(lines[i])) return false;
    }
    if (isInInlineAssembly) return fail("inline assembly without its end", {});
    if (isOpen && !block().lines.empty() && mnemonicOf(block().lines.back()).starts_with("call")) {
      terminate({BranchTarget::Kind::Verbatim, 0, "ud2"});  // a function that never returns was called
    }
    if (isOpen && !(block().lines.empty() && block().labels.empty())) {
      return fail("control runs off the function's end", {});
    }
    if (isOpen) function.blocks.pop_back();
    return resolve();
  }

 private:
  const std::vector<std::string>& lines;
  AssemblyFunction& function;
  std::string& error;
  bool isInInlineAssembly = false;
  bool isInColdSection = false;
  bool isOpen = false;  // the last block has no terminator yet
  std::map<std::string, uint32_t, std::less<>> blockOfLabel;

  BasicBlock& block() { return function.blocks.back(); }

  bool fail(std::string_view what, std::string_view line) {
    error = "function " + function.name + ": " + std::string(what);
    if (!line.empty()) error += ": " + std::string(line);
    return false;
  }

  // Opens a block that an unterminated previous one runs into.
  void startBlock() {
    if (isOpen) block().next = {BranchTarget::Kind::Block, static_cast<uint32_t>(function.blocks.size()), {}};
    function.blocks.emplace_back();
    block().isMarkedCold = isInColdSection;
    isOpen = true;
  }

  void addInstruction(std::string_view text) {
    if (!isOpen) startBlock();  // unreachable, or reached by a label that only inline assembly knows
    block().lines.emplace_back(text);
  }

  bool addLine(const std::string& raw) {
    std::string_view whole = trimmed(raw);
    if (isInInlineAssembly) {
      if (whole.find(coldMarker) != std::string_view::npos && whole.starts_with("#")) block().isMarkedCold = true;
      if (whole.starts_with("#NO_APP")) {
        isInInlineAssembly = false;
        // A statement without instructions, as used to tell clang that a register's value is not needed, is nothing.
        while (!block().lines.empty() && stripped(block().lines.back()).empty()) {
          bool isStart = block().lines.back().starts_with("#APP");
          block().lines.pop_back();
          if (isStart) return true;
        }
      }
      block().lines.emplace_back(whole);
      return true;
    }
    if (whole.starts_with("#APP")) {
      addInstruction(whole);
      isInInlineAssembly = true;
      return true;
    }
    std::string_view line = stripped(raw);
    if (line.empty()) return true;
    if (std::string_view label = labelOf(line); !label.empty()) {
      if (!isOpen || !block().lines.empty() || block().isMarkedCold != isInColdSection) startBlock();
      block().labels.emplace_back(label);
      if (!blockOfLabel.emplace(label, static_cast<uint32_t>(function.blocks.size() - 1)).second) {
        return fail("label defined twice", label);
      }
      return true;
    }
    std::string_view mnemonic = mnemonicOf(line);
    if (mnemonic.front() == '.') return addDirective(mnemonic, line);
    if (mnemonic == "jmp" || mnemonic == "jmpq") return addJump(line);
    if (mnemonic == "ret" || mnemonic == "retq" || mnemonic == "ud2" || mnemonic == "hlt") {
      return terminate({BranchTarget::Kind::Verbatim, 0, std::string(line)});
    }
    if (mnemonic.front() == 'j') return addConditionalJump(mnemonic, line);
    if (mnemonic.starts_with("loop")) return fail("unknown jump", line);
    addInstruction(line);
    return true;
  }

  bool addDirective(std::string_view name, std::string_view line) {
    if (name == ".section" || name == ".text") {
      bool isCold = isColdSection(line);
      if (isCold != isInColdSection) {
        isInColdSection = isCold;
        startBlock();
      }
      return true;
    }
    if (isIgnoredDirective(name) || name == ".type" || name == ".size") return true;
    return fail("unknown directive inside a function", line);
  }

  bool terminate(BranchTarget target) {
    if (!isOpen) startBlock();
    block().next = std::move(target);
    isOpen = false;
    return true;
  }

  bool addJump(std::string_view line) {
    std::string_view target = operandsOf(line);
    if (target.empty()) return fail("jump without a target", line);
    if (target.front() == '*') return terminate({BranchTarget::Kind::Verbatim, 0, std::string(line)});
    return terminate({BranchTarget::Kind::Symbol, 0, std::string(target)});
  }

  bool addConditionalJump(std::string_view mnemonic, std::string_view line) {
    std::string_view condition = mnemonic.substr(1);
    std::string_view target = operandsOf(line);
    if (invertedCondition(condition).empty() || target.empty()) return fail("unknown jump", line);
    if (!isOpen) startBlock();
    block().condition = condition;
    block().conditionTarget = {BranchTarget::Kind::Symbol, 0, std::string(target)};
    startBlock();
    return true;
  }

  void resolve(BranchTarget& target) {
    if (target.kind != BranchTarget::Kind::Symbol) return;
    auto found = blockOfLabel.find(target.text);
    if (found != blockOfLabel.end()) target = {BranchTarget::Kind::Block, found->second, {}};
  }

  bool resolve() {
    for (BasicBlock& each : function.blocks) {
      resolve(each.next);
      if (!each.condition.empty()) resolve(each.conditionTarget);
      for (const BranchTarget* target : {&each.next, &each.conditionTarget}) {
        if (target->kind == BranchTarget::Kind::Symbol && target->text.starts_with(".L")) {
          return fail("jump to an unknown local label", target->text);
        }
        if (target->kind == BranchTarget::Kind::Block && target->block >= function.blocks.size()) {
          return fail("control runs off the function's end", {});
        }
      }
      for (const std::string& line : each.lines) collectReferences(line, each);
    }
    return true;
  }

  void collectReferences(std::string_view line, BasicBlock& into) {
    for (size_t i = 0; i < line.size();) {
      size_t end = i;
      while (end < line.size() && isSymbolCharacter(line[end])) ++end;
      if (end == i) {
        ++i;
        continue;
      }
      auto found = blockOfLabel.find(line.substr(i, end - i));
      if (found != blockOfLabel.end()) into.referenced.push_back(found->second);
      i = end;
    }
  }
};

}  // namespace

std::string_view stripped(std::string_view line) {
  bool isQuoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && (i == 0 || line[i - 1] != '\\')) isQuoted = !isQuoted;
    if (line[i] == '#' && !isQuoted) {
      line = line.substr(0, i);
      break;
    }
  }
  return trimmed(line);
}

std::string_view mnemonicOf(std::string_view line) {
  size_t end = 0;
  while (end < line.size() && !isSpace(line[end])) ++end;
  return line.substr(0, end);
}

std::string_view operandsOf(std::string_view line) { return trimmed(line.substr(mnemonicOf(line).size())); }

std::string_view invertedCondition(std::string_view condition) {
  for (auto [one, other] : oppositeConditions) {
    if (condition == one) return other;
    if (condition == other) return one;
  }
  return {};
}

bool parseAssembly(std::string_view text, const std::set<std::string>& wantedFunctions, Assembly& result,
                   std::string& error) {
  while (!text.empty()) {
    size_t end = text.find('\n');
    result.lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  std::set<std::string> missing = wantedFunctions;
  for (size_t i = 0; i < result.lines.size(); ++i) {
    std::string name(labelOf(stripped(result.lines[i])));
    if (name.empty() || missing.erase(name) == 0) continue;
    AssemblyFunction function;
    function.name = name;
    function.firstLine = i;
    size_t end = i + 1;
    while (end < result.lines.size() && !labelOf(stripped(result.lines[end])).starts_with(".Lfunc_end")) ++end;
    if (end == result.lines.size()) {
      error = "function " + name + ": its end (.Lfunc_end) is missing";
      return false;
    }
    function.endLine = end;
    while (end < result.lines.size() && mnemonicOf(stripped(result.lines[end])) != ".size") ++end;
    if (end == result.lines.size()) {
      error = "function " + name + ": its .size directive is missing";
      return false;
    }
    function.afterLine = end + 1;
    if (!FunctionParser(result.lines, function, error).run()) return false;
    i = end;
    result.functions.push_back(std::move(function));
  }
  if (!missing.empty()) {
    error = "function " + *missing.begin() + " is named by the stencil table but has no code in the assembly text";
    return false;
  }
  return true;
}

}  // namespace selvage::codegen
