-- Every permutation of 1..n through a recursive generator that swaps in place and hands each one to a callback.
-- quick: 7
local n = tonumber(arg and arg[1]) or 10

local items = {}
for i = 1, n do items[i] = i end

local function generate(length, visit)
  if length == 1 then
    visit(items)
    return
  end
  for i = 1, length do
    items[i], items[length] = items[length], items[i]
    generate(length - 1, visit)
    items[i], items[length] = items[length], items[i]
  end
end

-- The number of permutations, of those in which no item is at its own place, and a sum that depends on the order.
local count, derangements, signature = 0, 0, 0
generate(n, function(permutation)
  count = count + 1
  local fixed = false
  for i = 1, n do
    if permutation[i] == i then
      fixed = true
      break
    end
  end
  if not fixed then derangements = derangements + 1 end
  signature = (signature * 31 + permutation[1] * 7 + permutation[n]) % 1000003
end)

local factorial, subfactorial = 1, 1
for i = 1, n do
  factorial = factorial * i
  subfactorial = subfactorial * i + (i % 2 == 0 and 1 or -1)
end
if count ~= factorial then error("wrong number of permutations: " .. count) end
local known = { [7] = 683646, [10] = 825774 }
if known[n] and signature ~= known[n] then error("wrong order: " .. signature) end
if derangements ~= subfactorial then error("wrong number of derangements: " .. derangements) end
print(count, derangements, signature)
