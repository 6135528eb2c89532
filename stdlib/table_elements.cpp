// How the table library reaches elements; see the header.
#include "stdlib/table_elements.hpp"

namespace selvage {

bool checkTableLike(NativeCall& call, uint32_t i, uint32_t use) {
  const Value object = call.argumentOrNil(i);
  if (object.isTable()) {
    const bool isRefused = (use & tableIsWritten) != 0 && isReadOnly(object.table());
    return !isRefused || call.failTable(TableStatus::ReadOnly) != nativeFailed;
  }
  Table* metatable = metatableOf(call.vm, object);
  const auto has = [&](uint32_t needed, Event event) {
    return (use & needed) == 0 || !metamethod(call.vm, metatable, event).isNil();
  };
  const bool behavesLikeTable = metatable != nullptr && has(tableIsRead, Event::Index) &&
                                has(tableIsWritten, Event::NewIndex) && has(tableIsMeasured, Event::Len);
  return behavesLikeTable || call.checkType(i, Tag::Table);
}

bool isPlainTable(VM& vm, Value object) {
  if (!object.isTable()) return false;
  Table* metatable = object.table()->metatable();
  return metatable == nullptr ||
         (metamethod(vm, metatable, Event::Index).isNil() && metamethod(vm, metatable, Event::NewIndex).isNil() &&
          metamethod(vm, metatable, Event::Len).isNil());
}

bool checkedLength(NativeCall& call, uint32_t i, uint32_t use, int64_t& length) {
  const Value object = call.argumentOrNil(i);
  if (object.isTable() && !isReadOnly(object.table()) &&
      metamethod(call.vm, object.table()->metatable(), Event::Len).isNil()) {
    length = tableLength(object.table());
    return true;
  }
  return checkTableLike(call, i, use | tableIsMeasured) && call.length(call.argument(i), length);
}

bool getElement(NativeCall& call, Value object, int64_t index, Value& result) {
  if (!call.mayGoOn()) return false;
  if (object.isTable()) {
    result = tableGetInteger(object.table(), index);
    if (!result.isNil() || object.table()->metatable() == nullptr) return true;
  }
  return call.index(object, Value::integer(index), result);
}

bool setElement(NativeCall& call, Value object, int64_t index, Value value) {
  if (object.isTable()) {
    Table* const table = object.table();
    if (metamethod(call.vm, table->metatable(), Event::NewIndex).isNil() || !tableGetInteger(table, index).isNil()) {
      const TableStatus status = tableSetInteger(call.vm, table, index, value);
      return status == TableStatus::Ok || call.failTable(status) != nativeFailed;
    }
  }
  return call.setIndex(object, Value::integer(index), value);
}

}  // namespace selvage
