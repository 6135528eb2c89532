// Executable memory for stitched code, never writable and executable at once.
//
// A region is mapped twice from one memory file, a view to write and a view to run. Where a system refuses that, the
// pages of a single mapping are flipped while they are written; where it refuses executable memory altogether,
// nothing can be allocated and status() says why, and whoever wanted to compile carries on without.
//
// Regions are placed near the program's own code, so that stitched code reaches it with 32-bit displacements, and
// each begins with a copy of a prelude that its code can rely on having near (constants, veneers). A code memory
// belongs to one VM and is used by one thread at a time.
//
// A process shares memory files with those that it forks. So what was written before a fork stays as it is, in parent
// and child, and both go on in regions of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace selvage {

enum class CodeMemoryMode : uint8_t {
  Automatic,  // the first of the following that the system allows
  DualMapping,
  FlippedPages,
  Unavailable,  // nothing executable is ever allocated
};

constexpr uint8_t trapInstruction = 0xCC;  // int3
// No region is larger, so that all of its code has the same functions of the program within reach.
constexpr size_t maxRegionBytes = size_t{1} << 30;

struct CodeMemoryOptions {
  CodeMemoryMode mode = CodeMemoryMode::Automatic;
  // Regions are put within reach of this address if possible; null: the program's own code.
  const void* near = nullptr;
  // Whether much code is written in a row. Then it is worth waiting for huge pages, which come several times cheaper
  // than as many single ones; but the system may keep one waiting for milliseconds, until each processor has had a
  // moment.
  bool isBulk = false;
  // Of regions whose pages are set up at once; others are larger.
  size_t firstRegionBytes = size_t{128} << 10;
  size_t largestRegionBytes = size_t{1} << 20;
};

// A piece of code memory. `code` is where it runs; it is written through CodeMemory::Writing.
struct CodeBlock {
  const uint8_t* code = nullptr;
  size_t size = 0;
  const uint8_t* prelude = nullptr;  // where the region's copy of the prelude runs

  explicit operator bool() const { return code != nullptr; }
  bool contains(const void* address) const {
    auto byte = static_cast<const uint8_t*>(address);
    return byte >= code && byte < code + size;
  }
};

class CodeMemory {
 public:
  explicit CodeMemory(const CodeMemoryOptions& options = {}, std::span<const uint8_t> prelude = {});
  ~CodeMemory();
  CodeMemory(const CodeMemory&) = delete;
  CodeMemory& operator=(const CodeMemory&) = delete;

  // How code is kept from being writable and executable at once. Automatic is settled when the memory is made.
  CodeMemoryMode mode() const { return currentMode; }
  bool isAvailable() const { return currentMode != CodeMemoryMode::Unavailable; }
  // One line for people: how code memory works here, or why there is none.
  const std::string& status() const { return statusText; }

  // A block of at least `bytes` bytes, 16-byte aligned, with any content; empty when the system gives no more. It is to
  // be written before the process forks again.
  CodeBlock allocate(size_t bytes);
  // `block` must come from this memory's allocate, and nothing may run in it any more.
  void release(const CodeBlock& block);

  size_t bytesInUse() const { return used; }
  size_t bytesReserved() const;

  // While it lives, a part of a block can be written. At most one at a time.
  class Writing {
   public:
    // The bytes at `code` .. `code + size` of an allocated block.
    Writing(CodeMemory& memory, const uint8_t* code, size_t size);
    ~Writing();
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;
    // Where to write the byte that runs at `code`; null when the system did not let the pages become writable.
    uint8_t* bytes() const { return writable; }

   private:
    uint8_t* writable = nullptr;
    uint8_t* flipped = nullptr;  // first of the pages to be made executable again
    size_t flippedBytes = 0;
  };

 private:
  struct Region;
  friend class Writing;

  CodeMemoryMode currentMode;
  CodeMemoryOptions options;
  std::string statusText;
  std::vector<uint8_t> prelude;
  std::vector<std::unique_ptr<Region>> regions;
  uintptr_t endOfRegions = 0;  // where there may be room for the next one
  bool areHugePagesRefused = false;
  size_t used = 0;
  uint32_t forksSeen = 0;

  Region* regionOf(const uint8_t* code) const;
  Region* addRegion(size_t bytes);
  size_t bytesToWrite() const;  // of the regions that are not sealed
  bool mapDual(Region& region, size_t needed, std::string& reason);
  bool mapSingle(Region& region, size_t needed, std::string& reason);
  void sealShared();
  CodeBlock allocateIn(Region& region, size_t bytes);
};

}  // namespace selvage
