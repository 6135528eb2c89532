// The pseudo-random numbers of math.random: xoshiro256**, seeded and projected as the reference does, so that a given
// seed gives the same sequence.
#pragma once

#include <bit>
#include <cstdint>

namespace selvage {

class RandomGenerator {
 public:
  void seed(uint64_t first, uint64_t second) {
    state_[0] = first;
    state_[1] = 0xff;  // never all zero
    state_[2] = second;
    state_[3] = 0;
    constexpr int discarded = 16;
    for (int i = 0; i < discarded; ++i) next();
  }

  uint64_t next() {
    const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // In [0, 1), from the upper bits.
  static double toFloat(uint64_t random) { return static_cast<double>(random >> 11) * 0x1p-53; }

  // From `random` a number in [0, limit] without bias: its lower bits, drawing again while they exceed the limit.
  uint64_t project(uint64_t random, uint64_t limit) {
    if ((limit & (limit + 1)) == 0) return random & limit;
    const uint64_t mask = ~uint64_t{0} >> std::countl_zero(limit);
    while ((random &= mask) > limit) random = next();
    return random;
  }

 private:
  uint64_t state_[4];
};

}  // namespace selvage
