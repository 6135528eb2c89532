// Metamethod events (manual 2.4) in an order that Table::aux and String::event use.
#pragma once

#include <cstdint>

namespace selvage {

enum class Event : uint8_t {
  Index,
  NewIndex,
  Gc,
  Mode,
  Len,
  Eq,
  Add,
  Sub,
  Mul,
  Mod,
  Pow,
  Div,
  IDiv,
  BAnd,
  BOr,
  BXor,
  Shl,
  Shr,
  Unm,
  BNot,
  Lt,
  Le,
  Concat,
  Call,
  Close,
  ToString,
  Name,
  Pairs,
  Metatable,
};
constexpr uint32_t eventCount = static_cast<uint32_t>(Event::Metatable) + 1;
constexpr const char* eventNames[eventCount] = {
    "__index", "__newindex", "__gc",     "__mode", "__len",   "__eq",       "__add",  "__sub",   "__mul",      "__mod",
    "__pow",   "__div",      "__idiv",   "__band", "__bor",   "__bxor",     "__shl",  "__shr",   "__unm",      "__bnot",
    "__lt",    "__le",       "__concat", "__call", "__close", "__tostring", "__name", "__pairs", "__metatable"};

}  // namespace selvage
