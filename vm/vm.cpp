// The VM's life, metatables of types, metamethod lookup, flushing of caches, raising of errors.

#include "vm/vm.hpp"

#include <linux/membarrier.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <span>

#include "vm/chunk_name.hpp"
#include "vm/format_text.hpp"
#include "vm/heap_impl.hpp"
#include "vm/native.hpp"

namespace selvage {

namespace {

// Different in each VM, so that nobody can prepare keys that all hash alike.
void chooseSecrets(VM& vm) {
  struct {
    HashSecret secret;
    uint32_t seed;
  } random{};
  if (getentropy(&random, sizeof random) != 0) {
    const auto time = std::chrono::steady_clock::now().time_since_epoch().count();
    random.seed = static_cast<uint32_t>(time) ^ static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&vm) >> 6);
    random.secret = hashSecretOf(random.seed);
  }
  vm.hashSecret = random.secret;
  vm.seed = random.seed;
}

constexpr size_t lookupCachesBytes = 2 * lookupCacheSize * sizeof(InlineCache);

// Makes both caches, empty. From the system they are pages that it fills with zeros when they are first used, since a
// short script uses few of them.
void makeLookupCaches(VM& vm) {
  vm.lookupCachesAreMapped = vm.memory.isSystem();
  void* caches = nullptr;
  if (vm.lookupCachesAreMapped) {
    caches = mmap(nullptr, lookupCachesBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (caches == MAP_FAILED) throw std::bad_alloc();
    vm.memory.bytes += lookupCachesBytes;
  } else {
    caches = allocateZeroedBytes(vm.memory, lookupCachesBytes);
    if (caches == nullptr) throw std::bad_alloc();
  }
  vm.lookupCache = static_cast<InlineCache*>(caches);
  vm.storeCache = vm.lookupCache + lookupCacheSize;
}

void releaseLookupCaches(VM& vm) {
  if (vm.lookupCachesAreMapped && vm.lookupCache != nullptr) {
    munmap(vm.lookupCache, lookupCachesBytes);
    vm.memory.bytes -= lookupCachesBytes;
  } else {
    freeBytes(vm.memory, vm.lookupCache, lookupCachesBytes);
  }
}

// What other threads have stored is seen from now on, and what they load from now on is what this one has stored: the
// VM's thread cannot have set a limit of its stack that appears only after the request, and without having seen it,
// whereas a barrier in setStackLimit would be paid for at each switch of coroutines. Where the system does not offer
// this, a request made within some nanoseconds after such a switch is seen by loops, but not by calls, until the next
// switch.
void finishStoresOfOtherThreads() {
  const int error = errno;
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0 && errno == EPERM &&
      syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0) {
    syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  }
  errno = error;
}

void initialize(VM* vm) {
  makeLookupCaches(*vm);
  chooseSecrets(*vm);
  vm->error = vm->keptError = Value::nil();
  initializeHeap(*vm);
  initializeStrings(*vm);
  vm->emptyShape = newRootShape(*vm, nullptr);
  vm->stringShape = newRootShape(*vm, nullptr);
  vm->userdataShape = newRootShape(*vm, nullptr);
  vm->emptyString = newString(*vm, "");
  for (uint32_t tag = 0; tag < std::size(vm->typeNames); ++tag)
    vm->typeNames[tag] = newString(*vm, typeName(static_cast<Tag>(tag)));
  for (int byte = 0; byte < 256; ++byte) {
    const char text = static_cast<char>(byte);
    vm->byteStrings[byte] = newString(*vm, {&text, 1});
  }
  for (uint32_t i = 0; i < eventCount; ++i) {
    vm->eventStrings[i] = newString(*vm, eventNames[i]);
    vm->eventStrings[i]->event = static_cast<uint8_t>(i + 1);
  }
  vm->heap.impl->memoryMessage = newString(*vm, outOfMemory);
  pinObject(*vm, vm->heap.impl->memoryMessage);
  vm->mainThread = newThread(*vm);
  if (vm->mainThread == nullptr) throw std::bad_alloc();
  vm->mainThread->status = ThreadStatus::Running;
  vm->mainThread->isStarted = true;
  vm->current = vm->mainThread;
  vm->base = vm->mainThread->base;
  vm->top = vm->mainThread->top;
  setStackLimit(*vm, stackLimitOf(*vm->mainThread));
  vm->globals = newTable(*vm);
  vm->registry = newTable(*vm);
  if (vm->globals == nullptr || vm->registry == nullptr) throw std::bad_alloc();
  vm->registryValue = Value::table(vm->registry);
  // Where the C API has them (LUA_RIDX_MAINTHREAD, LUA_RIDX_GLOBALS).
  const Value wellKnown[] = {Value::thread(vm->mainThread), Value::table(vm->globals)};
  for (int64_t i = 0; i < 2; ++i) {
    if (tableSetInteger(*vm, vm->registry, i + 1, wellKnown[i]) != TableStatus::Ok) throw std::bad_alloc();
  }
}

}  // namespace

VM* newVM(AllocateFunction allocate, void* userData) {
  void* const room = allocate(userData, nullptr, 0, sizeof(VM));
  if (room == nullptr) return nullptr;
  VM* vm = new (room) VM{};
  vm->memory = {.function = allocate, .userData = userData, .bytes = sizeof(VM)};
  try {
    initialize(vm);
  } catch (const std::bad_alloc&) {
    destroyVM(vm);
    return nullptr;
  }
  return vm;
}

