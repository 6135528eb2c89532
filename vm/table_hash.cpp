// Lookup by any key and insertion in a hash part.

#include "vm/table_hash.hpp"

#include <cstring>

#include "vm/heap.hpp"
#include "vm/vm.hpp"

namespace selvage {

namespace {

HashNode* findLongString(HashPart* hash, String* key) {
  HashNode* node = &hash->nodes[hashOf(key) & hash->mask];
  for (;;) {
    if (node->keyTag == static_cast<uint8_t>(Tag::String) && equalStrings(node->getKey().string(), key)) return node;
    if (node->next == 0) return nullptr;
    node += node->next;
  }
}

}  // namespace

HashNode* findNode(HashPart* hash, Value key) {
  if (key.isString()) {
    return key.string()->isShort() ? findShortString(hash, key.string()) : findLongString(hash, key.string());
  }
  return key.isInteger() ? findInteger(hash, key.integer()) : findOther(hash, key);
}

HashNode* findNodeOfTraversal(HashPart* hash, Value key) {
  if (HashNode* node = findNode(hash, key); node != nullptr) return node;
  if (!key.isCollectable()) return nullptr;
  HashNode* node = &hash->nodes[mainPosition(hash, key)];
  for (;;) {
    if (node->key == key.bits && node->keyTag == deadKeyTag) return node;
    if (node->next == 0) return nullptr;
    node += node->next;
  }
}

HashPart* newHashPart(VM& vm, uint64_t nodes, const HashPart* old) {
  if (nodes > maxHashNodes) return nullptr;
  const uint32_t size = std::bit_ceil(static_cast<uint32_t>(nodes));
  auto* hash = static_cast<HashPart*>(allocateStorage(vm, hashPartBytes(size)));
  if (hash == nullptr) return nullptr;
  std::memset(static_cast<void*>(hash), 0, hashPartBytes(size));  // keys and values nil, no links
  hash->mask = size - 1;
  hash->shift = static_cast<uint8_t>(std::countr_zero(size));
  hash->freeEnd = size;
  if (old != nullptr && (old->isCrowded != 0 || old->scatter != 0)) hash->scatter = vm.seed | 1;
  return hash;
}

namespace {

// Whether the chain that begins at the node is so long that the keys cannot have met by chance.
bool isTooLong(const HashNode* node) {
  constexpr int longestByChance = 24;
  for (int length = 1; node->next != 0; ++length, node += node->next) {
    if (length == longestByChance) return true;
  }
  return false;
}

template <bool mayRefuse>
HashNode* insert(HashPart* hash, Value key) {
  HashNode* main = &hash->nodes[mainPosition(hash, key)];
  if (!main->isEmpty()) {
    if (main->next != 0 && main->isDisplaced == 0 && hash->scatter == 0 && !key.isString() && isTooLong(main)) {
      hash->isCrowded = 1;
      if (mayRefuse) return nullptr;
    }
    HashNode* free = nullptr;
    while (hash->freeEnd > 0) {
      HashNode* candidate = &hash->nodes[--hash->freeEnd];
      if (candidate->isUnused()) {
        free = candidate;
        break;
      }
    }
    if (free == nullptr) return nullptr;
    if (main->isDisplaced != 0) {
      // The node is in the way: move it, and take its place at the head of the key's own chain. Being occupied, it has
      // a key that is alive.
      HashNode* owner = &hash->nodes[mainPosition(hash, main->getKey())];
      while (owner + owner->next != main) owner += owner->next;
      owner->next = static_cast<int32_t>(free - owner);
      *free = *main;
      if (main->next != 0) {
        free->next += static_cast<int32_t>(main - free);
        main->next = 0;
      }
      main->setValue(Value::nil());
    } else {
      free->next = main->next == 0 ? 0 : static_cast<int32_t>(main + main->next - free);
      main->next = static_cast<int32_t>(free - main);
      free->setKey(key, true);
      if (key.isInteger()) hash->hasIntegers = 1;
      return free;
    }
  }
  // An empty node at the main position keeps its link: lookups of this key begin here, others pass through.
  main->setKey(key, false);
  if (key.isInteger()) hash->hasIntegers = 1;
  return main;
}

}  // namespace

HashNode* insertNode(HashPart* hash, Value key) { return insert<true>(hash, key); }
HashNode* insertInNewPart(HashPart* hash, Value key) { return insert<false>(hash, key); }

}  // namespace selvage
