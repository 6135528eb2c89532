-- Errors (manual 2.3): pcall, xpcall, error levels, error objects, names of variables and lines in messages.

-- The whole message of a failing chunk called "=chunk".
local function message(source, ...)
  local f = assert(load(source, "=chunk"))
  local ok, err = pcall(f, ...)
  assert(not ok, "no error raised: " .. source)
  return err
end
local function check(source, expected, ...)
  local got = message(source, ...)
  assert(got == expected, source .. "\n   gave: " .. tostring(got) .. "\nexpected: " .. expected)
end

-- Names of what was indexed, called or operated on.
check("local x; return x.y", "chunk:1: attempt to index a nil value (local 'x')")
check("local x; x.y = 1", "chunk:1: attempt to index a nil value (local 'x')")
check("local x = {}; return x.a.b", "chunk:1: attempt to index a nil value (field 'a')")
check("local x = {}; x.a.b = 1", "chunk:1: attempt to index a nil value (field 'a')")
check("local x = {}; return x.a.b.c", "chunk:1: attempt to index a nil value (field 'a')")
check("return undefinedName.y", "chunk:1: attempt to index a nil value (global 'undefinedName')")
check("undefinedName.y = 1", "chunk:1: attempt to index a nil value (global 'undefinedName')")
check("undefinedName()", "chunk:1: attempt to call a nil value (global 'undefinedName')")
check("local up; local function f() return up.x end f()", "chunk:1: attempt to index a nil value (upvalue 'up')")
check("local up; local function f() up.x = 1 end f()", "chunk:1: attempt to index a nil value (upvalue 'up')")
check("local up; local function f() up() end f()", "chunk:1: attempt to call a nil value (upvalue 'up')")
check("local f = 5; f()", "chunk:1: attempt to call a number value (local 'f')")
check("local t = {}; t.f()", "chunk:1: attempt to call a nil value (field 'f')")
check("local t = {}; t:f()", "chunk:1: attempt to call a nil value (method 'f')")
check("local t = {}; t.a:f()", "chunk:1: attempt to index a nil value (field 'a')")
check("local t = {}; t[1]()", "chunk:1: attempt to call a nil value (field 'integer index')")
check("local t, k = {}, 'key'; t[k]()", "chunk:1: attempt to call a nil value (field '?')")
check("local t = {}; local k = {}; return t[k].x", "chunk:1: attempt to index a nil value (field '?')")
check("return ('x').y.z", "chunk:1: attempt to index a nil value (field 'y')")
check("return (1).x", "chunk:1: attempt to index a number value")
check("(function() end)()()", "chunk:1: attempt to call a nil value")
check("return ({})()", "chunk:1: attempt to call a table value")
check("return (1)()", "chunk:1: attempt to call a number value")
check("string.nothing()", "chunk:1: attempt to call a nil value (field 'nothing')")
check("local s = 'x'; s:nothing()", "chunk:1: attempt to call a nil value (method 'nothing')")
check("local a = {}; return a + 1", "chunk:1: attempt to perform arithmetic on a table value (local 'a')")
check("local a = {}; return 1 + a", "chunk:1: attempt to perform arithmetic on a table value (local 'a')")
check("local a; return a * 2", "chunk:1: attempt to perform arithmetic on a nil value (local 'a')")
check("return undefinedName - 1", "chunk:1: attempt to perform arithmetic on a nil value (global 'undefinedName')")
check("local t = {}; return 2 ^ t.x", "chunk:1: attempt to perform arithmetic on a nil value (field 'x')")
check("local t = {}; return -t.x", "chunk:1: attempt to perform arithmetic on a nil value (field 'x')")
check("local t = {}; return -t", "chunk:1: attempt to perform arithmetic on a table value (local 't')")
check("local t = {}; return #t.x", "chunk:1: attempt to get length of a nil value (field 'x')")
check("local n = 5; return #n", "chunk:1: attempt to get length of a number value (local 'n')")
check("local a = 1.5; return a | 1", "chunk:1: number (local 'a') has no integer representation")
check("local a = 'x'; return a | 1", "chunk:1: attempt to perform bitwise operation on a string value (local 'a')")
check("local a = {}; return ~a", "chunk:1: attempt to perform bitwise operation on a table value (local 'a')")
check("local a, b = 1, {}; return a & b", "chunk:1: attempt to perform bitwise operation on a table value (local 'b')")
check("local a, b = {}, 1; return a .. b", "chunk:1: attempt to concatenate a table value (local 'a')")
check("local a, b = {}, 1; return b .. a", "chunk:1: attempt to concatenate a table value (local 'a')")
check("local t = {}; return 'x' .. t.name", "chunk:1: attempt to concatenate a nil value (field 'name')")
check("local a, b = {}, {}; return a < b", "chunk:1: attempt to compare two table values")
check("local a, b = {}, 1; return a < b", "chunk:1: attempt to compare table with number")
check("local a, b = {}, 1; return a > b", "chunk:1: attempt to compare number with table")
check("local a, b = 'x', 1; return a <= b", "chunk:1: attempt to compare string with number")
check("local a = nil; return a < 1", "chunk:1: attempt to compare nil with number")
check("local a = nil; return a > 1", "chunk:1: attempt to compare number with nil")
check("local a = true; if a <= false then end", "chunk:1: attempt to compare two boolean values")
check("local function f() end; return f < print", "chunk:1: attempt to compare two function values")
check("local a, b = 1, 0; return a // b", "chunk:1: attempt to divide by zero")
check("local a, b = 1, 0; return a % b", "chunk:1: attempt to perform 'n%0'")
check("for i = 1, 10, 0 do end", "chunk:1: 'for' step is zero")
check("for i = 'x', 10 do end", "chunk:1: bad 'for' initial value (number expected, got string)")
check("for i = 1, {} do end", "chunk:1: bad 'for' limit (number expected, got table)")
check("for i = 1, 2, print do end", "chunk:1: bad 'for' step (number expected, got function)")
check("for k in 5 do end", "chunk:1: attempt to call a number value (for iterator 'for iterator')")
check("local t = {}; t[nil] = 1", "chunk:1: table index is nil")
check("local t = {}; t[0/0] = 1", "chunk:1: table index is NaN")
check("local x <close> = 5", "chunk:1: variable 'x' got a non-closable value")
-- A constant key as receiver of an operation, and a register that has several origins.
check("local a = 5; return a.b.c", "chunk:1: attempt to index a number value (local 'a')")
check("local a, b = 1, nil; return (a and b).x", "chunk:1: attempt to index a nil value")
check("local t = {}; return t.x + t.y", "chunk:1: attempt to perform arithmetic on a nil value (field 'x')")
check("local t = { x = 1 }; return t.x + t.y", "chunk:1: attempt to perform arithmetic on a nil value (field 'y')")
check("local a = 1; do local b; a = b + a end", "chunk:1: attempt to perform arithmetic on a nil value (local 'b')")

