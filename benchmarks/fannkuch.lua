-- Pancake flipping over all permutations: short integer arrays, reversed, rotated and counted.
-- quick: 7
local n = tonumber(arg and arg[1]) or 9

local function fannkuch(size)
  local permutation, work, count = {}, {}, {}
  for i = 1, size do permutation[i], count[i] = i, i end
  local sign, maxFlips, checksum = 1, 0, 0
  while true do
    local first = permutation[1]
    if first ~= 1 then
      for i = 2, size do work[i] = permutation[i] end
      local flips = 1
      while true do
        local next = work[first]
        if next == 1 then break end
        work[first] = first
        local low, high = 2, first - 1
        while low < high do
          work[low], work[high] = work[high], work[low]
          low, high = low + 1, high - 1
        end
        first = next
        flips = flips + 1
      end
      if flips > maxFlips then maxFlips = flips end
      checksum = checksum + sign * flips
    end

    -- The next permutation, in an order in which neighbours have opposite signs.
    if sign == 1 then
      permutation[1], permutation[2] = permutation[2], permutation[1]
      sign = -1
    else
      permutation[2], permutation[3] = permutation[3], permutation[2]
      sign = 1
      local rotated = 3
      while true do
        if count[rotated] ~= 1 then
          count[rotated] = count[rotated] - 1
          break
        end
        count[rotated] = rotated
        if rotated == size then return checksum, maxFlips end
        local moved = permutation[1]
        for i = 1, rotated do permutation[i] = permutation[i + 1] end
        permutation[rotated + 1] = moved
        rotated = rotated + 1
      end
    end
  end
end

local checksum, maxFlips
for _ = 1, 3 do checksum, maxFlips = fannkuch(n) end
local known = { [7] = { 228, 16 }, [8] = { 1616, 22 }, [9] = { 8629, 30 }, [10] = { 73196, 38 } }
if known[n] and (checksum ~= known[n][1] or maxFlips ~= known[n][2]) then
  error("wrong result: " .. checksum .. " " .. maxFlips)
end
print(checksum, maxFlips)
