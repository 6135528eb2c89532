-- Field access whose shape, class or environment changes under a hot instruction. Any engine that remembers where it
-- found a field last time must notice every one of these changes.

local rounds = os.getenv "SELVAGE_GC_STRESS" and 30 or 400

-- One access, many shapes: from one to far more than any cache holds, with the field at many places.
do
  local function get(t) return t.value end
  local function set(t, v) t.value = v end
  for _, shapes in ipairs { 1, 2, 3, 4, 5, 8, 9, 16, 40 } do
    local objects = {}
    for i = 1, shapes do
      local t = {}
      for j = 1, i - 1 do t["f" .. i .. "_" .. j] = j end
      t.value = i
      objects[i] = t
    end
    for round = 1, rounds do
      local t = objects[round % shapes + 1]
      assert(get(t) == round % shapes + 1)
      set(t, -round)
      assert(get(t) == -round)
      set(t, round % shapes + 1)
    end
  end
  -- The same fields in every order.
  local function sum(t) return t.a + t.b * 10 + t.c * 100 end
  local orders = { "abc", "acb", "bac", "bca", "cab", "cba" }
  for round = 1, rounds do
    local t = {}
    for name in orders[round % 6 + 1]:gmatch "." do t[name] = name:byte() - 96 end
    assert(sum(t) == 321)
  end
end

-- Absent, present, removed, present again; nil stored and overwritten.
do
  local function get(t) return t.field end
  local t, u = {}, { other = 1 }
  for round = 1, rounds do
    assert(get(t) == nil and get(u) == nil)
    t.field = round
    assert(get(t) == round and get(u) == nil)
    t.field = nil
    assert(get(t) == nil)
    t["extra" .. round % 7] = round
    u.field = "u"
    assert(get(u) == "u")
    u.field = nil
  end
end

-- Receivers of other types at the same instruction.
do
  local function length(x) return x.len end
  local proxy = setmetatable({}, { __index = function(_, k) return k .. "!" end })
  for round = 1, rounds do
    assert(length { len = round } == round and length "text" == string.len and length(proxy) == "len!")
    if round % 10 == 0 then
      assert(not pcall(length, nil) and not pcall(length, 5) and not pcall(length, print))
    end
  end
  local function call(x) return x:len() end
  for round = 1, rounds do
    assert(call("abc") == 3 and call { len = function(self) return self end } ~= nil)
    if round % 10 == 0 then assert(not pcall(call, {}) and not pcall(call, true)) end
  end
end

-- Adding fields in a constructor-like function, whose transitions are shared, then diverge.
do
  local function make(i)
    local t = { x = i }
    t.y = i + 1
    if i % 3 == 0 then t.z = i + 2 end
    t.w = i + 3
    if i % 5 == 0 then t.x = nil end
    if i % 7 == 0 then t[1] = "array" end
    return t
  end
  local function check(t, i)
    assert(t.x == (i % 5 ~= 0 and i or nil) and t.y == i + 1 and t.w == i + 3)
    assert(t.z == (i % 3 == 0 and i + 2 or nil) and t[1] == (i % 7 == 0 and "array" or nil))
    local count = 0
    for _ in pairs(t) do count = count + 1 end
    assert(count == 2 + (i % 5 ~= 0 and 1 or 0) + (i % 3 == 0 and 1 or 0) + (i % 7 == 0 and 1 or 0))
  end
  for i = 1, rounds do check(make(i), i) end
end

-- Tables that become dictionaries while the same code goes on using their fields.
do
  local function touch(t, i)
    t.counter = (t.counter or 0) + 1
    return t.counter
  end
  local t = {}
  local n = os.getenv "SELVAGE_GC_STRESS" and 100 or 2000
  for i = 1, n do
    assert(touch(t, i) == i)
    t["key" .. i] = i
  end
  for i = 1, n do assert(t["key" .. i] == i) end
  for i = 1, n do t["key" .. i] = nil end
  assert(touch(t, 0) == n + 1)
  assert(next(t) == "counter" and next(t, "counter") == nil)
  local fresh = {}
  for i = 1, 10 do assert(touch(fresh, i) == i) end
  -- The metatable goes on working after the change.
  local class = { method = function(self) return self.counter end }
  class.__index = class
  local object = setmetatable({}, class)
  for i = 1, n do
    object.counter = i
    object["dynamic" .. i % 300] = i
    assert(object:method() == i and object.absent == nil)
  end
end

-- The same shape with and without metatable, and with different metatables.
do
  local function get(t) return t.x, t.y end
  local metas = {}
  for i = 1, 6 do metas[i] = { __index = { y = i * 100 } } end
  for round = 1, rounds do
    local t = { x = round }
    local kind = round % 8
    if metas[kind] then setmetatable(t, metas[kind]) end
    local x, y = get(t)
    assert(x == round and y == (metas[kind] and kind * 100 or nil))
    if metas[kind] then
      setmetatable(t, nil)
      assert(select(2, get(t)) == nil)
      setmetatable(t, metas[kind % 6 + 1])
      assert(select(2, get(t)) == (kind % 6 + 1) * 100)
      t.y = "own"
      assert(select(2, get(t)) == "own")
    end
  end
