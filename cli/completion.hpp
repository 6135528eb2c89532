// What Tab may complete at the prompt: globals, fields and methods, reserved words.
//
// Fields are found by raw access and through __index where that is a table, so completing never runs code of the
// program.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "vm/vm.hpp"

namespace selvage {

struct Completions {
  size_t typed = 0;                // bytes of the name that are there already
  std::vector<std::string> names;  // that begin with them, in alphabetical order
};

// The names that can stand at the end of `text`, which is a line up to the cursor. Understands names, fields ("a.b"),
// methods ("a:b") and fields with a literal key ("a[1]", "a['b']") in front of the name.
Completions completionsOf(VM& vm, std::string_view text);

// The longest text that all names begin with.
std::string_view commonPrefix(const std::vector<std::string>& names);

}  // namespace selvage
