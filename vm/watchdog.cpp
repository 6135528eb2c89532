#include "vm/watchdog.hpp"

#include <signal.h>
#include <time.h>

#include <new>

#include "vm/bounds.hpp"
#include "vm/vm.hpp"

namespace selvage {

namespace {

class Lock {
 public:
  explicit Lock(pthread_mutex_t& mutex) : mutex_(mutex) { pthread_mutex_lock(&mutex_); }
  ~Lock() { pthread_mutex_unlock(&mutex_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  pthread_mutex_t& mutex_;
};

// As CLOCK_MONOTONIC counts, which is what the steady clock is.
timespec timespecOf(Watchdog::Time time) {
  const auto sinceStart = time.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(sinceStart);
  timespec result{};
  result.tv_sec = seconds.count();
  result.tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(sinceStart - seconds).count();
  return result;
}

// The host's signals are none of the thread's business.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

namespace {

constinit pthread_mutex_t listMutex = PTHREAD_MUTEX_INITIALIZER;
constinit Watchdog* firstWatchdog = nullptr;

}  // namespace

Watchdog::Watchdog(VM& vm) : vm_(vm) { prepare(); }

void Watchdog::prepare() {
  pthread_mutex_init(&mutex_, nullptr);
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&changed_, &attributes);
  pthread_condattr_destroy(&attributes);
}

Watchdog::~Watchdog() {
  pthread_cond_destroy(&changed_);
  pthread_mutex_destroy(&mutex_);
}

Watchdog* Watchdog::start(VM& vm) {
  void* const room = allocateBytes(vm.memory, sizeof(Watchdog));
  if (room == nullptr) return nullptr;
  auto* const watchdog = new (room) Watchdog(vm);
  if (!watchdog->startThread()) {
    watchdog->~Watchdog();
    freeBytes(vm.memory, room, sizeof(Watchdog));
    return nullptr;
  }
  const Lock lock(listMutex);
  watchdog->next_ = firstWatchdog;
  firstWatchdog = watchdog;
  return watchdog;
}

bool Watchdog::startThread() {
  const BlockedSignals blocked;
  hasThread_ = pthread_create(&thread_, nullptr, run, this) == 0;
  return hasThread_;
}

void Watchdog::stop() {
  {
    const Lock lock(listMutex);
    Watchdog** link = &firstWatchdog;
    while (*link != this) link = &(*link)->next_;
    *link = next_;
  }
  {
    const Lock lock(mutex_);
    isStopping_ = true;
    pthread_cond_signal(&changed_);
  }
  if (hasThread_) pthread_join(thread_, nullptr);
  Memory& memory = vm_.memory;
  this->~Watchdog();
  freeBytes(memory, this, sizeof(Watchdog));
}

void Watchdog::setDeadline(Time deadline) {
  const Lock lock(mutex_);
  deadline_ = deadline;
  if (deadline < awaited_) pthread_cond_signal(&changed_);
  // In a child process for the first time. Nobody would look at the clock otherwise.
  if (deadline != never && !hasThread_ && !startThread()) exceed(vm_, Bound::Time);
}

// ---- forks ----

void Watchdog::holdAll() {
  pthread_mutex_lock(&listMutex);
  for (Watchdog* watchdog = firstWatchdog; watchdog != nullptr; watchdog = watchdog->next_) {
    pthread_mutex_lock(&watchdog->mutex_);
  }
}

void Watchdog::releaseAll() {
  for (Watchdog* watchdog = firstWatchdog; watchdog != nullptr; watchdog = watchdog->next_) {
    pthread_mutex_unlock(&watchdog->mutex_);
  }
  pthread_mutex_unlock(&listMutex);
}

void Watchdog::beginAllAnew() {
  pthread_mutex_init(&listMutex, nullptr);
  for (Watchdog* watchdog = firstWatchdog; watchdog != nullptr; watchdog = watchdog->next_) {
    // What waited in these is in the parent.
    watchdog->prepare();
    watchdog->awaited_ = never;
    watchdog->hasThread_ = false;
    if (watchdog->deadline_ != never && !watchdog->startThread()) exceed(watchdog->vm_, Bound::Time);
  }
}

[[gnu::constructor]] void Watchdog::watchForks() { (void)pthread_atfork(holdAll, releaseAll, beginAllAnew); }

void* Watchdog::run(void* self) {
  static_cast<Watchdog*>(self)->watch();
  return nullptr;
}

void Watchdog::watch() {
  const Lock lock(mutex_);
  while (!isStopping_) {
    awaited_ = deadline_;
    if (deadline_ == never) {
      pthread_cond_wait(&changed_, &mutex_);
      continue;
    }
    if (std::chrono::steady_clock::now() >= deadline_) {
      deadline_ = never;
      exceed(vm_, Bound::Time);
      continue;
    }
    const timespec until = timespecOf(deadline_);
    pthread_cond_timedwait(&changed_, &mutex_, &until);
  }
}

}  // namespace selvage
