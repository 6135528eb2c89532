// How a process ended, from the status that wait, system and pclose give.
#pragma once

#include <sys/wait.h>

namespace selvage {

struct ProcessStatus {
  const char* how;  // "exit" or "signal"
  int code;         // the exit status or the signal's number

  bool succeeded() const { return code == 0 && how[0] == 'e'; }
};

inline ProcessStatus describeProcessStatus(int status) {
  if (WIFSIGNALED(status)) return {"signal", WTERMSIG(status)};
  return {"exit", WIFEXITED(status) ? WEXITSTATUS(status) : status};
}

}  // namespace selvage
