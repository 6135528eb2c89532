// What Ctrl-C (SIGINT) does to the command.
//
// While Lua code runs it raises the error "interrupted!"; a second one ends the process, in case the code does not
// notice (it may be in a C function, or waiting for another program). In an interactive session it never ends the
// process, except after a running chunk has ignored an earlier one for a second; when nothing runs it is noted, for the
// prompt to drop its line.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

// While it lives, SIGINT stops what runs in the VM. Nothing of an interrupt that came too late is left afterwards.
class InterruptScope {
 public:
  explicit InterruptScope(VM& vm);
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;
};

// While it lives, the process has an interactive session.
class InterruptibleSession {
 public:
  InterruptibleSession();
  ~InterruptibleSession();
  InterruptibleSession(const InterruptibleSession&) = delete;
  InterruptibleSession& operator=(const InterruptibleSession&) = delete;
};

// Whether a SIGINT came in a session while nothing ran; forgets it.
bool takeInterrupt();

}  // namespace selvage
