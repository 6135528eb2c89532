// The format of binary chunks.
//
// A header that identifies the format, the machine's number formats and the opcode table; then the main function:
// numbers as LEB128, strings as their length and bytes, code words and their live slots as they are, lines as runs,
// functions nested. Inline caches are written as their keys only. Nothing that is read is trusted: counts are checked
// against the bytes that remain, and the verifier decides whether the code may run.
#include "vm/bytecode_file.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>

#include "vm/bytecode_limits.hpp"
#include "vm/bytecode_verifier.hpp"
#include "vm/format_text.hpp"
#include "vm/inline_cache.hpp"
#include "vm/instruction_fields.hpp"

namespace selvage {

namespace {

// The header that every implementation of Lua 5.4 writes.
constexpr std::string_view signature = "\x1bLua";
constexpr uint8_t languageVersion = 0x54;
constexpr uint8_t officialFormat = 0;
constexpr std::string_view transmissionCheck = "\x19\x93\r\n\x1a\n";
constexpr uint8_t referenceInstructionBytes = 4;
// Written as the machine has them, so that a chunk from a different machine is recognised.
constexpr int64_t integerSample = 0x5678;
constexpr double numberSample = 370.5;
constexpr uint8_t integerBytes = sizeof integerSample;
constexpr uint8_t numberBytes = sizeof numberSample;
// Then what is ours. The reference, which reads here the number of upvalues and then the size of a name in groups of
// seven bits, finds that size too large and refuses the chunk.
constexpr std::string_view formatName{"\0Selvage bytecode", 17};
constexpr uint8_t formatVersion = 4;
constexpr uint32_t maxFunctionNesting = 200;

// A fingerprint of the opcode table: code words mean nothing under another one.
consteval uint32_t opcodeFingerprint() {
  uint32_t hash = 2166136261;
  const auto mix = [&](uint32_t byte) { hash = (hash ^ byte) * 16777619; };
  for (const OpcodeInfo& info : opcodeInfo) {
    for (const char* c = info.name; *c != 0; ++c) mix(static_cast<uint8_t>(*c));
    for (const OperandKind kind : {info.a, info.b, info.c, info.extension}) mix(static_cast<uint32_t>(kind));
  }
  return hash;
}

enum class ConstantKind : uint8_t { Nil, False, True, Integer, Float, String };

// ---- writing ----

class Writer {
 public:
  Writer(bool stripDebugInformation, Text& output) : strip(stripDebugInformation), out(output) {}

  void writeHeader() {
    out += signature;
    writeByte(languageVersion);
    writeByte(officialFormat);
    out += transmissionCheck;
    writeByte(referenceInstructionBytes);
    writeByte(integerBytes);
    writeByte(numberBytes);
    writeRaw(integerSample);
    writeRaw(numberSample);
    out += formatName;
    writeByte(formatVersion);
    writeRaw(opcodeFingerprint());
  }

  bool writeFunction(const Proto& proto, const String* parentSource, uint32_t depth) {
    if (depth > maxFunctionNesting) return false;
    constexpr size_t bytesForWord = sizeof(Instruction) + sizeof(uint16_t) + 1;  // with its live slots and line
    out.reserve(out.size() + proto.code.size() * bytesForWord + bytesForFunction);
    const bool hasOwnSource = !strip && proto.source != parentSource;
    writeOptionalString(hasOwnSource ? proto.source : nullptr);
    writeNumber(proto.lineDefined);
    writeNumber(proto.lastLineDefined);
    writeByte(proto.parameterCount);
    writeByte(proto.isVararg ? 1 : 0);
    writeNumber(proto.frameSlots);
    writeNumber(proto.code.size());
    writeArray(proto.code);
    writeNumber(proto.constantCount);
    for (uint32_t i = 0; i < proto.constantCount; ++i) writeConstant(proto.constants[i]);
    writeNumber(proto.templateCount);
    for (uint32_t i = 0; i < proto.templateCount; ++i) {
      const TableTemplate& shape = proto.templates()[i];
      writeNumber(shape.arrayCapacity);
      writeNumber(shape.firstKey);
      writeNumber(shape.keyCount);
    }
    writeNumber(proto.cacheCount);
    for (uint32_t i = 0; i < proto.cacheCount; ++i) writeString(*proto.caches()[i].key);
    writeNumber(proto.upvalues.size());
    for (const UpvalueDescription& upvalue : proto.upvalues) {
      writeByte(upvalue.fromParentStack ? 1 : 0);
      writeNumber(upvalue.index);
      writeOptionalString(strip ? nullptr : upvalue.name);
    }
    writeNumber(proto.liveSlots.size());
    writeArray(proto.liveSlots);
    writeDebugInformation(proto);
    writeNumber(proto.protos.size());
    for (const Proto* nested : proto.protos) {
      if (!writeFunction(*nested, proto.source, depth + 1)) return false;
    }
    return true;
  }

