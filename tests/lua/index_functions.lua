-- Functions as __index and __newindex, found again and again at the same instruction, and then not any more: replaced, not
-- functions, in the way of a field that has come up; called from full frames, failing, yielding, called as methods.
local rounds = os.getenv "SELVAGE_GC_STRESS" and 30 or 300
local files = { io.tmpfile(), io.tmpfile() }
local fileMeta = getmetatable(files[1])
local fileIndex = fileMeta.__index

local function get(o) return o.field end
local function set(o, v) o.field = v end
local function getAt(o, k) return o[k] end
local function setAt(o, k, v) o[k] = v end
local function call(o, ...) return o:field(...) end

local log
local function index(tag)
  return function(o, k)
    log = { tag, o, k }
    return tag, "second result"
  end
end
local function newindex(tag)
  return function(o, k, v) log = { tag, o, k, v } end
end
local function logged(...)
  local same = #log == select("#", ...)
  for i = 1, select("#", ...) do same = same and rawequal(log[i], (select(i, ...))) end
  log = {}
  return same
end

-- `object` with the metatable `meta` has no fields of its own.
local function check(object, meta)
  for tag = 1, 3 do
    meta.__index, meta.__newindex = index(tag), newindex(tag)
    for i = 1, rounds do
      assert(get(object) == tag and logged(tag, object, "field"))
      set(object, i)
      assert(logged(tag, object, "field", i))
      set(object, nil)
      assert(logged(tag, object, "field", nil) or #log == 0)
      assert(getAt(object, "field") == tag and logged(tag, object, "field"))
      assert(getAt(object, i) == tag and logged(tag, object, i))
      assert(getAt(object, i + 0.5) == tag and logged(tag, object, i + 0.5))
      setAt(object, i, tag)
      assert(logged(tag, object, i, tag))
      setAt(object, "field", i)
      assert(logged(tag, object, "field", i))
      assert(object[1] == tag and logged(tag, object, 1))
      object[1] = i
      assert(logged(tag, object, 1, i))
    end
  end
  -- Without results; with an error, which names what it was about; with a yield.
  meta.__index = function() end
  for _ = 1, rounds do assert(get(object) == nil) end
  meta.__index = function(_, k) error("no " .. k, 0) end
  for _ = 1, rounds do
    local ok, message = pcall(get, object)
    assert(not ok and message == "no field")
  end
  meta.__index = coroutine.yield
  meta.__newindex = coroutine.yield
  for i = 1, rounds do
    local co = coroutine.wrap(function()
      local first = get(object)
      set(object, i)
      return first, getAt(object, "other"), "end"
    end)
    local o, k = co()
    assert(o == object and k == "field")
    local o2, k2, v = co(i)
    assert(o2 == object and k2 == "field" and v == i)
    local _, k3 = co()
    assert(k3 == "other")
    local a, b, c = co(-i)
    assert(a == i and b == -i and c == "end")
  end
  -- Methods that a function gives.
  meta.__index = function(_, k)
    return function(self, a, b) return self, k, a, b end
  end
  for i = 1, rounds do
    local self, k, a, b = call(object, i, "b")
    assert(self == object and k == "field" and a == i and b == "b")
  end
  -- A library function.
  meta.__index = select
  for _ = 1, rounds do assert(not pcall(get, object)) end
  meta.__index = rawequal
  for _ = 1, rounds do assert(get(object) == false) end
  -- Not a function any more, and one again.
  for i = 1, rounds // 10 do
    meta.__index = { field = i }
    assert(get(object) == i and getAt(object, "field") == i)
    meta.__index = index(i)
    assert(get(object) == i and logged(i, object, "field"))
    assert(getAt(object, "field") == i and logged(i, object, "field"))
    meta.__index = setmetatable({}, { __index = function(o, k) return o == meta.__index and k == "field" and i end })
    assert(get(object) == i)
  end
  meta.__index, meta.__newindex = nil, nil
end

local meta = {}
check(setmetatable({}, meta), meta)
check(setmetatable({ a = 1, b = 2 }, meta), meta)
check(files[1], fileMeta)
assert(not pcall(get, files[1]) and not pcall(set, files[1], 1) and not pcall(getAt, files[1], 1))
fileMeta.__index = fileIndex

-- A table gets the field, loses it, gets it again: by Lua code, by rawset, by a constructor, from the start.
for round = 1, rounds do
  local stores = 0
  local class = { __index = index "class", __newindex = function(o, k, v) stores = stores + 1 rawset(o, k, v) end }
  local o = setmetatable({}, class)
  assert(get(o) == "class")
  set(o, round)
  assert(stores == 1 and get(o) == round)
  set(o, round + 1)
  assert(stores == 1 and get(o) == round + 1)
  set(o, nil)
  assert(stores == 1 and get(o) == "class")
  set(o, 5)
  assert(stores == 2 and get(o) == 5)
  local p = setmetatable({ field = "own" }, class)
  assert(get(p) == "own" and get(setmetatable({ other = 1 }, class)) == "class")
  rawset(o, "field", nil)
  assert(get(o) == "class")
end

-- Tables that are dictionaries.
local dictionary = setmetatable({}, { __index = function(_, k) return "no " .. k end })
for i = 1, 2000 do dictionary["key" .. i] = i end
for i = 1, rounds do assert(get(dictionary) == "no field") end
dictionary.field = "there"
assert(get(dictionary) == "there")

-- Objects of many shapes and metatables at one instruction.
local objects = {}
for i = 1, 20 do
  local o = setmetatable({}, { __index = function(_, k) return i .. k end, __newindex = function(_, k, v) log = { i, k, v } end })
  for j = 1, i % 5 do rawset(o, "own" .. j, j) end
  objects[i] = o
end
for _ = 1, rounds do
  for i, o in ipairs(objects) do
    assert(get(o) == i .. "field")
    set(o, "v")
    assert(log[1] == i and log[2] == "field" and log[3] == "v")
  end
  assert(get(files[1]) == nil)
end

-- Deep recursion through __index ends in an error, not in a crash.
local endless = setmetatable({}, {})
getmetatable(endless).__index = function(o, k) return o.field end
local ok, message = pcall(get, endless)
assert(not ok and message:find "stack overflow")
assert(get(setmetatable({}, { __index = index "after" })) == "after")

-- Hooks see the calls.
local calls = 0
local counted = setmetatable({}, { __index = index "hooked" })
for _ = 1, rounds do get(counted) end
debug.sethook(function() calls = calls + 1 end, "c")
get(counted)
debug.sethook()
assert(calls >= 2)
