// Statements but for loops and assignments.
#include "compiler/function_compiler.hpp"

namespace selvage {

void FunctionCompiler::compileBlock(BlockNode* block) {
  TemporaryScope scope(*this);
  const size_t depth = activeLocals.size();
  compileStatements(block);
  emitter.setLine(block->finalLine);
  closeScope(depth);
}

void FunctionCompiler::closeScope(size_t depth) {
  const CloseNeed need = closeNeedFrom(depth);
  deactivateFrom(depth);
  if (emitter.isReachable()) emitClose(need);
}

void FunctionCompiler::compileStatements(BlockNode* block) {
  for (Statement* statement : block->statements) {
    if (isFutile()) return;
    compileStatement(statement);
  }
}

void FunctionCompiler::compileStatement(Statement* statement) {
  if (!mayGoOn()) return;
  emitter.setLine(statement->line);
  switch (statement->kind) {
    case StatementKind::Local: compileLocal(statement->as<LocalStatement>()); return;
    case StatementKind::LocalFunction: compileLocalFunction(statement->as<LocalFunctionStatement>()); return;
    case StatementKind::Assignment: compileAssignment(statement->as<AssignmentStatement>()); return;
    case StatementKind::Function: compileFunctionStatement(statement->as<FunctionStatement>()); return;
    case StatementKind::Call: {
      TemporaryScope scope(*this);
      compileMultiple(statement->as<CallStatement>()->call, reserve(), 0);
      return;
    }
    case StatementKind::Do: compileBlock(statement->as<DoStatement>()->body); return;
    case StatementKind::While: compileWhile(statement->as<WhileStatement>()); return;
    case StatementKind::Repeat: compileRepeat(statement->as<RepeatStatement>()); return;
    case StatementKind::If: compileIf(statement->as<IfStatement>()); return;
    case StatementKind::NumericFor: compileNumericFor(statement->as<NumericForStatement>()); return;
    case StatementKind::GenericFor: compileGenericFor(statement->as<GenericForStatement>()); return;
    case StatementKind::Return: compileReturn(statement->as<ReturnStatement>()); return;
    case StatementKind::Goto: compileGoto(statement->as<GotoStatement>()); return;
    case StatementKind::Label: placeLabel(statement->as<LabelStatement>()->label, statement->line); return;
  }
}

void FunctionCompiler::compileLocal(LocalStatement* statement) {
  std::span<LocalNode*> variables = statement->variables;
  std::span<Expression*> values = statement->values;
  const bool endsWithConstant = variables.back()->isConstant;
  if (endsWithConstant) values = values.first(values.size() - 1);
  const auto count = static_cast<uint32_t>(variables.size()) - (endsWithConstant ? 1 : 0);
  const uint32_t first = freeSlot;
  if (values.empty()) emitter.setLine(statement->lastLine);
  compileAdjustedList(values, count);
  for (uint32_t i = 0; i < variables.size(); ++i) activate(variables[i], first + i);
  for (uint32_t i = 0; i < count; ++i) {
    if (variables[i]->attribute != Attribute::Close) continue;
    emitter.setLine(statement->lastLine);
    emitter.emit(Opcode::ToBeClosed, first + i);
  }
}

void FunctionCompiler::compileLocalFunction(LocalFunctionStatement* statement) {
  const uint32_t slot = reserve();
  activate(statement->variable, slot);
  const uint32_t proto = nestedProto(*statement->function);
  emitter.setLine(statement->function->lastLine);
  emitter.emit(Opcode::Closure, slot, proto);
  // Until here the variable has no value that debug information could show.
  localVariables[activeVariables.back()].startPc = emitter.pc();
}

void FunctionCompiler::compileIf(IfStatement* statement) {
  JumpList end(context.arena);
  for (size_t i = 0; i < statement->clauses.size(); ++i) {
    const IfClause& clause = statement->clauses[i];
    const bool isLast = i + 1 == statement->clauses.size() && statement->otherwise == nullptr;
    emitter.setLine(clause.line);
    if (clause.condition->kind == ExpressionKind::Constant) {
      if (clause.condition->as<ConstantExpression>()->value.isFalsy()) {
        // A jump to the next instruction, so that the condition is a line to a debug hook.
        emitter.setLine(clause.thenLine);
        JumpList next(1, emitter.emitJump(), context.arena);
        emitter.bindHere(next);
        continue;
      }
      compileBlock(clause.body);
      emitter.bindHere(end);
      return;
    }
    if (isPlainForwardGoto(clause)) {
      JumpList jumps(context.arena);
      compileCondition(clause.condition, true, jumps, clause.thenLine);
      const auto* const jump = clause.body->statements[0]->as<GotoStatement>();
      jumpToLabel(jump->label, jumps);
      if (!jump->isBreak) emitter.noteLeap();  // past the goto
      continue;
    }
    JumpList otherwise(context.arena);
    compileCondition(clause.condition, false, otherwise, clause.thenLine);
    compileBlock(clause.body);
    if (!isLast && emitter.isReachable()) end.push_back(emitter.emitJump());
    emitter.bindHere(otherwise);
  }
  if (statement->otherwise != nullptr) compileBlock(statement->otherwise);
  emitter.bindHere(end);
}

void FunctionCompiler::compileReturn(ReturnStatement* statement) {
  TemporaryScope scope(*this);
  std::span<Expression*> values = statement->values;
  if (values.size() == 1) {
    Expression* value = values[0];
    const bool isCall = value->hasMultipleValues() && value->kind != ExpressionKind::Vararg;
    if (isCall && !statement->isInsideToBeClosed) {
      compileTailCall(value);
      return;
    }
    if (!value->hasMultipleValues()) {
      // A __close handler may change the variable that is returned.
      const bool needsCopy = statement->isInsideToBeClosed && value->kind == ExpressionKind::Local;
      uint32_t slot;
      if (needsCopy) {
        compileToFresh(value, slot = reserve());
      } else {
        slot = compileToAny(value);
      }
      emitter.setLine(statement->line);
      emitReturn(slot, 1, false);
      return;
    }
  }
  const uint32_t first = freeSlot;
  const ListResult list = compileList(values);
  emitter.setLine(statement->line);
  emitReturn(first, list.count, list.isVariable);
}

void FunctionCompiler::compileTailCall(Expression* call) {
  compileChain(call, {reserve(), true}, variableCount, CallUse::Tail);
}

void FunctionCompiler::emitReturn(uint32_t first, uint32_t count, bool isVariable) {
  const CloseNeed need = closeNeedFrom(0);
  if (need.hasToBeClosed) {
    emitter.emitExtended(Opcode::CloseReturn, need.slot, first, count, isVariable ? 1 : 0);
  } else {
    emitClose(need);
  }
  const bool isVararg = function.isVararg;
  if (isVariable) {
    emitter.emit(isVararg ? Opcode::ReturnVariableFromVararg : Opcode::ReturnVariable, first, count);
  } else if (count == 0) {
    emitter.emit(isVararg ? Opcode::Return0FromVararg : Opcode::Return0);
  } else if (count == 1) {
    emitter.emit(isVararg ? Opcode::Return1FromVararg : Opcode::Return1, first);
  } else {
    emitter.emit(isVararg ? Opcode::ReturnFromVararg : Opcode::Return, first, count);
  }
}

// ---- gotos ----

void FunctionCompiler::compileGoto(GotoStatement* statement) {
  LabelNode* label = statement->label;
  const LabelState& state = labelState(label);
  if (state.position) {
    emitClose(closeNeedFrom(label->depth));
    // The reference closes whenever variables go out of scope.
    const bool leavesVariables = std::any_of(activeLocals.begin() + label->depth, activeLocals.end(),
                                             [](const LocalNode* local) { return !local->isConstant; });
    emitter.emitLoopJump(*state.position, leavesVariables);
  } else {
    jumpToLabel(label, JumpList(1, emitter.emitJump(), context.arena));
  }
}

bool FunctionCompiler::isPlainForwardGoto(const IfClause& clause) {
  const BlockNode* block = clause.body;
  if (block->statements.size() != 1 || block->statements[0]->kind != StatementKind::Goto) return false;
  const auto* statement = block->statements[0]->as<GotoStatement>();
  // A goto on a line of its own is an instruction of its own, which debug hooks see; a break never is.
  if (!statement->isBreak && statement->line != clause.thenLine) return false;
  return !labelState(statement->label).position;
}

void FunctionCompiler::jumpToLabel(LabelNode* label, const JumpList& jumps) {
  LabelState& state = labelState(label);
  state.pending.insert(state.pending.end(), jumps.begin(), jumps.end());
  if (!state.closesItself) state.closing.add(closeNeedFrom(label->depth));
}

void FunctionCompiler::placeLabel(LabelNode* label, uint32_t line) {
  if (label == nullptr) return;
  LabelState& state = labelState(label);
  emitter.bindHere(state.pending);
  state.pending.clear();
  if (label->hasBackwardJump) state.position = emitter.label();
  // A label at the end of its block may leave the closing to that.
  if (closeNeedFrom(label->depth).covers(state.closing)) return;
  emitter.setLine(line);
  emitClose(state.closing);
}

}  // namespace selvage
