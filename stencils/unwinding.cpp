// Leaving the frames of C and C++ functions; see the header. The structures and numbers are those of the Itanium C++
// ABI and of the DWARF tables for frames.
#include "stencils/unwinding.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <unwind.h>

#include <array>
#include <atomic>
#include <cstring>
#include <new>
#include <typeinfo>
#include <utility>

#include "stencils/c_stack.hpp"

extern "C" {
// Of the C++ runtime that this library is linked with.
_Unwind_Reason_Code __gxx_personality_v0(int version, _Unwind_Action actions, _Unwind_Exception_Class exceptionClass,
                                         _Unwind_Exception* exception, _Unwind_Context* context);
// Of the unwinder: the description of the frame of the function that contains `address`.
struct BasesOfFrame {
  void* text;
  void* data;
  void* function;
};
const void* _Unwind_Find_FDE(void* address, BasesOfFrame* bases);
// Of the address sanitizer, when the process has it: frames are about to go away.
[[gnu::weak]] void __asan_handle_no_return();
}

namespace selvage {

// What the forced unwinding carries, as if it were thrown. Of handlers only `catch (...)` would take it.
struct Leaving {
  VM* vm;
  CBoundary* boundary;
  const void* end;          // the stack pointer in the first frame that is not unwound; null: no frame is that
  Leaving* outer;           // what this thread of the operating system was unwinding already
  unsigned int uncaught;    // exceptions in flight before
  Value error;              // as they were: vm.error
  ErrorKind errorKind;      // vm.errorKind
  bool errorIsHandled;      // vm.errorIsHandled
  bool isUnwindingToYield;  // vm.isUnwindingToYield
};

Value errorOf(const Leaving& leaving) { return leaving.error; }

namespace {

// ---- exceptions ----

struct ExceptionGlobals {  // what __cxa_get_globals returns
  void* caught;
  unsigned int uncaught;
};

ExceptionGlobals& exceptionGlobals() { return *reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals()); }

// What is in front of an exception object. The unwinder's part ends it.
struct ExceptionHeader {
  void* typeOrObject;  // the std::type_info; of an exception that stands for another one, the object of that
  void (*destructor)(void*);
  void (*unexpectedHandler)();
  void (*terminateHandler)();
  void* nextCaught;
  int handlerCount;
  int handlerNumber;  // which of a frame's handlers the search has found
  const void* handlerRecord;
  const void* languageSpecificData;
  uintptr_t landingPad;
  void* adjustedObject;
  _Unwind_Exception unwinder;
};
static_assert(sizeof(ExceptionHeader) == 80 + sizeof(_Unwind_Exception));

constexpr _Unwind_Exception_Class primaryClass = 0x474E5543432B2B00;  // "GNUCC++\0"
constexpr _Unwind_Exception_Class dependentClass = primaryClass + 1;  // of one that stands for another one

// An exception that is never thrown: to ask a frame what it would do with one like it.
struct Question {
  ExceptionHeader header{};
  Leaving object{};  // where the object of a primary exception is expected

  Question() {
    header.typeOrObject = const_cast<std::type_info*>(&typeid(Leaving));
    header.unwinder.exception_class = primaryClass;
  }
  explicit Question(const std::exception_ptr& exception) {
    static_assert(sizeof(exception) == sizeof(header.typeOrObject));
    header.typeOrObject = *reinterpret_cast<void* const*>(&exception);
    header.unwinder.exception_class = dependentClass;
  }

  bool isHandledBy(_Unwind_Personality_Fn personality, _Unwind_Context* context) {
    return personality(1, _UA_SEARCH_PHASE, header.unwinder.exception_class, &header.unwinder, context) ==
           _URC_HANDLER_FOUND;
  }
};
static_assert(offsetof(Question, object) == sizeof(ExceptionHeader));

// ---- the tables of frames ----

// Reads what the tables are made of.
class TableReader {
 public:
  explicit TableReader(const void* place) : place_(static_cast<const uint8_t*>(place)) {}

