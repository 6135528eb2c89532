// Errors and indices of the C API; see the header.
#include "api/api.hpp"

#include <cstdio>
#include <cstdlib>

#include "vm/heap_impl.hpp"
#include "vm/operations.hpp"

namespace selvage::api {

namespace {

const char stateKey = 0;  // its address is the key in the registry

// An error that nobody is there to catch (lua_atpanic). A C++ exception goes on as one.
[[noreturn]] void panic(VM& vm) {
  const Value error = vm.error;
  vm.errorIsHandled = false;
  setStackLimit(vm, stackLimitOf(*vm.current));
  if (vm.keptException != nullptr && rawEqual(error, vm.keptError)) std::rethrow_exception(vm.keptException);
  *vm.top++ = error;
  const auto* const state = static_cast<const State*>(vm.apiData);
  if (state != nullptr && state->panic != nullptr) state->panic(selvage::stateOf(*vm.current));
  std::abort();
}

}  // namespace

State* makeState(VM& vm) try {
  Userdata* const userdata = newUserdata(vm, sizeof(State), 2);
  Table* const functions = newTable(vm);
  Table* const standIns = newTable(vm);
  if (userdata == nullptr || functions == nullptr || standIns == nullptr ||
      tableSet(vm, vm.registry, Value::pointer(&stateKey), Value::userdata(userdata)) != TableStatus::Ok) {
    return nullptr;
  }
  userdata->userValues[0] = Value::table(functions);
  userdata->userValues[1] = Value::table(standIns);
  auto* const state = new (userdata->memory()) State();
  state->lightFunctions = functions;
  state->standIns = standIns;
  vm.apiData = state;
  return state;
} catch (const std::bad_alloc&) {
  return nullptr;
}

State& stateOfApi(VM& vm) {
  if (vm.apiData == nullptr && makeState(vm) == nullptr) raiseMemory(vm);
  return *static_cast<State*>(vm.apiData);
}

void raise(VM& vm) {
  if (vm.boundary == nullptr) panic(vm);
  leaveC(vm, nullptr);
  std::abort();  // without an epilogue to return by, leaveC does not return
}

int raiseFrom(VM& vm, void* frame) {
  if (vm.boundary == nullptr) panic(vm);
  return leaveC(vm, frame);
}

void raiseMemory(VM& vm) {
  failMemory(vm);
  raise(vm);
}

void raiseMessage(VM& vm, std::string_view message) {
  failWithPosition(vm, message);
  raise(vm);
}

Value& upvalueOfFrame(const Value* base, int number) {
  const Value& function = base[-2];
  if (function.isFunction() && isCFunction(*function.function())) {
    const std::span<Value> upvalues = upvaluesOf(*static_cast<NativeFunction*>(function.function()));
    if (static_cast<size_t>(number) <= upvalues.size()) return upvalues[static_cast<size_t>(number - 1)];
  }
  return const_cast<Value&>(none);
}

String* makeString(VM& vm, std::string_view text) {
  return allocating(vm, [&] { return newString(vm, text); });
}

String* nameString(VM& vm, const char* text) {
  FieldNames& names = stateOfApi(vm).names;
  if (const FieldName* const known = names.find(vm, text); known != nullptr) [[likely]]
    return known->string;
  String* const string = makeString(vm, text);
  names.remember(vm, text, string);
  return string;
}

Value findNamedField(VM& vm, Table* table, const char* name, String*& key) {
  key = nameString(vm, name);
  if (table->shape->isDictionary() || !key->isShort()) return tableGetString(table, key);
  const int32_t field = findField(table->shape, key);
  if (field < 0) return Value::nil();
  FieldName* const remembered = rememberedName(vm, name);
  if (remembered != nullptr) {
    remembered->shape = table->shape;
    remembered->field = field;
  }
  return SplitStorage::get(table->fields, field);
}

}  // namespace selvage::api
