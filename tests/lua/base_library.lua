-- The basic functions (manual 6.1).

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), text, 1, true), message)
end

-- type and tostring.
for _, case in ipairs { { 1, "number" }, { 1.5, "number" }, { "x", "string" }, { {}, "table" }, { print, "function" },
                        { true, "boolean" }, { coroutine.create(print), "thread" }, { io.stdout, "userdata" } } do
  assert(type(case[1]) == case[2])
end
assert(type(nil) == "nil")
failsWith("bad argument #1 to 'type' (value expected)", function() type() end)
assert(tostring(nil) == "nil" and tostring(false) == "false" and tostring(12) == "12" and tostring(-0.0) == "-0.0")
assert(tostring(1e15) == "1e+15" and tostring(2^53) == "9.007199254741e+15" and tostring(3.0) == "3.0")
assert(tostring({}):find("^table: 0x%x+$") and tostring(print):find("^function: "))
assert(tostring(setmetatable({}, { __tostring = function() return "mine" end })) == "mine")
assert(tostring(setmetatable({}, { __name = "Kind" })):find("^Kind: 0x"))
failsWith("'__tostring' must return a string", tostring, setmetatable({}, { __tostring = function() return {} end }))
failsWith("bad argument #1 to 'tostring' (value expected)", function() tostring() end)

-- tonumber.
assert(tonumber("10") == 10 and math.type(tonumber("10")) == "integer" and math.type(tonumber("1e1")) == "float")
assert(tonumber("  0x1p4  ") == 16 and tonumber("0x") == nil and tonumber("") == nil and tonumber("1 2") == nil)
assert(tonumber({}) == nil and tonumber(nil) == nil and tonumber("1e") == nil and tonumber("nan") == nil)
assert(tonumber("10", 2) == 2 and tonumber("zz", 36) == 1295 and tonumber("8", 8) == nil)
assert(tonumber("-ff", 16) == -255)
assert(tonumber(" 11 ", 2) == 3 and tonumber("1 1", 2) == nil and tonumber("7fffffffffffffffff", 16) == -1)
assert(tonumber("\t-7\n", 10) == -7 and tonumber("", 10) == nil and tonumber("-", 10) == nil)
failsWith("base out of range", tonumber, "1", 1)
failsWith("base out of range", tonumber, "1", 37)
failsWith("string expected, got number", tonumber, 10, 2)
failsWith("value expected", tonumber)

