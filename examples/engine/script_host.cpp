#include "script_host.hpp"

#include <cstdio>
#include <tuple>

namespace engine {

ScriptHost::ScriptHost(World& world, const Options& options)
    : behaviourFile_(std::filesystem::path(options.scripts) / "behaviour.lua") {
  if (!std::filesystem::exists(behaviourFile_)) {
    throw selvage::error("there are no scripts in '" + options.scripts + "'");
  }
  behaviourTime_ = std::filesystem::last_write_time(behaviourFile_);

  lua_.open_libraries();
  if (!options.jit.empty()) setJit(options.jit);
  lua_["package"]["path"] = options.scripts + "/?.lua";
  bindWorld(world);

  const selvage::table game = lua_.require<selvage::table>("game");
  game.call("start", options.entities, options.seed);
  update_ = game["update"];

  // The engine decides when the collector works, so that it can say what that costs.
  lua_.collect_garbage();
  lua_.stop_gc();
  collectAt_ = 2 * lua_.memory_used();
}

void ScriptHost::bindWorld(World& world) {
  lua_.new_enum("Kind", "plant", Kind::plant, "grazer", Kind::grazer, "hunter", Kind::hunter);

  // What a script asks for each frame comes as plain numbers: nothing has to be allocated for them.
  lua_.new_usertype<Body>(
      "Body", selvage::no_constructor,                                                          //
      "id", selvage::readonly(&Body::id),                                                       //
      "kind", selvage::readonly(&Body::kind),                                                   //
      "position", [](const Body& body) { return std::tuple(body.x, body.y); },                  //
      "velocity", [](const Body& body) { return std::tuple(body.velocityX, body.velocityY); },  //
      "set_velocity",
      [](Body& body, double x, double y) {
        body.velocityX = x;
        body.velocityY = y;
      });

  lua_.new_usertype<World>(
      "World", selvage::no_constructor,         //
      "size", selvage::property(&World::size),  //
      "spawn", &World::spawn,                   //
      "remove", &World::remove,                 //
      "nearest",
      [](const World& from, const Body& body, Kind kind, double radius) -> std::optional<int> {
        const Body* found = from.nearest(body, kind, radius);
        if (found == nullptr) return std::nullopt;
        return found->id;
      },
      "offset",
      [](const World& within, const Body& from, const Body& to) {
        return std::tuple(within.offset(from.x, to.x), within.offset(from.y, to.y));
      });
  // The world outlives the state.
  lua_["world"] = &world;
}

void ScriptHost::setJit(const std::string& mode) {
  const auto module = lua_.try_require<selvage::table>("selvage");
  if (!module.has_value()) throw selvage::error("--jit: this Lua compiles nothing");
  module.value()["jit"][mode]();
}

void ScriptHost::update(double seconds) { update_.call(seconds); }

bool ScriptHost::collect() {
  // A cycle begins when memory has grown enough; then it goes on a step each frame until it is finished.
  if (!isCollecting_ && lua_.memory_used() < collectAt_) return false;
  isCollecting_ = !lua_.step_gc(1024);
  if (!isCollecting_) collectAt_ = 2 * lua_.memory_used();
  return true;
}

void ScriptHost::reload(bool always) {
  std::error_code problem;
  const auto time = std::filesystem::last_write_time(behaviourFile_, problem);
  if (problem || (time == behaviourTime_ && !always)) return;
  behaviourTime_ = time;
  const auto reload = lua_.require<selvage::table>("reload")["module"];
  const auto result = reload.try_call<std::tuple<selvage::object, std::optional<std::string>>>("behaviour");
  if (!result) {
    std::fprintf(stderr, "selvage_engine: %s\n", result.message().c_str());
  } else if (!std::get<0>(*result).valid()) {
    std::fprintf(stderr, "selvage_engine: the behaviour stays as it was: %s\n",
                 std::get<1>(*result).value_or("it could not be loaded").c_str());
  }
}

std::string ScriptHost::summary() { return lua_.require<selvage::table>("game").call<std::string>("summary"); }

}  // namespace engine
