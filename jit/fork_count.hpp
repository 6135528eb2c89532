// How often this process has forked: after that it shares memory files with its child, which both would write to.
#pragma once

#include <cstdint>

namespace selvage {

// Forks of this process and its ancestors since the library was loaded, by fork(); a child that is made without the C
// library's knowledge (clone, _Fork) is not counted. The same number in parent and child right after a fork. May be
// called in any thread.
uint32_t forkCount();

}  // namespace selvage
