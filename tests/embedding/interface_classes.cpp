// Classes: constructors, methods, properties, operators, static members, inheritance.
#include "interface_state.hpp"

namespace {

struct Vector {
  double x = 0, y = 0;
  Vector() = default;
  Vector(double x_, double y_) : x(x_), y(y_) {}
  double length() const { return std::sqrt(x * x + y * y); }
  Vector& add(const Vector& other) {
    x += other.x;
    y += other.y;
    return *this;
  }
  void scale(double factor) noexcept {
    x *= factor;
    y *= factor;
  }
  static Vector unit() { return {1, 0}; }
  bool operator==(const Vector&) const = default;
};

struct alignas(32) Wide {
  double lanes[4] = {1, 2, 3, 4};
  bool isAligned() const { return reinterpret_cast<std::uintptr_t>(this) % 32 == 0; }
};

struct Named {
  virtual ~Named() = default;
  virtual std::string hello() const { return "I am " + name; }
  std::string name = "nobody";
};
struct Placed {
  Vector position;
  int id = 3;
  void moveBy(const Vector& way) { position.add(way); }
};
struct Creature : Named, Placed {
  std::string hello() const override { return "creature " + name; }
  int health = 10;
};
struct Boss : Creature {
  int rank = 2;
};
struct Stranger {};

selvage::usertype<Vector> bindVector(const selvage::state& lua) {
  return lua.new_usertype<Vector>(
      "Vector", selvage::constructors<Vector(), Vector(double, double)>(),  //
      selvage::call_constructor, selvage::constructors<Vector(double, double)>(), "x", &Vector::x, "y", &Vector::y,
      "length", &Vector::length, "add", &Vector::add, "scale", &Vector::scale, "unit", &Vector::unit,  //
      selvage::meta_function::addition, [](const Vector& a, const Vector& b) { return Vector(a.x + b.x, a.y + b.y); },
      selvage::meta_function::multiplication,
      selvage::overload([](const Vector& a, double f) { return Vector(a.x * f, a.y * f); },
                        [](double f, const Vector& a) { return Vector(a.x * f, a.y * f); }),
      selvage::meta_function::unary_minus, [](const Vector& a) { return Vector(-a.x, -a.y); },
      selvage::meta_function::length, [](const Vector&) { return 2; },  //
      selvage::meta_function::call, [](const Vector& a, double f) { return a.x * f; },
      selvage::meta_function::less_than, [](const Vector& a, const Vector& b) { return a.length() < b.length(); },
      selvage::meta_function::to_string,
      [](const Vector& a) { return "(" + std::to_string(static_cast<int>(a.x)) + ")"; });
}

void bindCreatures(const selvage::state& lua) {
  bindVector(lua);
  lua.new_usertype<Named>("Named", "hello", &Named::hello, "name", &Named::name, selvage::meta_function::to_string,
                          [](const Named& named) { return "named " + named.name; });
  lua.new_usertype<Placed>("Placed", "position", &Placed::position, "moveBy", &Placed::moveBy, "id",
                           selvage::readonly(&Placed::id));
  lua.new_usertype<Creature>("Creature", selvage::base_classes, selvage::bases<Named, Placed>(), "health",
                             &Creature::health);
  lua.new_usertype<Boss>("Boss", selvage::base_classes, selvage::bases<Creature>(), "rank", &Boss::rank);
}

}  // namespace

TEST_CASE("constructors, methods and data members") {
  const selvage::state lua = newTestState();
  bindVector(lua);
  CHECK(lua.script<double>("return Vector.new(3, 4):length()") == 5);
  CHECK(lua.script<double>("return Vector(3, 4):length() + Vector.new():length()") == 5);
  CHECK(lua.script<double>("local v = Vector(1, 2) v.x = v.x + 10 v:scale(2) return v.x + v.y") == 26);
  CHECK(lua.script<bool>("local v = Vector(1, 2) return v:add(v) == Vector(2, 4) and rawequal(v:add(v), v)"));
  CHECK(lua.script<double>("return Vector.unit().x") == 1);
  lua["v"] = Vector(7, 8);
  CHECK(lua["v"].get<Vector>().y == 8);
  lua["v"].get<Vector&>().x = 1;
  CHECK(lua.script<double>("return v.x") == 1);
  CHECK(lua["v"]["y"].get<double>() == 8);
  lua["v"]["y"] = 2.5;
  CHECK(lua["v"].get<const Vector*>()->y == 2.5);
  CHECK(lua.script<double>("local s = 0 for i = 1, 10000 do local w = Vector(i, 0) s = s + w:length() end return s") ==
        50005000);
}

