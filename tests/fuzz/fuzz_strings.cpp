// Fuzzer of what interprets little languages of its own: patterns, string.format, string.pack and unpack, os.date's kin
// in tonumber and utf8.
//
// An input is one byte that chooses a function, and two strings divided by the first zero byte. They are the function's
// first arguments; some get numbers as well.
#include <algorithm>
#include <array>

#include "fuzz_vm.hpp"

namespace {

using namespace selvage;

// Matching takes time that is exponential in the number of repetitions and of optional characters.
bool isCheapPattern(std::string_view pattern) {
  constexpr int mostWork = 21;
  int work = 0;
  for (const char c : pattern) {
    if (c == '*' || c == '+' || c == '-') work += 7;
    if (c == '?') work += 2;
  }
  return work <= mostWork;
}

struct Target {
  const char* library;
  const char* function;
  bool takesPattern;
};
constexpr Target targets[] = {
    {"string", "find", true},     {"string", "match", true}, {"string", "gsub", true},
    {"string", "format", false},  {"string", "pack", false}, {"string", "packsize", false},
    {"string", "unpack", false},  {"string", "rep", false},  {nullptr, "tonumber", false},
    {"utf8", "codepoint", false}, {"utf8", "len", false},    {"utf8", "offset", false},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t longest = 200;
  if (size < 1 || size > longest) return -1;
  const Target& target = targets[data[0] % std::size(targets)];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const size_t end = std::min(text.find('\0'), text.size());
  const std::string_view first = text.substr(0, end);
  const std::string_view second = text.substr(std::min(end + 1, text.size()));
  if (target.takesPattern && !isCheapPattern(second)) return -1;

  const fuzz::EnginePointer vm = fuzz::newBoundedVM(JitMode::Off);
  Table* library = vm->globals;
  if (target.library != nullptr) library = tableGetString(library, newString(*vm, target.library)).table();
  const Value function = tableGetString(library, newString(*vm, target.function));
  const Value firstValue = Value::string(newString(*vm, first));
  const Value secondValue = Value::string(newString(*vm, second));
  // A number from the text, so that sizes and positions of any kind occur.
  int64_t number = 0;
  for (const char c : second)
    number = static_cast<int64_t>(static_cast<uint64_t>(number) * 131 + static_cast<uint8_t>(c));
  const std::array<Value, 6> mixed = {firstValue,         secondValue,          Value::integer(number),
                                      Value::number(0.1), Value::integer(size), secondValue};
  fuzz::call(*vm, function, mixed);
  const std::array<Value, 4> numeric = {firstValue, Value::integer(number), Value::integer(-number),
                                        Value::number(-1e300)};
  fuzz::call(*vm, function, numeric);
  const std::array<Value, 2> reversed = {secondValue, firstValue};
  if (!target.takesPattern || isCheapPattern(first)) fuzz::call(*vm, function, reversed);
  return 0;
}
