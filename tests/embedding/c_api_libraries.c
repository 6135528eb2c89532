/* Opening libraries, making modules, files shared with the io library. */
#include <stdlib.h>
#include <unistd.h>

#include "c_api_check.h"

static int addsUpvalues(lua_State* L) {
  lua_Integer sum = lua_tointeger(L, lua_upvalueindex(1)) + lua_tointeger(L, lua_upvalueindex(2));
  lua_pushinteger(L, sum);
  return 1;
}

static int returnsName(lua_State* L) {
  lua_pushvalue(L, 1);
  return 1;
}

static const luaL_Reg functions[] = {{"add", addsUpvalues}, {"name", returnsName}, {"later", NULL}, {NULL, NULL}};

static int opened = 0;

static int opensModule(lua_State* L) {
  ++opened;
  CHECK_TEXT("module", lua_tostring(L, 1));
  luaL_newlib(L, functions);
  return 1;
}

static void modules(lua_State* L) {
  luaL_newlib(L, functions);
  CHECK_INTEGER(LUA_TFUNCTION, lua_getfield(L, 1, "name"));
  CHECK_INTEGER(LUA_TBOOLEAN, lua_getfield(L, 1, "later"));
  CHECK(!lua_toboolean(L, -1));
  lua_settop(L, 0);
  luaL_newlibtable(L, functions);
  lua_pushinteger(L, 3);
  lua_pushinteger(L, 4);
  luaL_setfuncs(L, functions, 2);
  CHECK_INTEGER(1, lua_gettop(L));
  lua_getfield(L, 1, "add");
  lua_call(L, 0, 1);
  CHECK_INTEGER(7, lua_tointeger(L, -1));
  lua_settop(L, 0);
  opened = 0;
  luaL_requiref(L, "module", opensModule, 0);
  CHECK(lua_istable(L, 1));
  CHECK_INTEGER(LUA_TNIL, lua_getglobal(L, "module"));
  lua_settop(L, 1);
  luaL_requiref(L, "module", opensModule, 1);
  CHECK(lua_rawequal(L, 1, 2));
  lua_getglobal(L, "module");
  CHECK(lua_rawequal(L, 1, 3));
  CHECK_INTEGER(1, opened);
  lua_settop(L, 0);
  CHECK_LUA(L, "return require 'module' == module and package.loaded.module == module");
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, opensModule);
  lua_setfield(L, -2, "module");
  lua_settop(L, 0);
  CHECK_LUA(L,
            "package.loaded.module = nil local m, how = require 'module' return m.name(5) == 5 and how == ':preload:'");
  CHECK_INTEGER(2, opened);
}

static void singleLibraries(lua_State* mainState) {
  static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},          {LUA_LOADLIBNAME, luaopen_package},
                                       {LUA_COLIBNAME, luaopen_coroutine}, {LUA_TABLIBNAME, luaopen_table},
                                       {LUA_IOLIBNAME, luaopen_io},        {LUA_OSLIBNAME, luaopen_os},
                                       {LUA_STRLIBNAME, luaopen_string},   {LUA_MATHLIBNAME, luaopen_math},
                                       {LUA_UTF8LIBNAME, luaopen_utf8},    {LUA_DBLIBNAME, luaopen_debug}};
  static const char* const members[] = {"print", "searchpath", "wrap",  "concat", "open",
                                        "time",  "rep",        "floor", "char",   "traceback"};
  size_t i;
  (void)mainState;
  for (i = 0; i < COUNT(libraries); ++i) {
    lua_State* L = luaL_newstate();
    CHECK_INTEGER(0, lua_gettop(L));
    lua_pushcfunction(L, libraries[i].func);
    lua_pushstring(L, libraries[i].name);
    CHECK_INTEGER(LUA_OK, lua_pcall(L, 1, 1, 0));
    CHECK_INTEGER(LUA_TFUNCTION, lua_getfield(L, 1, members[i]));
    /* Only the base library concerns globals, besides `require`. */
    if (i > 0) CHECK_INTEGER(LUA_TNIL, lua_getglobal(L, libraries[i].name));
    lua_settop(L, 0);
    luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
    CHECK_INTEGER(LUA_TTABLE, lua_getglobal(L, libraries[i].name));
    CHECK(lua_rawequal(L, 1, 2));
    lua_close(L);
  }
}

