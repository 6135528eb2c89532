// The compiler of one function: register allocation, expressions and statements.
//
// Local variables live in fixed slots from 0 on, temporaries in the slots above them, as on a stack. Every
// expression is compiled towards a destination, so that its last instruction writes where the value is wanted.
// Conditions are compiled to jumps and only become booleans where a value is wanted.
//
// A destination is fresh when nothing can see its slot before the expression is complete (a temporary, or a local
// variable that is not in scope yet): then it may hold intermediate values. Any other destination is written only
// by the very last instruction, because the expression may read the variable, or fail and leave it as it was.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>

#include "compiler/ast.hpp"
#include "compiler/bytecode_emitter.hpp"
#include "vm/vm.hpp"

namespace selvage {

// What all functions of one chunk share while they are compiled.
struct ChunkContext {
  VM& vm;
  Arena& arena;  // for what is needed meanwhile
  String* source;
  Text error;  // of the first limit that was exceeded; not empty: give up
};

// What a function may use of the operands that address constants, caches and templates; see BytecodeEmitter.
struct OperandPolicy {
  uint32_t cacheLimit = 0x10000;
  bool useTemplates = true;
};

class FunctionCompiler {
 public:
  FunctionCompiler(ChunkContext& chunkContext, FunctionNode& functionNode, OperandPolicy operandPolicy);
  FunctionCompiler(const FunctionCompiler&) = delete;
  FunctionCompiler& operator=(const FunctionCompiler&) = delete;

  // The proto, or null when a limit was exceeded: of the language, then the context has an error, or of operands.
  Proto* compile();
  bool hasOperandOverflow() const { return emitter.hasOperandOverflow(); }
  // What to try next then.
  OperandPolicy narrowerPolicy() const;

 private:
  struct Destination {
    uint32_t slot;
    bool isFresh;
  };
  // A slot or a constant.
  struct Operand {
    bool isConstant;
    uint32_t index;
  };
  // Where an assignment stores, with its object and key evaluated.
  struct Target {
    enum class Kind : uint8_t { Local, Upvalue, Global, Field, IntegerIndex, Index } kind;
    uint32_t object = 0;     // slot of a local, index of an upvalue, upvalue of the environment, slot of the table
    uint32_t key = 0;        // slot, or the integer
    String* name = nullptr;  // of a Global or Field
    uint32_t line = 0;
  };
  // What must be closed when variables go out of scope: the lowest slot concerned, and whether some of them is to be
  // closed.
  struct CloseNeed {
    bool isNeeded = false;
    bool hasToBeClosed = false;
    uint32_t slot = 0;
    bool covers(const CloseNeed& other) const {
      return !other.isNeeded || (isNeeded && slot <= other.slot && hasToBeClosed >= other.hasToBeClosed);
    }
    void add(const CloseNeed& other) {
      if (!other.isNeeded) return;
      slot = isNeeded ? std::min(slot, other.slot) : other.slot;
      isNeeded = true;
      hasToBeClosed |= other.hasToBeClosed;
    }
  };
  struct LabelState {
    explicit LabelState(Arena& arena) : pending(arena) {}
    std::optional<uint32_t> position;
    JumpList pending;
    CloseNeed closing;          // what gotos from before the label leave open
    bool closesItself = false;  // the statement that the label belongs to closes all of that
  };
  // Temporaries reserved during the life of this object are free again afterwards.
  class TemporaryScope {
   public:
    explicit TemporaryScope(FunctionCompiler& owner) : compiler(owner), mark(owner.freeSlot) {}
    ~TemporaryScope() { compiler.freeSlot = mark; }
    TemporaryScope(const TemporaryScope&) = delete;
    TemporaryScope& operator=(const TemporaryScope&) = delete;

   private:
    FunctionCompiler& compiler;
    uint32_t mark;
  };

