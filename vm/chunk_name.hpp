// How messages show the name of a chunk.
#pragma once

#include <cstddef>
#include <string_view>

namespace selvage {

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
// Of a chunk that was loaded under this name.
DisplayName displayName(std::string_view chunkName);

}  // namespace selvage
