// What registers hold between two stencils: which slots each mirrors.
//
// A register never holds anything that its slots do not hold too (write-through), so forgetting is always allowed.
#pragma once

#include <array>
#include <cstdint>

#include "stencils/stencil_variant.hpp"

namespace selvage {

class RegisterState {
 public:
  RegisterState() { clear(); }

  bool isEmpty() const {
    uint16_t all = none;
    for (const uint16_t mirrored : slots) all &= mirrored;
    return all == none;
  }
  void clear() { slots.fill(none); }

  // Where the slot is; reading it there makes the register younger.
  Place placeOf(uint32_t slot) {
    for (uint32_t i = 0; i < registerCount; ++i) {
      if (mirrors(i, slot)) {
        lastUse[i] = ++clock;
        return placeOfRegister(i);
      }
    }
    return Place::Slot;
  }
  void forget(uint32_t slot) {
    for (uint16_t& mirrored : slots) mirrored = mirrored == slot ? none : mirrored;
  }
  // A register of the wanted kind for a new value of `slot`, which is forgotten elsewhere: the one that held the slot's
  // last value alone, a free one, or the one that was used longest ago.
  Place take(uint32_t slot, bool isFloat) {
    const uint32_t first = isFloat ? 0 : floatRegisters;
    const uint32_t end = isFloat ? floatRegisters : registerCount;
    uint32_t best = first;
    for (uint32_t i = first; i < end; ++i) {
      if (mirrorsOnly(i, slot)) {
        best = i;
        break;
      }
      if (age(i) > age(best)) best = i;
    }
    forget(slot);
    slots[best] = static_cast<uint16_t>(slot);
    slots[best + registerCount] = none;
    lastUse[best] = ++clock;
    return placeOfRegister(best);
  }
  // The register at `place` gets to mirror `slot` too, as far as it can remember.
  void alias(uint32_t slot, Place place) {
    forget(slot);
    for (uint32_t i = registerOf(place); i < slots.size(); i += registerCount) {
      if (slots[i] != none) continue;
      slots[i] = static_cast<uint16_t>(slot);
      return;
    }
  }
  void forgetRegister(Place place) {
    for (uint32_t i = registerOf(place); i < slots.size(); i += registerCount) slots[i] = none;
  }

  // Only what both know.
  void intersect(const RegisterState& other) {
    for (uint32_t i = 0; i < slots.size(); ++i) {
      if (slots[i] != none && !other.mirrors(i % registerCount, slots[i])) slots[i] = none;
    }
  }
  // Whether everything that `other` knows is known here.
  bool includes(const RegisterState& other) const {
    for (uint32_t i = 0; i < slots.size(); ++i) {
      if (other.slots[i] != none && !mirrors(i % registerCount, other.slots[i])) return false;
    }
    return true;
  }

 private:
  static constexpr uint16_t none = UINT16_MAX;
  static constexpr uint32_t slotsOfRegister = 2;

  // The slots that register r mirrors are number r and r + registerCount: all of them in one row, for it is mostly
  // empty and asked whether it is.
  std::array<uint16_t, slotsOfRegister * registerCount> slots;
  std::array<uint32_t, registerCount> lastUse{};
  uint32_t clock = 0;

  static uint32_t registerOf(Place place) { return static_cast<uint32_t>(place) - 1; }
  bool isFree(uint32_t i) const { return slots[i] == none && slots[i + registerCount] == none; }
  bool mirrors(uint32_t i, uint32_t slot) const { return slots[i] == slot || slots[i + registerCount] == slot; }
  bool mirrorsOnly(uint32_t i, uint32_t slot) const {
    const auto isOther = [&](uint16_t mirrored) { return mirrored != none && mirrored != slot; };
    return mirrors(i, slot) && !isOther(slots[i]) && !isOther(slots[i + registerCount]);
  }
  uint32_t age(uint32_t i) const { return isFree(i) ? UINT32_MAX : clock - lastUse[i]; }
};

}  // namespace selvage
