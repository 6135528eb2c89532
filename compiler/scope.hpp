// Scopes: which variable a name means, and which label a goto.
//
// The parser opens and closes functions and blocks here as it meets them and declares variables and labels; a name is
// resolved when it is read, since Lua declares everything before its use, and a goto when its label is known.
#pragma once

#include <cstdint>
#include <string_view>

#include "compiler/arena.hpp"
#include "compiler/ast.hpp"
#include "compiler/lexer.hpp"

namespace selvage {

constexpr uint32_t maxLocalVariables = 200;  // in scope at once in one function; the reference's limits
constexpr uint32_t maxUpvalues = 255;

// Both live on the C++ stack of the parser function that parses the construct.
struct BlockScope {
  BlockNode* node = nullptr;  // null: the scope of a loop's hidden variables and of its `break` label
  bool isLoop = false;
  // Filled in by enterBlock.
  BlockScope* outer = nullptr;
  uint32_t depth = 0;       // variables of the function in scope around it
  uint32_t labelDepth = 0;  // the depth of a label that ends it
  uint32_t firstLabel = 0;
  uint32_t firstGoto = 0;
  bool isInsideToBeClosed = false;
  LabelNode* breakLabel = nullptr;
};

struct FunctionScope {
  FunctionNode* node = nullptr;
  // Filled in by openFunction.
  FunctionScope* outer = nullptr;
  BlockScope* block = nullptr;
  uint32_t firstVariable = 0;
  uint32_t activeCount = 0;  // variables in scope
  uint32_t firstLabel = 0;
  uint32_t nesting = 0;  // functions around it
};

// What a name is in the function where it is used.
struct ResolvedName {
  enum class Kind : uint8_t { Global, Local, Upvalue, Constant } kind;
  LocalNode* variable;  // null: Global, and the chunk's _ENV
  uint32_t upvalue;     // index, of Upvalue
};

class Scopes {
 public:
  Scopes(VM& owner, Lexer& lexer, Arena& arena)
      : vm(owner), lexer(lexer), arena(arena), variables(arena), upvalueLists(arena), labels(arena), gotos(arena) {}

  // ---- functions and blocks ----
  void openFunction(FunctionScope& function, BlockScope& body);
  void closeFunction();  // an error if gotos remain without label
  void enterBlock(BlockScope& block);
  void leaveBlock();
  FunctionScope& function() { return *currentFunction; }
  BlockScope& block() { return *currentFunction->block; }

  // ---- variables ----
  // A new variable of the current function, not in scope yet.
  LocalNode* declare(String* name);
  // Brings the next `count` declared variables into scope.
  void activate(uint32_t count);
  // The current block now has a to-be-closed variable (or hidden state).
  void markToBeClosed();
  // `environmentName` is never Global.
  ResolvedName resolve(String* name) { return resolveIn(*currentFunction, name, true); }
  // The chunk's _ENV as an upvalue of the main function.
  void addEnvironment(String* name);

  // ---- labels ----
  // The label or null, after an error.
  LabelNode* declareLabel(String* name, uint32_t line, bool endsBlock);
  void resolveGoto(GotoStatement* statement, String* name);
  void resolveBreak(GotoStatement* statement, String* breakName);

 private:
  struct DeclaredVariable {
    String* name;
    LocalNode* node;
  };
  struct PendingGoto {
    GotoStatement* statement;
    String* name;
    uint32_t depth;
    bool isBreak;
  };

  ResolvedName resolveIn(FunctionScope& function, String* name, bool isUse);
  uint32_t addUpvalue(FunctionScope& function, const UpvalueNode& upvalue);
  void limitError(std::string_view what, uint32_t limit, const FunctionScope& function);
  LabelNode* findLabel(String* name);
  void undefinedGoto(const PendingGoto& pending);

  VM& vm;
  Lexer& lexer;
  Arena& arena;
  FunctionScope* currentFunction = nullptr;
  ArenaList<DeclaredVariable> variables;           // of all open functions, outermost first
  ArenaList<ArenaList<UpvalueNode>> upvalueLists;  // by FunctionScope::nesting
  ArenaList<LabelNode*> labels;                    // visible ones
  ArenaList<PendingGoto> gotos;                    // without label so far
};

}  // namespace selvage