 private:
  static constexpr size_t bytesForFunction = 256;  // for names and constants, as a guess

  void writeByte(uint8_t byte) { out += static_cast<char>(byte); }
  template <class T>
  void writeRaw(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
  }
  void writeNumber(uint64_t number) {
    for (; number >= 0x80; number >>= 7) writeByte(static_cast<uint8_t>(number | 0x80));
    writeByte(static_cast<uint8_t>(number));
  }
  // As the machine has them.
  template <class T>
  void writeArray(const List<T>& items) {
    out.append(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(T));
  }
  void writeString(const String& string) {
    writeNumber(string.length);
    out += string.view();
  }
  // 0, or 1 and the string.
  void writeOptionalString(const String* string) {
    writeByte(string == nullptr ? 0 : 1);
    if (string != nullptr) writeString(*string);
  }
  void writeConstant(Value value) {
    switch (value.tag) {
      case Tag::False: writeKind(ConstantKind::False); return;
      case Tag::True: writeKind(ConstantKind::True); return;
      case Tag::Integer:
        writeKind(ConstantKind::Integer);
        writeRaw(value.bits);
        return;
      case Tag::Float:
        writeKind(ConstantKind::Float);
        writeRaw(value.bits);
        return;
      case Tag::String:
        writeKind(ConstantKind::String);
        writeString(*value.string());
        return;
      default: writeKind(ConstantKind::Nil); return;
    }
  }
  void writeKind(ConstantKind kind) { writeByte(static_cast<uint8_t>(kind)); }
  void writeDebugInformation(const Proto& proto) {
    writeNumber(strip ? 0 : proto.lines.size());
    if (!strip) {
      // As runs of words of the same line: the difference to the line before, which is small, and how many.
      uint32_t previous = 0;
      for (auto run = proto.lines.begin(); run != proto.lines.end();) {
        const auto end = std::find_if(run, proto.lines.end(), [&](uint32_t line) { return line != *run; });
        const auto difference = static_cast<int32_t>(*run - previous);
        writeNumber((static_cast<uint32_t>(difference) << 1) ^ static_cast<uint32_t>(difference >> 31));
        writeNumber(static_cast<uint64_t>(end - run));
        previous = *run;
        run = end;
      }
    }
    writeNumber(strip ? 0 : proto.locals.size());
    if (strip) return;
    for (const LocalVariable& local : proto.locals) {
      writeString(*local.name);
      writeNumber(local.slot);
      writeNumber(local.startPc);
      writeNumber(local.endPc);
    }
  }

  bool strip;
  Text& out;
};

// ---- reading ----

constexpr std::string_view truncated = "truncated chunk";

class Reader {
 public:
  Reader(VM& owner, std::string_view input)
      : problem(owner), vm(owner), rest(input), constants(owner), templates(owner), keys(owner) {}

  // Of the first thing that went wrong; empty: nothing.
  Text problem;

