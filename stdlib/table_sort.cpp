// table.sort: quicksort with the median of three as pivot.
//
// Sorting is not stable, so which pivots are taken shows in the order of equal elements; and comparisons and metamethods see
// each read and each store of an element. Both are as in the reference: pivots come from the same places (first, middle,
// last; the pivot waits in the last place but one), and elements are exchanged in the table itself.
//
// Nobody sees anything where numbers or strings of a plain table are compared by `<`: those are sorted outside of it.
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

// Where an element that has been read is kept until the next one is read into the same place.
enum Holder : uint32_t { pivotHolder, lowerHolder, upperHolder, holderCount };

// A range's elements and their order. Elements needs: Item, get(i, holder, item), setTwo(i, itemAtI, j, itemAtJ), and
// isLess(left, right, result), which are false after an error was raised.
template <class Elements>
class Quicksort {
 public:
  Quicksort(NativeCall& call, Elements& elements) : call_(call), elements_(elements) {}

  // Sorts first..last, both included. `disorder` not 0: pivots are random.
  SortResult sort(uint32_t first, uint32_t last, uint32_t disorder = 0) {
    while (first < last) {
      Item lower;
      Item upper;
      bool isLess;
      if (!get(first, lowerHolder, lower) || !get(last, upperHolder, upper) || !order(upper, lower, isLess) ||
          (isLess && !elements_.setTwo(first, upper, last, lower))) {
        return SortResult::Failed;
      }
      if (last - first == 1) return SortResult::Done;
      const uint32_t middle = pivotPlace(first, last, disorder);
      if (!call_.mayGoOn(last - first) || !putMedianInMiddle(first, middle, last)) return SortResult::Failed;
      if (last - first == 2) return SortResult::Done;
      Item pivot;
      if (!get(middle, pivotHolder, pivot) || !get(last - 1, upperHolder, upper) ||
          !elements_.setTwo(middle, upper, last - 1, pivot)) {
        return SortResult::Failed;
      }
      uint32_t boundary;
      if (const SortResult result = partition(first, last, pivot, boundary); result != SortResult::Done) return result;
      // Recursion on the smaller part keeps the depth logarithmic.
      uint32_t smaller;
      if (boundary - first < last - boundary) {
        if (const SortResult result = sort(first, boundary - 1, disorder); result != SortResult::Done) return result;
        smaller = boundary - first;
        first = boundary + 1;
      } else {
        if (const SortResult result = sort(boundary + 1, last, disorder); result != SortResult::Done) return result;
        smaller = last - boundary;
        last = boundary - 1;
      }
      if (first < last && (last - first) / imbalanceDivisor > smaller) disorder = nextRandom();
    }
    return SortResult::Done;
  }

 private:
  using Item = typename Elements::Item;

  bool get(uint32_t i, Holder holder, Item& item) { return elements_.get(i, holder, item); }
  bool order(Item left, Item right, bool& isLess) { return elements_.isLess(left, right, isLess); }

