// The stencil pipeline from end to end: tests/codegen/sample_stencils.cpp goes through clang, the clean-up and the
// extraction when the tests are built; here its stencils are stitched together and run.
#include "jit/stitcher.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "jit/stencil_listing.hpp"
#include "sample_stencils.hpp"
#include "tests/codegen/sample_stencils.hpp"

using namespace selvage;
using namespace selvage::sample;

extern "C" {
// Where sample stencils leave to. Returning ends the run that Fixture::run has started.
SELVAGE_HANDLER void sample_leave(SELVAGE_PARAMETERS) {}
// Leaves a trace in slot 0: the pc it was given.
SELVAGE_HANDLER void sample_slowAdd(SELVAGE_PARAMETERS) { base[0] = Value::pointer(pc); }
}

namespace {

constexpr int64_t slotBytes = sizeof(Value);
// Far from any program's code, so that no 32-bit displacement reaches from here to there.
const void* const farAway = reinterpret_cast<const void*>(uint64_t{0x200000000000});

SELVAGE_HANDLER void answer(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  auto resume = reinterpret_cast<Handler*>(m.x0);
  m.x0 = 42;
  SELVAGE_GO(m, resume);
}

struct Operands {
  int64_t a = 0, b = 0, c = 0, wide = 0, user = 0;
  const void* pc = nullptr;
};

class Fixture {
 public:
  explicit Fixture(const CodeMemoryOptions& options = {})
      : memory(options, Stitcher::preludeFor(sampleLibrary())), stitcher(sampleLibrary()) {
    stitcher.begin();
  }

  static const StencilLibrary& sampleLibrary() { return sampleStencils; }
  static const Stencil& stencil(uint32_t opcode, uint32_t part = 0) {
    const Stencil* found = sampleLibrary().find(opcode);
    for (uint32_t i = 0; i < part && found != nullptr; ++i) found = sampleLibrary().partAfter(*found);
    REQUIRE(found != nullptr);
    return *found;
  }

  // Appends a stencil whose holes are to be filled with these values.
  void append(const Stencil& stencil, const Operands& operands, Label jump = noLabel) {
    stitcher.emit(stencil, static_cast<uint32_t>(operandsByTag.size()), jump);
    operandsByTag.push_back(operands);
  }
  // Operands are slot numbers. Returns the stencil's index among the emitted ones.
  size_t emit(uint32_t opcode, int64_t a = 0, int64_t b = 0, int64_t c = 0, Label jump = noLabel) {
    append(stencil(opcode), {.a = a * slotBytes, .b = b * slotBytes, .c = c * slotBytes, .pc = this}, jump);
    return stitcher.emitted().size() - 1;
  }
  void load(int64_t a, int64_t number) { append(stencil(opcodeLoad), {.a = a * slotBytes, .wide = number}); }
  bool finish(StitchedCode& code) {
    return stitcher.finish(memory, code, [&](const Stitcher::Emitted& item, HoleValues& values) {
      const Operands& operands = operandsByTag[item.tag];
      values[HoleSymbol::A] = operands.a;
      values[HoleSymbol::B] = operands.b;
      values[HoleSymbol::C] = operands.c;
      values[HoleSymbol::Wide] = operands.wide;
      values[HoleSymbol::User0] = operands.user;
      values.setAddress(HoleSymbol::Pc, operands.pc);
    });
  }
  void run() {
    StitchedCode code;
    bool isFinished = finish(code);
    INFO(stitcher.error());
    REQUIRE(isFinished);
    auto entry = reinterpret_cast<Handler*>(const_cast<uint8_t*>(code.entry()));
    entry(nullptr, slots, nullptr, nullptr, 0, 0, 0, 0, 0, 0, 0, 0);
    memory.release(code.block);
    CHECK(memory.bytesInUse() == 0);
  }

  CodeMemory memory;
  Stitcher stitcher;
  std::vector<Operands> operandsByTag;
  Value slots[8] = {};
};

// sum = 0; i = 1; repeat sum = sum + i; i = i + 1 until not (i < limit)
void emitSum(Fixture& fixture, int64_t limit) {
  fixture.load(0, 0);
  fixture.load(1, 1);
  fixture.load(2, limit);
  fixture.load(3, 1);
  Label loop = fixture.stitcher.addLabels(1);
  fixture.stitcher.bind(loop);
  fixture.emit(opcodeAdd, 0, 0, 1);
  fixture.emit(opcodeAdd, 1, 1, 3);
  fixture.emit(opcodeJumpIfLess, 1, 2, 0, loop);
  fixture.emit(opcodeLeave);
}

}  // namespace

TEST_CASE("stitched stencils run into each other and jump back", "[stitcher]") {
  Fixture fixture;
  emitSum(fixture, 1001);
  fixture.run();
  CHECK(fixture.slots[0].isInteger());
  CHECK(fixture.slots[0].integer() == 500500);
}

