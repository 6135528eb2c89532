// The table library (manual 6.6); sort is in table_sort.cpp.
#include <algorithm>
#include <climits>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "stdlib/libraries.hpp"
#include "stdlib/table_elements.hpp"
#include "stdlib/table_sort.hpp"
#include "stencils/intrinsics.hpp"
#include "vm/format_text.hpp"
#include "vm/number.hpp"
#include "vm/operations.hpp"
#include "vm/table_hash.hpp"
#include "vm/table_parts.hpp"

namespace selvage {

namespace {

constexpr int64_t maxInteger = std::numeric_limits<int64_t>::max();

// Whether elements first..last (1-based) are all in the array part and no metamethod interferes: none does where they
// all have values, as those of an object that is a list have.
bool isInArrayPart(VM& vm, Value object, int64_t first, int64_t last) {
  if (!object.isTable() || first < 1 || last > object.table()->arrayCount) return false;
  if (first > last || isPlainTable(vm, object)) return true;
  // Tags grow downwards: the last element's tag is first in memory.
  const auto count = static_cast<size_t>(last - first + 1);
  return std::memchr(&SplitStorage::tagByte(object.table()->array, last - 1), static_cast<int>(Tag::Nil), count) ==
         nullptr;
}

// Whether elements first..last can be put into the array part, right behind its present elements or over them; if so
// there is room for them.
bool fitsInArrayPart(VM& vm, Value object, int64_t first, int64_t last) {
  if (isInArrayPart(vm, object, first, last)) return true;
  if (!object.isTable() || first < 1 || first - 1 > object.table()->arrayCount) return false;
  Table* const table = object.table();
  if (!metamethod(vm, table->metatable(), Event::NewIndex).isNil()) return false;
  if (last <= table->arrayCount) return true;
  if (table->hash != nullptr && table->hash->hasIntegers != 0) return false;
  const auto needed = static_cast<uint64_t>(last);
  return needed <= table->arrayCapacity ||
         tableReserveArray(vm, table, std::max(needed, uint64_t{table->arrayCapacity} * 2));
}

// Moves elements from..from+count-1 (0-based) of an array part to where they fit in one.
void moveInArrayPart(VM& vm, const Table* source, int64_t from, Table* table, int64_t to, int64_t count) {
  const auto bytes = static_cast<size_t>(count);
  std::memmove(table->array + to, source->array + from, bytes * sizeof(uint64_t));
  // Tags grow downwards: the last element's tag is first in memory.
  std::memmove(&SplitStorage::tagByte(table->array, to + count - 1),
               &SplitStorage::tagByte(source->array, from + count - 1), bytes);
  table->arrayCount = std::max(table->arrayCount, static_cast<uint32_t>(to + count));
  dropTrailingNils(table);
  writeBarrier(vm, table);
}

// Moves each of first..last by one place up (`by` = 1) or down (-1).
bool shiftElements(NativeCall& call, Value object, int64_t first, int64_t last, int by) {
  if (first > last) return true;
  if (isInArrayPart(call.vm, object, std::min(first, first + by), std::max(last, last + by))) {
    moveInArrayPart(call.vm, object.table(), first - 1, object.table(), first - 1 + by, last - first + 1);
    return true;
  }
  Value value;
  if (by > 0) {
    for (int64_t i = last; i >= first; --i) {
      if (!getElement(call, object, i, value) || !setElement(call, object, i + 1, value)) return false;
    }
  } else {
    for (int64_t i = first; i <= last; ++i) {
      if (!getElement(call, object, i, value) || !setElement(call, object, i - 1, value)) return false;
    }
  }
  return true;
}

int tableInsert(NativeCall& call) {
  int64_t length;
  if (!checkedLength(call, 0, tableIsRead | tableIsWritten, length)) return nativeFailed;
  const int64_t end = wrapAdd(length, 1);
  if (call.count == 2) return setElement(call, call.argument(0), end, call.argument(1)) ? 0 : nativeFailed;
  if (call.count != 3) return call.fail("wrong number of arguments to 'insert'");
  int64_t position;
  if (!call.checkInteger(1, position)) return nativeFailed;
  if (static_cast<uint64_t>(position) - 1 >= static_cast<uint64_t>(end)) {
    return call.failArgument(1, "position out of bounds");
  }
  const Value object = call.argument(0);
  if (position < end) {
    Value last;
    if (!getElement(call, object, end - 1, last) || !setElement(call, object, end, last)) return nativeFailed;
    if (!shiftElements(call, object, position, end - 2, 1)) return nativeFailed;
  }
  return setElement(call, object, position, call.argument(2)) ? 0 : nativeFailed;
}

int tableRemove(NativeCall& call) {
  int64_t size;
  int64_t position;
  if (!checkedLength(call, 0, tableIsRead | tableIsWritten, size)) return nativeFailed;
  if (!call.optionalInteger(1, size, position)) return nativeFailed;
  if (position != size && static_cast<uint64_t>(position) - 1 > static_cast<uint64_t>(size)) {
    return call.failArgument(1, "position out of bounds");
  }
  const Value object = call.argument(0);
  Value removed;
  if (!getElement(call, object, position, removed)) return nativeFailed;
  call.push(removed);
  if (!shiftElements(call, object, wrapAdd(position, 1), size, -1)) return nativeFailed;
  if (!setElement(call, object, std::max(position, size), Value::nil())) return nativeFailed;
  return 1;
}

// What table.concat makes of elements of the array part that are all strings: null without memory. False: they are not.
bool concatStrings(NativeCall& call, Table* table, int64_t first, int64_t last, std::string_view separator,
                   String*& result) {
  size_t total = separator.size() * static_cast<size_t>(last - first);
  for (int64_t i = first - 1; i < last; ++i) {
    if (SplitStorage::tag(table->array, i) != Tag::String) return false;
    total += reinterpret_cast<const String*>(table->array[i])->length;
  }
  char shortText[maxShortLength];
  result = total > maxShortLength ? newLongString(call.vm, total) : nullptr;
  if (result == nullptr && total > maxShortLength) return true;
  call.charge(static_cast<uint64_t>(last - first) + total / bytesOfWork);
  char* end = result != nullptr ? result->text : shortText;
  for (int64_t i = first - 1; i < last; ++i) {
    const auto* piece = reinterpret_cast<const String*>(table->array[i]);
    end = std::copy_n(piece->text, piece->length, end);
    if (i != last - 1) end = std::copy(separator.begin(), separator.end(), end);
  }
  if (result == nullptr) result = newString(call.vm, {shortText, total});
  return true;
}

int tableConcat(NativeCall& call) {
  int64_t length;
  std::string_view separator;
  int64_t first;
  int64_t last;
  if (!checkedLength(call, 0, tableIsRead, length) || !call.optionalString(1, {}, separator) ||
      !call.optionalInteger(2, 1, first) || !call.optionalInteger(3, length, last)) {
    return nativeFailed;
  }
  const Value object = call.argument(0);
  if (first <= last && isInArrayPart(call.vm, object, first, last)) {
    String* result;
    if (concatStrings(call, object.table(), first, last, separator, result))
      return result == nullptr ? call.failMemory() : call.returns(Value::string(result));
  }
  Text text(call.vm);
  for (int64_t i = first; i <= last; ++i) {
    Value value;
    if (!getElement(call, object, i, value)) return nativeFailed;
    char buffer[maxNumberText];
    std::string_view piece;
    if (!textOf(value, buffer, piece)) {
      return call.fail(
          formatText(call.vm, "invalid value ({}) at index {} in table for 'concat'", typeName(value.tag), i));
    }
    text.append(piece);
    if (i == last) break;  // i + 1 might not exist
    text.append(separator);
  }
  return call.returnsString(text);
}

int tablePack(NativeCall& call) {
  Table* table = newTable(call.vm, call.count, 1);
  if (table == nullptr) return call.failMemory();
  if (call.count != 0) storeList(table, 0, &call.argument(0), call.count);
  const TableStatus status =
      tableSetString(call.vm, table, call.vm.byteStrings['n'], Value::integer(call.count), false);
  if (status != TableStatus::Ok) return call.failTable(status);
  return call.returns(Value::table(table));
}

int tableUnpack(NativeCall& call) {
  int64_t first;
  int64_t last;
  if (!call.optionalInteger(1, 1, first)) return nativeFailed;
  if (call.isNoneOrNil(2)) {
    if (!call.length(call.argumentOrNil(0), last)) return nativeFailed;
  } else if (!call.checkInteger(2, last)) {
    return nativeFailed;
  }
  if (first > last) return 0;
  const uint64_t steps = static_cast<uint64_t>(last) - static_cast<uint64_t>(first);
  if (steps >= maxStackSlots) return call.fail("too many results to unpack");
  const auto count = static_cast<uint32_t>(steps) + 1;
  if (!call.reserve(count)) return call.fail("too many results to unpack");
  const Value object = call.argumentOrNil(0);
  if (isInArrayPart(call.vm, object, first, last)) {
    const Table* const table = object.table();
    for (uint32_t i = 0; i < count; ++i) call.push(SplitStorage::get(table->array, first - 1 + i));
    return static_cast<int>(count);
  }
  for (uint32_t i = 0; i < count; ++i) {
    Value value;
    if (!getElement(call, object, wrapAdd(first, i), value)) return nativeFailed;
    call.push(value);
  }
  return static_cast<int>(count);
}

int tableMove(NativeCall& call) {
  int64_t first;
  int64_t last;
  int64_t to;
  if (!call.checkInteger(1, first) || !call.checkInteger(2, last) || !call.checkInteger(3, to)) return nativeFailed;
  const uint32_t target = call.isNoneOrNil(4) ? 0 : 4;
  if (!checkTableLike(call, 0, tableIsRead) || !checkTableLike(call, target, tableIsWritten)) return nativeFailed;
  const Value from = call.argument(0);
  const Value destination = call.argument(target);
  if (last >= first) {
    if (first <= 0 && last >= maxInteger + first) return call.failArgument(2, "too many elements to move");
    const int64_t count = last - first + 1;
    if (to > maxInteger - count + 1) return call.failArgument(3, "destination wrap around");
    bool isUpwards = to > last || to <= first;  // otherwise what is still to be read would be overwritten
    if (!isUpwards && target != 0) {
      bool isSame;
      if (!call.equal(from, destination, isSame)) return nativeFailed;
      isUpwards = !isSame;
    }
    if (isInArrayPart(call.vm, from, first, last) && fitsInArrayPart(call.vm, destination, to, to + count - 1)) {
      moveInArrayPart(call.vm, from.table(), first - 1, destination.table(), to - 1, count);
    } else {
      for (int64_t k = 0; k < count; ++k) {
        const int64_t i = isUpwards ? k : count - 1 - k;
        Value value;
        if (!getElement(call, from, first + i, value) || !setElement(call, destination, to + i, value)) {
          return nativeFailed;
        }
      }
    }
  }
  return call.returns(destination);
}

constexpr NativeCode tableFunctions[] = {
    makeNative("concat", tableConcat),
    makeNative("insert", tableInsert, &selvage_tableInsert),
    makeNative("move", tableMove),
    makeNative("pack", tablePack),
    makeNative("remove", tableRemove, &selvage_tableRemove),
    makeNative("sort", tableSort),
    makeNative("unpack", tableUnpack, &selvage_tableUnpack),
};

}  // namespace

Table* openTableLibrary(VM& vm) { return newLibrary(vm, tableFunctions); }

}  // namespace selvage
