// What Ctrl-C does; see the header.
#include "cli/interrupts.hpp"

#include <atomic>
#include <csignal>
#include <ctime>

namespace selvage {

namespace {

constexpr time_t patienceSeconds = 1;

// A signal handler can reach nothing but globals.
std::atomic<VM*> interruptible{nullptr};
std::atomic<bool> isSession{false};
std::atomic<bool> isNoted{false};
std::atomic<time_t> requestedAt{0};  // when the running code was last asked to stop, in seconds of the monotonic clock

void handle(int signal);

// Reading and waiting end when the signal arrives: they are not to be started again.
void setHandler(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

time_t now() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

void handle(int signal) {
  VM* vm = interruptible.load();
  if (vm == nullptr) {
    isNoted = true;
    return;
  }
  const bool isUnheeded = (vm->safepoint.load() & safepointInterrupt) != 0;
  if (isSession && isUnheeded) {
    if (now() - requestedAt <= patienceSeconds) return;
    setHandler(SIG_DFL);
    raise(signal);
    return;
  }
  if (!isSession) setHandler(SIG_DFL);
  requestedAt = now();
  requestInterrupt(*vm);
}

}  // namespace

InterruptScope::InterruptScope(VM& vm) {
  interruptible = &vm;
  setHandler(handle);
}

InterruptScope::~InterruptScope() {
  if (!isSession) setHandler(SIG_DFL);
  VM* vm = interruptible.exchange(nullptr);
  vm->safepoint.fetch_and(~static_cast<uint32_t>(safepointInterrupt));
}

InterruptibleSession::InterruptibleSession() {
  isSession = true;
  isNoted = false;
  setHandler(handle);
}

InterruptibleSession::~InterruptibleSession() {
  isSession = false;
  setHandler(SIG_DFL);
}

bool takeInterrupt() { return isNoted.exchange(false); }

}  // namespace selvage