  // ---- slots and scopes (function_compiler.cpp) ----
  uint32_t reserve(uint32_t count = 1);
  // The frame must cover the slots below `end`, though they are not reserved.
  void coverSlots(uint32_t end) { frameSlots = std::max(frameSlots, end); }
  bool isOnTop(uint32_t slot) const { return slot + 1 == freeSlot; }
  void activate(LocalNode* local, uint32_t slot);
  void deactivateFrom(size_t depth);
  // For the variables from `depth` on.
  CloseNeed closeNeedFrom(size_t depth) const;
  void emitClose(const CloseNeed& need);
  void fail(std::string_view message);
  // False, and an error: the C stack is at its end, or the program is to stop.
  bool mayGoOn();
  // Whether what is compiled now will be thrown away anyway.
  bool isFutile() const { return !context.error.empty() || hasOperandOverflow(); }
  void describeFunction(Proto& proto);
  uint32_t nestedProto(FunctionNode& nested);
  uint32_t tableMakerProto();
  uint32_t addProto(Proto* proto);

  // ---- expressions (compile_expression.cpp) ----
  void compileTo(Expression* expression, Destination destination);
  void compileToFresh(Expression* expression, uint32_t slot) { compileTo(expression, {slot, true}); }
  // A slot that holds the value: a local's own or a new temporary, or `scratch` if given.
  uint32_t compileToAny(Expression* expression, std::optional<uint32_t> scratch = {});
  void loadConstant(Value value, uint32_t slot);
  void loadConstantIndex(uint32_t index, uint32_t slot);
  void move(uint32_t to, uint32_t from);
  void compileGlobal(GlobalExpression* global, Destination destination);
  void getField(uint32_t slot, uint32_t object, String* name);
  void compileIndexInto(uint32_t slot, uint32_t object, IndexExpression* expression);
  static bool isIntegerOperand(Value value) { return value.isInteger() && value.bits <= 0xFFFF; }
  void compileBinary(BinaryExpression* expression, Destination destination);
  void compileUnary(UnaryExpression* expression, Destination destination);
  void compileConcat(ConcatExpression* expression, Destination destination);
  std::optional<uint32_t> numericConstant(Expression* expression);
  std::optional<uint32_t> operandConstant(Expression* expression);
  static bool isWithoutEffect(Expression* expression);

  // ---- table constructors (compile_table.cpp) ----
  void compileTable(TableExpression* expression, Destination destination);
  void emitNewTable(TableExpression* expression, uint32_t slot);
  void compileKeyedItem(uint32_t table, const TableItem& item);

  // ---- calls and lists of values (compile_call.cpp) ----
  enum class CallUse : uint8_t { Values, Tail };
  // A chain of calls, method calls and indexings. `results` and `use` concern the outermost node; unless that is one
  // ordinary value, it is a call and the destination is fresh and the topmost slot.
  void compileChain(Expression* expression, Destination destination, uint32_t results, CallUse use);
  // `frame` is the topmost slot; it holds the function, or for a method call nothing yet: the object is in `object`.
  void compileCallInFrame(Expression* call, uint32_t frame, uint32_t object, uint32_t results, CallUse use);
  // Exactly `count` values, or all of them, from the topmost reserved slot `slot` on.
  void compileMultiple(Expression* expression, uint32_t slot, uint32_t count);
  struct ListResult {
    uint32_t count;   // values in the reserved slots
    bool isVariable;  // and vm.variableResults more behind them
  };
  // Values in new slots from freeSlot on, which stay reserved.
  ListResult compileList(std::span<Expression* const> values);
  // The same adjusted to exactly `count` values.
  void compileAdjustedList(std::span<Expression* const> values, uint32_t count);

  // ---- conditions (compile_condition.cpp) ----
  // Adds to `jumps` jumps that are taken when the expression is truthy (`when`) or falsy; falls through otherwise.
  void compileCondition(Expression* expression, bool when, JumpList& jumps) {
    compileCondition(expression, when, jumps, expression->line);
  }
  // `jumpLine`: the line of the last jump, unless that is part of a comparison.
  void compileCondition(Expression* expression, bool when, JumpList& jumps, uint32_t jumpLine);
  // The jump of a comparison whose left side has been evaluated.
  uint32_t emitComparison(BinaryExpression* expression, Operand left, bool when);
  uint32_t emitOrder(BinaryOperator comparison, Operand left, Operand right, bool when);
  // Constants only where emitComparison and its opcodes can take them.
  Operand comparisonLeft(BinaryExpression* expression);
  std::optional<uint32_t> comparisonConstant(BinaryOperator comparison, Expression* expression);
  // The boolean that the comparisons, `not`, `and` and `or` of a condition give.
  void compileConditionValue(Expression* expression, Destination destination);
  void compileLogical(BinaryExpression* expression, Destination destination);
  struct BooleanExits {
    explicit BooleanExits(Arena& arena) : end(arena), whenTrue(arena), whenFalse(arena) {}
    JumpList end;       // the value is in the destination
    JumpList whenTrue;  // the value is true
    JumpList whenFalse;
  };
  struct LogicalOperand {
    Expression* expression;
    uint32_t operatorLine;  // of the operator behind it, where its truth is tested; 0: it is the last one
  };
  // If the operand's truth is `when`, its value goes to the destination and control to one of the exits.
  void compileValueJump(LogicalOperand operand, Destination destination, bool when, BooleanExits& exits);
  // Where the exits meet. `hasValue`: control that falls in has its value in the slot; otherwise it means false.
  void bindBooleanExits(uint32_t slot, BooleanExits& exits, bool hasValue);
  static bool isBooleanExpression(Expression* expression);
  // The operands of a chain of one logical operator, in order.
  ArenaList<LogicalOperand> logicalOperands(BinaryExpression* expression);

