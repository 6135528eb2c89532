#include "stdlib/pattern.hpp"
#include "vm/c_stack_end.hpp"
#include "vm/format_text.hpp"

#include <cstring>
#include <new>

namespace selvage {

namespace {

constexpr char escape = '%';

constexpr bool isLower(unsigned char c) { return c >= 'a' && c <= 'z'; }
constexpr bool isUpper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool isLetter(unsigned char c) { return isLower(c) || isUpper(c); }
constexpr bool isDigit(unsigned char c) { return c >= '0' && c <= '9'; }
constexpr bool isGraphic(unsigned char c) { return c > ' ' && c < 127; }

template <class Predicate>
constexpr CharacterSet makeSet(Predicate predicate) {
  CharacterSet set;
  for (unsigned c = 0; c < 256; ++c) {
    if (predicate(static_cast<unsigned char>(c))) set.add(static_cast<unsigned char>(c));
  }
  return set;
}

constexpr const char classLetters[] = "acdglpsuwxz";
constexpr int classCount = sizeof classLetters - 1;

// The classes by their place in classLetters, then their complements. As in the C locale.
struct ClassTable {
  CharacterSet sets[2 * classCount];
};
constexpr ClassTable makeClasses() {
  ClassTable table{};
  for (int i = 0; i < classCount; ++i) {
    const char letter = classLetters[i];
    table.sets[i] = makeSet([letter](unsigned char c) {
      switch (letter) {
        case 'a': return isLetter(c);
        case 'c': return c < 32 || c == 127;
        case 'd': return isDigit(c);
        case 'g': return isGraphic(c);
        case 'l': return isLower(c);
        case 'p': return isGraphic(c) && !isLetter(c) && !isDigit(c);
        case 's': return c == ' ' || (c >= 9 && c <= 13);
        case 'u': return isUpper(c);
        case 'w': return isLetter(c) || isDigit(c);
        case 'z': return c == 0;  // deprecated
        default: return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      }
    });
    table.sets[classCount + i] = table.sets[i].complement();
  }
  return table;
}
constexpr ClassTable classes = makeClasses();

// For each byte that names a class its index in `classes`, otherwise -1.
struct ClassIndex {
  int8_t of[256];
};
constexpr ClassIndex makeClassIndex() {
  ClassIndex index{};
  for (int8_t& entry : index.of) entry = -1;
  for (int i = 0; i < classCount; ++i) {
    index.of[static_cast<unsigned char>(classLetters[i])] = static_cast<int8_t>(i);
    index.of[static_cast<unsigned char>(classLetters[i] - 'a' + 'A')] = static_cast<int8_t>(classCount + i);
  }
  return index;
}
constexpr ClassIndex classIndex = makeClassIndex();

const CharacterSet* classNamed(char letter) {
  const int index = classIndex.of[static_cast<unsigned char>(letter)];
  return index < 0 ? nullptr : &classes.sets[index];
}

constexpr CharacterSet setOf(std::string_view characters) {
  CharacterSet set;
  for (const char c : characters) set.add(static_cast<unsigned char>(c));
  return set;
}
// Where a run of characters that stand for themselves ends.
constexpr CharacterSet runEnds = setOf("^$*+?.()[%-");
// What makes string.find look at its pattern as a pattern: a lone ')' does not.
constexpr CharacterSet specials = setOf("^$*+?.([%-");

bool isQuantifier(char c) { return c == '?' || c == '*' || c == '+' || c == '-'; }

unsigned char byteAt(const char* at) { return static_cast<unsigned char>(*at); }

}  // namespace

Text patternErrorMessage(Allocator<char> allocator, PatternError error, int captureIndex) {
  switch (error) {
    case PatternError::None: break;
    case PatternError::EndsWithEscape: return Text("malformed pattern (ends with '%')", allocator);
    case PatternError::MissingBracket: return Text("malformed pattern (missing ']')", allocator);
    case PatternError::MissingBalanceArguments: return Text("malformed pattern (missing arguments to '%b')", allocator);
    case PatternError::MissingFrontierSet: return Text("missing '[' after '%f' in pattern", allocator);
    case PatternError::InvalidCapture: return Text("invalid pattern capture", allocator);
    case PatternError::InvalidCaptureIndex: return formatText(allocator, "invalid capture index %{}", captureIndex);
    case PatternError::UnfinishedCapture: return Text("unfinished capture", allocator);
    case PatternError::TooManyCaptures: return Text("too many captures", allocator);
    case PatternError::Stopped: return Text("stopped", allocator);
    case PatternError::TooComplex: return Text("pattern too complex", allocator);
    case PatternError::CStackOverflow: return Text("C stack overflow", allocator);
  }
  return Text(allocator);
}

bool hasSpecials(std::string_view pattern) {
  for (const char c : pattern) {
    if (specials.contains(static_cast<unsigned char>(c))) return true;
  }
  return false;
}

const char* findPlain(std::string_view text, size_t from, std::string_view part) {
  const char* at = text.data() + from;
  if (part.empty()) return at;
  const char* const end = text.data() + text.size();
  // Looking for the first character is fastest as long as it is rare; memmem is never slow.
  for (int attempts = 16; attempts > 0; --attempts) {
    if (static_cast<size_t>(end - at) < part.size()) return nullptr;
    at = static_cast<const char*>(std::memchr(at, part[0], static_cast<size_t>(end - at) - part.size() + 1));
    if (at == nullptr || std::memcmp(at + 1, part.data() + 1, part.size() - 1) == 0) return at;
    ++at;
  }
  return static_cast<const char*>(memmem(at, static_cast<size_t>(end - at), part.data(), part.size()));
}

// ---- compiling ----

CharacterSet* Pattern::newSet() {
  const size_t index = setCount_++;
  if (index < inlineSets) return new (setMemory_ + index * sizeof(CharacterSet)) CharacterSet;
  return &heapSets_.emplace_back();
}

// `at` is behind the '['. The result is behind the ']', or null if there is none.
const char* Pattern::compileSet(const char* at, const char* end, PatternNode& node) {
  const bool isComplement = at != end && *at == '^';
  if (isComplement) ++at;
  const char* close = at;
  do {  // the first character is in the set even if it is a ']'
    if (close == end) {
      node.kind = NodeKind::Error;
      node.error = PatternError::MissingBracket;
      return nullptr;
    }
    if (*close++ == escape && close != end) ++close;
  } while (close == end || *close != ']');

  CharacterSet* set = newSet();
  for (; at < close; ++at) {
    if (*at == escape) {
      ++at;
      if (const CharacterSet* named = classNamed(*at)) {
        set->addAll(*named);
      } else {
        set->add(byteAt(at));
      }
    } else if (at[1] == '-' && at + 2 < close) {
      set->addRange(byteAt(at), byteAt(at + 2));
      at += 2;
    } else {
      set->add(byteAt(at));
    }
  }
  if (isComplement) *set = set->complement();
  node.kind = NodeKind::Set;
  node.set = set;
  return close + 1;
}

// One character with its quantifier. The result is null when an Error node was made.
const char* Pattern::compileElement(const char* at, const char* end, PatternNode& node) {
  const char c = *at++;
  if (c == '.') {
    node.kind = NodeKind::Any;
  } else if (c == '[') {
    at = compileSet(at, end, node);
    if (at == nullptr) return nullptr;
  } else if (c == escape) {
    if (at == end) {
      node.kind = NodeKind::Error;
      node.error = PatternError::EndsWithEscape;
      return nullptr;
    }
    if (const CharacterSet* named = classNamed(*at)) {
      node.kind = NodeKind::Set;
      node.set = named;
    } else {
      node.kind = NodeKind::Literal;
      node.first = byteAt(at);
    }
    ++at;
  } else {
    node.kind = NodeKind::Literal;
    node.first = static_cast<unsigned char>(c);
  }
  node.quantifier = Quantifier::One;
  if (at != end && isQuantifier(*at)) {
    switch (*at++) {
      case '?': node.quantifier = Quantifier::Optional; break;
      case '*': node.quantifier = Quantifier::Star; break;
      case '+': node.quantifier = Quantifier::Plus; break;
      default: node.quantifier = Quantifier::Lazy; break;
    }
  }
  return at;
}

Pattern::Pattern(Memory& memory, std::string_view text) : heapNodes_(memory), heapSets_(memory) {
  if (text.size() + 1 > inlineNodes) {
    heapNodes_.resize(text.size() + 1);
    nodes_ = heapNodes_.data();
  }
  const char* at = text.data();
  const char* const end = at + text.size();
  PatternNode* node = nodes_;
  uint32_t captureCount = 0;
  uint32_t open = 0;  // a bit for each capture that is not yet closed
  const auto fail = [&](PatternError error, int index = 0) {
    node->kind = NodeKind::Error;
    node->error = error;
    node->first = static_cast<unsigned char>(index);
    ++node;
    at = nullptr;
  };
  while (at != nullptr && at != end) {
    switch (*at) {
      case '(':
        if (captureCount >= maxCaptures) {
          fail(PatternError::TooManyCaptures);
        } else if (at + 1 != end && at[1] == ')') {
          node->kind = NodeKind::OpenPosition;
          node->first = static_cast<unsigned char>(captureCount++);
          ++node;
          at += 2;
        } else {
          node->kind = NodeKind::OpenCapture;
          node->first = static_cast<unsigned char>(captureCount);
          ++node;
          open |= 1U << captureCount++;
          ++at;
        }
        continue;
      case ')': {
        if (open == 0) {
          fail(PatternError::InvalidCapture);
          continue;
        }
        const auto index = static_cast<unsigned char>(31 - __builtin_clz(open));
        open &= ~(1U << index);
        node->kind = NodeKind::CloseCapture;
        node->first = index;
        ++node;
        ++at;
        continue;
      }
      case '$':
        if (at + 1 == end) {
          node++->kind = NodeKind::EndOfSubject;
          ++at;
          continue;
        }
        break;
      case escape:
        if (at + 1 == end) break;
        if (at[1] == 'b') {
          if (end - at < 4) {
            fail(PatternError::MissingBalanceArguments);
          } else {
            node->kind = NodeKind::Balance;
            node->first = byteAt(at + 2);
            node->second = byteAt(at + 3);
            ++node;
            at += 4;
          }
          continue;
        }
        if (at[1] == 'f') {
          at += 2;
          if (at == end || *at != '[') {
            fail(PatternError::MissingFrontierSet);
          } else {
            at = compileSet(at + 1, end, *node);
            if (at != nullptr) node->kind = NodeKind::Frontier;
            ++node;
          }
          continue;
        }
        if (at[1] >= '0' && at[1] <= '9') {
          const int index = at[1] - '1';
          if (index < 0 || index >= static_cast<int>(captureCount) || ((open >> index) & 1) != 0) {
            fail(PatternError::InvalidCaptureIndex, index + 1);
          } else {
            node->kind = NodeKind::BackReference;
            node->first = static_cast<unsigned char>(index);
            ++node;
            at += 2;
          }
          continue;
        }
        break;
      default: break;
    }
    // A run of characters that stand for themselves, as far as it is not the last one's quantifier's.
    const char* run = at;
    while (run != end && !runEnds.contains(byteAt(run))) ++run;
    if (run != end && run != at && isQuantifier(*run)) --run;
    if (run - at >= 2) {
      node->kind = NodeKind::Text;
      node->text = at;
      node->first = byteAt(at);
      node->length = static_cast<uint32_t>(run - at);
      ++node;
      at = run;
      continue;
    }
    at = compileElement(at, end, *node);
    ++node;
  }
  node++->kind = NodeKind::EndOfPattern;
  nodeCount_ = static_cast<size_t>(node - nodes_);
}

size_t Pattern::flatBytes() const { return nodeCount_ * sizeof(PatternNode) + setCount_ * sizeof(CharacterSet); }

const PatternNode* Pattern::flatten(void* memory) const {
  auto* nodes = static_cast<PatternNode*>(memory);
  auto* sets = reinterpret_cast<CharacterSet*>(nodes + nodeCount_);
  std::memcpy(nodes, nodes_, nodeCount_ * sizeof(PatternNode));
  for (size_t i = 0; i < nodeCount_; ++i) {
    PatternNode& node = nodes[i];
    if (node.kind != NodeKind::Set && node.kind != NodeKind::Frontier) continue;
    if (node.set >= classes.sets && node.set < classes.sets + 2 * classCount) continue;
    *sets = *node.set;
    node.set = sets++;
  }
  return nodes;
}

// ---- matching ----

Matcher::Matcher(const PatternNode* nodes, std::string_view subject, const std::atomic<uint32_t>* requests,
                 uint32_t stopBits, uint64_t* stepsLeft)
    : nodes_(nodes),
      subject_(subject.data()),
      subjectEnd_(subject.data() + subject.size()),
      requests_(requests),
      stopBits_(stopBits),
      stepsLeft_(stepsLeft) {}

bool Matcher::isStopped() {
  nextLook_ = steps_ + stepsBetweenLooks;
  settle();
  if (stepsLeft_ != nullptr && *stepsLeft_ == 0) return true;
  return requests_ != nullptr && (requests_->load(std::memory_order_relaxed) & stopBits_) != 0;
}

bool Matcher::matchesOne(const char* at, const PatternNode* node) const {
  if (at == subjectEnd_) return false;
  switch (node->kind) {
    case NodeKind::Any: return true;
    case NodeKind::Literal: return byteAt(at) == node->first;
    default: return node->set->contains(byteAt(at));
  }
}

// The first place at or after `at` where `node` can begin to match; null: nowhere. Nodes that can match the empty
// string, or whose answer depends on more than the next character, match anywhere as far as this knows.
const char* Matcher::skip(const char* at, const PatternNode* node) const {
  const auto rest = static_cast<size_t>(subjectEnd_ - at);
  if (node->kind == NodeKind::Text) return static_cast<const char*>(std::memchr(at, node->first, rest));
  if (!node->isCharacter()) return at;
  if (node->quantifier != Quantifier::One && node->quantifier != Quantifier::Plus) return at;
  switch (node->kind) {
    case NodeKind::Any: return at == subjectEnd_ ? nullptr : at;
    case NodeKind::Literal: return static_cast<const char*>(std::memchr(at, node->first, rest));
    default: {
      const CharacterSet& set = *node->set;
      for (; at != subjectEnd_; ++at) {
        if (set.contains(byteAt(at))) return at;
      }
      return nullptr;
    }
  }
}

namespace {

// The node that has to match first from here on, behind what only notes positions.
const PatternNode* firstMatching(const PatternNode* node) {
  while (node->kind >= NodeKind::OpenCapture && node->kind <= NodeKind::CloseCapture) ++node;
  return node;
}

}  // namespace

const char* Matcher::search(const char*& start) {
  const PatternNode* const first = firstMatching(nodes_);
  const char* at = start;
  for (;;) {
    const char* const from = at;
    at = skip(at, first);
    count(from, at == nullptr ? subjectEnd_ : at);
    if (at == nullptr) return nullptr;
    const char* end = matchAt(at);
    if (end != nullptr) {
      start = at;
      return end;
    }
    if (error_ != PatternError::None || at++ == subjectEnd_) return nullptr;
  }
}

const char* Matcher::run(const char* at, const PatternNode* node) {
  if (depth_ == maxMatchDepth) return fail(PatternError::TooComplex);
  constexpr uint32_t levelsBetweenLooks = 16;
  if (depth_ % levelsBetweenLooks == levelsBetweenLooks - 1 && isCStackLow()) return fail(PatternError::CStackOverflow);
  if (++steps_ >= nextLook_ && isStopped()) return fail(PatternError::Stopped);
  ++depth_;
  const char* result = step(at, node);
  --depth_;
  return result;
}

const char* Matcher::step(const char* at, const PatternNode* node) {
  for (;; ++node) {
    switch (node->kind) {
      case NodeKind::Any:
      case NodeKind::Literal:
      case NodeKind::Set:
        switch (node->quantifier) {
          case Quantifier::One:
            if (!matchesOne(at, node)) return nullptr;
            ++at;
            continue;
          case Quantifier::Optional:
            if (matchesOne(at, node)) {
              const char* result = run(at + 1, node + 1);
              if (result != nullptr || error_ != PatternError::None) return result;
            }
            continue;
          case Quantifier::Plus: return matchesOne(at, node) ? runGreedy(at + 1, node) : nullptr;
          // What matches nothing needs no recursion, whose depth is bounded.
          case Quantifier::Star:
            if (matchesOne(at, node)) return runGreedy(at, node);
            continue;
          case Quantifier::Lazy:
            if (matchesOne(at, node)) return runLazy(at, node);
            continue;
        }
        continue;
      case NodeKind::Text:
        if (static_cast<size_t>(subjectEnd_ - at) < node->length || std::memcmp(at, node->text, node->length) != 0) {
          return nullptr;
        }
        at += node->length;
        continue;
      case NodeKind::EndOfPattern: return at;
      case NodeKind::EndOfSubject: return at == subjectEnd_ ? at : nullptr;
      case NodeKind::Balance:
        at = runBalance(at, node);
        if (at == nullptr) return nullptr;
        continue;
      case NodeKind::Frontier: {
        const unsigned char before = at == subject_ ? 0 : byteAt(at - 1);
        const unsigned char after = at == subjectEnd_ ? 0 : byteAt(at);
        if (node->set->contains(before) || !node->set->contains(after)) return nullptr;
        continue;
      }
      case NodeKind::BackReference: {
        const Capture& capture = captures_[node->first];
        if (capture.length < 0) return nullptr;  // a position
        const auto length = static_cast<size_t>(capture.length);
        if (static_cast<size_t>(subjectEnd_ - at) < length || std::memcmp(at, capture.start, length) != 0) {
          return nullptr;
        }
        at += length;
        continue;
      }
      // Nodes are passed in one order only, so what a failed attempt has captured is overwritten before it is looked at
      // again: nothing has to be undone.
      case NodeKind::OpenCapture:
      case NodeKind::OpenPosition:
        captures_[node->first] = {at, node->kind == NodeKind::OpenPosition ? Capture::position : Capture::unfinished};
        captureCount_ = node->first + 1U;
        continue;
      case NodeKind::CloseCapture: captures_[node->first].length = at - captures_[node->first].start; continue;
      case NodeKind::Error: return fail(node->error, node->first);
    }
  }
}

// As many repetitions as possible, then fewer and fewer. The longest run is found in one tight loop, and the rest of
// the pattern is only tried where its first character fits.
const char* Matcher::runGreedy(const char* at, const PatternNode* node) {
  const char* const least = at;
  switch (node->kind) {
    case NodeKind::Any: at = subjectEnd_; break;
    case NodeKind::Literal:
      while (at != subjectEnd_ && byteAt(at) == node->first) ++at;
      break;
    default: {
      const CharacterSet& set = *node->set;
      while (at != subjectEnd_ && set.contains(byteAt(at))) ++at;
      break;
    }
  }
  count(least, at);
  const PatternNode* const next = node + 1;
  if (next->kind == NodeKind::EndOfPattern) return at;
  const PatternNode* const required = firstMatching(next);
  if (required->kind == NodeKind::EndOfSubject && at != subjectEnd_) return nullptr;
  const bool needsCharacter = required->kind == NodeKind::Text ||
                              (required->kind == NodeKind::Literal && required->quantifier == Quantifier::One);
  for (;; --at) {
    if (!needsCharacter || (at != subjectEnd_ && byteAt(at) == required->first)) {
      const char* result = run(at, next);
      if (result != nullptr || error_ != PatternError::None) return result;
    }
    if (at == least) return nullptr;
  }
}

// As few repetitions as possible, then more and more.
const char* Matcher::runLazy(const char* at, const PatternNode* node) {
  const PatternNode* const next = node + 1;
  const PatternNode* const required = firstMatching(next);
  for (;;) {
    if (node->kind == NodeKind::Any) {
      at = skip(at, required);
      if (at == nullptr) return nullptr;
    }
    const char* result = run(at, next);
    if (result != nullptr || error_ != PatternError::None) return result;
    if (!matchesOne(at, node)) return nullptr;
    ++at;
  }
}

const char* Matcher::runBalance(const char* at, const PatternNode* node) const {
  if (at == subjectEnd_ || byteAt(at) != node->first) return nullptr;
  size_t depth = 1;
  while (++at != subjectEnd_) {
    if (byteAt(at) == node->second) {
      if (--depth == 0) return at + 1;
    } else if (byteAt(at) == node->first) {
      ++depth;
    }
  }
  return nullptr;
}

bool Matcher::capture(uint32_t index, const char* start, const char* end, Capture& result) {
  if (index >= captureCount_) {
    if (index != 0) {
      fail(PatternError::InvalidCaptureIndex, static_cast<int>(index) + 1);
      return false;
    }
    result = {start, end - start};
    return true;
  }
  result = captures_[index];
  if (result.length != Capture::unfinished) return true;
  fail(PatternError::UnfinishedCapture);
  return false;
}

}  // namespace selvage