  bool readHeader() {
    return expect(signature, "not a binary chunk") && expectRaw(languageVersion, "version mismatch") &&
           expectRaw(officialFormat, "format mismatch") && expect(transmissionCheck, "corrupted chunk") &&
           expectRaw(referenceInstructionBytes, "Instruction size mismatch") &&
           expectRaw(integerBytes, "lua_Integer size mismatch") && expectRaw(numberBytes, "lua_Number size mismatch") &&
           expectRaw(integerSample, "integer format mismatch") && expectRaw(numberSample, "float format mismatch") &&
           expect(formatName, "not a chunk of Selvage") && expectRaw(formatVersion, "version mismatch") &&
           expectRaw(opcodeFingerprint(), "version mismatch");
  }

  Proto* readFunction(String* parentSource, uint32_t depth) {
    if (depth > maxFunctionNesting) return reject("functions nested too deeply");
    Parts parts(vm);
    if (!readParts(parts)) return nullptr;
    Proto* proto = newProto(vm, static_cast<uint32_t>(constants.size()), static_cast<uint32_t>(templates.size()),
                            static_cast<uint32_t>(keys.size()));
    if (proto == nullptr) throw std::bad_alloc();
    std::copy(constants.begin(), constants.end(), proto->constants);
    std::copy(templates.begin(), templates.end(), proto->templates());
    for (size_t i = 0; i < keys.size(); ++i) proto->caches()[i].key = keys[i];
    proto->frameSlots = parts.frameSlots;
    proto->parameterCount = parts.parameterCount;
    proto->isVararg = parts.isVararg;
    proto->lineDefined = parts.lineDefined;
    proto->lastLineDefined = parts.lastLineDefined;
    proto->code = std::move(parts.code);
    proto->liveSlots = std::move(parts.liveSlots);
    proto->lines = std::move(parts.lines);
    proto->upvalues = std::move(parts.upvalues);
    proto->locals = std::move(parts.locals);
    proto->source = parts.source != nullptr ? parts.source : parentSource;
    const std::optional<uint32_t> nestedCount = readCount(1);
    if (nestedCount) proto->protos.reserve(std::min(*nestedCount, maxNestedProtos));
    for (uint32_t i = 0; nestedCount && i < *nestedCount; ++i) {
      Proto* nested = readFunction(proto->source, depth + 1);
      if (nested == nullptr) return nullptr;
      proto->protos.push_back(nested);
    }
    return problem.empty() ? proto : nullptr;
  }

  bool isAtEnd() const { return rest.empty(); }

 private:
  // What a proto is made of, but for what stands in its block with the constants.
  struct Parts {
    explicit Parts(VM& vm) : code(vm), upvalues(vm), liveSlots(vm), lines(vm), locals(vm) {}

    String* source = nullptr;
    uint32_t lineDefined = 0, lastLineDefined = 0, frameSlots = 0;
    uint8_t parameterCount = 0;
    bool isVararg = false;
    List<Instruction> code;
    List<UpvalueDescription> upvalues;
    List<uint16_t> liveSlots;
    List<uint32_t> lines;
    List<LocalVariable> locals;
  };

  std::nullptr_t reject(std::string_view message) {
    if (problem.empty()) problem = message;
    return nullptr;
  }
  bool refuse(std::string_view message) {
    reject(message);
    return false;
  }
  bool hasBytes(uint64_t count) { return rest.size() >= count || refuse(truncated); }

