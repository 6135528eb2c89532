-- The towers of Hanoi with real stacks of disks, which refuse a larger disk on a smaller one.
-- quick: 12
local n = tonumber(arg and arg[1]) or 22

local function newPile(disks)
  local pile = { size = 0 }
  for size = disks, 1, -1 do
    pile.size = pile.size + 1
    pile[pile.size] = size
  end
  return pile
end

local moves = 0

local function moveTop(from, to)
  local disk = from[from.size]
  local below = to[to.size]
  if below and below < disk then error("disk " .. disk .. " on disk " .. below) end
  from[from.size] = nil
  from.size = from.size - 1
  to.size = to.size + 1
  to[to.size] = disk
  moves = moves + 1
end

local function moveAll(count, from, to, spare)
  if count == 0 then return end
  moveAll(count - 1, from, spare, to)
  moveTop(from, to)
  moveAll(count - 1, spare, to, from)
end

local left, middle, right = newPile(n), newPile(0), newPile(0)
moveAll(n, left, right, middle)
if moves ~= 2 ^ n - 1 then error("wrong number of moves: " .. moves) end
for i = 1, n do
  if right[i] ~= n + 1 - i then error("wrong disk at height " .. i) end
end
print(moves)
