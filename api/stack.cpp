// The stack (manual 4.1 and 4.6): indices, moving values, room.
#include <algorithm>

#include "api/api.hpp"
#include "vm/debug_variables.hpp"
#include "vm/pending_variables.hpp"

namespace selvage::api {

namespace {

void reverse(Value* first, Value* last) {
  for (; first < last; ++first, --last) {
    const Value value = *first;
    *first = *last;
    *last = value;
  }
}

// Closes what is pending from the slot on.
void closeFrom(lua_State* state, const Value* slot) {
  const Thread& thread = threadOf(state);
  const auto offset = slot - thread.stack;
  if (thread.toBeClosed.empty() || thread.toBeClosed.back() < static_cast<uint32_t>(offset)) return;
  perform(state, [&](const Stack& stack) { return closePendingVariables(stack.vm, thread.stack + offset); });
}

[[gnu::noinline]] void setTopClosing(lua_State* L, int idx) {
  const Stack stack(L);
  while (stack.count() < idx) stack.push(Value::nil());
  const int count = idx >= 0 ? idx : stack.count() + idx + 1;
  closeFrom(L, stack.base() + count);
  stack.top() = stack.base() + count;
}

}  // namespace

extern "C" {

int lua_absindex(lua_State* L, int idx) {
  return idx > 0 || idx <= LUA_REGISTRYINDEX ? idx : Stack(L).count() + idx + 1;
}

int lua_gettop(lua_State* L) { return Stack(L).count(); }

void lua_settop(lua_State* L, int idx) {
  const Stack stack(L);
  if (!stack.thread.toBeClosed.empty()) [[unlikely]]
    return setTopClosing(L, idx);
  if (idx < 0) [[likely]] {
    stack.top() += idx + 1;
    return;
  }
  Value* const newTop = stack.base() + idx;
  while (stack.top() < newTop) stack.push(Value::nil());
  stack.top() = newTop;
}

void lua_closeslot(lua_State* L, int idx) {
  const Stack stack(L);
  Value* const slot = &stack.at(idx);
  const auto offset = slot - stack.thread.stack;
  closeFrom(L, slot);
  stack.thread.stack[offset] = Value::nil();
}

void lua_toclose(lua_State* L, int idx) {
  perform(L, [idx](const Stack& stack) {
    stack.vm.hasClosableInC = true;
    Value& variable = stack.at(idx);
    if (!isClosable(stack.vm, variable)) return failNotClosable(stack.vm, nativeTemporaryName);
    markPending(stack.vm, &variable);
    return true;
  });
}

void lua_pushvalue(lua_State* L, int idx) {
  const Stack stack(L);
  stack.push(stack.at(idx));
}

void lua_rotate(lua_State* L, int idx, int n) {
  const Stack stack(L);
  Value* const last = stack.top() - 1;
  Value* const first = &stack.at(idx);
  Value* const middle = n >= 0 ? last - n : first - n - 1;
  reverse(first, middle);
  reverse(middle + 1, last);
  reverse(first, last);
}

void lua_copy(lua_State* L, int fromidx, int toidx) {
  const Stack stack(L);
  Value& target = stack.at(toidx);
  target = stack.at(fromidx);
  if (toidx < LUA_REGISTRYINDEX) writeBarrier(stack.vm, stack.base()[-2].object(), target);
}

int lua_checkstack(lua_State* L, int n) {
  const Stack stack(L);
  if (n < 0) return 0;
  if (stack.isRunning() && stackLimit(stack.vm) - stack.top() >= n) return 1;
  try {
    const RunningThread running(stack.vm, stack.thread);
    return growStack(stack.vm, static_cast<uint32_t>(n)) ? 1 : 0;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

void lua_xmove(lua_State* from, lua_State* to, int n) {
  if (from == to) return;
  const Stack source(from);
  const Stack target(to);
  source.top() -= n;
  for (int i = 0; i < n; ++i) target.push(source.top()[i]);
}

}  // extern "C"

}  // namespace selvage::api
