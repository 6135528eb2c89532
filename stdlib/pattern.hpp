// Lua patterns (manual 6.4.1): a pattern is compiled to a row of nodes, which a backtracking matcher then walks.
//
// Compiling costs about as much as looking at the pattern once and pays for itself within a few characters of the
// subject: a character class becomes a bitmap, runs of ordinary characters become one comparison, and the search for
// a first match skips to where the first node can match. A malformed pattern is an error only if matching gets to
// the malformed place, so compiling never fails: it leaves an Error node there.
//
// Nothing here knows the VM; the caller turns the matcher's error into a Lua error.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>

#include "vm/memory.hpp"

namespace selvage {

// A set of bytes.
struct CharacterSet {
  uint64_t bits[4] = {};

  constexpr bool contains(unsigned char c) const { return ((bits[c >> 6] >> (c & 63)) & 1) != 0; }
  constexpr void add(unsigned char c) { bits[c >> 6] |= uint64_t{1} << (c & 63); }
  constexpr void addRange(unsigned char first, unsigned char last) {
    for (unsigned word = first / 64; word * 64 <= last; ++word) {
      const unsigned low = first > word * 64 ? first - word * 64 : 0;
      const unsigned high = last < word * 64 + 63 ? last - word * 64 : 63;
      if (low <= high) bits[word] |= ~uint64_t{0} >> (63 - (high - low)) << low;
    }
  }
  constexpr void addAll(const CharacterSet& other) {
    for (int i = 0; i < 4; ++i) bits[i] |= other.bits[i];
  }
  constexpr CharacterSet complement() const { return {{~bits[0], ~bits[1], ~bits[2], ~bits[3]}}; }
};

// What is wrong with a pattern, or with a match of it. None has a position in the text but the capture's number.
enum class PatternError : uint8_t {
  None,
  EndsWithEscape,
  MissingBracket,
  MissingBalanceArguments,
  MissingFrontierSet,
  InvalidCapture,       // ')' without '('
  InvalidCaptureIndex,  // %n of a capture that does not exist or is not finished
  UnfinishedCapture,
  TooManyCaptures,
  Stopped,
  TooComplex,
  CStackOverflow,  // there is too little of the C stack left
};
// The message for Lua; `captureIndex` (1-based) belongs to InvalidCaptureIndex.
Text patternErrorMessage(Allocator<char> allocator, PatternError error, int captureIndex);

constexpr uint32_t maxCaptures = 32;     // the reference's LUA_MAXCAPTURES
constexpr uint32_t maxMatchDepth = 200;  // of the matcher's recursion (MAXCCALLS)

enum class NodeKind : uint8_t {
  // One character, which may be repeated.
  Any,
  Literal,  // `first`
  Set,
  // The rest cannot.
  Text,  // `text`, `length` >= 2
  EndOfPattern,
  EndOfSubject,  // a final '$'
  Balance,       // from `first` to `second`
  Frontier,
  BackReference,  // to capture `first`
  OpenCapture,    // number `first`
  OpenPosition,   // likewise
  CloseCapture,   // likewise
  Error,          // `error`, `first`
};
enum class Quantifier : uint8_t { One, Optional, Star, Plus, Lazy };

struct PatternNode {
  NodeKind kind;
  Quantifier quantifier;
  unsigned char first;
  unsigned char second;
  union {
    uint32_t length;
    PatternError error;
  };
  union {
    const CharacterSet* set;
    const char* text;
  };

  bool isCharacter() const { return kind <= NodeKind::Set; }
};
static_assert(sizeof(PatternNode) == 16);

// A compiled pattern. Refers to the pattern's text, which must outlive it. A leading '^' is not treated here.
class Pattern {
 public:
  Pattern(Memory& memory, std::string_view text);
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  const PatternNode* nodes() const { return nodes_; }

  // A copy that moves as one piece of memory, for patterns that are kept: its size, and its making at `memory`
  // (aligned as a pointer). The result is the first node, from which a Matcher can be made.
  size_t flatBytes() const;
  const PatternNode* flatten(void* memory) const;

