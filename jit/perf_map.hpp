// Tells the profiler `perf` what stitched code is: the file /tmp/perf-PID.map, which perf reads by itself.
//
// Asked for by the environment variable SELVAGE_PERF_MAP: "functions" names each stitched function after its chunk and
// line, "opcodes" each piece of it after its opcode, so that a profile tells which stencils the time goes to.
#pragma once

#include <cstdio>
#include <memory>
#include <string_view>

#include "jit/function_stitcher.hpp"

namespace selvage {

class PerfMap {
 public:
  // Reads the environment variable. Without it, or when the file cannot be written, nothing is ever done.
  PerfMap();
  bool isWanted() const { return detail != Detail::None; }
  // Adds a function that was just stitched.
  void add(const Proto& proto, const JitCode& code);
  // Adds the general copies of one that was added before.
  void addGeneralCopies(const Proto& proto, const JitCode& code);

 private:
  enum class Detail { None, Functions, Opcodes };
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  Detail detail = Detail::None;
  std::unique_ptr<std::FILE, Close> file;

  void line(const uint8_t* start, size_t bytes, std::string_view name);
};

}  // namespace selvage