-- Errors of library functions name the function as the caller does.
check("string.rep()", "chunk:1: bad argument #1 to 'rep' (string expected, got no value)")
check("('x'):rep({})", "chunk:1: bad argument #1 to 'rep' (number expected, got table)")
check("local r = string.rep; r('x', 'y')", "chunk:1: bad argument #2 to 'r' (number expected, got string)")
check("setmetatable(1, {})", "chunk:1: bad argument #1 to 'setmetatable' (table expected, got number)")
check("math.floor('x')", "chunk:1: bad argument #1 to 'floor' (number expected, got string)")
check("('x'):bad()", "chunk:1: attempt to call a nil value (method 'bad')")

-- The line is that of the operator or call, also in expressions over several lines.
check("local a\nlocal b = {}\nreturn b.x.y", "chunk:3: attempt to index a nil value (field 'x')")
check("local a = 1\nlocal t = {}\nlocal r = a +\n  t", "chunk:3: attempt to perform arithmetic on a table value (local 't')")
check("local a = 1\nlocal t = {}\nlocal r = a\n  + t\n  + a", "chunk:4: attempt to perform arithmetic on a table value (local 't')")
check("local t = {}\nprint(1,\n 2,\n t.x.y,\n 4)", "chunk:4: attempt to index a nil value (field 'x')")
check("local f\nf(\n1,\n2\n)", "chunk:2: attempt to call a nil value (local 'f')")
check("local t = {}\nt.a =\n  1\nt\n.b\n.c = 2", "chunk:6: attempt to index a nil value (field 'b')")
check("local x = 'a'\n.. 'b'\n.. {}", "chunk:3: attempt to concatenate a table value")
check("if true then\n  local x = nil\n  if x < 1\n   then end\nend", "chunk:3: attempt to compare nil with number")
check("for i = 1, 3 do\n  if i == 2 then\n    error('at ' .. i)\n  end\nend", "chunk:3: at 2")
check("local function f()\n  error 'in f'\nend\n\nf()", "chunk:2: in f")
check("while true do\n  local t = nil\n  t.x = 1\nend", "chunk:3: attempt to index a nil value (local 't')")
check("return {\n  1,\n  2,\n  x = nothing.y,\n}", "chunk:4: attempt to index a nil value (global 'nothing')")
check("local s = [[\n\n]] error 'after long string'", "chunk:3: after long string")
check("--[[\n\n]]\n\nerror 'after comment'", "chunk:5: after comment")

