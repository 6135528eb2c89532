#include "jit/perf_map.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "opcodes.hpp"
#include "vm/string.hpp"

namespace selvage {

namespace {

std::string nameOf(const Proto& proto) { return fmt::format("lua:{}:{}", proto.source->view(), proto.lineDefined); }

}  // namespace

PerfMap::PerfMap() {
  const char* text = std::getenv("SELVAGE_PERF_MAP");
  if (text == nullptr) return;
  const std::string_view wanted = text;
  if (wanted == "functions") detail = Detail::Functions;
  if (wanted == "opcodes") detail = Detail::Opcodes;
}

void PerfMap::line(const uint8_t* start, size_t bytes, std::string_view name) {
  if (bytes > 0) fmt::print(file.get(), "{:x} {:x} {}\n", reinterpret_cast<uint64_t>(start), bytes, name);
}

void PerfMap::add(const Proto& proto, const JitCode& code) {
  if (file == nullptr) file.reset(std::fopen(fmt::format("/tmp/perf-{}.map", getpid()).c_str(), "w"));
  if (file == nullptr) {
    detail = Detail::None;
    return;
  }
  const uint8_t* const start = code.code.entry();
  if (detail == Detail::Functions) {
    line(start, code.code.size, nameOf(proto));
  } else {
    for (size_t word = 0; word < proto.code.size();) {
      const OpcodeInfo& info = opcodeInfo[proto.code[word].opcode];
      const size_t next = word + info.words();
      const uint32_t end = next < proto.code.size() ? code.offsets[next] : code.firstCopySize;
      line(start + code.offsets[word], end - code.offsets[word], fmt::format("lua:{}", info.name));
      word = next;
    }
    line(start + code.firstCopySize, code.code.hotSize - code.firstCopySize, "lua:loops after their first turn");
    line(start + code.code.hotSize, code.code.size - code.code.hotSize, "lua:cold parts");
  }
  std::fflush(file.get());
}

void PerfMap::addGeneralCopies(const Proto& proto, const JitCode& code) {
  if (file == nullptr) return;
  const StitchedCode& general = code.general->code;
  const uint8_t* const start = general.entry();
  if (detail == Detail::Functions) {
    line(start, general.size, nameOf(proto));
  } else {
    line(start, general.hotSize, "lua:general copies");
    line(start + general.hotSize, general.size - general.hotSize, "lua:cold parts");
  }
  std::fflush(file.get());
}

}  // namespace selvage
