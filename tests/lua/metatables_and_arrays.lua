-- Arrays whose tables have a metatable without __index or without __newindex: elements come, go and are missed as in
-- plain arrays; and with the metamethods as soon as the metatable has them.
local function check(metatable)
  local list = setmetatable({}, metatable)
  for i = 1, 200 do list[i] = i end
  for i = 1, 200 do assert(list[i] == i) end
  assert(#list == 200)
  list[100] = nil
  assert(rawget(list, 100) == nil)
  list[100] = "back"
  assert(rawget(list, 100) == "back")
  for i = 200, 151, -1 do list[i] = nil end
  assert(#list == 150)
  for i = 1000, 100000, 1000 do list[i] = -i end
  for i = 1000, 100000, 1000 do assert(list[i] == -i) end
  list[0], list[-1], list[0.5] = "zero", "minus", "half"
  assert(list[0] == "zero" and list[-1] == "minus" and list[0.5] == "half")
  return list
end

local missed = 0
local onlyIndex = {__index = function(_, key) missed = missed + 1 return "no " .. key end}
local list = check(onlyIndex)
missed = 0
for i = 1, 200 do assert((list[i] == i or list[i] == "back") == (i <= 150)) end
assert(missed == 2 * 50)
local stored = 0
onlyIndex.__newindex = function(table, key, value) stored = stored + 1 rawset(table, key, value) end
for i = 151, 160 do list[i] = i end
list[150] = 150
assert(stored == 10 and #list == 160)

local onlyNewIndex = {__newindex = function(table, key, value) stored = stored + 1 rawset(table, key, value) end}
stored = 0
list = setmetatable({}, onlyNewIndex)
for i = 1, 100 do list[i] = i end
list[50] = nil
list[50] = 50
assert(stored == 101)
for i = 101, 200 do assert(list[i] == nil) end
onlyNewIndex.__index = function() return "missing" end
for i = 101, 200 do assert(list[i] == "missing") end
check({__name = "neither"})

-- What a base class says counts as well once it is there.
local class = {}
class.__index = class
local object = setmetatable({}, class)
for i = 1, 50 do object[i] = i end
for i = 51, 60 do assert(object[i] == nil) end
class[55] = "from the class"
assert(object[55] == "from the class")
object[55] = "own"
assert(object[55] == "own" and class[55] == "from the class")
-- Arrays that have integers outside of their array part: 0 and what lies ahead, which joins them as they reach it.
for _, ahead in ipairs({{}, {12}, {12, 13, 14}, {12, 14}, {40, 41}}) do
  local filled = {[0] = "zero", [-5] = "minus"}
  for _, key in ipairs(ahead) do filled[key] = "ahead" end
  for i = 1, 11 do filled[i] = i end
  assert(filled[12] == (ahead[1] == 12 and "ahead" or nil))
  for i = 12, 60 do
    if filled[i] == nil then filled[i] = i end
  end
  assert(#filled == 60 and filled[0] == "zero" and filled[-5] == "minus")
  local sum = 0
  for i, v in ipairs(filled) do sum = sum + (v == "ahead" and i or v) end
  assert(sum == 60 * 61 // 2)
  for i = 60, 1, -1 do filled[i] = nil end
  assert(#filled == 0 and next(filled) ~= nil)
end
print("ok")
