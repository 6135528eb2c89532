// Files as Lua sees them: their life and their methods; see the header.
#include "stdlib/io_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "stdlib/library_state.hpp"
#include "stdlib/process_status.hpp"
#include "vm/call.hpp"
#include "vm/format_text.hpp"
#include "vm/number.hpp"
#include "vm/operations.hpp"

namespace selvage {

namespace {

constexpr std::string_view typeNameOfFiles = "FILE*";
constexpr uint32_t maxLineFormats = 250;

IoFile* failFile(NativeCall& call, uint32_t i) {
  call.failType(i, typeNameOfFiles);
  return nullptr;
}

// ---- methods ----

int fileClose(NativeCall& call) {
  return checkOpenFile(call, 0) == nullptr ? nativeFailed : closeFile(call, call.argument(0).userdata());
}

// __gc and __close: closes without a word what is still open.
int fileCollect(NativeCall& call) {
  const IoFile* file = checkFile(call, 0);
  if (file == nullptr) return nativeFailed;
  if (file->isClosed() || file->stream == nullptr || file->close == closeStandardFile) return 0;
  return closeFile(call, call.argument(0).userdata()) == nativeFailed ? nativeFailed : 0;
}

int fileToString(NativeCall& call) {
  IoFile* file = checkFile(call, 0);
  if (file == nullptr) return nativeFailed;
  if (file->isClosed()) return call.returnsString("file (closed)");
  return call.returnsString(formatText(call.vm, "file ({})", static_cast<const void*>(file->stream)));
}

int fileFlush(NativeCall& call) {
  IoFile* file = checkOpenFile(call, 0);
  if (file == nullptr) return nativeFailed;
  return returnsFileResult(call, std::fflush(file->stream) == 0);
}

int fileRead(NativeCall& call) {
  IoFile* file = checkOpenFile(call, 0);
  if (file == nullptr) return nativeFailed;
  const List<Value> formats(call.vm.base + 1, call.vm.base + call.count, call.vm);
  return readFormats(call, *file, formats, 2);
}

int fileWrite(NativeCall& call) {
  IoFile* file = checkOpenFile(call, 0);
  if (file == nullptr) return nativeFailed;
  return writeArguments(call, *file, call.argument(0), 1);
}

int fileLines(NativeCall& call) {
  if (checkOpenFile(call, 0) == nullptr) return nativeFailed;
  const Value iterator = newLinesIterator(call, call.argument(0), 1, false);
  return iterator.isNil() ? nativeFailed : call.returns(iterator);
}

int fileSeek(NativeCall& call) {
  static constexpr const char* origins[] = {"set", "cur", "end"};
  static constexpr int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
  IoFile* file = checkOpenFile(call, 0);
  int origin;
  int64_t offset;
  if (file == nullptr || !call.checkOption(1, "cur", origins, origin) || !call.optionalInteger(2, 0, offset)) {
    return nativeFailed;
  }
  if (fseeko(file->stream, offset, whence[origin]) != 0) return returnsFileResult(call, false);
  return call.returns(Value::integer(ftello(file->stream)));
}

int fileSetBuffering(NativeCall& call) {
  static constexpr const char* modes[] = {"no", "full", "line"};
  static constexpr int values[] = {_IONBF, _IOFBF, _IOLBF};
  IoFile* file = checkOpenFile(call, 0);
  int mode;
  int64_t size;
  if (file == nullptr || !call.checkOption(1, nullptr, modes, mode) || !call.optionalInteger(2, BUFSIZ, size)) {
    return nativeFailed;
  }
  return returnsFileResult(call, std::setvbuf(file->stream, nullptr, values[mode], static_cast<size_t>(size)) == 0);
}

constexpr NativeCode fileMethods[] = {
    makeNative("close", fileClose), makeNative("flush", fileFlush), makeNative("lines", fileLines),
    makeNative("read", fileRead),   makeNative("seek", fileSeek),   makeNative("setvbuf", fileSetBuffering),
    makeNative("write", fileWrite),
};
constexpr NativeCode fileEvents[] = {
    makeNative("__gc", fileCollect),
    makeNative("__close", fileCollect),
    makeNative("__tostring", fileToString),
};

// ---- lines ----

// Upvalues: the file, whether to close it at its end, the formats.
int readNextLine(NativeCall& call) {
  const auto* function = static_cast<NativeFunction*>(call.vm.base[-2].function());
  Userdata* const userdata = function->upvalues[0].userdata();
  IoFile* file = &fileIn(userdata);
  if (file->isClosed()) return call.fail("file is already closed");
  const std::span<const Value> formats(function->upvalues + 2, function->aux - 2);
  const int count = readFormats(call, *file, formats, 2);
  if (count == nativeFailed) return nativeFailed;
  const Value* results = call.vm.top - count;
  if (!results[0].isNil()) return count;
  if (count > 1) return call.fail(std::string_view(results[1].string()->view()));  // an error, not the end
  if (!call.upvalue(1).isFalsy() && closeFile(call, userdata) == nativeFailed) return nativeFailed;
  return call.returns(Value::nil());
}

constexpr NativeCode readNextLineCode = makeNative("lines iterator", readNextLine);

// ---- closing ----

int keepStandardFile(NativeCall& call, IoFile& file) {
  file.close = closeStandardFile;
  const String* message = newString(call.vm, "cannot close standard file");
  return call.returns(Value::nil(), Value::string(message));
}

// The call of a C function that runs, as a native function sees its own.
NativeCall callOf(lua_State* state) {
  VM& vm = *threadOf(state).vm;
  return {vm, static_cast<uint32_t>(vm.top - vm.base)};
}

}  // namespace

// ---- file objects ----

void openFileMetatable(VM& vm) {
  // C code may have made it already.
  const Value known = tableGetString(vm.registry, newString(vm, typeNameOfFiles));
  Table* metatable = known.isTable() ? known.table() : newTable(vm);
  setField(vm, vm.registry, typeNameOfFiles, Value::table(metatable));
  libraryState(vm).fileMetatable = metatable;
  registerFunctions(vm, metatable, fileEvents);
  Table* methods = newTable(vm);
  registerFunctions(vm, methods, fileMethods);
  setField(vm, metatable, "__index", Value::table(methods));
  setField(vm, metatable, "__name", Value::string(newString(vm, typeNameOfFiles)));
}

Userdata* newFile(VM& vm) {
  Userdata* userdata = newUserdata(vm, sizeof(IoFile), 0);
  if (userdata == nullptr) return nullptr;
  new (userdata->memory()) IoFile{nullptr, nullptr};
  setUserdataMetatable(vm, *userdata, libraryState(vm).fileMetatable);
  registerFinalizer(vm, userdata);
  return userdata;
}

IoFile* fileOf(VM& vm, Value value) {
  if (!value.isUserdata() || value.userdata()->metatable() != libraryState(vm).fileMetatable) return nullptr;
  return &fileIn(value.userdata());
}

IoFile* checkFile(NativeCall& call, uint32_t i) {
  IoFile* file = fileOf(call.vm, call.argumentOrNil(i));
  return file == nullptr ? failFile(call, i) : file;
}

IoFile* checkOpenFile(NativeCall& call, uint32_t i) {
  IoFile* file = checkFile(call, i);
  if (file == nullptr || !file->isClosed()) return file;
  call.fail("attempt to use a closed file");
  return nullptr;
}

int closeFile(NativeCall& call, Userdata* userdata) {
  IoFile& file = fileIn(userdata);
  const CFunctionPointer close = std::exchange(file.close, nullptr);
  if (close == closeRegularFile) return returnsFileResult(call, std::fclose(file.stream) == 0);
  if (close == closeProcess) return returnsProcessResult(call, pclose(file.stream));
  if (close == closeStandardFile) return keepStandardFile(call, file);
  const NativeFunction* const function = newCFunction(call.vm, close, 0);
  if (function == nullptr) return call.failMemory();
  const Value arguments[] = {Value::userdata(userdata)};
  uint32_t results;
  if (!call.call(Value::function(function), arguments, allResults, &results)) return nativeFailed;
  return static_cast<int>(results);
}

// C code may call these in place of the close method; it has then set IoFile::close to null.

int closeRegularFile(lua_State* state) {
  NativeCall call = callOf(state);
  return returnsFileResult(call, std::fclose(fileIn(call.argument(0).userdata()).stream) == 0);
}

int closeProcess(lua_State* state) {
  NativeCall call = callOf(state);
  return returnsProcessResult(call, pclose(fileIn(call.argument(0).userdata()).stream));
}

int closeStandardFile(lua_State* state) {
  NativeCall call = callOf(state);
  return keepStandardFile(call, fileIn(call.argument(0).userdata()));
}

int returnsFileResult(NativeCall& call, bool succeeded, std::string_view fileName) {
  const int error = errno;
  return succeeded ? call.returns(Value::boolean(true)) : call.returnsSystemError(error, fileName);
}

int returnsProcessResult(NativeCall& call, int status) {
  if (status == -1) return returnsFileResult(call, false);
  const ProcessStatus described = describeProcessStatus(status);
  const String* how = newString(call.vm, described.how);
  call.push(described.succeeded() ? Value::boolean(true) : Value::nil());
  call.push(Value::string(how));
  call.push(Value::integer(described.code));
  return 3;
}

int writeArguments(NativeCall& call, IoFile& file, Value self, uint32_t first) {
  bool succeeded = true;
  for (uint32_t i = first; i < call.count; ++i) {
    const Value value = call.argument(i);
    char buffer[maxNumberText];
    std::string_view text;
    if (value.isFloat()) {
      // Unlike tostring, without ".0".
      text = {buffer, static_cast<size_t>(std::snprintf(buffer, sizeof buffer, "%.14g", value.number()))};
    } else if (!textOf(value, buffer, text)) {
      return call.failType(i, "string");
    }
    succeeded &= std::fwrite(text.data(), 1, text.size(), file.stream) == text.size();
  }
  return succeeded ? call.returns(self) : returnsFileResult(call, false);
}

Value newLinesIterator(NativeCall& call, Value file, uint32_t first, bool closesAtEnd) {
  const uint32_t formats = call.count > first ? call.count - first : 0;
  if (formats > maxLineFormats) {
    call.failArgument(maxLineFormats + 1, "too many arguments");
    return Value::nil();
  }
  NativeFunction* iterator = newNativeFunction(call.vm, readNextLineCode, formats + 2);
  if (iterator == nullptr) {
    call.failMemory();
    return Value::nil();
  }
  iterator->upvalues[0] = file;
  iterator->upvalues[1] = Value::boolean(closesAtEnd);
  for (uint32_t i = 0; i < formats; ++i) iterator->upvalues[2 + i] = call.argument(first + i);
  return Value::function(iterator);
}

}  // namespace selvage
