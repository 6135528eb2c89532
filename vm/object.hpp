// The header that every heap object begins with.
#pragma once

#include <cstdint>

#include "vm/value.hpp"

namespace selvage {

// Kinds of heap objects. Those that a Value can refer to have their tag's number.
enum class ObjectKind : uint8_t {
  Free = 0,  // a cell of the heap that holds no object
  String = static_cast<uint8_t>(Tag::String),
  Table = static_cast<uint8_t>(Tag::Table),
  Function = static_cast<uint8_t>(Tag::Function),
  Userdata = static_cast<uint8_t>(Tag::Userdata),
  Thread = static_cast<uint8_t>(Tag::Thread),
  Proto,
  Upvalue,
  Shape,
  NativeCode,  // static, never in the heap
  Storage,     // raw memory owned by one object (array part, field part, hash part), marked through its owner
};

struct Object {
  ObjectKind kind;
  uint8_t mark;     // belongs to the heap
  uint8_t barrier;  // not 0: storing a reference in this object must be reported (see Heap::writeBarrier)
  uint8_t flags;    // meaning depends on the kind
  uint32_t aux;     // meaning depends on the kind
};
static_assert(sizeof(Object) == 8);

// A bit of Object::barrier that stays: the table is read-only, so that no inline store succeeds (see setReadOnly).
constexpr uint8_t barrierIsReadOnly = 0x80;

}  // namespace selvage
