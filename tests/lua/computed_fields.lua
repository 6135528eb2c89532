-- Functions and tables as __index and __newindex, found again and again at the same instruction through caches, and then not
-- any more: replaced, not functions, in the way of a field that has come up; called from full frames, failing, yielding,
-- called as methods.
local rounds = os.getenv "SELVAGE_GC_STRESS" and 30 or 300
local files = { io.tmpfile(), io.tmpfile() }
local fileMeta = getmetatable(files[1])
local fileIndex = fileMeta.__index

local function get(o) return o.field end
local function set(o, v) o.field = v end
local function getAt(o, k) return o[k] end
local function setAt(o, k, v) o[k] = v end
local function call(o, ...) return o:field(...) end
local function times(n, f)
  for i = 1, n do f(i) end
end

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

-- Keys of every kind, and all that may become of __index.
do
  local meta = { __index = function(t, k) return "first " .. tostring(k) end }
  local object = setmetatable({}, meta)
  local function field() return object.name end
  local function method() return object:sub() end
  local function element(k) return object[k] end
  times(20, function() assert(field() == "first name") end)
  times(20, function(i) assert(element(i) == "first " .. i) end)
  assert(element("x") == "first x" and element(2.5) == "first 2.5" and element(true) == "first true")
  assert(element(2.0) == "first 2.0" and element(string.rep("long", 20)) == "first " .. string.rep("long", 20))
  assert(not pcall(method)) -- a string is called

  -- the function is replaced
  meta.__index = function(t, k) return function(self, ...) return self, k, ... end end
  times(20, function()
    local self, key = method()
    assert(self == object and key == "sub")
  end)
  assert(type(field()) == "function" and type(element(1)) == "function")
  -- and by rawset
  rawset(meta, "__index", function(t, k) return k end)
  assert(field() == "name" and element(7) == 7)
  -- by a table, whose own fields count, and come and go
  local defaults = { name = "default", [3] = "three" }
  meta.__index = defaults
  times(20, function() assert(field() == "default" and element(3) == "three" and element("name") == "default") end)
  defaults.name, defaults[3] = "other", nil
  assert(field() == "other" and element(3) == nil and element("name") == "other")
  defaults.name = nil
  assert(field() == nil and element("name") == nil)
  setmetatable(defaults, { __index = function(t, k) assert(t == defaults) return "deep " .. tostring(k) end })
  times(20, function() assert(field() == "deep name" and element(3) == "deep 3" and element("name") == "deep name") end)
  meta.__index = nil
  assert(field() == nil and element(3) == nil)
  meta.__index = function() return "again" end
  assert(field() == "again" and element(3) == "again")
  -- the object gets the field, loses it, and gets another metatable
  object.name = "own"
  object[3] = "own too"
  times(20, function() assert(field() == "own" and element(3) == "own too") end)
  object.name, object[3] = nil, nil
  times(20, function() assert(field() == "again" and element(3) == "again") end)
  setmetatable(object, { __index = function() return "last" end })
  assert(field() == "last" and element(3) == "last")
  setmetatable(object, nil)
  assert(field() == nil and element(3) == nil)
end

-- Elements that are nil within the array part, or removed from the hash part.
do
  local t = setmetatable({ 1, 2, 3, 4, x = 1 }, { __index = function(_, k) return "no " .. tostring(k) end })
  t[2] = nil
  t[100] = 1
  t[100] = nil
  t.x = nil
  times(20, function() assert(t[2] == "no 2" and t[100] == "no 100" and t.x == "no x" and t[1] == 1) end)
end

-- Stores under keys of every kind, and all that may become of __newindex.
do
  local log = {}
  local meta = { __newindex = function(t, k, v) log[#log + 1] = tostring(k) .. "=" .. tostring(v) end }
  local object = setmetatable({}, meta)
  local function setField(v) object.name = v end
  local function setElement(k, v) object[k] = v end
  times(10, setField)
  times(10, function(i) setElement(i, i) end)
  setElement("s", 1) setElement(1.5, 2) setElement(false, 3) setElement(3.0, 4)
  setField(nil)
  assert(#log == 25 and log[10] == "name=10" and log[20] == "10=10" and log[25] == "name=nil")
  assert(log[21] == "s=1" and log[22] == "1.5=2" and log[23] == "false=3" and log[24] == "3.0=4" and next(object) == nil)

  rawset(object, "name", 0)
  rawset(object, 1, 0)
  setField(5) setElement(1, 6)
  assert(object.name == 5 and object[1] == 6 and #log == 25)
  rawset(object, "name", nil)
  rawset(object, 1, nil)
  setField(5) setElement(1, 6)
  assert(object.name == nil and object[1] == nil and #log == 27)

  local store = {}
  meta.__newindex = store
  times(10, setField)
  times(10, function(i) setElement(i, i * i) end)
  setElement("k", "v")
  assert(store.name == 10 and store[7] == 49 and store.k == "v" and next(object) == nil)
  meta.__newindex = nil
  setField("direct") setElement(1, "one")
  assert(object.name == "direct" and object[1] == "one")
end

-- Library functions.
do
  local object = setmetatable({}, { __index = rawget, __newindex = rawset })
  times(5, function(i)
    object.field, object[i] = i, i
    assert(object.field == i and object[i] == i and object.none == nil and object[i + 1] == nil)
    object.field, object[i] = nil, nil
  end)
end

-- Yields from one access to the next, and errors, which tell where the access stands.
do
  local object = setmetatable({}, {
    __index = function(_, k) return coroutine.yield(k) end,
    __newindex = function(_, k, v) coroutine.yield(k, v) end,
  })
  for _ = 1, 3 do
    local run = coroutine.wrap(function()
      local a, b = object.field, object[1]
      object.other, object[2] = a, b
      return object.method
    end)
    assert(run() == "field" and run("A") == 1)
    local k, v = run("B")
    assert(k == 2 and v == "B")
    k, v = run()
    assert(k == "other" and v == "A")
    assert(run() == "method" and run("D") == "D")
  end
  local failing = setmetatable({}, { __index = function(_, k) error("no " .. k, 2) end })
  local function get() return failing.thing end
  for _ = 1, 3 do
    local ok, message = pcall(get)
    assert(not ok and message:find("computed_fields.lua:%d+: no thing$"))
  end
  local _, trace = xpcall(get, debug.traceback)
  assert(trace:find("in metamethod 'index'", 1, true))
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
