// How the table library reaches elements: straight into the array part where no metamethod can interfere, through the
// metamethods otherwise.
#pragma once

#include "vm/native.hpp"

namespace selvage {

// What a function of the table library does with its table.
enum TableUse : uint32_t { tableIsRead = 1, tableIsWritten = 2, tableIsMeasured = 4 };

// Checks that argument i is a table or has the metamethods that make it behave like one for `use`.
[[nodiscard]] bool checkTableLike(NativeCall& call, uint32_t i, uint32_t use);

// Whether `object` is a table whose elements and length are not subject to metamethods.
bool isPlainTable(VM& vm, Value object);

// Checks as checkTableLike and takes the length.
[[nodiscard]] bool checkedLength(NativeCall& call, uint32_t i, uint32_t use, int64_t& length);

// object[index], and object[index] = value. False after raising an error.
[[nodiscard]] bool getElement(NativeCall& call, Value object, int64_t index, Value& result);
[[nodiscard]] bool setElement(NativeCall& call, Value object, int64_t index, Value value);

}  // namespace selvage
