// Running what the command line names; see the header.
#include "cli/script.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "cli/protected_call.hpp"
#include "stdlib/load_chunk.hpp"
#include "vm/bytecode_file.hpp"
#include "vm/native.hpp"

namespace selvage {

namespace {

bool report(bool succeeded, std::string_view message) {
  if (!succeeded) reportError(message);
  return succeeded;
}

Value global(VM& vm, std::string_view name) { return tableGetString(vm.globals, newString(vm, name)); }

// Forgets the results.
bool call(VM& vm, const LuaFunction* function, std::span<const Value> arguments) {
  uint32_t count;
  Text message(vm);
  if (!callProtected(vm, Value::function(function), arguments, count, message)) return report(false, message);
  vm.top -= count;
  return true;
}

// "name" or "global=name". What follows a '-' in a name alone tells versions of a module apart and is not in the
// global's.
bool requireLibrary(VM& vm, std::string_view text) {
  const size_t equals = text.find('=');
  const std::string_view globalName = text.substr(0, equals == std::string_view::npos ? text.find('-') : equals);
  const std::string_view moduleName = equals == std::string_view::npos ? text : text.substr(equals + 1);
  const Value arguments[] = {Value::string(newString(vm, moduleName))};
  uint32_t count;
  Text message(vm);
  if (!callProtected(vm, global(vm, "require"), arguments, count, message)) return report(false, message);
  setField(vm, vm.globals, globalName, count == 0 ? Value::nil() : vm.top[-static_cast<int64_t>(count)]);
  vm.top -= count;
  return true;
}

// A file's name with another ending instead of the one it may have.
std::string withEnding(std::string_view name, std::string_view ending) {
  const size_t start = name.rfind('/') + 1;  // 0 if there is none
  const size_t dot = name.rfind('.');
  const bool hasEnding = dot != std::string_view::npos && dot > start;
  return std::string(name.substr(0, hasEnding ? dot : name.size())).append(ending);
}

}  // namespace

void createArgumentTable(VM& vm, std::span<char* const> arguments, int script) {
  Table* table = newTable(vm);
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Value text = Value::string(newString(vm, arguments[i]));
    if (tableSetInteger(vm, table, static_cast<int64_t>(i) - script, text) != TableStatus::Ok) return;
  }
  setField(vm, vm.globals, "arg", Value::table(table));
}

bool runInitialization(VM& vm) {
  std::string_view name = "LUA_INIT_5_4";
  const char* text = std::getenv("LUA_INIT_5_4");
  if (text == nullptr) {
    name = "LUA_INIT";
    text = std::getenv("LUA_INIT");
  }
  if (text == nullptr) return true;
  Text message(vm);
  if (text[0] == '@') {
    const LuaFunction* function = loadFile(vm, text + 1, "bt", std::nullopt, message);
    return function == nullptr ? report(false, message) : call(vm, function, {});
  }
  return report(runString(vm, text, "=" + std::string(name), message), message);
}

bool runActions(VM& vm, std::span<const Options::Action> actions) {
  for (const Options::Action& action : actions) {
    Text message(vm);
    switch (action.kind) {
      case Options::Action::Kind::Execute:
        if (!report(runString(vm, action.text, "=(command line)", message), message)) return false;
        break;
      case Options::Action::Kind::Require:
        if (!requireLibrary(vm, action.text)) return false;
        break;
      case Options::Action::Kind::TurnWarningsOn:
        if (vm.warn != nullptr) vm.warn(vm, "@on", false);
        break;
    }
  }
  return true;
}

bool runScript(VM& vm, std::optional<std::string_view> path) {
  Text message(vm);
  const LuaFunction* function = loadFile(vm, path, "bt", std::nullopt, message);
  if (function == nullptr) return report(false, message);
  const Value argumentTable = global(vm, "arg");
  if (!argumentTable.isTable()) return report(false, "'arg' is not a table");
  std::vector<Value> arguments;
  const int64_t argumentCount = tableLength(argumentTable.table());
  for (int64_t i = 1; i <= argumentCount; ++i) arguments.push_back(tableGetInteger(argumentTable.table(), i));
  return call(vm, function, arguments);
}

bool compileScript(VM& vm, const std::string& script, std::string output, bool strip) {
  Text message(vm);
  const LuaFunction* function = loadFile(vm, script, "bt", std::nullopt, message);
  if (function == nullptr) return report(false, message);
  Text bytes(vm);
  if (!dumpFunction(vm, *function->proto(), strip, bytes)) return report(false, "functions nested too deeply");
  if (output.empty()) output = withEnding(script, ".luac");
  FILE* file = std::fopen(output.c_str(), "wb");
  bool isWritten = file != nullptr && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  if (file != nullptr) isWritten = std::fclose(file) == 0 && isWritten;
  return report(isWritten, fmt::format("cannot write {}: {}", output, std::strerror(errno)));
}

}  // namespace selvage
