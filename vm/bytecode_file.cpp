// The format of binary chunks.
//
// A header that identifies the format, the machine's number formats and the opcode table; then the main function: first
// how much it has of everything, so that its proto can be made and what follows be read into that; numbers as LEB128,
// strings as their length and bytes, code words and their live slots as they are, lines as runs, functions nested.
// Inline caches are written as their keys only. Nothing that is read is trusted: counts are checked against the bytes
// that remain, and the verifier decides whether the code may run.
#include "vm/bytecode_file.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <span>

#include "vm/bytecode_limits.hpp"
#include "vm/bytecode_verifier.hpp"
#include "vm/c_stack_end.hpp"
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
constexpr uint8_t formatVersion = 5;
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
    if (depth > maxFunctionNesting || isCStackLow()) return false;
    constexpr size_t bytesForWord = sizeof(Instruction) + sizeof(uint16_t) + 1;  // with its live slots and line
    out.reserve(out.size() + proto.code.size() * bytesForWord + bytesForFunction);
    writeSizes(proto);
    const bool hasOwnSource = !strip && proto.source != parentSource;
    writeOptionalString(hasOwnSource ? proto.source : nullptr);
    writeNumber(proto.lineDefined);
    writeNumber(proto.lastLineDefined);
    writeByte(proto.parameterCount);
    writeByte(proto.isVararg ? 1 : 0);
    writeNumber(proto.frameSlots);
    writeArray(proto.code);
    for (uint32_t i = 0; i < proto.constantCount; ++i) writeConstant(proto.constants[i]);
    for (uint32_t i = 0; i < proto.templateCount; ++i) {
      const TableTemplate& shape = proto.templates()[i];
      writeNumber(shape.arrayCapacity);
      writeNumber(shape.firstKey);
      writeNumber(shape.keyCount);
    }
    for (uint32_t i = 0; i < proto.cacheCount; ++i) writeString(*proto.caches()[i].key);
    for (const UpvalueDescription& upvalue : proto.upvalues) {
      writeByte(upvalue.fromParentStack ? 1 : 0);
      writeNumber(upvalue.index);
      writeOptionalString(strip ? nullptr : upvalue.name);
    }
    writeArray(proto.liveSlots);
    if (!strip) writeDebugInformation(proto);
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
  void writeArray(std::span<T> items) {
    out.append(reinterpret_cast<const char*>(items.data()), items.size_bytes());
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
  void writeSizes(const Proto& proto) {
    writeNumber(proto.code.size());
    writeNumber(proto.constantCount);
    writeNumber(proto.templateCount);
    writeNumber(proto.cacheCount);
    writeNumber(proto.upvalues.size());
    writeNumber(proto.liveSlots.size());
    writeNumber(strip ? 0 : proto.lines.size());
    writeNumber(strip ? 0 : proto.locals.size());
    writeNumber(proto.protos.size());
  }
  void writeDebugInformation(const Proto& proto) {
    // Lines as runs of words of the same line: the difference to the line before, which is small, and how many.
    uint32_t previous = 0;
    for (auto run = proto.lines.begin(); run != proto.lines.end();) {
      const auto end = std::find_if(run, proto.lines.end(), [&](uint32_t line) { return line != *run; });
      const auto difference = static_cast<int32_t>(*run - previous);
      writeNumber((static_cast<uint32_t>(difference) << 1) ^ static_cast<uint32_t>(difference >> 31));
      writeNumber(static_cast<uint64_t>(end - run));
      previous = *run;
      run = end;
    }
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
  Reader(VM& owner, std::string_view input) : problem(owner), vm(owner), rest(input) {}

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
    if (depth > maxFunctionNesting || isCStackLow()) return reject("functions nested too deeply");
    ProtoSizes sizes;
    if (!readSizes(sizes)) return nullptr;
    Proto* proto = newProto(vm, sizes);
    if (proto == nullptr) throw std::bad_alloc();
    if (!readDescription(*proto) || !readArray(proto->code) || !readConstants(*proto) || !readTemplates(*proto) ||
        !readKeys(*proto) || !readUpvalues(*proto) || !readLiveSlots(*proto) || !readLines(proto->lines) ||
        !readLocals(*proto)) {
      return nullptr;
    }
    if (proto->source == nullptr) proto->source = parentSource;
    for (Proto*& nested : proto->protos) {
      nested = readFunction(proto->source, depth + 1);
      if (nested == nullptr) return nullptr;
    }
    return proto;
  }

  bool isAtEnd() const { return rest.empty(); }

 private:
  static constexpr uint64_t bytesOfSmallestFunction = 15;

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
  String* readString() {
    uint64_t length;
    if (!readNumber(length) || !hasBytes(length)) return nullptr;
    String* string = newString(vm, rest.substr(0, length));
    rest.remove_prefix(length);
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
  // With the least bytes that each of the things takes: what a chunk can have allocated is bounded by its own size.
  bool readSizes(ProtoSizes& sizes) {
    uint64_t bytes = 0;
    const auto readSize = [&](uint32_t& size, uint64_t bytesEach) {
      if (!readSmall(size)) return false;
      bytes += size * bytesEach;
      return true;
    };
    if (!readSize(sizes.words, sizeof(Instruction)) || !readSize(sizes.constants, 1) || !readSize(sizes.templates, 3) ||
        !readSize(sizes.caches, 1) || !readSize(sizes.upvalues, 3) || !readSize(sizes.liveSlots, sizeof(uint16_t)) ||
        !readSize(sizes.lines, 0) || !readSize(sizes.locals, 4) || !readSize(sizes.protos, bytesOfSmallestFunction) ||
        !hasBytes(bytes)) {
      return false;
    }
    if (sizes.liveSlots != 0 && sizes.liveSlots != sizes.words) return refuse("bad live slots");
    return sizes.lines == 0 || sizes.lines == sizes.words || refuse("bad line table");
  }
  bool readDescription(Proto& proto) {
    return readOptionalString(proto.source) && readSmall(proto.lineDefined) && readSmall(proto.lastLineDefined) &&
           readRaw(proto.parameterCount) && readFlag(proto.isVararg) && readSmall(proto.frameSlots, maxFrameSlots);
  }
  // As the machine has them.
  template <class T>
  bool readArray(std::span<T> items) {
    if (!hasBytes(items.size_bytes())) return false;
    if (!items.empty()) std::memcpy(items.data(), rest.data(), items.size_bytes());
    rest.remove_prefix(items.size_bytes());
    return true;
  }
  bool readConstants(Proto& proto) {
    const std::span constants(proto.constants, proto.constantCount);
    return std::all_of(constants.begin(), constants.end(), [&](Value& constant) { return readConstant(constant); });
  }
  bool readTemplates(Proto& proto) {
    const std::span templates(proto.templates(), proto.templateCount);
    return std::all_of(templates.begin(), templates.end(), [&](TableTemplate& shape) {
      if (!readSmall(shape.arrayCapacity) || !readSmall(shape.firstKey) || !readSmall(shape.keyCount)) return false;
      shape.fieldCapacity = shape.keyCount;
      return true;
    });
  }
  bool readKeys(Proto& proto) {
    const std::span caches(proto.caches(), proto.cacheCount);
    return std::all_of(caches.begin(), caches.end(), [&](InlineCache& cache) {
      cache.key = readString();
      return cache.key != nullptr;
    });
  }
  bool readUpvalues(Proto& proto) {
    return std::all_of(proto.upvalues.begin(), proto.upvalues.end(), [&](UpvalueDescription& upvalue) {
      uint32_t index;
      if (!readFlag(upvalue.fromParentStack) || !readSmall(index, UINT16_MAX)) return false;
      upvalue.index = static_cast<uint16_t>(index);
      return readOptionalString(upvalue.name);
    });
  }
  // Numbers that are too low do no harm: the collector clears the slots that it takes for unused.
  bool readLiveSlots(Proto& proto) {
    if (!readArray(proto.liveSlots)) return false;
    const bool isInFrame = std::all_of(proto.liveSlots.begin(), proto.liveSlots.end(),
                                       [&](uint16_t live) { return live <= proto.frameSlots; });
    return isInFrame || refuse("bad live slots");
  }
  bool readLines(std::span<uint32_t> lines) {
    uint32_t line = 0;
    while (!lines.empty()) {
      uint32_t zigzag;
      uint32_t words;
      if (!readSmall(zigzag) || !readSmall(words)) return false;
      if (words == 0 || words > lines.size()) return refuse("bad line table");
      line += (zigzag >> 1) ^ (0 - (zigzag & 1));
      std::fill_n(lines.begin(), words, line);
      lines = lines.subspan(words);
    }
    return true;
  }
  bool readLocals(Proto& proto) {
    return std::all_of(proto.locals.begin(), proto.locals.end(), [&](LocalVariable& local) {
      local.name = readString();
      return local.name != nullptr && readSmall(local.slot) && readSmall(local.startPc) && readSmall(local.endPc);
    });
  }

  VM& vm;
  std::string_view rest;
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
