// Compiling a function as a whole: slots, scopes, nested functions, and what a proto needs besides its code.
#include "compiler/function_compiler.hpp"

#include <limits>

#include "compiler/bytecode_compiler.hpp"
#include "vm/bounds.hpp"
#include "vm/bytecode_limits.hpp"
#include "vm/chunk_name.hpp"
#include "vm/format_text.hpp"

namespace selvage {

namespace {

constexpr std::string_view tooManyRegisters = "function or expression needs too many registers";
constexpr uint32_t noVariable = std::numeric_limits<uint32_t>::max();

}  // namespace

FunctionCompiler::FunctionCompiler(ChunkContext& chunkContext, FunctionNode& functionNode, OperandPolicy operandPolicy)
    : context(chunkContext),
      vm(chunkContext.vm),
      function(functionNode),
      policy(operandPolicy),
      emitter(chunkContext.vm, chunkContext.arena),
      activeLocals(chunkContext.arena),
      activeVariables(chunkContext.arena),
      localVariables(chunkContext.arena),
      protos(chunkContext.arena),
      labels(chunkContext.arena) {
  emitter.limitCaches(policy.cacheLimit);
  emitter.followLiveSlots(freeSlot);
}

void FunctionCompiler::fail(std::string_view message) {
  if (!context.error.empty()) return;
  context.error = formatText(vm, "{}:{}: {}", displayName(context.source->view()).view(), emitter.line(), message);
}

bool FunctionCompiler::mayGoOn() {
  const bool isStopping = isStopRequested(vm);
  if (!isStopping && !isCStackLow()) [[likely]]
    return true;
  if (context.error.empty()) context.error = isStopping ? stopMessage(vm) : cStackOverflow;
  return false;
}

uint32_t FunctionCompiler::reserve(uint32_t count) {
  const uint32_t first = freeSlot;
  freeSlot += count;
  coverSlots(freeSlot);
  if (freeSlot > maxRegisters + openFrames) fail(tooManyRegisters);
  return first;
}

void FunctionCompiler::activate(LocalNode* local, uint32_t slot) {
  local->slot = slot;
  activeLocals.push_back(local);
  if (local->isConstant) {
    activeVariables.push_back(noVariable);
    return;
  }
  activeVariables.push_back(static_cast<uint32_t>(localVariables.size()));
  localVariables.push_back({local->name, slot, emitter.pc(), 0});
}

void FunctionCompiler::deactivateFrom(size_t depth) {
  for (size_t i = depth; i < activeLocals.size(); ++i) {
    if (activeVariables[i] != noVariable) localVariables[activeVariables[i]].endPc = emitter.pc();
  }
  activeLocals.resize(depth);
  activeVariables.resize(depth);
}

FunctionCompiler::CloseNeed FunctionCompiler::closeNeedFrom(size_t depth) const {
  CloseNeed need;
  for (size_t i = depth; i < activeLocals.size(); ++i) {
    const LocalNode* local = activeLocals[i];
    const bool isToBeClosed = local->attribute == Attribute::Close;
    if (local->isConstant || (!local->isCaptured && !isToBeClosed)) continue;
    if (!need.isNeeded) need.slot = local->slot;
    need.isNeeded = true;
    need.hasToBeClosed |= isToBeClosed;
  }
  return need;
}

void FunctionCompiler::emitClose(const CloseNeed& need) {
  if (need.isNeeded) emitter.emit(need.hasToBeClosed ? Opcode::Close : Opcode::CloseUpvalues, need.slot);
}

OperandPolicy FunctionCompiler::narrowerPolicy() const {
  if (!emitter.canReachTemplates()) return {0, false};
  return {policy.cacheLimit == OperandPolicy{}.cacheLimit ? emitter.cacheCount() / 3 : 0, true};
}

Proto* FunctionCompiler::compile() {
  emitter.setLine(function.line);
  emitter.emit(function.isVararg ? Opcode::EnterVararg : Opcode::Enter,
               static_cast<uint32_t>(function.parameters.size()));
  for (LocalNode* parameter : function.parameters) activate(parameter, reserve());
  compileStatements(function.body);
  emitter.setLine(function.lastLine);
  if (!emitter.isReachable()) deactivateFrom(0);
  emitReturn(0, 0, false);
  deactivateFrom(0);
  if (frameSlots > maxFrameSlots) fail(tooManyRegisters);
  if (isFutile()) return nullptr;
  Proto* proto = emitter.finish(frameSlots, localVariables.size(), function.upvalues.size(), protos.size());
  if (proto == nullptr) {
    context.error = isStopRequested(vm) ? stopMessage(vm) : "not enough memory";
    return nullptr;
  }
  describeFunction(*proto);
  return proto;
}

void FunctionCompiler::describeFunction(Proto& proto) {
  proto.parameterCount = static_cast<uint8_t>(function.parameters.size());
  proto.isVararg = function.isVararg;
  proto.lineDefined = function.line;
  proto.lastLineDefined = function.lastLine;
  proto.source = context.source;
  std::copy(protos.begin(), protos.end(), proto.protos.begin());
  std::copy(localVariables.begin(), localVariables.end(), proto.locals.begin());
  std::transform(function.upvalues.begin(), function.upvalues.end(), proto.upvalues.begin(),
                 [](const UpvalueNode& upvalue) -> UpvalueDescription {
                   const bool isParentSlot = upvalue.fromParentLocal && upvalue.variable != nullptr;
                   const uint32_t index = isParentSlot ? upvalue.variable->slot : upvalue.parentIndex;
                   return {upvalue.name, upvalue.fromParentLocal, static_cast<uint16_t>(index)};
                 });
}

uint32_t FunctionCompiler::addProto(Proto* proto) {
  protos.push_back(proto);
  if (protos.size() > maxNestedProtos) fail(formatText(vm, "too many functions (limit is {})", maxNestedProtos));
  return static_cast<uint32_t>(protos.size() - 1);
}

namespace {

// Compiles a function with as many inline caches as its operands can reach.
Proto* compileWithin(ChunkContext& context, FunctionNode& function) {
  OperandPolicy policy;
  while (true) {
    FunctionCompiler compiler(context, function, policy);
    Proto* proto = compiler.compile();
    if (proto != nullptr || !context.error.empty()) return proto;
    policy = compiler.narrowerPolicy();
  }
}

}  // namespace

uint32_t FunctionCompiler::nestedProto(FunctionNode& nested) {
  Proto* proto = compileWithin(context, nested);
  return proto == nullptr ? 0 : addProto(proto);
}

uint32_t FunctionCompiler::tableMakerProto() {
  if (tableMaker) return *tableMaker;
  BytecodeEmitter maker(vm, context.arena);
  maker.setLine(emitter.line());
  maker.emit(Opcode::Enter, 0);
  maker.emit(Opcode::NewTable, 0, maker.makeTemplate({}, 0));
  maker.emit(Opcode::Return1, 0);
  Proto* proto = maker.finish(1, 0, 0, 0);
  if (proto == nullptr) {
    context.error = "not enough memory";
    return 0;
  }
  proto->parameterCount = 0;
  proto->isVararg = false;
  proto->lineDefined = emitter.line();
  proto->lastLineDefined = emitter.line();
  proto->source = context.source;
  tableMaker = addProto(proto);
  return *tableMaker;
}

Proto* compileFunction(VM& vm, Arena& arena, FunctionNode& main, String* source, Text& error) {
  ChunkContext context{vm, arena, source, Text(vm)};
  Proto* proto = compileWithin(context, main);
  if (proto == nullptr) {
    error = std::move(context.error);
    return nullptr;
  }
  prepareProtos(vm, *proto);
  return proto;
}

}  // namespace selvage
