-- Method definitions and calls (manual 3.4.10 and 3.4.11), on tables, on strings and through __index.

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(message, text, 1, true), message)
end

-- obj:name(args) evaluates the object once and passes it first.
do
  local evaluations = 0
  local object = { value = 10 }
  function object:add(...)
    local total = self.value
    for _, n in ipairs { ... } do total = total + n end
    return total, select("#", ...)
  end
  function object.plain(x) return x end
  local function get() evaluations = evaluations + 1 return object end
  assert(get():add(1, 2) == 13 and evaluations == 1 and object:add() == 10 and object.add(object, 5) == 15)
  assert(object:plain() == object and object.plain(3) == 3)
  assert(select(2, object:add(table.unpack({ 1, 2, 3 }))) == 3)
end

-- Without parentheses: a string or a table constructor as the only argument, chained.
do
  local builder = { text = "" }
  function builder:append(part)
    self.text = self.text .. (type(part) == "table" and #part or part)
    return self
  end
  builder:append "a":append { 1, 2 }:append [[b]]:append("c")
  assert(builder.text == "a2bc")
  assert(("x"):rep(3) == "xxx" and ("%d"):format(5) == "5" and #("abc"):upper() == 3 and ("abc"):len() == 3)
end

-- Nested names in definitions.
do
  local a = { b = { c = {} } }
  function a.b.c.f(x) return x end
  function a.b.c:m(x) return self, x end
  local self, x = a.b.c:m(7)
  assert(a.b.c.f(1) == 1 and self == a.b.c and x == 7)
end

-- Methods on strings, and on every other type that has a metatable by debug.setmetatable.
do
  local s = "hello"
  assert(s:sub(2, 3) == "el" and s:upper():lower() == s and s:len() == 5 and s:byte() == 104)
  string.shout = function(self, mark) return self:upper() .. (mark or "!") end
  assert(s:shout() == "HELLO!" and ("a"):shout "?" == "A?" and s.shout == string.shout)
  string.shout = nil
  assert(s.shout == nil)
  failsWith("attempt to call a nil value (method 'shout')", function() return s:shout() end)
  debug.setmetatable(0, { __index = { double = function(n) return n * 2 end } })
  local n = 21
  assert(n:double() == 42 and (2.5):double() == 5.0)
  debug.setmetatable(0, nil)
  failsWith("attempt to index a number value (local 'n')", function() local n = 1 return n:double() end)
  debug.setmetatable(nil, { __index = function(_, key) return key end })
  assert((nil).anything == "anything")
  debug.setmetatable(nil, nil)
  debug.setmetatable(print, { __index = { name = "function" } })
  assert(print.name == "function" and (function() end).name == "function")
  debug.setmetatable(print, nil)
  debug.setmetatable(true, { __index = function(b, key) return key .. tostring(b) end })
  assert((true).is == "istrue" and (false).is == "isfalse")
  debug.setmetatable(true, nil)
end

-- Errors name the method or the object.
do
  local object, nothing = {}, nil
  failsWith("attempt to call a nil value (method 'missing')", function() object:missing() end)
  failsWith("attempt to call a number value (method 'number')", function() object.number = 5 object:number() end)
  failsWith("attempt to index a nil value (upvalue 'nothing')", function() nothing:method() end)
  failsWith("attempt to index a nil value (global 'undefinedName')", function() undefinedName:method() end)
  failsWith("attempt to index a nil value (field 'inner')", function() object.inner:method() end)
  failsWith("attempt to index a boolean value", function() (true):method() end)
end

-- Inheritance several levels deep, overriding, calling the parent's method, class fields as defaults.
do
  local function class(parent)
    local new = {}
    new.__index = new
    function new.create(...)
      local object = setmetatable({}, new)
      if object.initialize then object:initialize(...) end
      return object
    end
    return setmetatable(new, { __index = parent })
  end
  local Animal = class()
  Animal.legs = 4
  function Animal:initialize(name) self.name = name end
  function Animal:speak() return self.name .. " makes " .. self:sound() end
  function Animal:sound() return "a noise" end
  local Dog = class(Animal)
  function Dog:sound() return "woof" end
  local Puppy = class(Dog)
  function Puppy:initialize(name, age)
    Dog.initialize(self, name)
    self.age = age
  end
  function Puppy:sound() return Dog.sound(self):upper() .. "!" end
  local Bird = class(Animal)
  Bird.legs = 2

  local rounds = os.getenv "SELVAGE_GC_STRESS" and 20 or 500
  for round = 1, rounds do
    local animals = { Animal.create "cat", Dog.create "rex", Puppy.create("bit", 1), Bird.create "tit" }
    local speech, legs = {}, 0
    for index, animal in ipairs(animals) do
      speech[index] = animal:speak()
      legs = legs + animal.legs
    end
    assert(table.concat(speech, ";") == "cat makes a noise;rex makes woof;bit makes WOOF!;tit makes a noise")
    assert(legs == 14 and animals[3].age == 1 and animals[2].age == nil)
  end
end

-- An object's own field hides the class's method, and removing it shows the method again.
do
  local Class = { get = function(self) return "class" end }
  Class.__index = Class
  local object = setmetatable({}, Class)
  local function call(o) return o:get() end
  for round = 1, 300 do
    assert(call(object) == "class")
    if round % 10 == 0 then
      object.get = function() return "own" end
      assert(call(object) == "own")
      object.get = nil
    end
    if round % 25 == 0 then
      local old = Class.get
      Class.get = function() return "replaced" end
      assert(call(object) == "replaced")
      Class.get = old
    end
  end
end

-- Methods found by an __index function, and methods that are callable tables.
do
  local calls = 0
  local object = setmetatable({}, {
    __index = function(self, key)
      calls = calls + 1
      return function(receiver, x) return key, receiver == self, x end
    end,
  })
  for _ = 1, 200 do
    local key, same, x = object:anything(5)
    assert(key == "anything" and same and x == 5)
  end
  assert(calls == 200)
  local callable = setmetatable({}, { __call = function(self, receiver, x) return receiver, x end })
  local holder = { m = callable }
  local receiver, x = holder:m(8)
  assert(receiver == holder and x == 8)
end

print "ok"
