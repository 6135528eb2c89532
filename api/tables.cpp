// Reading and writing tables and what else has fields (manual 4.6): with metamethods, without, metatables, user values.
#include "api/api.hpp"
#include "api/types.hpp"
#include "vm/operations.hpp"

namespace selvage::api {

namespace {

// ---- reading ----

// object[key], given what is there without metamethods (nil if it is no table).
Value resolve(lua_State* L, Value object, Value key, Value found) {
  const bool isAnswer = !found.isNil() || (object.isTable() && object.table()->metatable() == nullptr);
  if (!isAnswer) {
    perform(L, [&](const Stack& stack) { return indexValue(stack.vm, object, key, found); });
  }
  return found;
}

int pushField(lua_State* L, Value object, String* key) {
  const Value found = object.isTable() ? tableGetString(object.table(), key) : Value::nil();
  const Value result = resolve(L, object, Value::string(key), found);
  Stack(L).push(result);
  return typeNumber(result);
}

int pushValue(const Stack& stack, Value value) {
  stack.push(value);
  return typeNumber(value);
}

// ---- writing ----

template <class Store>
void store(VM& vm, Store rawStore) {
  const TableStatus status = allocating(vm, rawStore);
  if (status == TableStatus::Ok) [[likely]]
    return;
  failTableStatus(vm, status);
  raise(vm);
}

bool isPlain(Value object) { return object.isTable() && object.table()->metatable() == nullptr; }

// object[key] = the top value; pops it and `popped` - 1 more.
void assign(lua_State* L, Value object, Value key, int popped) {
  const Value value = Stack(L).top()[-1];
  perform(L, [&](const Stack& stack) { return setIndexValue(stack.vm, object, key, value); });
  Stack(L).top() -= popped;
}

void assignField(lua_State* L, Value object, String* key) {
  const Stack stack(L);
  if (isPlain(object)) {
    store(stack.vm, [&] { return tableSetString(stack.vm, object.table(), key, stack.top()[-1], false); });
    --stack.top();
  } else {
    assign(L, object, Value::string(key), 1);
  }
  collectWhenDue(stack.vm);
}

// Without metamethods.
void assignRaw(const Stack& stack, int idx, Value key, int popped) {
  store(stack.vm, [&] { return tableSet(stack.vm, stack.at(idx).table(), key, stack.top()[-1]); });
  stack.top() -= popped;
}

Value globals(VM& vm) { return tableGetInteger(vm.registry, LUA_RIDX_GLOBALS); }

}  // namespace

extern "C" {

int lua_getglobal(lua_State* L, const char* name) {
  VM& vm = Stack(L).vm;
  return pushField(L, globals(vm), nameString(vm, name));
}

int lua_gettable(lua_State* L, int idx) {
  const Stack stack(L);
  const Value object = stack.get(idx);
  const Value key = stack.top()[-1];
  const Value result = resolve(L, object, key, object.isTable() ? tableGet(object.table(), key) : Value::nil());
  stack.top()[-1] = result;
  return typeNumber(result);
}

int lua_getfield(lua_State* L, int idx, const char* k) {
  const Stack stack(L);
  return pushField(L, stack.at(idx), nameString(stack.vm, k));
}

int lua_geti(lua_State* L, int idx, lua_Integer n) {
  const Stack stack(L);
  const Value object = stack.get(idx);
  const Value found = object.isTable() ? tableGetInteger(object.table(), n) : Value::nil();
  const Value result = resolve(L, object, Value::integer(n), found);
  return pushValue(stack, result);
}

int lua_rawget(lua_State* L, int idx) {
  const Stack stack(L);
  Value& top = stack.top()[-1];
  top = tableGet(stack.at(idx).table(), top);
  return typeNumber(top);
}

int lua_rawgeti(lua_State* L, int idx, lua_Integer n) {
  const Stack stack(L);
  return pushValue(stack, tableGetInteger(stack.at(idx).table(), n));
}

int lua_rawgetp(lua_State* L, int idx, const void* p) {
  const Stack stack(L);
  return pushValue(stack, tableGet(stack.at(idx).table(), Value::pointer(p)));
}

void lua_setglobal(lua_State* L, const char* name) {
  VM& vm = Stack(L).vm;
  assignField(L, globals(vm), nameString(vm, name));
}

void lua_settable(lua_State* L, int idx) {
  const Stack stack(L);
  const Value object = stack.get(idx);
  if (isPlain(object)) assignRaw(stack, idx, stack.top()[-2], 2);
  else assign(L, object, stack.top()[-2], 2);
  collectWhenDue(stack.vm);
}

void lua_setfield(lua_State* L, int idx, const char* k) {
  const Stack stack(L);
  assignField(L, stack.at(idx), nameString(stack.vm, k));
}

void lua_seti(lua_State* L, int idx, lua_Integer n) {
  const Stack stack(L);
  const Value object = stack.get(idx);
  if (isPlain(object)) {
    store(stack.vm, [&] { return tableSetInteger(stack.vm, object.table(), n, stack.top()[-1]); });
    --stack.top();
  } else {
    assign(L, object, Value::integer(n), 1);
  }
  collectWhenDue(stack.vm);
}

void lua_rawset(lua_State* L, int idx) {
  const Stack stack(L);
  assignRaw(stack, idx, stack.top()[-2], 2);
}

void lua_rawseti(lua_State* L, int idx, lua_Integer n) {
  const Stack stack(L);
  store(stack.vm, [&] { return tableSetInteger(stack.vm, stack.at(idx).table(), n, stack.top()[-1]); });
  --stack.top();
}

void lua_rawsetp(lua_State* L, int idx, const void* p) { assignRaw(Stack(L), idx, Value::pointer(p), 1); }

int lua_next(lua_State* L, int idx) {
  const Stack stack(L);
  Table* const table = stack.at(idx).table();
  const int64_t position = tablePositionAfter(table, stack.pop());
  if (position < 0) raiseMessage(stack.vm, "invalid key to 'next'");
  Value key;
  Value value;
  if (tableAdvance(table, static_cast<uint32_t>(position), key, value) == 0) return 0;
  stack.push(key);
  stack.push(value);
  return 1;
}

int lua_getmetatable(lua_State* L, int objindex) {
  const Stack stack(L);
  Table* const metatable = metatableOf(stack.vm, stack.at(objindex));
  if (metatable == nullptr) return 0;
  stack.push(Value::table(metatable));
  return 1;
}

int lua_setmetatable(lua_State* L, int objindex) {
  const Stack stack(L);
  const Value object = stack.get(objindex);
  const Value metatable = stack.pop();
  store(stack.vm, [&] {
    if (object.isTable() && isReadOnly(object.table())) return TableStatus::ReadOnly;
    setMetatable(stack.vm, object, metatable.isTable() ? metatable.table() : nullptr);
    return TableStatus::Ok;
  });
  return 1;
}

int lua_getiuservalue(lua_State* L, int idx, int n) {
  const Stack stack(L);
  Userdata* const userdata = stack.at(idx).userdata();
  if (n < 1 || static_cast<uint32_t>(n) > userdata->aux) {
    stack.push(Value::nil());
    return LUA_TNONE;
  }
  return pushValue(stack, userdata->userValues[n - 1]);
}

int lua_setiuservalue(lua_State* L, int idx, int n) {
  const Stack stack(L);
  Userdata* const userdata = stack.at(idx).userdata();
  const Value value = stack.pop();
  if (n < 1 || static_cast<uint32_t>(n) > userdata->aux) return 0;
  userdata->userValues[n - 1] = value;
  writeBarrier(stack.vm, userdata, value);
  return 1;
}

}  // extern "C"

}  // namespace selvage::api
