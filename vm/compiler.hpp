// From source text to a proto: the one door to lexer, parser and bytecode compiler.
#pragma once

#include <string_view>

#include "vm/memory.hpp"
#include "vm/vm.hpp"

namespace selvage {

// Compiles a chunk to its main proto (vararg, one upvalue _ENV). `chunkName` is as lua_load takes it ("@file",
// "=name" or the text). Null on an error, with the reference's message in `error`. A first line that begins with '#'
// must have been removed (blanked) by the caller that reads files. Never runs the collector.
Proto* compileSource(VM& vm, std::string_view source, std::string_view chunkName, Text& error);

// The chunk name as messages show it: luaO_chunkid ("file.lua", "name", [string "first line..."]).
class DisplayName {
 public:
  static constexpr size_t maxBytes = 59;  // the reference's LUA_IDSIZE without the final NUL

  std::string_view view() const { return {bytes_, length_}; }
  friend bool operator==(const DisplayName& name, std::string_view text) { return name.view() == text; }

 private:
  friend DisplayName displayName(std::string_view chunkName);
  void append(std::string_view text);

  char bytes_[maxBytes];
  size_t length_ = 0;
};
DisplayName displayName(std::string_view chunkName);

}  // namespace selvage