  bool putMedianInMiddle(uint32_t first, uint32_t middle, uint32_t last) {
    Item median;
    Item other;
    bool isLess;
    if (!get(middle, lowerHolder, median) || !get(first, upperHolder, other) || !order(median, other, isLess))
      return false;
    if (isLess) return elements_.setTwo(middle, other, first, median);
    if (!get(last, upperHolder, other) || !order(other, median, isLess)) return false;
    return !isLess || elements_.setTwo(middle, other, last, median);
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
  SortResult partition(uint32_t first, uint32_t last, Item pivot, uint32_t& boundary) {
    uint32_t i = first;
    uint32_t j = last - 1;
    while (true) {
      Item lower;
      Item upper;
      bool isLess;
      while (true) {
        if (!get(++i, lowerHolder, lower) || !order(lower, pivot, isLess)) return SortResult::Failed;
        if (!isLess) break;
        if (i == last - 1) return SortResult::InvalidOrder;
      }
      while (true) {
        if (!get(--j, upperHolder, upper) || !order(pivot, upper, isLess)) return SortResult::Failed;
        if (!isLess) break;
        if (j < i) return SortResult::InvalidOrder;
      }
      if (j < i) {
        boundary = i;
        return elements_.setTwo(last - 1, lower, i, pivot) ? SortResult::Done : SortResult::Failed;
      }
      if (!elements_.setTwo(i, upper, j, lower)) return SortResult::Failed;
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

  bool get(uint32_t i, Holder, T& item) const {
    item = items[i];
    return true;
  }
  bool setTwo(uint32_t i, T itemAtI, uint32_t j, T itemAtJ) const {
    items[i] = itemAtI;
    items[j] = itemAtJ;
    return true;
  }
  bool isLess(T left, T right, bool& result) const {
    result = less(left, right);
    return true;
  }
};

// The elements of argument 0 where they are, with all that metamethods and comparisons do. Those that have been read are on the
// stack, since the comparison may take them out of the table.
struct ElementsInPlace {
  using Item = Value;
  NativeCall& call;
  Value object;
  Value comparison;  // a function, or nil for `<`
  uint32_t holders;  // the first pushed value that is one

  Table* table;  // `object`, or null if that is none

  // Whether element i is in the array part and no metamethod interferes with it.
  bool isInReach(uint32_t i) const {
    return table != nullptr && table->metatable() == nullptr && i < table->arrayCount;
  }
  bool get(uint32_t i, Holder holder, Value& item) const {
    if (isInReach(i)) [[likely]]
      item = SplitStorage::get(table->array, i);
    else if (!getElement(call, object, int64_t{i} + 1, item)) return false;
    call.pushed(holders + holder) = item;
    return true;
  }
  bool set(uint32_t i, Value item) const {
    if (!isInReach(i) || item.isNil() || isReadOnly(table)) [[unlikely]]
      return setElement(call, object, int64_t{i} + 1, item);
    SplitStorage::set(table->array, i, item);
    writeBarrier(call.vm, table, item);
    return true;
  }
  bool setTwo(uint32_t i, Value itemAtI, uint32_t j, Value itemAtJ) const { return set(i, itemAtI) && set(j, itemAtJ); }
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
SortResult sortPlain(NativeCall& call, Table* table, uint32_t count, Less less) {
  List<T> items(count, call.vm);
  std::memcpy(items.data(), table->array, count * sizeof(T));
  PlainElements<T, Less> plain{items, less};
  const SortResult result = Quicksort(call, plain).sort(0, count - 1);
  // As far as it has got, also if it was stopped: an order with NaN is invalid.
  std::memcpy(table->array, items.data(), count * sizeof(T));
  return result;
}

SortResult sortElements(NativeCall& call, Value object, uint32_t count, Value comparison) {
  Tag tag;
  Table* const table = object.isTable() ? object.table() : nullptr;
  const bool isPlain = table != nullptr && table->metatable() == nullptr && count <= table->arrayCount;
  if (isPlain && comparison.isNil() && hasOneTag(table, count, tag)) {
    switch (tag) {
      case Tag::Integer:
        return sortPlain<int64_t>(call, table, count, [](int64_t left, int64_t right) { return left < right; });
      case Tag::Float:
        return sortPlain<double>(call, table, count, [](double left, double right) { return left < right; });
      case Tag::String:
        return sortPlain<const String*>(call, table, count, [](const String* left, const String* right) {
          return compareStrings(left, right) < 0;
        });
      default: break;
    }
  }
  const auto holders = static_cast<uint32_t>(call.vm.top - call.vm.base) - call.count;
  if (!call.reserve(holderCount)) return SortResult::Failed;
  for (uint32_t i = 0; i < holderCount; ++i) call.push(Value::nil());
  ElementsInPlace elements{call, object, comparison, holders, table};
  return Quicksort(call, elements).sort(0, count - 1);
}

}  // namespace

int tableSort(NativeCall& call) {
  int64_t length;
  if (!checkedLength(call, 0, tableIsRead | tableIsWritten, length)) return nativeFailed;
  if (length < 2) return 0;
  if (length >= INT_MAX) return call.failArgument(0, "array too big");
  if (!call.isNoneOrNil(1) && !call.checkFunction(1)) return nativeFailed;
  switch (sortElements(call, call.argument(0), static_cast<uint32_t>(length), call.argumentOrNil(1))) {
    case SortResult::Done: return 0;
    case SortResult::InvalidOrder: return call.fail("invalid order function for sorting");
    case SortResult::Failed: break;
  }
  return nativeFailed;
}

}  // namespace selvage
