// Opening the standard library; see the header.
#include "stdlib/libraries.hpp"

#include "stdlib/coroutine_library.hpp"
#include "stdlib/jit_library.hpp"
#include "vm/traceback.hpp"

namespace selvage {

Table* loadedModules(VM& vm) {
  String* key = newString(vm, loadedModulesKey);
  const Value modules = tableGetString(vm.registry, key);
  if (modules.isTable()) return modules.table();
  Table* table = newTable(vm);
  setField(vm, vm.registry, loadedModulesKey, Value::table(table));
  return table;
}

Table* newLibrary(VM& vm, std::string_view name, std::span<const NativeCode> functions) {
  Table* library = newTable(vm, 0, static_cast<uint32_t>(functions.size()));
  registerFunctions(vm, library, functions);
  setField(vm, vm.globals, name, Value::table(library));
  setField(vm, loadedModules(vm), name, Value::table(library));
  return library;
}

void registerWithUpvalue(VM& vm, Table* table, const NativeCode& code, Value upvalue) {
  NativeFunction* function = newNativeFunction(vm, code, 1);
  function->upvalues[0] = upvalue;
  setField(vm, table, code.name, Value::function(function));
}

void openLibraries(VM& vm) {
  openBaseLibrary(vm);
  openPackageLibrary(vm);
  openCoroutine(vm);
  openTableLibrary(vm);
  openIoLibrary(vm);
  openOsLibrary(vm);
  openStringLibrary(vm);
  openUtf8Library(vm);
  openMathLibrary(vm);
  openDebugLibrary(vm);
  openJit(vm);
  for (const std::string_view name : {"coroutine", "jit"}) {
    setField(vm, loadedModules(vm), name, tableGetString(vm.globals, newString(vm, name)));
  }
}

}  // namespace selvage
