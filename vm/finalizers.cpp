// Finalizers (manual 2.5.3): which objects have one, which are due, and calling them.

#include <algorithm>

#include "vm/call.hpp"
#include "vm/heap_impl.hpp"

namespace selvage {

namespace {

Value valueOf(Object* object) { return Value::object(object, static_cast<Tag>(object->kind)); }

// As the reference does: an error in a finalizer is only a warning.
void warnOfError(VM& vm, const Value& error) {
  if (vm.warn == nullptr) return;
  const char* message = error.isString() ? error.string()->text : "error object is not a string";
  vm.warn(vm, "error in ", true);
  vm.warn(vm, "__gc", true);
  vm.warn(vm, " (", true);
  vm.warn(vm, message, true);
  vm.warn(vm, ")", false);
}

// Calls one finalizer above vm.top and leaves the running code's state as it was, though perhaps its stack elsewhere.
void callFinalizer(VM& vm, Object* object) {
  const Value value = valueOf(object);
  const Value finalizer = metamethodOf(vm, value, Event::Gc);
  if (finalizer.isNil()) return;
  const Value error = vm.error;
  const ErrorKind errorKind = vm.errorKind;
  const bool errorIsHandled = vm.errorIsHandled;
  const uint32_t variableResults = vm.variableResults;
  vm.error = Value::nil();
  uint32_t results = 0;
  Thread& thread = *vm.current;
  const uint32_t outerFinalizer = thread.finalizerFrame;
  thread.finalizerFrame = static_cast<uint32_t>(vm.top + frameHeaderSlots - thread.stack);
  if (!callValue(vm, finalizer, std::span(&value, 1), 0, &results)) warnOfError(vm, vm.error);
  thread.finalizerFrame = outerFinalizer;
  vm.error = error;
  vm.errorKind = errorKind;
  vm.errorIsHandled = errorIsHandled;
  vm.variableResults = variableResults;
}

}  // namespace

void reserveFinalizer(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  // A collection is not to need memory for them.
  if (!makeRoom(impl.finalizable) || !makeRoom(impl.pending, impl.finalizable.size() + 1)) throw std::bad_alloc();
}

void registerFinalizer(VM& vm, Object* object) {
  if ((object->mark & objectHasFinalizer) != 0 || vm.isClosing) return;
  if (vm.ignoresTableFinalizers && object->kind == ObjectKind::Table) return;
  reserveFinalizer(vm);
  object->mark |= objectHasFinalizer;
  vm.heap.impl->finalizable.push_back(object);
}

void separateFinalizable(VM& vm, bool all) {
  HeapImpl& impl = *vm.heap.impl;
  const auto isDue = [all](Object* object) { return all || !isMarked(object); };
  for (size_t i = impl.finalizable.size(); i-- > 0;) {
    if (isDue(impl.finalizable[i])) impl.pending.push_back(impl.finalizable[i]);
  }
  std::erase_if(impl.finalizable, isDue);
}

void callPendingFinalizers(VM& vm) {
  HeapImpl& impl = *vm.heap.impl;
  if (impl.isFinalizing) return;
  impl.isFinalizing = true;
  while (impl.pendingStart < impl.pending.size()) {
    Object* object = impl.pending[impl.pendingStart++];
    // It is an ordinary object again, and may be given a finalizer again.
    object->mark &= static_cast<uint8_t>(~objectHasFinalizer);
    callFinalizer(vm, object);
  }
  impl.pending.clear();
  impl.pendingStart = 0;
  impl.isFinalizing = false;
}

void closeFinalizers(VM& vm) {
  vm.isClosing = true;  // no new ones are registered
  separateFinalizable(vm, true);
  vm.heap.impl->isFinalizing =
      false;  // a finalizer that closes the state (os.exit) does not keep the others from running
  callPendingFinalizers(vm);
}

}  // namespace selvage
