// Functions and their variables for debugging; see the header.
#include "vm/debug_variables.hpp"

#include "vm/c_function.hpp"
#include "vm/chunk_name.hpp"

namespace selvage {

FunctionSource sourceOf(const Function& function) {
  if (!function.isLua()) return {nullptr, displayName(nativeSource), "C", -1, -1};
  const Proto& proto = *function.proto();
  const bool isMain = proto.lineDefined == 0;
  return {proto.source, displayName(proto.source->view()), isMain ? "main" : "Lua", proto.lineDefined,
          isMain ? 0 : int64_t{proto.lastLineDefined}};
}

bool addActiveLines(VM& vm, const Function& function, Table* lines) {
  // The entry of the function, its first instruction, is no place in the source.
  const std::span<const uint32_t> all = function.proto()->lines;
  for (size_t i = 1; i < all.size(); ++i) {
    if (tableSetInteger(vm, lines, all[i], Value::boolean(true)) != TableStatus::Ok) return false;
  }
  return true;
}

UpvaluePlace upvalueAt(VM& vm, Function& function, int64_t index) {
  if (index < 1 || static_cast<uint64_t>(index) > upvalueCount(function)) return {};
  const auto i = static_cast<size_t>(index - 1);
  if (function.isLua()) {
    Upvalue* const upvalue = static_cast<LuaFunction&>(function).upvalues[i];
    const String* const name = function.proto()->upvalues[i].name;
    return {upvalue->value, upvalue, name == nullptr ? newString(vm, "(no name)") : name};
  }
  auto& native = static_cast<NativeFunction&>(function);
  return {&upvaluesOf(native)[i], &native, vm.emptyString};
}

LocalPlace localAt(const Activation& activation, int64_t index) {
  Value* const base = activation.frame.base;
  if (activation.isLua) {
    const Proto& proto = activation.proto();
    if (index < 0) {
      // No extra arguments before the entry has been executed.
      const bool hasSuchArgument = proto.isVararg && activation.pc != 0 && -index <= activation.frame.extraArguments();
      return hasSuchArgument ? LocalPlace{activation.frame.varargs() - index - 1, "(vararg)"} : LocalPlace{};
    }
    int64_t number = 0;
    for (const LocalVariable& local : proto.locals) {
      const bool isActive = local.startPc <= activation.pc && activation.pc < local.endPc;
      if (isActive && ++number == index) return {base + local.slot, local.name->view()};
    }
  }
  if (index < 1 || index > activation.top - base) return {};
  return {base + index - 1, activation.isLua ? temporaryName : nativeTemporaryName};
}

const String* parameterName(const Function& function, int64_t index) {
  if (!function.isLua() || index < 1 || index > function.proto()->parameterCount) return nullptr;
  const std::span<const LocalVariable> locals = function.proto()->locals;
  // Stripped code has no names.
  return static_cast<size_t>(index) <= locals.size() ? locals[static_cast<size_t>(index - 1)].name : nullptr;
}

}  // namespace selvage
