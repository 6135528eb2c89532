-- Numbers that stitched code keeps in registers from instruction to instruction and from turn to turn: they must follow
-- changes of type in the middle of a loop, other ways into and out of it, and everything that changes a variable behind
-- its back.

-- An accumulator whose type changes while the loop runs.
local function sum(values)
  local total = 0
  for i = 1, #values do total = total + values[i] end
  return total
end
local integers, floats, mixed = {}, {}, {}
for i = 1, 400 do
  integers[i] = i
  floats[i] = i * 0.5
  mixed[i] = i % 50 == 0 and i * 0.5 or i
end
for _ = 1, 5 do
  assert(math.type(sum(integers)) == "integer" and sum(integers) == 80200)
  assert(math.type(sum(floats)) == "float" and sum(floats) == 40100.0)
  assert(math.type(sum(mixed)) == "float" and sum(mixed) == 80200 - 900)
end

-- The type of an element changes at one turn only, by a string and by a metamethod.
local odd = { 1, 2, "10", 4, 5 }
for _ = 1, 200 do assert(sum(odd) == 22) end
local adding = setmetatable({}, { __add = function(a, b)
  return (type(a) == "number" and a or 100) + (type(b) == "number" and b or 100)
end })
odd[3] = adding
for _ = 1, 200 do assert(sum(odd) == 112) end

-- Loop variables that the body overwrites; the loop goes on regardless.
local function overwritten(n)
  local seen = 0
  for i = 1, n do
    local was = i
    i = i * 10
    if i > 50 then i = 0.5 end
    seen = seen + i + was
  end
  return seen
end
for _ = 1, 100 do assert(overwritten(7) == 10 + 20 + 30 + 40 + 50 + 0.5 + 0.5 + 28) end

-- Ways that join: what one of them left in a register must not be used after the other.
local function joined(n)
  local a, b, total = 0, 1.5, 0
  for i = 1, n do
    local x
    if i % 3 == 0 then x = a + i elseif i % 3 == 1 then x = b * i else x = i end
    a = x // 1
    b = b + (i % 2 == 0 and 1 or 0.25)
    total = total + x
  end
  return total, a, b
end
local t1, a1, b1 = joined(200)
for _ = 1, 20 do
  local t2, a2, b2 = joined(200)
  assert(t1 == t2 and a1 == a2 and b1 == b2)
end
assert(b1 == 1.5 + 100 * 1.25)

-- Two variables that mirror the same value, one of which goes on alone.
local function mirrored(n)
  local previous, current = 0, 1
  for _ = 1, n do
    local next = previous + current
    previous = current
    current = next
  end
  return previous
end
for _ = 1, 100 do assert(mirrored(50) == 12586269025) end

-- Variables captured by closures and changed by calls within the loop.
local function captured(n)
  local count, total = 0, 0
  local function bump(by) count = count + by end
  for i = 1, n do
    local before = count + 0
    bump(i % 2 == 0 and 1 or 0.5)
    total = total + (count - before)
  end
  return count, total
end
for _ = 1, 50 do
  local count, total = captured(100)
  assert(count == 75.0 and total == 75.0)
end

-- Metamethods that change locals in the middle of an expression.
local function intruded(n)
  local x, y = 1, 2
  local proxy = setmetatable({}, {
    __index = function(_, key)
      x = x + key
      y = 0.5
      return 1
    end,
    __newindex = function(_, _, value) y = y + value end,
    __lt = function() x = x + 1 return true end,
  })
  for i = 1, n do
    y = y + 1
    local from = x + i
    if proxy[i] == 1 and proxy < 5 then from = from + x + y end
    proxy.field = i
    y = y + from
  end
  return x, y
end
local ix, iy = intruded(30)
for _ = 1, 30 do
  local jx, jy = intruded(30)
  assert(ix == jx and iy == jy and ix == 1 + 465 + 30)
end

-- Exits and re-entries: break, goto continue, nested loops, while and repeat, errors out of the middle.
local function exits(n)
  local total, i = 0, 0
  while true do
    i = i + 1
    if i % 4 == 0 then goto continue end
    for j = 1, i do
      if j > 10 then break end
      total = total + j * 0.5
    end
    repeat
      local k = total // 1
      total = total + 1
    until k % 2 == 0 or total > 1e6
    if i >= n then break end
    ::continue::
  end
  return total, i
end
local e1, e2 = exits(99)
for _ = 1, 20 do
  local f1, f2 = exits(99)
  assert(e1 == f1 and e2 == f2)
end

local function failing(values)
  local total, turns = 0, 0
  local ok, message = pcall(function()
    for i = 1, #values do
      total = total + values[i]
      turns = turns + 1
    end
  end)
  return ok, message, total, turns
end
local broken = { 1, 2.5, 3, {}, 5 }
for _ = 1, 200 do
  local ok, message, total, turns = failing(broken)
  assert(not ok and message:find("attempt to perform arithmetic on a table value %(field '%?'%)"))
  assert(total == 6.5 and turns == 3)
end

-- Integers at their edges, keys in registers beyond the array, comparisons with floats and constants.
local function edges(start, stop, step)
  local n, last = 0, nil
  for i = start, stop, step do
    n = n + 1
    last = i
    if n > 1000 then break end
  end
  return n, last
end
for _ = 1, 50 do
  local n, last = edges(math.maxinteger - 2, math.maxinteger, 1)
  assert(n == 3 and last == math.maxinteger)
  n, last = edges(math.mininteger, math.mininteger + 5, 2)
  assert(n == 3 and last == math.mininteger + 4)
  n, last = edges(1, 3, 0.5)
  assert(n == 5 and last == 3.0 and math.type(last) == "float")
  n, last = edges(10, 1, -3)
  assert(n == 4 and last == 1)
end

local function keys(t, n)
  local found, missing = 0, 0
  for i = -2, n do
    local k = i + 1
    if t[k] ~= nil then found = found + t[k] else missing = missing + 1 end
    if k < 3.5 and k >= 1 then found = found + 0 end
    if k == 2.0 then found = found + 1000 end
  end
  return found, missing
end
local sparse = { 10, 20, 30, [0] = 5, [7] = 70 }
for _ = 1, 60 do
  local found, missing = keys(sparse, 8)
  assert(found == 10 + 20 + 30 + 5 + 70 + 1000 and missing == 6)
end

-- Stores out of registers: into arrays that grow, fields, and elements of other types.
local function fill(n)
  local t, record = {}, { x = 0, y = 0 }
  for i = 1, n do
    local square = i * i
    t[i] = square
    t[i] = t[i] + 0.5
    record.x = square
    record.y = record.y + t[i]
    t[i + 1] = i
  end
  return t, record
end
for _ = 1, 30 do
  local t, record = fill(60)
  assert(#t == 61 and t[60] == 3600.5 and t[61] == 60 and record.x == 3600 and record.y == 73810 + 30)
end
print("ok")
