// The hash part of a table: nodes in one array, chained through it.
//
// A key's main position follows from its hash. A colliding key gets any free node, linked into the chain of its main
// position; a node that sits in another key's main position is moved out of the way when that key comes. So every
// lookup starts at its main position and meets few other keys. Nodes whose value is nil keep their keys, so that a
// traversal can go on from them; they are dropped when the part is rebuilt.
#pragma once

#include <bit>
#include <cstdint>

#include "vm/string.hpp"
#include "vm/table.hpp"

namespace selvage {

// A key tag of a node whose key the collector has freed or may free: never equal to any key, but its address still
// marks the place of a traversal.
constexpr uint8_t deadKeyTag = 0xFF;

struct HashNode {
  uint64_t key;    // payload
  uint64_t value;  // payload
  uint8_t keyTag;
  uint8_t valueTag;
  uint16_t isDisplaced;  // the key's main position is another node
  int32_t next;          // distance in nodes to the next in the chain; 0: none

  Value getKey() const { return {key, static_cast<Tag>(keyTag)}; }
  Value getValue() const { return {value, static_cast<Tag>(valueTag)}; }
  bool isEmpty() const { return valueTag == static_cast<uint8_t>(Tag::Nil); }
  bool isUnused() const { return keyTag == static_cast<uint8_t>(Tag::Nil); }
  void setValue(Value v) {
    value = v.bits;
    valueTag = static_cast<uint8_t>(v.tag);
  }
  void setKey(Value k, bool displaced) {
    key = k.bits;
    keyTag = static_cast<uint8_t>(k.tag);
    isDisplaced = displaced ? 1 : 0;
  }
};
static_assert(sizeof(HashNode) == 24);

struct HashPart {
  uint32_t mask;        // number of nodes - 1; the number is a power of 2
  uint32_t freeEnd;     // nodes from here on are not free
  uint32_t scatter;     // not 0: keys other than strings have positions that depend on this, see scatteredPosition
  uint8_t shift;        // log2 of the number of nodes
  uint8_t hasIntegers;  // whether a key was ever an integer
  uint8_t isCrowded;    // a chain is too long, or would be: the part that takes the place of this one is scattered
  HashNode nodes[1];    // really mask + 1

  uint32_t size() const { return mask + 1; }
};
constexpr size_t hashPartBytes(uint32_t nodes) { return offsetof(HashPart, nodes) + nodes * sizeof(HashNode); }
constexpr uint32_t maxHashNodes = uint32_t{1} << 30;

// As strings are hashed (string.cpp): both factors depend on random bits, so that keys chosen without knowing them meet no
// more often than others do.
inline uint32_t scatteredPosition(const HashPart* hash, uint64_t bits) {
  const uint64_t first = hash->scatter * uint64_t{0x9E3779B97F4A7C15};
  const uint64_t second = hash->scatter * uint64_t{0xD6E8FEB86659FD93};
  const auto product = static_cast<unsigned __int128>(bits ^ first) * (second ^ std::rotl(bits, 32));
  return static_cast<uint32_t>(static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64)) & hash->mask;
}
// Neighbouring integers get neighbouring positions, so that those which slide through a table (a queue, objects by
// their latest numbers) never meet. From one run of as many keys as there are nodes to the next the positions are
// shifted a little, for keys that are a power of two apart. Bits beyond are mixed in by the uppermost bits of a
// product, which depend on all of them. The factor was searched for: keys that are a power of two apart meet few others
// then, whichever power it is and however many nodes there are. Keys that meet all the same, as those that somebody
// chooses to, are scattered when a chain gets long.
inline uint32_t integerPosition(const HashPart* hash, uint64_t key) {
  if (hash->scatter != 0) [[unlikely]]
    return scatteredPosition(hash, key);
  const uint64_t run = key >> hash->shift;
  const uint64_t upper = run >> hash->shift;
  return static_cast<uint32_t>(key + 7 * run + std::rotl(upper * 0xF3C49D65272E7D29, hash->shift)) & hash->mask;
}
// Floats of few digits are as good as integers: 0.5, 1.5, 2.5 ... are neighbours, from one power of two to the next.
// (None is 0, which as a key is an integer.) Others are scattered: the upper bits of the product depend on all bits of
// the factor.
inline uint32_t floatPosition(const HashPart* hash, uint64_t bits) {
  if (hash->scatter != 0) [[unlikely]]
    return scatteredPosition(hash, bits);
  if (static_cast<uint32_t>(bits) == 0) return integerPosition(hash, bits >> (std::countr_zero(bits) & 63) >> 1);
  return static_cast<uint32_t>((bits * 0x9E3779B97F4A7C15 >> 32) >> (32 - hash->shift));
}
// Of a normalised key that is neither an integer nor a string. Objects made one after the other are neighbours.
inline uint32_t otherPosition(const HashPart* hash, Value key) {
  if (key.tag == Tag::Float) return floatPosition(hash, key.bits);
  constexpr int objectAlignmentBits = 4;
  return integerPosition(hash, isCollectable(key.tag) ? key.bits >> objectAlignmentBits : key.bits);
}
// The main position of a normalised key (see normalizeKey).
inline uint32_t mainPosition(const HashPart* hash, Value key) {
  switch (key.tag) {
    case Tag::Integer: return integerPosition(hash, key.bits);
    case Tag::String: return hashOf(key.string()) & hash->mask;
    default: return otherPosition(hash, key);
  }
}

