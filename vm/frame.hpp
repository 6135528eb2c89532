// Frames on the Lua stack.
//
// A frame's two header slots are just below its base:
//   base[-2]  the function; its `extra`: the caller's pc as a word index (when the caller is a Lua function)
//   base[-1]  bits: the return address (a Handler*); tag: Tag::Frame, or Tag::TailFrame when a tail call gave the frame
//             to its function; extra: bytes from the caller's base to this one
// A call instruction's function is in slot A and its arguments from A+2 on, so a call needs no copying: the
// callee's base is the caller's slot A+2 and its results are left from slot A on. The bottom frame of a stack has
// distance 0. A vararg function moves its frame above the extra arguments:
//   [function][header][fixed + extra arguments ...][Integer: number of extra arguments, extra: slots moved]
//   [function][header] base: fixed parameters ...
// and its return instructions move back first, so a return address always finds the results where it expects them.
#pragma once

#include "vm/function.hpp"
#include "vm/machine.hpp"
#include "vm/value.hpp"

namespace selvage {

struct Frame {
  Value* base;

  Value& function() const { return base[-2]; }
  Function* callee() const { return base[-2].function(); }
  Handler* returnAddress() const { return base[-1].as<Handler>(); }
  uint32_t distance() const { return base[-1].extra; }
  bool isBottom() const { return distance() == 0; }
  bool isTailCalled() const { return base[-1].tag == Tag::TailFrame; }
  Frame caller() const { return {reinterpret_cast<Value*>(reinterpret_cast<char*>(base) - distance())}; }
  // The caller's pc: the word index of its call instruction; meaningful when the caller runs a Lua function.
  uint32_t callerPc() const { return base[-2].extra; }
  void setHeader(Handler* returnTo, uint32_t bytesFromCaller) const {
    base[-1].bits = reinterpret_cast<uint64_t>(returnTo);
    base[-1].tag = Tag::Frame;
    base[-1].extra = bytesFromCaller;
  }
  void setHeader(Handler* returnTo, const Value* callerBase) const {
    setHeader(returnTo,
              static_cast<uint32_t>(reinterpret_cast<const char*>(base) - reinterpret_cast<const char*>(callerBase)));
  }
  // Whether a slot holds a frame's header, current or stale.
  static bool isHeader(const Value& slot) { return slot.tag == Tag::Frame || slot.tag == Tag::TailFrame; }
  // Only in a frame of a vararg Lua function that has executed its ENTER_VARARG.
  uint32_t extraArguments() const { return static_cast<uint32_t>(base[-3].bits); }
  Value* varargs() const { return base - 3 - extraArguments(); }
  // Likewise: the frame as its caller made it.
  Frame beforeVarargs() const { return {reinterpret_cast<Value*>(reinterpret_cast<char*>(base) - base[-3].extra)}; }
};

}  // namespace selvage
