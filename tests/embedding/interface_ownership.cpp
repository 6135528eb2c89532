// Who owns an object: Lua, C++, or both by shares.
#include "interface_state.hpp"

#include <memory>

namespace {

struct Thing {
  explicit Thing(int v = 1) : value(v) { ++alive; }
  Thing(const Thing& other) : value(other.value) { ++alive; }
  Thing& operator=(const Thing&) = default;
  ~Thing() { --alive; }
  int value;
  static inline int alive = 0;
};
struct Base {
  virtual ~Base() = default;
  int base = 1;
};
struct Padding {
  virtual ~Padding() = default;
  int padding = 2;
};
struct Derived : Padding, Base {
  int derived = 3;
};
struct Holder {
  Thing part{5};
  Thing& get() { return part; }
  const Thing& look() const { return part; }
  Thing* find(bool found) { return found ? &part : nullptr; }
};

void bind(const selvage::state& lua) {
  lua.new_usertype<Thing>("Thing", selvage::constructors<Thing(int)>(), "value", &Thing::value);
  lua.new_usertype<Base>("Base", "base", &Base::base);
  lua.new_usertype<Padding>("Padding", "padding", &Padding::padding);
  lua.new_usertype<Derived>("Derived", selvage::base_classes, selvage::bases<Padding, Base>(), "derived",
                            &Derived::derived);
  lua.new_usertype<Holder>("Holder", "get", &Holder::get, "look", &Holder::look, "find", &Holder::find, "part",
                           &Holder::part);
}

}  // namespace

TEST_CASE("values are destroyed by the collector, and all when the state is closed") {
  {
    const selvage::state lua = newTestState();
    bind(lua);
    lua.script("for i = 1, 100 do Thing.new(i) end kept = Thing.new(7)");
    lua.collect_garbage();
    lua.collect_garbage();
    CHECK(Thing::alive == 1);
    lua["copy"] = [](Thing thing) { return thing; };
    CHECK(lua.script<int>("return copy(kept).value") == 7);
  }
  CHECK(Thing::alive == 0);
}

TEST_CASE("raw pointers and references refer to the object of C++") {
  const selvage::state lua = newTestState();
  bind(lua);
  Thing thing(3);
  lua["pointer"] = &thing;
  lua["same"] = std::ref(thing);
  lua["constant"] = std::cref(thing);
  lua.script("pointer.value = 8");
  CHECK(thing.value == 8);
  CHECK(lua.script<bool>("return pointer == same"));
  CHECK(lua.script<int>("return constant.value") == 8);
  CHECK(errorOf(lua, "constant.value = 1") ==
        "no object with property 'value' of Thing (Thing expected, got read-only Thing)");
  lua["change"] = [](Thing& changed) { changed.value = 0; };
  CHECK(errorOf(lua, "change(constant)") == "bad argument #1 to 'change' (Thing expected, got read-only Thing)");
  lua["null"] = static_cast<Thing*>(nullptr);
  CHECK_FALSE(lua["null"].valid());
}

TEST_CASE("shares") {
  const selvage::state lua = newTestState();
  bind(lua);
  auto shared = std::make_shared<Derived>();
  lua["d"] = shared;
  CHECK(shared.use_count() == 2);
  std::shared_ptr<Base> kept;
  lua["keep"] = [&kept](std::shared_ptr<Base> base) { kept = std::move(base); };
  lua.script("keep(d)");
  CHECK(shared.use_count() == 3);
  CHECK(kept.get() == static_cast<Base*>(shared.get()));
  CHECK(kept->base == 1);
  CHECK(lua.script<int>("return d.base + d.padding + d.derived") == 6);
  CHECK(errorOf(lua, "keep(Derived.new())") ==
        "bad argument #1 to 'keep' (shared Base expected, got Derived that is not held by shares)");
  CHECK(lua["d"].get<std::shared_ptr<Derived>>() == shared);
  lua["readOnly"] = std::shared_ptr<const Derived>(shared);
  CHECK(errorOf(lua, "readOnly.derived = 1").find("read-only Derived") != std::string::npos);
  lua.script("d = nil readOnly = nil");
  kept = nullptr;
  lua.collect_garbage();
  lua.collect_garbage();
  CHECK(shared.use_count() == 1);
}

