// Reads stencils out of an object file: the table of sources, each stencil's bytes and holes, the constants they use.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "jit/stencil.hpp"

namespace selvage::codegen {

// One row of the table in section "selvage_stencils" (see stencils/stencil_source.hpp).
struct SourceRow {
  std::string function;  // the symbol
  std::string name;
  uint32_t opcode = 0;
  uint32_t variant = 0;
  uint32_t part = 0;
};

struct ExtractedPart {
  std::vector<uint8_t> bytes;
  std::vector<Hole> holes;
};

struct ExtractedStencil {
  SourceRow source;
  ExtractedPart hot;
  ExtractedPart cold;
  bool fallsThrough = false;
};

struct ExtractedLibrary {
  std::vector<ExtractedStencil> stencils;
  std::vector<std::string> externals;
  std::vector<uint8_t> pool;
  uint32_t poolAlignment = 1;
};

// The rows in the order of the table. False with a message in `error` if the file has none or is no x86-64 ELF object.
bool readSourceTable(const std::string& objectPath, std::vector<SourceRow>& rows, std::string& error);

// Everything, from an object made of cleaned assembly text. Stencils are sorted by opcode, variant and part; the
// opcodes are those of the rows, without gaps, each with a part 0. False with one message for each mistake found.
bool readLibrary(const std::string& objectPath, ExtractedLibrary& library, std::vector<std::string>& errors);

}  // namespace selvage::codegen