TEST_CASE("a stencil without code takes no room", "[stitcher]") {
  Fixture fixture;
  CHECK(Fixture::stencil(opcodeNothing).hotSize == 0);
  CHECK(Fixture::stencil(opcodeNothing).fallsThrough);
  fixture.load(0, 7);
  size_t nothing = fixture.emit(opcodeNothing);
  size_t leave = fixture.emit(opcodeLeave);
  CHECK(fixture.stitcher.emitted()[nothing].hotOffset == fixture.stitcher.emitted()[leave].hotOffset);
  fixture.run();
  CHECK(fixture.slots[0].integer() == 7);
}

TEST_CASE("jumps forward to a label bound later", "[stitcher]") {
  Fixture fixture;
  Label end = fixture.stitcher.addLabels(1);
  fixture.load(0, 1);
  fixture.load(1, 2);
  fixture.load(2, 3);
  fixture.emit(opcodeJumpIfLess, 0, 1, 0, end);
  fixture.load(2, 4);
  fixture.stitcher.bind(end);
  fixture.emit(opcodeLeave);
  fixture.run();
  CHECK(fixture.slots[2].integer() == 3);
}

TEST_CASE("a label may stand for code that was stitched before", "[stitcher]") {
  Fixture fixture;
  fixture.load(0, 5);
  fixture.emit(opcodeLeave);
  StitchedCode earlier;
  REQUIRE(fixture.finish(earlier));

  fixture.stitcher.begin();
  const Label outside = fixture.stitcher.addLabels(1);
  fixture.stitcher.bindOutside(outside, earlier.entry());
  fixture.load(1, 1);
  fixture.load(2, 2);
  fixture.emit(opcodeJumpIfLess, 1, 2, 0, outside);
  fixture.load(1, 3);
  fixture.emit(opcodeLeave);
  StitchedCode code;
  REQUIRE(fixture.finish(code));
  auto entry = reinterpret_cast<Handler*>(const_cast<uint8_t*>(code.entry()));
  entry(nullptr, fixture.slots, nullptr, nullptr, 0, 0, 0, 0, 0, 0, 0, 0);
  CHECK(fixture.slots[0].integer() == 5);
  CHECK(fixture.slots[1].integer() == 1);
  fixture.memory.release(code.block);
  fixture.memory.release(earlier.block);
  CHECK(fixture.memory.bytesInUse() == 0);

  // One that is too far away is an error.
  fixture.stitcher.begin();
  fixture.stitcher.bindOutside(fixture.stitcher.addLabels(1), nullptr);
  fixture.emit(opcodeLeave);
  CHECK_FALSE(fixture.finish(code));
  CHECK(fixture.stitcher.error() == "a label is out of reach");
  CHECK(fixture.memory.bytesInUse() == 0);
}

TEST_CASE("type-dependent paths and the departure to a slow path", "[stitcher]") {
  // The slow path is reached directly from near code memory and through a veneer from far.
  for (const void* near : {static_cast<const void*>(nullptr), farAway}) {
    CodeMemoryOptions options;
    options.near = near;
    Fixture fixture(options);
    fixture.slots[1] = Value::number(1.5);
    fixture.slots[2] = Value::number(2.25);
    fixture.emit(opcodeAdd, 3, 1, 2);
    fixture.emit(opcodeNegate, 4, 3);
    fixture.emit(opcodeLeave);
    fixture.run();
    CHECK(fixture.slots[3].isFloat());
    CHECK(fixture.slots[3].number() == 3.75);
    CHECK(fixture.slots[4].number() == -9.375);

    fixture.slots[2] = Value::boolean(true);
    fixture.slots[3] = Value::nil();
    fixture.stitcher.begin();
    fixture.emit(opcodeAdd, 3, 1, 2);
    fixture.emit(opcodeLeave);
    fixture.run();
    CHECK(fixture.slots[0].as<Fixture>() == &fixture);
    CHECK(fixture.slots[3].isNil());
  }
}

TEST_CASE("far code memory is really far", "[stitcher]") {
  CodeMemoryOptions options;
  options.near = farAway;
  Fixture fixture(options);
  CodeBlock block = fixture.memory.allocate(16);
  REQUIRE(block);
  int64_t distance = reinterpret_cast<int64_t>(block.code) - reinterpret_cast<int64_t>(&sample_leave);
  CHECK(std::abs(distance) > int64_t{1} << 31);
}

