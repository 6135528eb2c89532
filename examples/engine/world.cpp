#include "world.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace engine {

namespace {
constexpr double cellSize = 4;
}

World::World(double size)
    : size_(size), cellsPerEdge_(std::max<std::size_t>(3, static_cast<std::size_t>(size / cellSize))) {
  cells_.resize(cellsPerEdge_ * cellsPerEdge_);
}

std::size_t World::count(Kind kind) const {
  return static_cast<std::size_t>(
      std::count_if(bodies_.begin(), bodies_.end(), [kind](const auto& body) { return body->kind == kind; }));
}

std::shared_ptr<Body> World::spawn(Kind kind, double x, double y) {
  auto body = std::make_shared<Body>();
  body->id = nextId_++;
  body->kind = kind;
  body->x = wrap(x);
  body->y = wrap(y);
  body->index = bodies_.size();
  bodies_.push_back(body);
  return body;
}

void World::remove(Body& body) {
  if (!body.isAlive) return;
  body.isAlive = false;
  // Until the next step the grid must not lead to it.
  std::erase(cells_[cellOf(body.x, body.y)], &body);
  const std::size_t index = body.index;
  std::swap(bodies_[index], bodies_.back());
  bodies_[index]->index = index;
  bodies_.pop_back();
}

void World::step(double seconds) {
  for (auto& cell : cells_) cell.clear();
  for (const auto& body : bodies_) {
    body->x = wrap(body->x + body->velocityX * seconds);
    body->y = wrap(body->y + body->velocityY * seconds);
    cells_[cellOf(body->x, body->y)].push_back(body.get());
  }
}

Body* World::nearest(const Body& from, Kind kind, double radius) const {
  const auto edge = static_cast<std::ptrdiff_t>(cellsPerEdge_);
  const double width = size_ / static_cast<double>(edge);
  const auto reach = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(std::ceil(radius / width)), edge / 2);
  const auto column = static_cast<std::ptrdiff_t>(from.x / width);
  const auto row = static_cast<std::ptrdiff_t>(from.y / width);
  Body* best = nullptr;
  double bestSquare = radius * radius;
  for (std::ptrdiff_t dy = -reach; dy <= reach; ++dy) {
    for (std::ptrdiff_t dx = -reach; dx <= reach; ++dx) {
      const auto cell = (row + dy + edge) % edge * edge + (column + dx + edge) % edge;
      for (Body* body : cells_[static_cast<std::size_t>(cell)]) {
        if (body->kind != kind || body == &from) continue;
        const double x = offset(from.x, body->x);
        const double y = offset(from.y, body->y);
        const double square = x * x + y * y;
        if (square < bestSquare || (square == bestSquare && best != nullptr && body->id < best->id)) {
          best = body;
          bestSquare = square;
        }
      }
    }
  }
  return best;
}

double World::offset(double from, double to) const {
  const double straight = to - from;
  if (straight > size_ / 2) return straight - size_;
  if (straight < -size_ / 2) return straight + size_;
  return straight;
}

std::uint64_t World::checksum() const {
  std::uint64_t sum = 0;
  for (const auto& body : bodies_) {
    std::uint64_t mixed = static_cast<std::uint64_t>(body->id) * 0x9e3779b97f4a7c15u;
    for (const double number : {body->x, body->y, body->velocityX, body->velocityY}) {
      mixed = (mixed ^ std::bit_cast<std::uint64_t>(number)) * 0xbf58476d1ce4e5b9u;
      mixed ^= mixed >> 29;
    }
    sum += mixed + static_cast<std::uint64_t>(body->kind);
  }
  return sum;
}

std::size_t World::cellOf(double x, double y) const {
  const double width = size_ / static_cast<double>(cellsPerEdge_);
  const auto column = std::min(cellsPerEdge_ - 1, static_cast<std::size_t>(x / width));
  const auto row = std::min(cellsPerEdge_ - 1, static_cast<std::size_t>(y / width));
  return row * cellsPerEdge_ + column;
}

double World::wrap(double coordinate) const {
  const double wrapped = coordinate - size_ * std::floor(coordinate / size_);
  // What is no number has no place; rounding may reach the far edge.
  return wrapped >= 0 && wrapped < size_ ? wrapped : 0;
}

}  // namespace engine
