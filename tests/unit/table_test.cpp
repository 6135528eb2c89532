// Tables against a model (a std::map of keys to values), under random operations that favour what makes tables change
// their form: keys near the end of the array part, many string keys, removals.
#include "vm/table.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "vm/table_hash.hpp"
#include "vm/vm.hpp"

namespace selvage {
namespace {

struct VmDeleter {
  void operator()(VM* vm) const { destroyVM(vm); }
};
using VmPointer = std::unique_ptr<VM, VmDeleter>;

using ModelKey = std::pair<uint32_t, uint64_t>;  // tag and payload; equal for equal keys, strings being interned
ModelKey modelKey(Value key) { return {static_cast<uint32_t>(key.tag), key.bits}; }

bool isSame(Value a, Value b) { return a.tag == b.tag && (a.isNil() || a.isBoolean() || a.bits == b.bits); }

Value stringKey(VM& vm, const std::string& text) { return Value::string(newString(vm, text)); }

class TableAgainstModel {
 public:
  explicit TableAgainstModel(uint32_t seed) : vm(newVM()), random(seed), table(newTable(*vm)) {
    *vm->top++ = Value::table(table);
    *vm->top++ = Value::table(newTable(*vm));  // keeps the string keys
  }

  void run(int operations, int keyRange) {
    for (int i = 0; i < operations; ++i) {
      const Value key = anyKey(keyRange);
      set(key, below(3) == 0 ? Value::nil() : Value::integer(i));
      if (below(16) == 0) append(i);
      if (below(64) == 0) checkLength();
      if (below(512) == 0) checkAll();
      if (below(1024) == 0) collectGarbage(*vm);
      if (below(2048) == 0) clearWhileTraversing();
      REQUIRE(isSame(tableGet(table, key), expected(key)));
    }
    checkAll();
  }

 private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random() % n); }

  Value anyKey(int range) {
    const auto n = below(static_cast<uint32_t>(range));
    switch (below(10)) {
      case 0: return Value::integer(-static_cast<int64_t>(n));
      case 1: return Value::integer(static_cast<int64_t>(n) << 40);
      case 2: return Value::number(n + 0.5);
      case 3: return Value::boolean(n % 2 == 0);
      case 4:
      case 5: {
        const Value key = stringKey(*vm, "key" + std::to_string(n));
        REQUIRE(tableSet(*vm, vm->top[-1].table(), key, Value::boolean(true)) == TableStatus::Ok);
        return key;
      }
      default: return Value::integer(1 + static_cast<int64_t>(n));
    }
  }

  Value expected(Value key) {
    const auto found = model.find(modelKey(key));
    return found == model.end() ? Value::nil() : found->second;
  }

  void set(Value key, Value value) {
    REQUIRE(tableSet(*vm, table, key, value) == TableStatus::Ok);
    if (value.isNil()) {
      model.erase(modelKey(key));
    } else {
      model.insert_or_assign(modelKey(key), value);
    }
  }

  void append(int i) {
    const int64_t length = tableLength(table);
    set(Value::integer(length + 1), Value::integer(i));
  }

  void checkLength() {
    const int64_t length = tableLength(table);
    REQUIRE(length >= 0);
    if (length > 0) REQUIRE(!expected(Value::integer(length)).isNil());
    REQUIRE(expected(Value::integer(length + 1)).isNil());
  }

  void checkAll() {
    size_t count = 0;
    Value key = Value::nil();
    for (;;) {
      const int64_t position = tablePositionAfter(table, key);
      REQUIRE(position >= 0);
      Value value;
      const uint32_t next = tableAdvance(table, static_cast<uint32_t>(position), key, value);
      if (next == 0) break;
      REQUIRE(isSame(value, expected(key)));
      REQUIRE(tablePositionAfter(table, key) == next);
      ++count;
    }
    REQUIRE(count == model.size());
    for (const auto& [modelled, value] : model) {
      REQUIRE(isSame(tableGet(table, {modelled.second, static_cast<Tag>(modelled.first)}), value));
    }
    if (table->arrayCount > 0) REQUIRE(SplitStorage::tag(table->array, table->arrayCount - 1) != Tag::Nil);
  }

  // Removing elements must not disturb a traversal, not even with collections in between.
  void clearWhileTraversing() {
    Value key = Value::nil();
    Value value;
    size_t visited = 0;
    const size_t before = model.size();
    for (;;) {
      const int64_t position = tablePositionAfter(table, key);
      REQUIRE(position >= 0);
      if (tableAdvance(table, static_cast<uint32_t>(position), key, value) == 0) break;
      ++visited;
      REQUIRE(isSame(value, expected(key)));
      if (below(2) == 0) set(key, Value::nil());
      if (below(64) == 0) collectGarbage(*vm);
    }
    REQUIRE(visited == before);
  }

