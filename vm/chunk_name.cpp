#include "vm/chunk_name.hpp"

#include <cstring>

namespace selvage {

namespace {
constexpr std::string_view ellipsis = "...";
constexpr std::string_view stringPrefix = "[string \"";
constexpr std::string_view stringSuffix = "\"]";
}  // namespace

void DisplayName::append(std::string_view text) {
  std::memcpy(bytes_ + length_, text.data(), text.size());
  length_ += text.size();
}

DisplayName displayName(std::string_view chunkName) {
  constexpr size_t room = DisplayName::maxBytes;
  DisplayName result;
  if (chunkName.starts_with('=')) {
    result.append(chunkName.substr(1, room));
  } else if (chunkName.starts_with('@')) {
    chunkName.remove_prefix(1);
    if (chunkName.size() > room) {
      result.append(ellipsis);
      chunkName = chunkName.substr(chunkName.size() - (room - ellipsis.size()));
    }
    result.append(chunkName);
  } else {
    constexpr size_t textRoom = room - stringPrefix.size() - ellipsis.size() - stringSuffix.size();
    const std::string_view firstLine = chunkName.substr(0, chunkName.find('\n'));
    const bool isWhole = firstLine.size() == chunkName.size() && chunkName.size() < textRoom;
    result.append(stringPrefix);
    result.append(firstLine.substr(0, textRoom));
    if (!isWhole) result.append(ellipsis);
    result.append(stringSuffix);
  }
  return result;
}

}  // namespace selvage
