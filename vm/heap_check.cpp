// The walk over all live objects behind checkHeap. It trusts nothing but the mark bits of the collection before it.
#include "vm/heap_check.hpp"

#include <algorithm>
#include <span>
#include <unordered_set>

#include "vm/heap_impl.hpp"
#include "vm/shape_parts.hpp"
#include "vm/string_table.hpp"
#include "vm/table_hash.hpp"
#include "vm/table_parts.hpp"

namespace selvage {

namespace {

class HeapCheck {
 public:
  explicit HeapCheck(VM& machine) : vm(machine), impl(*machine.heap.impl) {}

  std::string run() {
    shapes.insert(impl.shapes.begin(), impl.shapes.end());
    expect(shapes.size() == impl.shapes.size(), "a shape is listed twice");
    collectCells();
    checkAccounts();
    checkRoots();
    for (Object* object : live) check(object);
    return problem;
  }

 private:
  void expect(bool holds, const char* what) {
    if (!holds && problem.empty()) problem = what;
  }
  bool isLive(const Object* object, ObjectKind kind) const {
    return live.contains(const_cast<Object*>(object)) && object->kind == kind;
  }
  void expectLive(const Object* object, ObjectKind kind, const char* what) { expect(isLive(object, kind), what); }
  void expectValue(const Value& value, const char* what) {
    if (!value.isCollectable()) return;
    expect(static_cast<uint32_t>(value.tag) < tagCount, "a value has no tag of a value");
    expectLive(value.object(), static_cast<ObjectKind>(value.tag), what);
  }

  // ---- the heap ----
  void collectCells() {
    size_t blocks = impl.freeBlocks.size();
    for (size_t sizeClass = 1; sizeClass < sizeClassCount; ++sizeClass) {
      for (const Block& block : impl.classes[sizeClass].blocks) {
        ++blocks;
        for (char* cell = block.cells; cell < block.end; cell += sizeClass * cellGranularity) {
          if (isCellMarked(cell)) live.insert(reinterpret_cast<Object*>(cell));
        }
      }
    }
    size_t allBlocks = 0;
    for (const Region& region : impl.regions) allBlocks += blocksOf(region);
    expect(blocks == allBlocks, "a block is lost");
    for (size_t i = 0; i < impl.large.size(); ++i) {
      expect(impl.large[i]->index == i, "a large object does not know its place");
      expect(isMarked(impl.large[i]->object()), "a dead large object is left");
      live.insert(impl.large[i]->object());
    }
  }
  void checkAccounts() {
    expect(!impl.isCollecting && !impl.isFinalizing, "the collector is left at work");
    expect(vm.memory.cellBytes >= markedBytes(vm), "cells are not accounted for");
    expect(vm.memory.bytes >= vm.memory.chunkBytes, "chunks are more than all memory");
    size_t chunkBytesHeld = 0;
    for (const Region& region : impl.regions) chunkBytesHeld += region.bytes;
    expect(vm.memory.chunkBytes == chunkBytesHeld, "chunks are not accounted for");
    expect(impl.pending.capacity() - impl.pending.size() >= impl.finalizable.size(), "no room for what becomes due");
  }
  void checkRoots() {
    for (Object* object : impl.finalizable) {
      expect(live.contains(object) && (object->mark & objectHasFinalizer) != 0,
             "what has a finalizer is not so marked");
    }
    expectLive(vm.mainThread, ObjectKind::Thread, "the main thread is dead");
    expectLive(vm.globals, ObjectKind::Table, "the globals are dead");
    expectLive(vm.registry, ObjectKind::Table, "the registry is dead");
    for (const Shape* shape : {vm.emptyShape, vm.stringShape, vm.userdataShape}) checkShapeOf(shape);
    for (const Table* metatable : vm.typeMetatables) {
      if (metatable != nullptr) expectLive(metatable, ObjectKind::Table, "a type's metatable is dead");
    }
    expect(vm.stringShape->metatable == vm.typeMetatables[static_cast<size_t>(Tag::String)],
           "the shape of strings has not their metatable");
  }
  void check(Object* object) {
    switch (object->kind) {
      case ObjectKind::String: return checkString(static_cast<String*>(object));
      case ObjectKind::Table: return checkTable(static_cast<Table*>(object));
      case ObjectKind::Function: return checkFunction(static_cast<Function*>(object));
      case ObjectKind::Userdata: return checkUserdata(static_cast<Userdata*>(object));
      case ObjectKind::Thread: return checkThread(*static_cast<Thread*>(object));
      case ObjectKind::Proto: return checkProto(*static_cast<Proto*>(object));
      case ObjectKind::Upvalue: return expectValue(*static_cast<Upvalue*>(object)->value, "an upvalue's value is dead");
      case ObjectKind::Shape: return checkShape(static_cast<Shape*>(object));
      case ObjectKind::Storage: return;
      case ObjectKind::Free:
      case ObjectKind::NativeCode: break;
    }
    expect(false, "something is marked that is no object");
  }

