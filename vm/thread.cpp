// Threads: their stacks, and the upvalues that point into them.

#include "vm/thread.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "vm/frame.hpp"
#include "vm/heap_impl.hpp"

namespace selvage {

namespace {

constexpr uint32_t firstStackSlots = 64;  // and the reserve
// So many stacks of dead threads are kept for new ones until the next collection. A collection frees those of many
// coroutines at once, and what malloc then gives back to the system costs far more to get again.
constexpr size_t maxSpareStacks = 512;

size_t stackBytes(uint32_t slots) { return slots * sizeof(Value); }

void fillWithNil(Value* begin, Value* end) {
  for (Value* slot = begin; slot != end; ++slot) new (slot) Value(0, Tag::Nil);
}

// Moves the stack to memory of another size, with the pointers into it. False: no memory, nothing changed.
bool resizeStack(VM& vm, Thread& thread, uint32_t newSlots) {
  Value* const old = thread.stack;
  auto* stack = static_cast<Value*>(allocateBytes(vm.memory, stackBytes(newSlots)));
  if (stack == nullptr) return false;
  // What is above the live slots of the reserve was never written, or is stale: the collector does not look there.
  const Value* const top = &thread == vm.current ? vm.top : thread.top;
  const uint32_t used = std::max(static_cast<uint32_t>(top - old), thread.stackSlots - stackReserveSlots);
  const uint32_t kept = std::min({used, thread.stackSlots, newSlots});
  for (uint32_t i = 0; i < kept; ++i) {
    new (&stack[i]) Value(old[i]);
    stack[i].extra = old[i].extra;
  }
  const uint32_t usable = newSlots - stackReserveSlots;
  if (kept < usable) fillWithNil(stack + kept, stack + usable);
  for (Upvalue* upvalue = thread.openUpvalues; upvalue != nullptr; upvalue = upvalue->next) {
    upvalue->value = stack + (upvalue->value - old);
  }
  const auto moved = [&](Value* pointer) { return pointer == nullptr ? nullptr : stack + (pointer - old); };
  if (&thread == vm.current) {
    vm.base = moved(vm.base);
    vm.top = moved(vm.top);
  }
  thread.base = moved(thread.base);
  thread.top = moved(thread.top);
  freeBytes(vm.memory, old, stackBytes(thread.stackSlots));
  requestIfDue(vm);
  thread.stack = stack;
  thread.stackSlots = newSlots;
  return true;
}

}  // namespace

namespace {

constexpr uint32_t newStackSlots = firstStackSlots + stackReserveSlots;

Value* takeStack(VM& vm) {
  List<Value*>& spare = vm.heap.impl->spareStacks;
  if (spare.empty()) return static_cast<Value*>(allocateBytes(vm.memory, stackBytes(newStackSlots)));
  Value* const stack = spare.back();
  spare.pop_back();
  return stack;
}

void giveStack(VM& vm, Value* stack, uint32_t slots) {
  List<Value*>& spare = vm.heap.impl->spareStacks;
  if (slots == newStackSlots && spare.size() < maxSpareStacks && makeRoom(spare)) spare.push_back(stack);
  else freeBytes(vm.memory, stack, stackBytes(slots));
}

}  // namespace

void releaseSpareStacks(VM& vm) {
  for (Value* const stack : vm.heap.impl->spareStacks) freeBytes(vm.memory, stack, stackBytes(newStackSlots));
  vm.heap.impl->spareStacks.clear();
}

Thread* newThread(VM& vm) {
  Value* const stack = takeStack(vm);
  if (stack == nullptr) return nullptr;
  Object* object = allocateObject(vm, sizeof(Thread), ObjectKind::Thread);
  if (object == nullptr) {
    giveStack(vm, stack, newStackSlots);
    return nullptr;
  }
  const Object header = *object;
  auto* thread = new (object) Thread(header, vm.memory);
  fillWithNil(stack, stack + firstStackSlots);
  requestIfDue(vm);
  thread->stack = stack;
  thread->stackSlots = newStackSlots;
  thread->vm = &vm;
  // A bottom frame without a function, so that C++ code always runs in some frame.
  thread->base = thread->top = stack + frameHeaderSlots;
  Frame{thread->base}.setHeader(nullptr, thread->base);
  if (vm.mainThread != nullptr) {
    const Hook& hook = vm.current->hook;
    thread->hook = {.function = hook.function,
                    .data = hook.data,
                    .mask = hook.mask,
                    .interval = hook.interval,
                    .untilCount = hook.interval};
    if (hook.mask != 0) ++vm.hookedThreads;
    if (vm.current->hookRequest.isPending) requestHook(*thread, latestHookOf(*vm.current));
    thread->extraSpace = vm.mainThread->extraSpace;
    thread->nextThread = vm.threads;
    vm.threads = thread;
  }
  return thread;
}

void destroyThread(VM& vm, Thread* thread) {
  if (thread->hook.mask != 0) --vm.hookedThreads;
  for (Upvalue* upvalue = thread->openUpvalues; upvalue != nullptr; upvalue = upvalue->next) {
    upvalue->closed = *upvalue->value;
    upvalue->value = &upvalue->closed;
  }
  giveStack(vm, thread->stack, thread->stackSlots);
  thread->stack = nullptr;
  thread->~Thread();
}

bool growStack(VM& vm, uint32_t slots) {
  Thread& thread = *vm.current;
  const auto used = static_cast<uint64_t>(vm.top - thread.stack);
  const uint64_t needed = used + slots;
  const uint64_t usable = thread.stackSlots - stackReserveSlots;
  // A message handler may use a little more than the program whose overflow it is told of.
  const uint32_t most = maxStackSlots + (vm.errorIsHandled ? errorStackSlots : 0);
  if (needed > most) return false;
  if (needed <= usable) {
    setStackLimit(vm, stackLimitOf(thread, most));
    return true;
  }
  const auto doubled = static_cast<uint32_t>(std::max(usable * 2, needed));
  const uint32_t wanted = doubled < maxStackSlots ? doubled : maxStackSlots + errorStackSlots;
  const uint32_t newSlots = wanted + stackReserveSlots;
  if (!resizeStack(vm, thread, newSlots)) throw std::bad_alloc();
  thread.hasGrown = true;
  setStackLimit(vm, stackLimitOf(thread, most));
  return true;
}

void shrinkStack(VM& vm, Thread& thread) {
  // No frame reaches farther than this beyond the frames that it has called.
  constexpr uint32_t frameMargin = 1 << 15;
  // Recursion that comes again and again would otherwise pay for its stack each time.
  if (std::exchange(thread.hasGrown, false)) return;
  const Value* top = &thread == vm.current ? vm.top : thread.top;
  const auto wanted = static_cast<uint32_t>(top - thread.stack) + frameMargin;
  if (thread.stackSlots / 4 < wanted) return;
  if (!resizeStack(vm, thread, wanted + stackReserveSlots)) return;
  if (&thread == vm.current) setStackLimit(vm, stackLimitOf(thread));
}

void closeUpvalues(VM& vm, Value* from) {
  Upvalue*& open = vm.current->openUpvalues;
  while (open != nullptr && open->value >= from) {
    Upvalue* upvalue = open;
    open = upvalue->next;
    upvalue->closed = *upvalue->value;
    upvalue->value = &upvalue->closed;
    writeBarrier(vm, upvalue, upvalue->closed);
  }
}

Upvalue* findUpvalue(VM& vm, Value* slot) {
  Upvalue** link = &vm.current->openUpvalues;
  while (*link != nullptr && (*link)->value > slot) link = &(*link)->next;
  if (*link != nullptr && (*link)->value == slot) return *link;
  auto* upvalue = static_cast<Upvalue*>(allocateOrThrow(vm, sizeof(Upvalue), ObjectKind::Upvalue));
  upvalue->value = slot;
  new (&upvalue->closed) Value(0, Tag::Nil);
  upvalue->next = *link;
  *link = upvalue;
  return upvalue;
}

}  // namespace selvage
