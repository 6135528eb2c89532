// Binary chunks: what is dumped loads again, and what is damaged either fails to load or is harmless.
#include "vm/bytecode_file.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "compiler/compiler.hpp"
#include "vm/bytecode_verifier.hpp"
#include "vm/debug_names.hpp"
#include "vm/disassembler.hpp"
#include "vm/instruction_fields.hpp"

using namespace selvage;

namespace {

// Uses every kind of operand and every structure that the verifier knows.
constexpr const char* sample = R"(
local a, b <close>, name = 1, setmetatable({}, {__close = print}), "a string that is longer than forty characters, so long"
local record = {x = 1, y = -2.5, [3] = true, a, "s", ...}
function record.method(self, n, ...)
  local total = 0
  for i = n, 1, -1 do
    local captured = i
    total = total + (function() return captured * a end)()
    if total >= 1e308 then goto out end
  end
  for k, v in pairs(self) do
    if v == nil or k ~= "x" and v > 10 then break end
    total = total .. k .. v
  end
  ::out::
  repeat local u = self[n] until u or not name
  while #self < 3 do self[#self + 1], self.x = n // 2, self[1] end
  return total, ...
end
print(record:method(select("#", ...)), (...))
return record.method(record, ...)
)";

struct Fixture {
  std::unique_ptr<VM, void (*)(VM*)> vm{newVM(), destroyVM};
  Text error{*vm};

  Proto* compile(const std::string& source) {
    Proto* proto = compileSource(*vm, source, "@sample.lua", error);
    INFO(error);
    REQUIRE(proto != nullptr);
    return proto;
  }
  std::string dump(const Proto& proto, bool strip = false) {
    Text bytes(*vm);
    REQUIRE(dumpFunction(*vm, proto, strip, bytes));
    return std::string(bytes);
  }
  Proto* load(const std::string& bytes) {
    error.clear();
    return loadBinary(*vm, bytes, "=binary", error);
  }
};

// Touches everything that names of values and the disassembler look at.
size_t inspect(VM& vm, const Proto& proto) {
  size_t length = disassemble(proto, false).size();
  for (uint32_t position = 0; position < proto.code.size(); position += infoOf(proto.code[position]).words()) {
    length += nameOfCall(vm, proto, position).name.size();
    for (uint32_t operand = 0; operand < operandCount; ++operand) {
      length += describeOperand(vm, proto, position, operand).size();
    }
  }
  for (const Proto* nested : proto.protos) length += inspect(vm, *nested);
  return length;
}

// The position of the first instruction with the opcode.
uint32_t find(const Proto& proto, Opcode opcode) {
  for (uint32_t position = 0; position < proto.code.size(); position += infoOf(proto.code[position]).words()) {
    if (opcodeOf(proto.code[position]) == opcode) return position;
  }
  FAIL("no such instruction");
  return 0;
}

}  // namespace

TEST_CASE("a dumped function is the same when loaded", "[bytecode file]") {
  Fixture fixture;
  Proto* proto = fixture.compile(sample);
  const std::string bytes = fixture.dump(*proto);
  CHECK(bytes.starts_with("\x1bLua"));
  Proto* loaded = fixture.load(bytes);
  REQUIRE(fixture.error == "");
  CHECK(disassemble(*loaded, true) == disassemble(*proto, true));
  CHECK(std::equal(loaded->lines.begin(), loaded->lines.end(), proto->lines.begin(), proto->lines.end()));
  CHECK(fixture.dump(*loaded) == bytes);
}

TEST_CASE("a stripped function keeps its code only", "[bytecode file]") {
  Fixture fixture;
  Proto* proto = fixture.compile(sample);
  const std::string bytes = fixture.dump(*proto, true);
  CHECK(bytes.size() < fixture.dump(*proto).size());
  CHECK(bytes.find("sample.lua") == std::string::npos);
  CHECK(bytes.find("captured") == std::string::npos);
  Proto* loaded = fixture.load(bytes);
  REQUIRE(fixture.error == "");
  CHECK(loaded->code.size() == proto->code.size());
  CHECK(loaded->lines.empty());
  CHECK(loaded->locals.empty());
  CHECK(loaded->source->view() == "=?");
}

TEST_CASE("every proper prefix of a chunk is recognised as truncated", "[bytecode file]") {
  Fixture fixture;
  const std::string bytes = fixture.dump(*fixture.compile(sample));
  for (size_t length = 0; length < bytes.size(); ++length) {
    REQUIRE(fixture.load(bytes.substr(0, length)) == nullptr);
    REQUIRE(fixture.error == "binary: bad binary format (truncated chunk)");
  }
  CHECK(fixture.load(bytes + "x") == nullptr);
}

