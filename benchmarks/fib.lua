-- Fibonacci numbers by their definition: nothing but calls, comparisons and additions.
-- quick: 22
local n = tonumber(arg and arg[1]) or 35

local function fib(i)
  if i < 2 then return i end
  return fib(i - 1) + fib(i - 2)
end

-- The same numbers by counting up, to check against.
local function fibIteratively(i)
  local previous, current = 0, 1
  for _ = 1, i do previous, current = current, previous + current end
  return previous
end

local result = fib(n)
if result ~= fibIteratively(n) then error("wrong result: " .. result) end
print(result)
