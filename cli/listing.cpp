// Listings of stencils, bytecode and machine code; see the header.
#include "cli/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cli/protected_call.hpp"
#include "compiler/compiler.hpp"
#include "jit/engine.hpp"
#include "jit/function_stitcher.hpp"
#include "jit/stencil_listing.hpp"
#include "opcodes.hpp"
#include "stdlib/load_chunk.hpp"
#include "stencil_library.hpp"
#include "stencils/stencil_variant.hpp"
#include "vm/bytecode_file.hpp"
#include "vm/chunk_name.hpp"
#include "vm/disassembler.hpp"

namespace selvage {

namespace {

void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// An opcode can be asked for as its definition has it, GetGlobal, or as listings of bytecode do, GET_GLOBAL.
std::string plainName(std::string_view name) {
  std::string plain;
  for (const unsigned char c : name) {
    if (c != '_') plain += static_cast<char>(std::tolower(c));
  }
  return plain;
}

std::vector<std::string_view> linesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// What a stencil expects, e.g. " a in f0, c in x1"; empty for the general one.
std::string describeVariant(uint32_t number) {
  static constexpr std::string_view places[placeCount] = {"", "f0", "f1", "f2", "f3", "x0", "x1"};
  static constexpr std::string_view types[constantTypeCount] = {"", "integer constant", "float constant",
                                                                "known field"};
  const StencilVariant variant = StencilVariant::of(number);
  std::string text;
  const auto add = [&](std::string_view part) { text += fmt::format("{}{}", text.empty() ? " " : ", ", part); };
  if (variant.constant != ConstantType::Any) add(types[static_cast<size_t>(variant.constant)]);
  const std::pair<char, Place> operands[] = {{'a', variant.a}, {'b', variant.b}, {'c', variant.c}};
  for (const auto& [name, place] : operands) {
    if (place != Place::Slot) add(fmt::format("{} in {}", name, places[static_cast<size_t>(place)]));
  }
  return text;
}

// A binary chunk is as good as a script, but has no text to show beside the code. Null after reporting an error.
const LuaFunction* load(VM& vm, std::string_view path, Text& source) {
  Text error(vm);
  const LuaFunction* function = nullptr;
  if (readSource(vm, path, source, error)) {
    function = loadChunk(vm, source, fmt::format("@{}", path), "bt", Value::table(vm.globals), error);
    if (source.starts_with(binaryChunkMark)) source.clear();
  }
  if (function == nullptr) reportError(error);
  return function;
}

// The hot code of each instruction under its bytecode and, where a new line of the source begins, under that; then what
// is out of the way.
void writeStitched(const Proto& proto, std::span<const std::string_view> sourceLines) {
  const StitchedCode& code = proto.jit->code;
  const auto* start = code.entry();
  const auto words = static_cast<uint32_t>(proto.code.size());
  uint32_t shownLine = 0;
  for (uint32_t word = 0; word < words;) {
    const uint32_t next = word + opcodeInfo[proto.code[word].opcode].words();
    const uint32_t line = word < proto.lines.size() ? proto.lines[word] : 0;
    if (line != shownLine) {
      const bool hasText = line >= 1 && line <= sourceLines.size();
      write(fmt::format("; line {}{}{}\n", line, hasText ? ": " : "", hasText ? sourceLines[line - 1] : ""));
      shownLine = line;
    }
    write(fmt::format("; {:4}  {}\n", word, disassembleInstruction(proto, word)));
    const size_t begin = proto.jit->offsets[word];
    const size_t end = next < words ? proto.jit->offsets[next] : proto.jit->firstCopySize;
    write(listCode({start + begin, end - begin}, start + begin));
    word = next;
  }
  write("; slow paths\n");
  write(listCode({start + code.hotSize, code.size - code.hotSize}, start + code.hotSize));
}

void dumpStitched(VM& vm, Proto& proto, std::span<const std::string_view> sourceLines) {
  write(fmt::format("function {}:{}\n", displayName(proto.source->view()).view(), proto.lineDefined));
  std::string reason;
  if (stitchForListing(vm, proto, reason)) {
    writeStitched(proto, sourceLines);
  } else {
    write(fmt::format("  not compiled: {}\n", reason));
  }
  for (Proto* inner : proto.protos) {
    write("\n");
    dumpStitched(vm, *inner, sourceLines);
  }
}

}  // namespace

bool listStencils(std::string_view opcodeName) {
  if (opcodeName.empty()) {
    for (const Stencil& stencil : stencilLibrary.stencils) {
      const std::string variant = describeVariant(stencil.variant);
      write(fmt::format("{:<24}{:<40} hot {:4} cold {:4} holes {:3}\n", stencilLibrary.nameOf(stencil), variant,
                        stencil.hotSize, stencil.coldSize, stencilLibrary.holesOf(stencil).size()));
    }
    return true;
  }
  for (uint32_t opcode = 0; opcode < stencilLibrary.opcodeCount(); ++opcode) {
    if (plainName(opcodeInfo[opcode].name) != plainName(opcodeName)) continue;
    for (const Stencil& stencil : stencilLibrary.of(opcode)) {
      const std::string variant = describeVariant(stencil.variant);
      write(fmt::format(";{}\n", variant.empty() ? " the general stencil" : variant));
      write(listStencil(stencilLibrary, stencil));
    }
    return true;
  }
  reportError(fmt::format("no opcode is called '{}'", opcodeName));
  return false;
}

bool dumpBytecode(VM& vm, std::string_view path) {
  Text source(vm);
  const LuaFunction* function = load(vm, path, source);
  if (function == nullptr) return false;
  write(disassemble(*function->proto(), true, linesOf(source)));
  return true;
}

bool dumpJit(VM& vm, std::string_view path) {
  Text source(vm);
  const LuaFunction* function = load(vm, path, source);
  if (function == nullptr) return false;
  dumpStitched(vm, *function->proto(), linesOf(source));
  return true;
}

}  // namespace selvage
