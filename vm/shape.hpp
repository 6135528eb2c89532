// Shapes (hidden classes): which string keys a table has, at which field index, and which metatable.
//
// Tables that got the same keys in the same order under the same metatable share a shape, so one pointer
// comparison proves both that a field is at a known index and that an absent field is absent, which is what the
// inline caches test. A shape never changes after it was made. Adding a key or setting the metatable moves a
// table to a successor, found through the transitions of its present shape (which hold successors weakly).
// A table used as a dictionary has a shape without fields, marked shapeIsDictionary, one per metatable; its string
// keys are in its hash part. Inline caches never hold a dictionary shape.
#pragma once

#include "vm/object.hpp"

namespace selvage {

struct VM;

enum ShapeFlag : uint8_t { shapeIsDictionary = 1 };

struct ShapeTransitions;  // shape.cpp: successors by key and by metatable
struct ShapeIndex;        // shape.cpp: the keys by field index and by hash

constexpr uint32_t maxShapeFields = 1024;

struct Shape : Object {  // aux: number of fields
  Table* metatable;      // or null
  Shape* parent;         // what it was derived from: without the last key or, with as many fields, the one that
                         // differs in its metatable or in being no dictionary; null for a root
  String* key;           // the last key added; null for a root
  ShapeTransitions* transitions;
  ShapeIndex* index;

  uint32_t fieldCount() const { return aux; }
  bool isDictionary() const { return (flags & shapeIsDictionary) != 0; }
};

// The field index of a short string, or -1. Never allocates in the Lua heap.
int32_t findField(Shape* shape, const String* key);
// The key at a field index below fieldCount().
String* fieldKey(Shape* shape, uint32_t index);
// The successor with one more key; `key` is short and not yet in the shape; the shape has fewer than maxShapeFields.
Shape* shapeWithKey(VM& vm, Shape* shape, String* key);
// The shape with the same keys and another metatable (null: none). Keeps being a dictionary shape if it was one.
Shape* shapeWithMetatable(VM& vm, Shape* shape, Table* metatable);
// The dictionary shape with the same metatable.
Shape* dictionaryShape(VM& vm, Shape* shape);
// Whether so many different keys have been added to this shape, `key` not among them, that tables of this shape are
// probably dictionaries.
bool hasManySuccessors(const Shape* shape, const String* key);

}  // namespace selvage
