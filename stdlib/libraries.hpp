// The standard library: one open function for each part.
//
// Each makes the library's table, stores it in a global and in package.loaded, and fills it with native functions. The
// registry's "_LOADED" table is package.loaded, which error messages also search for the names of functions.
#pragma once

#include <span>
#include <string_view>

#include "vm/native.hpp"
#include "vm/vm.hpp"

namespace selvage {

// Opens all of them.
void openLibraries(VM& vm);

void openBaseLibrary(VM& vm);
void openPackageLibrary(VM& vm);
void openTableLibrary(VM& vm);
void openIoLibrary(VM& vm);
void openOsLibrary(VM& vm);
void openStringLibrary(VM& vm);
void openUtf8Library(VM& vm);
void openMathLibrary(VM& vm);
void openDebugLibrary(VM& vm);

// package.loaded, made on first use.
Table* loadedModules(VM& vm);
// A new library table with these functions, in the global `name` and in package.loaded.
Table* newLibrary(VM& vm, std::string_view name, std::span<const NativeCode> functions);
// A native function with one upvalue in table[code.name].
void registerWithUpvalue(VM& vm, Table* table, const NativeCode& code, Value upvalue);

}  // namespace selvage