  template <class T>
  T next() {
    T value;
    std::memcpy(&value, place_, sizeof(value));
    place_ += sizeof(value);
    return value;
  }
  void skip(size_t bytes) { place_ += bytes; }
  // A number of any length, signed or not.
  void skipNumber() {
    while ((*place_++ & 0x80) != 0) {
    }
  }
  const char* string() {
    const char* const text = reinterpret_cast<const char*>(place_);
    place_ += std::strlen(text) + 1;
    return text;
  }
  // Null: absent, or encoded in a way that is not used for code of x86-64.
  void* pointer(uint8_t encoding) {
    constexpr uint8_t relativeToItself = 0x10, indirect = 0x80;
    const auto here = reinterpret_cast<uintptr_t>(place_);
    uintptr_t value = 0;
    switch (encoding & 0x0F) {
      case 0x00:
      case 0x04:
      case 0x0C: value = next<uint64_t>(); break;
      case 0x03: value = next<uint32_t>(); break;
      case 0x0B: value = static_cast<uintptr_t>(int64_t{next<int32_t>()}); break;
      default: return nullptr;
    }
    if (value == 0) return nullptr;
    const int base = encoding & 0x70;
    if (base == relativeToItself) {
      value += here;
    } else if (base != 0) {
      return nullptr;
    }
    if ((encoding & indirect) != 0) std::memcpy(&value, reinterpret_cast<const void*>(value), sizeof(value));
    return reinterpret_cast<void*>(value);
  }

