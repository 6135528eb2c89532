// The module "selvage": what Selvage offers beyond the reference, in one table, with a table for each part.
//
// It is no global and not in package.loaded before a program asks for it by require "selvage": a program that looks
// around to find out which Lua it runs on sees what the reference has.
#include "stdlib/libraries.hpp"

#include "vm/native.hpp"

namespace selvage {

namespace {

int open(NativeCall& call) { return call.returns(Value::table(openSelvageLibrary(call.vm))); }

constexpr NativeCode loader = makeNative("open", open);

}  // namespace

Table* openSelvageLibrary(VM& vm) {
  Table* library = newTable(vm, 0, 1);
  setField(vm, library, "jit", Value::table(openJitLibrary(vm)));
  return library;
}

void preloadSelvageLibrary(VM& vm, Table* preload) {
  String* const name = newString(vm, selvageLibraryName);
  if (!tableGetString(preload, name).isNil()) return;
  setField(vm, preload, selvageLibraryName, Value::function(newNativeFunction(vm, loader)));
}

}  // namespace selvage
