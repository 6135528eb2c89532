/* Processes that fork while they have a state: each goes on by itself. Child and parent take turns through pipes. */
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "c_api_check.h"

/* Makes functions that are hot at once: forty of them, each longer by `extra` statements. */
static const char* const workSource =
    "return function(first, extra)\n"
    "  local made = {}\n"
    "  for i = 1, 40 do\n"
    "    made[i] = load('local n = ... ' .. ('local x = n or 1 '):rep(extra) ..\n"
    "      'local s = 0 for i = 1, n do s = s + i * ' .. first + i .. ' end return s')\n"
    "    made[i](300)\n"
    "  end\n"
    "  return function()\n"
    "    for i = 1, 40 do if made[i](300) ~= 45150 * (first + i) then return false end end\n"
    "    return true\n"
    "  end\n"
    "end\n";

/* Pushes a function that says whether the functions made are right. `work` is the function of workSource. */
static void makeFunctions(lua_State* L, int work, int first, int extra) {
  lua_pushvalue(L, work);
  lua_pushinteger(L, first);
  lua_pushinteger(L, extra);
  lua_call(L, 2, 1);
}

static int saysYes(lua_State* L, int function) {
  int isTrue;
  lua_pushvalue(L, function);
  lua_call(L, 0, 1);
  isTrue = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return isTrue;
}

static int pass(int file) { return write(file, "x", 1) == 1; }
static int await(int file) {
  char byte;
  return read(file, &byte, 1) == 1;
}

static void bothGoOn(lua_State* L) {
  int toChild[2], toParent[2], status = -1, turn;
  pid_t child;
  CHECK(luaL_dostring(L, workSource) == LUA_OK);
  makeFunctions(L, 1, 0, 0);
  makeFunctions(L, 1, 100, 1); /* this one the parent forgets */
  CHECK(pipe(toChild) == 0 && pipe(toParent) == 0);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    int isGood = 1;
    for (turn = 1; turn <= 3; ++turn) {
      makeFunctions(L, 1, 1000 * turn, 3 + turn);
      isGood = isGood && pass(toParent[1]) && await(toChild[0]) && saysYes(L, -1) && saysYes(L, 2) && saysYes(L, 3);
    }
    _exit(isGood ? 0 : 1);
  }
  for (turn = 1; turn <= 3; ++turn) {
    CHECK(await(toParent[0]));
    if (turn == 1) {
      lua_remove(L, 3);
      lua_gc(L, LUA_GCCOLLECT, 0);
    }
    makeFunctions(L, 1, 200 * turn, 2 * turn);
    CHECK(saysYes(L, -1) && saysYes(L, 2));
    CHECK(pass(toChild[1]));
  }
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  for (turn = 0; turn < 2; ++turn) {
    close(toChild[turn]);
    close(toParent[turn]);
  }
  lua_settop(L, 0);
}

const Test processTests[] = {{"bothGoOn", bothGoOn}, {NULL, NULL}};
