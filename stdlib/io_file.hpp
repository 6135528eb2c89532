// Files as Lua sees them: userdata with the metatable "FILE*".
#pragma once

#include <cstdio>
#include <string_view>

#include "vm/native.hpp"

namespace selvage {

// What a file's userdata holds.
struct IoFile {
  enum class Kind : uint8_t { Closed, Regular, Process, Standard };
  FILE* stream;
  Kind kind;

  bool isClosed() const { return kind == Kind::Closed; }
};

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

// Closes the file and pushes what its close method returns; the number of results.
int closeFile(NativeCall& call, IoFile& file);
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
