-- jit.on, jit.off and jit.flush for single functions: which of them are stitched then, seen by the counters of
-- jit.status(), and that what runs meanwhile goes on as it should.

local isSelvage, selvage = pcall(require, "selvage")
if not isSelvage then return end -- another Lua, which is compared with
local jit = selvage.jit

-- What is counted shall be the functions under test, which are loaded from strings, not the test's own.
jit.off(true, true)

local mode = jit.status().enabled and jit.status().mode or "off"
local calls = 200 -- enough for a promotion

local function heat(f, ...)
  local result
  for _ = 1, calls do result = f(...) end
  return result
end

local function stitchedBy(action, ...)
  local before = jit.status().functions
  action(...)
  return jit.status().functions - before
end

local function make(source, ...) return assert(load(source, "=made"))(...) end
local sumSource = "return function(n) local s = 0 for i = 1, n do s = s + i end return s end"

-- One function.
do
  local f = make(sumSource)
  jit.off(f)
  assert(stitchedBy(heat, f, 10) == 0 and f(10) == 55)
  assert(stitchedBy(f, 5000) == 0)
  jit.off(f)
  local stitched = stitchedBy(jit.on, f) + stitchedBy(heat, f, 10)
  if mode == "off" then assert(stitched == 0) else assert(stitched >= 1) end
  assert(f(10) == 55 and stitchedBy(jit.on, f) == 0)
end

-- One that has stitched code already: it is gone, and comes again only when it may.
do
  local f = make(sumSource)
  heat(f, 10)
  local with = jit.status().liveBytes
  jit.off(f)
  local without = jit.status().liveBytes
  if mode == "off" then assert(with == without) else assert(without < with) end
  assert(stitchedBy(heat, f, 10) == 0)
  for _, n in ipairs { 5000, 5000.0, 5000 } do assert(stitchedBy(f, n) == 0 and f(n) == 12502500) end
  assert(jit.status().liveBytes == without)
  local stitched = stitchedBy(jit.on, f) + stitchedBy(heat, f, 10)
  if mode ~= "off" then assert(stitched >= 1 and jit.status().liveBytes > without) end
end

-- Closures of one function are switched together; functions loaded from the same text are not.
do
  local source = "local k = ... return function(x) return x + k end"
  local chunk = assert(load(source))
  local a, b, other = chunk(1), chunk(2), make(source, 3)
  jit.off(a)
  assert(stitchedBy(heat, b, 1) == 0 and b(1) == 3)
  if mode == "on" then assert(stitchedBy(heat, other, 1) == 1) end
end

-- Functions within functions, at any depth.
do
  local source = [[
    return function(n)
      local function inner(x)
        local function innermost(y) return y * 2 end
        return innermost(x) + 1, innermost
      end
      return inner(n), inner
    end]]
  local function check(second, expected)
    local outer = make(source)
    jit.off(outer, second)
    local _, inner = outer(1)
    local _, innermost = inner(1)
    local stitched = {}
    for i, f in ipairs { innermost, inner, outer } do stitched[i] = stitchedBy(heat, f, 1) > 0 end
    assert(outer(3) == 7)
    if mode == "on" then
      for i = 1, 3 do assert(stitched[i] == expected[i], i) end
    elseif mode == "off" then
      assert(not (stitched[1] or stitched[2] or stitched[3]))
    end
    -- All of them back again.
    local before = jit.status().functions
    jit.on(outer, true)
    heat(innermost, 1)
    heat(inner, 1)
    heat(outer, 1)
    local wereOff = (expected[1] and 0 or 1) + (expected[3] and 0 or 1)
    if mode == "on" then assert(jit.status().functions - before >= wereOff) end
    assert(outer(3) == 7)
  end
  check(nil, { true, true, false })
  check(true, { false, false, false })
  check(false, { false, false, true })

  -- Only the inner ones are let again.
  local outer = make(source)
  local _, inner = outer(1)
  jit.off(outer, true)
  jit.on(outer, false)
  assert(stitchedBy(heat, outer, 1) == (mode == "on" and 2 or 0)) -- inner and innermost are called by it
  assert(stitchedBy(heat, outer, 1) == 0 and inner(1) == 3)
end