-- error: levels and values.
check("error('level 0', 0)", "level 0")
check("error('level 1', 1)", "chunk:1: level 1")
check("local function f()\n error('level 2', 2)\nend\n\nf()", "chunk:5: level 2")
check("local function f()\n error('level 3', 3)\nend\nlocal function g()\n f()\nend\n\ng()", "chunk:8: level 3")
check("error(setmetatable({}, { __tostring = function() return 'object' end }).x or 'plain')", "chunk:1: plain")
assert(message "error()" == nil and message "error(nil)" == nil and message "error(5)" == 5)
assert(message "error(true)" == true and type(message "error({})") == "table" and message "error(print)" == print)
do
  local object = {}
  local ok, err = pcall(error, object, 2)
  assert(not ok and err == object)
  ok, err = pcall(error, "text")
  assert(not ok and err == "text")
  ok, err = pcall(error, 12)
  assert(not ok and err == 12)
  ok, err = pcall(error)
  assert(not ok and err == nil)
  assert(select("#", pcall(error)) == 2)
end

-- assert.
do
  assert(select("#", assert(1, nil, 3)) == 3)
  local ok, err = pcall(assert, false)
  assert(not ok and err == "assertion failed!")
  ok, err = pcall(assert, nil, "message")
  assert(err == "message")
  local object = {}
  ok, err = pcall(assert, false, object)
  assert(err == object)
  ok, err = pcall(assert, false, nil)
  assert(not ok and err == nil)
  ok, err = pcall(assert)
  assert(err == "bad argument #1 to 'assert' (value expected)")
end

-- pcall: results, nesting, non-functions.
do
  local results = table.pack(pcall(function(...) return ... end, 1, nil, nil))
  assert(results.n == 4 and results[1] == true and results[2] == 1)
  local ok, err = pcall(nil)
  assert(not ok and err == "attempt to call a nil value")
  ok, err = pcall({})
  assert(not ok and err == "attempt to call a table value")
  ok, err = pcall(pcall)
  assert(not ok and err == "bad argument #1 to 'pcall' (value expected)")
  local a, b, c = pcall(pcall, error, "e")
  assert(a == true and b == false and c == "e")
  local function nest(n)
    if n == 0 then error("deep", 0) end
    local ok, err = pcall(nest, n - 1)
    assert(not ok)
    error(err .. n, 0)
  end
  ok, err = pcall(nest, 5)
  assert(err == "deep12345")
  -- The frames below are intact after a caught error.
  local function f(x)
    local a, b, c = x, x + 1, { x }
    for i = 1, 3 do
      pcall(function() a = a + 1 local y = nil; return y.z end)
      pcall(error)
    end
    return a, b, c[1]
  end
  local p, q, r = f(10)
  assert(p == 13 and q == 11 and r == 10)
end

