// Tables as text. First the contents become a tree of texts, which is where __tostring may run; then that is laid out,
// each table on one line if it fits, or else with its elements on lines of their own.
#include "cli/value_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/protected_call.hpp"
#include "compiler/lexer.hpp"
#include "vm/native.hpp"
#include "vm/operations.hpp"

namespace selvage {

namespace {

constexpr uint32_t maxDepth = 4;             // tables within tables
constexpr uint32_t maxElements = 100;        // shown of one table
constexpr uint32_t maxElementsInAll = 1000;  // shown of one result
constexpr size_t maxSortedKeys = 10'000;     // of a table with more, the first ones of the traversal are shown
constexpr size_t maxStringBytes = 400;       // shown of a string inside a table
constexpr size_t indentation = 2;

struct Node {
  std::string key;   // with " = ", or empty for an element of a list
  std::string text;  // what stands before the brace if it is a table
  bool isTable = false;
  std::vector<Node> elements;
  size_t width = 0;  // columns of the whole on one line
};

// Bytes that begin a character.
size_t columnsOf(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

// The length of the UTF-8 character that `text` begins with; 0 if it is none that can be shown.
size_t printableCharacter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7F ? 1 : 0;
  const size_t length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead >= 0xF5 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((text[i] & 0xC0) != 0x80) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool isControl = lead == 0xC2 && second < 0xA0;
  const bool isOverlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool isSurrogate = lead == 0xED && second >= 0xA0;
  const bool isTooLarge = lead == 0xF4 && second >= 0x90;
  return isControl || isOverlong || isSurrogate || isTooLarge ? 0 : length;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    if (result.size() > maxStringBytes) return result + "\"...";
    size_t length = 1;
    switch (text[0]) {
      case '\n': result += "\\n"; break;
      case '\r': result += "\\r"; break;
      case '\t': result += "\\t"; break;
      case '"': result += "\\\""; break;
      case '\\': result += "\\\\"; break;
      default:
        length = printableCharacter(text);
        if (length == 0) {
          length = 1;
          result += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[0]));
        } else {
          result += text.substr(0, length);
        }
    }
    text.remove_prefix(length);
  }
  return result + '"';
}

// Numbers first, then strings, then the others as they come.
bool comesBefore(Value left, Value right) {
  if (left.isNumber() && right.isNumber()) return numberLessThan(left, right);
  if (left.isString() && right.isString()) return left.string()->view() < right.string()->view();
  const auto rank = [](Value key) { return key.isNumber() ? 0 : key.isString() ? 1 : 2; };
  return rank(left) < rank(right);
}

// Builds the trees. Everything that is still to be shown when a __tostring runs is on the stack: the collector may run,
// and the tables may be changed.
class TreeBuilder {
 public:
  explicit TreeBuilder(NativeCall& call) : call_(call), vm_(call.vm) {}

  bool build(Value value, Node& node) {
    if (!value.isTable() || hasText(value)) return buildLeaf(value, node);
    Table* table = value.table();
    node.isTable = true;
    const Value name = metamethodOf(vm_, value, Event::Name);
    if (name.isString()) node.text = std::string(name.string()->view()) + " ";
    if (std::ranges::find(path_, table) != path_.end()) {
      node.isTable = false;
      node.text += "<cycle>";
    } else {
      path_.push_back(table);
      const bool succeeded = buildElements(table, node);
      path_.pop_back();
      if (!succeeded) return false;
    }
    measure(node);
    return true;
  }

 private:
  bool hasText(Value value) { return !metamethodOf(vm_, value, Event::ToString).isNil(); }

  static void measure(Node& node) {
    node.width = columnsOf(node.key) + columnsOf(node.text) + (node.isTable ? 2 : 0);
    for (const Node& element : node.elements) node.width += element.width + 2;  // ", " between, one blank at each end
  }

  bool buildLeaf(Value value, Node& node) {
    if (value.isString()) {
      node.text = quoted(value.string()->view());
    } else {
      String* text;
      if (!call_.toString(value, text)) return false;
      node.text = text->view();
    }
    measure(node);
    return true;
  }

  void addRemark(Node& node, std::string text) {
    Node& remark = node.elements.emplace_back();
    remark.text = std::move(text);
    measure(remark);
  }

  // The keys that are not of the list 1..length, in the order in which they are shown.
  static std::vector<Value> namedKeys(Table* table, int64_t length, size_t& total) {
    std::vector<Value> keys;
    Value key;
    Value value;
    for (uint32_t position = 0; (position = tableAdvance(table, position, key, value)) != 0;) {
      const bool isOfList = key.isInteger() && key.integer() >= 1 && key.integer() <= length;
      if (isOfList) continue;
      total += 1;
      if (keys.size() < maxSortedKeys) keys.push_back(key);
    }
    std::ranges::sort(keys, comesBefore);
    return keys;
  }

