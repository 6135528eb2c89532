// The slots of a thread's pending to-be-closed variables, in ascending order.
//
// A variable whose slot cannot be noted for want of memory must be closed all the same, as part of the error that this
// is. So there is always one place more than is in use: when no further one can be had, that place takes the slot, and
// then the error is raised.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "vm/memory.hpp"

namespace selvage {

class PendingSlots {
 public:
  explicit PendingSlots(Memory& memory) : memory_(memory) {}
  ~PendingSlots() {
    if (slots_ != few_) freeBytes(memory_, slots_, capacity_ * sizeof(uint32_t));
  }
  PendingSlots(const PendingSlots&) = delete;
  PendingSlots& operator=(const PendingSlots&) = delete;

  bool empty() const { return count_ == 0; }
  uint32_t back() const { return slots_[count_ - 1]; }
  std::span<const uint32_t> all() const { return {slots_, count_}; }
  void pop_back() { --count_; }
  // Whether one more can be added, and one place is left then.
  bool hasRoom() const { return count_ + 1 < capacity_; }
  void addWithRoom(uint32_t slot) { slots_[count_++] = slot; }
  // Throws std::bad_alloc when no place is left beyond this one; the slot is noted nevertheless.
  void push_back(uint32_t slot) {
    const bool isLast = !hasRoom() && !grow();
    addWithRoom(slot);
    if (isLast) throwOutOfMemory();
  }

 private:
  static constexpr uint32_t fewSlots = 4;

  bool grow() {
    const size_t bytes = capacity_ * sizeof(uint32_t);
    void* grown = slots_ == few_ ? allocateBytes(memory_, 2 * bytes) : resizeBytes(memory_, slots_, bytes, 2 * bytes);
    if (grown == nullptr) return false;
    auto* const slots = static_cast<uint32_t*>(grown);
    if (slots_ == few_) std::copy_n(few_, count_, slots);
    slots_ = slots;
    capacity_ *= 2;
    return true;
  }

  Memory& memory_;
  uint32_t* slots_ = few_;  // the object that this belongs to never moves
  uint32_t count_ = 0;
  uint32_t capacity_ = fewSlots;
  uint32_t few_[fewSlots];
};

}  // namespace selvage