-- The calling function, in the middle of its run and of a loop, also in a coroutine and in a recursion.
do
  local source = [[
    local at = ...
    return function(n)
      local sum = 0
      for i = 1, n do
        if i == at then require "selvage".jit.off(true) end
        sum = sum + i
      end
      return sum
    end]]
  for _, at in ipairs { 1, 150, 4000 } do
    local f = make(source, at)
    assert(f(10000) == 50005000)
    assert(stitchedBy(heat, f, 10) == 0)
    assert(stitchedBy(f, 10000) == 0 and f(10000.0) == 50005000)
  end
  local g = make(source, 200)
  assert(coroutine.wrap(g)(1000) == 500500 and stitchedBy(heat, g, 10) == 0)

  local deep = make [[
    local function f(n)
      if n == 0 then require "selvage".jit.off(true) return 0 end
      return 1 + f(n - 1)
    end
    return f]]
  assert(deep(150) == 150 and deep(500) == 500 and stitchedBy(heat, deep, 3) == 0 and deep(500) == 500)

  local waiting = make [[
    return function(n)
      local sum = 0
      for i = 1, n do sum = sum + coroutine.yield(i) end
      return sum
    end]]
  local thread = coroutine.create(waiting)
  coroutine.resume(thread, 500)
  for i = 1, 300 do coroutine.resume(thread, i) end
  jit.off(waiting)
  jit.flush(waiting)
  collectgarbage()
  local before = jit.status().functions
  for i = 301, 499 do coroutine.resume(thread, i) end
  local ok, sum = coroutine.resume(thread, 500)
  assert(ok and sum == 125250 and coroutine.status(thread) == "dead" and jit.status().functions == before)
end

-- Forgetting a function's code lets it be stitched again.
do
  local f = make(sumSource)
  heat(f, 10)
  local with = jit.status().liveBytes
  jit.flush(f)
  if mode ~= "off" then assert(jit.status().liveBytes < with) end
  if mode == "on" then assert(stitchedBy(heat, f, 10) >= 1) end
  assert(f(10) == 55)
  local outer = make "return function() return function(x) return x end end"
  local inner = outer()
  heat(inner, 1)
  with = jit.status().liveBytes
  jit.flush(outer, false)
  if mode ~= "off" then assert(jit.status().liveBytes < with) end
  jit.flush(outer, true)
  assert(inner(5) == 5 and outer()(6) == 6)
  make "require 'selvage'.jit.flush(true)"
end

-- A function that is switched off stays so through what concerns all functions.
do
  local f = make(sumSource)
  jit.off(f)
  jit.flush()
  assert(stitchedBy(heat, f, 10) == 0)
  debug.sethook(function() end, "l")
  f(10)
  debug.sethook()
  assert(stitchedBy(heat, f, 10) == 0 and f(10) == 55)
  if mode == "always" then assert(stitchedBy(jit.always) >= 0 and stitchedBy(heat, f, 10) == 0) end
end

-- What is given back, and what is no function.
assert(select("#", jit.on(heat)) + select("#", jit.off(heat, nil)) + select("#", jit.flush(heat, false)) == 0)
for _, name in ipairs { "on", "off", "flush" } do
  local function fails(message, ...)
    local ok, text = pcall(jit[name], ...)
    assert(not ok and text == message, text)
  end
  local first = "bad argument #1 to '?' (Lua function expected, got %s)"
  fails(first:format "number", 1)
  fails(first:format "string", "f")
  fails(first:format "boolean", false)
  fails(first:format "table", {})
  fails(first:format "function", print)
  fails(first:format "boolean", true) -- called by pcall
  fails("bad argument #2 to '?' (boolean expected, got number)", heat, 1)
end

-- What concerns all functions leaves alone those of chunks that were refused, which are there until a collection.
do
  local whole = string.dump(make "local t = {} for i = 1, 3 do t[i] = i .. 'x' end return function(a) return t[a] end")
  local refused = 0
  for position = 60, #whole do
    for _, byte in ipairs { 0, 7, 255 } do
      local damaged = whole:sub(1, position - 1) .. string.char(byte) .. whole:sub(position + 1)
      if not load(damaged, "damaged", "b") then refused = refused + 1 end
    end
  end
  assert(refused > 100)
  jit.always()
  debug.sethook(function() end, "l")
  debug.sethook()
  jit.flush()
  jit.off()
  if mode ~= "off" then jit[mode]() end
end
