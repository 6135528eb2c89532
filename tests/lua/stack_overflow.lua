-- Every kind of unbounded recursion ends in an error that pcall catches, and the state works on afterwards.
-- test: gc-stress=1000   (each collection looks through up to a million stack slots)

local function overflows(f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), "overflow"), tostring(message))
  -- Alive and well.
  local t = {}
  for i = 1, 10 do t[i] = i * i end
  assert(t[10] == 100 and select("#", table.unpack(t)) == 10)
end

-- Direct recursion, with small and with large frames, through varargs, methods and mutual calls.
local function small(n) return 1 + small(n + 1) end
local function large(n)
  local a, b, c, d, e, f, g, h = n, n, n, n, n, n, n, n
  local i, j, k, l = {}, {}, {}, {}
  return a + large(n + 1) + b + c + d + e + f + g + h
end
local function variable(...) return 1 + variable(1, ...) end
local function spread(...) return (select("#", spread(...))) end
local object = {}
function object:method() return 1 + self:method() end
local ping, pong
function ping() return 1 + pong() end
function pong() return 1 + ping() end
overflows(small, 1)
overflows(large, 1)
overflows(variable)
overflows(spread, 1, 2, 3)
overflows(object.method, object)
overflows(ping)

-- Twice in a row, and from within the recursion's own pcall.
overflows(small, 1)
do
  local depth = 0
  local function nested()
    depth = depth + 1
    local ok, message = pcall(nested)
    if not ok then error(message, 0) end
    return ok
  end
  overflows(nested)
  assert(depth > 100)
end

-- Metamethods.
local function meta(event, f)
  local metatable = {}
  metatable[event] = f
  return setmetatable({}, metatable)