-- Raw access.
do
  local t = setmetatable({}, { __index = function() return 1 end, __newindex = function() error "no" end,
                               __eq = function() return true end, __len = function() return 42 end })
  assert(t.x == 1 and rawget(t, "x") == nil)
  assert(rawset(t, "x", 2) == t and rawget(t, "x") == 2)
  assert(not rawequal(t, setmetatable({}, getmetatable(t))) and rawequal(t, t) and rawequal(1, 1.0))
  assert(rawlen(t) == 0 and rawlen { 1, 2 } == 2 and rawlen "abc" == 3 and #t == 42)
  failsWith("table or string expected, got number", rawlen, 5)
  failsWith("table index is nil", rawset, t, nil, 1)
  failsWith("table index is NaN", rawset, t, 0 / 0, 1)
  failsWith("bad argument #3 to 'rawset' (value expected)", rawset, t, 1)
  failsWith("bad argument #2 to 'rawget' (value expected)", rawget, t)
  failsWith("bad argument #1 to 'rawget' (table expected, got string)", rawget, "x", 1)
end

-- Metatables.
do
  local mt = {}
  local t = setmetatable({}, mt)
  assert(getmetatable(t) == mt and setmetatable(t, nil) == t and getmetatable(t) == nil)
  mt.__metatable = "hidden"
  setmetatable(t, mt)
  assert(getmetatable(t) == "hidden")
  failsWith("cannot change a protected metatable", setmetatable, t, {})
  failsWith("nil or table expected", setmetatable, {}, 1)
  failsWith("nil or table expected", setmetatable, {})
  failsWith("table expected, got number", setmetatable, 1, {})
  assert(getmetatable("").__index == string and getmetatable(1) == nil)
end

-- next, pairs, ipairs.
do
  local t = { 10, 20, 30, x = 1, y = 2, [2.5] = 3, [-1] = 4 }
  local count, sum = 0, 0
  for _, v in pairs(t) do count, sum = count + 1, sum + v end
  assert(count == 7 and sum == 70)
  assert(next({}) == nil and select("#", next({})) == 1)
  assert(next { 5 } == 1)
  failsWith("invalid key to 'next'", next, {}, "missing")
  for k in pairs(t) do t[k] = nil end
  assert(next(t) == nil)
  local a, b, c = pairs(setmetatable({}, { __pairs = function(x) return 1, x, 3, 4 end }))
  assert(a == 1 and type(b) == "table" and c == 3)
  local seen = {}
  local squares = setmetatable({}, { __index = function(_, i) if i < 4 then return i * i end end })
  for i, v in ipairs(squares) do seen[i] = v end
  assert(#seen == 3 and seen[3] == 9)
  local stopped = 0
  for i in ipairs { 1, 2, nil, 4 } do stopped = i end
  assert(stopped == 2)
  failsWith("bad argument #1 to 'ipairs' (value expected)", function() ipairs() end)
  local step, state, start = ipairs(t)
  assert(state == t and start == 0 and select("#", step({}, 0)) == 1)
end

-- select.
assert(select("#") == 0 and select("#", nil, nil) == 2 and select(2, "a", "b", "c") == "b")
assert(select("#", select(2, 1, 2, 3)) == 2 and select(-1, 1, 2, 3) == 3 and select("#", select(5, 1)) == 0)
failsWith("index out of range", select, 0)
failsWith("index out of range", select, -3, 1, 2)

-- assert and error.
do
  assert(select("#", assert(1, 2, 3)) == 3)
  failsWith("assertion failed!", assert, false)
  failsWith("reason", assert, nil, "reason")
  local object = {}
  assert(select(2, pcall(assert, false, object)) == object)
  failsWith("bad argument #1 to 'assert' (value expected)", assert)
  local function at(level) error("message", level) end
  local _, here = pcall(function() at(1) end)
  local _, caller = pcall(function() at(2) end)
  local _, nowhere = pcall(function() at(0) end)
  assert(here:find(":%d+: message$") and caller:find(":%d+: message$") and here ~= caller and nowhere == "message")
  assert(select(2, pcall(error, object)) == object and select(2, pcall(error)) == nil)
end

-- pcall and xpcall.
do
  assert(select("#", pcall(function() return 1, nil, nil end)) == 4)
  local ok, message = xpcall(error, function(e) return "handled " .. e end, "it")
  assert(not ok and message == "handled it")
  assert(select(3, xpcall(function(...) return ... end, print, 1, 2)) == 2)
  local traced = select(2, xpcall(function() error "deep" end, debug.traceback))
  assert(traced:find "deep\nstack traceback:\n\t%[C%]: in function 'error'")
  failsWith("attempt to call a nil value", nil)
end

-- load.
do
  assert(load("return 1 + 1")() == 2 and load("return ...", "=c")(7) == 7)
  local f, message = load("x =", "=chunk")
  assert(f == nil and message == "chunk:1: unexpected symbol near <eof>")
  local _, longer = load("x = = 1", "@file.lua")
  assert(longer == "file.lua:1: unexpected symbol near '='")
  local pieces = { "return ", "'a", "b'", "", "ignored" }
  local position = 0
  assert(load(function() position = position + 1 return pieces[position] end)() == "ab")
  local environment = { y = 5 }
  assert(load("return y", "=c", "t", environment)() == 5)
  assert(load("x = 1; return x", "=c", "t", environment)() == 1 and environment.x == 1 and x == nil)
  assert(select(2, load("return 1", "=c", "b")) == "attempt to load a text chunk (mode is 'b')")
  assert(select(2, load("\27Lua", "=c", "t")) == "attempt to load a binary chunk (mode is 't')")
  assert(load("\27Lua", "=c", "b") == nil)
  assert(select(2, load(function() return {} end)):find "reader function must return a string")
  assert((select(2, load(function() error("reader", 0) end))):find "^reader")
  failsWith("function expected, got table", load, {})
end

-- Files.
do
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write("#!/usr/bin/env lua\nlocal a = ...\nreturn a, debug.getinfo(1, 'l').currentline, v")
  file:close()
  local a, line, v = assert(loadfile(name))(3)
  assert(a == 3 and line == 3 and v == nil)
  assert(select(3, loadfile(name, "t", { v = 1, debug = debug })()) == 1)
  assert(select(2, dofile(name)) == 3)
  file = assert(io.open(name, "w"))
  file:write("\xEF\xBB\xBFerror 'inside'")
  file:close()
  failsWith("inside", dofile, name)
  os.remove(name)
  assert(select(2, loadfile(name)):find("cannot open " .. name, 1, true))
  failsWith("cannot open", dofile, name)
end

-- The collector's controls.
do
  assert(collectgarbage("count") > 0 and math.type(collectgarbage("count")) == "float" and collectgarbage() == 0)
  assert(collectgarbage("isrunning") == true and collectgarbage("stop") == 0 and not collectgarbage("isrunning"))
  assert(collectgarbage("restart") == 0 and collectgarbage("isrunning"))
  local before = collectgarbage("generational")
  assert(collectgarbage("incremental") == "generational" and collectgarbage(before) == "incremental")
  assert(type(collectgarbage("step")) == "boolean")
  local pause = collectgarbage("setpause", 160)
  assert(collectgarbage("setpause", pause) == 160)
  failsWith("bad argument #1 to 'collectgarbage' (invalid option 'what')", collectgarbage, "what")
  local weak = setmetatable({ {} }, { __mode = "v" })
  collectgarbage()
  assert(weak[1] == nil)
end

assert(_G._G == _G and _VERSION == "Lua 5.4" and _G.print == print and loadstring == nil and unpack == nil)

-- Names of functions in messages.
failsWith("bad argument #1 to 'rep' (number expected, got table)", function() ("x"):rep({}) end)
failsWith("bad argument #2 to 'rep' (number expected, got table)", function() string.rep("x", {}) end)
failsWith("bad argument #1 to 'string.rep' (string expected, got no value)", string.rep)
failsWith("calling 'rep' on bad self", function() local t = { rep = string.rep } t:rep(1) end)

-- __tostring of all numbers or strings counts like any other.
do
  local strings = getmetatable("")
  local plain = { tostring(5), tostring(2.5), tostring("s"), ("%s %5s"):format(7, "s") }
  debug.setmetatable(0, { __tostring = function(number) return "<" .. math.type(number) .. ">" end })
  strings.__tostring = function(text) return "[" .. #text .. "]" end
  local changed = { tostring(5), tostring(2.5), tostring("s"), ("%s %5s"):format(7, "s") }
  local answers = { ("%d"):format(7), 7 .. "", #tostring("four"), table.concat { 1, "x" } }
  debug.setmetatable(0, nil)
  strings.__tostring = nil
  assert(table.concat(plain, "|") == "5|2.5|s|7     s")
  assert(table.concat(changed, "|") == "<integer>|<float>|[1]|<integer>   [1]")
  assert(table.concat(answers, "|") == "7|7|3|1x")
  assert(tostring(5) == "5" and tostring("s") == "s")
end
