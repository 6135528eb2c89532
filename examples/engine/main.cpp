// A headless game loop with a fixed time step: scripts decide, the world moves, and in the end it is told how long
// frames took and what the world looks like.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>

#include "frame_times.hpp"
#include "options.hpp"
#include "picture.hpp"
#include "script_host.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

bool writeFile(const std::string& name, const std::string& text) {
  std::ofstream file(name, std::ios::binary);
  file << text;
  file.close();
  if (file) return true;
  std::fprintf(stderr, "selvage_engine: cannot write '%s'\n", name.c_str());
  return false;
}

int run(const engine::Options& options) {
  constexpr double timeStep = 1.0 / 60;
  constexpr int framesBetweenLooks = 60;

  engine::World world(std::max(12.0, 2 * std::sqrt(static_cast<double>(options.entities))));
  engine::ScriptHost scripts(world, options);
  world.step(0);

  engine::FrameTimes times;
  for (int frame = 1; frame <= options.frames; ++frame) {
    if (frame == options.reloadAt || frame % framesBetweenLooks == 0) scripts.reload(frame == options.reloadAt);

    const auto start = Clock::now();
    scripts.update(timeStep);
    world.step(timeStep);
    const auto collection = Clock::now();
    const double collector = scripts.collect() ? secondsSince(collection) : 0;
    times.add(secondsSince(start), collector);
  }

  if (options.showPicture) std::fputs(engine::drawText(world, 100, 32).c_str(), stdout);
  std::printf("%zu plants (.), %zu grazers (o), %zu hunters (X); %s\n", world.count(engine::Kind::plant),
              world.count(engine::Kind::grazer), world.count(engine::Kind::hunter), scripts.summary().c_str());
  std::printf("checksum %016llx\n", static_cast<unsigned long long>(world.checksum()));
  std::printf("Lua uses %.1f MB\n", static_cast<double>(scripts.memoryUsed()) / 1e6);
  std::fputs(times.report().c_str(), stdout);
  return options.svg.empty() || writeFile(options.svg, engine::drawSvg(world)) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** words) {
  int status = 0;
  const std::optional<engine::Options> options = engine::readOptions(count, words, status);
  if (!options) return status;
  try {
    return run(*options);
  } catch (const selvage::error& failed) {
    std::fprintf(stderr, "selvage_engine: %s\n%s\n", failed.what(), failed.traceback().c_str());
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "selvage_engine: %s\n", failed.what());
  }
  return EXIT_FAILURE;
}
