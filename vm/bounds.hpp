// Bounds that the owner of a VM sets to what scripts do: time, instructions, and stopping them from outside. (The
// memory limit is the heap's: setMemoryLimit.)
//
// A script over its bounds gets an error wherever it next jumps backwards, enters a function or returns from a native
// one. The VM stays over its bounds, so catching the error does not help: the next of these raises it again, in message
// handlers, __close handlers, finalizers and other coroutines too, until everything has been left and the owner sets
// new bounds or clears them. Nothing is tested for this that safepoints and entries do not test anyway.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace selvage {

struct VM;
class Watchdog;  // watchdog.hpp

enum class Bound : uint8_t { None, Time, Instructions, Cancelled };

// From now on; another one before is forgotten. Precise to the time that the system takes to wake a thread up, about a
// tenth of a millisecond. False: there is no thread to be had.
[[nodiscard]] bool setTimeLimit(VM& vm, std::chrono::nanoseconds limit);
void clearTimeLimit(VM& vm);
// How many instructions may be executed from now on, what native functions do counted by takeWork. While such a limit is set, functions
// run in the interpreter, several times slower than in stitched code, and each instruction counts. Absent: no limit.
void setInstructionLimit(VM& vm, std::optional<uint64_t> limit);
// The script is over its bounds from now on. May be called from any thread and from signal handlers.
void cancel(VM& vm);
// Which bound has been exceeded; the first in the order above if there are several.
Bound exceededBound(const VM& vm);
// Lifts the limits of time and instructions; the VM is over its bounds no more.
void clearBounds(VM& vm);

// ---- for the machine ----
void exceed(VM& vm, Bound bound);
// What the error of an exceeded bound or of an interrupt says, without a place.
std::string_view stopMessage(const VM& vm);
// Takes the work of a native function off an instruction limit, if there is one: one for each element or step of a match, and for
// so many bytes that are copied or searched.
constexpr uint64_t bytesOfWork = 16;
void takeWork(VM& vm, uint64_t work);
// Raises the error of the bound that has been exceeded. Returns false.
bool failExceeded(VM& vm);
// False after raising "interrupted!" (see requestInterrupt), which is then done with, or the error of a bound that has
// been exceeded: whoever looks at VM::safepoint asks this when a bit of safepointStop is set. Requested hooks are set:
// see applyHookRequests.
[[nodiscard]] bool heedRequests(VM& vm);
void releaseBounds(VM& vm);  // when the VM ends

}  // namespace selvage
