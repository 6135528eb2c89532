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
-- The table library on objects that are lists: metamethods have a say in what is absent, and in nothing else.
do
  local List = {}
  List.__index = List
  function List:size() return #self end
  local function contents(list) return table.concat(list, " ") end
  for _ = 1, 50 do
    local list = setmetatable({}, List)
    for i = 1, 10 do table.insert(list, i) end
    table.insert(list, 1, 0)
    table.insert(list, 5, "x")
    assert(contents(list) == "0 1 2 3 x 4 5 6 7 8 9 10" and list:size() == 12)
    assert(table.remove(list) == 10 and table.remove(list, 1) == 0 and table.remove(list, 4) == "x")
    assert(contents(list) == "1 2 3 4 5 6 7 8 9")
    table.sort(list, function(a, b) return a > b end)
    table.move(list, 1, 3, 7)
    assert(contents(list) == "9 8 7 6 5 4 9 8 7")
    assert(select("#", table.unpack(list)) == 9 and select(9, table.unpack(list)) == 7 and table.unpack(list, 4, 4) == 6)
    table.move(list, 1, 9, 10)
    table.move(list, 10, 18, 1, list)
    assert(#list == 18 and contents(list) == "9 8 7 6 5 4 9 8 7 9 8 7 6 5 4 9 8 7")
    while #list > 0 do table.remove(list) end
    assert(table.remove(list) == nil and list:size() == 0 and next(list) == nil)
  end

  local log = {}
  local function note(...) log[#log + 1] = table.concat({...}, ":") end
  local function taken()
    local seen = table.concat(log, " ")
    log = {}
    return seen
  end
  local Watched = {
    __index = function(_, k) note("get", k) return "d" .. k end,
    __newindex = function(t, k, v) note("set", k, tostring(v)) rawset(t, k, v) end,
  }
  for _ = 1, 50 do
    local list = setmetatable({"a", "b", "c"}, Watched)
    table.insert(list, "d")
    assert(taken() == "set:4:d" and #list == 4)
    table.insert(list, 2, "e")
    assert(taken() == "set:5:d" and contents(list) == "a e b c d" and taken() == "")
    assert(table.remove(list, 2) == "e" and table.remove(list) == "d" and taken() == "" and #list == 3)
    list = setmetatable({"a", "b", "c"}, Watched)
    list[2] = nil
    assert(table.remove(list, 1) == "a")
    assert(taken() == "get:2 set:2:c" and rawget(list, 1) == "d2" and rawget(list, 2) == "c" and rawget(list, 3) == nil)
    list[3] = "c"
    list[2] = nil
    assert(taken() == "set:3:c")
    table.insert(list, 1, "f")
    assert(taken() == "set:4:c get:2 set:2:d2" and rawget(list, 3) == "d2" and rawget(list, 2) == "d2", contents(list))
    rawset(list, 2, nil)
    assert(contents(list) == "f d2 d2 c" and taken() == "get:2")
    assert(select("#", table.unpack(list)) == 4 and select(2, table.unpack(list)) == "d2" and taken() == "get:2 get:2")
    table.move(list, 3, 4, 4)
    assert(taken() == "set:5:c" and rawget(list, 4) == "d2" and rawget(list, 5) == "c")
    table.move(list, 3, 4, 1)
    assert(taken() == "set:2:d2" and rawget(list, 1) == "d2" and rawget(list, 2) == "d2")
    for i = 5, 1, -1 do rawset(list, i, nil) end
    assert(table.remove(list) == "d0")
    assert(taken() == "get:0 set:0:nil")
  end

  -- A length that a metamethod makes up, also where it is not that of the elements, and one that comes later.
  local Short = {__len = function() return 2 end}
  local list = setmetatable({1, 2, 3, 4}, Short)
  for _ = 1, 20 do
    table.insert(list, "x")
    assert(rawget(list, 3) == "x" and rawlen(list) == 4)
    assert(table.remove(list) == 2 and rawget(list, 2) == nil)
    list[2] = 2
    assert(table.remove(list, 1) == 1 and rawget(list, 1) == 2 and rawget(list, 2) == nil)
    list[1], list[2] = 1, 2
  end
  local Late = {}
  list = setmetatable({}, Late)
  for i = 1, 100 do table.insert(list, i) end
  Late.__len = function() return 5 end
  table.insert(list, "six")
  assert(rawget(list, 6) == "six" and rawlen(list) == 100 and table.remove(list) == 5)
  Late.__len = nil
  Late.__newindex = function(t, k, v) rawset(t, k, -v) end
  assert(table.remove(list) == 100 and #list == 99)
  table.insert(list, 7)
  assert(rawget(list, 100) == -7)
end

print("ok")
