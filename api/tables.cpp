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

int pushValue(const Stack& stack, Value value) {
  stack.push(value);
  return typeNumber(value);
}

[[gnu::noinline]] int pushFieldSlowly(lua_State* L, Value object, const char* name) {
  VM& vm = Stack(L).vm;
  String* key;
  Value found = Value::nil();
  if (object.isTable()) found = findNamedField(vm, object.table(), name, key);
  else key = nameString(vm, name);
  const Value result = resolve(L, object, Value::string(key), found);
  return pushValue(Stack(L), result);
}

[[gnu::always_inline]] inline int pushField(const Stack& stack, lua_State* L, const Value& object, const char* name) {
  if (object.isTable()) [[likely]] {
    const Value found = rememberedField(stack.vm, object.table(), name);
    if (!found.isNil()) [[likely]]
      return pushValue(stack, found);
  }
  return pushFieldSlowly(L, object, name);
}

// At an index of any kind.
[[gnu::noinline]] int pushFieldAt(lua_State* L, int index, const char* name) {
  const Stack stack(L);
  return pushField(stack, L, stack.at(index), name);
}

// An element of the array part, or nil.
Value elementOf(const Table* table, lua_Integer index) {
  const uint64_t place = static_cast<uint64_t>(index) - 1;
  return place < table->arrayCount ? SplitStorage::get(table->array, static_cast<int64_t>(place)) : Value::nil();
}

// ---- writing ----

template <class Store>
void store(VM& vm, Store rawStore) {
  const TableStatus status = allocating(vm, [&] {
    const TableStatus outcome = rawStore();
    if (outcome == TableStatus::OutOfMemory) throwOutOfMemory();
    return outcome;
  });
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

// Whether that was all that there is to do: the field was where it was in the table that was asked last, or was added
// as it was last. What it means to give a field that is there another value is the same with and without metamethods,
// unless its name says that the table may be a metatable.
bool storeRemembered(const FieldName& name, Table* table, const Value& value) {
  if (table->barrier != 0 || (name.string->flags & stringIsEventLike) != 0) return false;
  int64_t field = name.field;
  if (!name.isFieldOf(table)) {
    if (table->shape != name.shapeBefore || value.isNil() || (table->flags & tableIsWatched) != 0) return false;
    field = int64_t{name.shapeAfter->fieldCount()} - 1;
    if (field >= table->fieldCapacity) return false;
    table->shape = name.shapeAfter;
  } else if (SplitStorage::tag(table->fields, field) == Tag::Nil) {
    return false;
  }
  SplitStorage::set(table->fields, field, value);
  return true;
}

// A store of the top value, without metamethods, to a table without metatable.
void storeNamed(const Stack& stack, Table* table, const char* name, String* key) {
  Shape* const before = table->shape;
  const Value value = stack.top()[-1];
  // A collection between two tries leaves only what is on the stack.
  stack.push(Value::string(key));
  store(stack.vm, [&] { return tableSetString(stack.vm, table, key, value, false); });
  --stack.top();
  Shape* const after = table->shape;
  FieldName* const remembered = rememberedName(stack.vm, name);
  if (remembered == nullptr || after->isDictionary() || after->fieldCount() != before->fieldCount() + 1) return;
  remembered->shapeBefore = before;
  remembered->shapeAfter = after;
}

[[gnu::noinline]] void assignFieldSlowly(lua_State* L, Value object, const char* name) {
  const Stack stack(L);
  String* key;
  if (object.isTable()) findNamedField(stack.vm, object.table(), name, key);
  else key = nameString(stack.vm, name);
  if (isPlain(object)) {
    storeNamed(stack, object.table(), name, key);
    --stack.top();
  } else {
    assign(L, object, Value::string(key), 1);
  }
  collectWhenDue(stack.vm);
}

[[gnu::always_inline]] inline void assignField(const Stack& stack, lua_State* L, const Value& object,
                                               const char* name) {
  if (object.isTable()) [[likely]] {
    const FieldName* const known = rememberedName(stack.vm, name);
    if (known != nullptr && storeRemembered(*known, object.table(), stack.top()[-1])) [[likely]] {
      --stack.top();
      return;
    }
  }
  assignFieldSlowly(L, object, name);
}

[[gnu::noinline]] void assignFieldAt(lua_State* L, int index, const char* name) {
  const Stack stack(L);
  assignField(stack, L, stack.at(index), name);
}

// Whether it was only the replacing of an element, or the appending of one where there is room.
bool storeElement(Table* table, lua_Integer index, const Value& value) {
  const uint64_t place = static_cast<uint64_t>(index) - 1;
  if (table->barrier != 0 || value.isNil()) return false;
  if (place >= table->arrayCount) {
    if (place != table->arrayCount || place >= table->arrayCapacity || table->hash != nullptr) return false;
    ++table->arrayCount;
  }
  SplitStorage::set(table->array, static_cast<int64_t>(place), value);
  return true;
}

[[gnu::noinline]] void assignElementSlowly(const Stack& stack, Table* table, lua_Integer index) {
  store(stack.vm, [&] { return tableSetInteger(stack.vm, table, index, stack.top()[-1]); });
  --stack.top();
}

// Without metamethods.
void assignRaw(const Stack& stack, int idx, Value key, int popped) {
  store(stack.vm, [&] { return tableSet(stack.vm, stack.at(idx).table(), key, stack.top()[-1]); });
  stack.top() -= popped;
}

Value globals(VM& vm) { return elementOf(vm.registry, LUA_RIDX_GLOBALS); }

}  // namespace

