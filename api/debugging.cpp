// The debug interface (manual 4.7): what is active, variables, hooks.
#include <cstring>

#include "api/api.hpp"
#include "stencils/machine_entry.hpp"
#include "vm/debug_variables.hpp"
#include "vm/hook.hpp"
#include "vm/traceback.hpp"

namespace selvage::api {

namespace {

// lua_Debug::i_ci tells an activation by the slot of its frame's base: it stays when the stack moves.
CallInfo* handleOf(const Thread& thread, const Value* base) {
  return reinterpret_cast<CallInfo*>(static_cast<uintptr_t>(base - thread.stack));
}

std::optional<Activation> activationOf(const Stack& stack, const lua_Debug& ar, int& level) {
  const auto slot = reinterpret_cast<uintptr_t>(ar.i_ci);
  return activationWithBase(stack.vm, &stack.thread, stack.thread.stack + slot, level);
}

// ---- lua_getinfo ----

const char* keep(VM& vm, std::string_view text) { return makeString(vm, text)->text; }

void setSource(const Function& function, lua_Debug& ar) {
  const FunctionSource source = sourceOf(function);
  ar.source = source.chunkName == nullptr ? nativeSource.data() : source.chunkName->text;
  ar.srclen = source.chunkName == nullptr ? nativeSource.size() : source.chunkName->length;
  ar.what = source.what;
  ar.linedefined = static_cast<int>(source.lineDefined);
  ar.lastlinedefined = static_cast<int>(source.lastLineDefined);
  const size_t shown = std::min<size_t>(source.displayName.view().size(), LUA_IDSIZE - 1);
  std::memcpy(ar.short_src, source.displayName.view().data(), shown);
  ar.short_src[shown] = '\0';
}

void setParameters(const Function& function, lua_Debug& ar) {
  const bool isLua = function.isLua();
  ar.nups = static_cast<unsigned char>(upvalueCount(function));
  ar.nparams = isLua ? function.proto()->parameterCount : 0;
  ar.isvararg = !isLua || function.proto()->isVararg ? 1 : 0;
}

void setName(const Stack& stack, bool isActive, int level, lua_Debug& ar) {
  const VariableName name = isActive ? nameOfActivation(stack.vm, &stack.thread, level) : VariableName{};
  ar.namewhat = name.kind == nullptr ? "" : name.kind;
  // The name is a constant or a variable's name of the calling function, which keeps the string alive.
  ar.name = name.kind == nullptr ? nullptr : keep(stack.vm, name.name);
}

void pushActiveLines(const Stack& stack, const Function& function) {
  if (!function.isLua()) {
    stack.push(Value::nil());
    return;
  }
  Table* const lines = allocating(stack.vm, [&] {
    Table* const made = newTable(stack.vm);
    if (!addActiveLines(stack.vm, function, made)) throwOutOfMemory();
    return made;
  });
  stack.push(Value::table(lines));
}

// ---- hooks ----

// What the machine calls for a hook that was set from C.
bool callHook(VM& vm, HookEvent event, uint32_t line) {
  Thread& thread = *vm.current;
  lua_Debug ar{};
  ar.event = static_cast<int>(event);  // the numbers are those of LUA_HOOKCALL and so on
  ar.currentline = line == 0 ? -1 : static_cast<int>(line);
  ar.i_ci = handleOf(thread, vm.base);
  const auto hook = reinterpret_cast<lua_Hook>(thread.hook.data);
  const SavedMachine saved(vm);
  const bool succeeded = protectC(vm, [&] { hook(selvage::stateOf(thread), &ar); });
  saved.restore(vm);
  return succeeded;
}

static_assert(static_cast<int>(HookEvent::Call) == LUA_HOOKCALL && static_cast<int>(HookEvent::Return) == LUA_HOOKRET &&
              static_cast<int>(HookEvent::Line) == LUA_HOOKLINE &&
              static_cast<int>(HookEvent::Count) == LUA_HOOKCOUNT &&
              static_cast<int>(HookEvent::TailCall) == LUA_HOOKTAILCALL);
static_assert(hookAtCall == LUA_MASKCALL && hookAtReturn == LUA_MASKRET && hookAtLine == LUA_MASKLINE &&
              hookAtCount == LUA_MASKCOUNT);

UpvaluePlace upvalueOf(const Stack& stack, int index, int number) {
  if (!stack.at(index).isFunction()) return {};
  return allocating(stack.vm, [&] { return upvalueAt(stack.vm, *stack.at(index).function(), number); });
}

}  // namespace

extern "C" {

int lua_getstack(lua_State* L, int level, lua_Debug* ar) {
  const Stack stack(L);
  const std::optional<Activation> activation = activationAt(stack.vm, &stack.thread, level);
  if (!activation) return 0;
  ar->i_ci = handleOf(stack.thread, activation->frame.base);
  return 1;
}

int lua_getinfo(lua_State* L, const char* what, lua_Debug* ar) {
  const Stack stack(L);
  std::optional<Activation> activation;
  int level = 0;
  Value function = Value::nil();
  const bool isGiven = *what == '>';
  if (isGiven) {
    ++what;
    function = stack.top()[-1];  // which stays there, as names are made, for the collector
  } else {
    activation = activationOf(stack, *ar, level);
    if (activation) function = activation->frame.function();
  }
  if (!function.isFunction()) {
    if (isGiven) --stack.top();
    return 0;
  }
  const Function& object = *function.function();
  int isKnown = 1;
  for (const char* option = what; *option != '\0'; ++option) {
    switch (*option) {
      case 'S': setSource(object, *ar); break;
      case 'l':
        ar->currentline = activation && activation->line() != 0 ? static_cast<int>(activation->line()) : -1;
        break;
      case 'u': setParameters(object, *ar); break;
      case 't': ar->istailcall = activation && activation->frame.isTailCalled() ? 1 : 0; break;
      case 'n': setName(stack, activation.has_value(), level, *ar); break;
      case 'r': {
        const Hook& hook = stack.thread.hook;
        const bool isTransferring = activation && (activation->isHooked || (level == 0 && hook.isRunning));
        ar->ftransfer = static_cast<unsigned short>(isTransferring ? hook.firstTransferred : 0);
        ar->ntransfer = static_cast<unsigned short>(isTransferring ? hook.transferredCount : 0);
        break;
      }
      case 'f':
      case 'L': break;
      default: isKnown = 0; break;
    }
  }
  if (!isGiven) stack.push(function);
  const bool hasLines = std::strchr(what, 'L') != nullptr;
  if (hasLines) pushActiveLines(stack, object);
  if (std::strchr(what, 'f') == nullptr) {
    if (hasLines) stack.top()[-2] = stack.top()[-1];
    --stack.top();
  }
  return isKnown;
}

const char* lua_getlocal(lua_State* L, const lua_Debug* ar, int n) {
  const Stack stack(L);
  if (ar == nullptr) {
    const Value& function = stack.top()[-1];
    const String* const name = function.isFunction() ? parameterName(*function.function(), n) : nullptr;
    return name == nullptr ? nullptr : name->text;
  }
  int level;
  const std::optional<Activation> activation = activationOf(stack, *ar, level);
  const LocalPlace place = activation ? localAt(*activation, n) : LocalPlace{};
  if (place.value == nullptr) return nullptr;
  stack.push(place.get());
  return place.name.data();
}

const char* lua_setlocal(lua_State* L, const lua_Debug* ar, int n) {
  const Stack stack(L);
  int level;
  const std::optional<Activation> activation = activationOf(stack, *ar, level);
  const LocalPlace place = activation ? localAt(*activation, n) : LocalPlace{};
  if (place.value == nullptr) return nullptr;
  *place.value = stack.pop();
  return place.name.data();
}

const char* lua_getupvalue(lua_State* L, int funcindex, int n) {
  const Stack stack(L);
  const UpvaluePlace place = upvalueOf(stack, funcindex, n);
  if (place.value == nullptr) return nullptr;
  stack.push(*place.value);
  return place.name->text;
}

const char* lua_setupvalue(lua_State* L, int funcindex, int n) {
  const Stack stack(L);
  const UpvaluePlace place = upvalueOf(stack, funcindex, n);
  if (place.value == nullptr) return nullptr;
  *place.value = stack.pop();
  writeBarrier(stack.vm, place.owner, *place.value);
  return place.name->text;
}

void* lua_upvalueid(lua_State* L, int funcindex, int n) {
  const Stack stack(L);
  const UpvaluePlace place = upvalueOf(stack, funcindex, n);
  if (place.value == nullptr) return nullptr;
  return stack.at(funcindex).function()->isLua() ? static_cast<void*>(place.owner) : place.value;
}

void lua_upvaluejoin(lua_State* L, int funcindex1, int n1, int funcindex2, int n2) {
  const Stack stack(L);
  const UpvaluePlace from = upvalueOf(stack, funcindex2, n2);
  Function* const target = stack.at(funcindex1).function();
  if (from.value == nullptr || n1 < 1 || static_cast<size_t>(n1) > upvalueCount(*target)) return;
  static_cast<LuaFunction*>(target)->upvalues[n1 - 1] = static_cast<Upvalue*>(from.owner);
  writeBarrier(stack.vm, target);
}

void lua_sethook(lua_State* L, lua_Hook f, int mask, int count) {
  Thread& thread = threadOf(L);
  Hook hook;
  if (f != nullptr && mask != 0) {
    hook.function = callHook;
    hook.data = reinterpret_cast<void*>(f);
    hook.mask = static_cast<uint32_t>(mask) & anyHook;
    hook.interval = static_cast<uint32_t>(count);
  }
  // This may be a signal handler, or a thread that is not the VM's.
  requestHook(thread, hook);
}

lua_Hook lua_gethook(lua_State* L) {
  const Hook hook = latestHookOf(threadOf(L));
  return hook.mask == 0 ? nullptr : reinterpret_cast<lua_Hook>(hook.data);
}

int lua_gethookmask(lua_State* L) { return static_cast<int>(latestHookOf(threadOf(L)).mask); }
int lua_gethookcount(lua_State* L) { return static_cast<int>(latestHookOf(threadOf(L)).interval); }

}  // extern "C"

}  // namespace selvage::api
