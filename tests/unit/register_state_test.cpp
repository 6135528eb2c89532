// What the stitcher believes registers to hold: a wrong belief is a wrong number in a program.
#include "jit/register_state.hpp"

#include <catch2/catch.hpp>

using namespace selvage;

TEST_CASE("a register mirrors the slot it was taken for", "[registers]") {
  RegisterState state;
  CHECK(state.isEmpty());
  const Place sum = state.take(3, true);
  CHECK(isFloatPlace(sum));
  CHECK(state.placeOf(3) == sum);
  CHECK(state.placeOf(4) == Place::Slot);
  const Place index = state.take(4, false);
  CHECK(isIntegerPlace(index));
  state.forget(3);
  CHECK(state.placeOf(3) == Place::Slot);
  CHECK(state.placeOf(4) == index);
  state.clear();
  CHECK(state.isEmpty());
}

TEST_CASE("a slot is in one register only, whatever its type becomes", "[registers]") {
  RegisterState state;
  const Place asFloat = state.take(1, true);
  const Place asInteger = state.take(1, false);
  CHECK(state.placeOf(1) == asInteger);
  RegisterState other;
  other.take(1, true);
  CHECK(asFloat == other.placeOf(1));
  CHECK_FALSE(state.includes(other));
}

TEST_CASE("an accumulator stays in its register", "[registers]") {
  RegisterState state;
  const Place sum = state.take(0, true);
  for (uint32_t slot = 1; slot < 20; ++slot) {
    state.take(slot, true);
    state.placeOf(0);  // read each time, so it is never the oldest
    CHECK(state.take(0, true) == sum);
  }
}

TEST_CASE("the register used longest ago is given up first", "[registers]") {
  RegisterState state;
  for (uint32_t slot = 0; slot < floatRegisters; ++slot) state.take(slot, true);
  state.placeOf(0);
  state.take(10, true);
  CHECK(state.placeOf(0) != Place::Slot);
  CHECK(state.placeOf(1) == Place::Slot);
  CHECK(state.placeOf(10) != Place::Slot);
}

TEST_CASE("two slots may share a register until one is written", "[registers]") {
  RegisterState state;
  const Place place = state.take(5, false);
  state.alias(6, place);
  CHECK(state.placeOf(5) == place);
  CHECK(state.placeOf(6) == place);
  // A third one is not remembered, which is always allowed.
  state.alias(7, place);
  CHECK(state.placeOf(7) == Place::Slot);
  // The new value of one of them must not take the register that the other still needs.
  const Place next = state.take(5, false);
  CHECK(next != place);
  CHECK(state.placeOf(6) == place);
  state.forgetRegister(place);
  CHECK(state.placeOf(6) == Place::Slot);
}

TEST_CASE("where ways join only common knowledge is left", "[registers]") {
  RegisterState one;
  one.take(0, true);
  one.take(1, true);
  RegisterState two;
  two.take(0, true);
  two.take(2, true);
  RegisterState joined = one;
  joined.intersect(two);
  CHECK(joined.placeOf(0) != Place::Slot);
  CHECK(joined.placeOf(1) == Place::Slot);
  CHECK(joined.placeOf(2) == Place::Slot);
  CHECK(one.includes(joined));
  CHECK(two.includes(joined));
  CHECK_FALSE(joined.includes(one));
  RegisterState nothing;
  CHECK(joined.includes(nothing));
  joined.intersect(nothing);
  CHECK(joined.isEmpty());
}
