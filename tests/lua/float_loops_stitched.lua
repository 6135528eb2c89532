-- Loops over floats in stitched code: their turns are counted, they end where they should, and they go on in stitched
-- code afterwards.
local function sum(first, limit, step)
  local total, turns = 0.0, 0
  for x = first, limit, step do
    total = total + x
    turns = turns + 1
  end
  return total, turns
end

for round = 1, 200 do
  local total, turns = sum(0.5, 10, 0.5)
  assert(total == 105.0 and turns == 20)
  total, turns = sum(1, 2, 0.25)
  assert(total == 7.5 and turns == 5)
  total, turns = sum(3.0, 1, -1)
  assert(total == 6.0 and turns == 3)
  total, turns = sum(1.0, 0, 1)
  assert(total == 0.0 and turns == 0)
  -- The same loop over integers.
  total, turns = sum(1, 4, 1)
  assert(total == 10.0 and turns == 4)
end

-- Nested, with the variable used as a number of its type.
local function types()
  local seen = {}
  for i = 1, 3 do
    for x = 0.0, 1.0, 0.5 do seen[#seen + 1] = math.type(i) .. math.type(x) .. (i + x) end
  end
  return table.concat(seen, " ")
end
for round = 1, 150 do
  assert(types() == "integerfloat1.0 integerfloat1.5 integerfloat2.0 integerfloat2.0 integerfloat2.5 " ..
    "integerfloat3.0 integerfloat3.0 integerfloat3.5 integerfloat4.0")
end

-- An infinite loop over floats can be left, and interrupted code after it runs on.
local n = 0
for x = 1.0, math.huge do
  n = n + 1
  if n == 5000 then break end
end
assert(n == 5000)

-- A loop that changes its type between activations of a function that was stitched before it ever ran.
local function alternate(a, b)
  local last
  for x = a, b do last = x end
  return last
end
for round = 1, 300 do
  assert(math.type(alternate(1, 3)) == "integer")
  assert(math.type(alternate(1.0, 3)) == "float")
end

-- The index in a register: used by arithmetic, changed by the body, in nested loops, up, down, and to the limit exactly.
local function sums(from, to, step)
  local a, b, last = 0.0, 0.0, nil
  for x = from, to, step do
    local y = x * 2
    a = a + y
    x = x + 1
    b = b + x
    last = y
  end
  return a, b, last
end
for _ = 1, 40 do
  local a, b, last = sums(0.0, 100.0, 0.5)
  assert(a == 20100.0 and b == 10050.0 + 201 and last == 200.0)
  a, b, last = sums(100.0, 0.0, -0.5)
  assert(a == 20100.0 and b == 10050.0 + 201 and last == 0.0)
  a, b, last = sums(1, 3.5, 1)
  assert(a == 12 and b == 9 and math.type(last) == "integer")
  a, b, last = sums(1.0, 0.0, 1)
  assert(a == 0 and last == nil)
end
local function grid()
  local count, sum = 0, 0.0
  for y = 0.0, 9.5, 0.5 do
    for x = y, 0.0, -0.25 do
      count = count + 1
      sum = sum + x * y
    end
  end
  return count, sum
end
local count, sum = grid()
for _ = 1, 60 do
  local c, s = grid()
  assert(c == count and s == sum)
end
assert(count == 400)
local function nan()
  local n = 0
  for _ = 0 / 0, 1.0 do n = n + 1 end
  for _ = 0.0, 0 / 0 do n = n + 1 end
  return n
end
for _ = 1, 200 do assert(nan() == 2) end -- nothing is beyond a NaN
