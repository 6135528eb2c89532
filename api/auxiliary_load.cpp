// The auxiliary library's ways to load a chunk: from a file, from memory.
#include <cstring>
#include <new>
#include <optional>

#include "lauxlib.h"
#include "stdlib/load_chunk.hpp"
#include "vm/thread.hpp"

namespace {

struct Piece {
  const char* bytes;
  size_t size;
};

// Gives the whole text at once.
const char* readText(lua_State*, void* data, size_t* size) {
  auto* text = static_cast<Piece*>(data);
  *size = text->size;
  text->size = 0;
  return *size == 0 ? nullptr : text->bytes;
}

// luaL_loadfilex, which has nothing to destroy when errors are raised through it.
int loadFile(lua_State* L, const char* filename, const char* mode, selvage::Text& source, selvage::Text& error) {
  std::optional<std::string_view> path;
  if (filename != nullptr) path = filename;
  if (!selvage::readSource(*selvage::threadOf(L).vm, path, source, error)) {
    lua_pushlstring(L, error.data(), error.size());
    return LUA_ERRFILE;
  }
  if (filename == nullptr) {
    lua_pushliteral(L, "=stdin");
  } else {
    lua_pushfstring(L, "@%s", filename);
  }
  const int status = luaL_loadbufferx(L, source.data(), source.size(), lua_tostring(L, -1), mode);
  lua_remove(L, -2);
  return status;
}

}  // namespace

LUALIB_API int luaL_loadfilex(lua_State* L, const char* filename, const char* mode) {
  try {
    selvage::Text source(*selvage::threadOf(L).vm);
    selvage::Text error(source.get_allocator());
    return loadFile(L, filename, mode, source, error);
  } catch (const std::bad_alloc&) {
    lua_pushliteral(L, "not enough memory");
    return LUA_ERRMEM;
  }
}

LUALIB_API int luaL_loadbufferx(lua_State* L, const char* buff, size_t sz, const char* name, const char* mode) {
  Piece text{buff, sz};
  return lua_load(L, readText, &text, name, mode);
}

LUALIB_API int luaL_loadstring(lua_State* L, const char* s) { return luaL_loadbuffer(L, s, std::strlen(s), s); }