void destroyVM(VM* vm) {
  releaseBounds(*vm);
  if (vm->heap.impl != nullptr) destroyHeap(*vm);
  releaseLookupCaches(*vm);
  const Memory memory = vm->memory;
  vm->~VM();
  memory.function(memory.userData, vm, sizeof(VM), 0);
}

void requestStop(VM& vm, Safepoint request) {
  vm.safepoint.fetch_or(request);
  finishStoresOfOtherThreads();
  // Entering a function looks at this and at nothing else: see selvage_growStack.
  std::atomic_ref(vm.stackLimit).store(nullptr, std::memory_order_relaxed);
}

void requestInterrupt(VM& vm) { requestStop(vm, safepointInterrupt); }

Table* metatableOf(VM& vm, Value value) {
  switch (value.tag) {
    case Tag::Table: return value.table()->metatable();
    case Tag::Userdata: return value.userdata()->metatable();
    default: return vm.typeMetatables[static_cast<size_t>(metatableSlot(value.tag))];
  }
}

void setTypeMetatable(VM& vm, Tag tag, Table* metatable) {
  // A shape never changes; what caches know of the old one no longer matches anything.
  Shape* const stringShape = tag == Tag::String ? newRootShape(vm, metatable) : vm.stringShape;
  if (metatable != nullptr) becomeMetatable(*metatable);
  vm.typeMetatables[static_cast<size_t>(metatableSlot(tag))] = metatable;
  vm.stringShape = stringShape;
}

void setUserdataMetatable(VM& vm, Userdata& userdata, Table* metatable) {
  if (metatable != nullptr) becomeMetatable(*metatable);
  // Most new userdata get the same metatable as the one before.
  if (vm.latestUserdataShape == nullptr || vm.latestUserdataShape->metatable != metatable) {
    vm.latestUserdataShape =
        metatable == nullptr ? vm.userdataShape : shapeWithMetatable(vm, vm.userdataShape, metatable);
  }
  userdata.shape = vm.latestUserdataShape;
  writeBarrier(vm, &userdata);
}

void setMetatable(VM& vm, Value value, Table* metatable) {
  if (value.isTable()) {
    tableSetMetatable(vm, value.table(), metatable);
  } else if (value.isUserdata()) {
    // As for a table: its metatable with its finalizer, or neither.
    if (metatable != nullptr) becomeMetatable(*metatable);
    const bool hasFinalizer = !metamethod(vm, metatable, Event::Gc).isNil();
    if (hasFinalizer) reserveFinalizer(vm);
    setUserdataMetatable(vm, *value.userdata(), metatable);
    if (hasFinalizer) registerFinalizer(vm, value.userdata());
  } else {
    setTypeMetatable(vm, value.tag, metatable);
    flushInlineCaches(vm);
  }
}

Value metamethod(VM& vm, Table* metatable, Event event) {
  if (metatable == nullptr) return Value::nil();
  const uint32_t bit = uint32_t{1} << static_cast<uint32_t>(event);
  if ((metatable->aux & bit) != 0) return Value::nil();
  const Value method = tableGetString(metatable, vm.eventStrings[static_cast<size_t>(event)]);
  if (method.isNil()) metatable->aux |= bit;
  return method;
}

Value metamethodOf(VM& vm, Value value, Event event) { return metamethod(vm, metatableOf(vm, value), event); }

void flushInlineCaches(VM& vm) {
  for (Proto* proto = vm.protos; proto != nullptr; proto = proto->nextProto) {
    for (InlineCache& cache : std::span(proto->caches(), proto->cacheCount)) {
      cache.shape = nullptr;
      cache.newShape = nullptr;
      cache.holder = nullptr;
    }
  }
  clearLookupCache(vm);
  vm.cachesMayDepend = false;
}

void clearLookupCache(VM& vm) { std::fill_n(vm.lookupCache, 2 * lookupCacheSize, InlineCache{}); }

bool isMemoryMessage(const VM& vm, Value error) {
  return error.isString() && error.string() == vm.heap.impl->memoryMessage;
}

bool fail(VM& vm, Value error) {
  vm.error = error;
  vm.errorKind = isMemoryMessage(vm, error) ? ErrorKind::Memory : ErrorKind::Run;
  vm.errorIsHandled = false;
  vm.errorIsOfBound = false;
  return false;
}

bool failWithPosition(VM& vm, std::string_view message) try {
  Text text(vm);
  const Value function = vm.base == nullptr || vm.base - vm.current->stack < static_cast<ptrdiff_t>(frameHeaderSlots)
                             ? Value::nil()
                             : Frame{vm.base}.function();
  if (function.isFunction() && function.function()->isLua()) {
    const Proto& proto = *function.function()->proto();
    const auto word = static_cast<size_t>(vm.pc - proto.code.data());
    // As in the reference, stripped code is at line -1.
    const int64_t line = word < proto.lines.size() ? int64_t{proto.lines[word]} : -1;
    text = formatText(vm, "{}:{}: ", displayName(proto.source == nullptr ? "=?" : proto.source->view()).view(), line);
  }
  text.append(message);
  return fail(vm, Value::string(newString(vm, text)));
} catch (const std::bad_alloc&) {
  return failMemory(vm);
}

bool failMemory(VM& vm) {
  // Whatever could not be had, an object or bytes for one: garbage may be what is in the way.
  vm.heap.impl->hasRefused = true;
  vm.safepoint.fetch_or(safepointCollect, std::memory_order_relaxed);
  return fail(vm, Value::string(vm.heap.impl->memoryMessage));
}

}  // namespace selvage
