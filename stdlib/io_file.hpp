// Files as Lua sees them: userdata with the metatable "FILE*".
//
// Their layout is luaL_Stream's (lauxlib.h), so C functions can make files that these functions work with, use those
// that they have opened, and replace how one is closed.
#pragma once

#include <cstdio>
#include <string_view>

#include "vm/c_function.hpp"
#include "vm/native.hpp"

namespace selvage {

// What a file's userdata begins with.
struct IoFile {
  FILE* stream;
  CFunctionPointer close;  // a C function with the file as its argument; null: closed

  bool isClosed() const { return close == nullptr; }
};

// How the library's own files are closed: by fclose, by pclose, not at all.
int closeRegularFile(lua_State* state);
int closeProcess(lua_State* state);
int closeStandardFile(lua_State* state);

// Makes the metatable with the methods of files. Once for each VM, before any of the functions below.
void openFileMetatable(VM& vm);

// A new, closed file object; opening it is setting its members. Null when memory runs out. It is unreachable until it
// is pushed or stored.
Userdata* newFile(VM& vm);
inline IoFile& fileIn(Userdata* userdata) { return *static_cast<IoFile*>(userdata->memory()); }

// The file object in a value, or null.
IoFile* fileOf(VM& vm, Value value);
// Argument i as a file (checkFile) that is not closed (checkOpenFile), or null after an error was raised.
IoFile* checkFile(NativeCall& call, uint32_t i);
IoFile* checkOpenFile(NativeCall& call, uint32_t i);

// Closes an open file and pushes what its close method returns; the number of results.
int closeFile(NativeCall& call, Userdata* file);
// (true) or (nil, message, code), of the last system call.
int returnsFileResult(NativeCall& call, bool succeeded, std::string_view fileName = {});
// The results of a finished process: true or nil, "exit" or "signal", code.
int returnsProcessResult(NativeCall& call, int status);

// Writes the arguments from `first` on; the results are `self` or those of a failure.
int writeArguments(NativeCall& call, IoFile& file, Value self, uint32_t first);
// Reads by the formats in `formats` (a line when there are none), which must be safe from the collector. Pushes the
// results and returns their number. Messages count formats from argument number `firstNumber`.
int readFormats(NativeCall& call, IoFile& file, std::span<const Value> formats, uint32_t firstNumber);

// An iterator over the file that reads by the formats in the arguments from `first` on; nil after an error was raised.
Value newLinesIterator(NativeCall& call, Value file, uint32_t first, bool closesAtEnd);

}  // namespace selvage
