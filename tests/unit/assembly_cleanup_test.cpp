// The clean-up of stencils' assembly text, on small texts.
#include "codegen/assembly_cleanup.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "codegen/assembly_parser.hpp"

using namespace selvage::codegen;

namespace {

// A function as clang frames it.
std::string function(const std::string& body) {
  return "\t.section\t.text.f,\"ax\",@progbits\n\t.p2align\t4, 0x90\n\t.type\tf,@function\nf:  # @f\n# %bb.0:\n" +
         body + ".Lfunc_end0:\n\t.size\tf, .Lfunc_end0-f\n\t.section\t.note\n";
}

Assembly parsed(const std::string& body) {
  Assembly assembly;
  std::string error;
  bool isParsed = parseAssembly(function(body), {"f"}, assembly, error);
  INFO(error);
  REQUIRE(isParsed);
  REQUIRE(assembly.functions.size() == 1);
  return assembly;
}

std::string parseError(const std::string& body) {
  Assembly assembly;
  std::string error;
  CHECK_FALSE(parseAssembly(function(body), {"f"}, assembly, error));
  return error;
}

// Lines with the labels' and the text's white space made uniform, joined by "; ". Labels that nothing in the text
// jumps to are left out.
std::string joined(const CleanedFunction& cleaned, const std::vector<std::string>& lines) {
  std::string result;
  for (const std::string& line : lines) {
    if (line.back() == ':') {
      std::string label = line.substr(0, line.size() - 1);
      bool isUsed = false;
      for (const auto* part : {&cleaned.hot, &cleaned.cold}) {
        for (const std::string& other : *part) isUsed = isUsed || operandsOf(stripped(other)) == label;
      }
      if (!isUsed) continue;
    }
    std::string_view text = stripped(line).empty() ? std::string_view(line).substr(1) : stripped(line);
    if (!result.empty()) result += "; ";
    for (char c : text) result += c == '\t' ? ' ' : c;
  }
  return result;
}

struct Parts {
  std::string hot, cold;
  bool fallsThrough;
};

Parts cleaned(const std::string& body, const CleanupOptions& options = {}) {
  CleanedFunction result;
  std::string error;
  bool isClean = cleanUp(parsed(body).functions[0], options, result, error);
  INFO(error);
  REQUIRE(isClean);
  return {joined(result, result.hot), joined(result, result.cold), result.fallsThrough};
}

std::string cleanupError(const std::string& body) {
  CleanedFunction result;
  std::string error;
  CHECK_FALSE(cleanUp(parsed(body).functions[0], {}, result, error));
  return error;
}

}  // namespace

TEST_CASE("the last jump to the next stencil is dropped", "[assembly_cleanup]") {
  Parts parts = cleaned("\tmovl\t$3, hole_a(%r13)\n\tjmp\thole_next   # TAILCALL\n");
  CHECK(parts.hot == "movl $3, hole_a(%r13)");
  CHECK(parts.cold.empty());
  CHECK(parts.fallsThrough);
}

TEST_CASE("the jump stays when something else follows", "[assembly_cleanup]") {
  CleanupOptions options;
  options.mayFallThrough = false;
  Parts parts = cleaned("\tnop\n\tjmp\thole_next\n", options);
  CHECK(parts.hot == "nop; jmp hole_next");
  CHECK_FALSE(parts.fallsThrough);
}

TEST_CASE("a branch to a lone jump goes where that goes", "[assembly_cleanup]") {
  Parts parts = cleaned(
      "\ttestl\t%eax, %eax\n\tje\t.LBB0_2\n# %bb.1:\n\tincl\t%eax\n\tjmp\t.LBB0_3\n"
      ".LBB0_2:\n\tjmp\thole_jump\n.LBB0_3:\n\tjmp\thole_next\n");
  CHECK(parts.hot == "testl %eax, %eax; je hole_jump; incl %eax");
  CHECK(parts.cold.empty());
  CHECK(parts.fallsThrough);
}