extern "C" {

int lua_getglobal(lua_State* L, const char* name) {
  const Stack stack(L);
  return pushField(stack, L, globals(stack.vm), name);
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
  const Value* const object = stack.slotAt(idx);
  return object != nullptr ? pushField(stack, L, *object, k) : pushFieldAt(L, idx, k);
}

int lua_geti(lua_State* L, int idx, lua_Integer n) {
  const Stack stack(L);
  const Value object = stack.get(idx);
  if (object.isTable()) [[likely]] {
    const Value element = elementOf(object.table(), n);
    if (!element.isNil()) [[likely]]
      return pushValue(stack, element);
  }
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
  Table* const table = stack.at(idx).table();
  const Value element = elementOf(table, n);
  return pushValue(stack, element.isNil() ? tableGetInteger(table, n) : element);
}

int lua_rawgetp(lua_State* L, int idx, const void* p) {
  const Stack stack(L);
  return pushValue(stack, tableGet(stack.at(idx).table(), Value::pointer(p)));
}

void lua_setglobal(lua_State* L, const char* name) {
  const Stack stack(L);
  assignField(stack, L, globals(stack.vm), name);
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
  const Value* const object = stack.slotAt(idx);
  object != nullptr ? assignField(stack, L, *object, k) : assignFieldAt(L, idx, k);
}

void lua_seti(lua_State* L, int idx, lua_Integer n) {
  const Stack stack(L);
  const Value object = stack.get(idx);
  if (isPlain(object)) {
    if (storeElement(object.table(), n, stack.top()[-1])) --stack.top();
    else assignElementSlowly(stack, object.table(), n);
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
  Table* const table = stack.at(idx).table();
  if (storeElement(table, n, stack.top()[-1])) [[likely]] {
    --stack.top();
    return;
  }
  assignElementSlowly(Stack(L), table, n);
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
  const Value metatable = stack.top()[-1];
  store(stack.vm, [&] {
    if (object.isTable() && isReadOnly(object.table())) return TableStatus::ReadOnly;
    setMetatable(stack.vm, object, metatable.isTable() ? metatable.table() : nullptr);
    return TableStatus::Ok;
  });
  --stack.top();
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
