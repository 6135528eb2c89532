// The engine's Lua state: what scripts see of the world, and what the engine calls in them.
#pragma once

#include <selvage/selvage.hpp>

#include <filesystem>

#include "options.hpp"
#include "world.hpp"

namespace engine {

class ScriptHost {
 public:
  /// Loads the scripts and has them fill the world. Throws selvage::error if that fails.
  ScriptHost(World& world, const Options& options);

  /// Lets the scripts act for a time step. Throws selvage::error if they fail.
  void update(double seconds);

  /// Gives the collector its turn, if it is due. Returns whether it had one.
  bool collect();

  /// Loads the behaviour again if its file has changed, or in any case if `always`. A file with an error changes
  /// nothing.
  void reload(bool always);

  /// What the scripts have counted, as a line of text.
  std::string summary();
  std::size_t memoryUsed() const { return lua_.memory_used(); }

 private:
  void bindWorld(World& world);
  void setJit(const std::string& mode);

  selvage::state lua_;
  selvage::function update_;
  std::filesystem::path behaviourFile_;
  std::filesystem::file_time_type behaviourTime_;
  std::size_t collectAt_ = 0;
  bool isCollecting_ = false;
};

}  // namespace engine
