#include "picture.hpp"

#include <algorithm>
#include <cstdio>

namespace engine {

std::string drawText(const World& world, int columns, int rows) {
  constexpr char signs[kindCount] = {'.', 'o', 'X'};
  std::vector<std::string> lines(static_cast<std::size_t>(rows), std::string(static_cast<std::size_t>(columns), ' '));
  // Where several meet the hunter is seen, then the grazer.
  for (int kind = 0; kind < kindCount; ++kind) {
    for (const auto& body : world.bodies()) {
      if (static_cast<int>(body->kind) != kind) continue;
      const int column = std::min(columns - 1, static_cast<int>(body->x / world.size() * columns));
      const int row = std::min(rows - 1, static_cast<int>(body->y / world.size() * rows));
      lines[static_cast<std::size_t>(row)][static_cast<std::size_t>(column)] = signs[kind];
    }
  }
  const std::string edge = "+" + std::string(static_cast<std::size_t>(columns), '-') + "+\n";
  std::string text = edge;
  for (const std::string& line : lines) text += "|" + line + "|\n";
  return text + edge;
}

std::string drawSvg(const World& world) {
  struct Look {
    const char* colour;
    double radius;
  };
  constexpr Look looks[kindCount] = {{"#4a9d4e", 0.3}, {"#3b6fb5", 0.6}, {"#c0392b", 0.9}};
  char line[200];
  std::snprintf(line, sizeof line, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.2f %.2f\">\n",
                world.size(), world.size());
  std::string text = line;
  text += "<rect width=\"100%\" height=\"100%\" fill=\"#f7f4ea\"/>\n";
  for (int kind = 0; kind < kindCount; ++kind) {
    std::snprintf(line, sizeof line, "<g fill=\"%s\">\n", looks[kind].colour);
    text += line;
    for (const auto& body : world.bodies()) {
      if (static_cast<int>(body->kind) != kind) continue;
      std::snprintf(line, sizeof line, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.1f\"/>\n", body->x, body->y,
                    looks[kind].radius);
      text += line;
    }
    text += "</g>\n";
  }
  return text + "</svg>\n";
}

}  // namespace engine
