-- Stitched code may have the one shape that a field access has met as a constant: it must notice every other shape, also
-- when the first one's tables are long gone and its memory might serve another.
local function reader() return load("local t = ... return t.value") end

for round = 1, 20 do
  local read = reader()
  local write = load("local t, v = ... t.value = v t.other = true")
  for i = 1, 300 do
    local t = { first = 0, value = i }
    t.other = false
    assert(read(t) == i)
    write(t, i * 0.5)
    assert(read(t) == i * 0.5 and t.other == true and t.first == 0)
  end
  collectgarbage()
  for i = 1, 50 do
    local t = {}
    for k = 1, (i + round) % 7 do t["key" .. round .. "_" .. k] = k end
    t.value = "here"
    t["last" .. i] = i
    assert(read(t) == "here")
    write(t, i)
    assert(read(t) == i and t.other and t["last" .. i] == i)
  end
  assert(read(setmetatable({}, { __index = { value = 7 } })) == 7)
  assert(not pcall(read, nil) and not pcall(write, 5, 5))
  local log = {}
  write(setmetatable({}, { __newindex = function(_, k, v) log[k] = v end }), round)
  assert(log.value == round and log.other == true)
end

-- The type of the field changes, the field goes away, the table becomes a dictionary, its metatable changes.
local function total(list)
  local sum = 0
  for i = 1, #list do sum = sum + list[i].x end
  return sum
end
local list = {}
for i = 1, 200 do list[i] = { x = i, y = 0 } end
for _ = 1, 10 do assert(total(list) == 20100) end
list[100].x = 0.5
assert(total(list) == 20100 - 100 + 0.5)
list[100].x = "100"
assert(total(list) == 20100)
list[100].x = nil
assert(not pcall(total, list))
setmetatable(list[100], { __index = { x = 100 } })
assert(total(list) == 20100)
for k = 1, 3000 do list[50]["k" .. k] = k end
assert(total(list) == 20100)
list[50].x = nil
assert(not pcall(total, list))
list[50].x = 50
for _ = 1, 10 do assert(total(list) == 20100) end
print("ok")
