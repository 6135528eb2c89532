// The collector as programs control it: what `collectgarbage` and `lua_gc` have in common (manual 2.5 and 6.1).
#pragma once

#include <cstdint>

namespace selvage {

struct VM;

// A step as if so many kilobytes had been allocated, or of the basic size if they are not positive. Cycles are complete
// ones: in incremental mode steps only add up to the size of the heap, at the pace that "setstepmul" sets, and the one
// that reaches it makes the cycle. Returns whether a cycle was made. Only at a safepoint, as collectGarbage.
bool makeStep(VM& vm, int64_t kilobytes);

// Sets "setpause" or "setstepmul" and returns the value before. As in the reference, whose bytes hold a quarter of such
// a percentage, it is rounded down to a multiple of four below 1024.
int exchangePercentage(int& parameter, int64_t value);

// Change the mode and those parameters that are not 0. Both return whether the mode was generational before.
bool setGenerational(VM& vm, int64_t minorMultiplier, int64_t majorMultiplier);
bool setIncremental(VM& vm, int64_t pause, int64_t stepMultiplier, int64_t stepSize);

}  // namespace selvage