  // ---- objects ----
  void checkString(const String* string) {
    expect(string->text[string->length] == '\0', "a string does not end with NUL");
    expect(string->isShort() == (string->length <= maxShortLength), "a string is short only in name");
    if (string->isShort())
      expect(vm.strings->find(string->view(), string->aux) == string, "a short string is not interned");
  }
  void checkShapeOf(const Shape* shape) {
    expectLive(shape, ObjectKind::Shape, "a shape in use is dead");
    expect(shapes.contains(const_cast<Shape*>(shape)), "a shape in use is not listed");
  }
  void checkShape(Shape* shape) {
    const uint32_t count = shape->fieldCount();
    checkShapeOf(shape);
    expect(count <= maxShapeFields && (!shape->isDictionary() || count == 0), "a shape has too many fields");
    if (shape->metatable != nullptr) expectLive(shape->metatable, ObjectKind::Table, "a shape's metatable is dead");
    if (shape->parent != nullptr) {
      expectLive(shape->parent, ObjectKind::Shape, "a shape's parent is dead");
      expect(count - shape->parent->fieldCount() <= 1, "a shape has skipped a field");
    }
    if (count != 0) {
      const ShapeIndex* index = shape->index;
      expect(index != nullptr && index->count >= count && index->capacity >= index->count, "a shape lacks keys");
      if (!problem.empty()) return;
      for (uint32_t i = 0; i < count; ++i) {
        String* key = fieldKey(shape, i);
        expect(isLive(key, ObjectKind::String) && key->isShort(), "a shape's key is dead");
        if (problem.empty()) expect(findField(shape, key) == static_cast<int32_t>(i), "a shape does not find its key");
      }
      expect(fieldKey(shape, count - 1) == shape->key, "a shape's last key is another one");
    }
    const ShapeTransitions* transitions = shape->transitions;
    for (uint32_t i = 0; transitions != nullptr && i < transitions->capacity; ++i) {
      const auto [key, child] = transitions->entries[i];
      if (key == 0 || key == deadMark) continue;
      expectLive(child, ObjectKind::Shape, "a shape leads to a dead one");
      if (!problem.empty()) return;
      expect(child->parent == shape, "a shape leads to another's child");
      expect(child->isDictionary() == (key == dictionaryMark), "a transition is not what its shape is");
    }
  }
  void expectStorage(const void* data, const char* what) {
    expectLive(static_cast<const Object*>(data) - 1, ObjectKind::Storage, what);
  }
  void expectSplit(const uint64_t* payloads, uint32_t elements, const char* what) {
    expectStorage(reinterpret_cast<const char*>(payloads) - splitTagBytes(elements), what);
  }
  void checkTable(Table* table) {
    checkShapeOf(table->shape);
    if (!problem.empty()) return;
    const uint32_t fields = table->shape->fieldCount();
    expect(fields <= table->fieldCapacity, "a table lacks fields of its shape");
    expect(table->arrayCount <= table->arrayCapacity, "a table lacks elements");
    if (table->fieldCapacity != 0 && !hasFieldsInside(table)) {
      expectSplit(table->fields, table->fieldCapacity, "a table's fields are dead");
    }
    if (table->arrayCapacity != 0 && !hasArrayInside(table)) {
      expectSplit(table->array, table->arrayCapacity, "a table's array part is dead");
    }
    if (table->hash != nullptr) expectStorage(table->hash, "a table's hash part is dead");
    if (!problem.empty()) return;
    for (uint32_t i = 0; i < fields; ++i) expectValue(SplitStorage::get(table->fields, i), "a field is dead");
    for (uint32_t i = 0; i < table->arrayCount; ++i) {
      expectValue(SplitStorage::get(table->array, i), "an element is dead");
    }
    if (table->hash == nullptr) return;
    for (HashNode& node : std::span(table->hash->nodes, table->hash->size())) {
      if (node.isEmpty()) continue;
      const Value key = node.getKey();
      expectValue(key, "a key is dead");
      expectValue(node.getValue(), "a value is dead");
      if (!problem.empty()) return;
      expect(findNode(table->hash, key) == &node, "a table does not find a key again");
      const bool isField = key.isString() && key.string()->isShort() && !table->shape->isDictionary();
      expect(!isField, "a field is in the hash part");
      const bool isElement = key.isInteger() && static_cast<uint64_t>(key.integer()) - 1 < table->arrayCount;
      expect(!isElement, "an element is in the hash part");
    }
  }
  void checkFunction(const Function* function) {
    if (!function->isLua()) {
      for (uint32_t i = 0; i < function->aux; ++i) {
        expectValue(static_cast<const NativeFunction*>(function)->upvalues[i], "a C function's upvalue is dead");
      }
      return;
    }
    expectLive(function->code, ObjectKind::Proto, "a function's proto is dead");
    if (!problem.empty()) return;
    expect(function->aux == function->proto()->upvalues.size(), "a function lacks upvalues");
    for (uint32_t i = 0; i < function->aux; ++i) {
      const Upvalue* const upvalue = static_cast<const LuaFunction*>(function)->upvalues[i];
      if (upvalue != nullptr) expectLive(upvalue, ObjectKind::Upvalue, "a function's upvalue is dead");
    }
  }
  void checkUserdata(const Userdata* userdata) {
    checkShapeOf(userdata->shape);
    for (uint32_t i = 0; i < userdata->aux; ++i) expectValue(userdata->userValues[i], "a user value is dead");
  }
  void checkThread(const Thread& thread) {
    const Value* const end = thread.stack + thread.stackSlots;
    const Value* const top = &thread == vm.current ? vm.top : thread.top;
    expect(thread.stack != nullptr && top >= thread.stack && top <= end, "a thread's top is not on its stack");
    if (!problem.empty()) return;
    if (&thread != vm.current) {
      for (const Value* slot = thread.stack; slot < top; ++slot) expectValue(*slot, "a slot's value is dead");
    }
    const Value* above = end;
    for (const Upvalue* upvalue = thread.openUpvalues; upvalue != nullptr && problem.empty(); upvalue = upvalue->next) {
      expectLive(upvalue, ObjectKind::Upvalue, "an open upvalue is dead");
      expect(upvalue->value >= thread.stack && upvalue->value < above, "open upvalues are out of order");
      above = upvalue->value;
    }
    const std::span<const uint32_t> pending = thread.toBeClosed.all();
    expect(std::ranges::is_sorted(pending), "pending variables are out of order");
    expect(pending.empty() || thread.stack + pending.back() < top, "a pending variable is gone");
  }
  void checkProto(const Proto& proto) {
    expect(proto.header()->proto == &proto, "constants do not know their proto");
    for (uint32_t i = 0; i < proto.constantCount; ++i) expectValue(proto.constants[i], "a constant is dead");
    for (const Proto* nested : proto.protos) expectLive(nested, ObjectKind::Proto, "a nested proto is dead");
    for (uint32_t i = 0; i < proto.cacheCount; ++i) {
      const InlineCache& cache = proto.caches()[i];
      if (cache.shape != nullptr) checkShapeOf(cache.shape);
      if (cache.newShape != nullptr) checkShapeOf(cache.newShape);
      if (cache.holder != nullptr) expectLive(cache.holder, ObjectKind::Table, "a cache's holder is dead");
    }
    for (uint32_t i = 0; i < proto.templateCount; ++i) {
      if (const Shape* const shape = proto.templates()[i].shape; shape != nullptr) checkShapeOf(shape);
    }
    for (const Shape* shape : proto.jitShapes) checkShapeOf(shape);
  }

  VM& vm;
  HeapImpl& impl;
  std::unordered_set<Object*> live;
  std::unordered_set<Shape*> shapes;
  std::string problem;
};

}  // namespace

std::string checkHeap(VM& vm) {
  if (!collectGarbage(vm, false)) return "the collector is left at work";
  return HeapCheck(vm).run();
}

}  // namespace selvage
