#include "vm/bounds.hpp"

#include "vm/hook.hpp"
#include "vm/vm.hpp"
#include "vm/watchdog.hpp"

namespace selvage {

namespace {

// Not over this bound any more; perhaps over another one.
void forget(VM& vm, Bound bound) {
  Bound expected = bound;
  if (!vm.exceededBound.compare_exchange_strong(expected, Bound::None)) return;
  vm.safepoint.fetch_and(~uint32_t{safepointExceeded});
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
  Bound none = Bound::None;
  vm.exceededBound.compare_exchange_strong(none, bound);
  vm.safepoint.fetch_or(safepointExceeded);
  // Entering a function looks at this and at nothing else: see selvage_growStack.
  std::atomic_ref(vm.stackLimit).store(nullptr, std::memory_order_relaxed);
}

void cancel(VM& vm) { exceed(vm, Bound::Cancelled); }

Bound exceededBound(const VM& vm) { return vm.exceededBound.load(); }

void clearBounds(VM& vm) {
  clearTimeLimit(vm);
  setInstructionLimit(vm, std::nullopt);
  forget(vm, Bound::Cancelled);
}

bool failExceeded(VM& vm) {
  switch (vm.exceededBound.load()) {
    case Bound::Time: return failWithPosition(vm, "time limit exceeded");
    case Bound::Instructions: return failWithPosition(vm, "instruction limit exceeded");
    case Bound::Cancelled:
    case Bound::None: break;
  }
  return failWithPosition(vm, "cancelled");
}

void releaseBounds(VM& vm) {
  if (vm.watchdog != nullptr) vm.watchdog->stop();
  vm.watchdog = nullptr;
}

}  // namespace selvage
