// Where the prompt's lines come from: a terminal with line editing, history and completion (libedit, see
// edited_lines.cpp), or any other standard input, read plainly.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/completion.hpp"

namespace selvage {

class LineReader {
 public:
  enum class Outcome { Line, Interrupted, End };

  LineReader() = default;
  virtual ~LineReader() = default;
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // Shows the prompt and reads a line, without its end. Interrupted: SIGINT came meanwhile (see interrupts.hpp) and the
  // line is dropped.
  virtual Outcome read(const std::string& prompt, std::string& line) = 0;
  // Keeps an input, which may be of several lines, in the history.
  virtual void remember(const std::string& input) = 0;
};

// From the text of a line up to the cursor to what can stand there.
using Completer = std::function<Completions(std::string_view)>;

// With line editing if the build has it and standard input and output are a terminal that is capable of it.
std::unique_ptr<LineReader> newLineReader(Completer completer);
// Null when lines cannot be edited.
std::unique_ptr<LineReader> newEditedLines(Completer completer);

}  // namespace selvage
