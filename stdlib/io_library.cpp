// The input and output functions (manual 6.8).
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "stdlib/io_file.hpp"
#include "stdlib/libraries.hpp"
#include "vm/format_text.hpp"

namespace selvage {

namespace {

// The default files are the user values of a userdata that these functions share as their upvalue.
enum DefaultFile : uint32_t { defaultInput, defaultOutput, defaultFiles };

Value& defaultFile(NativeCall& call, DefaultFile which) { return call.upvalue(0).userdata()->userValues[which]; }

void setDefaultFile(NativeCall& call, DefaultFile which, Value file) {
  Userdata* owner = call.upvalue(0).userdata();
  owner->userValues[which] = file;
  writeBarrier(call.vm, owner, file);
}

// Null after an error was raised.
IoFile* openDefaultFile(NativeCall& call, DefaultFile which) {
  IoFile* file = fileOf(call.vm, defaultFile(call, which));
  if (!file->isClosed()) return file;
  call.fail(formatText(call.vm, "default {} file is closed", which == defaultInput ? "input" : "output"));
  return nullptr;
}

// Opens a file for a function that raises errors instead of returning them; null after raising one.
Userdata* openOrFail(NativeCall& call, const char* name, const char* mode) {
  Userdata* userdata = newFile(call.vm);
  if (userdata == nullptr) {
    call.failMemory();
    return nullptr;
  }
  FILE* stream = std::fopen(name, mode);
  if (stream == nullptr) {
    call.fail(formatText(call.vm, "cannot open file '{}' ({})", name, std::strerror(errno)));
    return nullptr;
  }
  fileIn(userdata) = {stream, closeRegularFile};
  return userdata;
}

// [rwa]%+?b*
bool isOpenMode(std::string_view mode) {
  if (mode.empty() || std::string_view("rwa").find(mode[0]) == std::string_view::npos) return false;
  mode.remove_prefix(1);
  if (mode.starts_with('+')) mode.remove_prefix(1);
  return mode.find_first_not_of('b') == std::string_view::npos;
}

// A new file object as result, or those of a failed call when `stream` is null.
int returnsStream(NativeCall& call, Userdata* userdata, FILE* stream, CFunctionPointer close, std::string_view name) {
  if (stream == nullptr) return returnsFileResult(call, false, name);
  fileIn(userdata) = {stream, close};
  return call.returns(Value::userdata(userdata));
}

int ioOpen(NativeCall& call) {
  String* name;
  std::string_view mode;
  if (!call.checkString(0, name) || !call.optionalString(1, "r", mode)) return nativeFailed;
  if (!isOpenMode(mode)) return call.failArgument(1, "invalid mode");
  Userdata* userdata = newFile(call.vm);
  if (userdata == nullptr) return call.failMemory();
  return returnsStream(call, userdata, std::fopen(name->text, mode.data()), closeRegularFile, name->view());
}

int ioPopen(NativeCall& call) {
  String* command;
  std::string_view mode;
  if (!call.checkString(0, command) || !call.optionalString(1, "r", mode)) return nativeFailed;
  if (mode != "r" && mode != "w") return call.failArgument(1, "invalid mode");
  Userdata* userdata = newFile(call.vm);
  if (userdata == nullptr) return call.failMemory();
  std::fflush(nullptr);
  return returnsStream(call, userdata, popen(command->text, mode.data()), closeProcess, command->view());
}

int ioTemporaryFile(NativeCall& call) {
  Userdata* userdata = newFile(call.vm);
  if (userdata == nullptr) return call.failMemory();
  return returnsStream(call, userdata, std::tmpfile(), closeRegularFile, {});
}

int ioType(NativeCall& call) {
  if (!call.checkAny(0)) return nativeFailed;
  const IoFile* file = fileOf(call.vm, call.argument(0));
  if (file == nullptr) return call.returns(Value::nil());
  return call.returnsString(file->isClosed() ? "closed file" : "file");
}

int ioClose(NativeCall& call) {
  if (!call.has(0)) {
    Userdata* const file = defaultFile(call, defaultOutput).userdata();
    return fileIn(file).isClosed() ? call.fail("attempt to use a closed file") : closeFile(call, file);
  }
  return checkOpenFile(call, 0) == nullptr ? nativeFailed : closeFile(call, call.argument(0).userdata());
}

template <DefaultFile which>
int ioDefault(NativeCall& call) {
  if (!call.isNoneOrNil(0)) {
    Value file = call.argument(0);
    if (file.isString() || file.isNumber()) {
      String* name;
      if (!call.checkString(0, name)) return nativeFailed;
      Userdata* userdata = openOrFail(call, name->text, which == defaultInput ? "r" : "w");
      if (userdata == nullptr) return nativeFailed;
      file = Value::userdata(userdata);
    } else if (checkFile(call, 0) == nullptr) {
      return nativeFailed;
    }
    setDefaultFile(call, which, file);
  }
  return call.returns(defaultFile(call, which));
}

int ioRead(NativeCall& call) {
  IoFile* file = openDefaultFile(call, defaultInput);
  if (file == nullptr) return nativeFailed;
  const List<Value> formats(call.vm.base, call.vm.base + call.count, call.vm);
  return readFormats(call, *file, formats, 1);
}

int ioWrite(NativeCall& call) {
  IoFile* file = openDefaultFile(call, defaultOutput);
  if (file == nullptr) return nativeFailed;
  return writeArguments(call, *file, defaultFile(call, defaultOutput), 0);
}

int ioFlush(NativeCall& call) {
  IoFile* file = openDefaultFile(call, defaultOutput);
  if (file == nullptr) return nativeFailed;
  return returnsFileResult(call, std::fflush(file->stream) == 0);
}

int ioLines(NativeCall& call) {
  if (call.isNoneOrNil(0)) {
    const Value input = defaultFile(call, defaultInput);
    if (fileOf(call.vm, input)->isClosed()) return call.fail("attempt to use a closed file");
    const Value iterator = newLinesIterator(call, input, 1, false);
    return iterator.isNil() ? nativeFailed : call.returns(iterator);
  }
  String* name;
  if (!call.checkString(0, name)) return nativeFailed;
  Userdata* userdata = openOrFail(call, name->text, "r");
  if (userdata == nullptr) return nativeFailed;
  const Value file = Value::userdata(userdata);
  const Value iterator = newLinesIterator(call, file, 1, true);
  if (iterator.isNil()) return nativeFailed;
  // The file is also the loop's to-be-closed value.
  call.push(iterator);
  call.push(Value::nil());
  call.push(Value::nil());
  call.push(file);
  return 4;
}

constexpr NativeCode ioFunctions[] = {
    makeNative("open", ioOpen),
    makeNative("popen", ioPopen),
    makeNative("tmpfile", ioTemporaryFile),
    makeNative("type", ioType),
};
constexpr NativeCode ioDefaultFunctions[] = {
    makeNative("close", ioClose),
    makeNative("flush", ioFlush),
    makeNative("input", ioDefault<defaultInput>),
    makeNative("lines", ioLines),
    makeNative("output", ioDefault<defaultOutput>),
    makeNative("read", ioRead),
    makeNative("write", ioWrite),
};

Value newStandardFile(VM& vm, Table* library, const char* name, FILE* stream) {
  Userdata* userdata = newFile(vm);
  fileIn(userdata) = {stream, closeStandardFile};
  setField(vm, library, name, Value::userdata(userdata));
  return Value::userdata(userdata);
}

}  // namespace

Table* openIoLibrary(VM& vm) {
  openFileMetatable(vm);
  Table* library = newLibrary(vm, ioFunctions);
  Userdata* defaults = newUserdata(vm, 0, defaultFiles);
  defaults->userValues[defaultInput] = newStandardFile(vm, library, "stdin", stdin);
  defaults->userValues[defaultOutput] = newStandardFile(vm, library, "stdout", stdout);
  newStandardFile(vm, library, "stderr", stderr);
  for (const NativeCode& code : ioDefaultFunctions) {
    registerWithUpvalue(vm, library, code, Value::userdata(defaults));
  }
  return library;
}

}  // namespace selvage