  VmPointer vm;
  std::mt19937 random;
  Table* table;
  std::map<ModelKey, Value> model;
};

}  // namespace

TEST_CASE("tables behave as maps under random operations", "[table]") {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    TableAgainstModel(seed).run(20000, seed % 2 == 0 ? 40 : 3000);
  }
}

TEST_CASE("a sequence that is appended to lies in the array part", "[table]") {
  VmPointer vm(newVM());
  Table* table = newTable(*vm);
  for (int64_t i = 1; i <= 1000; ++i) REQUIRE(tableSetInteger(*vm, table, i, Value::integer(i * i)) == TableStatus::Ok);
  CHECK(table->arrayCount == 1000);
  CHECK(table->hash == nullptr);
  CHECK(tableLength(table) == 1000);
  for (int64_t i = 1000; i > 500; --i) REQUIRE(tableSetInteger(*vm, table, i, Value::nil()) == TableStatus::Ok);
  CHECK(table->arrayCount == 500);
  CHECK(tableLength(table) == 500);
}

TEST_CASE("an array filled in any order ends in the array part", "[table]") {
  VmPointer vm(newVM());
  std::mt19937 random(7);
  for (int order = 0; order < 3; ++order) {
    constexpr int64_t size = 1024;
    std::vector<int64_t> keys(size);
    for (int64_t i = 0; i < size; ++i) keys[static_cast<size_t>(i)] = order == 0 ? size - i : i + 1;
    if (order == 2) std::shuffle(keys.begin(), keys.end(), random);
    Table* table = newTable(*vm);
    for (const int64_t key : keys) REQUIRE(tableSetInteger(*vm, table, key, Value::integer(-key)) == TableStatus::Ok);
    REQUIRE(tableSetInteger(*vm, table, size + 1, Value::integer(0)) == TableStatus::Ok);
    CHECK(tableLength(table) == size + 1);
    CHECK(table->arrayCount > size / 2);
    for (int64_t key = 1; key <= size; ++key) CHECK(tableGetInteger(table, key).integer() == -key);
  }
}

TEST_CASE("a queue does not keep the memory of what has left it", "[table]") {
  VmPointer vm(newVM());
  Table* table = newTable(*vm);
  constexpr int64_t length = 50;
  for (int64_t i = 1; i <= 200'000; ++i) {
    REQUIRE(tableSetInteger(*vm, table, i, Value::integer(i)) == TableStatus::Ok);
    if (i > length) REQUIRE(tableSetInteger(*vm, table, i - length, Value::nil()) == TableStatus::Ok);
  }
  CHECK(table->arrayCapacity <= 1024);
  for (int64_t i = 200'000 - length + 1; i <= 200'000; ++i) CHECK(tableGetInteger(table, i).integer() == i);
}

TEST_CASE("keys are normalised and checked", "[table]") {
  VmPointer vm(newVM());
  Table* table = newTable(*vm);
  REQUIRE(tableSet(*vm, table, Value::number(3.0), Value::boolean(true)) == TableStatus::Ok);
  CHECK(tableGetInteger(table, 3).tag == Tag::True);
  CHECK(tableGet(table, Value::number(3.0)).tag == Tag::True);
  REQUIRE(tableSet(*vm, table, Value::number(-0.0), Value::integer(1)) == TableStatus::Ok);
  CHECK(tableGetInteger(table, 0).integer() == 1);
  REQUIRE(tableSet(*vm, table, Value::number(0x1p63), Value::integer(2)) == TableStatus::Ok);
  CHECK(tableGet(table, Value::number(0x1p63)).integer() == 2);
  CHECK(tableGetInteger(table, INT64_MIN).isNil());
  CHECK(tableSet(*vm, table, Value::nil(), Value::integer(1)) == TableStatus::KeyIsNil);
  CHECK(tableSet(*vm, table, Value::number(std::numeric_limits<double>::quiet_NaN()), Value::integer(1)) ==
        TableStatus::KeyIsNaN);
  CHECK(tableGet(table, Value::nil()).isNil());
  CHECK(tableGet(table, Value::number(std::numeric_limits<double>::quiet_NaN())).isNil());
  // A boolean's payload is undefined and must not matter.
  Value truth = Value::boolean(true);
  truth.bits = 0x1234;
  REQUIRE(tableSet(*vm, table, truth, Value::integer(5)) == TableStatus::Ok);
  CHECK(tableGet(table, Value::boolean(true)).integer() == 5);
}

