// Conversion of values: there and back, and what does not fit.
#include "interface_state.hpp"

#include <deque>
#include <limits>
#include <list>
#include <map>
#include <set>
#include <unordered_map>

namespace {

enum class Colour : std::uint8_t { red = 1, green = 2 };

template <class T>
T roundTrip(const selvage::state& lua, const T& value) {
  lua["value"] = value;
  return lua["value"].get<T>();
}

}  // namespace

TEST_CASE("numbers there and back") {
  const selvage::state lua = newTestState();
  CHECK(roundTrip<int>(lua, -7) == -7);
  CHECK(roundTrip<std::int64_t>(lua, INT64_MIN) == INT64_MIN);
  CHECK(roundTrip<std::uint64_t>(lua, INT64_MAX) == INT64_MAX);
  CHECK(roundTrip<std::uint8_t>(lua, 255) == 255);
  CHECK(roundTrip<signed char>(lua, -128) == -128);
  CHECK(roundTrip<double>(lua, 0.1) == 0.1);
  CHECK(roundTrip<float>(lua, 0.1F) == 0.1F);
  CHECK(std::isinf(roundTrip<float>(lua, std::numeric_limits<float>::infinity())));
  CHECK(std::isnan(roundTrip<double>(lua, std::numeric_limits<double>::quiet_NaN())));
  CHECK(roundTrip<bool>(lua, true));
  CHECK(roundTrip<Colour>(lua, Colour::green) == Colour::green);
  CHECK(lua.script<int>("return 3.0") == 3);
  CHECK(lua.script<double>("return 3") == 3.0);
  CHECK(lua.script<std::string>("value = ... return math.type(2)") == "integer");
}

TEST_CASE("numbers that do not fit are errors, never something else") {
  const selvage::state lua = newTestState();
  lua["byte"] = [](std::uint8_t) {};
  lua["natural"] = [](unsigned) {};
  lua["single"] = [](float) {};
  lua["colour"] = [](Colour) {};
  CHECK(errorOf(lua, "byte(256)") == "bad argument #1 to 'byte' (256 is out of range: 0 to 255)");
  CHECK(errorOf(lua, "byte(-1)") == "bad argument #1 to 'byte' (-1 is out of range: 0 to 255)");
  CHECK(errorOf(lua, "byte(0/0)") == "bad argument #1 to 'byte' (number has no integer representation)");
  CHECK(errorOf(lua, "byte(1e300)") == "bad argument #1 to 'byte' (number has no integer representation)");
  CHECK(errorOf(lua, "byte(2.5)") == "bad argument #1 to 'byte' (number has no integer representation)");
  CHECK(errorOf(lua, "byte('1')") == "bad argument #1 to 'byte' (number expected, got string)");
  CHECK(errorOf(lua, "byte()") == "bad argument #1 to 'byte' (number expected, got no value)");
  CHECK(errorOf(lua, "natural(1 << 32)") ==
        "bad argument #1 to 'natural' (4294967296 is out of range: 0 to 4294967295)");
  CHECK(errorOf(lua, "single(1e300)") == "bad argument #1 to 'single' (number is out of range for a float)");
  CHECK(errorOf(lua, "colour(300)") == "bad argument #1 to 'colour' (300 is out of range: 0 to 255)");
  CHECK(errorOf(lua, "colour('red')") == "bad argument #1 to 'colour' (Colour expected, got string)");
  lua["huge"] = [] { return UINT64_MAX; };
  CHECK(errorOf(lua, "huge()") == "unsigned integer does not fit into a Lua integer");
  CHECK(thrownBy([&] { lua["x"] = UINT64_MAX; }) == "unsigned integer does not fit into a Lua integer");
}

TEST_CASE("strings keep their zeros") {
  const selvage::state lua = newTestState();
  const std::string text("a\0b", 3);
  CHECK(roundTrip<std::string>(lua, text) == text);
  lua["length"] = [](std::string_view view) { return view.size(); };
  lua["first"] = [](const char* c) { return std::string(c); };
  CHECK(lua.script<int>("return length('\\0\\0')") == 2);
  CHECK(lua.script<std::string>("return first('abc')") == "abc");
  lua["literal"] = "text";
  CHECK(lua["literal"].get<std::string>() == "text");
  CHECK(roundTrip<char>(lua, 'x') == 'x');
  lua["one"] = [](char) {};
  CHECK(errorOf(lua, "one('ab')") == "bad argument #1 to 'one' (string of one character expected, got string)");
  CHECK(errorOf(lua, "length(12)") == "bad argument #1 to 'length' (string expected, got number)");
}

