// Text in a VM's memory, formatted with fmt.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "vm/memory.hpp"

namespace selvage {

// `format` with its arguments filled in. Throws std::bad_alloc.
template <class... Arguments>
Text formatText(Allocator<char> allocator, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::basic_memory_buffer<char, 256, Allocator<char>> buffer{allocator};
  fmt::format_to(fmt::appender(buffer), format, std::forward<Arguments>(arguments)...);
  return {buffer.data(), buffer.size(), allocator};
}

}  // namespace selvage
