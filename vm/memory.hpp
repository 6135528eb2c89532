// Where a VM's memory comes from: one function, given by whoever makes the VM, for every byte but stitched code.
//
// The function has the form and the duties of the manual's lua_Alloc (4.6): it is told the exact size of what it is to
// free or to resize, and what kind of object new memory is for. All of it is counted here and checked against the limit
// that the VM's owner may set. C++ containers that belong to a VM, for its life or for that of one library function,
// take theirs from here through Allocator; that there is no memory for them they report by std::bad_alloc, which is
// caught where stitched code and interpreter call C++ functions and made an ordinary Lua error there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace selvage {

struct VM;

// Gives new memory (`block` null, `oldBytes` then the kind of object), frees a block (`newBytes` 0; then the result is
// null) or resizes it. Null when there is no memory, and then the block is as it was.
using AllocateFunction = void* (*)(void* userData, void* block, size_t oldBytes, size_t newBytes);

// malloc and its kin; large blocks are aligned to huge pages and ask for them, since most of what fresh memory costs
// are the page faults of its first use. The user data is not looked at.
void* systemAllocate(void* userData, void* block, size_t oldBytes, size_t newBytes);

struct Memory {
  AllocateFunction function = systemAllocate;
  void* userData = nullptr;
  size_t bytes = 0;       // held from the function (or from the system), all told
  size_t chunkBytes = 0;  // of these, the chunks in which the heap's cells are
  size_t cellBytes = 0;   // of these, cells in use, as an upper estimate between collections
  size_t limit = 0;       // for bytesInUse; 0: none

  bool isSystem() const { return function == systemAllocate; }
  size_t bytesInUse() const { return bytes - chunkBytes + cellBytes; }
  bool wouldExceedLimit(size_t more) const { return limit != 0 && (more > limit || bytesInUse() > limit - more); }
};

Memory& memoryOf(VM& vm);

// ---- blocks; null when the function or the limit refuses ----
// `kind`: of the object that the memory is for, as a LUA_T constant, or 0.
void* allocateBytes(Memory& memory, size_t bytes, size_t kind = 0);
void* allocateZeroedBytes(Memory& memory, size_t bytes);
// `block` may be null when `oldBytes` is 0. The block is as it was when the result is null.
void* resizeBytes(Memory& memory, void* block, size_t oldBytes, size_t newBytes);
void freeBytes(Memory& memory, void* block, size_t bytes);  // does nothing to null

[[noreturn]] void throwOutOfMemory();  // std::bad_alloc, also for code that is compiled without exceptions

// ---- containers ----
// The allocator of a VM for containers of the C++ library.
template <class T>
class Allocator {
 public:
  using value_type = T;
  using propagate_on_container_copy_assignment = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using is_always_equal = std::false_type;

  Allocator(Memory& memory) noexcept : memory_(&memory) {}
  Allocator(VM& vm) noexcept : memory_(&memoryOf(vm)) {}
  template <class U>
  Allocator(const Allocator<U>& other) noexcept : memory_(&other.memory()) {}

  T* allocate(size_t count) {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    void* block = count > SIZE_MAX / 2 / sizeof(T) ? nullptr : allocateBytes(*memory_, count * sizeof(T));
    if (block == nullptr) throwOutOfMemory();
    return static_cast<T*>(block);
  }
  void deallocate(T* block, size_t count) noexcept { freeBytes(*memory_, block, count * sizeof(T)); }

  Memory& memory() const { return *memory_; }
  bool operator==(const Allocator& other) const { return memory_ == other.memory_; }

 private:
  Memory* memory_;
};

template <class T>
using List = std::vector<T, Allocator<T>>;
using Text = std::basic_string<char, std::char_traits<char>, Allocator<char>>;

}  // namespace selvage
