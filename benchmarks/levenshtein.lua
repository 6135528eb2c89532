-- Edit distances between words: two rows of dynamic programming over arrays of bytes.
-- quick: 12
local n = tonumber(arg and arg[1]) or 150

local byte, min = string.byte, math.min

local function distance(a, b)
  if a == b then return 0 end
  local bytes, previous, current = {}, {}, {}
  for j = 1, #b do bytes[j] = byte(b, j) end
  for j = 0, #b do previous[j] = j end
  for i = 1, #a do
    local c = byte(a, i)
    current[0] = i
    for j = 1, #b do
      local replaced = previous[j - 1] + (bytes[j] == c and 0 or 1)
      current[j] = min(replaced, previous[j] + 1, current[j - 1] + 1)
    end
    previous, current = current, previous
  end
  return previous[#b]
end

for _, case in ipairs({ { "kitten", "sitting", 3 }, { "saturday", "sunday", 3 }, { "", "abc", 3 }, { "flaw", "lawn", 2 } }) do
  if distance(case[1], case[2]) ~= case[3] then error("wrong distance from " .. case[1] .. " to " .. case[2]) end
end

local seed = 17
local words = {}
for i = 1, n do
  local letters = {}
  for j = 1, 8 + i % 9 do
    seed = seed * 16807 % 2147483647
    letters[j] = string.char(97 + seed % 6)
  end
  words[i] = table.concat(letters)
end

local distances, sum = {}, 0
for i = 1, n do
  distances[i] = {}
  for j = 1, n do
    distances[i][j] = distance(words[i], words[j])
    sum = sum + distances[i][j]
  end
end
-- It is a metric: symmetric, and no detour is shorter.
for i = 1, n do
  for j = 1, n do
    if distances[i][j] ~= distances[j][i] then error("not symmetric") end
    local k = (i + j) % n + 1
    if distances[i][j] > distances[i][k] + distances[k][j] then error("a detour is shorter") end
  end
end
print(sum)
