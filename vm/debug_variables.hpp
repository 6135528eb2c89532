// What the debug library and the C API's debug interface (manual 4.7, 6.10) find out about functions: where they come
// from, their upvalues, the local variables of those that are active.
#pragma once

#include <cstdint>
#include <string_view>

#include "vm/chunk_name.hpp"
#include "vm/traceback.hpp"
#include "vm/vm.hpp"

namespace selvage {

constexpr std::string_view nativeSource = "=[C]";

struct FunctionSource {
  const String* chunkName;  // null: nativeSource
  DisplayName displayName;  // as messages show it
  const char* what;         // "Lua", "main" or "C"
  int64_t lineDefined;      // -1 if it is no Lua function
  int64_t lastLineDefined;
};
FunctionSource sourceOf(const Function& function);

// Sets lines[n] to true for each line n with code of a Lua function. False: memory ran out.
[[nodiscard]] bool addActiveLines(VM& vm, const Function& function, Table* lines);

// Upvalue `index` (from 1) of a function; `value` is null when there is none.
struct UpvaluePlace {
  Value* value = nullptr;
  Object* owner = nullptr;  // what holds it: an Upvalue, or the native function
  const String* name = nullptr;
};
UpvaluePlace upvalueAt(VM& vm, Function& function, int64_t index);

// What a slot that is no variable is called, of Lua and of native functions.
constexpr std::string_view temporaryName = "(temporary)";
constexpr std::string_view nativeTemporaryName = "(C temporary)";

// Local variable `index` (from 1; from -1 down: the extra arguments) of an active function; `value` is null when there
// is none.
struct LocalPlace {
  Value* value = nullptr;
  std::string_view name;
  // A slot that is no variable may hold what is no Lua value.
  Value get() const { return Frame::isHeader(*value) ? Value::nil() : *value; }
};
LocalPlace localAt(const Activation& activation, int64_t index);
// The name of parameter `index` of a function, or null.
const String* parameterName(const Function& function, int64_t index);

}  // namespace selvage