 private:
  const uint8_t* place_;
};

// The routine that knows the language of the function that `context` is in; null: not found.
_Unwind_Personality_Fn personalityOf(_Unwind_Context* context) {
  int isBeforeInstruction = 0;
  const uintptr_t address = _Unwind_GetIPInfo(context, &isBeforeInstruction) - (isBeforeInstruction == 0 ? 1 : 0);
  BasesOfFrame bases{};
  const auto* const description =
      static_cast<const uint8_t*>(_Unwind_Find_FDE(reinterpret_cast<void*>(address), &bases));
  if (description == nullptr) return nullptr;
  TableReader reader(description + sizeof(uint32_t));  // after the length
  const auto distance = reader.next<uint32_t>();       // to what it has in common with others
  reader = TableReader(description + sizeof(uint32_t) - distance + 2 * sizeof(uint32_t));
  const auto version = reader.next<uint8_t>();
  const char* augmentation = reader.string();
  if (*augmentation != 'z') return nullptr;
  reader.skipNumber();  // code alignment
  reader.skipNumber();  // data alignment
  if (version == 1) {   // the return address's register
    reader.skip(1);
  } else {
    reader.skipNumber();
  }
  reader.skipNumber();  // the length of what follows
  while (*++augmentation != 0) {
    if (*augmentation == 'P') {
      const auto encoding = reader.next<uint8_t>();
      return reinterpret_cast<_Unwind_Personality_Fn>(reader.pointer(encoding));
    }
    if (*augmentation == 'L' || *augmentation == 'R') {
      reader.skip(1);  // how other pointers are encoded
    } else if (*augmentation != 'S' && *augmentation != 'B') {
      return nullptr;
    }
  }
  return nullptr;
}

// ---- frames that would end the process, which no search shows ----

[[noreturn]] void arrive(Leaving& leaving);

thread_local Leaving* innermostLeaving = nullptr;

// In a `noexcept` function with handlers that name types, GCC's code has an exception that fits none run destructors and
// then, instead of going on, call std::terminate. Unwinding has come as far as it can, then.
void arriveInsteadOfTerminating() {
  Leaving* const leaving = innermostLeaving;
  if (leaving != nullptr && leaving->vm->boundary == leaving->boundary) arrive(*leaving);
}

using SetTerminate = std::terminate_handler (*)(std::terminate_handler) noexcept;

// A C++ runtime that frames belong to: std::terminate there calls ours first. A process may have several: the command
// has one, C modules that are written in C++ use the shared library's.
struct Runtime {
  std::atomic<_Unwind_Personality_Fn> personality{nullptr};
  std::atomic<SetTerminate> setTerminate{nullptr};
  std::atomic<std::terminate_handler> programsHandler{nullptr};  // what ours took the place of
};
constexpr size_t mostRuntimes = 4;
Runtime runtimes[mostRuntimes] = {{&__gxx_personality_v0, &std::set_terminate, nullptr}};

template <size_t index>
[[noreturn]] void terminateHandler() {
  arriveInsteadOfTerminating();
  if (const std::terminate_handler handler = runtimes[index].programsHandler.load(); handler != nullptr) handler();
  std::abort();
}
constexpr std::terminate_handler terminateHandlers[mostRuntimes] = {&terminateHandler<0>, &terminateHandler<1>,
                                                                    &terminateHandler<2>, &terminateHandler<3>};

// For personality routines of other languages.
std::terminate_handler setNoTerminate(std::terminate_handler handler) noexcept { return handler; }

// std::set_terminate of the C++ runtime whose personality routine it is.
SetTerminate findSetTerminate(_Unwind_Personality_Fn personality) {
  Dl_info place{};
  if (dladdr(reinterpret_cast<void*>(personality), &place) == 0) return &setNoTerminate;
  void* library = dlopen(place.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) library = dlopen(nullptr, RTLD_LAZY);  // the program itself
  if (library == nullptr) return &setNoTerminate;
  // The library stays: it must not go away as long as its name for this is kept.
  void* const found = dlsym(library, "_ZSt13set_terminatePFvvE");
  return found == nullptr ? &setNoTerminate : reinterpret_cast<SetTerminate>(found);
}

void handleTerminate(_Unwind_Personality_Fn personality) {
  for (size_t i = 0; i < mostRuntimes; ++i) {
    Runtime& runtime = runtimes[i];
    _Unwind_Personality_Fn expected = nullptr;
    if (!runtime.personality.compare_exchange_strong(expected, personality) && expected != personality) continue;
    // Another thread may be at the same point, to the same effect.
    SetTerminate set = runtime.setTerminate.load();
    if (set == nullptr) {
      set = findSetTerminate(personality);
      runtime.setTerminate.store(set);
    }
    const std::terminate_handler before = set(terminateHandlers[i]);
    if (before != terminateHandlers[i]) runtime.programsHandler.store(before);
    return;
  }
}

// When this library is unloaded.
[[gnu::destructor]] void restoreTerminate() {
  for (size_t i = 0; i < mostRuntimes; ++i) {
    const SetTerminate set = runtimes[i].setTerminate.load();
    if (set == nullptr || set == &setNoTerminate) continue;
    const std::terminate_handler current = set(runtimes[i].programsHandler.load());
    if (current != terminateHandlers[i]) set(current);
  }
}

// ---- the search ----

// From the function of the C API outwards.
struct Search {
  const CBoundary& boundary;
  Question* exception = nullptr;  // a handler that names its type ends the search, too
  Question leaving{};
  const void* end = nullptr;    // as Leaving::end
  bool hasCleanups = false;     // up to there
  bool isCaughtByType = false;  // there

  void run() { _Unwind_Backtrace(&Search::visit, this); }

 private:
  static _Unwind_Reason_Code visit(_Unwind_Context* context, void* data) {
    return static_cast<Search*>(data)->isLastFrame(context) ? _URC_NORMAL_STOP : _URC_NO_REASON;
  }