/* A sandbox: some libraries only. */
static void fewLibraries(lua_State* mainState) {
  lua_State* L = luaL_newstate();
  (void)mainState;
  luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
  lua_settop(L, 0);
  CHECK_LUA(
      L,
      "return io == nil and os == nil and math == nil and require == nil and ('x'):rep(3) == 'xxx' and _G._G == _G"
      " and _VERSION == 'Lua 5.4'");
  CHECK_LUA(L,
            "local n = 0 for k, v in pairs(string) do n = n + 1 end for i, v in ipairs {1, 2, 3} do n = n + v end "
            "return n > 20");
  lua_close(L);
  L = luaL_newstate();
  CHECK_LUA(L,
            "local t = {} for i = 1, 100 do t[i] = i * 2 end return #t == 100 and next == nil and 1 + 1 == 2 and 'a' "
            ".. 1 == 'a1'");
  CHECK_INTEGER(LUA_TTABLE, (lua_pushglobaltable(L), lua_type(L, -1)));
  lua_pushnil(L);
  CHECK_INTEGER(0, lua_next(L, 1));
  lua_close(L);
}

static void allLibraries(lua_State* L) {
  /* Twice is once. */
  runCode(L, "keep = string io = nil");
  luaL_openlibs(L);
  CHECK_LUA(L, "return string == keep and io == package.loaded.io and io.write");
  CHECK_LUA(
      L,
      "for _, name in ipairs {'_G', 'package', 'coroutine', 'table', 'io', 'os', 'string', 'math', 'utf8', 'debug'} do"
      " assert(package.loaded[name] == _G[name] and _G[name]) end return true");
  CHECK_LUA(L, "return package.config == '/\\n;\\n?\\n!\\n-\\n'");
}

