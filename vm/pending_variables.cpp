// To-be-closed variables; see the header.
#include "vm/pending_variables.hpp"

#include "vm/c_function.hpp"
#include "vm/call.hpp"

namespace selvage {

bool isClosable(VM& vm, Value value) { return value.isFalsy() || !metamethodOf(vm, value, Event::Close).isNil(); }

bool failNotClosable(VM& vm, std::string_view name) {
  Text message("variable '", vm);
  message += name;
  message += "' got a non-closable value";
  return failWithPosition(vm, message);
}

void markPending(VM& vm, const Value* slot) {
  if (!slot->isFalsy()) vm.current->toBeClosed.push_back(static_cast<uint32_t>(slot - vm.current->stack));
}

bool closePendingVariables(VM& vm, const Value* from) {
  Thread& thread = *vm.current;
  const auto first = static_cast<uint32_t>(from - thread.stack);
  while (!thread.toBeClosed.empty() && thread.toBeClosed.back() >= first) {
    const Value value = thread.stack[thread.toBeClosed.back()];
    thread.toBeClosed.pop_back();
    const Value arguments[] = {value, Value::nil()};
    if (!callValue(vm, metamethodOf(vm, value, Event::Close), arguments, 0)) return false;
  }
  return true;
}

void closeMainThread(VM& vm) {
  const RunningThread running(vm, *vm.mainThread);
  while (!closePendingVariables(vm, vm.mainThread->stack)) vm.errorIsHandled = false;
}

}  // namespace selvage
