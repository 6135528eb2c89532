// The thread that looks at the clock for one VM while a time limit is set, so that the program need not.
//
// A child process made by fork() has none of its parent's threads. So watchdogs are in a list of the process: around a fork their
// locks are held, and in the child each begins anew, with a thread of its own if a deadline is set.
#pragma once

#include <pthread.h>

#include <chrono>

namespace selvage {

struct VM;

class Watchdog {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr Time never = Time::max();

  // Null without memory or without a thread. It lives in the VM's memory.
  static Watchdog* start(VM& vm);
  // Ends the thread and frees this.
  void stop();
  // When the VM is to be over its bounds. Once this has returned, nothing more comes of the deadline before.
  void setDeadline(Time deadline);

 private:
  explicit Watchdog(VM& vm);
  ~Watchdog();
  void prepare();      // the mutex and the condition
  bool startThread();  // false: there is none
  static void* run(void* self);
  void watch();
  static void holdAll();
  static void releaseAll();
  static void beginAllAnew();
  static void watchForks();

  VM& vm_;
  Watchdog* next_ = nullptr;  // in the list of the process
  pthread_t thread_{};
  bool hasThread_ = false;
  pthread_mutex_t mutex_;
  pthread_cond_t changed_;
  Time deadline_ = never;
  Time awaited_ = never;  // what the thread sleeps until; it need not be woken for anything later
  bool isStopping_ = false;
};

}  // namespace selvage
