// Keys that were chosen to meet in a table. Who chooses them knows all about the hash functions but the VM's random bits:
// sets are made by solving for collisions, in another VM where those matter.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "compiler/bytecode_emitter.hpp"
#include "vm/table_hash.hpp"
#include "vm/vm.hpp"

namespace selvage {
namespace {

struct VmDeleter {
  void operator()(VM* vm) const { destroyVM(vm); }
};
using VmPointer = std::unique_ptr<VM, VmDeleter>;

constexpr int keyCount = 3000;

uint32_t longestChain(const HashPart* hash) {
  uint32_t longest = 0;
  for (uint32_t i = 0; i < hash->size(); ++i) {
    const HashNode* node = &hash->nodes[i];
    if (node->isUnused() || node->isDisplaced != 0) continue;
    uint32_t length = 1;
    for (; node->next != 0; node += node->next) ++length;
    longest = std::max(longest, length);
  }
  return longest;
}

// The longest chain once the keys are in a table, each with a value of its own that is found again.
uint32_t longestChainOf(VM& vm, const std::vector<Value>& keys) {
  Table* const table = newTable(vm);
  *vm.top++ = Value::table(table);
  for (size_t i = 0; i < keys.size(); ++i) {
    REQUIRE(tableSet(vm, table, keys[i], Value::integer(static_cast<int64_t>(i))) == TableStatus::Ok);
  }
  size_t found = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    found += tableGet(table, keys[i]).bits == i ? 1 : 0;
  }
  CHECK(found == keys.size());
  REQUIRE(table->hash != nullptr);
  return longestChain(table->hash);
}

// An empty part of that many nodes, as tables have before anybody has noticed anything.
struct PlainPart {
  explicit PlainPart(uint32_t nodes) : part{} {
    part.mask = nodes - 1;
    part.shift = static_cast<uint8_t>(std::countr_zero(nodes));
  }
  HashPart part;
};

constexpr uint32_t boundOfChains = 25;

}  // namespace

TEST_CASE("integer keys that meet at every size of a table", "[flooding]") {
  const VmPointer vm(newVM());
  // From one run of keys to the next the positions are moved by 7: this moves them back.
  for (const uint32_t shift : {8U, 10U, 12U, 13U, 15U}) {
    const int64_t mask = (int64_t{1} << shift) - 1;
    std::vector<Value> keys;
    for (int64_t run = 1; run <= keyCount; ++run) keys.push_back(Value::integer(run << shift | (-7 * run & mask)));
    CHECK(longestChainOf(*vm, keys) <= boundOfChains);
  }
  // Any keys whose positions are the same, found by search, small ones and others.
  std::mt19937_64 random(1);
  for (const int bits : {24, 40, 63}) {
    const PlainPart plain(4096);
    std::set<int64_t> found;
    while (found.size() < 400) {
      const auto key = static_cast<int64_t>(random() >> (64 - bits));
      if (integerPosition(&plain.part, static_cast<uint64_t>(key)) == 5) found.insert(key);
    }
    std::vector<Value> keys;
    keys.reserve(found.size() + 3000);
    for (const int64_t key : found) keys.push_back(Value::integer(key));
    // The table comes to have the size that they were chosen for.
    for (int64_t i = 0; i < 3000; ++i) keys.push_back(Value::integer(-1 - i));
    CHECK(longestChainOf(*vm, keys) <= boundOfChains);
  }
}

TEST_CASE("float keys that meet", "[flooding]") {
  const VmPointer vm(newVM());
  std::mt19937_64 random(2);
  const PlainPart plain(4096);
  for (const bool hasFewDigits : {false, true}) {
    std::vector<Value> keys;
    while (keys.size() < 400) {
      uint64_t bits = random() & 0x7FEFFFFFFFFFFFFF;
      if (hasFewDigits) bits &= 0xFFFFFFFF00000000;
      double number;
      std::memcpy(&number, &bits, sizeof number);
      if (floatPosition(&plain.part, bits) == 9 && (number >= 0x1p63 || number != std::floor(number)))
        keys.push_back(Value::number(number));
    }
    for (int64_t i = 0; i < 3000; ++i) keys.push_back(Value::integer(-1 - i));
    CHECK(longestChainOf(*vm, keys) <= boundOfChains);
  }
}