TEST_CASE("containers are copied both ways") {
  const selvage::state lua = newTestState();
  CHECK(roundTrip(lua, std::vector<int>{1, 2, 3}) == std::vector<int>{1, 2, 3});
  CHECK(roundTrip(lua, std::vector<bool>{true, false}) == std::vector<bool>{true, false});
  CHECK(roundTrip(lua, std::deque<std::string>{"a", "b"}) == std::deque<std::string>{"a", "b"});
  CHECK(roundTrip(lua, std::list<double>{0.5}) == std::list<double>{0.5});
  CHECK(roundTrip(lua, std::set<int>{3, 1}) == std::set<int>{1, 3});
  CHECK(roundTrip(lua, std::map<std::string, int>{{"a", 1}, {"b", 2}}) ==
        std::map<std::string, int>{{"a", 1}, {"b", 2}});
  CHECK(roundTrip(lua, std::unordered_map<int, bool>{{7, true}}) == std::unordered_map<int, bool>{{7, true}});
  using Nested = std::map<std::string, std::vector<std::pair<int, std::string>>>;
  const Nested nested{{"x", {{1, "one"}, {2, "two"}}}, {"y", {}}};
  CHECK(roundTrip(lua, nested) == nested);
  CHECK(roundTrip(lua, std::array<int, 2>{4, 5}) == std::array<int, 2>{4, 5});
  CHECK(roundTrip(lua, std::tuple<int, std::string, bool>{1, "x", true}) ==
        std::tuple<int, std::string, bool>{1, "x", true});
  const int numbers[] = {1, 2, 3};
  lua["span"] = std::span<const int>(numbers);
  CHECK(lua.script<int>("return #span + span[3]") == 6);
  lua["sum"] = [](std::span<const double> span) {
    double total = 0;
    for (const double each : span) total += each;
    return total;
  };
  CHECK(lua.script<double>("return sum {1, 2, 3.5}") == 6.5);
}

TEST_CASE("containers that do not fit say where") {
  const selvage::state lua = newTestState();
  lua["list"] = [](const std::vector<int>&) {};
  lua["map"] = [](const std::map<std::string, int>&) {};
  lua["three"] = [](std::array<int, 3>) {};
  lua["tuple"] = [](std::tuple<int, std::string>) {};
  lua["nested"] = [](const std::vector<std::vector<int>>&) {};
  CHECK(errorOf(lua, "list(1)") == "bad argument #1 to 'list' (table of integer expected, got number)");
  CHECK(errorOf(lua, "list {1, 'x'}") == "bad argument #1 to 'list' (element 2: number expected, got string)");
  CHECK(errorOf(lua, "list {1, 1 << 40}") ==
        "bad argument #1 to 'list' (element 2: 1099511627776 is out of range: -2147483648 to 2147483647)");
  CHECK(errorOf(lua, "map {a = 'x'}") == "bad argument #1 to 'map' (value: number expected, got string)");
  CHECK(errorOf(lua, "map {1}") == "bad argument #1 to 'map' (key: string expected, got number)");
  CHECK(errorOf(lua, "three {1, 2}") ==
        "bad argument #1 to 'three' (table of 3 times integer expected, got a table of length 2)");
  CHECK(errorOf(lua, "tuple {1, 2}") == "bad argument #1 to 'tuple' (element 2: string expected, got number)");
  CHECK(errorOf(lua, "nested {{1}, {false}}") ==
        "bad argument #1 to 'nested' (element 2: element 1: number expected, got boolean)");
  CHECK(thrownBy([&] { lua["m"] = std::map<double, int>{{std::nan(""), 1}}; }) ==
        "NaN cannot be the key of a table's field");
}

TEST_CASE("optional, variant, nil and light userdata") {
  const selvage::state lua = newTestState();
  lua["half"] = [](std::optional<double> x) -> std::optional<double> {
    if (!x) return std::nullopt;
    return *x / 2;
  };
  CHECK(lua.script<double>("return half(3)") == 1.5);
  CHECK(lua.script<bool>("return half() == nil and half(nil) == nil"));
  CHECK(errorOf(lua, "half('x')") == "bad argument #1 to 'half' (number expected, got string)");
  lua["which"] = [](std::variant<int, double, std::string, std::vector<int>> v) { return v.index(); };
  CHECK(lua.script<std::vector<int>>("return {which(1), which(1.5), which('s'), which {1}}") ==
        std::vector<int>{0, 1, 2, 3});
  CHECK(errorOf(lua, "which(true)") ==
        "bad argument #1 to 'which' (integer or number or string or table of integer expected, got boolean)");
  lua["variant"] = std::variant<int, std::string>("text");
  CHECK(lua["variant"].get<std::string>() == "text");
  lua["nothing"] = selvage::nil;
  lua["null"] = nullptr;
  CHECK_FALSE(lua["nothing"].valid());
  CHECK_FALSE(lua["null"].valid());
  int target = 3;
  lua["pointer"] = selvage::light<int>(&target);
  CHECK(lua["pointer"].get<selvage::light<int>>().value == &target);
  CHECK(lua["nothing"].get<std::optional<int>>() == std::nullopt);
  CHECK(lua["variant"].get<std::optional<int>>() == std::nullopt);
}

// A converter of the program's own.
struct Metres {
  double value;
};
template <>
struct selvage::converter<Metres> {
  static std::optional<Metres> read(lua_State* L, int index) {
    const auto number = converter<double>::read(L, index);
    if (!number) return std::nullopt;
    return Metres{*number};
  }
  static void push(lua_State* L, Metres metres) { lua_pushnumber(L, metres.value); }
  static std::string expected(lua_State*) { return "metres"; }
  static std::string mismatch(lua_State* L, int index) { return expectedButGot(L, "metres", index); }
};

TEST_CASE("a program's own converter") {
  const selvage::state lua = newTestState();
  lua["twice"] = [](Metres m) { return Metres{2 * m.value}; };
  CHECK(lua.script<double>("return twice(1.5)") == 3);
  CHECK(errorOf(lua, "twice {}") == "bad argument #1 to 'twice' (metres expected, got table)");
}
