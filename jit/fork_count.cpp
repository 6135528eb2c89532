// See fork_count.hpp. The count is the one variable of the library that is not some state's: forks are the process's.
#include "jit/fork_count.hpp"

#include <atomic>

#include <pthread.h>

namespace selvage {
namespace {

constinit std::atomic<uint32_t> forksOfProcess{0};

void countFork() { forksOfProcess.fetch_add(1, std::memory_order_relaxed); }

// When the library is loaded, before there is anything to be shared. Before the fork, so that both sides see it.
[[gnu::constructor]] void watchForks() { (void)pthread_atfork(countFork, nullptr, nullptr); }

}  // namespace

uint32_t forkCount() { return forksOfProcess.load(std::memory_order_relaxed); }

}  // namespace selvage
