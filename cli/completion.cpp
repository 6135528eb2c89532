// Completion of names; see the header.
#include "cli/completion.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "compiler/lexer.hpp"
#include "vm/native.hpp"
#include "vm/number.hpp"

namespace selvage {

namespace {

constexpr int maxIndexChain = 100;
constexpr std::string_view nameBytes = "_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view spaces = " \t\n\r\v\f";

std::string_view withoutTrailingSpaces(std::string_view text) {
  return text.substr(0, text.find_last_not_of(spaces) + 1);  // npos + 1 is 0
}

// Takes the bytes of the name at the end away from `text`; they may be none.
std::string_view takeName(std::string_view& text) {
  const size_t start = text.find_last_not_of(nameBytes) + 1;
  const std::string_view name = text.substr(start);
  text = text.substr(0, start);
  return name;
}

// Takes "[key]" away from the end of `text`. Nothing when the key is not a number or a string without escapes.
std::optional<Value> takeBracketedKey(VM& vm, std::string_view& text) {
  std::string_view inside = withoutTrailingSpaces(text.substr(0, text.size() - 1));
  if (inside.empty()) return std::nullopt;
  const char last = inside.back();
  if (last == '"' || last == '\'') {
    inside.remove_suffix(1);
    const size_t quote = inside.rfind(last);
    if (quote == std::string_view::npos) return std::nullopt;
    const std::string_view key = inside.substr(quote + 1);
    inside = withoutTrailingSpaces(inside.substr(0, quote));
    if (key.find('\\') != std::string_view::npos || !inside.ends_with('[')) return std::nullopt;
    text = inside.substr(0, inside.size() - 1);
    return Value::string(newString(vm, key));
  }
  const size_t bracket = inside.rfind('[');
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::optional<Value> key = parseNumber(inside.substr(bracket + 1));
  if (key) text = inside.substr(0, bracket);
  return key;
}

// Where names that are not in a value itself come from: the table that is its __index, or null.
Table* fallbackOf(VM& vm, Value value) {
  Table* metatable = metatableOf(vm, value);
  if (metatable == nullptr) return nullptr;
  const Value index = tableGetString(metatable, newString(vm, "__index"));
  return index.isTable() ? index.table() : nullptr;
}

// Calls `visit` with the tables that a value's fields come from until it returns true.
template <class Visitor>
void visitFieldTables(VM& vm, Value value, Visitor&& visit) {
  Table* table = value.isTable() ? value.table() : fallbackOf(vm, value);
  for (int i = 0; table != nullptr && i < maxIndexChain; ++i) {
    if (visit(table)) return;
    table = fallbackOf(vm, Value::table(table));
  }
}

Value fieldOf(VM& vm, Value object, Value key) {
  Value result = Value::nil();
  visitFieldTables(vm, object, [&](Table* table) {
    result = tableGet(table, key);
    return !result.isNil();
  });
  return result;
}

bool isCallable(VM& vm, Value value) { return value.isFunction() || !metamethodOf(vm, value, Event::Call).isNil(); }

// The value of the expression at the end of `text`, as far as completion understands it.
std::optional<Value> evaluate(VM& vm, std::string_view text) {
  std::vector<Value> keys;  // from the last to the first
  while (true) {
    text = withoutTrailingSpaces(text);
    if (text.ends_with(']')) {
      const std::optional<Value> key = takeBracketedKey(vm, text);
      if (!key) return std::nullopt;
      keys.push_back(*key);
      continue;
    }
    const std::string_view name = takeName(text);
    if (!isName(name)) return std::nullopt;
    keys.push_back(Value::string(newString(vm, name)));
    text = withoutTrailingSpaces(text);
    const bool isField = text.ends_with('.') && !text.ends_with("..");
    if (!isField) break;
    text.remove_suffix(1);
  }
  if (text.ends_with(':') && !text.ends_with("::")) return std::nullopt;  // what a method returns is not known
  Value value = Value::table(vm.globals);
  for (; !keys.empty(); keys.pop_back()) value = fieldOf(vm, value, keys.back());
  return value;
}

void addFields(VM& vm, Value object, std::string_view typed, bool onlyMethods,
               std::set<std::string, std::less<>>& names) {
  visitFieldTables(vm, object, [&](Table* table) {
    Value key;
    Value value;
    uint32_t position = 0;
    while ((position = tableAdvance(table, position, key, value)) != 0) {
      if (!key.isString() || !key.string()->view().starts_with(typed) || !isName(key.string()->view())) continue;
      if (!onlyMethods || isCallable(vm, value)) names.emplace(key.string()->view());
    }
    return false;
  });
}

}  // namespace

Completions completionsOf(VM& vm, std::string_view text) {
  const std::string_view typed = takeName(text);
  std::set<std::string, std::less<>> names;
  text = withoutTrailingSpaces(text);
  const bool isField = text.ends_with('.') && !text.ends_with("..");
  const bool isMethod = text.ends_with(':') && !text.ends_with("::");
  if (isField || isMethod) {
    const std::optional<Value> object = evaluate(vm, text.substr(0, text.size() - 1));
    if (object) addFields(vm, *object, typed, isMethod, names);
  } else {
    addFields(vm, Value::table(vm.globals), typed, false, names);
    for (const std::string_view word : reservedWords()) {
      if (word.starts_with(typed)) names.emplace(word);
    }
  }
  return {typed.size(), {names.begin(), names.end()}};
}

std::string_view commonPrefix(const std::vector<std::string>& names) {
  if (names.empty()) return "";
  std::string_view prefix = names.front();
  for (const std::string_view name : names) {
    const auto difference = std::ranges::mismatch(prefix, name);
    prefix = prefix.substr(0, static_cast<size_t>(difference.in1 - prefix.begin()));
  }
  return prefix;
}

}  // namespace selvage
