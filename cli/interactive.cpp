// The prompt; see the header. Lines come from a LineReader until the compiler takes them for a whole chunk.
#include "cli/interactive.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/completion.hpp"
#include "cli/interrupts.hpp"
#include "cli/line_reader.hpp"
#include "cli/protected_call.hpp"
#include "cli/terminal.hpp"
#include "cli/value_text.hpp"
#include "stdlib/load_chunk.hpp"
#include "stdlib/standard_error.hpp"
#include "vm/native.hpp"
#include "vm/operations.hpp"

namespace selvage {

namespace {

constexpr std::string_view unfinishedMark = "<eof>";
constexpr std::string_view chunkName = "=stdin";
constexpr std::string_view tracebackTitle = "\nstack traceback:";
constexpr std::string_view errorColour = "\x1b[31m";
constexpr std::string_view tracebackColour = "\x1b[2m";
constexpr std::string_view plainColour = "\x1b[0m";

// The message in red, what belongs to the traceback dim, if standard error is a terminal.
void showError(std::string_view message) {
  if (!usesColour(STDERR_FILENO)) {
    writeStandardError(fmt::format("{}\n", message));
    return;
  }
  const size_t end = std::min(message.rfind(tracebackTitle), message.size());
  std::string text = fmt::format("{}{}{}", errorColour, message.substr(0, end), plainColour);
  if (end < message.size()) text += fmt::format("{}{}{}", tracebackColour, message.substr(end), plainColour);
  writeStandardError(text + "\n");
}

class Session {
 public:
  explicit Session(VM& vm)
      : vm_(vm),
        lines_(newLineReader([&vm](std::string_view text) { return completionsOf(vm, text); })),
        message_(vm) {}

  void run() {
    while (readChunk()) {
      uint32_t count;
      if (function_ == nullptr || !callProtected(vm_, Value::function(function_), {}, count, message_)) {
        showError(message_);
      } else {
        printResults(count);
        vm_.top -= count;
      }
      std::fflush(stdout);
    }
    std::fputs("\n", stdout);
    std::fflush(stdout);
  }

 private:
  // What the global _PROMPT or _PROMPT2 is as text, if it is set.
  std::string promptText(bool isFirstLine) {
    const Value value = tableGetString(vm_.globals, newString(vm_, isFirstLine ? "_PROMPT" : "_PROMPT2"));
    std::string text = isFirstLine ? "> " : ">> ";
    if (value.isNil()) return text;
    const Value toString = Value::function(newNativeFunction(vm_, promptTextCode));
    uint32_t count;
    Text ignored(vm_);
    const Value arguments[] = {value};
    if (!callProtected(vm_, toString, arguments, count, ignored)) return text;
    text = vm_.top[-1].string()->view();
    vm_.top -= count;
    return text;
  }

  static int textOfPrompt(NativeCall& call) {
    String* text;
    if (!call.toString(call.argument(0), text)) return nativeFailed;
    return call.returns(Value::string(text));
  }
  static constexpr NativeCode promptTextCode = makeNative("prompt", textOfPrompt);

  enum class Completeness { Complete, Unfinished, Wrong };

  // An expression whose values are to be printed, or else statements.
  Completeness compile(const std::string& text) {
    const Value environment = Value::table(vm_.globals);
    Text expressionMessage(vm_);
    function_ = loadChunk(vm_, "return " + text, chunkName, "t", environment, expressionMessage);
    if (function_ == nullptr) function_ = loadChunk(vm_, text, chunkName, "t", environment, message_);
    if (function_ != nullptr) return Completeness::Complete;
    const bool isUnfinished = message_.ends_with(unfinishedMark) || expressionMessage.ends_with(unfinishedMark);
    return isUnfinished ? Completeness::Unfinished : Completeness::Wrong;
  }

  // Reads lines until they are a chunk, which is then function_, or cannot become one: then function_ is null and
  // message_ says why. False at the end of the input.
  bool readChunk() {
    std::string input;
    std::string line;
    while (true) {
      switch (lines_->read(promptText(input.empty()), line)) {
        case LineReader::Outcome::Interrupted: input.clear(); continue;
        case LineReader::Outcome::End:
          if (input.empty()) return false;
          lines_->remember(input);
          return true;  // unfinished, as message_ says
        case LineReader::Outcome::Line: break;
      }
      if (!input.empty()) input += '\n';
      input += line;
      const bool isShort = input.starts_with('=');
      if (compile(isShort ? std::string("return ").append(input, 1) : input) == Completeness::Unfinished) continue;
      lines_->remember(input);
      return true;
    }
  }

  void printResults(uint32_t count) {
    if (count == 0) return;
    const bool isShown = showTables(vm_, count, terminalColumns(), message_);
    const std::vector<Value> results(vm_.top - count, vm_.top);  // still on the stack as well
    const Value print = tableGetString(vm_.globals, newString(vm_, "print"));
    uint32_t printed;
    if (isShown && callProtected(vm_, print, results, printed, message_)) {
      vm_.top -= printed;
    } else {
      showError(fmt::format("error calling 'print' ({})", std::string_view(message_).substr(0, message_.find('\n'))));
    }
  }

  VM& vm_;
  std::unique_ptr<LineReader> lines_;
  const LuaFunction* function_ = nullptr;
  Text message_;
};

}  // namespace

void runInteractively(VM& vm) {
  const InterruptibleSession interruptible;
  Session(vm).run();
}

}  // namespace selvage
