// What registers hold between two stencils: which slots each mirrors.
//
// A register never holds anything that its slots do not hold too (write-through), so forgetting is always allowed.
#pragma once

#include <emmintrin.h>

#include <array>
#include <cstdint>

#include "stencils/stencil_variant.hpp"

namespace selvage {

class RegisterState {
 public:
  RegisterState() { slots.fill(none); }

  bool isEmpty() const { return held == 0; }
  void clear() {
    if (!isEmpty()) *this = RegisterState();
  }

  // Where the slot is; reading it there makes the register younger.
  Place placeOf(uint32_t slot) { return mayMirror(slot) ? readPlaceOf(slot) : Place::Slot; }
  void forget(uint32_t slot) {
    if (mayMirror(slot)) forgetMirrored(slot);
  }
  // A register of the wanted kind for a new value of `slot`, which is forgotten elsewhere: the one that held the slot's
  // last value alone, a free one, or the one that was used longest ago.
  Place take(uint32_t slot, bool isFloat);
  // The register at `place` gets to mirror `slot` too, as far as it can remember.
  void alias(uint32_t slot, Place place);
  void forgetRegister(Place place);

  // Only what both know.
  void intersect(const RegisterState& other);
  // Whether everything that `other` knows is known here.
  bool includes(const RegisterState& other) const;

 private:
  static constexpr uint16_t none = UINT16_MAX;
  static constexpr uint32_t slotsOfRegister = 2;
  static constexpr uint32_t rowSize = 8;  // so that a row is searched with one comparison
  static constexpr uint32_t mirrorCount = slotsOfRegister * rowSize;
  static constexpr uint32_t noMirror = mirrorCount;
  static_assert(registerCount <= rowSize);

  // The slots that register r mirrors are number r of each row. No slot is mirrored twice.
  alignas(rowSize * sizeof(uint16_t)) std::array<uint16_t, mirrorCount> slots;
  uint64_t mirrored = 0;  // bit slot % 64 is set for every slot that is mirrored, perhaps for others: most are not
  uint32_t held = 0;      // the registers that mirror any, as a set of bits
  uint32_t clock = 0;
  std::array<uint32_t, registerCount> lastUse{};

  static uint32_t registerAt(uint32_t mirror) { return mirror % rowSize; }
  __m128i row(uint32_t i) const { return _mm_load_si128(reinterpret_cast<const __m128i*>(&slots[i * rowSize])); }
  void setRow(uint32_t i, __m128i values) { _mm_store_si128(reinterpret_cast<__m128i*>(&slots[i * rowSize]), values); }
  bool mayMirror(uint32_t slot) const { return (mirrored >> (slot % 64) & 1) != 0; }
  uint32_t mirrorOf(uint32_t slot) const;
  Place readPlaceOf(uint32_t slot);
  void forgetMirrored(uint32_t slot);
  void hold(uint32_t mirror, uint32_t slot);
  void release(uint32_t mirror);
  bool mirrors(uint32_t i, uint32_t slot) const { return slots[i] == slot || slots[i + rowSize] == slot; }
  uint32_t oldest(bool isFloat) const;
};

}  // namespace selvage