  // ---- statements (compile_statement.cpp, compile_loop.cpp) ----
  void compileBlock(BlockNode* block);
  // The statements of a block in a scope that the caller has opened; closeScope ends it.
  void compileStatements(BlockNode* block);
  void closeScope(size_t depth);
  void compileStatement(Statement* statement);
  void compileLocal(LocalStatement* statement);
  void compileLocalFunction(LocalFunctionStatement* statement);
  void compileIf(IfStatement* statement);
  void compileWhile(WhileStatement* statement);
  void compileRepeat(RepeatStatement* statement);
  void compileNumericFor(NumericForStatement* statement);
  void compileGenericFor(GenericForStatement* statement);
  void compileReturn(ReturnStatement* statement);
  void compileTailCall(Expression* call);
  // Returns `count` values (and vm.variableResults more) from slot `first` on.
  void emitReturn(uint32_t first, uint32_t count, bool isVariable);
  void compileGoto(GotoStatement* statement);
  // Whether a clause is a goto that needs no more than a jump, so that its condition can jump for it.
  bool isPlainForwardGoto(const IfClause& clause);
  // Where variables that gotos have left are to be closed, that has the given line.
  void placeLabel(LabelNode* label, uint32_t line);
  LabelState& labelState(const LabelNode* label) { return labels.try_emplace(label, context.arena).first->second; }
  void jumpToLabel(LabelNode* label, const JumpList& jumps);

  // ---- assignments (compile_assignment.cpp) ----
  void compileAssignment(AssignmentStatement* statement);
  // `x = x + y` and `x = x - y` of an upvalue x, where y is a local variable or a constant, begin with an instruction
  // that does it for numbers and then jumps: the position of that jump, which is to lead behind the assignment.
  std::optional<uint32_t> emitUpdate(const AssignmentStatement* statement, const Target& target);
  void compileMultipleAssignment(AssignmentStatement* statement);
  void compileFunctionStatement(FunctionStatement* statement);
  // Evaluates object and key. Stores happen from the last target to the first, so a variable among `laterTargets`
  // will have changed by then and is copied.
  Target prepareTarget(Expression* target, std::span<Expression* const> laterTargets);
  void prepareKey(Target& target, Expression* key, std::span<Expression* const> laterTargets);
  uint32_t targetOperand(Expression* expression, std::span<Expression* const> laterTargets);
  void store(const Target& target, uint32_t slot);
  void storeExpression(const Target& target, Expression* value);

  ChunkContext& context;
  VM& vm;
  FunctionNode& function;
  OperandPolicy policy;
  BytecodeEmitter emitter;
  uint32_t freeSlot = 0;
  uint32_t frameSlots = 0;
  uint32_t openFrames = 0;  // frame headers among the reserved slots, which the reference's frames do not have
  ArenaList<LocalNode*> activeLocals;   // index: LocalNode::depth
  ArenaList<uint32_t> activeVariables;  // for each, its index in localVariables (or noVariable)
  ArenaList<LocalVariable> localVariables;
  ArenaList<Proto*> protos;
  std::optional<uint32_t> tableMaker;
  std::unordered_map<const LabelNode*, LabelState, std::hash<const LabelNode*>, std::equal_to<>,
                     ArenaAllocator<std::pair<const LabelNode* const, LabelState>>>
      labels;
};

}  // namespace selvage
