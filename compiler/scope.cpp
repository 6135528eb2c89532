// Scopes; see the header.
#include "compiler/scope.hpp"
#include "vm/format_text.hpp"

namespace selvage {

// ---- functions and blocks ----

void Scopes::openFunction(FunctionScope& function, BlockScope& body) {
  function.outer = currentFunction;
  function.block = nullptr;
  function.firstVariable = static_cast<uint32_t>(variables.size());
  function.activeCount = 0;
  function.firstLabel = static_cast<uint32_t>(labels.size());
  function.nesting = currentFunction != nullptr ? currentFunction->nesting + 1 : 0;
  if (upvalueLists.size() <= function.nesting) upvalueLists.emplace_back(arena);
  upvalueLists[function.nesting].clear();
  currentFunction = &function;
  enterBlock(body);
}

void Scopes::closeFunction() {
  FunctionScope& function = *currentFunction;
  leaveBlock();
  function.node->upvalues = arena.copy(std::span<const UpvalueNode>(upvalueLists[function.nesting]));
  currentFunction = function.outer;
}

void Scopes::enterBlock(BlockScope& block) {
  FunctionScope& function = *currentFunction;
  block.outer = function.block;
  block.depth = block.labelDepth = function.activeCount;
  block.firstLabel = static_cast<uint32_t>(labels.size());
  block.firstGoto = static_cast<uint32_t>(gotos.size());
  block.isInsideToBeClosed = block.outer != nullptr && block.outer->isInsideToBeClosed;
  if (block.node != nullptr) block.node->depth = block.depth;
  function.block = &block;
}

void Scopes::leaveBlock() {
  FunctionScope& function = *currentFunction;
  BlockScope& block = *function.block;
  function.activeCount = block.depth;
  // After an error variables can be left that never came into scope.
  variables.resize(function.firstVariable + block.depth);
  labels.resize(block.firstLabel);
  function.block = block.outer;
  if (block.outer != nullptr) {
    for (size_t i = block.firstGoto; i < gotos.size(); ++i) gotos[i].depth = block.depth;
  } else if (block.firstGoto < gotos.size()) {
    undefinedGoto(gotos[block.firstGoto]);
    gotos.resize(block.firstGoto);
  }
}

void Scopes::limitError(std::string_view what, uint32_t limit, const FunctionScope& function) {
  const uint32_t line = function.node->line;
  const Text where = line == 0 ? Text("main function", vm) : formatText(vm, "function at line {}", line);
  lexer.syntaxError(formatText(vm, "too many {} (limit is {}) in {}", what, limit, where));
}

// ---- variables ----

LocalNode* Scopes::declare(String* name) {
  FunctionScope& function = *currentFunction;
  if (variables.size() + 1 - function.firstVariable > maxLocalVariables) {
    limitError("local variables", maxLocalVariables, function);
  }
  auto* variable = arena.make<LocalNode>();
  variable->name = name;
  variable->line = lexer.lastLine();
  variables.push_back({name, variable});
  return variable;
}

void Scopes::activate(uint32_t count) {
  FunctionScope& function = *currentFunction;
  for (uint32_t i = 0; i < count; ++i) {
    LocalNode* variable = variables[function.firstVariable + function.activeCount].node;
    variable->depth = function.activeCount++;
    variable->block = function.block->node;
  }
}

void Scopes::markToBeClosed() {
  BlockScope& block = *currentFunction->block;
  block.isInsideToBeClosed = true;
  if (block.node != nullptr) block.node->hasToBeClosed = true;
}

void Scopes::addEnvironment(String* name) { addUpvalue(*currentFunction, {name, nullptr, true, 0}); }

uint32_t Scopes::addUpvalue(FunctionScope& function, const UpvalueNode& upvalue) {
  ArenaList<UpvalueNode>& upvalues = upvalueLists[function.nesting];
  if (upvalues.size() + 1 > maxUpvalues) limitError("upvalues", maxUpvalues, function);
  upvalues.push_back(upvalue);
  return static_cast<uint32_t>(upvalues.size() - 1);
}

// `isUse`: the name is used in `function` itself, not in a function inside it, for which it would be an upvalue.
ResolvedName Scopes::resolveIn(FunctionScope& function, String* name, bool isUse) {
  using Kind = ResolvedName::Kind;
  const DeclaredVariable* first = variables.data() + function.firstVariable;
  for (const DeclaredVariable* declared = first + function.activeCount; declared != first;) {
    --declared;
    if (declared->name != name) continue;
    LocalNode* variable = declared->node;
    if (variable->isConstant) return {Kind::Constant, variable, 0};
    if (!isUse) {
      variable->isCaptured = true;
      if (variable->block != nullptr) variable->block->hasCaptured = true;
    }
    return {Kind::Local, variable, 0};
  }
  const ArenaList<UpvalueNode>& upvalues = upvalueLists[function.nesting];
  for (uint32_t i = 0; i < upvalues.size(); ++i) {
    if (upvalues[i].name == name) return {Kind::Upvalue, upvalues[i].variable, i};
  }
  if (function.outer == nullptr) return {Kind::Global, nullptr, 0};
  const ResolvedName outer = resolveIn(*function.outer, name, false);
  if (outer.kind == Kind::Global || outer.kind == Kind::Constant) return outer;
  const bool isLocal = outer.kind == Kind::Local;
  return {Kind::Upvalue, outer.variable, addUpvalue(function, {name, outer.variable, isLocal, outer.upvalue})};
}

// ---- labels ----

LabelNode* Scopes::findLabel(String* name) {
  for (size_t i = currentFunction->firstLabel; i < labels.size(); ++i) {
    if (labels[i]->name == name) return labels[i];
  }
  return nullptr;
}

LabelNode* Scopes::declareLabel(String* name, uint32_t line, bool endsBlock) {
  if (const LabelNode* same = findLabel(name); same != nullptr) {
    lexer.semanticError(formatText(vm, "label '{}' already defined on line {}", name->view(), same->line));
    return nullptr;
  }
  FunctionScope& function = *currentFunction;
  auto* label = arena.make<LabelNode>();
  label->name = name;
  label->line = line;
  label->depth = endsBlock ? function.block->labelDepth : function.activeCount;
  labels.push_back(label);
  size_t kept = function.block->firstGoto;
  for (size_t i = kept; i < gotos.size(); ++i) {
    const PendingGoto& pending = gotos[i];
    if (pending.isBreak || pending.name != name) {
      gotos[kept++] = pending;
      continue;
    }
    if (pending.depth < label->depth) {
      lexer.semanticError(formatText(vm, "<goto {}> at line {} jumps into the scope of local '{}'", name->view(),
                                     pending.statement->line,
                                     variables[function.firstVariable + pending.depth].name->view()));
      return nullptr;
    }
    label->isUsed = true;
    pending.statement->label = label;
  }
  gotos.resize(kept);
  return label;
}

void Scopes::resolveGoto(GotoStatement* statement, String* name) {
  LabelNode* label = findLabel(name);
  if (label == nullptr) {
    gotos.push_back({statement, name, currentFunction->activeCount, false});
    return;
  }
  label->isUsed = label->hasBackwardJump = true;
  statement->label = label;
}

void Scopes::resolveBreak(GotoStatement* statement, String* breakName) {
  BlockScope* loop = currentFunction->block;
  while (loop != nullptr && !loop->isLoop) loop = loop->outer;
  if (loop == nullptr) {
    gotos.push_back({statement, breakName, currentFunction->activeCount, true});
    return;
  }
  if (loop->breakLabel == nullptr) {
    auto* label = arena.make<LabelNode>();
    label->name = breakName;
    label->line = statement->line;
    label->depth = loop->depth;
    label->isUsed = true;
    loop->breakLabel = label;
  }
  statement->label = loop->breakLabel;
}

void Scopes::undefinedGoto(const PendingGoto& pending) {
  if (pending.isBreak) {
    lexer.semanticError(formatText(vm, "break outside loop at line {}", pending.statement->line));
  } else {
    lexer.semanticError(
        formatText(vm, "no visible label '{}' for <goto> at line {}", pending.name->view(), pending.statement->line));
  }
}

}  // namespace selvage