TEST_CASE("operators") {
  const selvage::state lua = newTestState();
  bindVector(lua);
  CHECK(lua.script<bool>("return Vector(1, 2) + Vector(3, 4) == Vector(4, 6)"));
  CHECK(lua.script<bool>("return Vector(1, 2) * 2 == 2 * Vector(1, 2)"));
  CHECK(lua.script<bool>("return -Vector(1, 2) ~= Vector(1, 2) and Vector(1, 1) < Vector(2, 2)"));
  CHECK(lua.script<bool>("return #Vector(1, 2) == 2 and Vector(4, 0)(3) == 12 and tostring(Vector(9, 1)) == '(9)'"));
  CHECK(lua.script<bool>("return Vector(1, 2) ~= io.stdout"));
  CHECK(errorOf(lua, "return Vector(1, 2) + 1").find("(Vector expected, got number)") != std::string::npos);
}

TEST_CASE("wrong arguments of methods are named") {
  const selvage::state lua = newTestState();
  bindVector(lua);
  CHECK(errorOf(lua, "Vector(1, 2):add({})") == "bad argument #1 to 'add' (Vector expected, got table)");
  CHECK(errorOf(lua, "local v = Vector(1, 2) v.add(v, io.stdout)") ==
        "bad argument #2 to 'add' (Vector expected, got FILE*)");
  CHECK(errorOf(lua, "local v = Vector(1, 2) v.length({})") ==
        "bad argument #1 to 'length' (Vector expected, got table)");
  CHECK(errorOf(lua, "local v = Vector(1, 2) v.length()") ==
        "bad argument #1 to 'length' (Vector expected, got no value)");
  CHECK(errorOf(lua, "Vector.new('x', 1)") == "bad argument #1 to 'new' (number expected, got string)");
  CHECK(errorOf(lua, "Vector.new(1)").find("no overload takes (number); there are (), (number, number)") !=
        std::string::npos);
  CHECK(errorOf(lua, "Vector(1, 2).x = 'a'") == "bad value for property 'x' of Vector (number expected, got string)");
  CHECK(errorOf(lua, "Vector(1, 2).z = 1") == "Vector has no property 'z'");
  CHECK(lua.script<bool>("return Vector(1, 2).z == nil"));
  // A userdata with the metatable of another is still what it is.
  lua["Stranger"] = Stranger{};
  lua.script("debug.setmetatable(Stranger, debug.getmetatable(Vector(1, 2)))");
  CHECK(errorOf(lua, "Stranger:length()").find("expected, got Vector") != std::string::npos);
  lua.script("debug.setmetatable(io.stdout, debug.getmetatable(Vector(1, 2)))");
  CHECK_FALSE(lua.safe_script("return io.stdout:length()").valid());
  lua.script("debug.setmetatable(io.stdout, debug.getmetatable(io.stderr))");
}

TEST_CASE("properties and members of the class itself") {
  const selvage::state lua = newTestState();
  static int live = 5;
  struct Tank {
    int litres = 10;
    int level() const { return litres; }
    void setLevel(int n) {
      if (n < 0) throw std::invalid_argument("a tank cannot be less than empty");
      litres = n;
    }
  };
  auto type = lua.new_usertype<Tank>("Tank", "level", selvage::property(&Tank::level, &Tank::setLevel), "half",
                                     selvage::readonly_property([](const Tank& tank) { return tank.litres / 2; }),
                                     "pour", selvage::writeonly_property([](Tank& tank, int n) { tank.litres += n; }),
                                     "raw", selvage::property(&Tank::litres, &Tank::litres), "made", selvage::var(3),
                                     "live", selvage::var(std::ref(live)), "CAPACITY", 100, "now",
                                     selvage::property([] { return live + 1; }, [](int n) { live = n; }));
  CHECK(lua.script<int>("local t = Tank.new() t.level = 7 t.pour = 3 return t.level + t.half") == 15);
  CHECK(lua.script<int>("local t = Tank.new() t.raw = 4 return t.raw") == 4);
  CHECK(errorOf(lua, "Tank.new().half = 1") == "property 'half' of Tank is read-only");
  CHECK(errorOf(lua, "return Tank.new().pour") == "property 'pour' of Tank cannot be read");
  CHECK(errorOf(lua, "Tank.new().level = -1") == "a tank cannot be less than empty");
  CHECK(errorOf(lua, "Tank.new().level = 0.5") ==
        "bad value for property 'level' of Tank (number has no integer representation)");
  CHECK(lua.script<int>("Tank.made = Tank.made + 1 return Tank.made + Tank.new().made") == 8);
  CHECK(lua.script<int>("Tank.live = 9 return Tank.live") == 9);
  CHECK(live == 9);
  CHECK(lua.script<int>("Tank.now = 20 return Tank.now") == 21);
  CHECK(errorOf(lua, "Tank.made = {}") == "bad value for property 'made' of Tank (number expected, got table)");
  CHECK(lua.script<int>("return Tank.CAPACITY + Tank.new().CAPACITY") == 200);
  // Members added later, from C++ and from Lua.
  type["empty"] = [](Tank& tank) { tank.litres = 0; };
  CHECK(lua.script<int>("local t = Tank.new() t:empty() return t.level") == 0);
  CHECK(lua.script<int>("function Tank:double() return self.level * 2 end return Tank.new():double()") == 20);
  type[selvage::meta_function::index] = [](const Tank&, const std::string& key) { return "no " + key; };
  CHECK(lua.script<std::string>("return Tank.new().nothing") == "no nothing");
  std::string written;
  type[selvage::meta_function::new_index] = [&written](Tank&, const std::string& key, int value) {
    written = key + std::to_string(value);
  };
  lua.script("Tank.new().extra = 5");
  CHECK(written == "extra5");
}

