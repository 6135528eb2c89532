-- Functions that are compiled while they see one type of number and then see another for good: they are stitched again,
-- in the middle of their loops, with other activations of them still running the first code.
local function sum(t)
  local s = 0
  for i = 1, #t do s = s + t[i] * 2 end
  return s
end
local phases = {}
for phase = 1, 8 do
  local t = {}
  for i = 1, 100 do t[i] = phase % 2 == 0 and i * 0.5 or i end
  phases[phase] = t
end
for _ = 1, 3 do
  for phase = 1, 8 do
    for _ = 1, 100 do
      local s = sum(phases[phase])
      assert(phase % 2 == 0 and s == 5050.0 and math.type(s) == "float" or s == 10100 and math.type(s) == "integer")
    end
  end
end

-- Recursion: outer activations return into code that has been replaced meanwhile.
local function weave(depth, step)
  local x = 0
  for i = 1, 60 do
    x = x + step
    if i == 30 and depth > 0 then x = x + weave(depth - 1, depth % 2 == 0 and 0.25 or 1) end
  end
  return x
end
for _ = 1, 30 do
  local expected = 0
  for depth = 0, 39 do
    -- The step of an activation at this depth was chosen by its caller.
    expected = expected + 60 * ((depth + 1) % 2 == 0 and 0.25 or 1)
  end
  assert(weave(40, 1) == expected + 60)
end

-- While loops, with a coroutine suspended in the old code.
local function count(limit, step)
  local n, turns = 0, 0
  while n < limit do
    n = n + step
    turns = turns + 1
    if turns == 500 and coroutine.isyieldable() then coroutine.yield(n) end
  end
  return n, turns
end
local suspended = coroutine.wrap(function() return count(1000, 1) end)
assert(suspended() == 500)
for _ = 1, 20 do
  local n, turns = count(1000, 0.5)
  assert(n == 1000.0 and turns == 2000)
end
local n, turns = suspended()
assert(n == 1000 and turns == 1000 and math.type(n) == "integer")
collectgarbage()
assert(count(10, 1) == 10)
print("ok")