TEST_CASE("a branch both of whose ways are the same is dropped", "[assembly_cleanup]") {
  Parts parts = cleaned("\ttestl\t%eax, %eax\n\tje\t.LBB0_2\n# %bb.1:\n\tjmp\thole_next\n.LBB0_2:\n\tjmp\thole_next\n");
  CHECK(parts.hot == "testl %eax, %eax");
}

TEST_CASE("slow paths are cold", "[assembly_cleanup]") {
  Parts parts = cleaned(
      "\tcmpl\t$3, hole_b(%r13)\n\tjne\t.LBB0_1\n# %bb.2:\n\tincq\thole_a(%r13)\n\tjmp\thole_next\n"
      ".LBB0_1:\n\t#APP\n\tmovabsq\t$hole_pc, %r14\n\t#NO_APP\n\tjmp\tselvage_slow  # TAILCALL\n");
  CHECK(parts.hot == "cmpl $3, hole_b(%r13); jne .LBB0_1; incq hole_a(%r13)");
  CHECK(parts.cold == ".LBB0_1:; #APP; movabsq $hole_pc, %r14; #NO_APP; jmp selvage_slow");
}

TEST_CASE("a direct branch to a slow path stays a branch", "[assembly_cleanup]") {
  Parts parts = cleaned("\ttestl\t%eax, %eax\n\tjne\tselvage_slow\n# %bb.1:\n\tjmp\thole_next\n");
  CHECK(parts.hot == "testl %eax, %eax; jne selvage_slow");
  CHECK(parts.fallsThrough);
}

TEST_CASE("a function whose only way is a slow path is hot", "[assembly_cleanup]") {
  Parts parts = cleaned("\tmovl\t$1, %eax\n\tjmp\tselvage_concat\n");
  CHECK(parts.hot == "movl $1, %eax; jmp selvage_concat");
  CHECK(parts.cold.empty());
  CHECK_FALSE(parts.fallsThrough);
}

TEST_CASE("the way to the next stencil is moved to the end and its branch inverted", "[assembly_cleanup]") {
  Parts parts = cleaned(
      "\ttestl\t%eax, %eax\n\tje\t.LBB0_2\n# %bb.1:\n\tincl\t%eax\n\tjmp\thole_next\n"
      ".LBB0_2:\n\tdecl\t%eax\n\tjmpq\t*%rax\n");
  CHECK(parts.hot ==
        "testl %eax, %eax; jne .Lselvage_block_1_f; decl %eax; jmpq *%rax; .Lselvage_block_1_f:; incl %eax");
  CHECK(parts.fallsThrough);
}

TEST_CASE("a conditional branch to the next stencil becomes the fall-through", "[assembly_cleanup]") {
  Parts parts = cleaned("\ttestl\t%eax, %eax\n\tje\thole_next\n# %bb.1:\n\tjmp\thole_jump\n");
  CHECK(parts.hot == "testl %eax, %eax; jne hole_jump");
  CHECK(parts.fallsThrough);
}

TEST_CASE("two ways to the next stencil: one falls through, one jumps", "[assembly_cleanup]") {
  Parts parts = cleaned(
      "\ttestl\t%eax, %eax\n\tje\t.LBB0_2\n# %bb.1:\n\tincl\t%eax\n\tjmp\thole_next\n"
      ".LBB0_2:\n\tdecl\t%eax\n\tjmp\thole_next\n");
  CHECK(parts.hot == "testl %eax, %eax; je .LBB0_2; incl %eax; jmp hole_next; .LBB0_2:; decl %eax");
}

TEST_CASE("loops keep their back edges and lose their alignment", "[assembly_cleanup]") {
  Parts parts = cleaned(
      "\tmovl\t$4, %eax\n\t.p2align\t4, 0x90\n.LBB0_1:  # =>This Inner Loop\n\tdecl\t%eax\n\tjne\t.LBB0_1\n"
      "# %bb.2:\n\tjmp\thole_next\n");
  CHECK(parts.hot == "movl $4, %eax; .LBB0_1:; decl %eax; jne .LBB0_1");
  CHECK(parts.fallsThrough);
}

