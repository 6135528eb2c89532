// Making values (manual 4.6): numbers, strings, functions, threads, tables, userdata.
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "api/api.hpp"
#include "vm/number.hpp"
#include "vm/operations.hpp"

namespace selvage::api {

namespace {

// A code point in UTF-8, as far as six bytes go (manual 6.5: values up to 0x7FFFFFFF).
void appendUtf8(Text& text, uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  char bytes[6];
  size_t count = 0;
  uint32_t mostInFirst = 0x3F;  // what the first byte has room for
  do {
    bytes[count++] = static_cast<char>(0x80 | (code & 0x3F));
    code >>= 6;
    mostInFirst >>= 1;
  } while (code > mostInFirst);
  bytes[count++] = static_cast<char>((~mostInFirst << 1) | code);
  while (count > 0) text += bytes[--count];
}

void appendNumber(Text& text, Value number) {
  char buffer[maxNumberText];
  text += formatNumber(number, buffer);
}

// What lua_pushfstring understands. Anything else after a '%' in `unknown`.
Text formatMessage(VM& vm, const char* format, va_list arguments, char& unknown) {
  Text text(vm);
  unknown = '\0';
  while (const char* const percent = std::strchr(format, '%')) {
    text.append(format, percent);
    switch (percent[1]) {
      case 's': {
        const char* string = va_arg(arguments, const char*);
        text += string == nullptr ? "(null)" : string;
        break;
      }
      case 'c': text += static_cast<char>(va_arg(arguments, int)); break;
      case 'd': appendNumber(text, Value::integer(va_arg(arguments, int))); break;
      case 'I': appendNumber(text, Value::integer(va_arg(arguments, lua_Integer))); break;
      case 'f': appendNumber(text, Value::number(va_arg(arguments, lua_Number))); break;
      case 'p': {
        char buffer[32];
        std::snprintf(buffer, sizeof(buffer), "%p", va_arg(arguments, void*));
        text += buffer;
        break;
      }
      case 'U': appendUtf8(text, static_cast<uint32_t>(va_arg(arguments, unsigned long))); break;
      case '%': text += '%'; break;
      default: unknown = percent[1]; return text;
    }
    format = percent + 2;
  }
  return text.append(format);
}

struct ArgumentsCopy {
  explicit ArgumentsCopy(va_list original) { va_copy(list, original); }
  ~ArgumentsCopy() { va_end(list); }
  ArgumentsCopy(const ArgumentsCopy&) = delete;
  ArgumentsCopy& operator=(const ArgumentsCopy&) = delete;
  va_list list;
};

const char* pushString(const Stack& stack, const String* string) {
  stack.push(Value::string(string));
  collectWhenDue(stack.vm);
  return string->text;
}

const char* pushText(const Stack& stack, std::string_view text) {
  return pushString(stack, makeString(stack.vm, text));
}

// The one function without upvalues that has this C pointer.
NativeFunction* lightFunction(VM& vm, lua_CFunction pointer) {
  Table* const known = stateOfApi(vm).lightFunctions;
  const Value key = Value::pointer(reinterpret_cast<void*>(pointer));
  const Value existing = tableGet(known, key);
  if (existing.isFunction()) return static_cast<NativeFunction*>(existing.function());
  return allocating(vm, [&] {
    NativeFunction* const function = newCFunction(vm, pointer, 0);
    if (tableSet(vm, known, key, Value::function(function)) != TableStatus::Ok) throwOutOfMemory();
    return function;
  });
}

}  // namespace

extern "C" {

void lua_pushnil(lua_State* L) { Stack(L).push(Value::nil()); }
void lua_pushnumber(lua_State* L, lua_Number n) { Stack(L).push(Value::number(n)); }
void lua_pushinteger(lua_State* L, lua_Integer n) { Stack(L).push(Value::integer(n)); }
void lua_pushboolean(lua_State* L, int b) { Stack(L).push(Value::boolean(b != 0)); }
void lua_pushlightuserdata(lua_State* L, void* p) { Stack(L).push(Value::pointer(p)); }

int lua_pushthread(lua_State* L) {
  const Stack stack(L);
  stack.push(Value::thread(&stack.thread));
  return &stack.thread == stack.vm.mainThread ? 1 : 0;
}

const char* lua_pushlstring(lua_State* L, const char* s, size_t len) {
  return pushText(Stack(L), len == 0 ? std::string_view() : std::string_view(s, len));
}

const char* lua_pushstring(lua_State* L, const char* s) {
  const Stack stack(L);
  if (s != nullptr) return pushString(stack, nameString(stack.vm, s));
  stack.push(Value::nil());
  return nullptr;
}

const char* lua_pushvfstring(lua_State* L, const char* fmt, va_list argp) {
  const Stack stack(L);
  char unknown = '\0';
  String* const string = allocating(stack.vm, [&]() -> String* {
    ArgumentsCopy arguments(argp);  // each try reads them from the beginning
    const Text text = formatMessage(stack.vm, fmt, arguments.list, unknown);
    return unknown == '\0' ? newString(stack.vm, text) : nullptr;
  });
  if (string != nullptr) return pushString(stack, string);
  char message[] = "invalid option '%?' to 'lua_pushfstring'";
  *std::ranges::find(message, '?') = unknown;
  raiseMessage(stack.vm, message);
}

const char* lua_pushfstring(lua_State* L, const char* fmt, ...) {
  va_list arguments;
  va_start(arguments, fmt);
  const char* const text = lua_pushvfstring(L, fmt, arguments);
  va_end(arguments);
  return text;
}

void lua_pushcclosure(lua_State* L, lua_CFunction fn, int n) {
  const Stack stack(L);
  if (n == 0) {
    stack.push(Value::function(lightFunction(stack.vm, fn)));
    return;
  }
  NativeFunction* const function =
      allocating(stack.vm, [&] { return newCFunction(stack.vm, fn, static_cast<uint32_t>(n)); });
  stack.top() -= n;
  for (int i = 0; i < n; ++i) upvaluesOf(*function)[static_cast<size_t>(i)] = stack.top()[i];
  stack.push(Value::function(function));
  collectWhenDue(stack.vm);
}

void lua_createtable(lua_State* L, int narr, int nrec) {
  const Stack stack(L);
  const auto capacity = [](int count) { return static_cast<uint32_t>(count > 0 ? count : 0); };
  Table* const table = allocating(stack.vm, [&] { return newTable(stack.vm, capacity(narr), capacity(nrec)); });
  stack.push(Value::table(table));
  collectWhenDue(stack.vm);
}

void* lua_newuserdatauv(lua_State* L, size_t sz, int nuvalue) {
  const Stack stack(L);
  Userdata* const userdata =
      allocating(stack.vm, [&] { return newUserdata(stack.vm, sz, static_cast<uint32_t>(nuvalue)); });
  stack.push(Value::userdata(userdata));
  collectWhenDue(stack.vm);
  return userdata->memory();
}

lua_State* lua_newthread(lua_State* L) {
  const Stack stack(L);
  Thread* const thread = allocating(stack.vm, [&] {
    Thread* const made = newThread(stack.vm);
    if (made == nullptr) throwOutOfMemory();
    return made;
  });
  stack.push(Value::thread(thread));
  collectWhenDue(stack.vm);
  return selvage::stateOf(*thread);
}

void lua_concat(lua_State* L, int n) {
  if (n == 0) {
    const Stack stack(L);
    stack.push(Value::string(stack.vm.emptyString));
    return;
  }
  perform(L, [n](const Stack& stack) {
    for (int left = n; left > 1;) {
      // As many strings and numbers from the top on as there are become one; what is neither has its metamethod called.
      Text text(stack.vm);
      int taken = 0;
      size_t bytes = 0;
      char buffer[maxNumberText];
      std::string_view piece;
      while (taken < left && textOf(stack.top()[-1 - taken], buffer, piece)) {
        bytes += piece.size();
        ++taken;
      }
      Value result;
      if (taken < 2) {
        taken = 2;
        if (!concatValues(stack.vm, stack.top()[-2], stack.top()[-1], result)) return false;
      } else {
        text.reserve(bytes);
        for (int i = taken; i > 0; --i) {
          textOf(stack.top()[-i], buffer, piece);
          text += piece;
        }
        const String* const string = newString(stack.vm, text);
        if (string == nullptr) return failMemory(stack.vm);
        result = Value::string(string);
      }
      stack.top() -= taken - 1;
      stack.top()[-1] = result;
      left -= taken - 1;
    }
    collectWhenDue(stack.vm);
    return true;
  });
}

}  // extern "C"

}  // namespace selvage::api
