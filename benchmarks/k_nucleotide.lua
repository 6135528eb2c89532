-- Counting the substrings of a random DNA sequence: short strings as table keys.
-- quick: 4000
local n = tonumber(arg and arg[1]) or 350000

local seed = 42
local function random()
  seed = (seed * 3877 + 29573) % 139968
  return seed / 139968
end

local letters = { "A", "C", "G", "T" }
local limits = { 0.30, 0.50, 0.70, 1.0 }
local pieces, single = {}, { A = 0, C = 0, G = 0, T = 0 }
for i = 1, n do
  local r, k = random(), 1
  while r >= limits[k] do k = k + 1 end
  pieces[i] = letters[k]
  single[letters[k]] = single[letters[k]] + 1
end
local sequence = table.concat(pieces)

local function count(length)
  local counts = {}
  for i = 1, #sequence - length + 1 do
    local key = sequence:sub(i, i + length - 1)
    counts[key] = (counts[key] or 0) + 1
  end
  return counts
end

local function ranked(counts)
  local keys = {}
  for key in pairs(counts) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return a < b
  end)
  return keys
end

local signature = 0
for _, length in ipairs({ 1, 2, 3, 4, 6, 12 }) do
  local counts = count(length)
  local sum = 0
  for key, value in pairs(counts) do
    sum = sum + value
    if #key ~= length then error("wrong key " .. key) end
  end
  if sum ~= n - length + 1 then error("wrong sum for length " .. length .. ": " .. sum) end
  if length == 1 then
    for letter, value in pairs(single) do
      if counts[letter] ~= value then error("wrong count of " .. letter) end
    end
  end
  if length <= 4 then
    for place, key in ipairs(ranked(counts)) do signature = (signature * 31 + place * counts[key]) % 1000003 end
  end
end
local known = { [4000] = 441472, [350000] = 868327 }
if known[n] and signature ~= known[n] then error("wrong signature: " .. signature) end
print(signature)
