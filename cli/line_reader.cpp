// Lines without editing; see the header.
#include "cli/line_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include "cli/interrupts.hpp"
#include "cli/terminal.hpp"

namespace selvage {

namespace {

void showPrompt(const std::string& prompt) {
  std::fputs(prompt.c_str(), stdout);
  std::fflush(stdout);
}

// Standard input that is a file or a pipe, through the stream that io.read uses as well. Its lines are shown behind the
// prompts, so that the output reads as a session on a terminal does; readline does the same for the reference.
class StreamLines : public LineReader {
 public:
  Outcome read(const std::string& prompt, std::string& line) override {
    showPrompt(prompt);
    line.clear();
    int c = std::getc(stdin);
    if (c == EOF) return Outcome::End;
    for (; c != '\n' && c != EOF; c = std::getc(stdin)) line.push_back(static_cast<char>(c));
    std::fwrite(line.data(), 1, line.size(), stdout);
    showPrompt("\n");
    return Outcome::Line;
  }

  void remember(const std::string&) override {}
};

// A terminal that edits its lines itself. SIGINT is let in only while input is waited for, so that none is lost.
class TerminalLines : public LineReader {
 public:
  Outcome read(const std::string& prompt, std::string& line) override {
    showPrompt(prompt);
    line.clear();
    sigset_t interrupt;
    sigset_t unblocked;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_BLOCK, &interrupt, &unblocked);
    const Outcome outcome = readBytes(line, unblocked);
    sigprocmask(SIG_SETMASK, &unblocked, nullptr);
    if (outcome == Outcome::Interrupted) showPrompt("\n");
    return outcome;
  }

  void remember(const std::string&) override {}

 private:
  static Outcome readBytes(std::string& line, const sigset_t& unblocked) {
    while (!takeInterrupt()) {
      pollfd input = {STDIN_FILENO, POLLIN, 0};
      if (ppoll(&input, 1, nullptr, &unblocked) <= 0) continue;
      char byte;
      if (::read(STDIN_FILENO, &byte, 1) <= 0) return line.empty() ? Outcome::End : Outcome::Line;
      if (byte == '\n') return Outcome::Line;
      line.push_back(byte);
    }
    return Outcome::Interrupted;
  }
};

}  // namespace

#ifndef SELVAGE_HAVE_LIBEDIT
std::unique_ptr<LineReader> newEditedLines(Completer) { return nullptr; }
#endif

std::unique_ptr<LineReader> newLineReader(Completer completer) {
  if (isatty(STDIN_FILENO) == 0) return std::make_unique<StreamLines>();
  std::unique_ptr<LineReader> edited;
  if (isatty(STDOUT_FILENO) != 0 && terminalIsCapable()) edited = newEditedLines(std::move(completer));
  if (edited) return edited;
  return std::make_unique<TerminalLines>();
}

}  // namespace selvage
