// Shared libraries with C functions; see the header.
//
// The registry's table "_CLIBS" has a handle for each path, and all of them as a sequence, in whose reverse order its
// finalizer closes them. Objects of modules have finalizers of their own in these libraries: the table is made together
// with the package library, so that it is the last of all to be finalized.
#include "stdlib/native_modules.hpp"

#include <dlfcn.h>

#include "vm/c_function.hpp"
#include "vm/native.hpp"

namespace selvage {

namespace {

constexpr std::string_view handlesKey = "_CLIBS";
constexpr std::string_view onlyLoad = "*";

int closeLibraries(NativeCall& call) {
  Table* handles;
  if (!call.checkTable(0, handles)) return nativeFailed;
  for (int64_t i = tableLength(handles); i > 0; --i) dlclose(tableGetInteger(handles, i).as<void>());
  return 0;
}

constexpr NativeCode closeLibrariesCode = makeNative("__gc", closeLibraries);

Table* handlesOf(VM& vm) {
  String* key = newString(vm, handlesKey);
  const Value known = tableGetString(vm.registry, key);
  if (known.isTable()) return known.table();
  Table* handles = newTable(vm);
  Table* metatable = newTable(vm);
  registerFunctions(vm, metatable, {&closeLibrariesCode, 1});
  tableSetMetatable(vm, handles, metatable);
  setField(vm, vm.registry, handlesKey, Value::table(handles));
  return handles;
}

// Null after a failure.
void* open(VM& vm, const char* path, bool isForOthers, Text& error) {
  Table* handles = handlesOf(vm);
  const Value known = tableGetString(handles, newString(vm, path));
  if (known.tag == Tag::LightUserdata) return known.as<void>();
  void* handle = dlopen(path, RTLD_NOW | (isForOthers ? RTLD_GLOBAL : RTLD_LOCAL));
  if (handle == nullptr) {
    error = dlerror();
    return nullptr;
  }
  joinUnwinders();
  // What is in the sequence is closed in the end.
  if (tableSetInteger(vm, handles, tableLength(handles) + 1, Value::pointer(handle)) != TableStatus::Ok) {
    dlclose(handle);
    throwOutOfMemory();
  }
  setField(vm, handles, path, Value::pointer(handle));
  return handle;
}

}  // namespace

void prepareNativeModules(VM& vm) { handlesOf(vm); }

NativeModuleStatus loadNativeFunction(VM& vm, const char* path, const char* name, Value& function, Text& error) {
  const bool isForOthers = onlyLoad == name;
  void* handle = open(vm, path, isForOthers, error);
  if (handle == nullptr) return NativeModuleStatus::CannotOpen;
  function = Value::boolean(true);
  if (isForOthers) return NativeModuleStatus::Loaded;
  const auto pointer = reinterpret_cast<CFunctionPointer>(dlsym(handle, name));
  if (pointer == nullptr) {
    error = dlerror();
    return NativeModuleStatus::NoFunction;
  }
  function = Value::function(newCFunction(vm, pointer, 0));
  return NativeModuleStatus::Loaded;
}

}  // namespace selvage
