// Making functions, protos, upvalues, userdata and tables.

#include "vm/function.hpp"

#include <cstring>
#include <new>

#include "vm/heap_impl.hpp"
#include "vm/table_parts.hpp"

namespace selvage {

namespace {

size_t bytesOf(const ProtoSizes& sizes) {
  return sizeof(ConstantsHeader) + sizes.constants * sizeof(Value) + sizes.templates * sizeof(TableTemplate) +
         sizes.caches * sizeof(InlineCache) + sizes.locals * sizeof(LocalVariable) +
         sizes.upvalues * sizeof(UpvalueDescription) + sizes.protos * sizeof(Proto*) +
         sizes.words * sizeof(Instruction) + sizes.lines * sizeof(uint32_t) + sizes.liveSlots * sizeof(uint16_t);
}

// The part of a proto's block that begins at `next`, which is moved behind it.
template <class T>
std::span<T> takePart(char*& next, uint32_t count) {
  const std::span<T> part(reinterpret_cast<T*>(next), count);
  next += part.size_bytes();
  return part;
}

}  // namespace

Table* newTable(VM& vm, uint32_t arrayCapacity, uint32_t fieldCapacity) {
  const uint32_t inside = fieldCapacity <= maxFieldsInside ? fieldCapacity : 0;
  size_t bytes = tableBytes(inside);
  bool isArrayInside = false;
  if (arrayCapacity != 0 && arrayCapacity <= maxElementsInside) {
    const size_t withArray = bytes + splitTagBytes(arrayCapacity) + arrayCapacity * sizeof(uint64_t);
    isArrayInside = withArray <= maxCellBytes;
    if (isArrayInside) bytes = withArray;
  }
  auto* table = static_cast<Table*>(allocateOften(vm, bytes, ObjectKind::Table));
  if (table == nullptr) throw std::bad_alloc();
  table->shape = vm.emptyShape;
  table->fields = inside == 0 ? nullptr : fieldsInTable(table, inside);
  table->array = nullptr;
  table->arrayCount = 0;
  table->arrayCapacity = 0;
  table->hash = nullptr;
  table->fieldCapacity = inside;
  table->reserved = 0;
  if (fieldCapacity > inside) {
    table->fields = allocateSplit(vm, fieldCapacity);
    if (table->fields == nullptr) throw std::bad_alloc();
    table->fieldCapacity = fieldCapacity;
  }
  if (isArrayInside) {
    table->flags |= tableHasArrayInside;
    table->array = arrayInTable(table, inside, arrayCapacity);
    table->arrayCapacity = arrayCapacity;
  } else if (arrayCapacity != 0 && !tableReserveArray(vm, table, arrayCapacity)) throw std::bad_alloc();
  return table;
}

LuaFunction* newLuaFunction(VM& vm, Proto* proto) {
  const auto upvalues = static_cast<uint32_t>(proto->upvalues.size());
  auto* function = static_cast<LuaFunction*>(allocateOrThrow(vm, luaFunctionBytes(upvalues), ObjectKind::Function));
  function->aux = upvalues;
  function->code = proto;
  for (uint32_t i = 0; i < upvalues; ++i) function->upvalues[i] = nullptr;
  return function;
}

NativeFunction* newNativeFunction(VM& vm, const NativeCode& code, uint32_t upvalues) {
  Object* object = allocateOrThrow(vm, nativeFunctionBytes(upvalues), ObjectKind::Function);
  auto* function = static_cast<NativeFunction*>(object);
  function->aux = upvalues;
  // Code is shared and static; nothing writes to it.
  function->code = const_cast<NativeCode*>(&code);
  for (uint32_t i = 0; i < upvalues; ++i) new (&function->upvalues[i]) Value(0, Tag::Nil);
  return function;
}

Upvalue* newClosedUpvalue(VM& vm, Value value) {
  auto* upvalue = static_cast<Upvalue*>(allocateOrThrow(vm, sizeof(Upvalue), ObjectKind::Upvalue));
  new (&upvalue->closed) Value(value);
  upvalue->value = &upvalue->closed;
  upvalue->next = nullptr;
  return upvalue;
}

Userdata* newUserdata(VM& vm, size_t bytes, uint32_t userValues) {
  constexpr size_t header = offsetof(Userdata, userValues);
  if (bytes > SIZE_MAX / 4) throw std::bad_alloc();
  Object* object = allocateOrThrow(vm, header + userValues * sizeof(Value) + bytes, ObjectKind::Userdata);
  auto* userdata = static_cast<Userdata*>(object);
  userdata->aux = userValues;
  userdata->shape = vm.userdataShape;
  userdata->bytes = bytes;
  for (uint32_t i = 0; i < userValues; ++i) new (&userdata->userValues[i]) Value(0, Tag::Nil);
  return userdata;
}

Proto* newProto(VM& vm, const ProtoSizes& sizes) {
  const size_t bytes = bytesOf(sizes);
  auto* block = static_cast<char*>(allocateZeroedBytes(vm.memory, bytes));
  if (block == nullptr) return nullptr;
  Object* object = allocateObject(vm, sizeof(Proto), ObjectKind::Proto);
  if (object == nullptr) {
    freeBytes(vm.memory, block, bytes);
    return nullptr;
  }
  const Object header = *object;
  auto* proto = new (object) Proto(header, vm.memory);
  requestIfDue(vm);
  proto->constants = reinterpret_cast<Value*>(block + sizeof(ConstantsHeader));
  proto->blockBytes = bytes;
  proto->constantCount = sizes.constants;
  proto->templateCount = sizes.templates;
  proto->cacheCount = sizes.caches;
  proto->header()->proto = proto;
  // What needs the greatest alignment comes first.
  auto* next = reinterpret_cast<char*>(proto->caches() + sizes.caches);
  proto->locals = takePart<LocalVariable>(next, sizes.locals);
  proto->upvalues = takePart<UpvalueDescription>(next, sizes.upvalues);
  proto->protos = takePart<Proto*>(next, sizes.protos);
  proto->code = takePart<Instruction>(next, sizes.words);
  proto->lines = takePart<uint32_t>(next, sizes.lines);
  proto->liveSlots = takePart<uint16_t>(next, sizes.liveSlots);
  proto->nextProto = vm.protos;
  vm.protos = proto;
  return proto;
}

void prepareProtos(VM& vm, Proto& proto) {
  if (vm.engine.prepareProto == nullptr) return;
  for (Proto* nested : proto.protos) prepareProtos(vm, *nested);
  vm.engine.prepareProto(vm, proto);
}

void releaseProto(VM& vm, Proto* proto) {
  if (vm.engine.destroyProto != nullptr) vm.engine.destroyProto(vm, *proto);
  freeBytes(vm.memory, proto->header(), proto->blockBytes);
  proto->constants = nullptr;
  proto->~Proto();
}

}  // namespace selvage
