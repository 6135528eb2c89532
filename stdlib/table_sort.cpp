// table.sort: quicksort with the median of three as pivot.
//
// Sorting is not stable, so which pivots are taken shows in the order of equal elements. They are taken where the
// reference takes them (first, middle, last; the pivot waits in the last place but one), so that programs print the
// same under both.
//
// The elements are moved out of the table, sorted, and moved back. Numbers and strings compared by `<` are sorted as
// such. For a comparison function, or for values with metamethods, they are sorted in a table of our own that no Lua
// code can reach: whatever the function does to the table that is being sorted, the elements stay where they are and
// alive.
#include "stdlib/table_sort.hpp"

#include <climits>
#include <cstring>
#include <utility>

#include "stdlib/table_elements.hpp"
#include "vm/call.hpp"
#include "vm/operations.hpp"

namespace selvage {

namespace {

enum class SortResult { Done, InvalidOrder, Failed };

constexpr uint32_t largeRange = 100;        // above this a pivot may be moved away from the middle
constexpr uint32_t imbalanceDivisor = 128;  // a part smaller than 1/128 of its range makes pivots random

// A range's elements and their order. Elements needs: Item, get(i), set(i, item), and
// isLess(left, right, result), which is false after an error was raised.
template <class Elements>
class Quicksort {
 public:
  Quicksort(NativeCall& call, Elements& elements) : call_(call), elements_(elements) {}

  // Sorts first..last, both included.
  SortResult sort(uint32_t first, uint32_t last) {
    uint32_t disorder = 0;  // not 0: pivots are random
    while (first < last) {
      if (!order(first, last)) return SortResult::Failed;
      if (last - first == 1) return SortResult::Done;
      const uint32_t middle = pivotPlace(first, last, disorder);
      // Puts the median of the three in the middle.
      if (!call_.mayGoOn()) return SortResult::Failed;
      bool isLess;
      if (!elements_.isLess(elements_.get(middle), elements_.get(first), isLess)) return SortResult::Failed;
      if (isLess) {
        swap(middle, first);
      } else if (!order(middle, last)) {
        return SortResult::Failed;
      }
      if (last - first == 2) return SortResult::Done;
      swap(middle, last - 1);
      uint32_t boundary;
      if (const SortResult result = partition(first, last, boundary); result != SortResult::Done) return result;
      // Recursion on the smaller part keeps the depth logarithmic.
      const uint32_t range = last - first;
      uint32_t smaller;
      if (boundary - first < last - boundary) {
        if (const SortResult result = sort(first, boundary - 1); result != SortResult::Done) return result;
        smaller = boundary - first;
        first = boundary + 1;
      } else {
        if (const SortResult result = sort(boundary + 1, last); result != SortResult::Done) return result;
        smaller = last - boundary;
        last = boundary - 1;
      }
      const bool isUnbalanced = range / imbalanceDivisor > smaller;
      if (isUnbalanced) disorder = nextRandom();
    }
    return SortResult::Done;
  }

 private:
  using Item = typename Elements::Item;

  void swap(uint32_t i, uint32_t j) {
    const Item item = elements_.get(i);
    elements_.set(i, elements_.get(j));
    elements_.set(j, item);
  }

  // Swaps two elements, i before j, if they are in the wrong order.
  bool order(uint32_t i, uint32_t j) {
    bool isLess;
    if (!elements_.isLess(elements_.get(j), elements_.get(i), isLess)) return false;
    if (isLess) swap(i, j);
    return true;
  }

  static uint32_t pivotPlace(uint32_t first, uint32_t last, uint32_t disorder) {
    if (last - first < largeRange || disorder == 0) return first + (last - first) / 2;
    const uint32_t quarter = (last - first) / 4;  // somewhere in the two middle quarters
    return first + quarter + disorder % (quarter * 2);
  }

  uint32_t nextRandom() {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 17;
    random_ ^= random_ << 5;
    return random_;
  }

  // The pivot is at last-1, first is not above it and last not below. Moves what is below the pivot before `boundary`,
  // what is above behind it and the pivot to it.
  SortResult partition(uint32_t first, uint32_t last, uint32_t& boundary) {
    const Item pivot = elements_.get(last - 1);
    uint32_t i = first;
    uint32_t j = last - 1;
    while (true) {
      bool isLess;
      while (true) {
        if (!elements_.isLess(elements_.get(++i), pivot, isLess)) return SortResult::Failed;
        if (!isLess) break;
        if (i == last - 1) return SortResult::InvalidOrder;
      }
      while (true) {
        if (!elements_.isLess(pivot, elements_.get(--j), isLess)) return SortResult::Failed;
        if (!isLess) break;
        if (j < i) return SortResult::InvalidOrder;
      }
      if (j < i) {
        swap(last - 1, i);
        boundary = i;
        return SortResult::Done;
      }
      swap(i, j);
    }
  }

