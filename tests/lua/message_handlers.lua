-- Message handlers of xpcall (manual 2.3): which errors pass through them, what they can do, how they fail.

local function mark(message) return "H:" .. tostring(message) end

local function results(...)
  local texts = {}
  for i = 1, select("#", ...) do texts[i] = tostring((select(i, ...))) end
  return table.concat(texts, " ")
end
local function same(expected, ...)
  local got = results(...)
  assert(got == expected, "\n     got: " .. got .. "\nexpected: " .. expected)
end

-- Syntax errors are results of load and nothing else; what is raised while loading passes through the handler.
same('true nil [string "x ="]:1: unexpected symbol near <eof>', xpcall(load, mark, "x ="))
same('true nil [string "goto x"]:1: no visible label \'x\' for <goto> at line 1', xpcall(load, mark, "goto x"))
same("true nil attempt to load a text chunk (mode is 'b')", xpcall(load, mark, "x = 1", "=x", "b"))
for _, source in ipairs {
  ("("):rep(300), "return " .. ("{"):rep(300), ("do "):rep(300), "x = " .. ("not "):rep(300) .. "1", "x = " .. ("1 .. "):rep(300) .. "1",
  ("a, "):rep(300) .. "b = 1", ("function f() "):rep(300),
} do
  same("true nil H:C stack overflow", xpcall(load, mark, source))
end
same("true nil 42", xpcall(load, function() return 42 end, ("("):rep(300)))
same("true nil error in error handling", xpcall(load, function(m) error(m, 0) end, ("("):rep(300)))
same("true nil H:reader function must return a string", xpcall(load, mark, function() return {} end))
same("true nil H:from the reader", xpcall(load, mark, function() error("from the reader", 0) end))
same("true nil from the reader", pcall(load, function() error("from the reader", 0) end))
same("true true nil C stack overflow", xpcall(pcall, mark, load, ("("):rep(300)))
do
  local name = os.tmpname()
  local file <close> = assert(io.open(name, "w"))
  file:write(("("):rep(300))
  file:flush()
  same("true nil H:C stack overflow", xpcall(loadfile, mark, name))
  same("false H:H:C stack overflow", xpcall(dofile, mark, name))  -- loading raises it, then dofile
  os.remove(name)
end
same("3", select("#", xpcall(load, function(m)
  local text = debug.traceback(m, 1)
  assert(text:find("in function 'load'\n%s*%[C%]: in function 'xpcall'"), text)
end, ("("):rep(300))))

-- A handler cannot yield, and what it calls cannot. Afterwards the coroutine can.
local function inCoroutine(handler)
  return results(coroutine.wrap(function()
    local outcome = results(xpcall(error, handler, "e"))
    assert(coroutine.isyieldable())
    coroutine.yield(outcome)
  end)())
end
assert(inCoroutine(function() return coroutine.isyieldable() end) == "false false")
assert(inCoroutine(function() coroutine.yield(1) end) == "false error in error handling")
assert(inCoroutine(function() return select(2, pcall(coroutine.yield, 1)) end) ==
       "false attempt to yield across a C-call boundary")
assert(inCoroutine(function() return coroutine.wrap(function() coroutine.yield(coroutine.isyieldable()) end)() end) == "false true")
assert(inCoroutine(function() error("again", 0) end) == "false error in error handling")
assert(inCoroutine(function() return pcall(error, "inner") and 1 or "caught" end) == "false caught")
assert(inCoroutine(function()
  return select(2, xpcall(error, function() return coroutine.isyieldable() end))
end) == "false false")
do
  local closed
  assert(inCoroutine(function()
    local guard <close> = setmetatable({}, { __close = function() closed = coroutine.isyieldable() end })
  end) == "false nil")
  assert(closed == false)
end
-- A hundred handlers that fail in a row leave nothing behind either.
same("true", coroutine.wrap(function()
  for i = 1, 100 do
    xpcall(error, function() pcall(error, i); error("fails", 0) end)
    pcall(xpcall, error, function() local x = nil + i end)
  end
  return coroutine.isyieldable()
end)())
-- An error that leaves a coroutine with its handler running, and one that is closed in its.
same("true", coroutine.wrap(function()
  for i = 1, 10 do
    local inner = coroutine.create(function() xpcall(error, function() error("x", 0) end) error("out", 0) end)
    same("false out", coroutine.resume(inner))
  end
  return coroutine.isyieldable()
end)())

-- A handler that fails is passed its own error, until that is "C stack overflow" and then over.
do
  local count, overflow = 0, 0
  local function failing(message)
    count = count + 1
    if message == "C stack overflow" and overflow == 0 then overflow = count end
    error(message, 0)
  end
  same("false error in error handling", xpcall(error, failing, "e"))
  assert(count > overflow and overflow > 150, count)
  same("false stopped", xpcall(error, function(m) if m == "C stack overflow" then return "stopped" end error(m, 0) end, "e"))
  same("false e5", xpcall(error, function(m) if m == "e5" then return m end error("e" .. m:sub(2) + 1, 0) end, "e1"))
end

-- "not enough memory" is no handler's business, whoever raised it.
same("false not enough memory", xpcall(error, mark, "not enough memory"))
same("false not enough memory", xpcall(function() error("not enough memory", 0) end, mark))
same("false not enough memory", xpcall(assert, mark, false, "not enough memory"))
same("false not enough memory", xpcall(coroutine.wrap(error), mark, "not enough memory", 0))
same("false not enough memory", xpcall(function() coroutine.wrap(error)("not enough memory", 0) end, mark))
same("false H:not enough memory!", xpcall(error, mark, "not enough memory!"))
do
  local seen
  same("false not enough memory", xpcall(function()
    local guard <close> = setmetatable({}, { __close = function(_, e) seen = e error("not enough memory", 0) end })
    error("first", 0)
  end, mark))
  assert(seen == "H:first")
end
