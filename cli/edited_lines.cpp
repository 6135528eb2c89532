// Lines edited by libedit: a history that is kept from session to session, completion with Tab, Ctrl-C that drops the
// line.
//
// libedit does not handle signals here. It asks readCharacter for each character, which waits with the signals let in,
// so that none is lost between looking and waiting: SIGINT ends the line, SIGWINCH and SIGCONT draw it anew.
#ifdef SELVAGE_HAVE_LIBEDIT

#include <fcntl.h>
#include <fmt/format.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cwchar>
#include <optional>
#include <utility>

#include "cli/history_file.hpp"
#include "cli/interrupts.hpp"
#include "cli/line_reader.hpp"
#include "cli/terminal.hpp"

namespace selvage {

namespace {

constexpr int historySize = 2000;                         // inputs
constexpr size_t maxListedNames = 200;                    // of an ambiguous completion
constexpr const char* historyHeading = "_HiStOrY_V2_\n";  // by which libedit knows its files
constexpr char escapeMark = '\1';                         // around what takes no room in a prompt

std::atomic<bool> hasNewSize{false};
std::atomic<bool> isContinued{false};

void noteSignal(int signal) { (signal == SIGWINCH ? hasNewSize : isContinued) = true; }

// While it lives: the terminal's signals are noted and, outside of readCharacter, held back; characters are those of
// the user's locale. The process itself stays in the "C" locale, on which the library relies.
class EditingScope {
 public:
  explicit EditingScope(locale_t characters) : previousLocale_(uselocale(characters)) {
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int signal : {SIGINT, SIGWINCH, SIGCONT}) sigaddset(&blocked, signal);
    sigprocmask(SIG_BLOCK, &blocked, &previousMask_);
    struct sigaction action = {};
    action.sa_handler = noteSignal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGWINCH, &action, &previousResize_);
    sigaction(SIGCONT, &action, &previousContinue_);
  }
  ~EditingScope() {
    sigaction(SIGWINCH, &previousResize_, nullptr);
    sigaction(SIGCONT, &previousContinue_, nullptr);
    sigprocmask(SIG_SETMASK, &previousMask_, nullptr);
    uselocale(previousLocale_);
  }
  EditingScope(const EditingScope&) = delete;
  EditingScope& operator=(const EditingScope&) = delete;

  const sigset_t& unblocked() const { return previousMask_; }

 private:
  locale_t previousLocale_;
  sigset_t previousMask_ = {};
  struct sigaction previousResize_ = {};
  struct sigaction previousContinue_ = {};
};

// Marks escape sequences (colours and the like) as taking no room.
std::string markedPrompt(std::string_view prompt) {
  std::string marked;
  while (!prompt.empty()) {
    size_t length = 0;
    if (prompt.starts_with("\x1b[")) {
      length = prompt.find_first_not_of("0123456789;?", 2);
      length = length == std::string_view::npos ? 0 : length + 1;
    }
    if (length == 0) {
      if (prompt[0] != escapeMark) marked += prompt[0];
      length = 1;
    } else {
      marked += escapeMark;
      marked += prompt.substr(0, length);
      marked += escapeMark;
    }
    prompt.remove_prefix(length);
  }
  return marked;
}

// As libedit's history files have an input: one line, with blanks and whatever is not printed as "\\ooo".
std::string encoded(std::string_view input) {
  std::string text;
  for (const unsigned char c : input) {
    if (c <= ' ' || c == 0x7F || c == '\\') text += fmt::format("\\{:03o}", c);
    else text += static_cast<char>(c);
  }
  return text;
}

class EditedLines : public LineReader {
 public:
  explicit EditedLines(Completer completer) : completer_(std::move(completer)), characters_(newCharacterLocale()) {
    const EditingScope scope(characters_);
    history_ = history_init();
    editor_ = el_init("selvage", stdin, stdout, stderr);
    if (!isUsable()) return;
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(editor_, EL_SIGNAL, 0);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_PROMPT_ESC, promptOf, escapeMark);
    el_set(editor_, EL_GETCFN, readCharacter);
    el_set(editor_, EL_HIST, history, history_);
    el_set(editor_, EL_ADDFN, "selvage-complete", "Complete a name", completeName);
    el_set(editor_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_set(editor_, EL_BIND, "^W", "ed-delete-prev-word", nullptr);
    el_set(editor_, EL_BIND, "\x1b[1;5D", "ed-prev-word", nullptr);
    el_set(editor_, EL_BIND, "\x1b[1;5C", "em-next-word", nullptr);
    el_source(editor_, nullptr);  // the user's own settings
    el_set(editor_, EL_BIND, "^I", "selvage-complete", nullptr);
    HistEvent event;
    ::history(history_, &event, H_SETSIZE, historySize);
    ::history(history_, &event, H_SETUNIQUE, 1);
    loadHistory();
  }

  ~EditedLines() override {
    if (editor_ != nullptr) el_end(editor_);
    if (history_ != nullptr) history_end(history_);
    if (characters_ != nullptr) freelocale(characters_);
  }

  bool isUsable() const { return editor_ != nullptr && history_ != nullptr; }

  Outcome read(const std::string& prompt, std::string& line) override {
    std::fflush(stdout);
    const EditingScope scope(characters_);
    scope_ = &scope;
    prompt_ = markedPrompt(prompt);
    isInterrupted_ = false;
    el_set(editor_, EL_PREP_TERM, 1);
    el_resize(editor_);
    int length = 0;
    const char* text = el_gets(editor_, &length);
    el_set(editor_, EL_PREP_TERM, 0);
    scope_ = nullptr;
    if (isInterrupted_ || text == nullptr || length <= 0) {
      std::fputs(isInterrupted_ ? "^C\n" : "", stdout);
      std::fflush(stdout);
      return isInterrupted_ ? Outcome::Interrupted : Outcome::End;
    }
    line.assign(text, static_cast<size_t>(length));
    if (line.ends_with('\n')) line.pop_back();
    return Outcome::Line;
  }

