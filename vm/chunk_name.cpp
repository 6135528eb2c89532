// How messages show the name of a chunk.
#include <cstring>

#include "vm/compiler.hpp"

namespace selvage {

namespace {
constexpr size_t maxNameBytes = 59;  // the reference's LUA_IDSIZE without the final NUL
constexpr std::string_view ellipsis = "...";
constexpr std::string_view stringPrefix = "[string \"";
constexpr std::string_view stringSuffix = "\"]";
}  // namespace

std::string displayName(std::string_view chunkName) {
  if (chunkName.starts_with('=')) return std::string(chunkName.substr(1, maxNameBytes));
  if (chunkName.starts_with('@')) {
    chunkName.remove_prefix(1);
    if (chunkName.size() <= maxNameBytes) return std::string(chunkName);
    return std::string(ellipsis).append(chunkName.substr(chunkName.size() - (maxNameBytes - ellipsis.size())));
  }
  constexpr size_t room = maxNameBytes - stringPrefix.size() - ellipsis.size() - stringSuffix.size();
  const std::string_view firstLine = chunkName.substr(0, chunkName.find('\n'));
  const bool isWhole = firstLine.size() == chunkName.size() && chunkName.size() < room;
  std::string result(stringPrefix);
  result.append(firstLine.substr(0, room));
  if (!isWhole) result.append(ellipsis);
  return result.append(stringSuffix);
}

}  // namespace selvage
