// Giving threads their hooks: at once, or, for those that may not touch the machine, at the next safepoint.
#include "vm/hook.hpp"

#include "vm/vm.hpp"

namespace selvage {

namespace {

void applyRequest(VM& vm, Thread& thread) {
  HookRequest& request = thread.hookRequest;
  // Before the rest is read: a request that comes in the meantime is not lost.
  if (!request.isPending.exchange(false)) return;
  const Hook hook{
      .function = request.function, .data = request.data, .mask = request.mask, .interval = request.interval};
  setHook(vm, thread, hook.function == nullptr ? Hook{} : hook);
}

}  // namespace

void setHook(VM& vm, Thread& thread, const Hook& hook) {
  const bool hadHook = thread.hook.mask != 0;
  thread.hook.function = hook.function;
  thread.hook.data = hook.data;
  thread.hook.mask = hook.mask;
  thread.hook.interval = thread.hook.untilCount = hook.interval;
  thread.hook.isEntering = false;
  thread.hook.lastBase = UINT32_MAX;
  if (hadHook) --vm.hookedThreads;
  if (hook.mask != 0) ++vm.hookedThreads;
  refreshHooked(vm);
}

void refreshHooked(VM& vm) {
  const bool isHooked = vm.hookedThreads != 0 || vm.countsInstructions;
  if (vm.isHooked == isHooked) return;
  vm.isHooked = isHooked;
  vm.engine.setHooked(vm, isHooked);
}

void requestHook(Thread& thread, const Hook& hook) {
  HookRequest& request = thread.hookRequest;
  request.function = hook.function;
  request.data = hook.data;
  request.mask = hook.mask;
  request.interval = hook.interval;
  request.isPending = true;
  requestStop(*thread.vm, safepointHook);
}

Hook latestHookOf(const Thread& thread) {
  const HookRequest& request = thread.hookRequest;
  if (!request.isPending) return thread.hook;
  return {.function = request.function, .data = request.data, .mask = request.mask, .interval = request.interval};
}

void applyHookRequests(VM& vm) {
  if ((vm.safepoint.load(std::memory_order_relaxed) & safepointHook) == 0) [[likely]]
    return;
  vm.safepoint.fetch_and(~uint32_t{safepointHook});
  setStackLimit(vm, stackLimitOf(*vm.current));
  applyRequest(vm, *vm.mainThread);
  for (Thread* thread = vm.threads; thread != nullptr; thread = thread->nextThread) applyRequest(vm, *thread);
}

}  // namespace selvage
