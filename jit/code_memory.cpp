// See code_memory.hpp. Written for Linux on x86-64.
#include "jit/code_memory.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ranges>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "jit/fork_count.hpp"
#include "jit/free_ranges.hpp"

namespace selvage {
namespace {

constexpr size_t blockAlignment = 16;
// A region must not be farther than this from the address it shall be near, leaving a margin for its own size and
// that of the program.
constexpr uintptr_t reach = uintptr_t{1} << 30;
constexpr uintptr_t placementStep = uintptr_t{16} << 20;
// Pages that are set up all at once cost little more than half of what a fault for each costs, but those that are not
// used are lost, and making a region costs as much as half a dozen pages. So the first one is set up as far as a
// program with a few dozen functions needs; later ones are set up wholly, are smaller, and grow with what there is.
constexpr size_t firstPagesBytes = size_t{32} << 10;
constexpr size_t laterRegionBytes = size_t{64} << 10;
constexpr size_t growthShare = 4;  // what they grow by is that part of it
// In bulk, once there is that much code, pages come as huge ones, which cost about as much as the others have until
// then.
constexpr size_t hugePageBytes = size_t{2} << 20;
constexpr size_t singlePagesBytes = size_t{128} << 10;
// Regions whose pages come when they are written are just room.
constexpr size_t leastRoomBytes = size_t{4} << 20;
constexpr size_t mostRoomBytes = size_t{64} << 20;
// Newer kernels want to be told that a memory file will be executed, older ones do not know the flag.
constexpr unsigned int memoryFileIsExecutable = 0x0010U;
// madvise's MADV_COLLAPSE, which headers older than Linux 6.1 lack.
constexpr int collapsePages = 25;

size_t roundedUp(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

size_t pageSize() {
  long size = sysconf(_SC_PAGESIZE);
  return size > 0 ? static_cast<size_t>(size) : 4096;
}

std::string systemError(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

int openMemoryFile() {
  int file = memfd_create("selvage-code", MFD_CLOEXEC | memoryFileIsExecutable);
  if (file < 0 && errno == EINVAL) file = memfd_create("selvage-code", MFD_CLOEXEC);
  return file;
}

// Has the system set up a memory file's pages at once, and map them with few faults. What it does not set up now, it
// does when it is touched.
void setUpPages(int file, const uint8_t* view, size_t bytes) {
  // Reserves the pages, then clears them: a page that is reserved only is cleared when it is touched.
  for (int i = 0; i < 2; ++i) (void)fallocate(file, 0, 0, static_cast<off_t>(bytes));
  // A fault for reading brings along the pages around it that are there, to be written, too: 64 KB of them unless the
  // system is told otherwise, in half the time that MADV_POPULATE_READ takes.
  constexpr size_t faultBytes = size_t{64} << 10;
  for (size_t i = 0; i < bytes; i += faultBytes) (void)*const_cast<const volatile uint8_t*>(view + i);
}

// Whether files may grow to that size: trying it where they may not would end the process with a signal.
bool mayBeAsLarge(size_t bytes) {
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || bytes <= limit.rlim_cur;
}

// Maps at the address if there is nothing yet; null if there is something. MAP_FAILED: it cannot be mapped at all.
void* mapAt(uintptr_t address, size_t bytes, int protection, int flags, int file) {
  void* const wanted = reinterpret_cast<void*>(address);
  void* const result = mmap(wanted, bytes, protection, flags | MAP_FIXED_NOREPLACE, file, 0);
  if (result == wanted) return result;
  if (result != MAP_FAILED) munmap(result, bytes);  // a kernel that takes the address for a mere hint
  else if (errno != EEXIST && errno != EINVAL && errno != ENOMEM) return MAP_FAILED;
  return nullptr;
}

// Maps within reach of `near` if there is room there, otherwise anywhere; at `preferred` if it can be had and is near.
void* mapNear(const void* near, uintptr_t preferred, size_t bytes, int protection, int flags, int file) {
  const uintptr_t origin = reinterpret_cast<uintptr_t>(near) / placementStep * placementStep;
  if (preferred != 0 && std::max(preferred, origin) - std::min(preferred, origin) < reach) {
    void* const result = mapAt(preferred, bytes, protection, flags, file);
    if (result != nullptr) return result;
  }
  for (uintptr_t distance = placementStep; distance < reach; distance += placementStep) {
    for (bool isAbove : {true, false}) {
      if (!isAbove && origin <= distance) continue;
      void* const result = mapAt(isAbove ? origin + distance : origin - distance, bytes, protection, flags, file);
      if (result != nullptr) return result;
    }
  }
  return mmap(nullptr, bytes, protection, flags, file, 0);
}

// Maps at a random address, far from `code`: who knows where code runs, or has a pointer that is wrong by a little, does not
// come upon where it is written.
void* mapFarFrom(const void* code, size_t bytes, size_t alignment, int protection, int flags, int file) {
  constexpr uintptr_t lowest = uintptr_t{1} << 36;  // above what programs are loaded to without random addresses
  constexpr uintptr_t highest = uintptr_t{1} << 46;
  constexpr uintptr_t leastDistance = uintptr_t{1} << 36;
#if __has_feature(thread_sanitizer)
  constexpr int maxTries = 0;  // it has most addresses for itself
#else
  constexpr int maxTries = 16;
#endif
  const auto origin = reinterpret_cast<uintptr_t>(code);
  for (int tries = 0; tries < maxTries; ++tries) {
    uintptr_t random;
    if (getentropy(&random, sizeof random) != 0) break;
    const uintptr_t address = (lowest + random % (highest - lowest)) / alignment * alignment;
    if (std::max(address, origin) - std::min(address, origin) < leastDistance) continue;
    void* const result = mapAt(address, bytes, protection, flags, file);
    if (result != nullptr) return result;
  }
  return mmap(nullptr, bytes, protection, flags, file, 0);
}

// Makes whole pages around a range.
std::pair<uint8_t*, size_t> pagesAround(uint8_t* start, size_t size) {
  size_t page = pageSize();
  auto first = reinterpret_cast<uintptr_t>(start) / page * page;
  size_t bytes = roundedUp(reinterpret_cast<uintptr_t>(start) + size - first, page);
  return {reinterpret_cast<uint8_t*>(first), bytes};
}

}  // namespace

struct CodeMemory::Region {
  static constexpr size_t noHugePages = SIZE_MAX;

  uint8_t* executable = nullptr;
  uint8_t* writable = nullptr;  // the same as executable when pages are flipped
  size_t size = 0;
  size_t used = 0;               // in blocks
  bool isSealed = false;         // shared with another process: nothing is written any more
  size_t hugeEnd = noHugePages;  // where the next huge page is to be
  FreeRanges free;

  // Whether the system made huge pages of all that is used up to `end`. There will be no more if it did not.
  bool makeHugePages(size_t end);

  ~Region() {
    if (writable != nullptr && writable != executable) munmap(writable, size);
    if (executable != nullptr) munmap(executable, size);
  }
};

bool CodeMemory::Region::makeHugePages(size_t end) {
  for (; hugeEnd < end; hugeEnd += hugePageBytes) {
    // Linux makes a huge page of a part of a file only where there is a page already.
    (void)*const_cast<const volatile uint8_t*>(writable + hugeEnd);
    if (madvise(writable + hugeEnd, hugePageBytes, collapsePages) != 0) return false;
  }
  return true;
}

CodeMemory::CodeMemory(const CodeMemoryOptions& givenOptions, std::span<const uint8_t> givenPrelude)
    : currentMode(givenOptions.mode),
      options(givenOptions),
      prelude(givenPrelude.begin(), givenPrelude.end()),
      forksSeen(forkCount()) {
  if (options.near == nullptr) options.near = reinterpret_cast<const void*>(&openMemoryFile);
  if (currentMode == CodeMemoryMode::Unavailable) {
    statusText = "executable memory was declined";
    return;
  }
  // What the system allows is found out by making the first region.
  std::string dualReason, singleReason;
  auto region = std::make_unique<Region>();
  const size_t needed = roundedUp(prelude.size(), blockAlignment) + 1;
  bool isMapped = false;
  if (givenOptions.mode != CodeMemoryMode::FlippedPages && mapDual(*region, needed, dualReason)) {
    isMapped = true;
    currentMode = CodeMemoryMode::DualMapping;
    statusText = "code is mapped twice, to write and to run";
  } else if (givenOptions.mode != CodeMemoryMode::DualMapping) {
    region = std::make_unique<Region>();
    if (mapSingle(*region, needed, singleReason)) {
      isMapped = true;
      currentMode = CodeMemoryMode::FlippedPages;
      statusText = "code pages are flipped between writable and executable";
      if (!dualReason.empty()) statusText += " (" + dualReason + ")";
    }
  }
  if (!isMapped) {
    currentMode = CodeMemoryMode::Unavailable;
    statusText = "no executable memory: " + dualReason;
    if (!singleReason.empty()) statusText += (dualReason.empty() ? "" : "; ") + singleReason;
    return;
  }
  regions.push_back(std::move(region));
}

CodeMemory::~CodeMemory() = default;

size_t CodeMemory::bytesToWrite() const {
  size_t sum = 0;
  for (const auto& region : regions) sum += region->isSealed ? 0 : region->size;
  return sum;
}

bool CodeMemory::mapDual(Region& region, size_t needed, std::string& reason) {
  const size_t present = bytesToWrite();
  const bool isRoom = options.isBulk && !areHugePagesRefused && present >= singlePagesBytes;
  if (isRoom) {
    region.size = roundedUp(std::max(needed, std::clamp(present, leastRoomBytes, mostRoomBytes)), hugePageBytes);
  } else {
    const size_t usual = present == 0 ? options.firstRegionBytes : laterRegionBytes + present / growthShare;
    region.size = roundedUp(std::max(needed, std::min(usual, options.largestRegionBytes)), pageSize());
  }
  int file = openMemoryFile();
  if (file < 0) {
    reason = systemError("no memory file");
    return false;
  }
  bool isGood = false;
  if (!mayBeAsLarge(std::max(region.size, mostRoomBytes))) {
    reason = "the memory file cannot grow: files are limited to less";
  } else if (ftruncate(file, static_cast<off_t>(region.size)) != 0) {
    reason = systemError("the memory file cannot grow");
  } else {
    const uintptr_t preferred = isRoom ? roundedUp(endOfRegions, hugePageBytes) : endOfRegions;
    void* executable = mapNear(options.near, preferred, region.size, PROT_READ | PROT_EXEC, MAP_SHARED, file);
    void* writable = MAP_FAILED;
    if (executable != MAP_FAILED) {
      endOfRegions = reinterpret_cast<uintptr_t>(executable) + region.size;
      writable = mapFarFrom(executable, region.size, isRoom ? hugePageBytes : pageSize(), PROT_READ | PROT_WRITE,
                            MAP_SHARED, file);
    }
    if (writable == MAP_FAILED) {
      reason = systemError("a memory file cannot be mapped to run");
      if (executable != MAP_FAILED) munmap(executable, region.size);
    } else {
      region.writable = static_cast<uint8_t*>(writable);
      region.executable = static_cast<uint8_t*>(executable);
      isGood = true;
      if (!isRoom)
        setUpPages(file, region.writable, present == 0 ? std::min(region.size, firstPagesBytes) : region.size);
      // A huge page is mapped as one where it is aligned.
      else if ((reinterpret_cast<uintptr_t>(executable) | reinterpret_cast<uintptr_t>(writable)) % hugePageBytes == 0)
        region.hugeEnd = 0;
    }
  }
  close(file);
  if (!isGood) return false;
  std::memset(region.writable, trapInstruction, roundedUp(prelude.size(), blockAlignment));
  std::copy(prelude.begin(), prelude.end(), region.writable);
  size_t start = roundedUp(prelude.size(), blockAlignment);
  region.free.add(start, region.size - start);
  return true;
}

bool CodeMemory::mapSingle(Region& region, size_t needed, std::string& reason) {
  region.size = roundedUp(std::max(needed, std::clamp(bytesToWrite(), leastRoomBytes, mostRoomBytes)), pageSize());
  void* memory = mapNear(options.near, 0, region.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  if (memory == MAP_FAILED) {
    reason = systemError("memory for code cannot be mapped");
    return false;
  }
  region.writable = region.executable = static_cast<uint8_t*>(memory);
  std::copy(prelude.begin(), prelude.end(), region.writable);
  if (mprotect(memory, region.size, PROT_READ | PROT_EXEC) != 0) {
    reason = systemError("pages cannot be made executable");
    return false;
  }
  size_t start = roundedUp(prelude.size(), blockAlignment);
  region.free.add(start, region.size - start);
  return true;
}

CodeMemory::Region* CodeMemory::addRegion(size_t bytes) {
  size_t needed = bytes + roundedUp(prelude.size(), blockAlignment);
  auto region = std::make_unique<Region>();
  std::string reason;
  bool isMapped = currentMode == CodeMemoryMode::DualMapping ? mapDual(*region, needed, reason)
                                                             : mapSingle(*region, needed, reason);
  if (!isMapped) return nullptr;
  regions.push_back(std::move(region));
  return regions.back().get();
}

CodeMemory::Region* CodeMemory::regionOf(const uint8_t* code) const {
  for (const auto& region : std::views::reverse(regions)) {
    if (code >= region->executable && code < region->executable + region->size) return region.get();
  }
  return nullptr;
}

CodeBlock CodeMemory::allocateIn(Region& region, size_t bytes) {
  const std::optional<size_t> offset = region.free.take(bytes);
  if (!offset) return {};
  region.used += bytes;
  const size_t end = *offset + bytes;
  if (end > region.hugeEnd && !region.makeHugePages(end)) [[unlikely]] {
    // Pages go on coming one by one.
    region.hugeEnd = Region::noHugePages;
    areHugePagesRefused = true;
  }
  return {region.executable + *offset, bytes, region.executable};
}

CodeBlock CodeMemory::allocate(size_t bytes) {
  if (!isAvailable() || bytes > maxRegionBytes / 2) return {};
  bytes = roundedUp(std::max(bytes, size_t{1}), blockAlignment);
  if (forksSeen != forkCount()) [[unlikely]]
    sealShared();
  CodeBlock block;
  for (const auto& region : std::views::reverse(regions)) {
    if (!region->isSealed) block = allocateIn(*region, bytes);
    if (block) break;
  }
  if (!block) {
    Region* region = addRegion(bytes);
    if (region == nullptr) return {};
    block = allocateIn(*region, bytes);
  }
  used += block.size;
  return block;
}

void CodeMemory::release(const CodeBlock& block) {
  Region* region = block ? regionOf(block.code) : nullptr;
  if (region == nullptr) return;
  used -= block.size;
  region->free.add(static_cast<size_t>(block.code - region->executable), block.size);
  region->used -= block.size;
  if (region->isSealed && region->used == 0) {
    std::erase_if(regions, [&](const auto& candidate) { return candidate.get() == region; });
  }
}

void CodeMemory::sealShared() {
  forksSeen = forkCount();
  // Pages that are flipped are private: the system copies them for whoever writes.
  if (currentMode != CodeMemoryMode::DualMapping) return;
  std::erase_if(regions, [](const auto& region) { return region->used == 0; });
  for (const auto& region : regions) region->isSealed = true;
}

size_t CodeMemory::bytesReserved() const {
  size_t sum = 0;
  for (const auto& region : regions) sum += region->size;
  return sum;
}

CodeMemory::Writing::Writing(CodeMemory& memory, const uint8_t* code, size_t size) {
  Region* region = memory.regionOf(code);
  if (region == nullptr) return;
  uint8_t* target = region->writable + (code - region->executable);
  if (region->writable == region->executable) {
    auto [first, bytes] = pagesAround(target, size);
    if (mprotect(first, bytes, PROT_READ | PROT_WRITE) != 0) return;
    flipped = first;
    flippedBytes = bytes;
  }
  writable = target;
}

CodeMemory::Writing::~Writing() {
  // Pages that were executable a moment ago can be so again; if a system denied even that, running into them faults,
  // which is the only honest outcome left.
  if (flipped != nullptr) (void)mprotect(flipped, flippedBytes, PROT_READ | PROT_EXEC);
}

}  // namespace selvage
