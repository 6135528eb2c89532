-- The sieve of Eratosthenes: array writes with a stride.
-- quick: 20000
local n = tonumber(arg and arg[1]) or 2000000

local function sieve(limit)
  local composite = {}
  for i = 1, limit do composite[i] = false end
  local count = 0
  for i = 2, limit do
    if not composite[i] then
      count = count + 1
      for multiple = i * i, limit, i do composite[multiple] = true end
    end
  end
  return count
end

local known = { [20000] = 2262, [200000] = 17984, [1000000] = 78498, [2000000] = 148933 }
local count
for _ = 1, 5 do
  count = sieve(n)
  if known[n] and count ~= known[n] then error("wrong number of primes: " .. count) end
end
print(count)