  void remember(const std::string& input) override {
    if (input.find_first_not_of(" \t\n") == std::string::npos) return;
    const EditingScope scope(characters_);
    HistEvent event;
    ::history(history_, &event, H_FIRST);
    const bool isRepeated = event.str != nullptr && input == event.str;
    if (::history(history_, &event, H_ENTER, input.c_str()) >= 0 && !isRepeated) appendToFile(input);
  }

 private:
  static locale_t newCharacterLocale() { return newlocale(LC_CTYPE_MASK, "", nullptr); }

  static EditedLines* of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return static_cast<EditedLines*>(self);
  }

  static char* promptOf(EditLine* editor) { return of(editor)->prompt_.data(); }

  // 1 with a character, 0 at the end of the input, -1 when there will be none.
  static int readCharacter(EditLine* editor, wchar_t* result) {
    EditedLines& self = *of(editor);
    std::mbstate_t state = {};
    while (true) {
      char byte;
      const int status = self.readByte(byte);
      if (status <= 0) return status;
      switch (std::mbrtowc(result, &byte, 1, &state)) {
        case static_cast<size_t>(-1):  // not of the locale's encoding: forgotten
          state = {};
          break;
        case static_cast<size_t>(-2): break;
        default: return 1;
      }
    }
  }

  int readByte(char& byte) {
    while (true) {
      if (takeInterrupt()) {
        isInterrupted_ = true;
        return -1;
      }
      if (isContinued.exchange(false)) {
        // Whoever had the terminal meanwhile has left it in another mode.
        el_set(editor_, EL_PREP_TERM, 0);
        el_set(editor_, EL_PREP_TERM, 1);
        el_set(editor_, EL_REFRESH);
      }
      if (hasNewSize.exchange(false)) {
        el_resize(editor_);
        el_set(editor_, EL_REFRESH);
      }
      pollfd input = {STDIN_FILENO, POLLIN, 0};
      if (ppoll(&input, 1, nullptr, &scope_->unblocked()) <= 0) continue;
      const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
      if (count >= 0) return static_cast<int>(count);
      if (errno != EINTR && errno != EAGAIN) return -1;
    }
  }

  static unsigned char completeName(EditLine* editor, int) { return of(editor)->complete(); }

  unsigned char complete() {
    const LineInfo* line = el_line(editor_);
    const std::string_view text(line->buffer, static_cast<size_t>(line->cursor - line->buffer));
    const bool isIndentation = text.empty() || text.back() == ' ' || text.back() == '\t' || text.back() == '\n';
    if (isIndentation) return insert("  ");
    const Completions found = completer_(text);
    const std::string_view prefix = commonPrefix(found.names);
    if (prefix.size() > found.typed) return insert(std::string(prefix.substr(found.typed)));
    if (found.names.size() <= 1) return CC_REFRESH_BEEP;
    listNames(found.names);
    return CC_REDISPLAY;
  }

  unsigned char insert(const std::string& text) {
    return el_insertstr(editor_, text.c_str()) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
  }

  // In columns, alphabetically downwards.
  static void listNames(const std::vector<std::string>& names) {
    const size_t count = std::min(names.size(), maxListedNames);
    size_t width = 0;
    for (size_t i = 0; i < count; ++i) width = std::max(width, names[i].size() + 2);
    const size_t columns = std::max<size_t>(1, terminalColumns() / width);
    const size_t rows = (count + columns - 1) / columns;
    std::string text = "\n";
    for (size_t row = 0; row < rows; ++row) {
      for (size_t i = row; i < count; i += rows) {
        const bool isLast = i + rows >= count;
        text += isLast ? names[i] + "\n" : fmt::format("{:<{}}", names[i], width);
      }
    }
    if (count < names.size()) text += fmt::format("... {} more\n", names.size() - count);
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
  }

  // The file is written to in each session as it goes on, so that several at a time lose nothing of each other's, and
  // shortened at the start of one. That it cannot be read or written matters to nothing else.
  void loadHistory() {
    file_ = historyFile();
    if (!file_) return;
    HistEvent event;
    const int loaded = ::history(history_, &event, H_LOAD, file_->c_str());
    if (loaded >= historySize) ::history(history_, &event, H_SAVE, file_->c_str());
  }

  void appendToFile(const std::string& input) {
    const int descriptor = file_ ? open(file_->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (descriptor < 0) return;
    const std::string heading = lseek(descriptor, 0, SEEK_END) == 0 ? historyHeading : "";
    const std::string text = heading + encoded(input) + "\n";
    [[maybe_unused]] const ssize_t written = write(descriptor, text.data(), text.size());
    close(descriptor);
  }

  Completer completer_;
  locale_t characters_;  // null if the environment names no locale that there is
  EditLine* editor_ = nullptr;
  History* history_ = nullptr;
  std::optional<std::string> file_;
  std::string prompt_;
  const EditingScope* scope_ = nullptr;
  bool isInterrupted_ = false;
};

}  // namespace

std::unique_ptr<LineReader> newEditedLines(Completer completer) {
  auto lines = std::make_unique<EditedLines>(std::move(completer));
  if (!lines->isUsable()) return nullptr;
  return lines;
}

}  // namespace selvage

#endif
