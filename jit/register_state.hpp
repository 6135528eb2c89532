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
  bool isEmpty() const {
    for (const Register& held : registers) {
      if (!held.isFree()) return false;
    }
    return true;
  }
  void clear() { registers.fill({}); }

  // Where the slot is; reading it there makes the register younger.
  Place placeOf(uint32_t slot) {
    for (uint32_t i = 0; i < registerCount; ++i) {
      if (registers[i].mirrors(slot)) {
        registers[i].lastUse = ++clock;
        return placeOfRegister(i);
      }
    }
    return Place::Slot;
  }
  void forget(uint32_t slot) {
    for (Register& held : registers) {
      for (uint16_t& mirrored : held.slots) {
        if (mirrored == slot) mirrored = none;
      }
    }
  }
  // A register of the wanted kind for a new value of `slot`, which is forgotten elsewhere: the one that held the slot's
  // last value alone, a free one, or the one that was used longest ago.
  Place take(uint32_t slot, bool isFloat) {
    const uint32_t first = isFloat ? 0 : floatRegisters;
    const uint32_t end = isFloat ? floatRegisters : registerCount;
    uint32_t best = first;
    for (uint32_t i = first; i < end; ++i) {
      if (registers[i].mirrorsOnly(slot)) {
        best = i;
        break;
      }
      if (registers[i].age(clock) > registers[best].age(clock)) best = i;
    }
    forget(slot);
    registers[best] = {{static_cast<uint16_t>(slot), none}, ++clock};
    return placeOfRegister(best);
  }
  // The register at `place` gets to mirror `slot` too, as far as it can remember.
  void alias(uint32_t slot, Place place) {
    forget(slot);
    Register& held = registers[static_cast<uint32_t>(place) - 1];
    for (uint16_t& mirrored : held.slots) {
      if (mirrored != none) continue;
      mirrored = static_cast<uint16_t>(slot);
      return;
    }
  }
  void forgetRegister(Place place) { registers[static_cast<uint32_t>(place) - 1] = {}; }

  // Only what both know.
  void intersect(const RegisterState& other) {
    for (uint32_t i = 0; i < registerCount; ++i) {
      for (uint16_t& mirrored : registers[i].slots) {
        if (mirrored != none && !other.registers[i].mirrors(mirrored)) mirrored = none;
      }
    }
  }
  // Whether everything that `other` knows is known here.
  bool includes(const RegisterState& other) const {
    for (uint32_t i = 0; i < registerCount; ++i) {
      for (const uint16_t mirrored : other.registers[i].slots) {
        if (mirrored != none && !registers[i].mirrors(mirrored)) return false;
      }
    }
    return true;
  }

 private:
  static constexpr uint16_t none = UINT16_MAX;

  struct Register {
    std::array<uint16_t, 2> slots = {none, none};
    uint32_t lastUse = 0;

    bool isFree() const { return slots[0] == none && slots[1] == none; }
    bool mirrors(uint32_t slot) const { return slots[0] == slot || slots[1] == slot; }
    bool mirrorsOnly(uint32_t slot) const {
      return mirrors(slot) && (slots[0] == none || slots[0] == slot) && (slots[1] == none || slots[1] == slot);
    }
    uint32_t age(uint32_t now) const { return isFree() ? UINT32_MAX : now - lastUse; }
  };

  std::array<Register, registerCount> registers;
  uint32_t clock = 0;
};

}  // namespace selvage