TEST_CASE("marked blocks are cold, and so is what only they lead to", "[assembly_cleanup]") {
  Parts parts = cleaned(
      "\ttestl\t%eax, %eax\n\tjne\t.LBB0_2\n.LBB0_1:\n\tjmp\thole_next\n"
      ".LBB0_2:\n\t#APP\n\t# selvage_cold\n\t#NO_APP\n\ttestl\t%ebx, %ebx\n\tje\t.LBB0_1\n"
      "# %bb.3:\n\tincl\t%eax\n\tjmp\thole_next\n");
  CHECK(parts.hot == "testl %eax, %eax; jne .LBB0_2");
  CHECK(parts.cold.find("incl %eax; jmp hole_next") != std::string::npos);
}

TEST_CASE("code in an unlikely section is cold", "[assembly_cleanup]") {
  Parts parts = cleaned(
      "\ttestl\t%eax, %eax\n\tjne\tf.cold\n# %bb.1:\n\tjmp\thole_next\n"
      "\t.section\t.text.unlikely.f,\"ax\",@progbits\nf.cold:\n\tincl\t%eax\n\tjmp\thole_next\n");
  CHECK(parts.hot == "testl %eax, %eax; jne f.cold");
  CHECK(parts.cold == "f.cold:; incl %eax; jmp hole_next");
}

TEST_CASE("inline assembly is kept as it is", "[assembly_cleanup]") {
  Parts parts = cleaned("\t#APP\n\tleaq\thole_resume(%rip), %rax\n\t#NO_APP\n\tjmpq\t*%rcx\n");
  CHECK(parts.hot == "#APP; leaq hole_resume(%rip), %rax; #NO_APP; jmpq *%rcx");
  CHECK_FALSE(parts.fallsThrough);
}

TEST_CASE("inline assembly without instructions is nothing", "[assembly_cleanup]") {
  Parts parts = cleaned(
      "\ttestl\t%eax, %eax\n\tje\t.LBB0_2\n# %bb.1:\n\t#APP\n\t#NO_APP\n\tjmp\thole_jump\n"
      ".LBB0_2:\n\t#APP\n\t# a remark\n\t#NO_APP\n\tjmp\thole_next\n");
  CHECK(parts.hot == "testl %eax, %eax; jne hole_jump");
  CHECK(parts.fallsThrough);
}

TEST_CASE("an endless loop of empty blocks ends the clean-up", "[assembly_cleanup]") {
  Parts parts = cleaned("\ttestl\t%eax, %eax\n\tje\thole_next\n.LBB0_1:\n\tjmp\t.LBB0_1\n");
  CHECK(parts.hot.find("testl %eax, %eax") == 0);
}

TEST_CASE("the machine stack must not be used in the hot part", "[assembly_cleanup]") {
  CHECK(cleanupError("\tpushq\t%rbp\n\tjmp\thole_next\n").find("push") != std::string::npos);
  CHECK(cleanupError("\tpopq\t%rbp\n\tjmp\thole_next\n").find("pop") != std::string::npos);
  CHECK(cleanupError("\tcallq\tpow@PLT\n\tjmp\thole_next\n").find("call") != std::string::npos);
  CHECK(cleanupError("\tsubq\t$8, %rsp\n\tjmp\thole_next\n").find("stack pointer") != std::string::npos);
  CHECK(cleanupError("\tmovq\t%rax, -8(%rsp)\n\tjmp\thole_next\n").find("stack pointer") != std::string::npos);
  CHECK(cleanupError("\tretq\n").find("return") != std::string::npos);
  CleanupOptions options;
  options.allowsStackInHot = true;
  CHECK(cleaned("\tpushq\t%rbp\n\tjmp\thole_next\n", options).hot == "pushq %rbp");
  // In the cold part it may, and counting bits is no pop.
  Parts parts = cleaned(
      "\tpopcntq\t%rax, %rax\n\tjne\t.LBB0_1\n# %bb.1:\n\tjmp\thole_next\n"
      ".LBB0_1:\n\tpushq\t%rbp\n\tcallq\tselvage_help\n\tpopq\t%rbp\n\tjmp\tselvage_slow\n");
  CHECK(parts.hot == "popcntq %rax, %rax; jne .LBB0_1");
}

