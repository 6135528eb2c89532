// The forms that intrinsics come in (see intrinsics.hpp). Arguments are m.base[0] to m.base[m.x0 - 1]; results are to
// stand from m.base[-2] on, their number in x0, and then m.base[-1] as it was leads back to the caller.
#pragma once

#include "stencils/fast_path.hpp"
#include "vm/frame.hpp"
#include "vm/native.hpp"
#include "vm/table_hash.hpp"

namespace selvage {

extern "C" {
// After a native function with m.x0 results, which are the last values below vm.top, when a safepoint has something to
// do.
extern Handler selvage_nativeSafepoint;
}

// The function's common case: true with its only result, false to leave it to the native function.
using Intrinsic = bool(const Machine& m, Value& result);

template <Intrinsic& work, Handler& otherwise = selvage_callNative>
SELVAGE_HANDLER void intrinsicHandler(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  Value result;
  if (!work(m, result)) [[unlikely]]
    SELVAGE_GO(m, &otherwise);
  m.base[-2] = result;
  m.x0 = 1;
  SELVAGE_GO(m, m.base[-1].as<Handler>());
}

// A case that makes a new string with a C call; null leaves it, too, to the native function. It may not call Lua.
using StringMaker = String*(VM& vm, const Value* arguments, uint64_t count);

// Null also without memory, which the native function will report.
template <StringMaker& work>
inline const String* madeOrNull(const Machine& m) {
  try {
    return work(*m.vm, m.base, m.x0);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

template <StringMaker& work>
SELVAGE_HANDLER void stringHandler(SELVAGE_PARAMETERS) {
  Machine m{SELVAGE_ARGUMENTS};
  const String* string = madeOrNull<work>(m);
  forgetAllButCount(m);
  if (string == nullptr) [[unlikely]]
    SELVAGE_GO(m, &selvage_callNative);
  if (m.vm->safepoint.load(std::memory_order_relaxed) != 0) [[unlikely]] {
    m.base[m.x0] = Value::string(string);
    m.vm->top = m.base + m.x0 + 1;
    m.x0 = 1;
    SELVAGE_GO(m, &selvage_nativeSafepoint);
  }
  auto* const returnTo = m.base[-1].as<Handler>();
  m.base[-2] = Value::string(string);
  m.x0 = 1;
  SELVAGE_GO(m, returnTo);
}

#define SELVAGE_INTRINSIC(name, ...)                                             \
  extern "C" SELVAGE_HANDLER void name(SELVAGE_PARAMETERS) {                     \
    [[clang::musttail]] return intrinsicHandler<__VA_ARGS__>(SELVAGE_ARGUMENTS); \
  }

inline bool isStringAt(const Machine& m, uint64_t i) { return i < m.x0 && m.base[i].tag == Tag::String; }

// An optional integer argument: true unless it is something else, which the native function will see to.
inline bool optionalIntegerAt(const Machine& m, uint64_t i, int64_t& result) {
  if (i >= m.x0) return true;
  result = m.base[i].integer();
  return m.base[i].tag == Tag::Integer;
}

// Whether the table's elements 1..arrayCount are all that it has and subject to no metamethod.
inline bool isPlainArray(const Table* table) {
  return table->shape->metatable == nullptr && hasElementsInArrayOnly(table);
}

}  // namespace selvage
