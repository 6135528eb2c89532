// Code memory in each of its modes: blocks run, can be freed and had again, and are never writable and executable.
#include "jit/code_memory.hpp"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace selvage;

namespace {

// mov eax, number; ret
std::vector<uint8_t> returning(uint32_t number) {
  std::vector<uint8_t> code = {0xB8, 0, 0, 0, 0, 0xC3};
  std::memcpy(code.data() + 1, &number, sizeof number);
  return code;
}

void writeCode(CodeMemory& memory, const CodeBlock& block, uint32_t number) {
  std::vector<uint8_t> code = returning(number);
  CodeMemory::Writing writing(memory, block.code, code.size());
  REQUIRE(writing.bytes() != nullptr);
  std::memcpy(writing.bytes(), code.data(), code.size());
}

uint32_t runCode(const CodeBlock& block) {
  auto function = reinterpret_cast<uint32_t (*)()>(const_cast<uint8_t*>(block.code));
  return function();
}

// The protection of the mapping that holds an address, as the system tells it ("r-xp").
std::string protectionOf(const void* address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    uint64_t start = 0, end = 0;
    char dash = 0;
    std::string protection;
    fields >> std::hex >> start >> dash >> end >> protection;
    auto number = reinterpret_cast<uint64_t>(address);
    if (number >= start && number < end) return protection;
  }
  return "";
}

CodeMemoryOptions optionsFor(CodeMemoryMode mode) {
  CodeMemoryOptions options;
  options.mode = mode;
  options.firstRegionBytes = 64 << 10;
  options.largestRegionBytes = 256 << 10;
  return options;
}

}  // namespace

TEST_CASE("code runs in every mode", "[code_memory]") {
  for (CodeMemoryMode mode : {CodeMemoryMode::Automatic, CodeMemoryMode::DualMapping, CodeMemoryMode::FlippedPages}) {
    CodeMemory memory(optionsFor(mode));
    REQUIRE(memory.isAvailable());
    CHECK(!memory.status().empty());
    if (mode != CodeMemoryMode::Automatic) CHECK(memory.mode() == mode);
    CodeBlock first = memory.allocate(100);
    CodeBlock second = memory.allocate(6);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first.size >= 100);
    CHECK(reinterpret_cast<uintptr_t>(second.code) % 16 == 0);
    writeCode(memory, first, 12345);
    writeCode(memory, second, 67890);
    CHECK(runCode(first) == 12345);
    CHECK(runCode(second) == 67890);
    writeCode(memory, first, 54321);
    CHECK(runCode(first) == 54321);
    CHECK(memory.bytesInUse() == first.size + second.size);
  }
}

TEST_CASE("no page is writable and executable", "[code_memory]") {
  for (CodeMemoryMode mode : {CodeMemoryMode::DualMapping, CodeMemoryMode::FlippedPages}) {
    CodeMemory memory(optionsFor(mode));
    CodeBlock block = memory.allocate(64);
    REQUIRE(block);
    CHECK(protectionOf(block.code).substr(0, 3) == "r-x");
    {
      CodeMemory::Writing writing(memory, block.code, block.size);
      REQUIRE(writing.bytes() != nullptr);
      CHECK(protectionOf(writing.bytes()).substr(0, 3) == "rw-");
      std::string whereItRuns = protectionOf(block.code).substr(0, 3);
      CHECK(whereItRuns == (mode == CodeMemoryMode::DualMapping ? "r-x" : "rw-"));
    }
    CHECK(protectionOf(block.code).substr(0, 3) == "r-x");
  }
}

TEST_CASE("code is written far from where it runs, at a place of its own each time", "[code_memory]") {
  std::set<int64_t> distances;
  for (int i = 0; i < 8; ++i) {
    CodeMemory memory(optionsFor(CodeMemoryMode::DualMapping));
    const CodeBlock block = memory.allocate(64);
    REQUIRE(block);
    const CodeMemory::Writing writing(memory, block.code, block.size);
    REQUIRE(writing.bytes() != nullptr);
    const int64_t distance = reinterpret_cast<int64_t>(writing.bytes()) - reinterpret_cast<int64_t>(block.code);
    CHECK(std::abs(distance) > int64_t{32} << 30);
    distances.insert(distance);
  }
  CHECK(distances.size() == 8);
}

