// The table of the string library with its simple functions, and the metatable of strings.
#include <algorithm>
#include <climits>

#include "stdlib/libraries.hpp"
#include "stdlib/string_buffer.hpp"
#include "stdlib/string_format.hpp"
#include "stdlib/string_matching.hpp"
#include "stdlib/string_pack.hpp"
#include "stencils/intrinsics.hpp"
#include "vm/bytecode_file.hpp"
#include "vm/format_text.hpp"
#include "vm/native.hpp"
#include "vm/number.hpp"
#include "vm/string_positions.hpp"

namespace selvage {

namespace {

constexpr uint64_t maxRepetitionBytes = INT_MAX;  // as in the reference

// What is written of a string before requests to stop are heeded.
constexpr size_t pieceBytes = size_t{1} << 22;

// A string of known length, made without an intermediate copy when it is long: `fill` is called with where the string
// begins and which part of it, a begin and an end, to write next.
template <class Fill>
int returnFilled(NativeCall& call, size_t length, Fill fill) {
  String* result;
  if (length <= maxShortLength) {
    char text[maxShortLength];
    fill(text, 0, length);
    result = newString(call.vm, {text, length});
  } else {
    result = newLongString(call.vm, length);
    for (size_t done = 0; result != nullptr && done < length; done += std::min(pieceBytes, length - done)) {
      if (!call.mayGoOn(std::min(pieceBytes, length - done) / bytesOfWork)) return nativeFailed;
      fill(result->text, done, done + std::min(pieceBytes, length - done));
    }
  }
  return result == nullptr ? call.failMemory() : call.returns(Value::string(result));
}

int stringLen(NativeCall& call) {
  String* text;
  if (!call.checkString(0, text)) return nativeFailed;
  return call.returns(Value::integer(static_cast<int64_t>(text->length)));
}

int stringSub(NativeCall& call) {
  String* text;
  int64_t from;
  int64_t to = -1;
  if (!call.checkString(0, text) || !call.checkInteger(1, from)) return nativeFailed;
  if (call.count > 2 && !call.optionalInteger(2, -1, to)) return nativeFailed;
  const uint64_t start = startPosition(from, text->length);
  const uint64_t end = endPosition(to, text->length);
  if (start > end) return call.returns(Value::string(call.vm.emptyString));
  if (end - start + 1 == text->length) return call.returns(Value::string(text));
  String* result = newString(call.vm, {text->text + start - 1, end - start + 1});
  return result == nullptr ? call.failMemory() : call.returns(Value::string(result));
}

int stringByte(NativeCall& call) {
  String* text;
  int64_t from = 1;
  if (!call.checkString(0, text)) return nativeFailed;
  if (call.count > 1 && !call.optionalInteger(1, 1, from)) return nativeFailed;
  const uint64_t start = startPosition(from, text->length);
  uint64_t end;
  if (call.isNoneOrNil(2)) {
    // The end defaults to the position as given, which matters when it is out of range.
    end = endPosition(from, text->length);
  } else {
    int64_t to;
    if (!call.checkInteger(2, to)) return nativeFailed;
    end = endPosition(to, text->length);
  }
  if (start > end) return 0;
  const uint64_t count = end - start + 1;
  if (count == 1) return call.returns(Value::integer(static_cast<unsigned char>(text->text[start - 1])));
  if (count >= INT_MAX) return call.fail("string slice too long");
  if (!call.reserve(static_cast<uint32_t>(count))) return call.fail("stack overflow (string slice too long)");
  for (uint64_t i = start; i <= end; ++i) call.push(Value::integer(static_cast<unsigned char>(text->text[i - 1])));
  return static_cast<int>(count);
}

int stringChar(NativeCall& call) {
  StringBuffer buffer(call.vm);
  char* out = buffer.prepare(call.count);
  if (out == nullptr) return call.failMemory();
  for (uint32_t i = 0; i < call.count; ++i) {
    int64_t code;
    if (!call.checkInteger(i, code)) return nativeFailed;
    if (static_cast<uint64_t>(code) > UCHAR_MAX) return call.failArgument(i, "value out of range");
    out[i] = static_cast<char>(code);
  }
  buffer.commit(call.count);
  String* result = buffer.finish(call.vm);
  return result == nullptr ? call.failMemory() : call.returns(Value::string(result));
}

// Returns the first argument with each byte from `first` to `last` changed by `distance`.
int returnShifted(NativeCall& call, char first, char last, int distance) {
  String* text;
  if (!call.checkString(0, text)) return nativeFailed;
  // In variables of its own, for the compiler to know that what is written is nothing of what is read.
  return returnFilled(call, text->length, [=, from = text->text](char* __restrict__ out, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const char c = from[i];
      out[i] = static_cast<char>(c + (c >= first && c <= last ? distance : 0));
    }
  });
}

int stringLower(NativeCall& call) { return returnShifted(call, 'A', 'Z', 'a' - 'A'); }

int stringUpper(NativeCall& call) { return returnShifted(call, 'a', 'z', 'A' - 'a'); }

int stringReverse(NativeCall& call) {
  String* text;
  if (!call.checkString(0, text)) return nativeFailed;
  return returnFilled(call, text->length,
                      [from = text->text, length = text->length](char* __restrict__ out, size_t begin, size_t end) {
                        for (size_t i = begin; i < end; ++i) out[i] = from[length - 1 - i];
                      });
}

// Copies what stands from `begin` up to `end` in the text, or up to the text's end; how many bytes that were.
size_t copyPart(char* out, std::string_view text, size_t begin, size_t end) {
  return text.copy(out, std::min(end, text.size()) - begin, begin);
}

int stringRep(NativeCall& call) {
  String* text;
  int64_t times;
  std::string_view separator = "";
  if (!call.checkString(0, text) || !call.checkInteger(1, times)) return nativeFailed;
  if (call.count > 2 && !call.optionalString(2, "", separator)) return nativeFailed;
  if (times <= 0) return call.returns(Value::string(call.vm.emptyString));
  const auto count = static_cast<uint64_t>(times);
  const uint64_t unit = text->length + separator.size();
  if (unit == 0) return call.returns(Value::string(call.vm.emptyString));
  if (unit > maxRepetitionBytes / count) return call.fail("resulting string too large");
  if (count == 1) return call.returns(Value::string(text));
  const size_t total = unit * count - separator.size();
  return returnFilled(call, total, [&](char* out, size_t begin, size_t end) {
    if (unit == 1) {
      std::memset(out + begin, text->length == 1 ? text->text[0] : separator[0], end - begin);
      return;
    }
    size_t done = begin;
    if (done < text->length) done += copyPart(out + done, text->view(), done, end);
    if (done >= text->length && done < unit)
      done += copyPart(out + done, separator, done - text->length, end - text->length);
    const size_t phase = done % unit;
    while (done < end) {  // doubles what is there
      const size_t piece = std::min(done - phase, end - done);
      std::memcpy(out + done, out + phase, piece);
      done += piece;
    }
  });
}

int stringDump(NativeCall& call) {
  if (!call.checkFunction(0)) return nativeFailed;
  const bool strip = !call.argumentOrNil(1).isFalsy();
  const Function* function = call.argument(0).function();
  Text bytes(call.vm);
  if (!function->isLua() || !dumpFunction(call.vm, *function->proto(), strip, bytes)) {
    return call.fail("unable to dump given function");
  }
  return call.returnsString(bytes);
}

// ---- arithmetic on strings ----

// What an arithmetic metamethod of strings does: numerals become numbers; otherwise the other operand's metamethod is
// asked, if it is not a string.
int stringArithmetic(NativeCall& call, Event event) {
  const Value left = call.argumentOrNil(0);
  const Value right = call.argumentOrNil(1);
  const auto leftNumber = toNumberValue(left);
  const auto rightNumber = toNumberValue(right);
  Value result;
  if (leftNumber && rightNumber) {
    if (!call.arithmetic(event, *leftNumber, *rightNumber, result)) return nativeFailed;
    return call.returns(result);
  }
  const Value handler = right.isString() ? Value::nil() : metamethodOf(call.vm, right, event);
  if (handler.isNil()) {
    const std::string_view operation = std::string_view(eventNames[static_cast<uint32_t>(event)]).substr(2);
    return call.fail(
        formatText(call.vm, "attempt to {} a '{}' with a '{}'", operation, typeName(left.tag), typeName(right.tag)));
  }
  const Value operands[] = {left, right};
  return call.call(handler, operands, 1) ? 1 : nativeFailed;
}

template <Event event>
int stringArithmeticFor(NativeCall& call) {
  return stringArithmetic(call, event);
}

template <Event event>
constexpr NativeCode stringMetamethod =
    makeNative(eventNames[static_cast<size_t>(event)], stringArithmeticFor<event>, &numeralArithmetic<event>);

constexpr NativeCode metamethodCodes[] = {
    stringMetamethod<Event::Add>,  stringMetamethod<Event::Sub>, stringMetamethod<Event::Mul>,
    stringMetamethod<Event::Mod>,  stringMetamethod<Event::Pow>, stringMetamethod<Event::Div>,
    stringMetamethod<Event::IDiv>, stringMetamethod<Event::Unm>,
};

constexpr NativeCode codes[] = {
    makeNative("byte", stringByte, &selvage_stringByte),
    makeNative("char", stringChar, &selvage_stringChar),
    makeNative("dump", stringDump),
    makeNative("find", stringFind),
    makeNative("format", stringFormat),
    makeNative("gmatch", stringGmatch),
    makeNative("gsub", stringGsub),
    makeNative("len", stringLen, &selvage_stringLength),
    makeNative("lower", stringLower),
    makeNative("match", stringMatch),
    makeNative("pack", stringPack),
    makeNative("packsize", stringPackSize),
    makeNative("rep", stringRep),
    makeNative("reverse", stringReverse),
    makeNative("sub", stringSub, &selvage_stringSub),
    makeNative("unpack", stringUnpack),
    makeNative("upper", stringUpper),
};

}  // namespace

Table* openStringLibrary(VM& vm) {
  Table* library = newLibrary(vm, codes);
  Table* metatable = newTable(vm, 0, std::size(metamethodCodes) + 1);
  setTypeMetatable(vm, Tag::String, metatable);
  registerFunctions(vm, metatable, metamethodCodes);
  setField(vm, metatable, "__index", Value::table(library));
  return library;
}

}  // namespace selvage
