// Interning, hashing and equality of strings.
#include "vm/string.hpp"

#include <memory>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "vm/vm.hpp"

namespace selvage {
namespace {

struct VmDeleter {
  void operator()(VM* vm) const { destroyVM(vm); }
};
using VmPointer = std::unique_ptr<VM, VmDeleter>;

}  // namespace

TEST_CASE("short strings exist once, long ones as often as they are made", "[string]") {
  VmPointer vm(newVM());
  for (size_t length = 0; length <= maxShortLength; ++length) {
    const std::string text(length, 'a');
    String* string = newString(*vm, text);
    CHECK(string->isShort());
    CHECK(newString(*vm, text) == string);
    CHECK(string->view() == text);
    CHECK(string->text[length] == '\0');
  }
  CHECK(newString(*vm, "") == vm->emptyString);
  const std::string text(maxShortLength + 1, 'a');
  String* first = newString(*vm, text);
  String* second = newString(*vm, text);
  CHECK_FALSE(first->isShort());
  CHECK(first != second);
  CHECK(equalStrings(first, second));
  CHECK((first->flags & stringIsHashed) == 0);
  CHECK(hashOf(first) == hashOf(second));
  CHECK((first->flags & stringIsHashed) != 0);
  CHECK_FALSE(equalStrings(first, newString(*vm, text + "b")));
}

TEST_CASE("strings with zeroes differ beyond them", "[string]") {
  VmPointer vm(newVM());
  using namespace std::string_view_literals;
  CHECK(newString(*vm, "a\0b"sv) != newString(*vm, "a\0c"sv));
  CHECK(newString(*vm, "a\0b"sv) == newString(*vm, "a\0b"sv));
  CHECK(newString(*vm, "a"sv) != newString(*vm, "a\0"sv));
}

TEST_CASE("event names are known", "[string]") {
  VmPointer vm(newVM());
  String* index = newString(*vm, "__index");
  CHECK(index->event == static_cast<uint8_t>(Event::Index) + 1);
  CHECK((index->flags & stringIsEventLike) != 0);
  String* other = newString(*vm, "__other");
  CHECK(other->event == 0);
  CHECK((other->flags & stringIsEventLike) != 0);
  CHECK((newString(*vm, "_x")->flags & stringIsEventLike) == 0);
}

TEST_CASE("the intern table grows, and forgets what dies", "[string]") {
  VmPointer vm(newVM());
  Table* kept = newTable(*vm);
  *vm->top++ = Value::table(kept);
  std::set<String*> all;
  for (int i = 0; i < 30000; ++i) {
    String* string = newString(*vm, "string number " + std::to_string(i));
    all.insert(string);
    if (i % 3 == 0) REQUIRE(tableSetInteger(*vm, kept, i / 3 + 1, Value::string(string)) == TableStatus::Ok);
  }
  CHECK(all.size() == 30000);
  for (int round = 0; round < 3; ++round) {
    collectGarbage(*vm);
    for (int i = 0; i < 30000; i += 3) {
      String* string = newString(*vm, "string number " + std::to_string(i));
      REQUIRE(tableGetInteger(kept, i / 3 + 1).string() == string);
    }
    for (int i = 0; i < 30000; ++i) {
      const std::string text = "string number " + std::to_string(i);
      REQUIRE(newString(*vm, text)->view() == text);
      REQUIRE(newString(*vm, text) == newString(*vm, text));
    }
  }
}

TEST_CASE("hashes of similar strings differ in their low bits", "[string]") {
  VmPointer vm(newVM());
  for (const char* format : {"", "aaaaaaa", "0123456789abcdef"}) {
    std::set<uint32_t> low;
    for (int i = 0; i < 4096; ++i) low.insert(newString(*vm, format + std::to_string(i))->aux & 4095);
    // 4096 random draws from 4096 leave a share of 1 - 1/e of them drawn: about 2590.
    CHECK(low.size() > 2450);
  }
}

TEST_CASE("each VM has its own seed", "[string]") {
  std::set<uint32_t> hashes;
  for (int i = 0; i < 4; ++i) {
    VmPointer vm(newVM());
    hashes.insert(newString(*vm, "the same text")->aux);
  }
  CHECK(hashes.size() > 1);
}

}  // namespace selvage