TEST_CASE("inheritance, also from several bases") {
  const selvage::state lua = newTestState();
  bindCreatures(lua);
  lua["idOf"] = [](const Placed& placed) { return placed.id; };
  lua["nameOf"] = [](Named* named) { return named == nullptr ? std::string("none") : named->name; };
  CHECK(lua.script<std::string>("local c = Creature.new() c.name = 'bob' return c:hello()") == "creature bob");
  CHECK(lua.script<int>("local b = Boss.new() b.health = 5 return b.health + b.rank + b.id") == 10);
  CHECK(lua.script<double>("local b = Boss.new() b:moveBy(Vector(2, 3)) b.position.y = 9 return b.position.x + "
                           "b.position.y") == 11);
  CHECK(lua.script<int>("return idOf(Boss.new()) + idOf(Creature.new()) + idOf(Placed.new())") == 9);
  CHECK(lua.script<std::string>("return nameOf(Boss.new()) .. nameOf(nil)") == "nobodynone");
  CHECK(lua.script<std::string>("return tostring(Boss.new())") == "named nobody");
  CHECK(errorOf(lua, "idOf(Named.new())") == "bad argument #1 to 'idOf' (Placed expected, got Named)");
  CHECK(errorOf(lua, "Creature.new().id = 4") == "property 'id' of Creature is read-only");
  // What a base gets later its derived classes have, too.
  lua.script("function Named:shout() return self.name:upper() end");
  CHECK(lua.script<std::string>("return Boss.new():shout()") == "NOBODY");
  struct Orphan : Stranger {};
  CHECK(thrownBy([&] {
          lua.new_usertype<Orphan>("Orphan", selvage::base_classes, selvage::bases<Stranger>());
        }).find("must be registered before it") != std::string::npos);
}

TEST_CASE("over-aligned classes, enumerations, classes that nobody registered") {
  const selvage::state lua = newTestState();
  lua.new_usertype<Wide>("Wide", "isAligned", &Wide::isAligned);
  CHECK(lua.script<bool>("for i = 1, 50 do if not Wide.new():isAligned() then return false end end return true"));
  enum class Mood { calm, angry };
  lua.new_enum("Mood", "calm", Mood::calm, "angry", Mood::angry);
  lua["isAngry"] = [](Mood mood) { return mood == Mood::angry; };
  CHECK(lua.script<bool>("return isAngry(Mood.angry) and not isAngry(Mood.calm)"));
  CHECK(errorOf(lua, "Mood.calm = 3") == "the enumeration Mood is constant");
  lua["stranger"] = Stranger{};
  lua["meet"] = [](const Stranger&) { return "hello"; };
  CHECK(lua.script<std::string>("return meet(stranger)") == "hello");
  CHECK(errorOf(lua, "meet(1)") == "bad argument #1 to 'meet' (Stranger expected, got number)");
  // Registered anew: what there was stays what it was.
  lua["old"] = Vector(1, 2);
  bindVector(lua);
  bindVector(lua);
  lua.collect_garbage();
  CHECK(lua.script<double>("return Vector(1, 2):add(old).x") == 2);
}
