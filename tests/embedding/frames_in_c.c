/* C frames between others, for frames_main.cpp: run.sh compiles this with tables for unwinding and without. */
#include "lua.h"

int CALL(lua_State* L, lua_CFunction f);
int CALL(lua_State* L, lua_CFunction f) { return f(L) + lua_gettop(L); }
