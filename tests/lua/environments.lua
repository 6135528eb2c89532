-- _ENV and globals (manual 2.2): any name without declaration is a field of whatever _ENV is.

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), text, 1, true), tostring(message))
end

assert(_ENV == _G and _G._G == _G)

-- Reads, writes and definitions through _ENV.
do
  globalValue = 5
  assert(_ENV.globalValue == 5 and _G["globalValue"] == 5 and rawget(_G, "globalValue") == 5)
  _ENV["globalValue"] = 6
  assert(globalValue == 6)
  function globalFunction() return globalValue end
  assert(_G.globalFunction() == 6)
  globalValue, globalFunction = nil, nil
  assert(rawget(_G, "globalValue") == nil and globalFunction == nil)
end

-- A local _ENV, as variable, parameter, constant and loop variable.
do
  local print, assert = print, assert
  do
    local _ENV = { x = 10 }
    assert(x == 10 and y == nil)
    y = 20
    assert(_ENV.y == 20)
  end
  assert(x == nil and y == nil)
  local function inEnvironment(_ENV) z = (z or 0) + 1 return z end
  local env = { z = 1 }
  assert(inEnvironment(env) == 2 and inEnvironment(env) == 3 and env.z == 3 and inEnvironment {} == 1)
  local function constant()
    local _ENV <const> = { a = 1 }
    b = a + 1
    return b, _ENV
  end
  local b, e = constant()
  assert(b == 2 and e.b == 2)
  local sum = 0
  for _, _ENV in _G.ipairs { { v = 1 }, { v = 2 }, { v = 3 } } do sum = sum + v end
  assert(sum == 6)
  local counter = 0
  local _ENV <close> = _G.setmetatable({ field = 1 }, { __close = function() counter = counter + 1 end })
  assert(field == 1)
end

-- Functions keep the environment that they were made in.
do
  local function make(env)
    local _ENV = env
    return function() count = (count or 0) + 1 return count end, function() return _ENV end
  end
  local first, second = { count = 10 }, {}
  local f, getF = make(first)
  local g = make(second)
  assert(f() == 11 and g() == 1 and f() == 12 and first.count == 12 and second.count == 1 and getF() == first)
  assert(count == nil)
end

-- load with an environment; its upvalue is _ENV.
do
  local env = { n = 1 }
  local chunk = load("n = n + 1 function double() return n * 2 end return n", "=c", "t", env)
  assert(chunk() == 2 and env.n == 2 and env.double() == 4 and n == nil and double == nil)
  local other = { n = 100 }
  assert(debug.setupvalue(chunk, 1, other) == "_ENV")
  assert(chunk() == 101 and env.n == 2 and other.double() == 202)
  failsWith("attempt to call a nil value (global 'print')", load("print 'x'", "=c", "t", {}))
  failsWith("attempt to index a nil value (upvalue '_ENV')", function()
    local chunk = load("return x", "=c", "t", nil)
    chunk()
  end)
  assert(load("return _ENV", "=c", "t", 5)() == 5)
  failsWith("attempt to index a number value (upvalue '_ENV')", load("return x", "=c", "t", 5))
  assert(load("return len('abc')", "=c", "t", string)() == 3)
  local nothing = load("local a = 1 return a", "=c", "t", nil)
  assert(nothing() == 1)
end

-- Metatables on environments: undeclared globals caught, inheritance from the standard one.
do
  local strict = setmetatable({}, {
    __index = function(_, name) error("undeclared " .. name, 2) end,
    __newindex = function(_, name) error("assigning undeclared " .. name, 2) end,
  })
  failsWith("c:1: undeclared x", load("return x", "=c", "t", strict))
  failsWith("c:1: assigning undeclared x", load("x = 1", "=c", "t", strict))
  local inherited = setmetatable({}, { __index = _G })
  local run = load("value = tostring(12) .. type(print) return value", "=c", "t", inherited)
  assert(run() == "12function" and inherited.value == "12function" and value == nil)
  local log = {}
  local logging = setmetatable({}, {
    __index = function(_, name) log[#log + 1] = "get " .. name return name end,
    __newindex = function(_, name, v) log[#log + 1] = "set " .. name end,
  })
  load("a = b; c, d = e, f", "=c", "t", logging)()
  table.sort(log)
  assert(table.concat(log, ";") == "get b;get e;get f;set a;set c;set d")
end

-- Switching the environment of one hot function.
do
  local rounds = os.getenv "SELVAGE_GC_STRESS" and 50 or 1000
  local environments = {}
  for i = 1, 7 do environments[i] = { value = i, extra = i % 2 == 0 or nil, add = function(x) return x + i end } end
  environments[8] = setmetatable({}, { __index = { value = 8, add = function(x) return x + 8 end } })
  local function body(_ENV) value = value + 1 return add(value) end
  local calls = {}
  for round = 1, rounds do
    local index = round % 8 + 1
    calls[index] = (calls[index] or 0) + 1
    assert(body(environments[index]) == index + calls[index] + index)
  end
  local chunk = load "total = (total or 0) + step return total"
  for round = 1, rounds do
    debug.setupvalue(chunk, 1, environments[round % 7 + 1])
    environments[round % 7 + 1].step = round
    chunk()
  end
  local sum = 0
  for i = 1, 7 do sum = sum + environments[i].total end
  assert(sum == rounds * (rounds + 1) // 2)
end

-- _ENV itself may be assigned, captured and shadowed.
do
  local old = _ENV
  local function swap() _ENV = { swapped = "yes", old = old } end
  local function read() return swapped end
  swap()
  local result = read()
  _ENV = old.old or old
  _ENV = old
  assert(result == "yes" and swapped == nil)
  local ok, message
  do
    local pcall, _ENV = pcall, nil
    ok, message = pcall(function() return x end)
  end
  assert(not ok and message:find "attempt to index a nil value %(upvalue '_ENV'%)")
end

print "ok"