end

-- __index of a shared metatable changes in the middle of a loop: other table, function, nil, a field inside it.
do
  local first, second = { name = "first" }, { name = "second" }
  local metatable = { __index = first }
  local objects = {}
  for i = 1, 5 do objects[i] = setmetatable({ id = i }, metatable) end
  local function name(o) return o.name end
  for round = 1, rounds do
    local phase = round % 60
    if phase == 10 then metatable.__index = second
    elseif phase == 20 then metatable.__index = function(o, k) return k .. o.id end
    elseif phase == 30 then metatable.__index = nil
    elseif phase == 40 then metatable.__index = first first.name = "renamed"
    elseif phase == 45 then first.name = nil
    elseif phase == 50 then first.name = "first"
    elseif phase == 55 then rawset(metatable, "__index", second)
    elseif phase == 0 then metatable.__index = first
    end
    for i, o in ipairs(objects) do
      local expected
      if phase < 10 then expected = "first"
      elseif phase < 20 then expected = "second"
      elseif phase < 30 then expected = "name" .. i
      elseif phase < 40 then expected = nil
      elseif phase < 45 then expected = "renamed"
      elseif phase < 50 then expected = nil
      elseif phase < 55 then expected = "first"
      else expected = "second" end
      assert(name(o) == expected, phase)
    end
  end
end

-- A chain of three classes: fields appear and vanish at each level, parents are exchanged.
do
  local grand = { deep = "grand" }
  grand.__index = grand
  local parent = setmetatable({}, grand)
  parent.__index = parent
  local class = setmetatable({}, parent)
  class.__index = class
  local object = setmetatable({}, class)
  local function deep(o) return o.deep end
  for _ = 1, rounds do
    assert(deep(object) == "grand")
    parent.deep = "parent"
    assert(deep(object) == "parent")
    class.deep = "class"
    assert(deep(object) == "class")
    object.deep = "object"
    assert(deep(object) == "object")
    object.deep = nil
    assert(deep(object) == "class")
    class.deep = nil
    assert(deep(object) == "parent")
    parent.deep = nil
    assert(deep(object) == "grand")
    grand.deep = "changed"
    assert(deep(object) == "changed")
    grand.deep = "grand"
    setmetatable(class, nil)
    assert(deep(object) == nil)
    setmetatable(class, { __index = { deep = "adopted" } })
    assert(deep(object) == "adopted")
    setmetatable(class, { __index = function(_, k) return "computed " .. k end })
    assert(deep(object) == "computed deep")
    setmetatable(class, parent)
  end
end

-- Methods redefined, in the class, in the object, by rawset, through a loop over the class.
do
  local Class = {}
  Class.__index = Class
  function Class:get() return "a" .. self.n end
  local object = setmetatable({ n = 0 }, Class)
  local function call(o) return o:get() end
  local a = Class.get
  local function b(self) return "b" .. self.n end
  for i = 1, rounds do
    object.n = i
    assert(call(object) == "a" .. i)
    Class.get = b
    assert(call(object) == "b" .. i)
    rawset(Class, "get", nil)
    assert(not pcall(call, object))
    rawset(Class, "get", a)
    for k, f in pairs(Class) do
      if k == "get" then Class[k] = function(self) return "w" .. f(self) end end
    end
    assert(call(object) == "wa" .. i)
    Class.get = a
    object.get = b
    assert(call(object) == "b" .. i)
    object.get = nil
  end
end

-- Hierarchies altered at run time: objects change class.
do
  local Cat, Dog = {}, {}
  Cat.__index, Dog.__index = Cat, Dog
  function Cat:sound() return "meow" end
  function Dog:sound() return "woof" end
  local animals = {}
  for i = 1, 10 do animals[i] = setmetatable({ id = i }, i % 2 == 0 and Cat or Dog) end
  for round = 1, rounds do
    local meows = 0
    for _, animal in ipairs(animals) do
      if animal:sound() == "meow" then meows = meows + 1 end
    end
    assert(meows == 5)
    for _, animal in ipairs(animals) do
      setmetatable(animal, getmetatable(animal) == Cat and Dog or Cat)
    end
  end
end

