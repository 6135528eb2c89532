// The auxiliary library's string buffers.
//
// A buffer's text stands in the luaL_Buffer itself, which C code keeps in its own frame, until it outgrows that; then
// in a block of the state's allocator. The macros of lauxlib.h work on both. So that the block is freed whatever
// happens, it belongs to a userdata, the *box*, which is marked as a variable to be closed. The buffer's place on the
// stack is there from the beginning, with a light userdata in it, so that the stack's height does not depend on the
// length of the text.
#include <cstring>

#include "lauxlib.h"

namespace {

struct BufferBox {
  char* block;
  size_t size;
};

constexpr const char* boxTypeName = "selvage.bufferBox";

// Gives the block another size; 0 frees it. Null, with the block as it was, when there is not enough memory.
char* resizeBlock(lua_State* L, BufferBox& box, size_t size) {
  void* allocatorData;
  const lua_Alloc allocate = lua_getallocf(L, &allocatorData);
  char* block = static_cast<char*>(allocate(allocatorData, box.block, box.size, size));
  if (block == nullptr && size > 0) return nullptr;
  box.block = block;
  box.size = size;
  return block;
}

// __gc and __close of a box.
int freeBox(lua_State* L) {
  resizeBlock(L, *static_cast<BufferBox*>(lua_touserdata(L, 1)), 0);
  return 0;
}

constexpr luaL_Reg boxEvents[] = {{"__gc", freeBox}, {"__close", freeBox}, {nullptr, nullptr}};

BufferBox& pushBox(lua_State* L) {
  auto* box = static_cast<BufferBox*>(lua_newuserdatauv(L, sizeof(BufferBox), 0));
  *box = {nullptr, 0};
  if (luaL_newmetatable(L, boxTypeName) != 0) luaL_setfuncs(L, boxEvents, 0);
  lua_setmetatable(L, -2);
  return *box;
}

bool isInBox(const luaL_Buffer* B) { return B->b != B->init.b; }

// A size with room for `more` bytes, half as large again at least.
size_t grownSize(luaL_Buffer* B, size_t more) {
  constexpr size_t maxSize = ~static_cast<size_t>(0);
  if (luai_unlikely(maxSize - more < B->n)) luaL_error(B->L, "buffer too large");
  const size_t needed = B->n + more;
  const size_t grown = B->size / 2 * 3;
  return grown < needed ? needed : grown;
}

// Room for `more` bytes; `boxIndex` is where the buffer's place on the stack is now.
char* prepare(luaL_Buffer* B, size_t more, int boxIndex) {
  if (luai_likely(B->size - B->n >= more)) return B->b + B->n;
  lua_State* L = B->L;
  const size_t size = grownSize(B, more);
  if (!isInBox(B)) {
    lua_remove(L, boxIndex);
    pushBox(L);
    lua_insert(L, boxIndex);
    lua_toclose(L, boxIndex);
  }
  auto* box = static_cast<BufferBox*>(lua_touserdata(L, boxIndex));
  char* block = resizeBlock(L, *box, size);
  if (luai_unlikely(block == nullptr)) {
    lua_pushliteral(L, "not enough memory");
    lua_error(L);
  }
  if (!isInBox(B)) std::memcpy(block, B->b, B->n);
  B->b = block;
  B->size = size;
  return B->b + B->n;
}

}  // namespace

LUALIB_API void luaL_buffinit(lua_State* L, luaL_Buffer* B) {
  B->L = L;
  B->b = B->init.b;
  B->n = 0;
  B->size = LUAL_BUFFERSIZE;
  lua_pushlightuserdata(L, B);
}

LUALIB_API char* luaL_prepbuffsize(luaL_Buffer* B, size_t sz) { return prepare(B, sz, -1); }

LUALIB_API char* luaL_buffinitsize(lua_State* L, luaL_Buffer* B, size_t sz) {
  luaL_buffinit(L, B);
  return prepare(B, sz, -1);
}

LUALIB_API void luaL_addlstring(luaL_Buffer* B, const char* s, size_t l) {
  if (l == 0) return;
  std::memcpy(prepare(B, l, -1), s, l);
  luaL_addsize(B, l);
}

LUALIB_API void luaL_addstring(luaL_Buffer* B, const char* s) { luaL_addlstring(B, s, std::strlen(s)); }

LUALIB_API void luaL_addvalue(luaL_Buffer* B) {
  lua_State* L = B->L;
  size_t length;
  const char* text = lua_tolstring(L, -1, &length);
  std::memcpy(prepare(B, length, -2), text, length);
  luaL_addsize(B, length);
  lua_pop(L, 1);
}

LUALIB_API void luaL_pushresult(luaL_Buffer* B) {
  lua_State* L = B->L;
  lua_pushlstring(L, B->b, B->n);
  if (isInBox(B)) lua_closeslot(L, -2);
  lua_remove(L, -2);
}

LUALIB_API void luaL_pushresultsize(luaL_Buffer* B, size_t sz) {
  luaL_addsize(B, sz);
  luaL_pushresult(B);
}

LUALIB_API void luaL_addgsub(luaL_Buffer* B, const char* s, const char* p, const char* r) {
  const size_t length = std::strlen(p);
  while (const char* found = std::strstr(s, p)) {
    luaL_addlstring(B, s, static_cast<size_t>(found - s));
    luaL_addstring(B, r);
    s = found + length;
  }
  luaL_addstring(B, s);
}

LUALIB_API const char* luaL_gsub(lua_State* L, const char* s, const char* p, const char* r) {
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  luaL_addgsub(&buffer, s, p, r);
  luaL_pushresult(&buffer);
  return lua_tostring(L, -1);
}
