// The operating system functions (manual 6.9); dates are in os_date.cpp.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <vector>

#include "stdlib/io_file.hpp"
#include "stdlib/libraries.hpp"
#include "stdlib/os_date.hpp"
#include "vm/pending_variables.hpp"

namespace selvage {

namespace {

int osClock(NativeCall& call) {
  return call.returns(Value::number(static_cast<double>(std::clock()) / CLOCKS_PER_SEC));
}

int osDifftime(NativeCall& call) {
  int64_t later;
  int64_t earlier;
  if (!call.checkInteger(0, later) || !call.checkInteger(1, earlier)) return nativeFailed;
  return call.returns(Value::number(std::difftime(later, earlier)));
}

int osExecute(NativeCall& call) {
  if (call.isNoneOrNil(0)) return call.returns(Value::boolean(std::system(nullptr) != 0));
  String* command;
  if (!call.checkString(0, command)) return nativeFailed;
  errno = 0;
  return returnsProcessResult(call, std::system(command->text));
}

int osExit(NativeCall& call) {
  int64_t status = EXIT_SUCCESS;
  if (call.has(0) && call.argument(0).isBoolean()) {
    status = call.argument(0).isFalsy() ? EXIT_FAILURE : EXIT_SUCCESS;
  } else if (!call.optionalInteger(0, EXIT_SUCCESS, status)) {
    return nativeFailed;
  }
  const bool closesState = call.has(1) && !call.argument(1).isFalsy();
  if (closesState) {
    closeMainThread(call.vm);
    closeFinalizers(call.vm);
  }
  std::exit(static_cast<int>(status));
}

int osGetenv(NativeCall& call) {
  String* name;
  if (!call.checkString(0, name)) return nativeFailed;
  const char* value = std::getenv(name->text);
  return value == nullptr ? call.returns(Value::nil()) : call.returnsString(value);
}

int osRemove(NativeCall& call) {
  String* name;
  if (!call.checkString(0, name)) return nativeFailed;
  return returnsFileResult(call, std::remove(name->text) == 0, name->view());
}

int osRename(NativeCall& call) {
  String* from;
  String* to;
  if (!call.checkString(0, from) || !call.checkString(1, to)) return nativeFailed;
  return returnsFileResult(call, std::rename(from->text, to->text) == 0);
}

int osSetlocale(NativeCall& call) {
  static constexpr const char* names[] = {"all", "collate", "ctype", "monetary", "numeric", "time"};
  static constexpr int categories[] = {LC_ALL, LC_COLLATE, LC_CTYPE, LC_MONETARY, LC_NUMERIC, LC_TIME};
  const char* locale = nullptr;
  int category;
  if (!call.isNoneOrNil(0)) {
    String* name;
    if (!call.checkString(0, name)) return nativeFailed;
    locale = name->text;
  }
  if (!call.checkOption(1, "all", names, category)) return nativeFailed;
  const char* result = std::setlocale(categories[category], locale);
  return result == nullptr ? call.returns(Value::nil()) : call.returnsString(result);
}

int osTmpname(NativeCall& call) {
  char name[] = "/tmp/lua_XXXXXX";
  const int descriptor = mkstemp(name);
  if (descriptor == -1) return call.fail("unable to generate a unique filename");
  close(descriptor);
  return call.returnsString(name);
}

constexpr NativeCode osFunctions[] = {
    makeNative("clock", osClock),     makeNative("date", osDate),       makeNative("difftime", osDifftime),
    makeNative("execute", osExecute), makeNative("exit", osExit),       makeNative("getenv", osGetenv),
    makeNative("remove", osRemove),   makeNative("rename", osRename),   makeNative("setlocale", osSetlocale),
    makeNative("time", osTime),       makeNative("tmpname", osTmpname),
};

}  // namespace

Table* openOsLibrary(VM& vm) { return newLibrary(vm, osFunctions); }

}  // namespace selvage
