// The heap: random object graphs that must survive collections, garbage that must not, weak tables, finalizers.
#include "vm/heap.hpp"

#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "vm/native.hpp"
#include "vm/vm.hpp"

namespace selvage {
namespace {

struct VmDeleter {
  void operator()(VM* vm) const { destroyVM(vm); }
};
using VmPointer = std::unique_ptr<VM, VmDeleter>;

Value text(VM& vm, const std::string& content) { return Value::string(newString(vm, content)); }
void set(VM& vm, Table* table, Value key, Value value) { REQUIRE(tableSet(vm, table, key, value) == TableStatus::Ok); }
void set(VM& vm, Table* table, const char* key, Value value) { set(vm, table, text(vm, key), value); }

// A metatable that stays alive on the stack.
Table* pushMetatable(VM& vm, const char* event, Value value) {
  Table* metatable = newTable(vm);
  *vm.top++ = Value::table(metatable);
  set(vm, metatable, event, value);
  return metatable;
}
Table* pushTable(VM& vm, Table* metatable = nullptr) {
  Table* table = newTable(vm);
  *vm.top++ = Value::table(table);
  tableSetMetatable(vm, table, metatable);
  return table;
}

size_t countEntries(Table* table) {
  size_t count = 0;
  uint32_t position = 0;
  Value key;
  Value value;
  while ((position = tableAdvance(table, position, key, value)) != 0) ++count;
  return count;
}

}  // namespace

TEST_CASE("object graphs survive collections and garbage does not", "[heap]") {
  VmPointer vm(newVM());
  std::mt19937 random(11);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  constexpr uint32_t nodeCount = 2000;
  // Node i is a table {id = i, and links to other nodes at 1..n, and a string, and sometimes a long one}.
  Table* nodes = pushTable(*vm);
  std::vector<std::vector<uint32_t>> links(nodeCount);
  const auto make = [&](uint32_t i) {
    Table* node = newTable(*vm, 0, below(6));
    set(*vm, nodes, Value::integer(i + 1), Value::table(node));
    set(*vm, node, "id", Value::integer(i));
    set(*vm, node, "name", text(*vm, std::string(below(2) == 0 ? 10 : 700, 'a') + std::to_string(i)));
    links[i].clear();
  };
  for (uint32_t i = 0; i < nodeCount; ++i) make(i);
  size_t bytesAfterFirst = 0;
  for (int round = 0; round < 30; ++round) {
    for (uint32_t n = 0; n < nodeCount; ++n) {
      const uint32_t i = below(nodeCount);
      if (below(4) == 0) {
        make(i);
      } else if (links[i].size() < 100) {
        const uint32_t target = below(nodeCount);
        Table* node = tableGetInteger(nodes, i + 1).table();
        // A closure around the target, to have functions and upvalues in the graph as well.
        Upvalue* upvalue = newClosedUpvalue(*vm, Value::integer(target));
        Userdata* userdata = newUserdata(*vm, below(100), 1);
        userdata->userValues[0] = Value::integer(static_cast<int64_t>(upvalue->value->integer()));
        links[i].push_back(target);
        set(*vm, node, Value::integer(static_cast<int64_t>(links[i].size())), Value::userdata(userdata));
      }
    }
    collectGarbage(*vm);
    if (round == 5) bytesAfterFirst = heapBytes(*vm);
    for (uint32_t i = 0; i < nodeCount; ++i) {
      Table* node = tableGetInteger(nodes, i + 1).table();
      REQUIRE(tableGetString(node, newString(*vm, "id")).integer() == i);
      const String* name = tableGetString(node, newString(*vm, "name")).string();
      REQUIRE(name->view().substr(name->view().find_last_of('a') + 1) == std::to_string(i));
      REQUIRE(tableLength(node) == static_cast<int64_t>(links[i].size()));
      for (size_t k = 0; k < links[i].size(); ++k) {
        const Value link = tableGetInteger(node, static_cast<int64_t>(k) + 1);
        REQUIRE(link.userdata()->userValues[0].integer() == links[i][k]);
      }
    }
  }
  // The graph's size is about constant, so the heap's must be.
  CHECK(heapBytes(*vm) < bytesAfterFirst * 2);
  vm->top = vm->base;
  collectGarbage(*vm);
  CHECK(heapBytes(*vm) < 300'000);  // what the VM itself takes included
}

TEST_CASE("allocation requests a collection when enough has been allocated", "[heap]") {
  VmPointer vm(newVM());
  vm->safepoint = 0;
  for (int i = 0; i < 1'000'000 && vm->safepoint.load() == 0; ++i) newTable(*vm);
  CHECK((vm->safepoint.load() & safepointCollect) != 0);
  const size_t before = heapBytes(*vm);
  collectIfRequested(*vm);
  CHECK(vm->safepoint.load() == 0);
  // In stress mode there may be nothing to free yet.
  CHECK((heapBytes(*vm) < before / 4 || before < 100'000));
}

TEST_CASE("what lies above the top of a stack is forgotten, what lies below is not", "[heap]") {
  VmPointer vm(newVM());
  vm->top[0] = Value::table(newTable(*vm));
  vm->top[0].extra = 77;
  vm->top[1] = Value::table(newTable(*vm));
  vm->top += 1;
  collectGarbage(*vm);
  CHECK(vm->top[-1].isTable());
  CHECK(vm->top[-1].extra == 77);
  CHECK(vm->top[0].isNil());
}

TEST_CASE("tables made with room for elements keep them inside, until they grow", "[heap]") {
  VmPointer vm(newVM());
  Table* all = pushTable(*vm);
  int64_t made = 0;
  for (uint32_t elements = 0; elements <= 40; ++elements) {
    for (uint32_t fields = 0; fields <= 60; fields += 5) {
      Table* table = newTable(*vm, elements, fields);
      set(*vm, all, Value::integer(++made), Value::table(table));
      CHECK(table->arrayCapacity == elements);
      CHECK(table->fieldCapacity == fields);
      for (uint32_t i = 1; i <= elements; ++i) set(*vm, table, Value::integer(i), Value::integer(i * 3));
      for (uint32_t i = 0; i < fields; ++i) {
        REQUIRE(tableSetString(*vm, table, newString(*vm, "f" + std::to_string(i)), text(*vm, std::to_string(i)),
                               false) == TableStatus::Ok);
      }
      CHECK(table->fieldCapacity == fields);
    }
  }
  for (uint32_t extra = 0; extra < 30; extra += 10) {
    collectGarbage(*vm);
    int64_t index = 0;
    for (uint32_t elements = 0; elements <= 40; ++elements) {
      for (uint32_t fields = 0; fields <= 60; fields += 5) {
        Table* table = tableGetInteger(all, ++index).table();
        REQUIRE(tableLength(table) == elements + extra);
        for (uint32_t i = 1; i <= elements + extra; ++i) REQUIRE(tableGetInteger(table, i).integer() == i * 3);
        for (uint32_t i = 0; i < fields; ++i) {
          REQUIRE(tableGet(table, text(*vm, "f" + std::to_string(i))).string()->view() == std::to_string(i));
        }
        for (uint32_t i = elements + extra + 1; i <= elements + extra + 10; ++i) {
          set(*vm, table, Value::integer(i), Value::integer(i * 3));
        }
      }
    }
  }
}

TEST_CASE("weak values", "[heap][weak]") {
  VmPointer vm(newVM());
  Table* metatable = pushMetatable(*vm, "__mode", text(*vm, "v"));
  Table* weak = pushTable(*vm, metatable);
  Table* kept = pushTable(*vm);
  for (int i = 1; i <= 100; ++i) {
    Table* value = newTable(*vm);
    set(*vm, weak, Value::integer(i), Value::table(value));
    set(*vm, weak, text(*vm, "field" + std::to_string(i)), Value::table(value));
    set(*vm, weak, Value::number(i + 0.5), i % 2 == 0 ? Value::table(value) : Value::integer(i));
    if (i % 10 == 0) set(*vm, kept, Value::integer(i / 10), Value::table(value));
  }
  set(*vm, weak, "string", text(*vm, "a string is a value"));
  collectGarbage(*vm);
  for (int i = 1; i <= 100; ++i) {
    const bool isKept = i % 10 == 0;
    CHECK(tableGetInteger(weak, i).isTable() == isKept);
    CHECK(tableGet(weak, text(*vm, "field" + std::to_string(i))).isTable() == isKept);
    CHECK(tableGet(weak, Value::number(i + 0.5)).isNil() == (i % 2 == 0 && !isKept));
  }
  CHECK(tableGet(weak, text(*vm, "string")).string()->view() == "a string is a value");
}

TEST_CASE("ephemerons: a value is kept by its key only", "[heap][weak]") {
  VmPointer vm(newVM());
  Table* metatable = pushMetatable(*vm, "__mode", text(*vm, "k"));
  Table* ephemerons = pushTable(*vm, metatable);
  Table* root = pushTable(*vm);
  // A chain: the value of each key is the next key; only the first is otherwise reachable. And keys whose value
  // refers back to them.
  Table* key = root;
  constexpr int length = 20'000;
  for (int i = 0; i < length; ++i) {
    Table* next = newTable(*vm);
    set(*vm, ephemerons, Value::table(key), Value::table(next));
    key = next;
  }
  for (int i = 0; i < 30; ++i) {
    Table* lonely = newTable(*vm);
    Table* value = newTable(*vm);
    set(*vm, value, "key", Value::table(lonely));
    set(*vm, ephemerons, Value::table(lonely), Value::table(value));
  }
  set(*vm, ephemerons, Value::integer(1), Value::table(newTable(*vm)));
  set(*vm, ephemerons, "name", Value::table(newTable(*vm)));
  CHECK(countEntries(ephemerons) == length + 30 + 2);
  collectGarbage(*vm);
  CHECK(countEntries(ephemerons) == length + 2);
  key = root;
  for (int i = 0; i < length; ++i) {
    const Value next = tableGet(ephemerons, Value::table(key));
    REQUIRE(next.isTable());
    key = next.table();
  }
  CHECK(tableGetInteger(ephemerons, 1).isTable());
  CHECK(tableGet(ephemerons, text(*vm, "name")).isTable());
}

TEST_CASE("weak keys and values", "[heap][weak]") {
  VmPointer vm(newVM());
  Table* metatable = pushMetatable(*vm, "__mode", text(*vm, "kv"));
  Table* weak = pushTable(*vm, metatable);
  Table* first = pushTable(*vm);
  Table* second = pushTable(*vm);
  set(*vm, weak, Value::table(first), Value::table(second));
  set(*vm, weak, Value::table(second), Value::table(newTable(*vm)));
  set(*vm, weak, Value::table(newTable(*vm)), Value::table(second));
  set(*vm, weak, Value::integer(7), Value::boolean(true));
  collectGarbage(*vm);
  CHECK(countEntries(weak) == 2);
  CHECK(tableGet(weak, Value::table(first)).table() == second);
}

TEST_CASE("a mode that is set after the metatable counts", "[heap][weak]") {
  VmPointer vm(newVM());
  Table* metatable = pushTable(*vm);
  Table* weak = pushTable(*vm, metatable);
  set(*vm, weak, Value::integer(1), Value::table(newTable(*vm)));
  collectGarbage(*vm);
  CHECK(tableGetInteger(weak, 1).isTable());
  set(*vm, metatable, "__mode", text(*vm, "v"));
  collectGarbage(*vm);
  CHECK(tableGetInteger(weak, 1).isNil());
}

TEST_CASE("a traversal goes on from a key whose object has died", "[heap][weak]") {
  VmPointer vm(newVM());
  Table* table = pushTable(*vm);
  for (int i = 0; i < 64; ++i) set(*vm, table, Value::table(newTable(*vm)), Value::integer(i));
  std::set<int64_t> seen;
  Value key = Value::nil();
  Value value;
  for (;;) {
    *vm->top++ = key;
    collectGarbage(*vm);
    --vm->top;
    const int64_t position = tablePositionAfter(table, key);
    REQUIRE(position >= 0);
    if (tableAdvance(table, static_cast<uint32_t>(position), key, value) == 0) break;
    seen.insert(value.integer());
    set(*vm, table, key, Value::nil());
  }
  CHECK(seen.size() == 64);
}

TEST_CASE("inline caches forget dead shapes and holders and keep live ones", "[heap]") {
  VmPointer vm(newVM());
  Proto* proto = newProto(*vm, {.constants = 1, .templates = 1, .caches = 3});
  LuaFunction* function = newLuaFunction(*vm, proto);
  *vm->top++ = Value::function(function);
  Table* table = pushTable(*vm);
  set(*vm, table, "x", Value::integer(1));
  Shape* live = table->shape;
  const std::span caches(proto->caches(), 3);
  for (InlineCache& cache : caches) {
    cache.key = newString(*vm, "x");
    cache.shape = live;
  }
  caches[1].holder = newTable(*vm);
  Table* dying = newTable(*vm);
  tableSetMetatable(*vm, dying, newTable(*vm));
  caches[2].shape = dying->shape;
  collectGarbage(*vm);
  CHECK(caches[0].shape == live);
  CHECK(caches[0].key == newString(*vm, "x"));
  CHECK(caches[1].shape == nullptr);
  CHECK(caches[1].holder == nullptr);
  CHECK(caches[2].shape == nullptr);
  vm->top -= 2;
  collectGarbage(*vm);
  CHECK(vm->protos == nullptr);
}

TEST_CASE("threads keep what their stacks and upvalues refer to", "[heap]") {
  VmPointer vm(newVM());
  Thread* thread = newThread(*vm);
  *vm->top++ = Value::thread(thread);
  *thread->top++ = Value::table(newTable(*vm));
  tableSetMetatable(*vm, thread->top[-1].table(), nullptr);
  set(*vm, thread->top[-1].table(), "x", Value::integer(5));

  // A variable on the stack of a thread that dies while a closure still has it.
  Thread* dying = newThread(*vm);
  *dying->top++ = Value::table(newTable(*vm));
  set(*vm, dying->top[-1].table(), "y", Value::integer(6));
  vm->current = dying;
  Upvalue* upvalue = findUpvalue(*vm, dying->top - 1);
  CHECK(findUpvalue(*vm, dying->top - 1) == upvalue);
  vm->current = vm->mainThread;
  Proto* proto = newProto(*vm, {.upvalues = 1});
  LuaFunction* function = newLuaFunction(*vm, proto);
  function->upvalues[0] = upvalue;
  *vm->top++ = Value::function(function);

  collectGarbage(*vm);
  CHECK(vm->threads == thread);
  CHECK(tableGetString(thread->top[-1].table(), newString(*vm, "x")).integer() == 5);
  CHECK_FALSE(upvalue->isOpen());
  CHECK(tableGetString(upvalue->value->table(), newString(*vm, "y")).integer() == 6);
}

TEST_CASE("growing a stack moves everything that points into it", "[heap]") {
  VmPointer vm(newVM());
  const auto offset = vm->top - vm->current->stack;
  *vm->top++ = Value::integer(42);
  vm->top[-1].extra = 9;
  Upvalue* upvalue = findUpvalue(*vm, vm->top - 1);
  Upvalue* lower = findUpvalue(*vm, vm->top - 2);
  CHECK(vm->current->openUpvalues == upvalue);
  CHECK(upvalue->next == lower);
  REQUIRE(growStack(*vm, 5000));
  CHECK(vm->stackLimit - vm->top >= 5000);
  CHECK(upvalue->value == vm->current->stack + offset);
  CHECK(upvalue->value->integer() == 42);
  CHECK(upvalue->value->extra == 9);
  *vm->top = Value::nil();
  closeUpvalues(*vm, vm->top - 1);
  CHECK_FALSE(upvalue->isOpen());
  CHECK(lower->isOpen());
  CHECK(upvalue->value->integer() == 42);
  CHECK_FALSE(growStack(*vm, maxStackSlots));
  CHECK(growStack(*vm, maxStackSlots - 100));
  // A collection gives most of it back, but not of what has grown since the one before.
  const auto slots = vm->current->stackSlots;
  collectGarbage(*vm);
  CHECK(vm->current->stackSlots == slots);
  collectGarbage(*vm);
  CHECK(vm->current->stackSlots < slots / 4);
  CHECK(vm->stackLimit > vm->top);
  CHECK(lower->value == vm->current->stack + offset - 1);
  CHECK(vm->top == vm->current->stack + offset + 1);
  CHECK(vm->top[-1].integer() == 42);
  CHECK(growStack(*vm, 100'000));
}

namespace {

// Finalizers write down the `id` field of what they finalize.
std::vector<int64_t>* finalized = nullptr;
int recordFinalizer(NativeCall& call) {
  Table* object = call.argument(0).table();
  finalized->push_back(tableGetString(object, newString(call.vm, "id")).integer());
  return 0;
}
int resurrectingFinalizer(NativeCall& call) {
  recordFinalizer(call);
  set(call.vm, call.vm.registry, "resurrected", call.argument(0));
  return 0;
}
int failingFinalizer(NativeCall& call) {
  recordFinalizer(call);
  call.vm.error = Value::string(newString(call.vm, "failure"));
  return nativeFailed;
}
const NativeCode recordCode = makeNative("record", &recordFinalizer);
const NativeCode resurrectCode = makeNative("resurrect", &resurrectingFinalizer);
const NativeCode failCode = makeNative("fail", &failingFinalizer);

Table* makeFinalizable(VM& vm, int64_t id, Table* metatable) {
  Table* object = newTable(vm);
  set(vm, object, "id", Value::integer(id));
  tableSetMetatable(vm, object, metatable);
  return object;
}

std::string warnings;
void recordWarning(VM&, const char* warning, bool) { warnings += warning; }

}  // namespace

TEST_CASE("finalizers run once, the last registered first", "[heap][finalizer]") {
  VmPointer vm(newVM());
  std::vector<int64_t> order;
  finalized = &order;
  Table* metatable = pushMetatable(*vm, "__gc", Value::function(newNativeFunction(*vm, recordCode)));
  Table* kept = pushTable(*vm);
  for (int i = 1; i <= 10; ++i) {
    Table* object = makeFinalizable(*vm, i, metatable);
    if (i % 5 == 0) set(*vm, kept, Value::integer(i / 5), Value::table(object));
  }
  collectGarbage(*vm, false);
  CHECK(order.empty());
  collectGarbage(*vm);
  CHECK(order == std::vector<int64_t>{9, 8, 7, 6, 4, 3, 2, 1});
  collectGarbage(*vm);
  CHECK(order.size() == 8);
  closeFinalizers(*vm);
  CHECK(order == std::vector<int64_t>{9, 8, 7, 6, 4, 3, 2, 1, 10, 5});
}

TEST_CASE("a resurrected object is finalized again only when marked again", "[heap][finalizer]") {
  VmPointer vm(newVM());
  std::vector<int64_t> order;
  finalized = &order;
  Table* metatable = pushMetatable(*vm, "__gc", Value::function(newNativeFunction(*vm, resurrectCode)));
  Table* weakMode = pushMetatable(*vm, "__mode", text(*vm, "v"));
  Table* weakValues = pushTable(*vm, weakMode);
  Table* keyMode = pushMetatable(*vm, "__mode", text(*vm, "k"));
  Table* weakKeys = pushTable(*vm, keyMode);
  Table* object = makeFinalizable(*vm, 1, metatable);
  set(*vm, weakValues, Value::integer(1), Value::table(object));
  set(*vm, weakKeys, Value::table(object), Value::integer(1));
  collectGarbage(*vm);
  CHECK(order == std::vector<int64_t>{1});
  const Value resurrected = tableGet(vm->registry, text(*vm, "resurrected"));
  REQUIRE(resurrected.isTable());
  CHECK(resurrected.table() == object);
  CHECK(tableGetInteger(weakValues, 1).isNil());
  CHECK(countEntries(weakKeys) == 1);

  set(*vm, vm->registry, "resurrected", Value::nil());
  collectGarbage(*vm);
  CHECK(order.size() == 1);
  CHECK(countEntries(weakKeys) == 0);

  object = makeFinalizable(*vm, 2, metatable);
  collectGarbage(*vm);
  CHECK(order == std::vector<int64_t>{1, 2});
  Table* again = tableGet(vm->registry, text(*vm, "resurrected")).table();
  tableSetMetatable(*vm, again, metatable);
  set(*vm, vm->registry, "resurrected", Value::nil());
  collectGarbage(*vm);
  CHECK(order == std::vector<int64_t>{1, 2, 2});
}

TEST_CASE("a metatable that gets its __gc later does not finalize", "[heap][finalizer]") {
  VmPointer vm(newVM());
  std::vector<int64_t> order;
  finalized = &order;
  Table* metatable = pushTable(*vm);
  makeFinalizable(*vm, 1, metatable);
  set(*vm, metatable, "__gc", Value::function(newNativeFunction(*vm, recordCode)));
  makeFinalizable(*vm, 2, metatable);
  collectGarbage(*vm);
  CHECK(order == std::vector<int64_t>{2});
}

TEST_CASE("an error in a finalizer is a warning", "[heap][finalizer]") {
  VmPointer vm(newVM());
  std::vector<int64_t> order;
  finalized = &order;
  warnings.clear();
  vm->warn = &recordWarning;
  vm->error = Value::integer(17);
  Table* failing = pushMetatable(*vm, "__gc", Value::function(newNativeFunction(*vm, failCode)));
  Table* metatable = pushMetatable(*vm, "__gc", Value::function(newNativeFunction(*vm, recordCode)));
  makeFinalizable(*vm, 1, metatable);
  makeFinalizable(*vm, 2, failing);
  const auto depth = vm->top - vm->current->stack;
  collectGarbage(*vm);
  CHECK(order == std::vector<int64_t>{2, 1});
  CHECK(warnings == "error in __gc (failure)");
  CHECK(vm->error.integer() == 17);
  CHECK(vm->top - vm->current->stack == depth);
}

}  // namespace selvage
