/* Runs the tests of the C API, each in a state of its own: see c_api_check.h. Arguments: names of groups or tests. */
#include <stdlib.h>

#include "c_api_check.h"

static int passed = 0;
static int failed = 0;
static const char* running = "";

static void fail(const char* file, int line) {
  const char* slash = strrchr(file, '/');
  ++failed;
  printf("FAILED: %s (%s:%d): ", running, slash == NULL ? file : slash + 1, line);
}

void checkCondition(int succeeded, const char* condition, const char* file, int line) {
  if (succeeded) {
    ++passed;
    return;
  }
  fail(file, line);
  printf("%s\n", condition);
}

void checkText(const char* expected, const char* actual, const char* file, int line) {
  if (expected == NULL || actual == NULL ? expected == actual : strcmp(expected, actual) == 0) {
    ++passed;
    return;
  }
  fail(file, line);
  printf("expected \"%s\", got \"%s\"\n", expected == NULL ? "(NULL)" : expected, actual == NULL ? "(NULL)" : actual);
}

void checkInteger(long long expected, long long actual, const char* file, int line) {
  if (expected == actual) {
    ++passed;
    return;
  }
  fail(file, line);
  printf("expected %lld, got %lld\n", expected, actual);
}

int runCode(lua_State* L, const char* code) {
  int before = lua_gettop(L);
  if (luaL_dostring(L, code)) {
    fail("code", 0);
    printf("%s\n  in: %s\n", lua_tostring(L, -1), code);
    lua_settop(L, before);
  }
  return lua_gettop(L) - before;
}

int isTrueInLua(lua_State* L, const char* code) {
  int before = lua_gettop(L);
  int result = runCode(L, code) > 0 && lua_toboolean(L, -1);
  lua_settop(L, before);
  return result;
}

void checkError(lua_State* L, lua_CFunction f, const char* message, const char* file, int line) {
  lua_pushcfunction(L, f);
  lua_insert(L, 1);
  if (lua_pcall(L, lua_gettop(L) - 1, 0, 0) == LUA_OK) {
    fail(file, line);
    printf("no error, but expected \"%s\"\n", message);
  } else {
    checkText(message, lua_tostring(L, -1), file, line);
  }
  lua_settop(L, 0);
}

static void runGroup(const char* name, const Test* tests, int count, char** wanted) {
  for (; tests->name != NULL; ++tests) {
    int isWanted = count == 0;
    int i;
    lua_State* L;
    for (i = 0; i < count; ++i) {
      isWanted |= strcmp(wanted[i], name) == 0 || strcmp(wanted[i], tests->name) == 0;
    }
    if (!isWanted) continue;
    running = tests->name;
    if (getenv("C_API_TRACE") != NULL) fprintf(stderr, "%s: %s\n", name, running);
    L = luaL_newstate();
    CHECK(L != NULL);
    luaL_openlibs(L);
    CHECK_INTEGER(0, lua_gettop(L));
    tests->run(L);
    CHECK_INTEGER(0, lua_gettop(L));
    CHECK_INTEGER(LUA_OK, lua_status(L));
    lua_close(L);
  }
}

int main(int argc, char** argv) {
  static const struct {
    const char* name;
    const Test* tests;
  } groups[] = {{"stack", stackTests},         {"values", valueTests},         {"tables", tableTests},
                {"calls", callTests},          {"coroutines", coroutineTests}, {"closing", closingTests},
                {"debug", debugTests},         {"memory", memoryTests},        {"processes", processTests},
                {"signals", signalTests},
                {"auxiliary", auxiliaryTests}, {"libraries", libraryTests}};
  size_t i;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (i = 0; i < COUNT(groups); ++i) runGroup(groups[i].name, groups[i].tests, argc - 1, argv + 1);
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