  NativeCall& call_;
  Elements& elements_;
  uint32_t random_ = 0x9E3779B9;
};

// Elements of one plain type with an order that cannot fail.
template <class T, class Less>
struct PlainElements {
  using Item = T;
  List<T>& items;
  Less less;

  T get(uint32_t i) const { return items[i]; }
  void set(uint32_t i, T item) { items[i] = item; }
  bool isLess(T left, T right, bool& result) const {
    result = less(left, right);
    return true;
  }
};

// Values in the array part of a table that only the sort knows.
struct ValueElements {
  using Item = Value;
  NativeCall& call;
  Table* table;
  Value comparison;  // a function, or nil for `<`

  Value get(uint32_t i) const { return SplitStorage::get(table->array, i); }
  void set(uint32_t i, Value value) {
    SplitStorage::set(table->array, i, value);
    writeBarrier(call.vm, table, value);
  }
  bool isLess(Value left, Value right, bool& result) const {
    if (comparison.isNil()) return call.lessThan(left, right, result);
    const Value arguments[] = {left, right};
    if (!callValue(call.vm, comparison, arguments, 1)) return false;
    result = !call.vm.top[-1].isFalsy();
    call.pop(1);
    return true;
  }
};

// Whether all elements have one tag; which, in `tag`.
bool hasOneTag(Table* elements, uint32_t count, Tag& tag) {
  tag = SplitStorage::tag(elements->array, 0);
  for (uint32_t i = 1; i < count; ++i) {
    if (SplitStorage::tag(elements->array, i) != tag) return false;
  }
  return true;
}

template <class T, class Less>
SortResult sortPlain(NativeCall& call, Table* elements, uint32_t count, Less less) {
  List<T> items(count, call.vm);
  std::memcpy(items.data(), elements->array, count * sizeof(T));
  PlainElements<T, Less> plain{items, less};
  const SortResult result = Quicksort(call, plain).sort(0, count - 1);
  std::memcpy(elements->array, items.data(), count * sizeof(T));
  return result;
}

SortResult sortElements(NativeCall& call, Table* elements, uint32_t count, Value comparison) {
  Tag tag;
  if (comparison.isNil() && hasOneTag(elements, count, tag)) {
    switch (tag) {
      case Tag::Integer:
        return sortPlain<int64_t>(call, elements, count, [](int64_t left, int64_t right) { return left < right; });
      case Tag::Float:
        return sortPlain<double>(call, elements, count, [](double left, double right) { return left < right; });
      case Tag::String:
        return sortPlain<const String*>(call, elements, count, [](const String* left, const String* right) {
          return compareStrings(left, right) < 0;
        });
      default: break;
    }
  }
  ValueElements values{call, elements, comparison};
  return Quicksort(call, values).sort(0, count - 1);
}

}  // namespace

int tableSort(NativeCall& call) {
  int64_t length;
  if (!checkedLength(call, 0, tableIsRead | tableIsWritten, length)) return nativeFailed;
  if (length < 2) return 0;
  if (length >= INT_MAX) return call.failArgument(0, "array too big");
  if (!call.isNoneOrNil(1) && !call.checkFunction(1)) return nativeFailed;
  const auto count = static_cast<uint32_t>(length);
  const Value object = call.argument(0);
  const Value comparison = call.argumentOrNil(1);

  Table* elements = newTable(call.vm);
  if (elements == nullptr || !tableReserveArray(call.vm, elements, count)) return call.failMemory();
  if (!call.reserve(1)) return nativeFailed;
  call.push(Value::table(elements));
  for (uint32_t i = 0; i < count; ++i) {
    Value value;
    if (!getElement(call, object, int64_t{i} + 1, value)) return nativeFailed;
    SplitStorage::set(elements->array, i, value);
    elements->arrayCount = i + 1;
    writeBarrier(call.vm, elements, value);
  }
  switch (sortElements(call, elements, count, comparison)) {
    case SortResult::Done: break;
    case SortResult::InvalidOrder: return call.fail("invalid order function for sorting");
    case SortResult::Failed: return nativeFailed;
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (!setElement(call, object, int64_t{i} + 1, SplitStorage::get(elements->array, i))) return nativeFailed;
  }
  return 0;
}

}  // namespace selvage