TEST_CASE("unique ownership moves there and back") {
  const selvage::state lua = newTestState();
  bind(lua);
  lua["make"] = [](int n) { return std::make_unique<Thing>(n); };
  int taken = 0;
  lua["take"] = [&taken](std::unique_ptr<Thing> thing, int extra) { taken = thing->value + extra; };
  lua["takeTwo"] = [](std::unique_ptr<Thing>, std::unique_ptr<Thing>) {};
  lua["use"] = [](Thing& thing, const selvage::function& f) {
    f.call();
    return thing.value;
  };
  lua.script("t = make(4)");
  CHECK(lua.script<int>("return t.value") == 4);
  // A call that does not take place leaves ownership where it was.
  CHECK(errorOf(lua, "take(t, 'x')") == "bad argument #2 to 'take' (number expected, got string)");
  CHECK(lua.script<int>("return t.value") == 4);
  CHECK(errorOf(lua, "takeTwo(t, t)") ==
        "bad argument #2 to 'takeTwo' (owned Thing expected, got one that is given for two parameters)");
  CHECK(lua.script<int>("return t.value") == 4);
  // An object in use cannot be taken from under the call.
  CHECK(lua.script<int>("return use(t, function() pcall(take, t, 1) end)") == 4);
  lua.script("local ok ok, e = pcall(use, t, function() take(t, 1) end)");
  CHECK(lua["e"].get<std::string>().find(
            "bad argument #1 to 'take' (owned Thing expected, got Thing that is in use)") != std::string::npos);
  lua.script("take(t, 1)");
  CHECK(taken == 5);
  CHECK(Thing::alive == 0);
  CHECK(errorOf(lua, "return t.value") ==
        "no object with property 'value' of Thing (Thing expected, got Thing that is "
        "destroyed or was moved away)");
  CHECK(errorOf(lua, "take(Thing.new(1), 1)") ==
        "bad argument #1 to 'take' (owned Thing expected, got Thing that Lua does not own in such a pointer)");
}

TEST_CASE("parts keep the whole alive") {
  const selvage::state lua = newTestState();
  bind(lua);
  lua.script("p = Holder.new():get() q = Holder.new().part r = Holder.new():look() s = Holder.new():find(true)");
  lua.collect_garbage();
  lua.collect_garbage();
  CHECK(Thing::alive == 4);
  CHECK(lua.script<int>("p.value = 1 q.value = 2 return p.value + q.value + r.value + s.value") == 13);
  CHECK(errorOf(lua, "r.value = 1").find("read-only Thing") != std::string::npos);
  CHECK(lua.script<bool>("return Holder.new():find(false) == nil"));
  lua["own"] = std::make_unique<Holder>();
  lua["drop"] = [](std::unique_ptr<Holder>) {};
  lua.script("part = own.part drop(own)");
  CHECK(errorOf(lua, "return part.value").find("Thing that is destroyed or was moved away") != std::string::npos);
  lua.script("p, q, r, s, part = nil");
  lua.collect_garbage();
  lua.collect_garbage();
  CHECK(Thing::alive == 0);
}

TEST_CASE("scripts cannot destroy what is in use") {
  const selvage::state lua = newTestState();
  bind(lua);
  CHECK(lua.script<std::string>("return getmetatable(Thing.new(1))") == "Thing");
  CHECK(errorOf(lua, "setmetatable(Thing.new(1), {})").find("table expected") != std::string::npos);
  // Even the debug library only gets an object that says so.
  lua.collect_garbage();
  lua.collect_garbage();
  lua.script("t = Thing.new(1) debug.getmetatable(t).__gc(t) debug.getmetatable(t).__gc(t)");
  CHECK(Thing::alive == 0);
  CHECK(errorOf(lua, "return t.value").find("destroyed") != std::string::npos);
}
