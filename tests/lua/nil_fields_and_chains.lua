-- Fields that are nil in the object itself while its class may have them: every answer must follow later changes of the
-- object, the class and the chain of classes.
local Base = {}
Base.__index = Base
local Derived = setmetatable({}, Base)
Derived.__index = Derived

local function new() return setmetatable({ queue = 1, other = 2 }, Derived) end
local function read(object) return object.queue end

local object = new()
for _ = 1, 300 do assert(read(object) == 1) end
object.queue = nil
for _ = 1, 300 do assert(read(object) == nil) end
Base.queue = "base"
for _ = 1, 300 do assert(read(object) == "base") end
Derived.queue = "derived"
for _ = 1, 300 do assert(read(object) == "derived") end
Derived.queue = nil
for _ = 1, 300 do assert(read(object) == "base") end
Base.queue = nil
for _ = 1, 300 do assert(read(object) == nil) end
Base.__index = function(_, key) return "computed " .. key end
for _ = 1, 300 do assert(read(object) == "computed queue") end
object.queue = false
for _ = 1, 300 do assert(read(object) == false) end
object.queue = nil
Base.__index = nil
for _ = 1, 300 do assert(read(object) == nil) end
setmetatable(Derived, nil)
for _ = 1, 300 do assert(read(object) == nil) end
setmetatable(Derived, { __index = { queue = 7 } })
for _ = 1, 300 do assert(read(object) == 7) end

-- Objects of several shapes in turn at one instruction, some with the field nil, some without it, some inheriting it.
local kinds = {
  function() return { a = 1 } end,
  function() return { b = 1, a = 2 } end,
  function() return setmetatable({ a = 3 }, { __index = { a = 4 } }) end,
  function()
    local t = setmetatable({ a = 3 }, { __index = { a = 4 } })
    t.a = nil
    return t
  end,
  function() return {} end,
  function() return setmetatable({}, { __index = function() return 5 end }) end,
}
local expected = { 1, 2, 3, 4, nil, 5 }
local objects = {}
for i, make in ipairs(kinds) do objects[i] = make() end
for turn = 1, 600 do
  local i = turn % 6 + 1
  assert(objects[i].a == expected[i])
end
-- The same for stores, nil among what is stored.
for turn = 1, 600 do
  local i = turn % 6 + 1
  local value = turn % 4 ~= 0 and turn or nil
  objects[i].a = value
  if value or i ~= 3 and i ~= 4 and i ~= 6 then assert(objects[i].a == value) end
  assert(rawget(objects[i], "a") == value)
end

print("ok")
