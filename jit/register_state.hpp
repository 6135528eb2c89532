// What registers hold between two stencils: which slots each mirrors.
//
// A register never holds anything that its slots do not hold too (write-through), so forgetting is always allowed.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "stencils/stencil_variant.hpp"

namespace selvage {

class RegisterState {
 public:
  RegisterState() { slots.fill(none); }

  bool isEmpty() const { return held == 0; }
  void clear() {
    if (isEmpty()) return;
    slots.fill(none);
    held = 0;
  }

  // Where the slot is; reading it there makes the register younger.
  Place placeOf(uint32_t slot) {
    const uint32_t mirror = mirrorOf(slot);
    if (mirror == noMirror) return Place::Slot;
    const uint32_t i = registerAt(mirror);
    lastUse[i] = ++clock;
    return placeOfRegister(i);
  }
  void forget(uint32_t slot) {
    const uint32_t mirror = mirrorOf(slot);
    if (mirror != noMirror) release(mirror);
  }
  // A register of the wanted kind for a new value of `slot`, which is forgotten elsewhere: the one that held the slot's
  // last value alone, a free one, or the one that was used longest ago.
  Place take(uint32_t slot, bool isFloat) {
    constexpr uint32_t floats = (1U << floatRegisters) - 1;
    constexpr uint32_t integers = ((1U << registerCount) - 1) & ~floats;
    const uint32_t mirror = mirrorOf(slot);
    if (mirror != noMirror) release(mirror);
    uint32_t free = (isFloat ? floats : integers) & ~held;
    if (mirror != noMirror && (free >> registerAt(mirror) & 1) != 0) free = 1U << registerAt(mirror);
    const uint32_t taken = free != 0 ? static_cast<uint32_t>(std::countr_zero(free)) : oldest(isFloat);
    hold(taken, slot);
    slots[taken + registerCount] = none;
    lastUse[taken] = ++clock;
    return placeOfRegister(taken);
  }
  // The register at `place` gets to mirror `slot` too, as far as it can remember.
  void alias(uint32_t slot, Place place) {
    forget(slot);
    for (uint32_t i = registerOf(place); i < slots.size(); i += registerCount) {
      if (slots[i] != none) continue;
      hold(i, slot);
      return;
    }
  }
  void forgetRegister(Place place) {
    const uint32_t i = registerOf(place);
    slots[i] = slots[i + registerCount] = none;
    held &= ~(1U << i);
  }

  // Only what both know.
  void intersect(const RegisterState& other) {
    if (isEmpty()) return;
    for (uint32_t i = 0; i < slots.size(); ++i) {
      if (slots[i] != none && !other.mirrors(registerAt(i), slots[i])) release(i);
    }
  }
  // Whether everything that `other` knows is known here.
  bool includes(const RegisterState& other) const {
    for (uint32_t i = 0; i < slots.size(); ++i) {
      if (other.slots[i] != none && !mirrors(registerAt(i), other.slots[i])) return false;
    }
    return true;
  }

 private:
  static constexpr uint16_t none = UINT16_MAX;
  static constexpr uint32_t slotsOfRegister = 2;
  static constexpr uint32_t mirrorCount = slotsOfRegister * registerCount;
  static constexpr uint32_t noMirror = mirrorCount;

  // The slots that register r mirrors are number r and r + registerCount. No slot is mirrored twice.
  std::array<uint16_t, mirrorCount> slots;
  uint32_t held = 0;  // the registers that mirror any, as a set of bits
  std::array<uint32_t, registerCount> lastUse{};
  uint32_t clock = 0;

  static uint32_t registerOf(Place place) { return static_cast<uint32_t>(place) - 1; }
  static uint32_t registerAt(uint32_t mirror) { return mirror < registerCount ? mirror : mirror - registerCount; }
  bool mirrors(uint32_t i, uint32_t slot) const { return slots[i] == slot || slots[i + registerCount] == slot; }
  // Which of `slots` it is.
  uint32_t mirrorOf(uint32_t slot) const {
    uint32_t found = noMirror;
    if (isEmpty()) return found;
    for (uint32_t i = 0; i < mirrorCount; ++i) found = slots[i] == slot ? i : found;
    return found;
  }
  void hold(uint32_t mirror, uint32_t slot) {
    slots[mirror] = static_cast<uint16_t>(slot);
    held |= 1U << registerAt(mirror);
  }
  void release(uint32_t mirror) {
    const uint32_t i = registerAt(mirror);
    slots[mirror] = none;
    if (slots[i] == none && slots[i + registerCount] == none) held &= ~(1U << i);
  }
  // Of the registers of a kind, none of which is free, the one that was used longest ago.
  uint32_t oldest(bool isFloat) const {
    const uint32_t first = isFloat ? 0 : floatRegisters;
    const uint32_t end = isFloat ? floatRegisters : registerCount;
    uint32_t best = first;
    for (uint32_t i = first; i < end; ++i) {
      if (clock - lastUse[i] > clock - lastUse[best]) best = i;
    }
    return best;
  }
};

}  // namespace selvage
