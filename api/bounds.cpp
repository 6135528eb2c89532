// Bounds for scripts: selvage/bounds.h.
#include "selvage/bounds.h"

#include <chrono>
#include <cmath>

#include "api/api.hpp"
#include "stdlib/sandbox.hpp"
#include "vm/bounds.hpp"
#include "vm/heap.hpp"
#include "vm/table.hpp"

namespace selvage::api {

namespace {

VM& vmOf(lua_State* L) { return *threadOf(L).vm; }

// Longer than any program runs, and no overflow of the clock's nanoseconds.
constexpr lua_Number longestLimit = 1e9;

}  // namespace

static_assert(static_cast<int>(Bound::None) == SELVAGE_WITHINBOUNDS);
static_assert(static_cast<int>(Bound::Time) == SELVAGE_OVERTIME);
static_assert(static_cast<int>(Bound::Instructions) == SELVAGE_OVERINSTRUCTIONS);
static_assert(static_cast<int>(Bound::Cancelled) == SELVAGE_CANCELLED);

extern "C" {

void selvage_setmemorylimit(lua_State* L, size_t bytes) { setMemoryLimit(vmOf(L), bytes); }

size_t selvage_memorylimit(lua_State* L) { return vmOf(L).memory.limit; }

size_t selvage_memoryinuse(lua_State* L) { return heapBytes(vmOf(L)); }

int selvage_settimelimit(lua_State* L, lua_Number seconds) {
  if (!(seconds > 0)) {
    clearTimeLimit(vmOf(L));
    return 1;
  }
  const std::chrono::duration<lua_Number> limit(std::fmin(seconds, longestLimit));
  return setTimeLimit(vmOf(L), std::chrono::duration_cast<std::chrono::nanoseconds>(limit)) ? 1 : 0;
}

void selvage_setinstructionlimit(lua_State* L, lua_Integer instructions) {
  const bool isLimited = instructions >= 0;
  setInstructionLimit(vmOf(L), isLimited ? std::optional(static_cast<uint64_t>(instructions)) : std::nullopt);
}

void selvage_cancel(lua_State* L) { cancel(vmOf(L)); }

int selvage_exceededbound(lua_State* L) { return static_cast<int>(exceededBound(vmOf(L))); }

void selvage_clearbounds(lua_State* L) { clearBounds(vmOf(L)); }

void selvage_setreadonly(lua_State* L, int idx, int readonly, int deep) {
  const Stack stack(L);
  const Value value = stack.get(idx);
  if (value.isTable()) setReadOnly(stack.vm, value.table(), readonly != 0, deep != 0);
}

int selvage_isreadonly(lua_State* L, int idx) {
  const Value value = Stack(L).at(idx);
  return value.isTable() && isReadOnly(value.table()) ? 1 : 0;
}

void selvage_opensandbox(lua_State* L) { openSandbox(vmOf(L)); }

}  // extern "C"

}  // namespace selvage::api
