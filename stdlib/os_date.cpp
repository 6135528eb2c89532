// os.date and os.time: between times, tables of fields and formatted text.
#include "stdlib/os_date.hpp"

#include <array>
#include <climits>
#include <ctime>
#include <string>

#include "vm/format_text.hpp"
#include "vm/number.hpp"

namespace selvage {

namespace {

// The conversions of strftime in C99, which is what os.date accepts: those that stand alone, and those after E and O.
constexpr std::string_view plainConversions = "aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyYzZ%";
constexpr std::string_view eraConversions = "cCxXyY";
constexpr std::string_view alternativeConversions = "deHImMSuUVwWy";

constexpr int yearBase = 1900;

// The length of the conversion that `text` (behind its '%') begins with; 0 if it is not a valid one.
size_t conversionLength(std::string_view text) {
  if (text.empty()) return 0;
  if (plainConversions.find(text[0]) != std::string_view::npos) return 1;
  const std::string_view second = text[0] == 'E'   ? eraConversions
                                  : text[0] == 'O' ? alternativeConversions
                                                   : std::string_view{};
  const bool isValid = text.size() > 1 && second.find(text[1]) != std::string_view::npos;
  return isValid ? 2 : 0;
}

void setTimeFields(VM& vm, Table* table, const std::tm& time) {
  const auto set = [&](const char* key, int value) { setField(vm, table, key, Value::integer(value)); };
  setField(vm, table, "year", Value::integer(int64_t{time.tm_year} + yearBase));
  set("month", time.tm_mon + 1);
  set("day", time.tm_mday);
  set("hour", time.tm_hour);
  set("min", time.tm_min);
  set("sec", time.tm_sec);
  set("yday", time.tm_yday + 1);
  set("wday", time.tm_wday + 1);
  if (time.tm_isdst >= 0) setField(vm, table, "isdst", Value::boolean(time.tm_isdst != 0));
}

struct Field {
  const char* name;
  int std::tm::* member;
  int64_t defaultValue;  // negative: the field is required
  int64_t offset;        // of the table's value from that in a tm
};
constexpr Field timeFields[] = {
    {"year", &std::tm::tm_year, -1, yearBase}, {"month", &std::tm::tm_mon, -1, 1}, {"day", &std::tm::tm_mday, -1, 0},
    {"hour", &std::tm::tm_hour, 12, 0},        {"min", &std::tm::tm_min, 0, 0},    {"sec", &std::tm::tm_sec, 0, 0},
};

bool readField(NativeCall& call, Value table, const char* name, Value& result) {
  const String* key = newString(call.vm, name);
  return call.index(table, Value::string(key), result);
}

bool readTimeField(NativeCall& call, Value table, const Field& field, std::tm& time) {
  Value value;
  if (!readField(call, table, field.name, value)) return false;
  const auto integer = toInteger(value);
  if (!integer) {
    if (!value.isNil()) {
      call.fail(formatText(call.vm, "field '{}' is not an integer", field.name));
      return false;
    }
    if (field.defaultValue < 0) {
      call.fail(formatText(call.vm, "field '{}' missing in date table", field.name));
      return false;
    }
    time.*field.member = static_cast<int>(field.defaultValue);
    return true;
  }
  const bool fits = *integer >= 0 ? *integer - field.offset <= INT_MAX : INT_MIN + field.offset <= *integer;
  if (!fits) {
    call.fail(formatText(call.vm, "field '{}' is out-of-bound", field.name));
    return false;
  }
  time.*field.member = static_cast<int>(*integer - field.offset);
  return true;
}

// Appends one conversion of strftime.
void appendConversion(VM& vm, Text& text, std::string_view conversion, const std::tm& time) {
  const Text format = formatText(vm, "%{}", conversion);
  std::array<char, 250> buffer;  // longer than any conversion in any locale
  text.append(buffer.data(), std::strftime(buffer.data(), buffer.size(), format.c_str(), &time));
}

}  // namespace

int osDate(NativeCall& call) {
  std::string_view format;
  if (!call.optionalString(0, "%c", format)) return nativeFailed;
  int64_t when;
  if (!call.optionalInteger(1, std::time(nullptr), when)) return nativeFailed;
  const bool isUniversal = format.starts_with('!');
  if (isUniversal) format.remove_prefix(1);
  const auto seconds = static_cast<std::time_t>(when);
  std::tm time{};
  if ((isUniversal ? gmtime_r(&seconds, &time) : localtime_r(&seconds, &time)) == nullptr) {
    return call.fail("date result cannot be represented in this installation");
  }
  if (format == "*t") {
    Table* table = newTable(call.vm, 0, 9);
    if (table == nullptr) return call.failMemory();
    call.push(Value::table(table));
    setTimeFields(call.vm, table, time);
    return 1;
  }
  Text text(call.vm);
  while (!format.empty()) {
    if (format[0] != '%') {
      text.push_back(format[0]);
      format.remove_prefix(1);
      continue;
    }
    format.remove_prefix(1);
    const size_t length = conversionLength(format);
    if (length == 0) {
      return call.failArgument(0, formatText(call.vm, "invalid conversion specifier '%{}'", format));
    }
    appendConversion(call.vm, text, format.substr(0, length), time);
    format.remove_prefix(length);
  }
  return call.returnsString(text);
}

int osTime(NativeCall& call) {
  std::time_t result;
  if (call.isNoneOrNil(0)) {
    result = std::time(nullptr);
  } else {
    Table* table;
    if (!call.checkTable(0, table)) return nativeFailed;
    const Value object = call.argument(0);
    std::tm time{};
    for (const Field& field : timeFields) {
      if (!readTimeField(call, object, field, time)) return nativeFailed;
    }
    Value isDaylightSaving;
    if (!readField(call, object, "isdst", isDaylightSaving)) return nativeFailed;
    time.tm_isdst = isDaylightSaving.isNil() ? -1 : !isDaylightSaving.isFalsy();
    result = std::mktime(&time);
    setTimeFields(call.vm, table, time);  // with normalized fields
  }
  if (result == static_cast<std::time_t>(-1)) {
    return call.fail("time result cannot be represented in this installation");
  }
  return call.returns(Value::integer(result));
}

}  // namespace selvage
