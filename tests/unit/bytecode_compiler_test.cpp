// What the compiler makes of typical source: no needless instructions, the right jumps, everything closed.
#include "compiler/compiler.hpp"

#include <cctype>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "vm/bytecode_verifier.hpp"
#include "vm/debug_names.hpp"
#include "vm/disassembler.hpp"
#include "vm/instruction_fields.hpp"

using namespace selvage;

namespace {

// A chunk compiled in a VM of its own.
struct Chunk {
  explicit Chunk(const std::string& source) : vm(newVM(), destroyVM) {
    Text message(*vm);
    proto = compileSource(*vm, source, "=chunk", message);
    error = message;
    if (proto == nullptr) return;
    Text why(*vm);
    INFO(source << "\n" << disassemble(*proto, true));
    const bool isVerified = verifyProtos(*vm, *proto, why);
    INFO(why);
    CHECK(isVerified);
  }
  std::unique_ptr<VM, void (*)(VM*)> vm;
  std::string error;
  Proto* proto = nullptr;
};

// A function's instructions without the entry and the return at its end, with single spaces.
std::vector<std::string> body(const Proto& proto) {
  std::vector<std::string> result;
  for (uint32_t position = 0; position < proto.code.size(); position += infoOf(proto.code[position]).words()) {
    std::string text;
    for (const char c : disassembleInstruction(proto, position)) {
      if (c != ' ' || (!text.empty() && text.back() != ' ')) text += c;
    }
    result.push_back(text);
  }
  result.erase(result.begin());
  result.pop_back();
  return result;
}

using Lines = std::vector<std::string>;

Lines bodyOf(const std::string& source) {
  const Chunk chunk(source);
  REQUIRE(chunk.error == "");
  return body(*chunk.proto);
}

// Of the first function in the chunk.
Lines nestedBodyOf(const std::string& source) {
  const Chunk chunk(source);
  REQUIRE(chunk.error == "");
  REQUIRE(chunk.proto->protos.size() >= 1);
  return body(*chunk.proto->protos[0]);
}

uint32_t count(const Lines& lines, const std::string& prefix) {
  uint32_t result = 0;
  for (const std::string& line : lines) result += line.starts_with(prefix) ? 1 : 0;
  return result;
}

std::string errorOf(const std::string& source) { return Chunk(source).error; }

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace

TEST_CASE("expressions go straight to their variables", "[compiler]") {
  CHECK(nestedBodyOf("local function f(a, b) local x = a + b end") == Lines{"ADD r2, r0, r1"});
  CHECK(nestedBodyOf("local function f(x) x = x + 1 end") == Lines{"ADD_CONSTANT r0, r0, k0 = 1"});
  CHECK(nestedBodyOf("local function f(x) x = 2 - x end") == Lines{"CONSTANT_SUB r0, k0 = 2, r0"});
  CHECK(nestedBodyOf("local function f(a, b) local x = a * 2 + b / 3 end") ==
        Lines{"MUL_CONSTANT r2, r0, k0 = 2", "DIV_CONSTANT r3, r1, k1 = 3", "ADD r2, r2, r3"});
  CHECK(nestedBodyOf("local function f(a, b) a = a * 2 + b / 3 end") ==
        Lines{"MUL_CONSTANT r2, r0, k0 = 2", "DIV_CONSTANT r3, r1, k1 = 3", "ADD r0, r2, r3"});
  CHECK(nestedBodyOf("local function f(t) local x = t.a.b[1][t] end") ==
        Lines{"GET_FIELD r1, r0, c0 = \"a\"", "GET_FIELD r1, r1, c1 = \"b\"", "GET_INDEX_INTEGER r1, r1, 1",
              "GET_INDEX r1, r1, r0"});
  CHECK(bodyOf("local a, b, c local d") == Lines{"LOAD_NIL r0.., 4"});
}

TEST_CASE("a variable that its new value mentions is not overwritten early", "[compiler]") {
  CHECK(nestedBodyOf("local function f(x) x = {x} end") ==
        Lines{"NEW_TABLE r1, t0 = {}[1]", "MOVE r2, r0", "SET_LIST r1, r2.., 1, 1", "MOVE r0, r1"});
  CHECK(nestedBodyOf("local function f(x, a) x = a.y or x end") ==
        Lines{"GET_FIELD r2, r1, c0 = \"y\"", "COPY_JUMP_IF_TRUE r0, r2, -> 4"});
}

TEST_CASE("calls take their results where they are wanted", "[compiler]") {
  CHECK(nestedBodyOf("local function f(g, x) local y = g(x) end") ==
        Lines{"MOVE r2, r0", "MOVE r4, r1", "CALL r2.., 1, 1"});
  CHECK(nestedBodyOf("local function f(g, h) local x, y, z = g(h()) end") ==
        Lines{"MOVE r2, r0", "MOVE r4, r1", "CALL_MULTIPLE r4.., 0", "CALL_VARIABLE r2.., 0, 3"});
  CHECK(nestedBodyOf("local function f(o) o:m(1):n() end") == Lines{"SELF r1.., r0, c0 = \"m\"", "LOAD_INTEGER r4, 1",
                                                                    "CALL r1.., 2, 1", "SELF r1.., r1, c1 = \"n\"",
                                                                    "CALL r1.., 1, 0"});
  CHECK(nestedBodyOf("local function f(g) return g(1) end") ==
        Lines{"MOVE r1, r0", "LOAD_INTEGER r3, 1", "TAIL_CALL r1.., 1, 0"});
  CHECK(nestedBodyOf("local function f(g) return (g(1)) end") ==
        Lines{"MOVE r1, r0", "LOAD_INTEGER r3, 1", "CALL r1.., 1, 1", "RETURN1 r1"});
}

TEST_CASE("conditions become jumps", "[compiler]") {
  CHECK(nestedBodyOf("local function f(a, b, c) if a and not b or c then a = 1 end end") ==
        Lines{"JUMP_IF_FALSE r0, -> 3", "JUMP_IF_FALSE r1, -> 4", "JUMP_IF_FALSE r2, -> 5", "LOAD_INTEGER r0, 1"});
  CHECK(nestedBodyOf("local function f(a, b) while a < b do a = a + 1 end end") ==
        Lines{"JUMP_IF_NOT_LESS r0, r1, -> 5", "ADD_CONSTANT r0, r0, k0 = 1", "LOOP_JUMP -> 1"});
  CHECK(nestedBodyOf("local function f(a, b) if a > 1 then a = b end end") ==
        Lines{"JUMP_IF_NOT_CONSTANT_LESS k0 = 1, r0, -> 4", "MOVE r0, r1"});
  CHECK(nestedBodyOf("local function f(a) if nil ~= a then a = 1 elseif a == 'x' then a = 2 end end") ==
        Lines{"JUMP_IF_EQUAL_CONSTANT r0, k0 = nil, -> 5", "LOAD_INTEGER r0, 1", "JUMP -> 8",
              "JUMP_IF_NOT_EQUAL_CONSTANT r0, k1 = \"x\", -> 8", "LOAD_INTEGER r0, 2"});
  CHECK(nestedBodyOf("local function f(a) while true do if a then break end end end") ==
        Lines{"JUMP_IF_TRUE r0, -> 3", "LOOP_JUMP -> 1"});
  CHECK(nestedBodyOf("local function f(a, b) local x = a and b or 1 end") ==
        Lines{"JUMP_IF_FALSE r0, -> 4", "COPY_JUMP_IF_TRUE r2, r1, -> 5", "LOAD_INTEGER r2, 1"});
  CHECK(nestedBodyOf("local function f(a, b) local x = not (a == b) end") ==
        Lines{"JUMP_IF_NOT_EQUAL r0, r1, -> 5", "LOAD_FALSE r2", "JUMP -> 6", "LOAD_TRUE r2"});
}

TEST_CASE("assignments store from right to left and keep what they still need", "[compiler]") {
  CHECK(nestedBodyOf("local function f(a, b) a, b = b, a + b end") ==
        Lines{"MOVE r2, r1", "ADD r1, r0, r1", "MOVE r0, r2"});
  CHECK(nestedBodyOf("local function f(i, t) i, t[i] = i + 1, 20 end") ==
        Lines{"ADD_CONSTANT r2, r0, k0 = 1", "SET_INDEX_CONSTANT r1, r0, k1 = 20", "MOVE r0, r2"});
  CHECK(nestedBodyOf("local function f(i, t) t[i], i = 1, 2 end") ==
        Lines{"MOVE r2, r0", "LOAD_INTEGER r0, 2", "SET_INDEX_CONSTANT r1, r2, k0 = 1"});
  CHECK(nestedBodyOf("local function f(t) t.x, t[7] = t, nil end") ==
        Lines{"LOAD_NIL r1.., 1", "SET_INDEX_INTEGER r0, 7, r1", "SET_FIELD r0, r0, c0 = \"x\""});
}

TEST_CASE("table constructors use templates", "[compiler]") {
  CHECK(nestedBodyOf("local function f(v) return {x = 1, 10, y = v, x = v, 20} end") ==
        Lines{"NEW_TABLE r1, t0 = {x y}[2]", "SET_FIELD_CONSTANT r1, k2 = 1, c0 = \"x\"", "LOAD_INTEGER r2, 10",
              "SET_FIELD r1, r0, c1 = \"y\"", "SET_FIELD r1, r0, c2 = \"x\"", "LOAD_INTEGER r3, 20",
              "SET_LIST r1, r2.., 2, 1", "RETURN1 r1"});
  CHECK(nestedBodyOf("local function f(...) return {1, ...} end") ==
        Lines{"NEW_TABLE r0, t0 = {}[1]", "LOAD_INTEGER r1, 1", "VARARG_MULTIPLE r2..",
              "SET_LIST_VARIABLE r0, r1.., 1, 1", "RETURN1_FROM_VARARG r0"});
  const Lines batches = bodyOf("local t = {" + repeated("0,", 101) + "}");
  CHECK(count(batches, "SET_LIST r0, r1.., 50, ") == 2);
  CHECK(count(batches, "SET_LIST r0, r1.., 1, 101") == 1);
}

TEST_CASE("loops", "[compiler]") {
  CHECK(nestedBodyOf("local function f(n) for i = 1, n do local x = i end end") ==
        Lines{"LOAD_INTEGER r1, 1", "MOVE r2, r0", "LOAD_INTEGER r3, 1", "FOR_PREPARE r1.., -> 7", "MOVE r5, r4",
              "FOR_LOOP r1.., -> 5"});
  CHECK(nestedBodyOf("local function f(g) for k in g do local x = k end end") ==
        Lines{"MOVE r1, r0", "LOAD_NIL r2.., 3", "GENERIC_FOR_PREPARE r1.., -> 5", "MOVE r6, r5",
              "GENERIC_FOR_CALL r1.., 1, -> 4", "GENERIC_FOR_LOOP r1.., -> 4", "CLOSE r4.."});
  CHECK(nestedBodyOf("local function f(a) repeat local b = a() until b end") ==
        Lines{"MOVE r1, r0", "CALL r1.., 0, 1", "JUMP_IF_TRUE r1, -> 5", "LOOP_JUMP -> 1"});
}

TEST_CASE("captured variables are closed when they go out of scope, and only they", "[compiler]") {
  const Lines loop = bodyOf("for i = 1, 3 do local a, b = i, i print(function() return b end) end");
  CHECK(count(loop, "CLOSE_UPVALUES r5..") == 1);
  CHECK(count(bodyOf("do local a = 1 print(a) end"), "CLOSE") == 0);
  const Lines repeatUntil = bodyOf("repeat local x = f() local g = function() return x end until x");
  CHECK(count(repeatUntil, "CLOSE_UPVALUES r0..") == 2);
  const Lines goBack = bodyOf("::top:: local x = 1 print(function() return x end) if x then goto top end");
  CHECK(count(goBack, "CLOSE_UPVALUES r0..") == 2);  // one of them at the end of the chunk
  CHECK(count(goBack, "LOOP_JUMP -> 1") == 1);
  CHECK(count(nestedBodyOf("function f(x) if x then return x end return g(function() return x end) end"),
              "CLOSE_UPVALUES r0..") == 2);
}

TEST_CASE("to-be-closed variables", "[compiler]") {
  CHECK(nestedBodyOf("local function f(a) do local c <close> = a end return a end") ==
        Lines{"MOVE r1, r0", "TO_BE_CLOSED r1", "CLOSE r1..", "RETURN1 r0"});
  CHECK(nestedBodyOf("local function f(a) local c <close> = a return a() end") ==
        Lines{"MOVE r1, r0", "TO_BE_CLOSED r1", "MOVE r2, r0", "CALL_MULTIPLE r2.., 0", "CLOSE_RETURN r1.., r2.., 0, 1",
              "RETURN_VARIABLE r2.., 0"});
}

TEST_CASE("globals are fields of whatever _ENV is", "[compiler]") {
  CHECK(bodyOf("x = y") == Lines{"GET_GLOBAL r0, ^0 _ENV, c0 = \"y\"", "SET_GLOBAL r0, ^0 _ENV, c1 = \"x\""});
  CHECK(nestedBodyOf("local function f(_ENV) x = y end") ==
        Lines{"GET_FIELD r1, r0, c0 = \"y\"", "SET_FIELD r0, r1, c1 = \"x\""});
}

TEST_CASE("long chains need neither stack nor registers", "[compiler]") {
  const std::string sum = "local x = 1 local y = x" + repeated(" + x", 20000);
  CHECK(Chunk(sum).proto->frameSlots < 10);
  CHECK(Chunk("local x = f" + repeated(".a", 20000)).proto != nullptr);
  CHECK(Chunk("local x = f" + repeated("()", 20000)).proto->frameSlots < 10);
  CHECK(Chunk("local x = a" + repeated(" and a", 20000)).proto->frameSlots < 10);
  CHECK(Chunk("local x = a" + repeated(" == a", 20000)).proto->frameSlots < 10);
  CHECK(Chunk("local x = a if x then" + repeated(" x = 1 elseif x then", 20000) + " end").proto != nullptr);
}

TEST_CASE("functions that outgrow the operands still compile", "[compiler]") {
  std::string fields;
  std::string numbers;
  for (int i = 0; i < 12000; ++i) fields += "x.f" + std::to_string(i) + " = y.g" + std::to_string(i) + "\n";
  const Chunk manyFields("local x, y = a, b\n" + fields);
  REQUIRE(manyFields.error == "");
  const Lines fieldCode = body(*manyFields.proto);
  CHECK(count(fieldCode, "SET_FIELD ") > 100);
  CHECK(count(fieldCode, "SET_FIELD ") + count(fieldCode, "SET_INDEX ") == 12000);

  for (int i = 0; i < 40000; ++i) numbers += "{" + std::to_string(i) + ".5},";
  const Chunk manyConstants("return {" + numbers + "}");
  REQUIRE(manyConstants.error == "");
  CHECK(count(body(*manyConstants.proto), "LOAD_CONSTANT") == 40000);
}

TEST_CASE("limits are errors with a position", "[compiler]") {
  std::string arguments;
  for (int i = 0; i < 300; ++i) arguments += "x,";
  CHECK(errorOf("local x\n\nprint(" + arguments + "x)")
            .starts_with("chunk:3: function or expression needs too many registers"));
  CHECK(errorOf("local x\nprint(" + arguments.substr(0, 2 * 240) + "x)") == "");
}

TEST_CASE("lines are those of the operations", "[compiler]") {
  const Chunk chunk("local a = f(\n1,\n2\n)\nfor i = 1,\n 2 do\n a = i\nend\n");
  REQUIRE(chunk.proto != nullptr);
  for (uint32_t position = 0; position < chunk.proto->code.size();
       position += infoOf(chunk.proto->code[position]).words()) {
    const uint32_t line = chunk.proto->lines[position];
    switch (opcodeOf(chunk.proto->code[position])) {
      case Opcode::Call: CHECK(line == 1); break;
      case Opcode::ForLoop: CHECK(line == 5); break;
      case Opcode::Move: CHECK(line == 7); break;
      default: break;
    }
  }
  CHECK(chunk.proto->lines.size() == chunk.proto->code.size());
}

TEST_CASE("values have the names of where they came from", "[compiler][debug]") {
  const auto nameOfFirstCall = [](const std::string& source) {
    const Chunk chunk(source);
    REQUIRE(chunk.proto != nullptr);
    const Proto& proto = chunk.proto->protos.empty() ? *chunk.proto : *chunk.proto->protos[0];
    for (uint32_t position = 0; position < proto.code.size(); position += infoOf(proto.code[position]).words()) {
      if (infoOf(proto.code[position]).flow != FlowKind::Call) continue;
      const VariableName name = nameOfCall(*chunk.vm, proto, position);
      return name.kind == nullptr ? std::string("none") : std::string(name.kind) + " " + std::string(name.name);
    }
    return std::string("no call");
  };
  CHECK(nameOfFirstCall("f() x = 1") == "global f");
  CHECK(nameOfFirstCall("local f = 1 f() x = 1") == "local f");
  CHECK(nameOfFirstCall("local t = {} t.x.y() x = 1") == "field y");
  CHECK(nameOfFirstCall("local t = {} t:m() x = 1") == "method m");
  CHECK(nameOfFirstCall("local u function g() u() x = 1 end") == "upvalue u");
  CHECK(nameOfFirstCall("local t = {} t[1]() x = 1") == "field integer index");
  CHECK(nameOfFirstCall("local a = 1; (a or f)() x = 1") == "none");
  CHECK(nameOfFirstCall("function f(_ENV) g() x = 1 end") == "global g");

  const Chunk operands("local a = x.y local b = a.z + 1");
  for (uint32_t position = 0; position < operands.proto->code.size(); ++position) {
    if (opcodeOf(operands.proto->code[position]) == Opcode::AddConstant) {
      CHECK(describeOperand(*operands.vm, *operands.proto, position, 1) == " (field 'z')");
      CHECK(nameOfCall(*operands.vm, *operands.proto, position).name == "add");
    }
  }
}
