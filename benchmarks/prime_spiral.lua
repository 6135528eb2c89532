-- Ulam's spiral: primes by trial division, walked in a spiral, and counted on the diagonals through the centre.
-- quick: 41
local n = tonumber(arg and arg[1]) or 1001

local function newPrimes()
  local list = { 2, 3 }
  return list, function(candidate)
    if candidate < 2 then return false end
    local i = 1
    while true do
      local prime = list[i]
      if prime == nil or prime * prime > candidate then return true end
      if candidate % prime == 0 then return false end
      i = i + 1
    end
  end
end

local primes, isPrime = newPrimes()
local directions = { { 1, 0 }, { 0, -1 }, { -1, 0 }, { 0, 1 } }

local grid = {}
for y = 1, n do
  grid[y] = {}
  for x = 1, n do grid[y][x] = false end
end

local center = (n + 1) / 2
local x, y, number, count, onDiagonals = center, center, 1, 0, 0
local side, heading = 1, 1
while number <= n * n do
  for _ = 1, 2 do
    local dx, dy = directions[heading][1], directions[heading][2]
    for _ = 1, side do
      if number <= n * n then
        if isPrime(number) then
          grid[y][x] = true
          count = count + 1
          if number > primes[#primes] then primes[#primes + 1] = number end
          if x - center == y - center or x - center == center - y then onDiagonals = onDiagonals + 1 end
        end
        number = number + 1
        x, y = x + dx, y + dy
      end
    end
    heading = heading % 4 + 1
  end
  side = side + 1
end

local inGrid = 0
for row = 1, n do
  for column = 1, n do
    if grid[row][column] then inGrid = inGrid + 1 end
  end
end
local known = { [41] = { 263, 27 }, [1001] = { 78650, 300 } }
if known[n] and (count ~= known[n][1] or onDiagonals ~= known[n][2]) then
  error("wrong numbers of primes: " .. count .. " " .. onDiagonals)
end
if inGrid ~= count then error("primes are lost: " .. inGrid) end
print(count, onDiagonals)
