// States for the tests of threads: each with the same objects of C++ and in one JIT mode, and the Lua scripts of work/,
// each of which returns a text that depends on nothing but the script.
#pragma once

#include <selvage/selvage.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace threads {

/// A name of a script of work/, and what is in it.
struct Work {
  std::string name;
  std::string source;
};

/// All of them, in the order of their names.
std::vector<Work> readWorks(const std::string& folder);

/// A state with all libraries and the objects that work/objects.lua uses. `mode` is "off", "on" or "always".
selvage::state newState(const std::string& mode);

/// What a piece of work returns, or "error: " and the message.
std::string resultOf(const selvage::state& lua, const std::string& name, const std::string& source);

}  // namespace threads
