-- Memoised functions with strings as keys: the longest common subsequence by prefixes, and a cache of words.
-- quick: 40
local n = tonumber(arg and arg[1]) or 500

local function memoize(f)
  local known = {}
  return function(a, b)
    local key = a .. "|" .. b
    local value = known[key]
    if value == nil then
      value = f(a, b)
      known[key] = value
    end
    return value
  end
end

local function randomWord(length, seed)
  local letters = {}
  for i = 1, length do
    seed = seed * 16807 % 2147483647
    letters[i] = string.char(97 + seed % 4)
  end
  return table.concat(letters)
end

local first, second = randomWord(n, 3), randomWord(n, 4)

local common
common = memoize(function(i, j)
  if i == 0 or j == 0 then return 0 end
  if first:sub(i, i) == second:sub(j, j) then return common(i - 1, j - 1) + 1 end
  local left, right = common(i - 1, j), common(i, j - 1)
  return left > right and left or right
end)

-- From small to large, so that the recursion is never deep.
local length = 0
for i = 1, n, 20 do
  for j = 1, n, 20 do length = common(i, j) end
end
length = common(n, n)

-- The same by rows, to check against.
local row = {}
for j = 0, n do row[j] = 0 end
for i = 1, n do
  local diagonal = 0
  for j = 1, n do
    local above = row[j]
    if first:sub(i, i) == second:sub(j, j) then
      row[j] = diagonal + 1
    elseif row[j - 1] > above then
      row[j] = row[j - 1]
    end
    diagonal = above
  end
end
if length ~= row[n] then error("wrong length: " .. length .. " instead of " .. row[n]) end

local seen, distinct = {}, 0
for i = 1, n * 100 do
  local word = "word-" .. i * i % 1009
  if not seen[word] then
    seen[word] = 0
    distinct = distinct + 1
  end
  seen[word] = seen[word] + 1
end
-- 1009 is prime: there are 504 squares besides zero.
if n * 100 >= 1009 and distinct ~= 505 then error("wrong number of words: " .. distinct) end
print(length, distinct)
