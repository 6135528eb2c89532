// Opening the standard library; see the header.
#include "stdlib/libraries.hpp"

#include "stdlib/warnings.hpp"
#include "vm/traceback.hpp"

namespace selvage {

namespace {

struct Library {
  std::string_view name;
  LibraryOpener* open;
};

constexpr Library libraries[] = {
    {"_G", openBaseLibrary},       {"package", openPackageLibrary}, {"coroutine", openCoroutineLibrary},
    {"table", openTableLibrary},   {"io", openIoLibrary},           {"os", openOsLibrary},
    {"string", openStringLibrary}, {"utf8", openUtf8Library},       {"math", openMathLibrary},
    {"debug", openDebugLibrary},
};

}  // namespace

Table* loadedModules(VM& vm) {
  String* key = newString(vm, loadedModulesKey);
  const Value modules = tableGetString(vm.registry, key);
  if (modules.isTable()) return modules.table();
  Table* table = newTable(vm);
  setField(vm, vm.registry, loadedModulesKey, Value::table(table));
  return table;
}

Table* newLibrary(VM& vm, std::span<const NativeCode> functions) {
  Table* library = newTable(vm, 0, static_cast<uint32_t>(functions.size()));
  registerFunctions(vm, library, functions);
  return library;
}

void registerWithUpvalue(VM& vm, Table* table, const NativeCode& code, Value upvalue) {
  NativeFunction* function = newNativeFunction(vm, code, 1);
  function->upvalues[0] = upvalue;
  setField(vm, table, code.name, Value::function(function));
}

void openLibraries(VM& vm) {
  vm.warn = writeWarning;
  for (const Library& library : libraries) {
    const Value table = Value::table(library.open(vm));
    setField(vm, vm.globals, library.name, table);
    setField(vm, loadedModules(vm), library.name, table);
  }
}

}  // namespace selvage
