#include "vm/c_stack_end.hpp"

#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>

namespace selvage {

constinit thread_local uintptr_t cStackEnd = 0;

namespace {

constexpr uintptr_t noEnd = 1;  // known not to be known: no stack comes near it

// The stack of the process grows downwards from its last page, in which the system has put the program's name, as far as the limit
// of the resource allows. pthread_getattr_np would read the list of all mappings.
uintptr_t endOfMainStack() {
  const auto* const name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  rlimit limit{};
  if (name == nullptr || getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return noEnd;
  const auto pageBytes = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t top = (reinterpret_cast<uintptr_t>(name) + std::strlen(name) + pageBytes) / pageBytes * pageBytes;
  return limit.rlim_cur < top ? top - limit.rlim_cur : noEnd;
}

uintptr_t endOfThreadStack() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return noEnd;
  void* lowest = nullptr;
  size_t bytes = 0;
  const bool isKnown = pthread_attr_getstack(&attributes, &lowest, &bytes) == 0;
  pthread_attr_destroy(&attributes);
  return isKnown ? reinterpret_cast<uintptr_t>(lowest) : noEnd;
}

}  // namespace

uintptr_t findCStackEnd() {
  cStackEnd = gettid() == getpid() ? endOfMainStack() : endOfThreadStack();
  return cStackEnd;
}

}  // namespace selvage