TEST_CASE("declined code memory says so and allocates nothing", "[code_memory]") {
  CodeMemory memory(optionsFor(CodeMemoryMode::Unavailable));
  CHECK_FALSE(memory.isAvailable());
  CHECK(memory.status().find("executable memory") != std::string::npos);
  CHECK_FALSE(memory.allocate(16));
  CHECK(memory.bytesReserved() == 0);
}

TEST_CASE("code is near the program", "[code_memory]") {
  CodeMemory memory;
  CodeBlock block = memory.allocate(16);
  REQUIRE(block);
  int64_t distance = reinterpret_cast<int64_t>(block.code) - reinterpret_cast<int64_t>(&runCode);
  CHECK(std::abs(distance) < (int64_t{1} << 31) - (int64_t{64} << 20));
}

TEST_CASE("released blocks are merged and had again", "[code_memory]") {
  for (CodeMemoryMode mode : {CodeMemoryMode::DualMapping, CodeMemoryMode::FlippedPages}) {
    CodeMemory memory(optionsFor(mode));
    size_t reserved = memory.bytesReserved();
    std::vector<CodeBlock> blocks;
    for (int i = 0; i < 60; ++i) {
      blocks.push_back(memory.allocate(1000));
      REQUIRE(blocks.back());
      writeCode(memory, blocks.back(), static_cast<uint32_t>(i));
    }
    CHECK(memory.bytesReserved() == reserved);
    // In an order in which neighbours before, after and on both sides occur.
    for (size_t step : {0, 2, 1}) {
      for (size_t i = step; i < blocks.size(); i += 3) {
        CHECK(runCode(blocks[i]) == i);
        memory.release(blocks[i]);
      }
    }
    CHECK(memory.bytesInUse() == 0);
    CodeBlock whole = memory.allocate(reserved - 64);
    CHECK(whole);
    CHECK(memory.bytesReserved() == reserved);
  }
}

TEST_CASE("memory grows by regions, each with the prelude", "[code_memory]") {
  std::vector<uint8_t> prelude = {1, 2, 3, 4, 5, 6, 7};
  for (CodeMemoryMode mode : {CodeMemoryMode::DualMapping, CodeMemoryMode::FlippedPages}) {
    CodeMemory memory(optionsFor(mode), prelude);
    std::vector<CodeBlock> blocks;
    for (int i = 0; i < 40; ++i) {
      blocks.push_back(memory.allocate(20000));
      REQUIRE(blocks.back());
      writeCode(memory, blocks.back(), static_cast<uint32_t>(i));
    }
    blocks.push_back(memory.allocate(8 << 20));  // more than any region has by itself
    REQUIRE(blocks.back());
    writeCode(memory, blocks.back(), 40);
    CHECK(blocks.front().prelude != blocks.back().prelude);
    for (size_t i = 0; i < blocks.size(); ++i) {
      CHECK(runCode(blocks[i]) == i);
      CHECK(std::memcmp(blocks[i].prelude, prelude.data(), prelude.size()) == 0);
    }
  }
}