TEST_CASE("long strings are keys by content", "[table]") {
  VmPointer vm(newVM());
  Table* table = newTable(*vm);
  const std::string text(1000, 'x');
  REQUIRE(tableSet(*vm, table, stringKey(*vm, text), Value::integer(1)) == TableStatus::Ok);
  CHECK(tableGet(table, stringKey(*vm, text)).integer() == 1);
  CHECK(tableGetString(table, newString(*vm, text)).integer() == 1);
  CHECK(tableGet(table, stringKey(*vm, text + "y")).isNil());
  REQUIRE(tableSet(*vm, table, stringKey(*vm, text), Value::nil()) == TableStatus::Ok);
  CHECK(tableGet(table, stringKey(*vm, text)).isNil());
}

TEST_CASE("many dynamic keys make a dictionary, which keeps its metatable and its order of fields", "[table]") {
  VmPointer vm(newVM());
  Table* table = newTable(*vm, 0, 8);
  Table* metatable = newTable(*vm);
  tableSetMetatable(*vm, table, metatable);
  for (int i = 0; i < 2000; ++i) {
    String* key = newString(*vm, "field" + std::to_string(i));
    REQUIRE(tableSetString(*vm, table, key, Value::integer(i), true) == TableStatus::Ok);
    if (i == 20) CHECK_FALSE(table->shape->isDictionary());
  }
  CHECK(table->shape->isDictionary());
  CHECK(table->metatable() == metatable);
  for (int i = 0; i < 2000; ++i) {
    CHECK(tableGetString(table, newString(*vm, "field" + std::to_string(i))).integer() == i);
  }
  tableSetMetatable(*vm, table, nullptr);
  CHECK(table->metatable() == nullptr);
  CHECK(table->shape->isDictionary());
  CHECK(tableGetString(table, newString(*vm, "field77")).integer() == 77);
}

TEST_CASE("constant keys keep a shape, up to the limit", "[table]") {
  VmPointer vm(newVM());
  Table* table = newTable(*vm);
  for (uint32_t i = 0; i < maxShapeFields + 10; ++i) {
    String* key = newString(*vm, "c" + std::to_string(i));
    REQUIRE(tableSetString(*vm, table, key, Value::integer(i), false) == TableStatus::Ok);
    CHECK(table->shape->isDictionary() == (i >= maxShapeFields));
  }
  for (uint32_t i = 0; i < maxShapeFields + 10; ++i) {
    CHECK(tableGetString(table, newString(*vm, "c" + std::to_string(i))).integer() == i);
  }
}

TEST_CASE("changes of a watched table flush the inline caches that may depend on it", "[table]") {
  VmPointer vm(newVM());
  Proto* proto = newProto(*vm, {.caches = 1});
  Table* table = newTable(*vm);
  Table* metatable = newTable(*vm);
  String* name = newString(*vm, "name");
  String* index = vm->eventStrings[static_cast<size_t>(Event::Index)];
  const auto fill = [&] {
    proto->caches()[0].shape = table->shape;
    vm->cachesMayDepend = true;
  };
  const auto isFlushed = [&] { return proto->caches()[0].shape == nullptr && !vm->cachesMayDepend; };

  tableSetMetatable(*vm, table, metatable);
  CHECK((metatable->flags & tableIsWatched) != 0);
  CHECK(metamethod(*vm, metatable, Event::Index).isNil());
  CHECK(metatable->aux != 0);
  fill();
  REQUIRE(tableSetString(*vm, metatable, index, Value::boolean(true), false) == TableStatus::Ok);
  CHECK(isFlushed());
  CHECK(metamethod(*vm, metatable, Event::Index).tag == Tag::True);
  fill();
  REQUIRE(tableSetString(*vm, metatable, index, Value::integer(1), false) == TableStatus::Ok);
  CHECK(isFlushed());
  fill();
  REQUIRE(tableSetString(*vm, metatable, name, Value::integer(1), false) == TableStatus::Ok);
  CHECK(isFlushed());
  fill();
  REQUIRE(tableSetString(*vm, metatable, name, Value::integer(2), false) == TableStatus::Ok);
  CHECK_FALSE(isFlushed());
  REQUIRE(tableSetString(*vm, metatable, name, Value::nil(), false) == TableStatus::Ok);
  fill();
  REQUIRE(tableSetString(*vm, metatable, name, Value::integer(3), false) == TableStatus::Ok);
  CHECK(isFlushed());
  fill();
  REQUIRE(tableSetString(*vm, table, name, Value::integer(3), false) == TableStatus::Ok);  // not watched
  CHECK_FALSE(isFlushed());
  tableSetMetatable(*vm, metatable, newTable(*vm));
  CHECK(isFlushed());
}