TEST_CASE("a call comes back to the part emitted behind it", "[stitcher]") {
  Fixture fixture;
  fixture.slots[1] = Value::pointer(reinterpret_cast<const void*>(&answer));
  fixture.append(Fixture::stencil(opcodeCall), {.a = slotBytes});
  fixture.append(Fixture::stencil(opcodeCall, 1), {.a = slotBytes});
  fixture.load(2, 5);
  fixture.emit(opcodeAdd, 0, 1, 2);
  fixture.emit(opcodeLeave);
  fixture.run();
  CHECK(fixture.slots[0].integer() == 47);
  CHECK_FALSE(Fixture::stencil(opcodeCall).fallsThrough);
}

TEST_CASE("64-bit and negative values", "[stitcher]") {
  Fixture fixture;
  fixture.append(Fixture::stencil(opcodeRemember),
                 {.user = 5, .pc = reinterpret_cast<const void*>(uint64_t{0x123456789ABCDEF0})});
  fixture.load(1, INT32_MIN);
  fixture.load(2, 100);
  fixture.append(Fixture::stencil(opcodeSubtractHalf), {.a = 2 * slotBytes, .b = -10});
  fixture.emit(opcodeLeave);
  fixture.run();
  CHECK(fixture.slots[0].bits == 0x123456789ABCDEF5);
  CHECK(fixture.slots[1].integer() == INT32_MIN);
  CHECK(fixture.slots[2].integer() == 105);
}

TEST_CASE("a value that does not fit its hole is an error and leaks nothing", "[stitcher]") {
  Fixture fixture;
  StitchedCode code;
  fixture.load(0, int64_t{1} << 31);
  fixture.emit(opcodeLeave);
  CHECK_FALSE(fixture.finish(code));
  CHECK(fixture.stitcher.error().find("Load") != std::string::npos);
  CHECK(fixture.stitcher.error().find("hole w") != std::string::npos);
  CHECK(fixture.memory.bytesInUse() == 0);

  fixture.stitcher.begin();
  CHECK(fixture.stitcher.error().empty());
  fixture.load(0, INT32_MAX);
  fixture.emit(opcodeLeave);
  fixture.run();
  CHECK(fixture.slots[0].integer() == INT32_MAX);
}

TEST_CASE("what is between and behind the parts is traps", "[stitcher]") {
  Fixture fixture;
  for (int round = 0; round < 2; ++round) {  // the second time in memory that held code
    fixture.stitcher.begin();
    for (int i = 0; i <= round; ++i) fixture.emit(opcodeAdd, 0, 0, 1);
    fixture.emit(opcodeLeave);
    StitchedCode code;
    REQUIRE(fixture.finish(code));
    const Stitcher::Emitted& first = fixture.stitcher.emitted()[0];
    const uint8_t* cold = code.entry() + fixture.stitcher.coldOffsetOf(first);
    const auto isTrap = [](uint8_t byte) { return byte == trapInstruction; };
    CHECK(code.entry() + code.hotSize < cold);
    CHECK(std::all_of(code.entry() + code.hotSize, cold, isTrap));
    CHECK(std::all_of(code.entry() + code.size, code.entry() + code.block.size, isTrap));
    // Holes apart, parts are what the library has, also where copies of their neighbours overlapped them for a moment.
    const auto isCopied = [&](const uint8_t* copy, std::span<const uint8_t> part, bool isCold) {
      std::vector<bool> isHole(part.size());
      for (const Hole& hole : Fixture::sampleLibrary().holesOf(*first.stencil)) {
        const ptrdiff_t size = hole.kind == HoleKind::Absolute64 ? 8 : 4;
        if ((hole.isCold != 0) == isCold) std::fill_n(isHole.begin() + hole.offset, size, true);
      }
      for (size_t i = 0; i < part.size(); ++i) {
        if (!isHole[i] && copy[i] != part[i]) return false;
      }
      return true;
    };
    CHECK(isCopied(code.entry(), Fixture::sampleLibrary().hotOf(*first.stencil), false));
    CHECK(isCopied(cold, Fixture::sampleLibrary().coldOf(*first.stencil), true));
    fixture.memory.release(code.block);
  }
}

TEST_CASE("a label that is not bound is an error", "[stitcher]") {
  Fixture fixture;
  StitchedCode code;
  fixture.emit(opcodeJumpIfLess, 0, 1, 0, fixture.stitcher.addLabels(1));
  CHECK_FALSE(fixture.finish(code));
  CHECK(fixture.stitcher.error().find("label") != std::string::npos);
}

TEST_CASE("without executable memory there is a reason", "[stitcher]") {
  CodeMemoryOptions options;
  options.mode = CodeMemoryMode::Unavailable;
  Fixture fixture(options);
  StitchedCode code;
  fixture.emit(opcodeLeave);
  CHECK_FALSE(fixture.finish(code));
  CHECK(fixture.stitcher.error() == fixture.memory.status());
}

