// The part of the game that is C++: bodies that move about on a square whose edges are joined, and a grid by which
// scripts find their neighbours. What the bodies do is decided in scripts/.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace engine {

enum class Kind { plant, grazer, hunter };
inline constexpr int kindCount = 3;

/// A body is shared by the world and by the script that steers it, so neither can be left with a dangling one.
struct Body {
  int id = 0;
  Kind kind = Kind::plant;
  double x = 0, y = 0;
  double velocityX = 0, velocityY = 0;
  bool isAlive = true;
  std::size_t index = 0;  ///< where the world keeps it
};

class World {
 public:
  /// A square with edges of `size` units.
  explicit World(double size);

  double size() const { return size_; }
  const std::vector<std::shared_ptr<Body>>& bodies() const { return bodies_; }
  std::size_t count(Kind kind) const;

  std::shared_ptr<Body> spawn(Kind kind, double x, double y);
  /// Takes a body out of the world. One that is out already is left alone.
  void remove(Body& body);

  /// Moves all bodies by `seconds` and sorts them into the grid anew.
  void step(double seconds);

  /// The nearest body of a kind within a radius, other than the body itself, as of the last step. Of several that are
  /// equally near the one with the lowest id.
  Body* nearest(const Body& from, Kind kind, double radius) const;

  /// The shortest way from one coordinate to another, across an edge if that is shorter.
  double offset(double from, double to) const;

  /// A number that differs between worlds whose bodies differ in anything: the same script, seed and number of frames
  /// must always give the same.
  std::uint64_t checksum() const;

 private:
  std::size_t cellOf(double x, double y) const;
  double wrap(double coordinate) const;

  double size_;
  std::size_t cellsPerEdge_;
  std::vector<std::shared_ptr<Body>> bodies_;
  std::vector<std::vector<Body*>> cells_;
  int nextId_ = 1;
};

}  // namespace engine
