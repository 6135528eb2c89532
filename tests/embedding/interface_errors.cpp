// Errors: from Lua, from C++, through both, and misuse of the interface.
#include "interface_state.hpp"

#include <new>

namespace {
struct Watched {
  explicit Watched(int& count) : count_(count) { ++count_; }
  ~Watched() { --count_; }
  Watched(const Watched&) = delete;
  int& count_;
};
}  // namespace

TEST_CASE("C++ exceptions become Lua errors and come out again") {
  const selvage::state lua = newTestState();
  lua["fail"] = [](const std::string& text) { throw std::runtime_error(text); };
  CHECK(lua.script<std::string>("local ok, e = pcall(fail, 'broken') return tostring(ok) .. e") == "falsebroken");
  CHECK(thrownBy([&] { lua.call("fail", "out"); }) == "out");
  CHECK(lua.try_call("fail", "as result").message() == "as result");
  // A Lua error value crosses C++ frames as it is.
  lua["through"] = [](const selvage::function& f) { f.call(); };
  CHECK(lua.script<int>("local ok, e = pcall(through, function() error({code = 7}) end) return e.code") == 7);
  int alive = 0;
  lua["guarded"] = [&alive](const selvage::function& f) {
    const Watched watched(alive);
    f.call();
  };
  CHECK(errorOf(lua, "guarded(function() error('inner', 0) end)") == "inner");
  CHECK(alive == 0);
  lua["result"] = [](int n) -> selvage::Result<int> {
    if (n < 0) return selvage::error("negative");
    return n;
  };
  CHECK(lua.script<int>("return result(2)") == 2);
  CHECK(errorOf(lua, "result(-1)") == "negative");
  lua["memory"] = []() -> int { throw std::bad_alloc(); };
  CHECK(errorOf(lua, "memory()") == "std::bad_alloc");
}

TEST_CASE("errors carry message, traceback, status and value") {
  const selvage::state lua = newTestState();
  lua.script("function outer() inner() end function inner() error('deep') end", "=chunk");
  try {
    lua.call("outer");
    FAIL("no error");
  } catch (const selvage::error& caught) {
    CHECK(caught.message() == "chunk:1: deep");
    CHECK(caught.status() == selvage::call_status::runtime);
    CHECK(caught.traceback().find("in function 'inner'") != std::string::npos);
  }
  CHECK(lua.safe_script("x = = 1", "=s").what().message() == "s:1: unexpected symbol near '='");
  CHECK(lua.safe_script("x = = 1", "=s").status() == selvage::call_status::syntax);
  CHECK(lua.safe_script("error()").what().message() == "(error object is a nil value)");
  CHECK(lua.safe_script("error({})").what().message() == "(error object is a table value)");
  CHECK(lua.safe_script("error(12)").what().message() == "12");
  CHECK(lua.safe_script("error(setmetatable({}, {__tostring = function() return 'named' end}))").what().message() ==
        "named");
  CHECK(lua.safe_script("error(setmetatable({}, {__tostring = function() error('x') end}))").what().message() ==
        "(error object is a table value)");
  const auto failed = lua.safe_script("error({code = 3})");
  CHECK(selvage::table(failed.what().value())["code"].get<int>() == 3);
  CHECK(lua.load("return 1", "=x").valid());
  CHECK(lua.load("\27Lua", "=x").status() == selvage::call_status::syntax);  // binary chunks must be asked for
  CHECK(lua.load_file("/no/such/file.lua").status() == selvage::call_status::file);
  CHECK(lua_gettop(lua.lua_state()) == 0);
}

TEST_CASE("misuse of references is an error") {
  selvage::state lua = newTestState();
  selvage::object value = lua.script<selvage::object>("return {}");
  {
    const selvage::state other = newTestState();
    CHECK(thrownBy([&] { other["x"] = value; }) == "a reference to a value of one Lua state was used in another");
    CHECK(thrownBy([&] { other.call("print", value); }) ==
          "a reference to a value of one Lua state was used in another");
    selvage::object late = other.script<selvage::object>("return {}");
    value = late;
  }
  // Its state is gone: its destructor does nothing, and its use is an error.
  CHECK_FALSE(value.valid());
  CHECK(thrownBy([&] { value.as<int>(); }) == "the Lua state of this reference is closed");
  const selvage::object nothing;
  CHECK(nothing.try_as<int>().message() == "a reference that refers to nothing was read");
  const selvage::function noFunction;
  CHECK(noFunction.try_call().message() == "a function that refers to nothing was called");
  lua["n"] = 5;
  CHECK(thrownBy([&] { selvage::function(lua["n"].get<selvage::object>()); }) == "function expected, got number");
  CHECK(thrownBy([&] { selvage::table(lua["n"].get<selvage::object>()); }) == "table expected, got number");
  CHECK(lua["n"].try_get<std::string>().message() == "field 'n': string expected, got number");
  CHECK(lua["n"]["x"].try_get<int>().message() == "cannot read field 'x' of a number value");
  CHECK(thrownBy([&] { lua["none"]["x"] = 1; }) == "cannot write field 'x' of a nil value");
  CHECK(lua["none"].try_call().message() == "attempt to call a nil value");
  CHECK(lua_gettop(lua.lua_state()) == 0);
}

TEST_CASE("states are moved, adopted and closed") {
  selvage::state first = newTestState();
  first["x"] = 1;
  selvage::state second = std::move(first);
  CHECK(second["x"].get<int>() == 1);
  selvage::object kept = second["x"].get<selvage::object>();
  first = newTestState();
  first["x"] = 2;
  second = std::move(first);
  CHECK(second["x"].get<int>() == 2);
  CHECK_FALSE(kept.valid());
  const selvage::state_view view(second.lua_state());
  CHECK(view["x"].get<int>() == 2);
  selvage::state adopted = selvage::state::adopt(luaL_newstate());
  adopted.open_libraries(selvage::lib::base, selvage::lib::math, selvage::lib::package);
  CHECK(adopted.script<double>("return math.floor(1.5)") == 1);
  CHECK_FALSE(adopted["string"].valid());
  CHECK(adopted.require_script("module", "return {name = ...}").valid());
  CHECK(adopted.script<std::string>("return require('module').name") == "module");
  adopted.close();
}
