#include "jit/register_state.hpp"

#include <bit>

namespace selvage {

namespace {

uint32_t registerOf(Place place) { return static_cast<uint32_t>(place) - 1; }

}  // namespace

// Which of `slots` it is, or noMirror.
uint32_t RegisterState::mirrorOf(uint32_t slot) const {
  const __m128i wanted = _mm_set1_epi16(static_cast<int16_t>(slot));
  const __m128i found = _mm_packs_epi16(_mm_cmpeq_epi16(row(0), wanted), _mm_cmpeq_epi16(row(1), wanted));
  return static_cast<uint32_t>(std::countr_zero(static_cast<uint32_t>(_mm_movemask_epi8(found)) | 1U << noMirror));
}

Place RegisterState::readPlaceOf(uint32_t slot) {
  const uint32_t mirror = mirrorOf(slot);
  if (mirror == noMirror) return Place::Slot;
  const uint32_t i = registerAt(mirror);
  lastUse[i] = ++clock;
  return placeOfRegister(i);
}

void RegisterState::forgetMirrored(uint32_t slot) {
  const uint32_t mirror = mirrorOf(slot);
  if (mirror != noMirror) release(mirror);
}

void RegisterState::hold(uint32_t mirror, uint32_t slot) {
  slots[mirror] = static_cast<uint16_t>(slot);
  held |= 1U << registerAt(mirror);
  mirrored |= uint64_t{1} << (slot % 64);
}

void RegisterState::release(uint32_t mirror) {
  const uint32_t i = registerAt(mirror);
  slots[mirror] = none;
  if (slots[i] == none && slots[i + rowSize] == none) held &= ~(1U << i);
  if (held == 0) mirrored = 0;
}

// Of the registers of a kind, none of which is free, the one that was used longest ago.
uint32_t RegisterState::oldest(bool isFloat) const {
  const uint32_t first = isFloat ? 0 : floatRegisters;
  const uint32_t end = isFloat ? floatRegisters : registerCount;
  uint32_t best = first;
  for (uint32_t i = first + 1; i < end; ++i) {
    if (clock - lastUse[i] > clock - lastUse[best]) best = i;
  }
  return best;
}

Place RegisterState::take(uint32_t slot, bool isFloat) {
  constexpr uint32_t floats = (1U << floatRegisters) - 1;
  constexpr uint32_t integers = ((1U << registerCount) - 1) & ~floats;
  const uint32_t mirror = mayMirror(slot) ? mirrorOf(slot) : noMirror;
  if (mirror != noMirror) release(mirror);
  const uint32_t free = (isFloat ? floats : integers) & ~held;
  uint32_t taken;
  if (mirror != noMirror && (free >> registerAt(mirror) & 1) != 0) taken = registerAt(mirror);
  else taken = free != 0 ? static_cast<uint32_t>(std::countr_zero(free)) : oldest(isFloat);
  hold(taken, slot);
  slots[taken + rowSize] = none;
  lastUse[taken] = ++clock;
  return placeOfRegister(taken);
}

void RegisterState::alias(uint32_t slot, Place place) {
  forget(slot);
  for (uint32_t i = registerOf(place); i < mirrorCount; i += rowSize) {
    if (slots[i] != none) continue;
    hold(i, slot);
    return;
  }
}

void RegisterState::forgetRegister(Place place) {
  const uint32_t i = registerOf(place);
  release(i);
  release(i + rowSize);
}

void RegisterState::intersect(const RegisterState& other) {
  if (isEmpty()) return;
  const __m128i nothing = _mm_set1_epi16(static_cast<int16_t>(none));
  for (uint32_t i = 0; i < slotsOfRegister; ++i) {
    const __m128i isKept = _mm_or_si128(_mm_cmpeq_epi16(row(i), other.row(0)), _mm_cmpeq_epi16(row(i), other.row(1)));
    setRow(i, _mm_or_si128(row(i), _mm_andnot_si128(isKept, nothing)));
  }
  const __m128i isFree = _mm_cmpeq_epi16(_mm_and_si128(row(0), row(1)), nothing);
  const int freeRegisters = _mm_movemask_epi8(_mm_packs_epi16(isFree, isFree));
  held &= ~static_cast<uint32_t>(freeRegisters);
  if (held == 0) mirrored = 0;
}

bool RegisterState::includes(const RegisterState& other) const {
  for (uint32_t i = 0; i < mirrorCount; ++i) {
    if (other.slots[i] != none && !mirrors(registerAt(i), other.slots[i])) return false;
  }
  return true;
}

}  // namespace selvage
