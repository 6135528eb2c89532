// The prompt; see the header. On a terminal lines are edited and remembered by libedit where the build found it.
#include "cli/interactive.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "cli/protected_call.hpp"
#include "stdlib/load_chunk.hpp"
#include "stdlib/standard_streams.hpp"
#include "vm/native.hpp"
#include "vm/operations.hpp"

#ifdef SELVAGE_HAVE_LIBEDIT
#include <editline/readline.h>
#endif

namespace selvage {

namespace {

constexpr std::string_view unfinishedMark = "<eof>";
constexpr std::string_view chunkName = "=stdin";

bool isEdited() {
#ifdef SELVAGE_HAVE_LIBEDIT
  return isatty(STDIN_FILENO) != 0;
#else
  return false;
#endif
}

std::optional<std::string> readPlainLine(const std::string& prompt) {
  std::fputs(prompt.c_str(), stdout);
  std::fflush(stdout);
  std::string line;
  for (int c = std::getc(stdin); c != '\n'; c = std::getc(stdin)) {
    if (c == EOF) return line.empty() ? std::nullopt : std::optional(line);
    line.push_back(static_cast<char>(c));
  }
  return line;
}

std::optional<std::string> readLine(const std::string& prompt) {
#ifdef SELVAGE_HAVE_LIBEDIT
  if (isEdited()) {
    std::fflush(stdout);
    char* text = readline(prompt.c_str());
    if (text == nullptr) return std::nullopt;
    std::string line = text;
    std::free(text);
    return line;
  }
#endif
  return readPlainLine(prompt);
}

void remember([[maybe_unused]] const std::string& line) {
#ifdef SELVAGE_HAVE_LIBEDIT
  if (isEdited() && !line.empty()) add_history(line.c_str());
#endif
}

// The global _PROMPT or _PROMPT2 if it is set.
std::string promptText(VM& vm, bool isFirstLine) {
  const Value value = tableGetString(vm.globals, newString(vm, isFirstLine ? "_PROMPT" : "_PROMPT2"));
  String* text;
  if (value.isNil() || !toStringValue(vm, value, text)) return isFirstLine ? "> " : ">> ";
  return std::string(text->view());
}

// Reads lines until they are a complete chunk. Nothing at the end of the input. A function of null means that the chunk
// has an error, which is in `message`.
struct Chunk {
  const LuaFunction* function;
};
std::optional<Chunk> readChunk(VM& vm, std::string& message) {
  std::optional<std::string> line = readLine(promptText(vm, true));
  if (!line) return std::nullopt;
  std::string text = line->starts_with('=') ? "return " + line->substr(1) : *line;
  const Value environment = Value::table(vm.globals);

  // An expression first, then a statement.
  std::string ignored;
  if (const auto* function = loadChunk(vm, "return " + text + ";", chunkName, "t", environment, ignored)) {
    remember(text);
    return Chunk{function};
  }
  while (true) {
    const auto* function = loadChunk(vm, text, chunkName, "t", environment, message);
    const bool isUnfinished = function == nullptr && message.ends_with(unfinishedMark);
    if (isUnfinished) line = readLine(promptText(vm, false));
    if (!isUnfinished || !line) {
      remember(text);
      return Chunk{function};
    }
    text += '\n' + *line;
  }
}

void printResults(VM& vm, uint32_t count) {
  if (count == 0) return;
  const std::vector<Value> results(vm.top - count, vm.top);  // still on the stack as well
  const Value print = tableGetString(vm.globals, newString(vm, "print"));
  uint32_t printed;
  std::string message;
  if (callProtected(vm, print, results, printed, message)) {
    vm.top -= printed;
  } else {
    writeStandardError(fmt::format("error calling 'print' ({})\n", message.substr(0, message.find('\n'))));
  }
}

}  // namespace

void runInteractively(VM& vm) {
  std::string message;
  while (const std::optional<Chunk> chunk = readChunk(vm, message)) {
    uint32_t count;
    if (chunk->function == nullptr || !callProtected(vm, Value::function(chunk->function), {}, count, message)) {
      writeStandardError(message + "\n");
      continue;
    }
    printResults(vm, count);
    vm.top -= count;
    flushStandardOutput();
  }
  std::fputs("\n", stdout);
  flushStandardOutput();
}

}  // namespace selvage