 private:
  CharacterSet* newSet();
  const char* compileElement(const char* at, const char* end, PatternNode& node);
  const char* compileSet(const char* at, const char* end, PatternNode& node);

  static constexpr size_t inlineNodes = 40;
  static constexpr size_t inlineSets = 8;
  PatternNode* nodes_ = inlineNodes_;
  size_t nodeCount_ = 0;
  size_t setCount_ = 0;
  List<PatternNode> heapNodes_;
  std::list<CharacterSet, Allocator<CharacterSet>> heapSets_;
  alignas(CharacterSet) char setMemory_[inlineSets * sizeof(CharacterSet)];
  PatternNode inlineNodes_[inlineNodes];
};

struct Capture {
  static constexpr ptrdiff_t unfinished = -1;
  static constexpr ptrdiff_t position = -2;
  const char* start;
  ptrdiff_t length;  // or one of the above
};

// One subject and what has been captured from it.
class Matcher {
 public:
  // `requests`: when one of the bits `stopBits` is set in it, matching fails with PatternError::Stopped. It does, too, when
  // `stepsLeft`, which may be null, has come to 0: steps are taken off it now and then.
  Matcher(const PatternNode* nodes, std::string_view subject, const std::atomic<uint32_t>* requests = nullptr,
          uint32_t stopBits = 0, uint64_t* stepsLeft = nullptr);

  // The end of the match that begins at `start`, or null: no match or an error. Forgets earlier captures.
  const char* matchAt(const char* start) {
    captureCount_ = 0;
    return run(start, nodes_);
  }
  // Finds the first match at or after `start`: its beginning goes to `start`.
  const char* search(const char*& start);

  uint32_t captureCount() const { return captureCount_; }
  // Takes what is missing off the steps that are left; at the end.
  void settle() {
    if (stepsLeft_ == nullptr) return;
    *stepsLeft_ -= std::min(*stepsLeft_, steps_ - takenSteps_);
    takenSteps_ = steps_;
  }
  // Capture `index` of the match [start, end); without captures index 0 is the whole match. On failure an error is set.
  bool capture(uint32_t index, const char* start, const char* end, Capture& result);

  const char* subject() const { return subject_; }
  const char* subjectEnd() const { return subjectEnd_; }
  PatternError error() const { return error_; }
  Text errorMessage(Allocator<char> allocator) const { return patternErrorMessage(allocator, error_, errorIndex_); }

 private:
  static constexpr uint64_t stepsBetweenLooks = 256;
  static constexpr uint64_t charactersOfStep = 16;

  const char* run(const char* at, const PatternNode* node);
  const char* step(const char* at, const PatternNode* node);
  const char* runGreedy(const char* at, const PatternNode* node);
  const char* runLazy(const char* at, const PatternNode* node);
  const char* runBalance(const char* at, const PatternNode* node) const;
  bool isStopped();
  // What a loop over so many characters counts as.
  void count(const char* from, const char* to) { steps_ += static_cast<uint64_t>(to - from) / charactersOfStep; }
  bool matchesOne(const char* at, const PatternNode* node) const;
  const char* skip(const char* at, const PatternNode* node) const;
  const char* fail(PatternError error, int index = 0) {
    error_ = error;
    errorIndex_ = index;
    return nullptr;
  }

  const PatternNode* nodes_;
  const char* subject_;
  const char* subjectEnd_;
  uint32_t captureCount_ = 0;
  const std::atomic<uint32_t>* requests_;
  uint32_t stopBits_;
  uint64_t* stepsLeft_;
  uint64_t steps_ = 0;
  uint64_t nextLook_ = stepsBetweenLooks;
  uint64_t takenSteps_ = 0;  // off *stepsLeft_
  uint32_t depth_ = 0;
  PatternError error_ = PatternError::None;
  int errorIndex_ = 0;
  Capture captures_[maxCaptures];
};

// The first place in `text` at or after `from` where `part` begins, or null.
const char* findPlain(std::string_view text, size_t from, std::string_view part);
// Whether a pattern has characters that mean something else than themselves.
bool hasSpecials(std::string_view pattern);

}  // namespace selvage