  bool buildElements(Table* table, Node& node) {
    const int64_t length = tableLength(table);
    auto total = static_cast<size_t>(length);
    const std::vector<Value> keys = namedKeys(table, length, total);
    if (path_.size() > maxDepth && total > 0) {
      addRemark(node, "...");
      return true;
    }
    const size_t most = std::min<size_t>(maxElements, elementsLeft_);
    const size_t listed = std::min<size_t>(most, static_cast<size_t>(length));
    const size_t named = std::min(most - listed, keys.size());
    elementsLeft_ -= static_cast<uint32_t>(listed + named);

    if (!call_.reserve(static_cast<uint32_t>(listed + 2 * named))) return false;
    const auto start = vm_.top - vm_.base;
    for (size_t i = 0; i < listed; ++i) call_.push(tableGetInteger(table, static_cast<int64_t>(i) + 1));
    for (size_t i = 0; i < named; ++i) {
      call_.push(keys[i]);
      call_.push(tableGet(table, keys[i]));
    }
    bool succeeded = true;
    for (size_t i = 0; i < listed && succeeded; ++i) {
      succeeded = build(vm_.base[start + static_cast<int64_t>(i)], node.elements.emplace_back());
    }
    for (size_t i = 0; i < named && succeeded; ++i) {
      const auto slot = start + static_cast<int64_t>(listed + 2 * i);
      Node& element = node.elements.emplace_back();
      succeeded = buildKey(vm_.base[slot], element.key) && build(vm_.base[slot + 1], element);
    }
    if (listed + named < total) addRemark(node, fmt::format("... {} more", total - listed - named));
    vm_.top = vm_.base + start;
    return succeeded;
  }

  bool buildKey(Value key, std::string& text) {
    if (key.isString() && isName(key.string()->view())) {
      text = std::string(key.string()->view()) + " = ";
      return true;
    }
    Node leaf;
    if (!buildLeaf(key, leaf)) return false;
    text = "[" + leaf.text + "] = ";
    return true;
  }

  NativeCall& call_;
  VM& vm_;
  std::vector<Table*> path_;  // the tables around
  uint32_t elementsLeft_ = maxElementsInAll;
};

class Layout {
 public:
  explicit Layout(uint32_t columns) : columns_(std::max<size_t>(columns, 20)) {}

  std::string write(const Node& node) {
    writeNode(node, 0);
    return std::move(text_);
  }

 private:
  void writeOnOneLine(const Node& node) {
    text_ += node.key + node.text;
    if (!node.isTable) return;
    text_ += "{";
    for (size_t i = 0; i < node.elements.size(); ++i) {
      text_ += i == 0 ? " " : ", ";
      writeOnOneLine(node.elements[i]);
    }
    text_ += node.elements.empty() ? "}" : " }";
  }

  // The node stands behind `indent` blanks; a comma may follow.
  void writeNode(const Node& node, size_t indent) {
    if (node.elements.empty() || indent + node.width + 1 <= columns_) {
      writeOnOneLine(node);
      return;
    }
    text_ += node.key + node.text + "{";
    const size_t inner = indent + indentation;
    size_t column = columns_;  // where the next element would begin
    for (size_t i = 0; i < node.elements.size(); ++i) {
      const Node& element = node.elements[i];
      // Elements of a list that are no tables share lines.
      const bool sharesLine = i > 0 && isOfList(element) && isOfList(node.elements[i - 1]);
      if (sharesLine && column + 1 + element.width + 1 <= columns_) {
        text_ += " ";
        column += 1;
      } else {
        text_ += '\n';
        text_.append(inner, ' ');
        column = inner;
      }
      writeNode(element, inner);
      column += element.width + 1;
      if (i + 1 < node.elements.size()) text_ += ",";
    }
    text_ += '\n';
    text_.append(indent, ' ');
    text_ += "}";
  }

  static bool isOfList(const Node& element) { return element.key.empty() && !element.isTable; }

  size_t columns_;
  std::string text_;
};

// (columns, values...) to the values with tables as text.
int showValues(NativeCall& call) {
  const auto columns = static_cast<uint32_t>(call.argument(0).integer());
  const uint32_t count = call.count;
  for (uint32_t i = 1; i < count; ++i) {
    const Value value = call.argument(i);
    if (!value.isTable() || !metamethodOf(call.vm, value, Event::ToString).isNil()) continue;
    Node tree;
    if (!TreeBuilder(call).build(value, tree)) return nativeFailed;
    call.argument(i) = Value::string(newString(call.vm, Layout(columns).write(tree)));
  }
  if (!call.reserve(count)) return nativeFailed;
  for (uint32_t i = 1; i < count; ++i) call.push(call.argument(i));
  return static_cast<int>(count) - 1;
}

constexpr NativeCode showValuesCode = makeNative("show values", showValues);

}  // namespace

bool showTables(VM& vm, uint32_t count, uint32_t columns, Text& message) {
  if (std::none_of(vm.top - count, vm.top, [](Value value) { return value.isTable(); })) return true;
  std::vector<Value> arguments = {Value::integer(columns)};
  arguments.insert(arguments.end(), vm.top - count, vm.top);
  uint32_t shown;
  const Value function = Value::function(newNativeFunction(vm, showValuesCode));
  if (!callProtected(vm, function, arguments, shown, message)) return false;
  std::copy(vm.top - shown, vm.top, vm.top - shown - count);
  vm.top -= shown;
  return true;
}

}  // namespace selvage