  bool isLastFrame(_Unwind_Context* context) {
    const auto* const stack = reinterpret_cast<const void*>(_Unwind_GetCFA(context));
    if (stack == boundary.stack) {
      end = stack;
      return true;
    }
    if (_Unwind_GetLanguageSpecificData(context) == nullptr) return false;
    const _Unwind_Personality_Fn personality = personalityOf(context);
    const bool isObstacle = personality == nullptr || leaving.isHandledBy(personality, context);
    if (exception != nullptr && personality != nullptr && exception->isHandledBy(personality, context)) {
      isCaughtByType = !isObstacle || exception->header.handlerNumber != leaving.header.handlerNumber;
      if (isCaughtByType) return true;
    }
    if (isObstacle) {
      end = stack;
      return true;
    }
    handleTerminate(personality);
    hasCleanups = true;
    return false;
  }
};

// ---- unwinding ----

// Memory of frames is about to be used again without their having returned.
void noteLostFrames() {
  if (&__asan_handle_no_return != nullptr) __asan_handle_no_return();
}

[[noreturn]] void jumpTo(const CBoundary& boundary) {
  noteLostFrames();
  selvage_returnFromC(boundary.stack, leftEarly);
}

void detach(Leaving& leaving) {
  leaving.boundary->leaving = nullptr;
  innermostLeaving = leaving.outer;
}

// Ends the unwinding, wherever it has come to.
void forget(Leaving& leaving) {
  detach(leaving);
  exceptionGlobals().uncaught = leaving.uncaught;
  abi::__cxa_free_exception(&leaving);
}

void arrive(Leaving& leaving) {
  VM& vm = *leaving.vm;
  const CBoundary& boundary = *leaving.boundary;
  vm.error = leaving.error;
  vm.errorKind = leaving.errorKind;
  vm.errorIsHandled = leaving.errorIsHandled;
  vm.isUnwindingToYield = leaving.isUnwindingToYield;
  forget(leaving);
  jumpTo(boundary);
}

_Unwind_Reason_Code stopAtEnd(int, _Unwind_Action actions, _Unwind_Exception_Class, _Unwind_Exception*,
                              _Unwind_Context* context, void* data) {
  auto& leaving = *static_cast<Leaving*>(data);
  if ((actions & _UA_END_OF_STACK) != 0 || reinterpret_cast<const void*>(_Unwind_GetCFA(context)) == leaving.end)
    arrive(leaving);
  return _URC_NO_REASON;
}

}  // namespace

void unwindTo(VM& vm, CBoundary& boundary) {
  if (boundary.leaving != nullptr) forget(*boundary.leaving);  // an error out of a destructor takes its place
  Search search{boundary};
  search.run();
  if (!search.hasCleanups) jumpTo(boundary);

  void* const object = abi::__cxa_allocate_exception(sizeof(Leaving));
  ExceptionGlobals& exceptions = exceptionGlobals();
  auto* const leaving =
      new (object) Leaving{&vm,      &boundary,    search.end,        innermostLeaving,     exceptions.uncaught,
                           vm.error, vm.errorKind, vm.errorIsHandled, vm.isUnwindingToYield};
  // What __cxa_throw does, but for the unwinding.
  auto* const references = reinterpret_cast<int*>(
      abi::__cxa_init_primary_exception(object, const_cast<std::type_info*>(&typeid(Leaving)),
                                        [](void* swallowed) { detach(*static_cast<Leaving*>(swallowed)); }));
  *references = 1;
  ++exceptions.uncaught;
  boundary.leaving = innermostLeaving = leaving;
  vm.isUnwindingToYield = false;  // destructors may run Lua code
  noteLostFrames();
  // By the C++ ABI, the unwinder's header is the last thing in front of the object.
  _Unwind_ForcedUnwind(static_cast<_Unwind_Exception*>(object) - 1, &stopAtEnd, leaving);
  arrive(*leaving);  // the tables are damaged
}

void joinUnwinders() {
  void* const library = dlopen("libgcc_s.so.1", RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return;
  const auto shared = reinterpret_cast<decltype(&_Unwind_Backtrace)>(dlsym(library, "_Unwind_Backtrace"));
  if (shared != nullptr && shared != &_Unwind_Backtrace) {
    const auto stop = [](_Unwind_Context*, void*) { return _URC_NORMAL_STOP; };
    _Unwind_Backtrace(stop, nullptr);
    shared(stop, nullptr);
  }
  dlclose(library);
}

bool isCaughtByType(const CBoundary& boundary, const std::exception_ptr& exception) {
  Question question(exception);
  Search search{boundary, &question};
  search.run();
  return search.isCaughtByType;
}

}  // namespace selvage