[[gnu::always_inline]] inline HashNode* findInteger(HashPart* hash, int64_t key) {
  HashNode* node = &hash->nodes[integerPosition(hash, static_cast<uint64_t>(key))];
  for (;;) {
    if (node->key == static_cast<uint64_t>(key) && node->keyTag == static_cast<uint8_t>(Tag::Integer)) return node;
    if (node->next == 0) return nullptr;
    node += node->next;
  }
}
inline HashNode* findShortString(HashPart* hash, const String* key) {
  HashNode* node = &hash->nodes[key->aux & hash->mask];
  for (;;) {
    if (node->key == reinterpret_cast<uint64_t>(key) && node->keyTag == static_cast<uint8_t>(Tag::String)) return node;
    if (node->next == 0) return nullptr;
    node += node->next;
  }
}
// The node with a normalised key that is neither an integer nor a string.
inline HashNode* findOther(HashPart* hash, Value key) {
  HashNode* node = &hash->nodes[otherPosition(hash, key)];
  for (;;) {
    if (node->key == key.bits && node->keyTag == static_cast<uint8_t>(key.tag)) return node;
    if (node->next == 0) return nullptr;
    node += node->next;
  }
}
// The node with a normalised key of any kind, or null.
HashNode* findNode(HashPart* hash, Value key);
// As findNode, but also finds a dead key by its address.
HashNode* findNodeOfTraversal(HashPart* hash, Value key);

// Whether no positive integer above arrayCount is a key and arrayCount is a border: then it is the table's length.
inline bool hasElementsInArrayOnly(const Table* table) {
  return (table->hash == nullptr || table->hash->hasIntegers == 0) &&
         (table->arrayCount == 0 || SplitStorage::tag(table->array, table->arrayCount - 1) != Tag::Nil);
}

// A new part with at least so many nodes for the keys of `old`, which may be null, and others; null without memory.
HashPart* newHashPart(VM& vm, uint64_t nodes, const HashPart* old);
// The node for a normalised key that is not there yet; null when no node is free or too many keys meet: the part is then to
// be rebuilt.
HashNode* insertNode(HashPart* hash, Value key);
// The same in a part that was made for this key and others: never null. Where keys meet, HashPart::isCrowded tells.
HashNode* insertInNewPart(HashPart* hash, Value key);

}  // namespace selvage