TEST_CASE("stitching into flipped pages", "[stitcher]") {
  CodeMemoryOptions options;
  options.mode = CodeMemoryMode::FlippedPages;
  Fixture fixture(options);
  emitSum(fixture, 11);
  fixture.run();
  CHECK(fixture.slots[0].integer() == 55);
}

TEST_CASE("operands are folded into addressing modes", "[stitcher]") {
  // What makes stencils good: a hole is the displacement of the instruction that uses the operand, so reading,
  // checking, adding and storing take the operand's place without an address computed into a register.
  const Stencil& add = Fixture::stencil(opcodeAdd);
  for (const Hole& hole : Fixture::sampleLibrary().holesOf(add)) {
    bool isOperand = hole.symbol == HoleSymbol::A || hole.symbol == HoleSymbol::B || hole.symbol == HoleSymbol::C;
    if (isOperand) CHECK(hole.kind == HoleKind::Signed32);
  }
  // Two stores and a fall-through: nothing but the instructions that the operation needs.
  CHECK(Fixture::stencil(opcodeLoad).hotSize == 22);
  CHECK(Fixture::stencil(opcodeLoad).coldSize == 0);
  if (listingHasAssembly()) {
    std::string text = listStencil(Fixture::sampleLibrary(), Fixture::stencil(opcodeLoad));
    CHECK(text.find("qword ptr [r13+{a}], {w}") != std::string::npos);
  }
}

TEST_CASE("the slow path is in the cold part", "[stitcher]") {
  const Stencil& add = Fixture::stencil(opcodeAdd);
  auto holes = Fixture::sampleLibrary().holesOf(add);
  auto isSlowPath = [](const Hole& hole) { return hole.isExternal(); };
  CHECK(std::ranges::count_if(holes, isSlowPath) == 1);
  CHECK(std::ranges::find_if(holes, isSlowPath)->isCold != 0);
  CHECK(
      std::ranges::any_of(holes, [](const Hole& hole) { return hole.symbol == HoleSymbol::Cold && hole.isCold == 0; }));
}

TEST_CASE("listings name stencils and holes", "[stitcher]") {
  const StencilLibrary& library = Fixture::sampleLibrary();
  std::string text = listStencil(library, Fixture::stencil(opcodeAdd));
  CHECK(text.find("Add: opcode 2") == 0);
  CHECK(text.find("{sample_slowAdd") != std::string::npos);
  CHECK(text.find("cold:") != std::string::npos);
  if (listingHasAssembly()) {
    CHECK(text.find("{b+8}]") != std::string::npos);
    CHECK(text.find("jmp {sample_slowAdd}") != std::string::npos);
    CHECK(text.find("5AFE") == std::string::npos);  // no stand-in is left over
  }
}

TEST_CASE("the library is indexed by opcode", "[stitcher]") {
  const StencilLibrary& library = Fixture::sampleLibrary();
  CHECK(library.opcodeCount() == opcodeCount);
  CHECK(sampleStencilsOpcodeCount == opcodeCount);
  for (uint32_t opcode = 0; opcode < opcodeCount; ++opcode) {
    REQUIRE(library.find(opcode) != nullptr);
    CHECK(library.find(opcode)->opcode == opcode);
    CHECK(library.of(opcode).size() == (opcode == opcodeCall ? 2 : 1));
  }
  CHECK(library.find(opcodeAdd, 1) == nullptr);
  CHECK(library.partAfter(Fixture::stencil(opcodeAdd)) == nullptr);
  CHECK(library.partAfter(Fixture::stencil(opcodeCall, 1)) == nullptr);
  CHECK(library.partAfter(library.stencils.back()) == nullptr);
  CHECK(library.find(opcodeCount) == nullptr);
  CHECK(library.nameOf(Fixture::stencil(opcodeCall, 1)) == "Call.resume");
}

TEST_CASE("stitching speed", "[.speed]") {
  Fixture fixture;
  constexpr int rounds = 2000, instructions = 300;
  const Stencil& load = Fixture::stencil(opcodeLoad);
  const Stencil& add = Fixture::stencil(opcodeAdd);
  std::clock_t start = std::clock();  // processor time: other programs do not count
  for (int round = 0; round < rounds; ++round) {
    fixture.stitcher.begin();
    fixture.operandsByTag.clear();
    for (int i = 0; i < instructions; ++i) fixture.append(i % 3 == 0 ? load : add, {.a = i % 7, .b = i % 5});
    fixture.emit(opcodeLeave);
    StitchedCode code;
    if (!fixture.finish(code)) FAIL(fixture.stitcher.error());
    fixture.memory.release(code.block);
  }
  double perSecond =
      rounds * instructions * static_cast<double>(CLOCKS_PER_SEC) / static_cast<double>(std::clock() - start);
  WARN("instructions stitched per second: " << perSecond);
  CHECK(perSecond > 1e6);
}