TEST_CASE("other formats are refused by name", "[bytecode file]") {
  Fixture fixture;
  CHECK(fixture.load("\x1bLuaS\x19\x93\r\n") == nullptr);
  CHECK(fixture.error == "binary: bad binary format (version mismatch)");
  CHECK(fixture.load("return 1") == nullptr);
  CHECK(fixture.error == "binary: bad binary format (not a binary chunk)");
  const std::string bytes = fixture.dump(*fixture.compile("return 1"));
  const std::string name = "Selvage bytecode";
  std::string newer = bytes;
  ++newer[bytes.find(name) + name.size()];
  CHECK(fixture.load(newer) == nullptr);
  CHECK(fixture.error == "binary: bad binary format (version mismatch)");
  // A chunk of the reference has the same header up to here.
  std::string other = bytes;
  ++other[bytes.find(name)];
  CHECK(fixture.load(other) == nullptr);
  CHECK(fixture.error == "binary: bad binary format (not a chunk of Selvage)");
}

TEST_CASE("damaged chunks fail to load or are harmless", "[bytecode file]") {
  Fixture fixture;
  const std::string bytes = fixture.dump(*fixture.compile(sample));
  std::mt19937 random(20240521);
  uint32_t loadedCount = 0;
  uint32_t refusedCount = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = bytes;
    const uint32_t changes = 1 + random() % 3;
    for (uint32_t i = 0; i < changes; ++i) {
      char& byte = damaged[random() % damaged.size()];
      byte = static_cast<char>(random() % 4 == 0 ? random() : byte ^ (1U << random() % 8));
    }
    Proto* loaded = fixture.load(damaged);
    if (loaded == nullptr) {
      ++refusedCount;
      REQUIRE(fixture.error != "");
      continue;
    }
    ++loadedCount;
    REQUIRE(inspect(*fixture.vm, *loaded) > 0);
    Text why(*fixture.vm);
    REQUIRE(verifyProtos(*fixture.vm, *loaded, why));
  }
  CHECK(refusedCount > 1000);
  CHECK(loadedCount > 100);
}

