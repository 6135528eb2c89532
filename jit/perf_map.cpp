#include "jit/perf_map.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "opcodes.hpp"
#include "vm/string.hpp"

namespace selvage {

PerfMap::PerfMap() {
  const char* text = std::getenv("SELVAGE_PERF_MAP");
  if (text == nullptr) return;
  const std::string_view wanted = text;
  if (wanted == "functions") detail = Detail::Functions;
  if (wanted == "opcodes") detail = Detail::Opcodes;
}

void PerfMap::add(const Proto& proto, const JitCode& code) {
  if (file == nullptr) file.reset(std::fopen(fmt::format("/tmp/perf-{}.map", getpid()).c_str(), "w"));
  if (file == nullptr) {
    detail = Detail::None;
    return;
  }
  const uint8_t* start = code.code.entry();
  const auto line = [&](uint32_t from, uint32_t to, std::string_view name) {
    if (to > from) fmt::print(file.get(), "{:x} {:x} {}\n", reinterpret_cast<uint64_t>(start + from), to - from, name);
  };
  if (detail == Detail::Functions) {
    line(0, code.code.size, fmt::format("lua:{}:{}", proto.source->view(), proto.lineDefined));
  } else {
    for (size_t word = 0; word < proto.code.size();) {
      const OpcodeInfo& info = opcodeInfo[proto.code[word].opcode];
      const size_t next = word + info.words();
      line(code.offsets[word], next < proto.code.size() ? code.offsets[next] : code.firstCopySize,
           fmt::format("lua:{}", info.name));
      word = next;
    }
    line(code.firstCopySize, code.loopCopiesEnd, "lua:loops after their first turn");
    line(code.loopCopiesEnd, code.code.hotSize, "lua:general copies");
    line(code.code.hotSize, code.code.size, "lua:cold parts");
  }
  std::fflush(file.get());
}

}  // namespace selvage