-- xpcall: the handler runs on top of the erring frame; its errors; its arguments and results.
do
  local function handler(err)
    local level, names = 2, {}
    while true do
      local info = debug.getinfo(level, "n")
      if not info then break end
      names[#names + 1] = info.name
      level = level + 1
    end
    return { err = err, trace = debug.traceback("tb", 1) }
  end
  local function thrower() error("thrown", 0) end
  local ok, result = xpcall(function() thrower() end, handler)
  assert(not ok and result.err == "thrown" and result.trace:find "thrower" and result.trace:find "^tb\nstack traceback:\n")
  local packed = table.pack(xpcall(function(...) return select("#", ...), ... end, handler, "a", nil, nil))
  assert(packed.n == 5 and packed[2] == 3 and packed[3] == "a")
  packed = table.pack(xpcall(error, function(e) return e, "dropped" end, "value"))
  assert(packed.n == 2 and packed[2] == "value")
  ok, result = xpcall(error, function(e) return nil end, "value")
  assert(not ok and result == nil)
  -- An error in the handler calls the handler again; in the end there is an error, not a hang.
  local calls = 0
  ok, result = xpcall(error, function(e)
    calls = calls + 1
    if calls < 5 then error("again", 0) end
    return "finally " .. tostring(e)
  end, "first")
  assert(not ok and calls == 5 and result == "finally again")
  calls = 0
  ok, result = xpcall(error, function(e) calls = calls + 1 error(e, 0) end, "endless")
  assert(not ok and calls > 5)
  ok, result = xpcall(function() local x = nil; x() end, function(m) return m:upper() end)
  assert(result:find "ATTEMPT TO CALL A NIL VALUE %(LOCAL 'X'%)")
  -- Handlers that yield are refused, handlers that use pcall and coroutines work.
  ok, result = xpcall(error, function(e) return select(2, pcall(error, "inner " .. e, 0)) end, "outer")
  assert(result == "inner outer")
  ok, result = xpcall(error, function(e) return coroutine.wrap(function() return e .. " in coroutine" end)() end, "error")
  assert(result == "error in coroutine")
  assert(not pcall(xpcall) and not pcall(xpcall, print))
end

-- Compile errors.
do
  local function syntax(source, expected)
    local f, err = load(source, "=chunk")
    assert(f == nil and err == expected, err)
  end
  syntax("x =", "chunk:1: unexpected symbol near <eof>")
  syntax("x = = 1", "chunk:1: unexpected symbol near '='")
  syntax("for i do", "chunk:1: '=' or 'in' expected near 'do'")
  syntax("if x then", "chunk:1: 'end' expected near <eof>")
  syntax("\n\nif x then\n\n", "chunk:5: 'end' expected (to close 'if' at line 3) near <eof>")
  syntax("local function", "chunk:1: <name> expected near <eof>")
end

-- Hot functions that fail now and then keep exact messages and state.
do
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 20 or 500
  local function risky(t, k, n)
    local x = t[k].value + n
    return x
  end
  local data = { good = { value = 1 }, bad = {} }
  for i = 1, rounds do
    assert(risky(data, "good", i) == i + 1)
    if i % 5 == 0 then
      local ok, err = pcall(risky, data, "bad", i)
      assert(not ok and err:find "attempt to perform arithmetic on a nil value %(field 'value'%)$")
      ok, err = pcall(risky, data, "none", i)
      assert(not ok and err:find "attempt to index a nil value %(field '%?'%)$")
      ok, err = pcall(risky, data, "good", {})
      assert(not ok and err:find "attempt to perform arithmetic on a table value %(local 'n'%)$", err)
    end
  end
  local caught = 0
  for i = 1, rounds do
    local ok, err = pcall(function(x)
      for j = 1, 10 do
        if j == x then error({ j }) end
      end
    end, i % 20)
    if not ok then
      caught = caught + 1
      assert(err[1] == i % 20)
    end
  end
  assert(caught == rounds // 2)
end

print "ok"

-- An error in code without lines is at line -1.
do
  local stripped = load(string.dump(function(a) return a + 1 end, true))
  local ok, message = pcall(stripped, {})
  assert(not ok and message == "?:-1: attempt to perform arithmetic on a table value")
end

-- A message handler that overflows the stack in turn.
do
  local function endless(...) return 1 + endless(...) end
  local ok, message = xpcall(endless, endless)
  assert(not ok and message == "error in error handling")
end

-- Errors that go up through very many protected calls, each making the message longer: the garbage is collected on the
-- way, and there is an end to nesting them.
if not os.getenv "SELVAGE_GC_STRESS" then
  local function nested() assert(pcall(nested)) end
  local ok, message = pcall(nested)
  assert(not ok and string.find(message, "stack overflow", 1, true))
  ok, message = xpcall(nested, nested)
  assert(not ok and string.find(message, "error", 1, true))
end

-- A light userdata is no userdata with user values.
do
  local light = debug.upvalueid(function() return debug end, 1)
  local ok, message = pcall(debug.setuservalue, light, 1)
  assert(not ok and string.find(message, "light userdata", 1, true))
end

-- A call is at the line of its arguments. (In the reference since 5.4.7; before, at that of what is called.)
if pcall(require, "selvage") then
  local function lineOf(source)
    local _, message = pcall(load(source))
    return tonumber(string.match(message, ":(%d+):"))
  end
  assert(lineOf "local a\na\n(\n1)" == 3 and lineOf "local a = {}\na\n.\nx\n{\n1}" == 5)
  assert(lineOf "local a = {}\na\n:x\n(\n)" == 4)
end
-- The name of a chunk ends at a zero byte, also where the name is the chunk's source.
do
  local _, message = load("first\0 second\n third")
  assert(message == '[string "first"]:1: syntax error')
  local info = debug.getinfo(load("return 1", "@file\0rest"), "S")
  assert(info.source == "@file" and info.short_src == "file")
end

-- What a library function calls may be no function: tracebacks go on below it.
do
  local function uncallable(f, ...)
    local ok, trace = xpcall(f, debug.traceback, ...)
    assert(not ok)
    local first, rest = string.match(trace, "^([^\n]*)\nstack traceback:\n(.*)$")
    assert(string.find(rest, "in function 'xpcall'", 1, true), trace)
    return first, rest
  end
  local first, rest = uncallable(function() local r = "x" + setmetatable({}, { __add = 1 }) return r end)
  assert(first == "attempt to call a number value" and string.find(rest, "^%s*%[C%]: in metamethod 'add'\n"), rest)
  first, rest = uncallable(tostring, setmetatable({}, { __tostring = true }))
  assert(first == "attempt to call a boolean value" and string.find(rest, "^%s*%[C%]: in function 'tostring'\n"), rest)
  first = uncallable(5)
  assert(first == "attempt to call a number value")
end
