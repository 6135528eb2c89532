// The standard library: one open function for each part.
//
// Each makes the library's table and fills it with native functions; making that a global and an element of
// package.loaded is for the caller. The registry's "_LOADED" table is package.loaded, which error messages also search
// for the names of functions.
#pragma once

#include <span>
#include <string_view>

#include "vm/native.hpp"
#include "vm/vm.hpp"

namespace selvage {

using LibraryOpener = Table*(VM& vm);

LibraryOpener openBaseLibrary;  // fills the table of globals and returns it
LibraryOpener openPackageLibrary;
LibraryOpener openCoroutineLibrary;
LibraryOpener openTableLibrary;
LibraryOpener openIoLibrary;
LibraryOpener openOsLibrary;
LibraryOpener openStringLibrary;
LibraryOpener openUtf8Library;
LibraryOpener openMathLibrary;
LibraryOpener openDebugLibrary;
LibraryOpener openSelvageLibrary;  // the module "selvage"
LibraryOpener openJitLibrary;      // its field `jit`

constexpr std::string_view selvageLibraryName = "selvage";
// Lets require find the module "selvage": a loader in the table package.preload, where the host has put none.
void preloadSelvageLibrary(VM& vm, Table* preload);

// Opens the reference's as globals and elements of package.loaded; warnings are written to standard error.
void openLibraries(VM& vm);

// The registry's field that makes the libraries ignore the environment (LUA_PATH and its like); hosts set it too.
constexpr std::string_view ignoresEnvironmentKey = "LUA_NOENV";
// package.loaded, made on first use.
Table* loadedModules(VM& vm);
// A new table with these functions.
Table* newLibrary(VM& vm, std::span<const NativeCode> functions);
// A native function with one upvalue in table[code.name].
void registerWithUpvalue(VM& vm, Table* table, const NativeCode& code, Value upvalue);

}  // namespace selvage