end
overflows(function() return meta("__index", function(t, k) return t[k .. ""] end).x end)
overflows(function() return meta("__index", function(t, k) return t.field end).x end)
overflows(function() meta("__newindex", function(t, k, v) t[k] = v end).x = 1 end)
overflows(function() return meta("__add", function(a, b) return a + b end) + 1 end)
overflows(function() return 1 - meta("__sub", function(a, b) return a - b end) end)
overflows(function() return meta("__concat", function(a, b) return a .. b end) .. "x" end)
overflows(function() return -meta("__unm", function(a) return -a end) end)
overflows(function() return #meta("__len", function(a) return #a end) end)
overflows(function() return meta("__lt", function(a, b) return a < b end) < 1 end)
overflows(function() return meta("__le", function(a, b) return a <= b end) <= 1 end)
overflows(function() return meta("__eq", function(a, b) return a == b end) == {} end)
overflows(function() return meta("__call", function(self) return 1 + self() end)() end)
overflows(function() return meta("__band", function(a, b) return a & b end) & 1 end)
overflows(function() return tostring(meta("__tostring", function(a) return tostring(a) end)) end)
overflows(function() for _ in pairs(meta("__pairs", function(a) return pairs(a) end)) do end end)
overflows(function()
  local metatable = {}
  metatable.__close = function()
    local x <close> = setmetatable({}, metatable)
  end
  local x <close> = setmetatable({}, metatable)
end)

-- Library functions that call back.
overflows(function()
  local function callback(s) return (s:gsub(".", callback)) end
  return callback "x"
end)
overflows(function()
  local function compare(a, b)
    table.sort({ 3, 1, 2 }, compare)
    return a < b
  end
  table.sort({ 3, 1, 2 }, compare)
end)
overflows(function()
  local function reader() return load(reader) and nil end
  local function chunk()
    local f, message = load(function() return chunk() end)
    if not f then error(message, 0) end
  end
  chunk()
end)
overflows(function()
  local function iterate() for _ in iterate do end end
  iterate()
end)
overflows(function()
  local function again(...) return select(1, 1 + again(...)) end
  return again(1)
end)
overflows(function()
  local chunk = load "local f = ... return 1 + f(f)"
  return chunk(chunk)
end)
-- A message handler that overflows: whatever the message is then, xpcall returns.
do
  local function handler(message) return handler(message) .. "" end
  local ok, message = xpcall(error, handler, "e")
  assert(ok == false and type(message) == "string")
end
overflows(function()
  local proxy = setmetatable({}, { __index = function(t, i) return table.concat(t, ",", 1, 2) end, __len = function() return 2 end })
  return table.concat(proxy)
end)
overflows(function()
  local function f() return string.format("%s", setmetatable({}, { __tostring = function() return f() end })) end
  return f()
end)

-- Coroutines in coroutines.
overflows(function()
  local function nest() return coroutine.wrap(nest)() end
  return nest()
end)
overflows(function()
  local function nest()
    local ok, message = coroutine.resume(coroutine.create(nest))
    if not ok then error(message, 0) end
  end
  nest()
end)
-- Recursion inside a coroutine is limited by its own stack, and the coroutine dies alone.
do
  local co = coroutine.create(small)
  local ok, message = coroutine.resume(co, 1)
  assert(not ok and message:find "stack overflow" and coroutine.status(co) == "dead")
  overflows(coroutine.wrap(function() return 1 + small(1) end))
end

-- Deeply nested source.
local function refused(source)
  local f, message = load(source, "=deep")
  assert(f == nil)
  assert(message:find "overflow" or message:find "too many" or message:find "too deep" or message:find "limit", message)
end
local depth = 20000
refused("return " .. ("("):rep(depth) .. "1" .. (")"):rep(depth))
refused("return " .. ("{"):rep(depth) .. ("}"):rep(depth))
refused("return " .. ("- "):rep(depth) .. "1")
refused("return " .. ("not "):rep(depth) .. "1")
refused(("do "):rep(depth) .. ("end "):rep(depth))
refused(("while true do "):rep(depth) .. ("end "):rep(depth))
refused(("if x then "):rep(depth) .. ("end "):rep(depth))
refused(("local function f() "):rep(depth) .. ("end "):rep(depth))
refused("return " .. ("function() return "):rep(depth) .. "1 " .. ("end "):rep(depth))
refused("return " .. ("2 ^ "):rep(depth) .. "1")
refused("local a = 'x' return " .. ("a .. "):rep(depth) .. "a")
refused("return " .. ("f("):rep(depth) .. (")"):rep(depth))
refused("x = " .. ("a["):rep(depth) .. "1" .. ("]"):rep(depth))
-- Long but flat chains are no problem.
assert(load("local a = 1 return a" .. (" + a"):rep(20000))() == (20001))
assert(load("local t = {} t.x = t return t" .. (".x"):rep(20000)))
assert(load("local f f = function() return f end return f" .. ("()"):rep(20000))())
assert(load("if x == 0 then " .. ("elseif x == 1 then "):rep(5000) .. "end"))

-- Patterns that nest too deeply.
do
  local ok, message = pcall(string.find, ("a"):rep(300000), (".-"):rep(300000) .. "b")
  assert(not ok and message:find "too complex")
  ok, message = pcall(string.rep, "x", 1 << 40)
  assert(not ok)
end

-- Too many values on the stack.
do
  local ok, message = pcall(table.unpack, {}, 1, 10000000)
  assert(not ok and message:find "too many results to unpack")
  ok, message = pcall(string.byte, ("x"):rep(2000000), 1, -1)
  assert(not ok and message:find "string slice too long" or message:find "overflow")
  overflows(function() return select("#", ("x"):rep(1500000):byte(1, -1)) end)
end

-- The message handler of an overflow has room to work.
do
  local ok, message = xpcall(small, function(m)
    local parts = {}
    for i = 1, 20 do parts[i] = tostring(i) end
    return table.concat(parts, ",") .. "|" .. m .. "|" .. #debug.traceback()
  end, 1)
  assert(not ok and message:find "^1,2,3,.*stack overflow")
end

-- A message handler that overflows in turn.
do
  local function endless() return 1 + endless() end
  local ok, message = xpcall(endless, function() return endless() end)
  assert(not ok and message == "error in error handling", message)
  local caught
  ok, message = xpcall(endless, function()
    caught = select(2, pcall(endless))
    return "handled"
  end)
  assert(not ok and message == "handled" and caught == "error in error handling", caught)
end

-- Deep but finite recursion of a hundred thousand levels is fine in Lua functions.
do
  local function sum(n) if n == 0 then return 0 end return n + sum(n - 1) end
  local n = 100000
  assert(sum(n) == n * (n + 1) // 2)
  local list
  for i = 1, n do list = { i, list } end
  local function length(l) return l and 1 + length(l[2]) or 0 end
  assert(length(list) == n)
end

-- The error is the caller's, at the line of the call.
do
  local source = "local function f(...)\n  local x = 1\n  return x +\n    f(%s)\nend\nreturn f"
  for _, arguments in ipairs { "", "1, 2, 3" } do
    local ok, message = pcall(load(string.format(source, arguments), "=chunk")())
    assert(not ok and message == "chunk:4: stack overflow", message)
  end
  local ok, message = pcall(load("local f = ...\n\nreturn 1 + f(f)", "=chunk"), load("local f = ...\n\nreturn 1 + f(f)", "=chunk"))
  assert(not ok and message == "chunk:3: stack overflow", message)
  local metatable = {}
  metatable.__call = load("return function(self)\n  return self() + 1\nend", "=chunk")()
  ok, message = pcall(setmetatable({}, metatable))
  assert(not ok and message == "chunk:2: stack overflow", message)
end

print "ok"
