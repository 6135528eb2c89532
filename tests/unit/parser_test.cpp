// The parser: what a chunk's tree looks like, how names and gotos are resolved, where errors are found.
#include "compiler/parser.hpp"

#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "compiler/compiler.hpp"
#include "vm/chunk_name.hpp"
#include "vm/vm.hpp"

namespace selvage {
namespace {

struct VmDeleter {
  void operator()(VM* vm) const { destroyVM(vm); }
};

struct Parsed {
  std::unique_ptr<VM, VmDeleter> vm{newVM()};
  Arena arena{vm->memory};
  Text error{*vm};
  FunctionNode* main;

  explicit Parsed(std::string_view source) : main(parseChunk(*vm, arena, source, "=chunk", error)) {}

  template <class T>
  T* statement(size_t i) const {
    REQUIRE(main != nullptr);
    REQUIRE(i < main->body->statements.size());
    return main->body->statements[i]->as<T>();
  }
};

std::string errorOf(std::string_view source) {
  const Parsed parsed(source);
  CHECK((parsed.main == nullptr) == !parsed.error.empty());
  return std::string(parsed.error);
}

constexpr const char* unaryTexts[] = {"-", "not ", "#", "~"};
constexpr const char* binaryTexts[] = {"+",  "-",  "*",  "%", "^",  "/",  "//", "&",  "|",   "~", "<<",
                                       ">>", "..", "==", "<", "<=", "~=", ">",  ">=", "and", "or"};

// Expressions written with all their parentheses; names by what they were resolved to.
std::string show(const Expression* node);

std::string showList(std::span<Expression* const> nodes, const char* separator) {
  std::string text;
  for (const Expression* node : nodes) text += (text.empty() ? "" : separator) + show(node);
  return text;
}

std::string showConstant(Value value) {
  switch (value.tag) {
    case Tag::Nil: return "nil";
    case Tag::False: return "false";
    case Tag::True: return "true";
    case Tag::Integer: return fmt::format("{}", value.integer());
    case Tag::Float: return fmt::format("{}f", value.number());
    default: return fmt::format("'{}'", value.string()->view());
  }
}

std::string show(const Expression* node) {
  switch (node->kind) {
    case ExpressionKind::Constant: return showConstant(node->as<ConstantExpression>()->value);
    case ExpressionKind::Vararg: return "...";
    case ExpressionKind::Function: return "function";
    case ExpressionKind::Local: return fmt::format("{}", node->as<LocalExpression>()->local->name->view());
    case ExpressionKind::Upvalue: return fmt::format("up{}", node->as<UpvalueExpression>()->index);
    case ExpressionKind::Global: {
      const auto* global = node->as<GlobalExpression>();
      return fmt::format("{}!{}", show(global->environment), global->name->view());
    }
    case ExpressionKind::Index: {
      const auto* index = node->as<IndexExpression>();
      return fmt::format("{}[{}]", show(index->object), show(index->key));
    }
    case ExpressionKind::Call: {
      const auto* call = node->as<CallExpression>();
      return fmt::format("{}({})", show(call->function), showList(call->arguments, ","));
    }
    case ExpressionKind::MethodCall: {
      const auto* call = node->as<MethodCallExpression>();
      return fmt::format("{}:{}({})", show(call->object), call->name->view(), showList(call->arguments, ","));
    }
    case ExpressionKind::Unary:
      return fmt::format("({}{})", unaryTexts[static_cast<int>(node->unaryOperator)],
                         show(node->as<UnaryExpression>()->operand));
    case ExpressionKind::Binary:
      return fmt::format("({} {} {})", show(node->as<BinaryExpression>()->left),
                         binaryTexts[static_cast<int>(node->binaryOperator)],
                         show(node->as<BinaryExpression>()->right));
    case ExpressionKind::Concat: return fmt::format("({})", showList(node->as<ConcatExpression>()->operands, " .. "));
    case ExpressionKind::Table: {
      std::string text;
      for (const TableItem& item : node->as<TableExpression>()->items) {
        if (!text.empty()) text += ",";
        if (item.key != nullptr) text += fmt::format("[{}]=", show(item.key));
        text += show(item.value);
      }
      return "{" + text + "}";
    }
    case ExpressionKind::Truncated: return fmt::format("({})", show(node->as<TruncatedExpression>()->operand));
  }
  return "?";
}

// The values of a `return` after declarations of locals a, b, c, d.
std::string shown(std::string_view expressions) {
  const Parsed parsed(fmt::format("local a, b, c, d; return {}", expressions));
  INFO(expressions << " " << parsed.error);
  return showList(parsed.statement<ReturnStatement>(1)->values, "; ");
}

TEST_CASE("operators group by priority", "[parser]") {
  CHECK(shown("a + b * c - d") == "((a + (b * c)) - d)");
  CHECK(shown("a or b and c == d") == "(a or (b and (c == d)))");
  CHECK(shown("a | b ~ c & d << a .. b + c * -d ^ a") == "(a | (b ~ (c & (d << (a .. (b + (c * (-(d ^ a)))))))))");
  CHECK(shown("a < b == c") == "((a < b) == c)");
  CHECK(shown("not a == b") == "((not a) == b)");
  CHECK(shown("-a ^ -b ^ c") == "(-(a ^ (-(b ^ c))))");
  CHECK(shown("a ^ b ^ c") == "(a ^ (b ^ c))");
  CHECK(shown("a // b % c / d") == "(((a // b) % c) / d)");
  CHECK(shown("(a + b) * c") == "((a + b) * c)");
  CHECK(shown("#a.b, ~a, - - a") == "(#a['b']); (~a); (-(-a))");
}

TEST_CASE("a chain of concatenations is one node", "[parser]") {
  CHECK(shown("a .. b .. c .. d") == "(a .. b .. c .. d)");
  CHECK(shown("(a .. b) .. c + d .. a == b") == "(((a .. b) .. (c + d) .. a) == b)");
  CHECK(shown("a < b .. c or d") == "((a < (b .. c)) or d)");
}

TEST_CASE("suffixes", "[parser]") {
  CHECK(shown("a.b[c]:d(1, 'x').e{}'s'[[t]]") == "a['b'][c]:d(1,'x')['e']({})('s')('t')");
  CHECK(shown("(a)(b)") == "a(b)");
  CHECK(shown("(a())") == "(a())");
  CHECK(shown("(a()).b, (a:b()), (a.b)") == "(a())['b']; (a:b()); a['b']");
  CHECK(shown("('x'):rep(2)") == "'x':rep(2)");
  CHECK(shown("...") == "...");
  CHECK(shown("(...)") == "(...)");
}

TEST_CASE("table constructors keep the order of their items", "[parser]") {
  CHECK(shown("{}") == "{}");
  CHECK(shown("{a, b = 1; [c] = d, b, ...}") == "{a,['b']=1,[c]=d,b,...}");
  CHECK(shown("{a = a == b, a}") == "{['a']=(a == b),a}");
  const Parsed parsed("return {1, x = 1, 2,\n[3] = 4,\n f()}");
  const auto* table = parsed.statement<ReturnStatement>(0)->values[0]->as<TableExpression>();
  CHECK(table->positionalCount == 3);
  CHECK(table->keyedCount == 2);
  CHECK(table->items[4].line == 3);
  CHECK(table->items[4].value->hasMultipleValues());
}

TEST_CASE("constants are folded by the reference's rules", "[parser]") {
  CHECK(shown("1 + 2 * 3, 7 // 2, -7 // 2, -7 % 3, 7 % -3") == "7; 3; -4; 2; -2");
  CHECK(shown("1 / 2, 2 ^ 10, 3.5 // 1, 5.5 % 2") == "0.5f; 1024f; 3f; 1.5f");
  CHECK(shown("9223372036854775807 + 1") == "-9223372036854775808");
  CHECK(shown("0xF0 & 0x3C | 1, 1 << 63 >> 63, ~0, 5 ~ 3, 2.0 | 1, 1 << 64, 1 << -1") == "49; 1; -1; 6; 3; 0; 0");
  CHECK(shown("not nil, not 0, not 'x', not not false") == "true; false; false; false");
  CHECK(shown("-1, - -1, -1.5") == "-1; 1; -1.5f");
  // Not folded: what fails, and what could lose the sign of a zero or is not a number.
  CHECK(shown("1 // 0, 1 % 0, 1 / 0, 1.5 & 1") == "(1 // 0); (1 % 0); (1 / 0); (1.5f & 1)");
  CHECK(shown("0.0 * 1, -0.0, 1 - 1.0") == "(0f * 1); (-0f); (1 - 1f)");
  CHECK(shown("1e308 * 10 - 1e308 * 10") == "(inff - inff)");
  CHECK(shown("1 < 2, 1 == 1, '1' + 1, 'a' .. 'b', #'abc'") == "(1 < 2); (1 == 1); ('1' + 1); ('a' .. 'b'); (#'abc')");
  CHECK(shown("true and a, nil and a, 1 or a, false or a, false or f()") == "a; (nil and a); (1 or a); a; (up0!f())");
}

TEST_CASE("compile-time constants replace their names", "[parser]") {
  const Parsed parsed(
      "local n <const> = 60 * 60; local s <const> = 'x'; local t <const> = {}\n"
      "local function f() return n + 1, s, t end\n"
      "local u <const> = n; return u, t");
  REQUIRE(parsed.main != nullptr);
  const LocalNode* n = parsed.statement<LocalStatement>(0)->variables[0];
  CHECK(n->isConstant);
  CHECK(n->constant.integer() == 3600);
  CHECK(!n->isCaptured);
  CHECK(!parsed.statement<LocalStatement>(2)->variables[0]->isConstant);
  const FunctionNode* f = parsed.statement<LocalFunctionStatement>(3)->function;
  CHECK(showList(f->body->statements[0]->as<ReturnStatement>()->values, "; ") == "3601; 'x'; up0");
  CHECK(f->upvalues.size() == 1);
  CHECK(showList(parsed.statement<ReturnStatement>(5)->values, "; ") == "3600; t");
  // Only the last of several variables, and only without an adjustment.
  const Parsed several("local a <const>, b <const> = 1, 2; local c <const> = 1, 2; local d <const>");
  CHECK(!several.statement<LocalStatement>(0)->variables[0]->isConstant);
  CHECK(several.statement<LocalStatement>(0)->variables[1]->isConstant);
  CHECK(!several.statement<LocalStatement>(1)->variables[0]->isConstant);
  CHECK(!several.statement<LocalStatement>(2)->variables[0]->isConstant);
}

TEST_CASE("names are resolved to locals, upvalues and globals", "[parser]") {
  const Parsed parsed(
      "local a, b, c\n"
      "local function outer(p)\n"
      "  local function inner() a = p; b = g; return a, p end\n"
      "  return c\n"
      "end\n"
      "a = 1");
  REQUIRE(parsed.main != nullptr);
  const auto variables = parsed.statement<LocalStatement>(0)->variables;
  CHECK(variables[0]->isCaptured);
  CHECK(variables[0]->isAssigned);
  CHECK(variables[1]->isAssigned);
  CHECK(variables[2]->isCaptured);
  CHECK(!variables[2]->isAssigned);
  CHECK(parsed.main->body->hasCaptured);
  CHECK(parsed.main->upvalues.size() == 1);
  CHECK(parsed.main->upvalues[0].name->view() == "_ENV");
  CHECK(parsed.main->functionCount == 1);

  const FunctionNode* outer = parsed.statement<LocalFunctionStatement>(1)->function;
  CHECK(outer->parent == parsed.main);
  CHECK(outer->parameters[0]->isCaptured);
  CHECK(outer->body->hasCaptured);
  // a, b and _ENV because the inner function needs them, c for itself.
  REQUIRE(outer->upvalues.size() == 4);
  CHECK(outer->upvalues[0].variable == variables[0]);
  CHECK(outer->upvalues[0].fromParentLocal);
  CHECK(outer->upvalues[2].name->view() == "_ENV");
  CHECK(!outer->upvalues[2].fromParentLocal);
  CHECK(outer->upvalues[2].parentIndex == 0);
  CHECK(outer->upvalues[3].variable == variables[2]);

  const FunctionNode* inner = outer->body->statements[0]->as<LocalFunctionStatement>()->function;
  REQUIRE(inner->upvalues.size() == 4);
  CHECK(inner->upvalues[0].variable == variables[0]);
  CHECK(!inner->upvalues[0].fromParentLocal);
  CHECK(inner->upvalues[1].variable == outer->parameters[0]);
  CHECK(inner->upvalues[1].fromParentLocal);
  CHECK(inner->upvalues[3].parentIndex == 2);
  CHECK(!inner->body->hasCaptured);
}

TEST_CASE("_ENV is an ordinary name", "[parser]") {
  const Parsed local("local _ENV = {}; x = y");
  CHECK(show(local.statement<AssignmentStatement>(1)->targets[0]) == "_ENV!x");
  const Parsed parameter("local function f(_ENV) return x end");
  const FunctionNode* f = parameter.statement<LocalFunctionStatement>(0)->function;
  CHECK(f->upvalues.empty());
  CHECK(show(f->body->statements[0]->as<ReturnStatement>()->values[0]) == "_ENV!x");
  const Parsed constant("local _ENV <const> = 1; return x");
  CHECK(show(constant.statement<ReturnStatement>(1)->values[0]) == "1!x");
}

TEST_CASE("a variable is in scope after its declaration and until its block ends", "[parser]") {
  const Parsed parsed("local x = x; do local x = x end; return x, function() local y; do local x; y = x end end");
  CHECK(show(parsed.statement<LocalStatement>(0)->values[0]) == "up0!x");
  const LocalNode* outer = parsed.statement<LocalStatement>(0)->variables[0];
  const BlockNode* body = parsed.statement<DoStatement>(1)->body;
  const auto* inner = body->statements[0]->as<LocalStatement>();
  CHECK(inner->values[0]->as<LocalExpression>()->local == outer);
  CHECK(inner->variables[0]->block == body);
  CHECK(inner->variables[0]->depth == 1);
  CHECK(parsed.statement<ReturnStatement>(2)->values[0]->as<LocalExpression>()->local == outer);
  CHECK(!outer->isCaptured);
  const Parsed loop("repeat local x; f = function() return x end until x");
  const auto* repeat = loop.statement<RepeatStatement>(0);
  CHECK(show(repeat->condition) == "x");
  CHECK(repeat->body->hasCaptured);
}

TEST_CASE("loops have hidden variables, visible ones and a break label", "[parser]") {
  const Parsed parsed(
      "for i = 1, 10 do local x; if i then break end end\n"
      "for k, v in pairs(t) do f(function() return v end) end\n"
      "while true do break end\n"
      "repeat for i = 1, 2 do break end until true");
  REQUIRE(parsed.main != nullptr);
  const auto* numeric = parsed.statement<NumericForStatement>(0);
  CHECK(numeric->state[0]->name->view() == "(for state)");
  CHECK(numeric->state[2]->depth == 2);
  CHECK(numeric->variable->depth == 3);
  CHECK(numeric->variable->block == numeric->body);
  CHECK(numeric->step == nullptr);
  REQUIRE(numeric->breakLabel != nullptr);
  CHECK(numeric->breakLabel->depth == 0);
  const auto* generic = parsed.statement<GenericForStatement>(1);
  CHECK(generic->state[3]->attribute == Attribute::Close);
  CHECK(generic->variables.size() == 2);
  CHECK(generic->variables[1]->depth == 5);
  CHECK(!generic->variables[0]->isCaptured);
  CHECK(generic->variables[1]->isCaptured);
  CHECK(generic->body->hasCaptured);
  CHECK(generic->breakLabel == nullptr);
  const auto* loop = parsed.statement<WhileStatement>(2);
  CHECK(loop->body->statements[0]->as<GotoStatement>()->label == loop->breakLabel);
  const auto* repeat = parsed.statement<RepeatStatement>(3);
  CHECK(repeat->breakLabel == nullptr);
  CHECK(repeat->body->statements[0]->as<NumericForStatement>()->breakLabel != nullptr);
}

TEST_CASE("gotos know their labels", "[parser]") {
  const Parsed parsed(
      "local a\n"
      "::top::\n"
      "local b\n"
      "do local c; goto top; goto down end\n"
      "do local d; goto out; local e; ::out:: end\n"
      "::down::\n"
      "return");
  REQUIRE(parsed.main != nullptr);
  const LabelNode* top = parsed.statement<LabelStatement>(1)->label;
  CHECK(top->depth == 1);
  CHECK(top->hasBackwardJump);
  const auto block = parsed.statement<DoStatement>(3)->body->statements;
  CHECK(block[1]->as<GotoStatement>()->label == top);
  const LabelNode* down = parsed.statement<LabelStatement>(5)->label;
  CHECK(block[2]->as<GotoStatement>()->label == down);
  CHECK(down->depth == 2);
  CHECK(down->isUsed);
  CHECK(!down->hasBackwardJump);
  // A label at the end of its block is outside the scope of the block's variables.
  const auto ending = parsed.statement<DoStatement>(4)->body->statements;
  CHECK(ending[3]->as<LabelStatement>()->label->depth == 2);
  CHECK(ending[1]->as<GotoStatement>()->label == ending[3]->as<LabelStatement>()->label);
}

TEST_CASE("returns know whether something waits to be closed", "[parser]") {
  const Parsed parsed(
      "do local x <close> = f(); if a then return g() end end\n"
      "for k in p do return g(), function() return g() end end\n"
      "return g()");
  REQUIRE(parsed.main != nullptr);
  const BlockNode* first = parsed.statement<DoStatement>(0)->body;
  CHECK(first->hasToBeClosed);
  const auto* conditional = first->statements[1]->as<IfStatement>();
  CHECK(conditional->clauses[0].body->statements[0]->as<ReturnStatement>()->isInsideToBeClosed);
  const auto* loopReturn = parsed.statement<GenericForStatement>(1)->body->statements[0]->as<ReturnStatement>();
  CHECK(loopReturn->isInsideToBeClosed);
  const FunctionNode* function = loopReturn->values[1]->as<FunctionExpression>()->function;
  CHECK(!function->body->statements[0]->as<ReturnStatement>()->isInsideToBeClosed);
  CHECK(!parsed.statement<ReturnStatement>(2)->isInsideToBeClosed);
}

TEST_CASE("lines", "[parser]") {
  const Parsed parsed("\nlocal x = a\n  + b\nf\n(\n)\nfunction\nt.m(self,\n...)\nend x = t.\ny.\nz");
  REQUIRE(parsed.main != nullptr);
  CHECK(parsed.statement<LocalStatement>(0)->line == 2);
  CHECK(parsed.statement<LocalStatement>(0)->values[0]->line == 3);
  const auto* assignment = parsed.statement<FunctionStatement>(2);
  CHECK(parsed.statement<CallStatement>(1)->call->line == 5);
  CHECK(assignment->line == 7);
  CHECK(assignment->function->line == 7);
  CHECK(assignment->function->lastLine == 10);
  CHECK(assignment->function->isVararg);
  const auto* last = parsed.statement<AssignmentStatement>(3);
  CHECK(last->lastLine == 12);
  CHECK(last->values[0]->line == 12);
  CHECK(last->values[0]->as<IndexExpression>()->object->line == 11);
  CHECK(parsed.main->line == 0);
}

TEST_CASE("long chains do not nest, nesting is limited", "[parser]") {
  const auto repeated = [](std::string_view part, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += part;
    return text;
  };
  constexpr size_t many = 100'000;
  CHECK(errorOf("return x" + repeated(" + 1", many)).empty());
  CHECK(errorOf("return x" + repeated(" and y", many)).empty());
  CHECK(errorOf("x" + repeated(".y():z()", many)).empty());
  CHECK(errorOf("if x then" + repeated(" elseif x then", many) + " end").empty());
  const Parsed chain("return x" + repeated(" + 1", many));
  size_t length = 0;
  for (Expression* node = chain.statement<ReturnStatement>(0)->values[0]; node != nullptr; node = leftSpine(node)) {
    ++length;
  }
  CHECK(length == many + 1);

  struct Nesting {
    const char* start;
    const char* opening;
    const char* middle;
    const char* closing;
    size_t deepest;
  };
  for (const Nesting& nesting : {Nesting{"return ", "(", "1", ")", 195}, Nesting{"", "do ", "", " end", 197},
                                 Nesting{"return ", "{", "", "}", 196}, Nesting{"", "function f() ", "", " end", 197},
                                 Nesting{"return ", "1 .. ", "1", "", 195}, Nesting{"return ", "- ", "1", "", 195},
                                 Nesting{"return ", "2 ^ ", "1", "", 195}, Nesting{"x", ", x", "= 1", "", 195},
                                 Nesting{"return ", "function() return ", "1", " end", 97}}) {
    const auto source = [&](size_t depth) {
      return nesting.start + repeated(nesting.opening, depth) + nesting.middle + repeated(nesting.closing, depth);
    };
    INFO(nesting.opening);
    CHECK(errorOf(source(nesting.deepest)).empty());
    CHECK(errorOf(source(nesting.deepest + 1)) == "C stack overflow");
    CHECK(errorOf(source(many)) == "C stack overflow");
  }
}

TEST_CASE("limits on variables", "[parser]") {
  const auto names = [](size_t count, const char* format) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += fmt::format(fmt::runtime(format), i);
    return text;
  };
  CHECK(errorOf("local x" + names(199, ", a{}")).empty());
  CHECK(errorOf("local x" + names(200, ", a{}")) ==
        "chunk:1: too many local variables (limit is 200) in main function near <eof>");
  CHECK(errorOf("\nfunction f(x" + names(200, ", a{}") + ") end") ==
        "chunk:2: too many local variables (limit is 200) in function at line 2 near ')'");
  CHECK(errorOf("local x" + names(196, ", a{}") + " for i = 1, 2 do end") ==
        "chunk:1: too many local variables (limit is 200) in main function near '='");
  std::string source = "local b" + names(150, ", a{}") + " function f() local c" + names(150, ", d{}") +
                       " function g() " + names(150, "a{} = 1 ");
  CHECK(errorOf(source + names(104, "d{} = 1 ") + "b = 1 end end").empty());
  CHECK(errorOf(source + names(106, "d{} = 1 ") + "end end") ==
        "chunk:1: too many upvalues (limit is 255) in function at line 1 near '='");
}

TEST_CASE("after an error nothing more is reported", "[parser]") {
  CHECK(errorOf("x = = 1") == "chunk:1: unexpected symbol near '='");
  CHECK(errorOf("goto a local function f( for") == "chunk:1: <name> or '...' expected near 'for'");
  CHECK(errorOf("if x then\nwhile y do\n\n") == "chunk:4: 'end' expected (to close 'while' at line 2) near <eof>");
}

TEST_CASE("chunk names as messages show them", "[parser]") {
  CHECK(displayName("=stdin") == "stdin");
  CHECK(displayName("=" + std::string(100, 'x')) == std::string(59, 'x'));
  CHECK(displayName("@dir/file.lua") == "dir/file.lua");
  CHECK(displayName("@" + std::string(59, 'x')) == std::string(59, 'x'));
  CHECK(displayName("@y" + std::string(59, 'x')) == "..." + std::string(56, 'x'));
  CHECK(displayName("return 1") == "[string \"return 1\"]");
  CHECK(displayName("return 1\nx") == "[string \"return 1...\"]");
  CHECK(displayName("") == "[string \"\"]");
  CHECK(displayName(std::string(44, 'x')) == "[string \"" + std::string(44, 'x') + "\"]");
  CHECK(displayName(std::string(45, 'x')) == "[string \"" + std::string(45, 'x') + "...\"]");
}

}  // namespace
}  // namespace selvage
