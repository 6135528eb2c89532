/*
 * What the tests of the C API share: checks that are counted, and groups of tests.
 *
 * The tests are plain C and know nothing of Selvage. run.sh compiles them against Debian's headers and runs them with
 * Debian's liblua5.4, which proves that what they expect is what the reference does; then with our headers and our
 * library.
 */
#ifndef C_API_CHECK_H
#define C_API_CHECK_H

#include <stdio.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

typedef struct Test {
  const char* name;
  /* Gets a new state with the standard libraries, and leaves its stack empty. */
  void (*run)(lua_State* L);
} Test;

void checkCondition(int succeeded, const char* condition, const char* file, int line);
void checkText(const char* expected, const char* actual, const char* file, int line);
void checkInteger(long long expected, long long actual, const char* file, int line);

#define CHECK(condition) checkCondition((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_TEXT(expected, actual) checkText((expected), (actual), __FILE__, __LINE__)
#define CHECK_INTEGER(expected, actual) checkInteger((long long)(expected), (long long)(actual), __FILE__, __LINE__)

/* Runs the code, which must succeed, and leaves its results; returns how many. */
int runCode(lua_State* L, const char* code);
/* Runs the code, which must be `return` and a true value. */
#define CHECK_LUA(L, code) checkCondition(isTrueInLua((L), (code)), (code), __FILE__, __LINE__)
int isTrueInLua(lua_State* L, const char* code);
/* Calls f with the values on the stack as arguments, which must fail with this message. Empties the stack. */
#define CHECK_ERROR(L, f, message) checkError((L), (f), (message), __FILE__, __LINE__)
void checkError(lua_State* L, lua_CFunction f, const char* message, const char* file, int line);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The groups, each in the file of its name; the last test is {NULL, NULL}. */
extern const Test stackTests[];
extern const Test valueTests[];
extern const Test tableTests[];
extern const Test callTests[];
extern const Test coroutineTests[];
extern const Test closingTests[];
extern const Test debugTests[];
extern const Test memoryTests[];
extern const Test processTests[];
extern const Test signalTests[];
extern const Test auxiliaryTests[];
extern const Test libraryTests[];

#endif
