#include "vm/bounds.hpp"

#include <algorithm>
#include <bit>

#include "vm/frame.hpp"
#include "vm/hook.hpp"
#include "vm/traceback.hpp"
#include "vm/vm.hpp"
#include "vm/watchdog.hpp"

namespace selvage {

namespace {

constexpr uint32_t bitOf(Bound bound) { return uint32_t{1} << static_cast<uint32_t>(bound); }

// Not over this bound any more; perhaps over another one.
void forget(VM& vm, Bound bound) {
  if ((vm.exceededBounds.fetch_and(~bitOf(bound)) & bitOf(bound)) == 0) return;
  vm.safepoint.fetch_and(~uint32_t{safepointExceeded});
  // Also if another thread has made it so in the meantime.
  if (vm.exceededBounds.load() != 0) vm.safepoint.fetch_or(safepointExceeded);
  setStackLimit(vm, stackLimitOf(*vm.current));
}

}  // namespace

bool setTimeLimit(VM& vm, std::chrono::nanoseconds limit) {
  if (vm.watchdog == nullptr) vm.watchdog = Watchdog::start(vm);
  if (vm.watchdog == nullptr) return false;
  clearTimeLimit(vm);
  vm.watchdog->setDeadline(std::chrono::steady_clock::now() + limit);
  return true;
}

void clearTimeLimit(VM& vm) {
  if (vm.watchdog != nullptr) vm.watchdog->setDeadline(Watchdog::never);
  forget(vm, Bound::Time);
}

void setInstructionLimit(VM& vm, std::optional<uint64_t> limit) {
  vm.countsInstructions = limit.has_value();
  vm.instructionsLeft = limit.value_or(0);
  forget(vm, Bound::Instructions);
  refreshHooked(vm);
}

void exceed(VM& vm, Bound bound) {
  vm.exceededBounds.fetch_or(bitOf(bound));
  requestStop(vm, safepointExceeded);
}

void cancel(VM& vm) { exceed(vm, Bound::Cancelled); }

Bound exceededBound(const VM& vm) {
  const uint32_t exceeded = vm.exceededBounds.load();
  return exceeded == 0 ? Bound::None : static_cast<Bound>(std::countr_zero(exceeded));
}

void clearBounds(VM& vm) {
  clearTimeLimit(vm);
  setInstructionLimit(vm, std::nullopt);
  forget(vm, Bound::Cancelled);
}

void takeWork(VM& vm, uint64_t work) { vm.instructionsLeft -= std::min(vm.instructionsLeft, work); }

std::string_view stopMessage(const VM& vm) {
  switch (exceededBound(vm)) {
    case Bound::Time: return "time limit exceeded";
    case Bound::Instructions: return "instruction limit exceeded";
    case Bound::Cancelled: return "cancelled";
    case Bound::None: break;
  }
  return isOverBounds(vm) ? "cancelled" : "interrupted!";
}

bool failExceeded(VM& vm) {
  failWithPosition(vm, stopMessage(vm));
  vm.errorIsOfBound = true;
  return false;
}

bool heedRequests(VM& vm) {
  const uint32_t requests = vm.safepoint.load(std::memory_order_relaxed);
  if ((requests & safepointAtEntry) == 0) [[likely]]
    return true;
  applyHookRequests(vm);
  if ((requests & safepointStop) == 0) return true;
  if ((requests & safepointExceeded) != 0) return failExceeded(vm);
  vm.safepoint.fetch_and(~static_cast<uint32_t>(safepointInterrupt));
  setStackLimit(vm, stackLimitOf(*vm.current));
  const Value running = Frame{vm.base}.function();
  if (running.isFunction() && running.function()->isLua()) return failWithPosition(vm, "interrupted!");
  // A native function has no lines: the place is that of its caller.
  return fail(vm, Value::string(newString(vm, positionOf(vm, 1) + "interrupted!")));
}

void releaseBounds(VM& vm) {
  if (vm.watchdog != nullptr) vm.watchdog->stop();
  vm.watchdog = nullptr;
}

}  // namespace selvage
