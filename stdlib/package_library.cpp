// The package library (manual 6.3): require and its searchers.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "lauxlib.h"
#include "stdlib/libraries.hpp"
#include "stdlib/load_chunk.hpp"
#include "stdlib/native_modules.hpp"
#include "vm/format_text.hpp"
#include "vm/number.hpp"
#include "vm/operations.hpp"

namespace selvage {

namespace {

// Directory separator, template separator, mark of the name, mark of the program's directory, end of what a C module's
// name and its function's name do not share.
constexpr char ignoreMark = '-';
constexpr std::string_view configuration = LUA_DIRSEP "\n" LUA_PATH_SEP "\n" LUA_PATH_MARK "\n" LUA_EXEC_DIR "\n-\n";

Text replaceAll(VM& vm, std::string_view text, std::string_view from, std::string_view to) {
  Text result(vm);
  while (true) {
    const size_t at = from.empty() ? std::string_view::npos : text.find(from);
    if (at == std::string_view::npos) return result.append(text);
    result.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
}

bool isReadable(const Text& path) {
  struct Closer {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  return std::unique_ptr<FILE, Closer>(std::fopen(path.c_str(), "r")) != nullptr;
}

// The first template's file that can be opened; otherwise "" and what was tried in `tried`.
Text searchPath(VM& vm, std::string_view name, std::string_view path, std::string_view separator,
                std::string_view replacement, Text& tried) {
  const Text fileName = replaceAll(vm, name, separator, replacement);
  while (true) {
    const size_t end = path.find(';');
    Text candidate = replaceAll(vm, path.substr(0, end), "?", fileName);
    if (isReadable(candidate)) return candidate;
    tried += formatText(vm, "{}no file '{}'", tried.empty() ? "" : "\n\t", candidate);
    if (end == std::string_view::npos) return Text(vm);
    path.remove_prefix(end + 1);
  }
}

Value field(VM& vm, Value table, std::string_view name) {
  return table.isTable() ? tableGetString(table.table(), newString(vm, name)) : Value::nil();
}

// A path from the environment, in which ";;" stands for the default.
Text configuredPath(VM& vm, const char* variable, std::string_view standard) {
  if (!field(vm, Value::table(vm.registry), ignoresEnvironmentKey).isFalsy()) return Text(standard, vm);
  const Text versioned = formatText(vm, "{}_5_4", variable);
  const char* value = std::getenv(versioned.c_str());
  if (value == nullptr) value = std::getenv(variable);
  if (value == nullptr) return Text(standard, vm);
  const std::string_view text = value;
  const size_t at = text.find(";;");
  if (at == std::string_view::npos) return Text(text, vm);
  const std::string_view before = text.substr(0, at);
  const std::string_view after = text.substr(at + 2);
  return formatText(vm, "{}{}{}{}{}", before, before.empty() ? "" : ";", standard, after.empty() ? "" : ";", after);
}

// ---- searchers; upvalue: the table `package` ----

int searchPreload(NativeCall& call) {
  String* name;
  if (!call.checkString(0, name)) return nativeFailed;
  const Value preload = field(call.vm, Value::table(call.vm.registry), LUA_PRELOAD_TABLE);
  Value loader;
  if (!call.index(preload, Value::string(name), loader)) return nativeFailed;
  if (loader.isNil()) return call.returnsString(formatText(call.vm, "no field package.preload['{}']", name->view()));
  return call.returns(loader, Value::string(newString(call.vm, ":preload:")));
}

int searchLuaFiles(NativeCall& call) {
  String* name;
  if (!call.checkString(0, name)) return nativeFailed;
  char buffer[maxNumberText];
  std::string_view path;
  if (!textOf(field(call.vm, call.upvalue(0), "path"), buffer, path))
    return call.fail("'package.path' must be a string");
  Text tried(call.vm);
  const Text file = searchPath(call.vm, name->view(), path, ".", "/", tried);
  if (file.empty()) return call.returnsString(tried);
  Text error(call.vm);
  const LuaFunction* function = loadFile(call.vm, file, "bt", std::nullopt, error);
  if (function == nullptr) {
    const Value message = errorOfLoading(call.vm, error);
    char digits[maxNumberText];
    std::string_view reason = "(null)";
    static_cast<void>(textOf(message, digits, reason));
    return call.fail(
        formatText(call.vm, "error loading module '{}' from file '{}':\n\t{}", name->view(), file, reason));
  }
  return call.returns(Value::function(function), Value::string(newString(call.vm, file)));
}

// ---- C modules ----

// The function of a module is called luaopen_ and its name, with '_' for '.'. Of a name with a '-' only what is before
// it counts, or, as in older versions, only what is behind it.
NativeModuleStatus loadModuleFunction(VM& vm, const char* file, std::string_view module, Value& function, Text& error) {
  const Text name = replaceAll(vm, module, ".", "_");
  const auto load = [&](std::string_view part) {
    return loadNativeFunction(vm, file, formatText(vm, "luaopen_{}", part).c_str(), function, error);
  };
  const size_t mark = name.find(ignoreMark);
  if (mark == Text::npos) return load(name);
  const std::string_view view = name;
  const NativeModuleStatus status = load(view.substr(0, mark));
  return status == NativeModuleStatus::NoFunction ? load(view.substr(mark + 1)) : status;
}

// The module in the file of package.cpath for `fileName`. Where the file has no such function, isOptional says whether
// that is an error or only a file less to look into.
int searchNativeFiles(NativeCall& call, std::string_view name, std::string_view fileName, bool isOptional) {
  char buffer[maxNumberText];
  std::string_view path;
  if (!textOf(field(call.vm, call.upvalue(0), "cpath"), buffer, path))
    return call.fail("'package.cpath' must be a string");
  VM& vm = call.vm;
  Text tried(vm);
  const Text file = searchPath(vm, fileName, path, ".", LUA_DIRSEP, tried);
  if (file.empty()) return call.returnsString(tried);
  Value function;
  Text error(vm);
  const NativeModuleStatus status = loadModuleFunction(vm, file.c_str(), name, function, error);
  if (status == NativeModuleStatus::Loaded) {
    call.push(function);
    return call.returnsString(file) == nativeFailed ? nativeFailed : 2;
  }
  if (isOptional && status == NativeModuleStatus::NoFunction) {
    return call.returnsString(formatText(vm, "no module '{}' in file '{}'", name, file));
  }
  return call.fail(formatText(vm, "error loading module '{}' from file '{}':\n\t{}", name, file, error));
}

int searchNative(NativeCall& call) {
  String* name;
  if (!call.checkString(0, name)) return nativeFailed;
  return searchNativeFiles(call, name->view(), name->view(), false);
}

// A submodule within the file of its root.
int searchNativeRoot(NativeCall& call) {
  String* name;
  if (!call.checkString(0, name)) return nativeFailed;
  const size_t dot = name->view().find('.');
  if (dot == std::string_view::npos) return 0;
  return searchNativeFiles(call, name->view(), name->view().substr(0, dot), true);
}

// ---- functions ----

int packageLoadLibrary(NativeCall& call) {
  String* path;
  String* name;
  if (!call.checkString(0, path) || !call.checkString(1, name)) return nativeFailed;
  Value function;
  Text error(call.vm);
  const auto status = loadNativeFunction(call.vm, path->text, name->text, function, error);
  if (status == NativeModuleStatus::Loaded) return call.returns(function);
  call.push(Value::nil());
  call.push(Value::string(newString(call.vm, error)));
  call.push(Value::string(newString(call.vm, status == NativeModuleStatus::CannotOpen ? "open" : "init")));
  return 3;
}

int packageSearchPath(NativeCall& call) {
  String* name;
  String* path;
  std::string_view separator;
  std::string_view replacement;
  if (!call.checkString(0, name) || !call.checkString(1, path) || !call.optionalString(2, ".", separator) ||
      !call.optionalString(3, "/", replacement)) {
    return nativeFailed;
  }
  Text tried(call.vm);
  const Text file = searchPath(call.vm, name->view(), path->view(), separator, replacement, tried);
  if (!file.empty()) return call.returnsString(file);
  const String* message = newString(call.vm, tried);
  return message == nullptr ? call.failMemory() : call.returns(Value::nil(), Value::string(message));
}

// Upvalue: the table `package`. On success the loader and its data are pushed.
bool findLoader(NativeCall& call, String* name) {
  const Value searchers = field(call.vm, call.upvalue(0), "searchers");
  if (!searchers.isTable()) {
    call.fail("'package.searchers' must be a table");
    return false;
  }
  Text tried(call.vm);
  for (int64_t i = 1;; ++i) {
    const Value searcher = tableGetInteger(searchers.table(), i);
    if (searcher.isNil()) {
      call.fail(formatText(call.vm, "module '{}' not found:{}", name->view(), tried));
      return false;
    }
    const Value arguments[] = {Value::string(name)};
    if (!call.call(searcher, arguments, 2)) return false;
    const Value found = call.vm.top[-2];
    if (found.isFunction()) return true;
    char buffer[maxNumberText];
    std::string_view text;
    if (textOf(found, buffer, text)) tried += formatText(call.vm, "\n\t{}", text);
    call.pop(2);
  }
}

// Upvalue: the table `package`.
int packageRequire(NativeCall& call) {
  String* name;
  if (!call.checkString(0, name)) return nativeFailed;
  Value module;
  const Value loaded = Value::table(loadedModules(call.vm));
  if (!call.index(loaded, Value::string(name), module)) return nativeFailed;
  if (!module.isFalsy()) return call.returns(module);
  if (!findLoader(call, name)) return nativeFailed;
  const Value loader = call.vm.top[-2];
  const Value data = call.vm.top[-1];
  const Value arguments[] = {Value::string(name), data};
  if (!call.call(loader, arguments, 1)) return nativeFailed;
  const Value result = call.vm.top[-1];
  if (!result.isNil() && !call.setIndex(loaded, Value::string(name), result)) return nativeFailed;
  if (!call.index(loaded, Value::string(name), module)) return nativeFailed;
  if (module.isNil()) {
    module = Value::boolean(true);
    if (!call.setIndex(loaded, Value::string(name), module)) return nativeFailed;
  }
  return call.returns(module, call.pushed(1));
}

constexpr NativeCode packageFunctions[] = {
    makeNative("searchpath", packageSearchPath),
    makeNative("loadlib", packageLoadLibrary),
};
constexpr NativeCode searchers[] = {
    makeNative("searchPreload", searchPreload),
    makeNative("searchLuaFiles", searchLuaFiles),
    makeNative("searchNative", searchNative),
    makeNative("searchNativeRoot", searchNativeRoot),
};
constexpr NativeCode requireCode = makeNative("require", packageRequire);

}  // namespace

Table* openPackageLibrary(VM& vm) {
  prepareNativeModules(vm);
  Table* library = newLibrary(vm, packageFunctions);
  const auto setText = [&](std::string_view name, std::string_view text) {
    setField(vm, library, name, Value::string(newString(vm, text)));
  };
  setText("path", configuredPath(vm, "LUA_PATH", LUA_PATH_DEFAULT));
  setText("cpath", configuredPath(vm, "LUA_CPATH", LUA_CPATH_DEFAULT));
  setText("config", configuration);
  setField(vm, library, "loaded", Value::table(loadedModules(vm)));
  // The host may have put something into it already.
  Value preload = field(vm, Value::table(vm.registry), LUA_PRELOAD_TABLE);
  if (!preload.isTable()) preload = Value::table(newTable(vm));
  setField(vm, vm.registry, LUA_PRELOAD_TABLE, preload);
  setField(vm, library, "preload", preload);
  preloadSelvageLibrary(vm, preload.table());
  Table* list = newTable(vm);
  setField(vm, library, "searchers", Value::table(list));
  int64_t position = 0;
  for (const NativeCode& code : searchers) {
    NativeFunction* function = newNativeFunction(vm, code, 1);
    function->upvalues[0] = Value::table(library);
    if (tableSetInteger(vm, list, ++position, Value::function(function)) != TableStatus::Ok) break;
  }
  registerWithUpvalue(vm, vm.globals, requireCode, Value::table(library));
  return library;
}

}  // namespace selvage