// Growing may exchange pages for huge ones and move the view to write: code that is there stays as it is.
TEST_CASE("much code keeps all of it", "[code_memory]") {
  constexpr size_t blockBytes = 24 << 10;
  for (CodeMemoryMode mode : {CodeMemoryMode::DualMapping, CodeMemoryMode::FlippedPages}) {
    for (size_t regionBytes : {size_t{4} << 20, size_t{5} << 20, size_t{3} << 19}) {
      CodeMemoryOptions options = optionsFor(mode);
      options.firstRegionBytes = regionBytes;
      options.isBulk = true;
      CodeMemory memory(options);
      std::vector<CodeBlock> blocks;
      const auto count = static_cast<uint32_t>(2 * regionBytes / blockBytes);
      for (uint32_t i = 0; i < count; ++i) {
        blocks.push_back(memory.allocate(blockBytes));
        REQUIRE(blocks.back());
        writeCode(memory, blocks.back(), i);
        REQUIRE(runCode(blocks[i / 2]) == i / 2);
      }
      for (uint32_t i = 0; i < count; ++i) REQUIRE(runCode(blocks[i]) == i);
      writeCode(memory, blocks.front(), count);
      CHECK(runCode(blocks.front()) == count);
      CHECK(protectionOf(blocks.front().code).substr(0, 3) == "r-x");
      CodeMemory::Writing writing(memory, blocks.front().code, 1);
      CHECK(protectionOf(writing.bytes()).substr(0, 3) == "rw-");
    }
  }
}

namespace {

// Runs `work` in a forked process; whether it said yes there.
template <class Work>
class Forked {
 public:
  explicit Forked(Work work) : process(fork()) {
    if (process == 0) _exit(work() ? 0 : 1);
  }
  bool saysYes() const {
    int status = -1;
    return waitpid(process, &status, 0) == process && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  pid_t process;
};

}  // namespace

TEST_CASE("parent and child write code of their own", "[code_memory]") {
  for (CodeMemoryMode mode : {CodeMemoryMode::DualMapping, CodeMemoryMode::FlippedPages}) {
    CodeMemory memory(optionsFor(mode));
    CodeBlock kept = memory.allocate(100);
    CodeBlock released = memory.allocate(100);
    writeCode(memory, kept, 1);
    writeCode(memory, released, 2);
    int toChild[2], toParent[2];
    REQUIRE((pipe(toChild) == 0 && pipe(toParent) == 0));
    char signal = 'x';
    const Forked child([&] {
      CodeBlock own = memory.allocate(100);
      writeCode(memory, own, 3);
      // Now the parent writes what it likes, and releases what it had before.
      const bool isTold = write(toParent[1], &signal, 1) == 1 && read(toChild[0], &signal, 1) == 1;
      return isTold && runCode(own) == 3 && runCode(kept) == 1 && runCode(released) == 2;
    });
    REQUIRE(read(toParent[0], &signal, 1) == 1);
    memory.release(released);
    for (uint32_t i = 0; i < 50; ++i) {
      CodeBlock own = memory.allocate(100);
      REQUIRE(own);
      writeCode(memory, own, 1000 + i);
      CHECK(runCode(own) == 1000 + i);
    }
    CHECK(runCode(kept) == 1);
    REQUIRE(write(toChild[1], &signal, 1) == 1);
    CHECK(child.saysYes());
    const size_t reserved = memory.bytesReserved();
    memory.release(kept);
    // In the shared region nothing was left, and it cannot be used any more.
    if (mode == CodeMemoryMode::DualMapping) CHECK(memory.bytesReserved() < reserved);
    for (const int file : {toChild[0], toChild[1], toParent[0], toParent[1]}) close(file);
  }
}

// Each side goes on in a new region, which is of the usual size again.
TEST_CASE("forks do not make regions larger", "[code_memory]") {
  constexpr int forks = 6;
  CodeMemory memory(optionsFor(CodeMemoryMode::DualMapping));
  const size_t first = memory.bytesReserved();
  for (int i = 0; i < forks; ++i) {
    REQUIRE(memory.allocate(100));
    const Forked child([] { return true; });
    CHECK(child.saysYes());
  }
  CHECK(memory.bytesReserved() == forks * first);
}

TEST_CASE("a request that the system refuses gives an empty block", "[code_memory]") {
  for (CodeMemoryMode mode : {CodeMemoryMode::DualMapping, CodeMemoryMode::FlippedPages}) {
    CodeMemory memory(optionsFor(mode));
    CHECK_FALSE(memory.allocate(size_t{1} << 60));
    CHECK(memory.allocate(16));
  }
}
