// Shapes: sharing, lookup, metatables, and what a collection leaves of them.
#include "vm/shape.hpp"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "vm/vm.hpp"

namespace selvage {
namespace {

struct VmDeleter {
  void operator()(VM* vm) const { destroyVM(vm); }
};
using VmPointer = std::unique_ptr<VM, VmDeleter>;

String* name(VM& vm, int i) { return newString(vm, "name" + std::to_string(i)); }

}  // namespace

TEST_CASE("the same keys in the same order lead to the same shape", "[shape]") {
  VmPointer vm(newVM());
  Shape* xy = shapeWithKey(*vm, shapeWithKey(*vm, vm->emptyShape, name(*vm, 1)), name(*vm, 2));
  Shape* yx = shapeWithKey(*vm, shapeWithKey(*vm, vm->emptyShape, name(*vm, 2)), name(*vm, 1));
  CHECK(xy == shapeWithKey(*vm, shapeWithKey(*vm, vm->emptyShape, name(*vm, 1)), name(*vm, 2)));
  CHECK(xy != yx);
  CHECK(findField(xy, name(*vm, 1)) == 0);
  CHECK(findField(yx, name(*vm, 1)) == 1);
  CHECK(fieldKey(xy, 1) == name(*vm, 2));
  CHECK(findField(xy, name(*vm, 3)) == -1);
  CHECK(findField(vm->emptyShape, name(*vm, 1)) == -1);
}

TEST_CASE("a shape does not see the keys that its successors add", "[shape]") {
  VmPointer vm(newVM());
  std::vector<Shape*> chain{vm->emptyShape};
  constexpr int length = 200;
  for (int i = 0; i < length; ++i) chain.push_back(shapeWithKey(*vm, chain.back(), name(*vm, i)));
  // A second branch at every tenth shape.
  std::vector<Shape*> branches;
  for (size_t i = 0; i < chain.size(); i += 10) {
    Shape* branch = shapeWithKey(*vm, chain[i], name(*vm, 1000));
    branches.push_back(shapeWithKey(*vm, branch, name(*vm, static_cast<int>(i))));
  }
  for (int count = 0; count <= length; ++count) {
    for (int i = 0; i < length; ++i) {
      REQUIRE(findField(chain[static_cast<size_t>(count)], name(*vm, i)) == (i < count ? i : -1));
    }
  }
  for (size_t b = 0; b < branches.size(); ++b) {
    const int count = static_cast<int>(b) * 10;
    REQUIRE(branches[b]->fieldCount() == static_cast<uint32_t>(count) + 2);
    REQUIRE(findField(branches[b], name(*vm, 1000)) == count);
    REQUIRE(findField(branches[b], name(*vm, count)) == count + 1);
    REQUIRE(findField(branches[b], name(*vm, count + 1)) == -1);
    for (int i = 0; i < count; ++i) REQUIRE(findField(branches[b], name(*vm, i)) == i);
  }
}

TEST_CASE("metatables are part of the shape and changing them back gives the old shape back", "[shape]") {
  VmPointer vm(newVM());
  Table* first = newTable(*vm);
  Table* second = newTable(*vm);
  Shape* plain = shapeWithKey(*vm, vm->emptyShape, name(*vm, 1));
  Shape* withFirst = shapeWithMetatable(*vm, plain, first);
  Shape* withSecond = shapeWithMetatable(*vm, withFirst, second);
  CHECK(withFirst != plain);
  CHECK(withFirst->metatable == first);
  CHECK(findField(withFirst, name(*vm, 1)) == 0);
  CHECK(shapeWithMetatable(*vm, plain, second) == withSecond);
  CHECK(shapeWithMetatable(*vm, withSecond, first) == withFirst);
  CHECK(shapeWithMetatable(*vm, withSecond, nullptr) == plain);

  Shape* longer = shapeWithKey(*vm, withFirst, name(*vm, 2));
  CHECK(longer->metatable == first);
  Shape* bare = shapeWithMetatable(*vm, longer, nullptr);
  CHECK(bare->metatable == nullptr);
  CHECK(bare->fieldCount() == 2);
  CHECK(shapeWithMetatable(*vm, bare, first) == longer);

  Shape* dictionary = dictionaryShape(*vm, longer);
  CHECK(dictionary->isDictionary());
  CHECK(dictionary->metatable == first);
  CHECK(dictionary == dictionaryShape(*vm, withFirst));
  CHECK(shapeWithMetatable(*vm, dictionary, second) == dictionaryShape(*vm, withSecond));
  CHECK(shapeWithMetatable(*vm, dictionary, nullptr) == dictionaryShape(*vm, vm->emptyShape));
}

TEST_CASE("shapes die with their tables, but not before", "[shape]") {
  VmPointer vm(newVM());
  std::mt19937 random(3);
  Table* tables = newTable(*vm);
  *vm->top++ = Value::table(tables);
  constexpr int64_t tableCount = 50;
  std::vector<std::vector<int>> model(tableCount);
  for (int round = 0; round < 40; ++round) {
    for (int64_t i = 0; i < tableCount; ++i) {
      auto& keys = model[static_cast<size_t>(i)];
      if (round == 0 || random() % 8 == 0) {
        REQUIRE(tableSetInteger(*vm, tables, i + 1, Value::table(newTable(*vm))) == TableStatus::Ok);
        keys.clear();
      }
      Table* table = tableGetInteger(tables, i + 1).table();
      for (int n = 0; n < 4; ++n) {
        const int key = static_cast<int>(random() % 40);
        if (findField(table->shape, name(*vm, key)) < 0) keys.push_back(key);
        REQUIRE(tableSetString(*vm, table, name(*vm, key), Value::integer(key), false) == TableStatus::Ok);
      }
      if (random() % 16 == 0) tableSetMetatable(*vm, table, random() % 2 == 0 ? newTable(*vm) : nullptr);
    }
    collectGarbage(*vm);
    for (int64_t i = 0; i < tableCount; ++i) {
      Table* table = tableGetInteger(tables, i + 1).table();
      const auto& keys = model[static_cast<size_t>(i)];
      REQUIRE(table->shape->fieldCount() == keys.size());
      for (size_t k = 0; k < keys.size(); ++k) {
        REQUIRE(fieldKey(table->shape, static_cast<uint32_t>(k)) == name(*vm, keys[k]));
        REQUIRE(findField(table->shape, name(*vm, keys[k])) == static_cast<int32_t>(k));
        REQUIRE(tableGetString(table, name(*vm, keys[k])).integer() == keys[k]);
      }
    }
  }
}

}  // namespace selvage
