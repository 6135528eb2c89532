-- Metamethods that are functions or tables are found through caches: whatever changes about them has to be seen by
-- instructions that have met them before.

local function times(n, f)
  for i = 1, n do f(i) end
end

-- __index functions, for fields, methods, and computed keys
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

-- elements that are nil within the array part, or removed from the hash part
do
  local t = setmetatable({ 1, 2, 3, 4, x = 1 }, { __index = function(_, k) return "no " .. tostring(k) end })
  t[2] = nil
  t[100] = 1
  t[100] = nil
  t.x = nil
  times(20, function() assert(t[2] == "no 2" and t[100] == "no 100" and t.x == "no x" and t[1] == 1) end)
end

-- __newindex functions and tables
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

-- __call with all kinds of arguments, and when it is exchanged
do
  local meta = { __call = function(self, ...) return select("#", ...), ... end }
  local f = setmetatable({}, meta)
  local function call(...) return f(...) end
  times(20, function(i)
    local n, first = f(i, "x")
    assert(n == 2 and first == i)
  end)
  assert(call() == 0 and select("#", call(nil, nil, nil)) == 4)
  local many = table.pack(call(table.unpack({}, 1, 200)))
  assert(many.n == 201 and many[1] == 200)
  meta.__call = function(self) return self end
  assert(call(1) == f and f() == f)
  meta.__call = setmetatable({}, { __call = function(first, second, third) return first, second, third end })
  times(5, function()
    local a, b, c = f("argument")
    assert(a == meta.__call and b == f and c == "argument")
  end)
  meta.__call = nil
  local ok, message = pcall(call)
  assert(not ok and message:find("attempt to call a table value (upvalue 'f')", 1, true))
  -- native functions
  meta.__call = rawlen
  assert(f() == 0)
  meta.__index, meta.__newindex = rawget, rawset
  times(5, function(i)
    f.field, f[i] = i, i
    assert(f.field == i and f[i] == i and f.none == nil and f[i + 1] == nil)
    f.field, f[i] = nil, nil
  end)
end

-- errors and yields in them
do
  local object = setmetatable({}, {
    __index = function(_, k) return coroutine.yield(k) end,
    __newindex = function(_, k, v) coroutine.yield(k, v) end,
    __call = function(_, v) return coroutine.yield("call", v) end,
  })
  for _ = 1, 3 do
    local run = coroutine.wrap(function()
      local a, b = object.field, object[1]
      object.other, object[2] = a, b
      return object(a), object.method
    end)
    assert(run() == "field" and run("A") == 1)
    local k, v = run("B")
    assert(k == 2 and v == "B")
    k, v = run()
    assert(k == "other" and v == "A")
    k, v = run()
    assert(k == "call" and v == "A")
    assert(run("C") == "method")
    k, v = run("D")
    assert(k == "C" and v == "D")
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
