// Pictures of the world.
#pragma once

#include <string>

#include "world.hpp"

namespace engine {

/// The world as lines of text: hunters are X, grazers o, plants a dot.
std::string drawText(const World& world, int columns, int rows);

/// The world as an SVG file's text.
std::string drawSvg(const World& world);

}  // namespace engine