  bool expect(std::string_view expected, std::string_view otherwise) {
    if (!hasBytes(expected.size())) return false;
    if (!rest.starts_with(expected)) return refuse(otherwise);
    rest.remove_prefix(expected.size());
    return true;
  }
  template <class T>
  bool readRaw(T& value) {
    if (!hasBytes(sizeof value)) return false;
    std::memcpy(&value, rest.data(), sizeof value);
    rest.remove_prefix(sizeof value);
    return true;
  }
  template <class T>
  bool expectRaw(T expected, std::string_view otherwise) {
    T value;
    if (!readRaw(value)) return false;
    return std::memcmp(&value, &expected, sizeof value) == 0 || refuse(otherwise);
  }
  bool readNumber(uint64_t& number) {
    const bool isOneByte = !rest.empty() && static_cast<uint8_t>(rest.front()) < 0x80;  // as most are
    if (isOneByte) {
      number = static_cast<uint8_t>(rest.front());
      rest.remove_prefix(1);
      return true;
    }
    return readLongNumber(number);
  }
  bool readLongNumber(uint64_t& number) {
    number = 0;
    for (uint32_t shift = 0;; shift += 7) {
      uint8_t byte;
      if (!readRaw(byte)) return false;
      if (shift == 63 && byte > 1) return refuse("integer overflow");
      number |= uint64_t{byte & 0x7FU} << shift;
      if ((byte & 0x80) == 0) return true;
      if (shift == 63) return refuse("integer overflow");
    }
  }
  bool readSmall(uint32_t& number, uint32_t most = UINT32_MAX) {
    uint64_t wide;
    if (!readNumber(wide)) return false;
    if (wide > most) return refuse("integer overflow");
    number = static_cast<uint32_t>(wide);
    return true;
  }
  bool readFlag(bool& flag) {
    uint8_t byte;
    if (!readRaw(byte)) return false;
    if (byte > 1) return refuse("bad flag");
    flag = byte == 1;
    return true;
  }
  // A number of things of which each takes at least so many bytes.
  std::optional<uint32_t> readCount(uint64_t bytesEach) {
    uint64_t count;
    if (!readNumber(count)) return {};
    if (count > rest.size() / bytesEach) {
      refuse(truncated);
      return {};
    }
    return static_cast<uint32_t>(count);
  }
  String* readString() {
    const std::optional<uint32_t> length = readCount(1);
    if (!length) return nullptr;
    String* string = newString(vm, rest.substr(0, *length));
    rest.remove_prefix(*length);
    return string;
  }
  bool readOptionalString(String*& string) {
    bool isPresent;
    if (!readFlag(isPresent)) return false;
    string = isPresent ? readString() : nullptr;
    return problem.empty();
  }
  bool readConstant(Value& value) {
    uint8_t kind;
    if (!readRaw(kind)) return false;
    uint64_t bits = 0;
    switch (static_cast<ConstantKind>(kind)) {
      case ConstantKind::Nil: value = Value::nil(); return true;
      case ConstantKind::False: value = Value::boolean(false); return true;
      case ConstantKind::True: value = Value::boolean(true); return true;
      case ConstantKind::Integer:
        if (!readRaw(bits)) return false;
        value = Value(bits, Tag::Integer);
        return true;
      case ConstantKind::Float:
        if (!readRaw(bits)) return false;
        value = Value(bits, Tag::Float);
        return true;
      case ConstantKind::String: {
        const String* string = readString();
        value = Value::string(string);
        return string != nullptr;
      }
    }
    return refuse("bad constant");
  }
  bool readParts(Parts& parts) {
    return readOptionalString(parts.source) && readSmall(parts.lineDefined) && readSmall(parts.lastLineDefined) &&
           readRaw(parts.parameterCount) && readFlag(parts.isVararg) && readSmall(parts.frameSlots, maxFrameSlots) &&
           readArray(parts.code) && readConstants() && readTemplates() && readKeys() && readUpvalues(parts) &&
           readLiveSlots(parts) && readLines(parts) && readLocals(parts);
  }
  // So many items, as the machine has them.
  template <class T>
  bool readArray(List<T>& list) {
    const auto count = readCount(sizeof(T));
    if (!count) return false;
    list.resize(*count);
    if (*count != 0) std::memcpy(list.data(), rest.data(), *count * sizeof(T));
    rest.remove_prefix(*count * sizeof(T));
    return true;
  }
  // Makes as many items as the count says that comes first, each of which takes at least so many bytes, and calls
  // `readItem` for each.
  template <class T, class F>
  bool readList(List<T>& list, uint64_t bytesEach, F readItem) {
    const auto count = readCount(bytesEach);
    if (!count) return false;
    list.clear();
    list.resize(*count, T{});
    return std::all_of(list.begin(), list.end(), readItem);
  }
  bool readConstants() {
    return readList(constants, 1, [&](Value& constant) { return readConstant(constant); });
  }
  bool readTemplates() {
    return readList(templates, 3, [&](TableTemplate& shape) {
      if (!readSmall(shape.arrayCapacity) || !readSmall(shape.firstKey) || !readSmall(shape.keyCount)) return false;
      shape.fieldCapacity = shape.keyCount;
      return true;
    });
  }
  bool readKeys() {
    return readList(keys, 1, [&](String*& key) {
      key = readString();
      return key != nullptr;
    });
  }
  bool readUpvalues(Parts& parts) {
    return readList(parts.upvalues, 3, [&](UpvalueDescription& upvalue) {
      uint32_t index;
      if (!readFlag(upvalue.fromParentStack) || !readSmall(index, UINT16_MAX)) return false;
      upvalue.index = static_cast<uint16_t>(index);
      return readOptionalString(upvalue.name);
    });
  }
  // Numbers that are too low do no harm: the collector clears the slots that it takes for unused.
  bool readLiveSlots(Parts& parts) {
    if (!readArray(parts.liveSlots)) return false;
    const bool isWhole = parts.liveSlots.empty() || parts.liveSlots.size() == parts.code.size();
    const bool isInFrame = std::all_of(parts.liveSlots.begin(), parts.liveSlots.end(),
                                       [&](uint16_t live) { return live <= parts.frameSlots; });
    return (isWhole && isInFrame) || refuse("bad live slots");
  }
  bool readLines(Parts& parts) {
    uint32_t count;
    if (!readSmall(count)) return false;
    if (count != 0 && count != parts.code.size()) return refuse("bad line table");
    parts.lines.reserve(count);
    uint32_t line = 0;
    while (parts.lines.size() < count) {
      uint32_t zigzag;
      uint32_t words;
      if (!readSmall(zigzag) || !readSmall(words)) return false;
      if (words == 0 || words > count - parts.lines.size()) return refuse("bad line table");
      line += (zigzag >> 1) ^ (0 - (zigzag & 1));
      parts.lines.insert(parts.lines.end(), words, line);
    }
    return true;
  }
  bool readLocals(Parts& parts) {
    return readList(parts.locals, 4, [&](LocalVariable& local) {
      local.name = readString();
      return local.name != nullptr && readSmall(local.slot) && readSmall(local.startPc) && readSmall(local.endPc);
    });
  }

