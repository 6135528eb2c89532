// The buffer in which library functions build strings: small results never leave the C stack.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "vm/vm.hpp"

namespace selvage {

// Grows by doubling from an inline block into the VM's memory. When memory runs out the buffer stops taking bytes and
// finish() returns null, so that callers ask once, at the end.
class StringBuffer {
 public:
  explicit StringBuffer(VM& vm) : memory_(vm.memory) {}
  StringBuffer(const StringBuffer&) = delete;
  StringBuffer& operator=(const StringBuffer&) = delete;
  ~StringBuffer() {
    if (data_ != inline_) freeBytes(memory_, data_, capacity_);
  }

  size_t size() const { return size_; }
  std::string_view view() const { return {data_, size_}; }
  bool hasFailed() const { return hasFailed_; }

  // Room for `bytes` more bytes, to be filled and then confirmed with commit(); null when memory runs out.
  char* prepare(size_t bytes) {
    if (bytes > capacity_ - size_ && !grow(bytes)) [[unlikely]]
      return nullptr;
    return data_ + size_;
  }
  void commit(size_t bytes) { size_ += bytes; }

  void append(std::string_view text) {
    if (char* room = prepare(text.size())) {
      std::memcpy(room, text.data(), text.size());
      size_ += text.size();
    }
  }
  void append(char c) {
    if (char* room = prepare(1)) {
      *room = c;
      ++size_;
    }
  }
  void append(size_t repetitions, char c) {
    if (char* room = prepare(repetitions)) {
      std::memset(room, c, repetitions);
      size_ += repetitions;
    }
  }

  // A Lua string of the contents; null when memory ran out, now or earlier.
  String* finish(VM& vm) const { return hasFailed_ ? nullptr : newString(vm, view()); }

 private:
  [[gnu::noinline]] bool grow(size_t bytes) {
    if (hasFailed_ || bytes > (SIZE_MAX >> 1) - size_) {
      hasFailed_ = true;
      return false;
    }
    const size_t needed = size_ + bytes;
    const size_t capacity = needed > capacity_ * 2 ? needed : capacity_ * 2;
    char* data = static_cast<char*>(data_ == inline_ ? allocateBytes(memory_, capacity)
                                                     : resizeBytes(memory_, data_, capacity_, capacity));
    if (data == nullptr) {
      hasFailed_ = true;
      return false;
    }
    if (data_ == inline_) std::memcpy(data, inline_, size_);
    data_ = data;
    capacity_ = capacity;
    return true;
  }

  static constexpr size_t inlineBytes = 1024;
  Memory& memory_;
  char* data_ = inline_;
  size_t size_ = 0;
  size_t capacity_ = inlineBytes;
  bool hasFailed_ = false;
  char inline_[inlineBytes];
};

}  // namespace selvage
