// Reading values (manual 4.6): types, conversions, comparison.
#include <cstring>

#include "api/api.hpp"
#include "api/native_pointers.hpp"
#include "api/types.hpp"
#include "vm/operations.hpp"

namespace selvage::api {

namespace {

constexpr Event arithmeticEvents[] = {  // by LUA_OP number
    Event::Add,  Event::Sub, Event::Mul,  Event::Mod, Event::Pow, Event::Div, Event::IDiv,
    Event::BAnd, Event::BOr, Event::BXor, Event::Shl, Event::Shr, Event::Unm, Event::BNot};

bool compare(VM& vm, Value left, Value right, int operation, bool& result) {
  switch (operation) {
    case LUA_OPEQ: return equalValues(vm, left, right, result);
    case LUA_OPLT: return lessThan(vm, left, right, result);
    default: return lessEqual(vm, left, right, result);
  }
}

// Conversions of what is not of the wanted type yet, or stands at an index of the rarer kind.

[[gnu::noinline]] lua_Number convertToNumber(lua_State* L, int idx, int* isnum) {
  const std::optional<double> number = toNumber(Stack(L).at(idx));
  if (isnum != nullptr) *isnum = number ? 1 : 0;
  return number.value_or(0);
}

[[gnu::noinline]] lua_Integer convertToInteger(lua_State* L, int idx, int* isnum) {
  const std::optional<int64_t> integer = toInteger(Stack(L).at(idx));
  if (isnum != nullptr) *isnum = integer ? 1 : 0;
  return integer.value_or(0);
}

[[gnu::noinline]] const char* convertToText(lua_State* L, int idx, size_t* len) {
  const Stack stack(L);
  Value* value = &stack.at(idx);
  if (!value->isString()) {
    if (!value->isNumber()) {
      if (len != nullptr) *len = 0;
      return nullptr;
    }
    char buffer[maxNumberText];
    const String* const text = makeString(stack.vm, formatNumber(*value, buffer));
    value = &stack.at(idx);  // the making may have moved the stack
    *value = Value::string(text);
    if (idx < LUA_REGISTRYINDEX) writeBarrier(stack.vm, stack.base()[-2].object(), *value);
    collectWhenDue(stack.vm);
    value = &stack.at(idx);
  }
  const String* const string = value->string();
  if (len != nullptr) *len = string->length;
  return string->text;
}

}  // namespace

extern "C" {

int lua_type(lua_State* L, int idx) {
  const Value& value = Stack(L).at(idx);
  return &value == &none ? LUA_TNONE : typeNumber(value);
}

const char* lua_typename(lua_State*, int tp) {
  static constexpr const char* names[] = {"no value", "nil",   "boolean",  "userdata", "number",
                                          "string",   "table", "function", "userdata", "thread"};
  return names[tp + 1];
}

int lua_isnumber(lua_State* L, int idx) {
  const Value& value = Stack(L).at(idx);
  return value.isNumber() || (value.isString() && toNumber(value)) ? 1 : 0;
}

int lua_isstring(lua_State* L, int idx) {
  const Value& value = Stack(L).at(idx);
  return value.isString() || value.isNumber() ? 1 : 0;
}

int lua_iscfunction(lua_State* L, int idx) {
  const Value& value = Stack(L).at(idx);
  return value.isFunction() && !value.function()->isLua() ? 1 : 0;
}

int lua_isinteger(lua_State* L, int idx) { return Stack(L).at(idx).isInteger() ? 1 : 0; }

int lua_isuserdata(lua_State* L, int idx) {
  const Value& value = Stack(L).at(idx);
  return value.isUserdata() || value.tag == Tag::LightUserdata ? 1 : 0;
}

lua_Number lua_tonumberx(lua_State* L, int idx, int* isnum) {
  const Value* const value = Stack(L).slotAt(idx);
  if (value == nullptr || !value->isNumber()) [[unlikely]]
    return convertToNumber(L, idx, isnum);
  if (isnum != nullptr) *isnum = 1;
  return value->isFloat() ? value->number() : static_cast<lua_Number>(value->integer());
}

lua_Integer lua_tointegerx(lua_State* L, int idx, int* isnum) {
  const Value* const value = Stack(L).slotAt(idx);
  if (value == nullptr || !value->isInteger()) [[unlikely]]
    return convertToInteger(L, idx, isnum);
  if (isnum != nullptr) *isnum = 1;
  return value->integer();
}

int lua_toboolean(lua_State* L, int idx) { return Stack(L).at(idx).isFalsy() ? 0 : 1; }

const char* lua_tolstring(lua_State* L, int idx, size_t* len) {
  const Value* const value = Stack(L).slotAt(idx);
  if (value == nullptr || !value->isString()) [[unlikely]]
    return convertToText(L, idx, len);
  const String* const string = value->string();
  if (len != nullptr) *len = string->length;
  return string->text;
}

lua_Unsigned lua_rawlen(lua_State* L, int idx) {
  const Value& value = Stack(L).at(idx);
  if (value.isString()) return value.string()->length;
  if (value.isUserdata()) return value.userdata()->bytes;
  return value.isTable() ? static_cast<lua_Unsigned>(tableLength(value.table())) : 0;
}

lua_CFunction lua_tocfunction(lua_State* L, int idx) {
  const Stack stack(L);
  const Value& value = stack.at(idx);
  if (!value.isFunction() || value.function()->isLua()) return nullptr;
  auto* const function = static_cast<NativeFunction*>(value.function());
  return isCFunction(*function) ? pointerOf(*function) : pointerOfNative(stack.vm, function);
}

void* lua_touserdata(lua_State* L, int idx) {
  const Value& value = Stack(L).at(idx);
  if (value.isUserdata()) [[likely]]
    return value.userdata()->memory();
  return value.tag == Tag::LightUserdata ? value.as<void>() : nullptr;
}

lua_State* lua_tothread(lua_State* L, int idx) {
  const Value& value = Stack(L).at(idx);
  return value.isThread() ? selvage::stateOf(*value.thread()) : nullptr;
}

const void* lua_topointer(lua_State* L, int idx) {
  const Value& value = Stack(L).at(idx);
  if (value.isUserdata() || value.tag == Tag::LightUserdata) return lua_touserdata(L, idx);
  if (value.isThread()) return selvage::stateOf(*value.thread());
  return value.isCollectable() ? value.object() : nullptr;
}

int lua_rawequal(lua_State* L, int idx1, int idx2) {
  const Stack stack(L);
  if (stack.isNone(idx1) || stack.isNone(idx2)) return 0;
  return rawEqual(stack.at(idx1), stack.at(idx2)) ? 1 : 0;
}

int lua_compare(lua_State* L, int idx1, int idx2, int op) {
  const Stack stack(L);
  if (stack.isNone(idx1) || stack.isNone(idx2)) return 0;
  bool result = false;
  perform(L, [&](const Stack& running) { return compare(running.vm, running.at(idx1), running.at(idx2), op, result); });
  return result ? 1 : 0;
}

void lua_arith(lua_State* L, int op) {
  const bool isUnary = op == LUA_OPUNM || op == LUA_OPBNOT;
  perform(L, [&](const Stack& stack) {
    Value result;
    const Value right = stack.top()[-1];
    const Value left = isUnary ? right : stack.top()[-2];
    if (!arithmetic(stack.vm, arithmeticEvents[op], left, right, result)) return false;
    if (!isUnary) --stack.top();
    stack.top()[-1] = result;
    return true;
  });
}

void lua_len(lua_State* L, int idx) {
  perform(L, [idx](const Stack& stack) {
    Value result;
    if (!lengthOf(stack.vm, stack.at(idx), result)) return false;
    stack.push(result);
    return true;
  });
}

size_t lua_stringtonumber(lua_State* L, const char* s) {
  const std::string_view text = s;
  const std::optional<Value> number = parseNumber(text);
  if (!number) return 0;
  Stack(L).push(*number);
  return text.size() + 1;
}

}  // extern "C"

}  // namespace selvage::api
