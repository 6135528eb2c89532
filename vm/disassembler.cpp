// Listing bytecode; everything about an opcode comes from opcodeInfo.
#include "vm/disassembler.hpp"

#include <cctype>

#include <fmt/format.h>

#include "vm/chunk_name.hpp"
#include "vm/instruction_fields.hpp"
#include "vm/number.hpp"
#include "vm/string.hpp"

namespace selvage {

namespace {

constexpr size_t maxShownString = 40;
constexpr size_t mnemonicWidth = 26;

std::string upperSnake(std::string_view camelCase) {
  std::string result;
  for (size_t i = 0; i < camelCase.size(); ++i) {
    const auto c = static_cast<unsigned char>(camelCase[i]);
    if (i != 0 && std::isupper(c) != 0 && std::isupper(static_cast<unsigned char>(camelCase[i - 1])) == 0)
      result += '_';
    result += static_cast<char>(std::toupper(c));
  }
  return result;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text.substr(0, maxShownString)) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (std::isprint(static_cast<unsigned char>(c)) != 0) {
      result += c;
    } else {
      result += fmt::format("\\{:03}", static_cast<unsigned char>(c));
    }
  }
  result += text.size() > maxShownString ? "\"..." : "\"";
  return result;
}

std::string constantText(Value value) {
  switch (value.tag) {
    case Tag::Nil: return "nil";
    case Tag::False: return "false";
    case Tag::True: return "true";
    case Tag::String: return quoted(value.string()->view());
    default: {
      char buffer[maxNumberText];
      return std::string(formatNumber(value, buffer));
    }
  }
}

std::string_view nameOr(const String* name, std::string_view otherwise) {
  return name == nullptr ? otherwise : name->view();
}

std::string constantOperand(const Proto& proto, uint32_t units) {
  const uint32_t index = units / slotUnits;
  return fmt::format("k{} = {}", index, constantText(proto.constants[index]));
}

std::string templateText(const Proto& proto, const TableTemplate& shape) {
  std::string fields;
  for (uint32_t i = 0; i < shape.keyCount; ++i) {
    fields += i == 0 ? "" : " ";
    fields += nameOr(proto.constants[shape.firstKey + i].string(), "?");
  }
  return fmt::format("{{{}}}[{}]", fields, shape.arrayCapacity);
}

template <class T>
uint32_t indexOf(const Proto& proto, const T* first, uint32_t units) {
  const auto* item = reinterpret_cast<const T*>(reinterpret_cast<const uint64_t*>(proto.constants) + units);
  return static_cast<uint32_t>(item - first);
}

std::string operandText(const Proto& proto, uint32_t position, OperandKind kind, uint32_t field) {
  const Instruction& instruction = proto.code[position];
  switch (kind) {
    case OperandKind::None: return {};
    case OperandKind::SlotWrite:
    case OperandKind::SlotRead:
    case OperandKind::SlotReadWrite: return fmt::format("r{}", field / slotUnits);
    case OperandKind::SlotRange: return fmt::format("r{}..", field / slotUnits);
    case OperandKind::Constant: return constantOperand(proto, field);
    case OperandKind::Cache: {
      const uint32_t index = indexOf(proto, proto.caches(), field);
      return fmt::format("c{} = {}", index, quoted(proto.caches()[index].key->view()));
    }
    case OperandKind::Template: {
      const uint32_t index = indexOf(proto, proto.templates(), field);
      return fmt::format("t{} = {}", index, templateText(proto, proto.templates()[index]));
    }
    case OperandKind::Upvalue: return fmt::format("^{} {}", field, nameOr(proto.upvalues[field].name, "?"));
    case OperandKind::Proto: return fmt::format("function {}", field);
    case OperandKind::Immediate: return fmt::format("{}", field);
    case OperandKind::FrameSize: return fmt::format("{} slots", field / slotUnits);
    case OperandKind::SignedWide: return fmt::format("{}", instruction.wide);
    case OperandKind::ConstantWide: return constantOperand(proto, static_cast<uint32_t>(instruction.wide));
    case OperandKind::JumpWide:
    case OperandKind::JumpExtension: return fmt::format("-> {}", jumpTarget(instruction, position));
    case OperandKind::ImmediateExtension: return fmt::format("{}", static_cast<uint32_t>(instruction.extension()));
  }
  return {};
}

void listDetails(const Proto& proto, std::string& out) {
  for (uint32_t i = 0; i < proto.constantCount; ++i) {
    out += fmt::format("  constant k{} = {}\n", i, constantText(proto.constants[i]));
  }
  for (const LocalVariable& local : proto.locals) {
    out +=
        fmt::format("  local r{} {} from {} to {}\n", local.slot, nameOr(local.name, "?"), local.startPc, local.endPc);
  }
  for (size_t i = 0; i < proto.upvalues.size(); ++i) {
    const UpvalueDescription& upvalue = proto.upvalues[i];
    out += fmt::format("  upvalue ^{} {} is the enclosing function's {}{}\n", i, nameOr(upvalue.name, "?"),
                       upvalue.fromParentStack ? "r" : "^", upvalue.index);
  }
}

void list(const Proto& proto, bool recursive, std::span<const std::string_view> sourceLines, std::string& out) {
  const std::string_view kind = proto.lineDefined == 0 ? "main" : "function";
  out += fmt::format("{} <{}:{},{}> ({} parameter{}{}, {} slots, {} words)\n", kind,
                     displayName(nameOr(proto.source, "=?")).view(), proto.lineDefined, proto.lastLineDefined,
                     proto.parameterCount, proto.parameterCount == 1 ? "" : "s", proto.isVararg ? " and more" : "",
                     proto.frameSlots, proto.code.size());
  uint32_t shownLine = 0;
  for (uint32_t position = 0; position < proto.code.size(); position += infoOf(proto.code[position]).words()) {
    const uint32_t line = position < proto.lines.size() ? proto.lines[position] : 0;
    if (line != shownLine && line != 0 && line <= sourceLines.size()) {
      out += fmt::format("  ; {}: {}\n", line, sourceLines[line - 1]);
    }
    shownLine = line;
    out += fmt::format("  {:5} [{}]\t{}\n", position, line, disassembleInstruction(proto, position));
  }
  listDetails(proto, out);
  if (!recursive) return;
  for (const Proto* nested : proto.protos) {
    out += '\n';
    list(*nested, true, sourceLines, out);
  }
}

}  // namespace

std::string disassembleInstruction(const Proto& proto, uint32_t position) {
  const Instruction& instruction = proto.code[position];
  const OpcodeInfo& info = infoOf(instruction);
  std::string operands;
  const auto append = [&](const std::string& text) {
    if (text.empty()) return;
    operands += operands.empty() ? "" : ", ";
    operands += text;
  };
  for (uint32_t i = 0; i < operandCount; ++i) {
    append(operandText(proto, position, operandKind(info, i), operandField(instruction, i)));
  }
  append(operandText(proto, position, info.extension, 0));
  if (operands.empty()) return upperSnake(info.name);
  return fmt::format("{:{}} {}", upperSnake(info.name), mnemonicWidth, operands);
}

std::string disassemble(const Proto& proto, bool recursive, std::span<const std::string_view> sourceLines) {
  std::string out;
  list(proto, recursive, sourceLines, out);
  return out;
}

}  // namespace selvage
