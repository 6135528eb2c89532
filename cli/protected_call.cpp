// Running Lua code from the command; see the header.
#include "cli/protected_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "cli/interrupts.hpp"
#include "stdlib/load_chunk.hpp"
#include "stdlib/standard_error.hpp"
#include "stencils/entries.hpp"
#include "vm/call.hpp"
#include "vm/native.hpp"
#include "vm/number.hpp"
#include "vm/operations.hpp"
#include "vm/traceback.hpp"

namespace selvage {

namespace {

// The message handler: the error as text with a traceback.
int describeError(NativeCall& call) {
  const Value error = call.argumentOrNil(0);
  char buffer[maxNumberText];
  std::string_view text;
  std::string description;
  if (!textOf(error, buffer, text)) {
    const Value handler = metamethodOf(call.vm, error, Event::ToString);
    if (!handler.isNil()) {
      const Value arguments[] = {error};
      if (!call.call(handler, arguments, 1)) return nativeFailed;
      if (call.vm.top[-1].isString()) return 1;
      call.pop(1);
    }
    description = fmt::format("(error object is a {} value)", typeName(error.tag));
    text = description;
  }
  return call.returnsString(traceback(call.vm, call.vm.current, text, 1));
}

constexpr NativeCode handlerCode = makeNative("message handler", describeError);
// Stands at the bottom of tracebacks as "[C]: in ?", like the main function of any host.
constexpr NativeCode protectedCallCode = makeNative("protected call", nullptr, &selvage_xpcall);

std::string messageText(Value error) {
  char buffer[maxNumberText];
  std::string_view text;
  if (textOf(error, buffer, text)) return std::string(text);
  return fmt::format("(error object is a {} value)", typeName(error.tag));
}

}  // namespace

bool callProtected(VM& vm, Value function, std::span<const Value> arguments, uint32_t& count, Text& message) {
  std::vector<Value> all = {function, Value::function(newNativeFunction(vm, handlerCode))};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Value protectedCall = Value::function(newNativeFunction(vm, protectedCallCode));
  const InterruptScope scope(vm);
  if (!callValue(vm, protectedCall, all, allResults, &count)) {
    message = std::string_view(messageText(vm.error));
    vm.errorIsHandled = false;
    return false;
  }
  // The first result says whether there was an error.
  Value* results = vm.top - count;
  if (results[0].isFalsy()) {
    message = std::string_view(messageText(results[1]));
    vm.top = results;
    return false;
  }
  std::copy(results + 1, vm.top, results);
  vm.top -= 1;
  count -= 1;
  return true;
}

bool runString(VM& vm, std::string_view source, std::string_view chunkName, Text& message) {
  const LuaFunction* function = loadChunk(vm, source, chunkName, "bt", Value::table(vm.globals), message);
  if (function == nullptr) return false;
  uint32_t count;
  if (!callProtected(vm, Value::function(function), {}, count, message)) return false;
  vm.top -= count;
  return true;
}

std::string_view programName() { return *program_invocation_name == '\0' ? "selvage" : program_invocation_name; }

void reportError(std::string_view message) { writeStandardError(fmt::format("{}: {}\n", programName(), message)); }

}  // namespace selvage
