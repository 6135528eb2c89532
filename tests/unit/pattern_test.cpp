// The pattern matcher against the plainest possible one, on random patterns over a small alphabet; and what scripts
// cannot see of it: flattened patterns.
#include "stdlib/pattern.hpp"

#include <random>

#include <catch2/catch.hpp>

namespace selvage {
namespace {

// One element of a random pattern: a character class with a quantifier, and perhaps a capture around it.
struct Element {
  std::string text;
  std::string members;
  char quantifier;  // 0: none
  bool isCaptured;
};

struct Found {
  ptrdiff_t start = -1;
  ptrdiff_t end = -1;
  std::vector<std::string> captures;
  bool operator==(const Found&) const = default;
};

// Tries every way to match elements[i..] at `position`, in the order of preference. The end, or -1.
ptrdiff_t matchPlainly(const std::vector<Element>& elements, size_t i, std::string_view subject, size_t position,
                       std::vector<std::string>& captures) {
  if (i == elements.size()) return static_cast<ptrdiff_t>(position);
  const Element& element = elements[i];
  const auto matches = [&](size_t at) {
    return at < subject.size() && element.members.find(subject[at]) != std::string::npos;
  };
  size_t most = 0;
  while (matches(position + most)) ++most;
  const char quantifier = element.quantifier;
  const size_t least = quantifier == 0 || quantifier == '+' ? 1 : 0;
  if (quantifier == 0 || quantifier == '?') most = std::min<size_t>(most, 1);
  if (most < least) return -1;
  for (size_t tried = 0; tried <= most - least; ++tried) {
    const size_t count = quantifier == '-' ? least + tried : most - tried;
    if (element.isCaptured) captures.emplace_back(subject.substr(position, count));
    const ptrdiff_t end = matchPlainly(elements, i + 1, subject, position + count, captures);
    if (end >= 0) return end;
    if (element.isCaptured) captures.pop_back();
  }
  return -1;
}

Found findPlainly(const std::vector<Element>& elements, std::string_view subject) {
  for (size_t start = 0; start <= subject.size(); ++start) {
    Found found;
    found.end = matchPlainly(elements, 0, subject, start, found.captures);
    if (found.end < 0) continue;
    found.start = static_cast<ptrdiff_t>(start);
    return found;
  }
  return {};
}

Found find(const PatternNode* nodes, std::string_view subject) {
  Matcher matcher(nodes, subject);
  const char* start = subject.data();
  const char* end = matcher.search(start);
  if (end == nullptr) return {};
  Found found{start - subject.data(), end - subject.data(), {}};
  for (uint32_t i = 0; i < matcher.captureCount(); ++i) {
    Capture capture;
    REQUIRE(matcher.capture(i, start, end, capture));
    found.captures.emplace_back(capture.start, static_cast<size_t>(capture.length));
  }
  return found;
}

TEST_CASE("random patterns match what the plainest matcher matches", "[pattern]") {
  std::mt19937 random(4711);
  const std::pair<const char*, const char*> classes[] = {
      {"a", "a"},      {"b", "b"},    {"c", "c"},    {".", "abc"},  {"[ab]", "ab"}, {"[^a]", "bc"},
      {"[b-c]", "bc"}, {"%w", "abc"}, {"%a", "abc"}, {"[^%l]", ""}, {"%d", ""},
  };
  const char quantifiers[] = {0, 0, 0, '*', '+', '-', '?'};
  uint64_t differences = 0;
  uint64_t matches = 0;
  std::string firstDifference;
  for (int round = 0; round < 60'000; ++round) {
    std::vector<Element> elements(random() % 7);
    std::string text;
    for (Element& element : elements) {
      const auto& [classText, members] = classes[random() % std::size(classes)];
      element = {classText, members, quantifiers[random() % std::size(quantifiers)], random() % 4 == 0};
      std::string piece = classText;
      if (element.quantifier != 0) piece += element.quantifier;
      text += element.isCaptured ? "(" + piece + ")" : piece;
    }
    std::string subject(random() % 12, ' ');
    for (char& c : subject) c = static_cast<char>('a' + random() % 3);
    Memory memoryOfPatterns;
    const Pattern pattern(memoryOfPatterns, text);
    const Found expected = findPlainly(elements, subject);
    matches += expected.end >= 0;
    const std::unique_ptr<uint64_t[]> memory(new uint64_t[pattern.flatBytes() / 8]);
    const PatternNode* flat = pattern.flatten(memory.get());
    if (find(pattern.nodes(), subject) == expected && find(flat, subject) == expected) continue;
    if (differences++ == 0) firstDifference = "'" + text + "' in '" + subject + "'";
  }
  INFO(firstDifference);
  CHECK(differences == 0);
  CHECK(matches > 10'000);  // the test means something
}

TEST_CASE("a flattened pattern does not need the original", "[pattern]") {
  std::unique_ptr<uint64_t[]> memory;
  const PatternNode* nodes;
  std::string text = "%f[%a]([a-c]+)[^x]%d-(%1)%s";
  for (int i = 0; i < 60; ++i) text += "[" + std::string(1, static_cast<char>('A' + i % 26)) + "_]?";
  {
    Memory memoryOfPatterns;
    const Pattern pattern(memoryOfPatterns, text);
    memory.reset(new uint64_t[pattern.flatBytes() / 8]);
    nodes = pattern.flatten(memory.get());
  }
  const Found found = find(nodes, "--abc-123abc A_");
  CHECK(found.start == 2);
  CHECK(found.end == 15);
  CHECK(found.captures == std::vector<std::string>{"abc", "abc"});
}

TEST_CASE("malformed patterns are errors where matching gets to them", "[pattern]") {
  const auto errorOf = [](std::string_view text, std::string_view subject) {
    Memory memoryOfPatterns;
    const Pattern pattern(memoryOfPatterns, text);
    Matcher matcher(pattern.nodes(), subject);
    const char* start = subject.data();
    CHECK(matcher.search(start) == nullptr);
    return matcher.error();
  };
  CHECK(errorOf("a%", "a") == PatternError::EndsWithEscape);
  CHECK(errorOf("a%", "b") == PatternError::None);
  CHECK(errorOf("[a", "b") == PatternError::MissingBracket);
  CHECK(errorOf("%bx", "b") == PatternError::MissingBalanceArguments);
  CHECK(errorOf("%fx", "b") == PatternError::MissingFrontierSet);
  CHECK(errorOf("a)", "a") == PatternError::InvalidCapture);
  CHECK(errorOf("%1", "a") == PatternError::InvalidCaptureIndex);
  CHECK(errorOf(std::string(maxCaptures + 1, '('), "a") == PatternError::TooManyCaptures);
  std::string deep;
  for (uint32_t i = 0; i <= maxMatchDepth; ++i) deep += "a?";
  CHECK(errorOf(deep + "b", std::string(maxMatchDepth + 1, 'a')) == PatternError::TooComplex);
}

}  // namespace
}  // namespace selvage
