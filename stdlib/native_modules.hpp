// Shared libraries with C functions for Lua, as require and package.loadlib load them.
#pragma once

#include "vm/vm.hpp"

namespace selvage {

enum class NativeModuleStatus { Loaded, CannotOpen, NoFunction };

// Once for each VM, with the package library.
void prepareNativeModules(VM& vm);

// Makes a C function of the one with this name in the shared library at `path`, which stays loaded until the VM ends.
// The name "*" only loads the library, for others to link with, and gives true. After a failure `error` says why.
NativeModuleStatus loadNativeFunction(VM& vm, const char* path, const char* name, Value& function, Text& error);

}  // namespace selvage
