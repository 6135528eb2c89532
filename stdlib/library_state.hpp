// What the standard library remembers for each VM besides what Lua code can see.
#pragma once

#include <cstddef>

#include "vm/vm.hpp"

namespace selvage {

struct LibraryState {
  bool warningsAreOn = false;
  bool loadsTextOnly = false;      // load takes no binary chunks: see sandbox.hpp
  bool isInsideWarning = false;    // a piece has been written and the next one continues it
  Table* fileMetatable = nullptr;  // of FILE* userdata; also in the registry
  String* typeNames[static_cast<size_t>(Tag::Thread) + 1] = {};  // by tag; also in the registry
};

// Made on first use; it lives in the registry.
LibraryState& libraryState(VM& vm);

}  // namespace selvage
