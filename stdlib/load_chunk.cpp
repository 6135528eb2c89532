// From source files and strings to functions; see the header.
#include "stdlib/load_chunk.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "compiler/compiler.hpp"
#include "vm/bytecode_file.hpp"
#include "vm/call.hpp"
#include "vm/format_text.hpp"

namespace selvage {

namespace {

constexpr std::string_view byteOrderMark = "\xEF\xBB\xBF";

bool failFile(VM& vm, Text& error, std::string_view what, std::optional<std::string_view> path) {
  const int code = errno;
  error = formatText(vm, "cannot {} {}: {}", what, path.value_or("stdin"), std::strerror(code));
  return false;
}

bool readAll(FILE* file, Text& text) {
  std::array<char, 1 << 16> buffer;
  while (true) {
    const size_t count = std::fread(buffer.data(), 1, buffer.size(), file);
    text.append(buffer.data(), count);
    if (count < buffer.size()) return std::ferror(file) == 0;
  }
}

void dropPreamble(Text& source) {
  if (source.starts_with(byteOrderMark)) source.erase(0, byteOrderMark.size());
  // The line's end stays, so that line numbers do.
  if (source.starts_with('#')) source.erase(0, std::min(source.find('\n'), source.size()));
  const bool isBinaryBehindComment = source.size() > 1 && source[0] == '\n' && source[1] == binaryChunkMark;
  if (isBinaryBehindComment) source.erase(0, 1);
}

}  // namespace

bool readSource(VM& vm, std::optional<std::string_view> path, Text& source, Text& error) {
  source.clear();
  if (!path) {
    if (!readAll(stdin, source)) return failFile(vm, error, "read", path);
  } else {
    struct Closer {
      void operator()(FILE* file) const { std::fclose(file); }
    };
    const std::unique_ptr<FILE, Closer> file(std::fopen(Text(*path, vm).c_str(), "rb"));
    if (!file) return failFile(vm, error, "open", path);
    if (!readAll(file.get(), source)) return failFile(vm, error, "read", path);
  }
  dropPreamble(source);
  return true;
}

LuaFunction* loadChunk(VM& vm, std::string_view source, std::string_view chunkName, std::string_view mode,
                       Value environment, Text& error) {
  // Names of chunks end at a zero byte, as they do in the reference: the name may be the source itself.
  chunkName = chunkName.substr(0, chunkName.find('\0'));
  const bool isBinary = source.starts_with(binaryChunkMark);
  if (mode.find(isBinary ? 'b' : 't') == std::string_view::npos) {
    error = formatText(vm, "attempt to load a {} chunk (mode is '{}')", isBinary ? "binary" : "text", mode);
    return nullptr;
  }
  Proto* proto = isBinary ? loadBinary(vm, source, chunkName, error) : compileSource(vm, source, chunkName, error);
  if (proto == nullptr) return nullptr;
  LuaFunction* function = newLuaFunction(vm, proto);
  // A dumped function may have any number of upvalues, the first of which is taken for _ENV.
  for (uint32_t i = 0; function != nullptr && i < function->aux; ++i) {
    function->upvalues[i] = newClosedUpvalue(vm, i == 0 ? environment : Value::nil());
    if (function->upvalues[i] == nullptr) function = nullptr;
  }
  if (function == nullptr) error = "not enough memory";
  return function;
}

LuaFunction* loadFile(VM& vm, std::optional<std::string_view> path, std::string_view mode,
                      std::optional<Value> environment, Text& error) {
  Text source(vm);
  if (!readSource(vm, path, source, error)) return nullptr;
  const Text chunkName = path ? formatText(vm, "@{}", *path) : Text("=stdin", vm);
  return loadChunk(vm, source, chunkName, mode, environment.value_or(Value::table(vm.globals)), error);
}

Value errorOfLoading(VM& vm, std::string_view message) {
  if (const String* text = newString(vm, message)) {
    fail(vm, Value::string(text));
  } else {
    failMemory(vm);
  }
  if (message == cStackOverflow) passToMessageHandler(vm);
  vm.errorIsHandled = false;
  return vm.error;
}

}  // namespace selvage