  VM& vm;
  std::string_view rest;
  // Of the function that is being read, until its proto is made.
  List<Value> constants;
  List<TableTemplate> templates;
  List<String*> keys;
};

std::string_view nameForMessage(std::string_view chunkName) {
  if (chunkName.starts_with('@') || chunkName.starts_with('=')) return chunkName.substr(1);
  return chunkName.starts_with(binaryChunkMark) ? "binary string" : chunkName;
}

}  // namespace

bool dumpFunction(VM&, const Proto& proto, bool strip, Text& out) {
  Writer writer(strip, out);
  writer.writeHeader();
  return writer.writeFunction(proto, nullptr, 0);
}

Proto* loadBinary(VM& vm, std::string_view bytes, std::string_view chunkName, Text& error) try {
  Reader reader(vm, bytes);
  Proto* proto = nullptr;
  String* unknownSource = newString(vm, "=?");
  if (reader.readHeader()) proto = reader.readFunction(unknownSource, 0);
  if (proto != nullptr && reader.isAtEnd() && verifyProtos(vm, *proto, reader.problem)) {
    prepareProtos(vm, *proto);
    return proto;
  }
  if (reader.problem.empty()) reader.problem = "more than a function";
  const std::string_view name = nameForMessage(chunkName);
  error = formatText(vm, "{}: bad binary format ({})", name, reader.problem);
  return nullptr;
} catch (const std::bad_alloc&) {
  error = "not enough memory";
  return nullptr;
}

}  // namespace selvage