static void environment(lua_State* mainState) {
  lua_State* L;
  (void)mainState;
  setenv("LUA_PATH_5_4", "/elsewhere/?.lua;;", 1);
  setenv("LUA_CPATH", "/elsewhere/?.so", 1);
  L = luaL_newstate();
  luaL_openlibs(L);
  lua_pushstring(L, "/elsewhere/?.lua;" LUA_PATH_DEFAULT);
  lua_setglobal(L, "expected");
  CHECK_LUA(L, "return package.path == expected and package.cpath == '/elsewhere/?.so'");
  lua_close(L);
  L = luaL_newstate();
  lua_pushboolean(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  luaL_openlibs(L);
  lua_pushstring(L, LUA_PATH_DEFAULT);
  lua_setglobal(L, "path");
  lua_pushstring(L, LUA_CPATH_DEFAULT);
  lua_setglobal(L, "cpath");
  CHECK_LUA(L, "return package.path == path and package.cpath == cpath");
  lua_close(L);
  unsetenv("LUA_PATH_5_4");
  unsetenv("LUA_CPATH");
}

/* ---- files ---- */

static int closedBy = 0;

static int closesStream(lua_State* L) {
  luaL_Stream* stream = (luaL_Stream*)luaL_checkudata(L, 1, LUA_FILEHANDLE);
  CHECK(stream->closef == NULL);
  ++closedBy;
  fclose(stream->f);
  lua_pushboolean(L, 1);
  lua_pushliteral(L, "closed in C");
  return 2;
}

static int makesStream(lua_State* L) {
  luaL_Stream* stream = (luaL_Stream*)lua_newuserdatauv(L, sizeof(luaL_Stream), 0);
  stream->closef = NULL;
  luaL_setmetatable(L, LUA_FILEHANDLE);
  stream->f = tmpfile();
  stream->closef = closesStream;
  return 1;
}

/* What a C module does with a file that Lua code has opened. */
static int writesToStream(lua_State* L) {
  luaL_Stream* stream = (luaL_Stream*)luaL_checkudata(L, 1, LUA_FILEHANDLE);
  if (stream->closef == NULL) return luaL_error(L, "closed");
  fputs(luaL_checkstring(L, 2), stream->f);
  return 0;
}

/* Closes as the io library's own functions do: through the function in the file. */
static int closesThroughStream(lua_State* L) {
  luaL_Stream* stream = (luaL_Stream*)luaL_checkudata(L, 1, LUA_FILEHANDLE);
  lua_CFunction close = stream->closef;
  stream->closef = NULL;
  return close(L);
}

static int replacesClosing(lua_State* L) {
  ((luaL_Stream*)luaL_checkudata(L, 1, LUA_FILEHANDLE))->closef = closesStream;
  return 0;
}

static void streams(lua_State* L) {
  lua_register(L, "makesStream", makesStream);
  lua_register(L, "writesToStream", writesToStream);
  lua_register(L, "closesThroughStream", closesThroughStream);
  lua_register(L, "replacesClosing", replacesClosing);
  closedBy = 0;
  CHECK_LUA(
      L,
      "local f = makesStream() assert(io.type(f) == 'file') f:write('one\\n', 2, '\\n') writesToStream(f, 'three\\n')"
      " f:seek('set') local a, b, c = f:read('l', 'n', 'L') assert(a == 'one' and b == 2 and c == '\\n')"
      " assert(f:read('a') == 'three\\n') local ok, how = f:close()"
      " return ok == true and how == 'closed in C' and io.type(f) == 'closed file'");
  CHECK_INTEGER(1, closedBy);
  CHECK_LUA(L, "local f <close> = makesStream() return tostring(f):find('^file %(0x') ~= nil");
  CHECK_INTEGER(2, closedBy);
  CHECK_LUA(L, "makesStream() collectgarbage() collectgarbage() return true");
  CHECK_INTEGER(3, closedBy);
  CHECK_LUA(
      L,
      "local f = io.tmpfile() writesToStream(f, 'text') f:seek('set') assert(f:read(4) == 'text')"
      " assert(closesThroughStream(f) == true) assert(io.type(f) == 'closed file' and tostring(f) == 'file (closed)')"
      " return not pcall(writesToStream, f, 'x') and not pcall(f.read, f)");
  CHECK_LUA(L,
            "local p = io.popen('exit 3') local ok, how, code = closesThroughStream(p) return not ok and how == 'exit' "
            "and code == 3");
  CHECK_LUA(L,
            "local ok, message = closesThroughStream(io.stderr) return ok == nil and message == 'cannot close standard "
            "file'");
  CHECK_LUA(L, "return io.type(io.stderr) == 'file' and io.stderr:write('')");
  CHECK_LUA(L, "local f = io.tmpfile() replacesClosing(f) local ok, how = f:close() return how == 'closed in C'");
  CHECK_INTEGER(4, closedBy);
  CHECK_LUA(L,
            "local lines = {} local f = makesStream() f:write('a\\nb\\n') f:seek('set') for l in f:lines() do "
            "lines[#lines + 1] = l end"
            " io.output(f) io.write('c') io.output(io.stdout) f:seek('set') return table.concat(lines) == 'ab' and "
            "f:read('a') == 'a\\nb\\nc'");
}

static int opensUnfinished(lua_State* L) {
  luaL_Stream* stream = (luaL_Stream*)lua_newuserdatauv(L, sizeof(luaL_Stream), 0);
  stream->closef = NULL;
  stream->f = NULL;
  luaL_setmetatable(L, LUA_FILEHANDLE);
  return 1;
}

static void unfinishedStreams(lua_State* L) {
  lua_register(L, "opensUnfinished", opensUnfinished);
  CHECK_LUA(L,
            "local f = opensUnfinished() return io.type(f) == 'closed file' and tostring(f) == 'file (closed)'"
            " and select(2, pcall(f.write, f, 'x')) == 'attempt to use a closed file'");
  CHECK_LUA(L, "opensUnfinished() collectgarbage() return true");
}

const Test libraryTests[] = {{"modules", modules},
                             {"singleLibraries", singleLibraries},
                             {"fewLibraries", fewLibraries},
                             {"allLibraries", allLibraries},
                             {"environment", environment},
                             {"streams", streams},
                             {"unfinishedStreams", unfinishedStreams},
                             {NULL, NULL}};
