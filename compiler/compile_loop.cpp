// Loops.
#include "compiler/function_compiler.hpp"

namespace selvage {

namespace {

constexpr uint32_t genericForStateSlots = 4;
constexpr uint32_t iteratorCallSlots = 4;  // the iterator, the frame header and two arguments

}  // namespace

void FunctionCompiler::compileWhile(WhileStatement* statement) {
  const uint32_t top = emitter.label();
  JumpList exits(context.arena);
  compileCondition(statement->condition, false, exits);
  compileBlock(statement->body);
  if (emitter.isReachable()) emitter.emitLoopJump(top);
  emitter.bindHere(exits);
  placeLabel(statement->breakLabel, statement->body->lastLine);
}

void FunctionCompiler::compileRepeat(RepeatStatement* statement) {
  const uint32_t top = emitter.label();
  {
    TemporaryScope scope(*this);
    const size_t depth = activeLocals.size();
    compileStatements(statement->body);
    const CloseNeed need = closeNeedFrom(depth);
    const bool isLoop = need.isNeeded || statement->condition->kind != ExpressionKind::Constant ||
                        statement->condition->as<ConstantExpression>()->value.isFalsy();
    if (isLoop && emitter.isReachable()) {
      JumpList exits(context.arena);
      compileCondition(statement->condition, true, exits);
      if (emitter.isReachable()) {
        emitClose(need);
        emitter.emitLoopJump(top);
      }
      emitter.bindHere(exits);
      deactivateFrom(depth);
      if (need.isNeeded && !exits.empty()) {
        emitClose(need);
        emitter.noteLeap();  // past what closes for the next turn
      } else if (!exits.empty()) {
        emitter.noteFallIn(exits.back());
      }
    } else {
      deactivateFrom(depth);
    }
  }
  placeLabel(statement->breakLabel, statement->lastLine);
}

void FunctionCompiler::compileNumericFor(NumericForStatement* statement) {
  {
    TemporaryScope scope(*this);
    const size_t outerDepth = activeLocals.size();
    const uint32_t base = reserve();
    compileToFresh(statement->start, base);
    compileToFresh(statement->limit, reserve());
    const uint32_t step = reserve();
    if (statement->step != nullptr) {
      compileToFresh(statement->step, step);
    } else {
      loadConstant(Value::integer(1), step);
    }
    for (uint32_t i = 0; i < std::size(statement->state); ++i) activate(statement->state[i], base + i);
    emitter.setLine(statement->body->beginLine);
    const uint32_t prepare = emitter.emitWide(Opcode::ForPrepare, base, 0);
    const uint32_t start = emitter.label();
    {
      TemporaryScope bodyScope(*this);
      const size_t depth = activeLocals.size();
      activate(statement->variable, reserve());
      compileStatements(statement->body);
      emitter.setLine(statement->body->finalLine);
      closeScope(depth);
    }
    emitter.setLine(statement->line);
    emitter.patchJump(emitter.emitWide(Opcode::ForLoop, base, 0), start);
    emitter.patchJump(prepare, emitter.pc());
    deactivateFrom(outerDepth);
  }
  placeLabel(statement->breakLabel, statement->body->lastLine);
}

void FunctionCompiler::compileGenericFor(GenericForStatement* statement) {
  TemporaryScope scope(*this);
  const size_t outerDepth = activeLocals.size();
  const uint32_t base = freeSlot;
  compileAdjustedList(statement->values, genericForStateSlots);
  for (uint32_t i = 0; i < genericForStateSlots; ++i) activate(statement->state[i], base + i);
  if (statement->breakLabel != nullptr) labelState(statement->breakLabel).closesItself = true;
  emitter.setLine(statement->body->beginLine);
  const uint32_t prepare = emitter.emitWide(Opcode::GenericForPrepare, base, 0);
  const uint32_t start = emitter.label();
  const auto variableCount = static_cast<uint32_t>(statement->variables.size());
  {
    TemporaryScope bodyScope(*this);
    const size_t depth = activeLocals.size();
    const uint32_t first = reserve(variableCount);
    coverSlots(first + iteratorCallSlots);
    for (uint32_t i = 0; i < variableCount; ++i) activate(statement->variables[i], first + i);
    compileStatements(statement->body);
    emitter.setLine(statement->body->finalLine);
    closeScope(depth);
  }
  emitter.setLine(statement->line);
  emitter.patchJump(prepare, emitter.pc());
  emitter.patchJump(emitter.emitExtended(Opcode::GenericForCall, base, variableCount, 0, 0), start);
  emitter.patchJump(emitter.emitWide(Opcode::GenericForLoop, base, 0), start);
  const CloseNeed need = closeNeedFrom(outerDepth);
  deactivateFrom(outerDepth);
  placeLabel(statement->breakLabel, statement->body->lastLine);
  emitter.setLine(statement->body->lastLine);
  emitClose(need);
}

}  // namespace selvage
