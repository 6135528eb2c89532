// Build tool: from clang's assembly text of the stencils to the C++ source of the stencil library.
//
//   stencil_compiler clean RAW.s RAW.o CLEAN.s [STENCIL...]
//       RAW.o is RAW.s assembled; its table says which functions are stencils. Writes the cleaned text. The hot parts
//       of the stencils listed by name may use the machine stack, those of all others must not.
//   stencil_compiler write CLEAN.o SOURCE HEADER HEADER_NAME LIBRARY_NAME
//       Reads the assembled cleaned text, writes the library. HEADER_NAME is how SOURCE includes HEADER.
//
// A mistake in any stencil is an error with the stencil's name, and the exit status is 1.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "codegen/assembly_cleanup.hpp"
#include "codegen/assembly_parser.hpp"
#include "codegen/library_writer.hpp"
#include "codegen/object_reader.hpp"

namespace {

using namespace selvage::codegen;

int fail(const std::string& message) {
  std::fprintf(stderr, "stencil_compiler: error: %s\n", message.c_str());
  return 1;
}

std::optional<std::string> readFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

bool writeFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file.fail()) return true;
  std::remove(path.c_str());
  return false;
}

int clean(const std::string& textPath, const std::string& objectPath, const std::string& outputPath,
          const std::set<std::string>& stackUsers) {
  std::string error;
  std::vector<SourceRow> rows;
  if (!readSourceTable(objectPath, rows, error)) return fail(error);
  std::map<std::string, const SourceRow*> rowOfFunction;
  std::set<std::tuple<uint32_t, uint32_t, uint32_t>> parts;
  std::set<std::string> functions;
  for (const SourceRow& row : rows) {
    parts.emplace(row.opcode, row.variant, row.part);
    rowOfFunction.emplace(row.function, &row);
    if (!functions.insert(row.function).second) return fail("function " + row.function + " is in the table twice");
  }
  std::optional<std::string> text = readFile(textPath);
  if (!text) return fail("cannot read " + textPath);
  Assembly assembly;
  if (!parseAssembly(*text, functions, assembly, error)) return fail(error);

  bool isGood = true;
  std::vector<CleanedFunction> cleaned(assembly.functions.size());
  for (size_t i = 0; i < cleaned.size(); ++i) {
    const SourceRow& row = *rowOfFunction[assembly.functions[i].name];
    CleanupOptions options;
    // What follows a part that has a next part is that part, not the next instruction.
    options.mayFallThrough = !parts.contains({row.opcode, row.variant, row.part + 1});
    options.allowsStackInHot = stackUsers.contains(row.name);
    if (!cleanUp(assembly.functions[i], options, cleaned[i], error)) {
      fail("stencil " + row.name + ": " + error);
      isGood = false;
    }
  }
  if (!isGood) return 1;
  if (!writeFile(outputPath, assembleText(assembly, cleaned))) return fail("cannot write " + outputPath);
  return 0;
}

int write(const std::string& objectPath, const std::string& sourcePath, const std::string& headerPath,
          const std::string& headerName, const std::string& libraryName) {
  ExtractedLibrary library;
  std::vector<std::string> errors;
  if (!readLibrary(objectPath, library, errors)) {
    for (const std::string& error : errors) fail(error);
    return 1;
  }
  if (!writeFile(sourcePath, librarySource(library, headerName, libraryName))) {
    return fail("cannot write " + sourcePath);
  }
  if (!writeFile(headerPath, libraryHeader(library, libraryName))) return fail("cannot write " + headerPath);
  return 0;
}

}  // namespace

int main(int argumentCount, char** argumentValues) {
  std::vector<std::string> arguments(argumentValues + 1, argumentValues + argumentCount);
  if (arguments.size() >= 4 && arguments[0] == "clean") {
    return clean(arguments[1], arguments[2], arguments[3], {arguments.begin() + 4, arguments.end()});
  }
  if (arguments.size() == 6 && arguments[0] == "write") {
    return write(arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
  }
  std::fprintf(stderr,
               "usage: stencil_compiler clean RAW.s RAW.o CLEAN.s [STENCIL...]\n"
               "       stencil_compiler write CLEAN.o SOURCE HEADER HEADER_NAME LIBRARY_NAME\n");
  return 2;
}