-- Globals: redefined, removed, defined by others, shadowed by a metatable of _G.
do
  local function read() return testGlobal end
  local function write(v) testGlobal = v end
  local function call() return testFunction() end
  for i = 1, rounds do
    assert(read() == nil)
    write(i)
    assert(read() == i)
    _G.testGlobal = "by field"
    assert(read() == "by field")
    rawset(_G, "testGlobal", false)
    assert(read() == false)
    write(nil)
    assert(rawget(_G, "testGlobal") == nil and not pcall(call))
    testFunction = function() return i end
    assert(call() == i)
    testFunction = tostring
    assert(not pcall(call))
    testFunction = nil
    if i % 20 == 0 then
      local caught = {}
      setmetatable(_G, {
        __index = function(_, k) return "virtual " .. k end,
        __newindex = function(_, k, v) caught[k] = v end,
      })
      assert(read() == "virtual testGlobal")
      write(i)
      assert(caught.testGlobal == i and read() == "virtual testGlobal")
      setmetatable(_G, nil)
      assert(read() == nil)
    end
    if i % 50 == 0 then
      for j = 1, 20 do _G["generated" .. i .. "_" .. j] = j end
      assert(_G["generated" .. i .. "_7"] == 7)
      for j = 1, 20 do _G["generated" .. i .. "_" .. j] = nil end
    end
  end
  -- Library functions replaced under hot callers.
  local function typeOf(x) return type(x) end
  local original = type
  for i = 1, rounds do
    assert(typeOf(i) == "number")
    if i % 10 == 0 then
      type = function() return "replaced" end
      assert(typeOf(i) == "replaced")
      type = original
    end
  end
end

-- __newindex that comes and goes, on objects and on classes up the chain.
do
  local function set(t, v) t.field = v end
  local log = 0
  local metatable = {}
  for i = 1, rounds do
    local t = setmetatable({}, metatable)
    set(t, 1)
    assert(rawget(t, "field") == 1)
    metatable.__newindex = function() log = log + 1 end
    set(t, 2)
    assert(rawget(t, "field") == 2)
    t.field = nil
    set(t, 3)
    assert(rawget(t, "field") == nil)
    local other = setmetatable({}, metatable)
    set(other, 4)
    assert(next(other) == nil)
    local storage = {}
    metatable.__newindex = storage
    set(other, 5)
    assert(storage.field == 5 and next(other) == nil)
    metatable.__newindex = nil
    set(other, 6)
    assert(other.field == 6)
  end
  assert(log == 2 * rounds)
end

-- Operators' metamethods that change under a hot loop (absence is remembered too).
do
  local metatable = {}
  local a, b = setmetatable({}, metatable), setmetatable({}, metatable)
  local function add() return a + b end
  local function equal() return a == b end
  local function length() return #a end
  local function call() return a(1) end
  for i = 1, rounds do
    assert(not pcall(add) and equal() == false and length() == 0 and not pcall(call))
    metatable.__add = function() return i end
    metatable.__eq = function() return true end
    metatable.__len = function() return i end
    metatable.__call = function(_, x) return i + x end
    assert(add() == i and equal() == true and length() == i and call() == i + 1)
    metatable.__add = nil
    metatable.__eq = nil
    rawset(metatable, "__len", nil)
    rawset(metatable, "__call", nil)
  end
end

-- Strings as objects: the string library changes.
do
  local function twice(s) return s:twice() end
  for i = 1, rounds do
    assert(not pcall(twice, "x"))
    string.twice = function(s) return s .. s end
    assert(twice "x" == "xx")
    string.twice = function(s) return i end
    assert(twice "x" == i)
    string.twice = nil
  end
  local metatable = getmetatable ""
  local original = metatable.__index
  for i = 1, rounds // 10 do
    metatable.__index = function(s, k) return function() return s .. k .. i end end
    assert(twice "x" == "xtwice" .. i)
    metatable.__index = original
    assert(("x"):upper() == "X")
  end
end

-- Writes that change the type and presence of fields between collections.
do
  local t = { a = 1, b = 2.5, c = "s" }
  local function update(o, v) o.a, o.b, o.c = v, o.a, o.b end
  for i = 1, rounds do
    update(t, i % 4 == 0 and nil or i % 4 == 1 and i or i % 4 == 2 and i + 0.5 or tostring(i))
    if i % 50 == 0 then collectgarbage() end
  end
  local last = {}
  for i = rounds, rounds - 2, -1 do
    last[#last + 1] = tostring(i % 4 == 0 and nil or i % 4 == 1 and i or i % 4 == 2 and i + 0.5 or tostring(i))
  end
  assert(tostring(t.a) == last[1] and tostring(t.b) == last[2] and tostring(t.c) == last[3])
end

-- Many classes through one generic function, with constructors of the same shape.
do
  local classes = {}
  for i = 1, 12 do
    local class = { area = function(self) return self.w * self.h * i end }
    class.__index = class
    classes[i] = class
  end
  local function total(list)
    local sum = 0
    for _, shape in ipairs(list) do sum = sum + shape:area() end
    return sum
  end
  local list, expected = {}, 0
  for i = 1, 48 do
    local k = (i * 7) % 12 + 1
    list[i] = setmetatable({ w = i, h = 2 }, classes[k])
    expected = expected + i * 2 * k
  end
  for _ = 1, rounds // 10 do assert(total(list) == expected) end
end

print "ok"