TEST_CASE("pointers that meet", "[flooding]") {
  const VmPointer vm(newVM());
  const PlainPart plain(1024);
  std::vector<Value> keys;
  for (uint64_t address = 0x10000; keys.size() < 400; address += 16) {
    const Value key = Value::pointer(reinterpret_cast<void*>(address));
    if (otherPosition(&plain.part, key) == 3) keys.push_back(key);
  }
  for (int64_t i = 0; i < 600; ++i) keys.push_back(Value::integer(-1 - i));
  CHECK(longestChainOf(*vm, keys) <= boundOfChains);
}

// Strings of each length that meet in one VM do not in another one.
TEST_CASE("strings that meet in another VM", "[flooding]") {
  const VmPointer known(newVM());
  const VmPointer vm(newVM());
  std::mt19937_64 random(3);
  for (const size_t length : {3U, 4U, 7U, 8U, 9U, 12U, 16U, 17U, 31U, 32U, 33U, 40U, 41U, 60U, 200U}) {
    constexpr uint32_t buckets = 1024;
    std::vector<uint32_t> counts(buckets);
    std::string text(length, 'a');
    for (int found = 0, tries = 0; found < 64 && tries < 400'000; ++tries) {
      for (char& c : text) c = static_cast<char>(random());
      if (hashOf(newString(*known, text)) % buckets != 7) continue;
      ++found;
      ++counts[hashOf(newString(*vm, text)) % buckets];
    }
    INFO(length);
    CHECK(*std::max_element(counts.begin(), counts.end()) <= 8);
  }
}

// What makes a factor 0 in hash functions with public constants: words that are the constants themselves, or the
// constants of the functions that this one is made after, in every place.
TEST_CASE("strings of the constants of hash functions", "[flooding]") {
  const VmPointer vm(newVM());
  const uint64_t constants[] = {0,
                                0x9E3779B97F4A7C15,
                                0xC2B2AE3D27D4EB4F,
                                0xD6E8FEB86659FD93,
                                0xBF58476D1CE4E5B9,
                                0x94D049BB133111EB,
                                0xA0761D6478BD642F,
                                0xE7037ED1A0B428DB,
                                vm->seed};
  for (const uint64_t constant : constants) {
    for (const size_t length : {9U, 12U, 16U, 20U, 24U, 32U, 40U, 48U}) {
      for (size_t place = 0; place + 8 <= length; place += length - 8) {
        std::vector<uint32_t> hashes;
        const uint32_t distinct = length == 9 ? 256 : 500;
        for (uint32_t i = 0; i < distinct; ++i) {
          std::string text(length, '\0');
          const size_t rest = place == 0 ? length - std::min<size_t>(4, length - 8) : 0;
          std::memcpy(&text[rest], &i, std::min<size_t>(4, length - rest));
          std::memcpy(&text[place], &constant, 8);
          hashes.push_back(hashOf(newString(*vm, text)) % 1024);
        }
        std::vector<uint32_t> counts(1024);
        for (const uint32_t hash : hashes) ++counts[hash];
        INFO(constant << " " << length << " " << place);
        CHECK(*std::max_element(counts.begin(), counts.end()) <= 9);
      }
    }
  }
}

// Integers whose products with a constant are multiples of a number of buckets that the standard library uses.
TEST_CASE("constants of a source that meet", "[flooding]") {
  const VmPointer vm(newVM());
  const BytecodeEmitter::ConstantKeyHash hash{vm->hashSecret};
  constexpr uint64_t factor = 0x9E3779B97F4A7C15;
  uint64_t inverse = factor;  // right in 3 bits, each step doubles them
  for (int step = 0; step < 5; ++step) inverse *= 2 - factor * inverse;
  REQUIRE(factor * inverse == 1);
  for (const uint64_t buckets : {1109U, 10273U, 20753U}) {
    std::vector<uint32_t> counts(buckets);
    for (uint64_t i = 1; i <= buckets; ++i)
      ++counts[hash({static_cast<uint32_t>(Tag::Integer), i * buckets * inverse}) % buckets];
    CHECK(*std::max_element(counts.begin(), counts.end()) <= 14);
  }
}

}  // namespace selvage