TEST_CASE("the verifier names what is wrong", "[bytecode verifier]") {
  Fixture fixture;
  const auto reasonAfter = [&](const char* source, const std::function<void(Proto&)>& damage) {
    Proto* proto = fixture.compile(source);
    Text why(*fixture.vm);
    REQUIRE(verifyProtos(*fixture.vm, *proto, why));
    damage(*proto);
    CHECK_FALSE(verifyProtos(*fixture.vm, *proto, why));
    return std::string(std::string_view(why).substr(0, why.find(" in instruction")));
  };
  const auto at = [](Proto& proto, Opcode opcode) -> Instruction& { return proto.code[find(proto, opcode)]; };

  CHECK(reasonAfter("local a = b", [](Proto& p) { p.code[1].opcode = opcodeCount; }) == "bad opcode");
  CHECK(reasonAfter("local a = b", [](Proto& p) {
          p.locals = {};
          p.lines = p.lines.first(p.lines.size() - 1);
          p.code = p.code.first(p.code.size() - 1);
        }) == "code runs past its end");
  CHECK(reasonAfter("local a = b", [](Proto& p) { p.code[1].a = 2; }) == "bad slot");
  CHECK(reasonAfter("local a = b", [](Proto& p) { p.code[1].a = 1; }) == "bad slot");
  CHECK(reasonAfter("local a = b", [](Proto& p) { p.code[1].b = 1; }) == "bad upvalue");
  CHECK(reasonAfter("local a = b", [](Proto& p) { p.code[1].c += 1; }) == "bad inline cache");
  CHECK(reasonAfter("f(b)", [](Proto& p) { p.frameSlots = 0; }) == "bad frame size");
  CHECK(reasonAfter("local a = b", [](Proto& p) { p.frameSlots = 100000; }) == "bad frame size");
  CHECK(reasonAfter("local a = 1.5", [&](Proto& p) { at(p, Opcode::LoadConstant).wide = 2; }) == "bad constant");
  CHECK(reasonAfter("local a = b + 1.5", [](Proto& p) { p.constants[0] = Value::boolean(true); }) ==
        "constant is not a number");
  CHECK(reasonAfter("local a = {x = 1}", [](Proto& p) { p.templates()[0].keyCount = 2; }) == "bad table template");
  CHECK(reasonAfter("local a = {x = 1}", [](Proto& p) { p.constants[0] = Value::nil(); }) ==
        "bad key in table template");
  CHECK(reasonAfter("f(1, 2)", [&](Proto& p) { at(p, Opcode::Call).b = 3; }) == "bad slot");
  CHECK(reasonAfter("while a do b() end", [&](Proto& p) { at(p, Opcode::LoopJump).wide -= 100; }) == "bad jump");
  CHECK(reasonAfter("while a do b() end", [&](Proto& p) { at(p, Opcode::LoopJump).wide = 0x7FFFFFFF; }) == "bad jump");
  CHECK(reasonAfter("f(x, g())", [&](Proto& p) { at(p, Opcode::CallVariable).b = 0; }) == "values were not counted");
  CHECK(reasonAfter("for i = 1, 2 do local x = 1 end", [](Proto& p) {
          for (Instruction& word : p.code) {
            if (opcodeOf(word) == Opcode::LoadInteger && word.a == 8) word.a = 2;
          }
        }) == "loop variable is changed");
  CHECK(reasonAfter("for i = 1, 2 do end", [&](Proto& p) { at(p, Opcode::ForPrepare).wide -= 1; }) == "bad loop");
  CHECK(reasonAfter("for i = 1, 2 do end", [&](Proto& p) { at(p, Opcode::ForLoop).wide -= 1; }) == "bad loop");
  CHECK(reasonAfter("if a then b() end for i = 1, 2 do c() end", [&](Proto& p) {
          Instruction& jump = at(p, Opcode::JumpIfFalse);
          jump.wide = static_cast<int32_t>(find(p, Opcode::ForLoop) - find(p, Opcode::JumpIfFalse)) - 1;
        }) == "jump into a loop");
  CHECK(reasonAfter("for i = 1, 2 do for j = 1, 2 do end end", [&](Proto& p) {
          const uint32_t inner = find(p, Opcode::ForLoop);
          std::swap(p.code[inner].a, p.code[inner + 1].a);
        }) == "bad loop");
  CHECK(reasonAfter("if a then b() end f(x, g())", [&](Proto& p) {
          at(p, Opcode::JumpIfFalse).wide =
              static_cast<int32_t>(find(p, Opcode::CallVariable) - find(p, Opcode::JumpIfFalse)) - 1;
        }) == "values were not counted");
  CHECK(reasonAfter("f(x, g()) while a do b() end", [&](Proto& p) {
          at(p, Opcode::LoopJump).wide =
              static_cast<int32_t>(find(p, Opcode::CallVariable)) - static_cast<int32_t>(find(p, Opcode::LoopJump)) - 1;
        }) == "jump to values that are not counted");
  CHECK(reasonAfter("do local x f(function() return x end) end",
                    [&](Proto& p) { at(p, Opcode::CloseUpvalues).a = 2; }) == "variables are left open");
  CHECK(reasonAfter("local a <close> = b f()", [&](Proto& p) { at(p, Opcode::ToBeClosed).a = 2; }) ==
        "call over open variables");
  CHECK(reasonAfter("local t = {f(), 2}", [&](Proto& p) {
          at(p, Opcode::NewTable).opcode = static_cast<uint16_t>(Opcode::LoadFalse);
        }) == "list is not stored in a new table");
  // The same in a frame of many slots, with what is open at both ends of it.
  std::string many;
  for (int i = 0; i < 150; ++i) many += "local v" + std::to_string(i) + " ";
  CHECK(reasonAfter((many + "do local x f(function() return x end) end").c_str(),
                    [&](Proto& p) { at(p, Opcode::CloseUpvalues).a += 2; }) == "variables are left open");
  CHECK(reasonAfter(("local t <close> = nil " + many + "f()").c_str(),
                    [&](Proto& p) { at(p, Opcode::CloseReturn).a = 2; }) == "variables are left open");
  CHECK(reasonAfter((many + "local t = {f(), 2}").c_str(), [&](Proto& p) {
          at(p, Opcode::NewTable).opcode = static_cast<uint16_t>(Opcode::LoadFalse);
        }) == "list is not stored in a new table");
  CHECK(reasonAfter("return 1", [&](Proto& p) {
          at(p, Opcode::Return1FromVararg).opcode = static_cast<uint16_t>(Opcode::Return1);
        }) == "function is vararg");
}

TEST_CASE("only opcodes with a safepoint may jump back", "[bytecode verifier]") {
  Fixture fixture;
  uint32_t refused = 0;
  uint32_t loops = 0;
  const std::function<void(Proto&)> tryAll = [&](Proto& proto) {
    for (uint32_t at = 1; at < proto.code.size(); at += infoOf(proto.code[at]).words()) {
      Instruction& jump = proto.code[at];
      const OpcodeInfo& info = infoOf(jump);
      if (!hasJump(info)) continue;
      if (opcodeHasSafepoint[jump.opcode]) {
        ++loops;
        continue;
      }
      // To itself, the nearest that leads back.
      int32_t& distance = info.b == OperandKind::JumpWide ? jump.wide : *reinterpret_cast<int32_t*>(&jump + 1);
      const int32_t before = distance;
      distance = -static_cast<int32_t>(info.words());
      Text why(*fixture.vm);
      CHECK_FALSE(verifyProto(*fixture.vm, proto, why));
      CHECK(std::string(why) == "jump back without a safepoint in instruction " + std::to_string(at));
      distance = before;
      CHECK(verifyProto(*fixture.vm, proto, why));
      ++refused;
    }
    for (Proto* nested : proto.protos) tryAll(*nested);
  };
  tryAll(*fixture.compile(sample));
  CHECK(refused > 8);
  CHECK(loops > 4);
}