TEST_CASE("what is not understood is an error", "[assembly_cleanup]") {
  CHECK(parseError("\tjcxz\t.LBB0_1\n").find("unknown jump") != std::string::npos);
  CHECK(parseError("\tnop\n").find("function's end") != std::string::npos);
  CHECK(parseError("\tjmp\t.LBB0_7\n").find("unknown local label") != std::string::npos);
  CHECK(parseError("\t.quad\t5\n\tjmp\thole_next\n").find("unknown directive") != std::string::npos);
  CHECK(parseError("\t#APP\n\tnop\n").find("inline assembly") != std::string::npos);
  Assembly assembly;
  std::string error;
  CHECK_FALSE(parseAssembly(function("\tjmp\thole_next\n"), {"f", "g"}, assembly, error));
  CHECK(error.find("function g") != std::string::npos);
}

TEST_CASE("every condition has an opposite", "[assembly_cleanup]") {
  for (const char* condition :
       {"e", "ne", "l", "ge", "g", "le", "b", "ae", "a", "be", "s", "ns", "o", "no", "p", "np"}) {
    std::string_view inverted = invertedCondition(condition);
    CHECK(inverted != condition);
    CHECK(invertedCondition(inverted) == condition);
  }
  CHECK(invertedCondition("cxz").empty());
}

TEST_CASE("addresses are loaded in a form that suits what is patched in", "[assembly_cleanup]") {
  CHECK(rewriteAddress("leaq\thole_b-1(%rip), %r9") == "movq\t$hole_b-1, %r9");
  CHECK(rewriteAddress("movl\t$hole_w, %eax") == "movq\t$hole_w, %rax");
  CHECK(rewriteAddress("movl\t$hole_c_2+8, %r10d") == "movq\t$hole_c_2+8, %r10");
  CHECK(rewriteAddress("movl\t$hole_constants, %r15d") == "movabsq\t$hole_constants, %r15");
  CHECK(rewriteAddress("leaq\tselvage_return(%rip), %rdi") == "movabsq\t$selvage_return, %rdi");
  CHECK(rewriteAddress("movl\t$hole_resume, %edi") == "leaq\thole_resume(%rip), %rdi");
  for (const char* unchanged :
       {"leaq\thole_a+32(%r13), %rax", "movl\t$3, %eax", "movq\t$hole_w, hole_a(%r13)", "leaq\thole_resume(%rip), %rax",
        "movsd\t.LCPI0_0(%rip), %xmm0", "movl\t$-5, %eax", "cmpl\t$hole_b, %eax", "retq"}) {
    CHECK(rewriteAddress(unchanged) == unchanged);
  }
}

TEST_CASE("the text is put together with a cold section behind each function", "[assembly_cleanup]") {
  Assembly assembly = parsed("\tjne\t.LBB0_1\n# %bb.1:\n\tjmp\thole_next\n.LBB0_1:\n\tnop\n\tjmp\tselvage_slow\n");
  CleanedFunction cleanedFunction;
  std::string error;
  REQUIRE(cleanUp(assembly.functions[0], {}, cleanedFunction, error));
  std::string text = assembleText(assembly, {cleanedFunction});
  size_t size = text.find(".size\tf");
  size_t cold = text.find(".section\t.text.selvage_cold.f");
  CHECK(text.find("f:\n\tjne\t.LBB0_1") != std::string::npos);
  CHECK(size != std::string::npos);
  CHECK(cold > size);
  CHECK(text.find("jmp\tselvage_slow") > cold);
  CHECK(text.find(".section\t.note") > cold);
  CHECK(text.find("selvage_falls_through.f") != std::string::npos);
}