TEST_CASE("the memory limit makes stores fail and leaves tables as they were", "[table]") {
  VmPointer vm(newVM());
  Table* table = newTable(*vm);
  *vm->top++ = Value::table(table);
  setMemoryLimit(*vm, heapBytes(*vm) + 4'000'000);
  int64_t i = 1;
  TableStatus status = TableStatus::Ok;
  while (i < 10'000'000 && (status = tableSetInteger(*vm, table, i, Value::integer(i))) == TableStatus::Ok) ++i;
  CHECK(status == TableStatus::OutOfMemory);
  CHECK(i > 50'000);
  CHECK(tableLength(table) == i - 1);
  for (int64_t j = 1; j < i; j += 997) CHECK(tableGetInteger(table, j).integer() == j);
  CHECK(newLongString(*vm, 5'000'000) == nullptr);
  setMemoryLimit(*vm, 0);
  CHECK(tableSetInteger(*vm, table, i, Value::integer(i)) == TableStatus::Ok);
}

namespace {

// The mean number of nodes that a lookup of one of the keys meets, in a hash part that just holds them.
double meanChain(const std::vector<Value>& keys) {
  HashPart part{};
  const auto size = std::bit_ceil(static_cast<uint32_t>(keys.size()));
  part.mask = size - 1;
  part.shift = static_cast<uint32_t>(std::countr_zero(size));
  std::vector<uint32_t> counts(size);
  for (const Value& key : keys) ++counts[mainPosition(&part, key)];
  double met = 0;
  for (const double count : counts) met += count * (count + 1) / 2;
  return met / static_cast<double>(keys.size());
}

}  // namespace

TEST_CASE("integers as keys are spread over the nodes of a hash part") {
  const auto integers = [](uint64_t count, auto make) {
    std::vector<Value> keys;
    for (uint64_t i = 1; i <= count; ++i) keys.push_back(Value::integer(static_cast<int64_t>(make(i))));
    return meanChain(keys);
  };
  for (uint32_t size = 3; size <= 16; ++size) {
    CAPTURE(size);
    const uint64_t nodes = uint64_t{1} << size;
    CHECK(integers(nodes, [](uint64_t i) { return i; }) < 1.2);
    CHECK(integers(nodes, [](uint64_t i) { return 1'000'000'007 - i; }) < 1.5);
    // A window that slides over the end of a run of as many keys as there are nodes.
    for (const uint64_t filled : {nodes / 2, nodes - nodes / 4}) {
      CHECK(integers(filled, [&](uint64_t i) { return 5 * nodes - filled / 2 + i; }) < 1.7);
    }
    // Powers of two apart, up to those that differ in their uppermost bits only.
    for (uint32_t power = 1; power <= 63 - size; ++power) {
      CAPTURE(power);
      CHECK(integers(nodes, [&](uint64_t i) { return i << power; }) < 3.1);
      CHECK(integers(nodes, [&](uint64_t i) { return 0 - (i << power); }) < 3.1);
    }
    // A small number below a large one.
    for (const uint32_t power : {16U, 20U, 32U, 40U, 48U}) {
      if (size > 8) continue;
      CAPTURE(power);
      CHECK(integers(nodes, [&](uint64_t i) { return i / 8 << power | i % 8; }) < 2.5);
    }
  }
}

TEST_CASE("Floats and objects as keys are spread over the nodes of a hash part") {
  const auto floats = [&](uint32_t count, auto make) {
    std::vector<Value> keys;
    for (uint32_t i = 1; i <= count; ++i) {
      const double key = make(i);
      if (key != std::floor(key)) keys.push_back(Value::number(key));
    }
    return meanChain(keys);
  };
  for (const uint32_t count : {10U, 100U, 3000U, 100'000U}) {
    CAPTURE(count);
    CHECK(floats(count, [](double i) { return i + 0.5; }) < 2);
    CHECK(floats(count, [](double i) { return i * 0.25; }) < 2);
    CHECK(floats(count, [](double i) { return i * 0.1; }) < 2);
    CHECK(floats(count, [](double i) { return i / 3; }) < 2);
    CHECK(floats(count, [](double i) { return -i * 1e-9; }) < 2);
    CHECK(floats(count, [](double i) { return 48 + i * 1e-6; }) < 2);
    CHECK(floats(std::min(count, 900U), [](double i) { return std::pow(2, -i); }) < 2);
    for (const uint64_t stride : {16, 32, 48, 64, 80, 112, 128}) {
      CAPTURE(stride);
      std::vector<Value> objects;
      objects.reserve(count);
      for (uint32_t i = 0; i < count; ++i) objects.push_back({0x7F12'3456'7000 + i * stride, Tag::Table});
      CHECK(meanChain(objects) < 2.5);
    }
    std::vector<Value> handles;
    handles.reserve(count);
    for (uint32_t i = 0; i < count; ++i) handles.push_back({i, Tag::LightUserdata});
    CHECK(meanChain(handles) < 2);
  }
}

}  // namespace selvage
