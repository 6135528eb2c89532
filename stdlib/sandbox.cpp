#include "stdlib/sandbox.hpp"

#include "stdlib/libraries.hpp"
#include "stdlib/library_state.hpp"
#include "stdlib/warnings.hpp"
#include "vm/native.hpp"
#include "vm/number.hpp"

namespace selvage {

namespace {

// Collections are the host's business.
int countMemory(NativeCall& call) {
  std::string_view option;
  if (!call.optionalString(0, "collect", option)) return nativeFailed;
  if (option != "count") return call.failArgument(0, "only 'count' is allowed");
  return call.returns(Value::number(static_cast<double>(heapBytes(call.vm)) / 1024));
}

constexpr NativeCode countMemoryCode = makeNative("collectgarbage", countMemory);

void removeField(VM& vm, Table* table, std::string_view name) { setField(vm, table, name, Value::nil()); }

Table* openTimeFunctions(VM& vm) {
  Table* all = openOsLibrary(vm);
  Table* table = newTable(vm, 0, 4);
  for (const std::string_view name : {"clock", "date", "difftime", "time"}) {
    setField(vm, table, name, tableGetString(all, newString(vm, name)));
  }
  return table;
}

Table* openStringWithoutDump(VM& vm) {
  Table* table = openStringLibrary(vm);
  removeField(vm, table, "dump");
  Table* metatable = metatableOf(vm, Value::string(vm.emptyString));
  setField(vm, metatable, "__metatable", Value::boolean(false));
  setReadOnly(vm, metatable, true, false);
  return table;
}

struct Part {
  std::string_view name;
  LibraryOpener* open;
};

constexpr Part parts[] = {
    {"coroutine", openCoroutineLibrary}, {"table", openTableLibrary}, {"os", openTimeFunctions},
    {"string", openStringWithoutDump},   {"utf8", openUtf8Library},   {"math", openMathLibrary},
};

}  // namespace

void openSandbox(VM& vm) {
  vm.warn = writeWarning;
  vm.ignoresTableFinalizers = true;
  libraryState(vm).loadsTextOnly = true;
  Table* globals = openBaseLibrary(vm);
  removeField(vm, globals, "dofile");
  removeField(vm, globals, "loadfile");
  setField(vm, globals, countMemoryCode.name, Value::function(newNativeFunction(vm, countMemoryCode)));
  setField(vm, loadedModules(vm), "_G", Value::table(globals));
  for (const Part& part : parts) {
    Table* table = part.open(vm);
    setReadOnly(vm, table, true, false);
    setField(vm, globals, part.name, Value::table(table));
    setField(vm, loadedModules(vm), part.name, Value::table(table));
  }
}

}  // namespace selvage
