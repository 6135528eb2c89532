// How much is left of the C stack that runs here. Lua code that calls Lua code needs none; library functions and C functions
// that call it do, and so does whatever recurses over nested source, functions or patterns. Each of these asks before it
// goes deeper and raises "C stack overflow" instead, on threads with stacks of 64 KB, too.
#pragma once

#include <cstddef>
#include <cstdint>

namespace selvage {

// What may be used between two questions: by the C library, by unwinding, and by C functions of hosts, which do not ask.
#if defined(NDEBUG) && !__has_feature(address_sanitizer)
constexpr size_t cStackReserve = size_t{20} << 10;
#else
constexpr size_t cStackReserve = size_t{160} << 10;
#endif

// The lowest address of the running OS thread's stack; 0: it was not asked for yet. Not that of a VM: a host may use one
// on several threads in turn.
extern constinit thread_local uintptr_t cStackEnd [[gnu::tls_model("initial-exec"), gnu::visibility("hidden")]];
uintptr_t findCStackEnd();

// On a stack that is not the thread's own (a host's fibers) the answer is always false.
inline bool isCStackLow() {
  const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const uintptr_t end = cStackEnd != 0 ? cStackEnd : findCStackEnd();
  return here - end < cStackReserve;
}

}  // namespace selvage
