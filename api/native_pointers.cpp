// C pointers of native functions; see the header.
#include "api/native_pointers.hpp"

#include "vm/operations.hpp"

namespace selvage::api {

// The pieces of code: number i loads i and goes to selvage_callStandIn. 16 bytes each.
constexpr int64_t standInCount = 512;
constexpr size_t standInBytes = 16;
extern "C" const char selvage_standIns[];

asm(R"(
        .pushsection .text.selvage_standIns,"ax",@progbits
        .p2align 4
        .globl  selvage_standIns
        .hidden selvage_standIns
        .type   selvage_standIns,@function
selvage_standIns:
        .set    index, 0
        .rept   512
        .p2align 4
        movl    $index, %esi
        jmp     selvage_callStandIn
        .set    index, index + 1
        .endr
        .size   selvage_standIns, .-selvage_standIns
        .popsection
)");

namespace {

lua_CFunction standIn(int64_t index) {
  return reinterpret_cast<lua_CFunction>(
      const_cast<char*>(selvage_standIns + static_cast<size_t>(index) * standInBytes));
}

}  // namespace

// The function that a piece of code stands for is called with all arguments.
extern "C" [[gnu::used, gnu::visibility("hidden")]] int selvage_callStandIn(lua_State* L, int index) {
  const Stack stack(L);
  const int count = stack.count();
  stack.push(tableGetInteger(stateOfApi(stack.vm).standIns, index + 1));
  lua_insert(L, 1);
  lua_call(L, count, LUA_MULTRET);
  return Stack(L).count();
}

lua_CFunction pointerOfNative(VM& vm, NativeFunction* function) {
  const State& state = stateOfApi(vm);
  // Its number, by its code.
  const Value key = Value::pointer(function->code);
  const Value known = tableGet(state.standIns, key);
  if (known.isInteger()) return standIn(known.integer());
  const int64_t index = tableLength(state.standIns);
  if (index == standInCount) return nullptr;
  const lua_CFunction pointer = standIn(index);
  const Value value = Value::function(function);
  // Pushed with lua_pushcfunction, the pointer gives the function itself.
  const Value pointerKey = Value::pointer(reinterpret_cast<void*>(pointer));
  // The last store is what makes the number known: what has failed before is done again.
  return allocating(vm, [&] {
    if (tableSet(vm, state.lightFunctions, pointerKey, value) != TableStatus::Ok ||
        tableSetInteger(vm, state.standIns, index + 1, value) != TableStatus::Ok ||
        tableSet(vm, state.standIns, key, Value::integer(index)) != TableStatus::Ok) {
      throwOutOfMemory();
    }
    return pointer;
  });
}

}  // namespace selvage::api
