// A Lua value: eight bytes of payload and a tag, sixteen bytes in a stack slot.
//
// Everything else in the VM is written in terms of this header and it includes nothing of the VM's own. A tag
// is always read and written as one 32-bit word, and a value is always copied as payload and tag, never as one
// 16-byte piece: a slot that has just been written in halves could not be forwarded from the store buffer, and
// `extra` belongs to the slot, not to the value.
#pragma once

#include <bit>
#include <cstdint>

namespace selvage {

struct Object;
struct String;
struct Table;
struct Function;
struct Userdata;
struct Thread;

// The order is part of the design: everything up to False is falsy, everything from String on is a heap object.
enum class Tag : uint32_t {
  Nil = 0,
  False = 1,
  True = 2,
  Integer = 3,
  Float = 4,
  LightUserdata = 5,
  Frame = 6,      // a frame header on the Lua stack, or another payload that is no Lua value
  TailFrame = 7,  // the header of a frame whose function was called by a tail call
  String = 8,
  Table = 9,
  Function = 10,
  Userdata = 11,
  Thread = 12,
};
constexpr uint32_t tagCount = 13;

constexpr bool isFalsy(Tag tag) { return tag <= Tag::False; }
constexpr bool isCollectable(Tag tag) { return tag >= Tag::String; }
constexpr bool isNumber(Tag tag) { return tag == Tag::Integer || tag == Tag::Float; }

struct Value {
  uint64_t bits;  // the payload: an int64_t, a double, a pointer; undefined for nil and booleans
  Tag tag;
  uint32_t extra;  // of the slot: frame headers and iteration positions live here; never copied with a value

  Value() = default;
  constexpr Value(uint64_t payload, Tag t) : bits(payload), tag(t), extra(0) {}
  constexpr Value(const Value& other) : bits(other.bits), tag(other.tag), extra(0) {}
  constexpr Value& operator=(const Value& other) {
    bits = other.bits;
    tag = other.tag;
    return *this;
  }

  static constexpr Value nil() { return {0, Tag::Nil}; }
  static constexpr Value boolean(bool b) { return {0, b ? Tag::True : Tag::False}; }
  static constexpr Value integer(int64_t i) { return {static_cast<uint64_t>(i), Tag::Integer}; }
  static constexpr Value number(double d) { return {std::bit_cast<uint64_t>(d), Tag::Float}; }
  static Value pointer(const void* p) { return {reinterpret_cast<uint64_t>(p), Tag::LightUserdata}; }
  static Value object(const void* o, Tag t) { return {reinterpret_cast<uint64_t>(o), t}; }
  static Value string(const String* s) { return object(s, Tag::String); }
  static Value table(const Table* t) { return object(t, Tag::Table); }
  static Value function(const Function* f) { return object(f, Tag::Function); }
  static Value userdata(const Userdata* u) { return object(u, Tag::Userdata); }
  static Value thread(const Thread* t) { return object(t, Tag::Thread); }

  constexpr bool isNil() const { return tag == Tag::Nil; }
  constexpr bool isBoolean() const { return tag == Tag::True || tag == Tag::False; }
  constexpr bool isFalsy() const { return selvage::isFalsy(tag); }
  constexpr bool isInteger() const { return tag == Tag::Integer; }
  constexpr bool isFloat() const { return tag == Tag::Float; }
  constexpr bool isNumber() const { return selvage::isNumber(tag); }
  constexpr bool isString() const { return tag == Tag::String; }
  constexpr bool isTable() const { return tag == Tag::Table; }
  constexpr bool isFunction() const { return tag == Tag::Function; }
  constexpr bool isUserdata() const { return tag == Tag::Userdata; }
  constexpr bool isThread() const { return tag == Tag::Thread; }
  constexpr bool isCollectable() const { return selvage::isCollectable(tag); }

  constexpr int64_t integer() const { return static_cast<int64_t>(bits); }
  constexpr double number() const { return std::bit_cast<double>(bits); }
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(bits);
  }
  Object* object() const { return as<Object>(); }
  String* string() const { return as<String>(); }
  Table* table() const { return as<Table>(); }
  Function* function() const { return as<Function>(); }
  Userdata* userdata() const { return as<Userdata>(); }
  Thread* thread() const { return as<Thread>(); }
};
static_assert(sizeof(Value) == 16);

}  // namespace selvage
