#include "workshop.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace threads {

namespace {

struct Vector {
  double x = 0;
  double y = 0;

  Vector(double givenX, double givenY) : x(givenX), y(givenY) {}
  double dot(const Vector& other) const { return x * other.x + y * other.y; }
};

}  // namespace

std::vector<Work> readWorks(const std::string& folder) {
  std::vector<Work> works;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".lua") continue;
    std::ifstream file(entry.path());
    works.push_back({entry.path().stem().string(), {std::istreambuf_iterator<char>(file), {}}});
  }
  std::ranges::sort(works, {}, &Work::name);
  return works;
}

selvage::state newState(const std::string& mode) {
  selvage::state lua;
  lua.open_libraries();
  lua.require<selvage::table>("selvage")["jit"][mode]();
  lua.new_usertype<Vector>("Vector", selvage::constructors<Vector(double, double)>(), "x", &Vector::x, "y", &Vector::y,
                           "dot", &Vector::dot, selvage::meta_function::addition,
                           [](const Vector& a, const Vector& b) { return Vector(a.x + b.x, a.y + b.y); });
  lua["share"] = [](const Vector& vector) { return std::make_shared<Vector>(vector); };
  lua["refuse"] = [](const std::string& what) { throw std::runtime_error("refused: " + what); };
  lua["callBack"] = [](const selvage::function& callee) { return callee.call<int>(21); };
  lua["reversed"] = [](std::vector<int> list) {
    std::ranges::reverse(list);
    return list;
  };
  return lua;
}

std::string resultOf(const selvage::state& lua, const std::string& name, const std::string& source) {
  const auto result = lua.try_script<std::string>(source, "=" + name);
  return result.has_value() ? *result : "error: " + result.message();
}

}  // namespace threads
