// string.find, match, gmatch and gsub: between the pattern matcher and Lua values.
#include "stdlib/string_matching.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include "stdlib/pattern.hpp"
#include "stdlib/string_buffer.hpp"
#include "vm/format_text.hpp"
#include "vm/number.hpp"
#include "vm/string_positions.hpp"

namespace selvage {

namespace {

int failMatch(NativeCall& call, const Matcher& matcher) {
  if (matcher.error() != PatternError::Stopped) return call.fail(matcher.errorMessage(call.vm));
  // Nothing but the matcher's own look at the requests and the instructions left stops it, and they stay until they are
  // heeded.
  (void)call.mayGoOn(0);
  return nativeFailed;
}

// Where a matcher takes its steps from.
uint64_t* stepsLeftOf(VM& vm) { return vm.countsInstructions ? &vm.instructionsLeft : nullptr; }

// The value of one capture; false after an error was raised.
bool captureValue(NativeCall& call, Matcher& matcher, uint32_t index, const char* start, const char* end,
                  Value& result) {
  Capture capture;
  if (!matcher.capture(index, start, end, capture)) {
    failMatch(call, matcher);
    return false;
  }
  if (capture.length == Capture::position) {
    result = Value::integer(capture.start - matcher.subject() + 1);
    return true;
  }
  String* text = newString(call.vm, {capture.start, static_cast<size_t>(capture.length)});
  if (text == nullptr) {
    call.failMemory();
    return false;
  }
  result = Value::string(text);
  return true;
}

// Pushes all captures, or the whole match if there are none and `wholeMatch` says so.
int pushCaptures(NativeCall& call, Matcher& matcher, const char* start, const char* end, bool wholeMatch) {
  const uint32_t count = matcher.captureCount() == 0 && wholeMatch ? 1 : matcher.captureCount();
  for (uint32_t i = 0; i < count; ++i) {
    Value value;
    if (!captureValue(call, matcher, i, start, end, value)) return nativeFailed;
    call.push(value);
  }
  return static_cast<int>(count);
}

struct Search {
  std::string_view subject;
  std::string_view pattern;
  size_t start;  // 0-based
};

// The arguments that find and match share. Nothing after an error; a start beyond the end means no match.
std::optional<Search> searchArguments(NativeCall& call) {
  String* subject;
  String* pattern;
  int64_t init = 1;
  if (!call.checkString(0, subject) || !call.checkString(1, pattern)) return std::nullopt;
  if (call.count > 2 && !call.optionalInteger(2, 1, init)) return std::nullopt;
  return Search{subject->view(), pattern->view(), startPosition(init, subject->length) - 1};
}

struct Match {
  const char* start;
  const char* end;
};

// Gives the first match to `results`, which pushes what the function returns and says how much that is. Without one the
// function returns nil.
template <class Results>
int withFirstMatch(NativeCall& call, const Search& search, Results results) {
  std::string_view text = search.pattern;
  const bool isAnchored = text.starts_with('^');
  if (isAnchored) text.remove_prefix(1);
  const Pattern pattern(call.vm.memory, text);
  Matcher matcher(pattern.nodes(), search.subject, &call.vm.safepoint, safepointStop, stepsLeftOf(call.vm));
  const char* start = search.subject.data() + search.start;
  const char* const end = isAnchored ? matcher.matchAt(start) : matcher.search(start);
  matcher.settle();
  if (matcher.error() != PatternError::None) return failMatch(call, matcher);
  if (end == nullptr) return call.returns(Value::nil());
  return results(matcher, Match{start, end});
}

}  // namespace

int stringFind(NativeCall& call) {
  const std::optional<Search> arguments = searchArguments(call);
  if (!arguments) return nativeFailed;
  const Search& search = *arguments;
  if (search.start > search.subject.size()) return call.returns(Value::nil());
  const bool isPlain = call.count > 3 && !call.argument(3).isFalsy();
  if (isPlain || !hasSpecials(search.pattern)) {
    const char* found = findPlain(search.subject, search.start, search.pattern);
    call.charge((search.subject.size() - search.start) / bytesOfWork);
    if (found == nullptr) return call.returns(Value::nil());
    const int64_t position = found - search.subject.data() + 1;
    return call.returns(Value::integer(position),
                        Value::integer(position + static_cast<int64_t>(search.pattern.size()) - 1));
  }
  return withFirstMatch(call, search, [&](Matcher& matcher, const Match& match) {
    call.push(Value::integer(match.start - search.subject.data() + 1));
    call.push(Value::integer(match.end - search.subject.data()));
    const int captures = pushCaptures(call, matcher, match.start, match.end, false);
    return captures == nativeFailed ? nativeFailed : captures + 2;
  });
}

int stringMatch(NativeCall& call) {
  const std::optional<Search> arguments = searchArguments(call);
  if (!arguments) return nativeFailed;
  const Search& search = *arguments;
  if (search.start > search.subject.size()) return call.returns(Value::nil());
  return withFirstMatch(call, search, [&](Matcher& matcher, const Match& match) {
    return pushCaptures(call, matcher, match.start, match.end, true);
  });
}

// ---- gmatch ----

namespace {

// Upvalues of the iterator. Positions are offsets from the subject's beginning.
enum GmatchUpvalue : uint32_t {
  gmatchSubject,
  gmatchPattern,   // keeps alive the text that the compiled pattern refers to
  gmatchCompiled,  // a userdata
  gmatchPosition,
  gmatchLastMatch,  // where the last match ended, or -1: an empty match may not follow there
  gmatchUpvalueCount,
};

int gmatchNext(NativeCall& call) {
  const std::string_view subject = call.upvalue(gmatchSubject).string()->view();
  const int64_t position = call.upvalue(gmatchPosition).integer();
  if (position > static_cast<int64_t>(subject.size())) return 0;
  Matcher matcher(static_cast<const PatternNode*>(call.upvalue(gmatchCompiled).userdata()->memory()), subject,
                  &call.vm.safepoint, safepointStop, stepsLeftOf(call.vm));
  const char* start = subject.data() + position;
  const int64_t lastMatch = call.upvalue(gmatchLastMatch).integer();
  const char* end = matcher.search(start);
  if (end != nullptr && end - subject.data() == lastMatch) {
    end = nullptr;
    if (++start <= matcher.subjectEnd()) end = matcher.search(start);
  }
  matcher.settle();
  if (matcher.error() != PatternError::None) return failMatch(call, matcher);
  if (end == nullptr) {
    call.upvalue(gmatchPosition) = Value::integer(static_cast<int64_t>(subject.size()) + 1);
    return 0;
  }
  call.upvalue(gmatchPosition) = Value::integer(end - subject.data());
  call.upvalue(gmatchLastMatch) = Value::integer(end - subject.data());
  return pushCaptures(call, matcher, start, end, true);
}

constexpr NativeCode gmatchIterator = makeNative("for iterator", gmatchNext);

}  // namespace

int stringGmatch(NativeCall& call) {
  const std::optional<Search> search = searchArguments(call);
  if (!search) return nativeFailed;
  const Pattern pattern(call.vm.memory, search->pattern);
  Userdata* compiled = newUserdata(call.vm, pattern.flatBytes(), 0);
  NativeFunction* iterator = newNativeFunction(call.vm, gmatchIterator, gmatchUpvalueCount);
  if (compiled == nullptr || iterator == nullptr) return call.failMemory();
  pattern.flatten(compiled->memory());
  iterator->upvalues[gmatchSubject] = call.argument(0);
  iterator->upvalues[gmatchPattern] = call.argument(1);
  iterator->upvalues[gmatchCompiled] = Value::userdata(compiled);
  const size_t beyond = search->subject.size() + 1;
  iterator->upvalues[gmatchPosition] = Value::integer(static_cast<int64_t>(std::min(search->start, beyond)));
  iterator->upvalues[gmatchLastMatch] = Value::integer(-1);
  writeBarrier(call.vm, iterator);
  return call.returns(Value::function(iterator));
}

// ---- gsub ----

namespace {

// Appends the replacement text of one match, with its %0 to %9 and %% replaced. False after an error was raised.
bool appendReplacement(NativeCall& call, Matcher& matcher, std::string_view text, const char* start, const char* end,
                       StringBuffer& buffer) {
  for (;;) {
    const size_t percent = text.find('%');
    buffer.append(text.substr(0, percent));
    if (percent == std::string_view::npos) return true;
    const char selector = percent + 1 < text.size() ? text[percent + 1] : '\0';
    if (selector == '%') {
      buffer.append('%');
    } else if (selector == '0') {
      buffer.append({start, static_cast<size_t>(end - start)});
    } else if (selector >= '1' && selector <= '9') {
      Capture capture;
      if (!matcher.capture(static_cast<uint32_t>(selector - '1'), start, end, capture)) {
        failMatch(call, matcher);
        return false;
      }
      if (capture.length == Capture::position) {
        char number[maxNumberText];
        buffer.append(formatNumber(Value::integer(capture.start - matcher.subject() + 1), number));
      } else {
        buffer.append({capture.start, static_cast<size_t>(capture.length)});
      }
    } else {
      call.fail("invalid use of '%' in replacement string");
      return false;
    }
    text.remove_prefix(percent + 2);
  }
}

// What the replacement table or function (argument 2) gives for one match; false after an error was raised.
bool replacementValue(NativeCall& call, Matcher& matcher, const char* start, const char* end, Value& result) {
  const Value replacement = call.argument(2);
  if (replacement.isTable()) {
    Value key;
    if (!captureValue(call, matcher, 0, start, end, key)) return false;
    result = tableGet(replacement.table(), key);
    if (!result.isNil() || replacement.table()->metatable() == nullptr) return true;
    return call.index(replacement, key, result);
  }
  // Not in an array on the C stack: replacements may be nested deeply.
  const uint32_t count = matcher.captureCount() == 0 ? 1 : matcher.captureCount();
  if (!call.reserve(count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    Value value;
    if (!captureValue(call, matcher, i, start, end, value)) return false;
    call.push(value);
  }
  if (!call.call(replacement, {call.vm.top - count, count}, 1)) return false;
  result = call.vm.top[-1];
  call.pop(count + 1);
  return true;
}

// What gsub does with its arguments. Half of it is room for what is short.
struct Substitution {
  Substitution(VM& vm, std::string_view patternText, std::string_view subject)
      : pattern(vm.memory, patternText),
        matcher(pattern.nodes(), subject, &vm.safepoint, safepointStop, stepsLeftOf(vm)),
        buffer(vm) {}

  const Pattern pattern;
  Matcher matcher;
  StringBuffer buffer;
};

struct SubstitutionArguments {
  std::string_view subject;
  std::string_view pattern;      // without '^'
  std::string_view replacement;  // a text
  int64_t maximum;
  bool isText;
  bool isAnchored;
};

int substitute(NativeCall& call, const SubstitutionArguments& arguments, Substitution& substitution) {
  const auto& [subject, patternText, replacementText, maximum, isText, isAnchored] = arguments;
  const bool isPlainText = isText && replacementText.find('%') == std::string_view::npos;
  Matcher& matcher = substitution.matcher;
  StringBuffer& buffer = substitution.buffer;
  const char* at = subject.data();      // where the next match may begin
  const char* copied = subject.data();  // what comes before has been appended
  const char* lastMatch = nullptr;
  int64_t count = 0;
  bool isChanged = false;
  while (count < maximum) {
    const char* start = at;
    const char* end = isAnchored ? matcher.matchAt(start) : matcher.search(start);
    matcher.settle();
    if (matcher.error() != PatternError::None) return failMatch(call, matcher);
    if (end == nullptr) break;
    if (end == lastMatch) {  // an empty match just behind the last one does not count
      if (isAnchored || at == matcher.subjectEnd()) break;
      ++at;
      continue;
    }
    ++count;
    at = lastMatch = end;
    const std::string_view unmatched(copied, static_cast<size_t>(start - copied));
    if (isPlainText) {
      buffer.append(unmatched);
      buffer.append(replacementText);
    } else if (isText) {
      buffer.append(unmatched);
      if (!appendReplacement(call, matcher, replacementText, start, end, buffer)) return nativeFailed;
    } else {
      Value value;
      if (!replacementValue(call, matcher, start, end, value)) return nativeFailed;
      if (value.isString()) {
        buffer.append(unmatched);
        buffer.append(value.string()->view());
      } else if (value.isNumber()) {
        char number[maxNumberText];
        buffer.append(unmatched);
        buffer.append(formatNumber(value, number));
      } else if (value.isFalsy()) {
        if (isAnchored) break;
        continue;  // keeps the original text
      } else {
        return call.fail(formatText(call.vm, "invalid replacement value (a {})", typeName(value.tag)));
      }
    }
    copied = end;
    isChanged = true;
    if (isAnchored) break;
  }
  if (!isChanged) return call.returns(call.argument(0), Value::integer(count));
  buffer.append({copied, static_cast<size_t>(matcher.subjectEnd() - copied)});
  String* result = buffer.finish(call.vm);
  if (result == nullptr) return call.failMemory();
  return call.returns(Value::string(result), Value::integer(count));
}

[[gnu::noinline]] int substituteOnStack(NativeCall& call, const SubstitutionArguments& arguments) {
  Substitution substitution(call.vm, arguments.pattern, arguments.subject);
  return substitute(call, arguments, substitution);
}

int substituteInHeap(NativeCall& call, const SubstitutionArguments& arguments) {
  const Allocator<Substitution> allocator(call.vm);
  const auto substitution =
      std::allocate_shared<Substitution>(allocator, call.vm, arguments.pattern, arguments.subject);
  return substitute(call, arguments, *substitution);
}

}  // namespace

int stringGsub(NativeCall& call) {
  String* subjectString;
  String* patternString;
  if (!call.checkString(0, subjectString) || !call.checkString(1, patternString)) return nativeFailed;
  const std::string_view subject = subjectString->view();
  std::string_view patternText = patternString->view();
  const Tag replacementTag = call.argumentOrNil(2).tag;
  int64_t maximum = static_cast<int64_t>(subject.size()) + 1;
  if (call.count > 3 && !call.optionalInteger(3, maximum, maximum)) return nativeFailed;
  std::string_view replacementText;
  const bool isText = replacementTag == Tag::String || isNumber(replacementTag);
  if (isText) {
    String* replacement;
    if (!call.checkString(2, replacement)) return nativeFailed;
    replacementText = replacement->view();
  } else if (replacementTag != Tag::Table && replacementTag != Tag::Function) {
    return call.failType(2, "string/function/table");
  }
  const bool isAnchored = patternText.starts_with('^');
  if (isAnchored) patternText.remove_prefix(1);

  const SubstitutionArguments arguments{.subject = subject,
                                        .pattern = patternText,
                                        .replacement = replacementText,
                                        .maximum = maximum,
                                        .isText = isText,
                                        .isAnchored = isAnchored};
  // Calls may be nested deeply; the first ones are spared the allocation.
  constexpr uint32_t levelsOnStack = 4;
  return isText || call.vm.nativeDepth < levelsOnStack ? substituteOnStack(call, arguments)
                                                       : substituteInHeap(call, arguments);
}

}  // namespace selvage
