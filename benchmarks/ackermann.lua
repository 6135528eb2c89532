-- The Ackermann function for m = 2 and m = 3: deep recursion with calls in argument position and tail calls.
-- quick: 5
local n = tonumber(arg and arg[1]) or 9

local function ackermann(m, k)
  if m == 0 then return k + 1 end
  if k == 0 then return ackermann(m - 1, 1) end
  return ackermann(m - 1, ackermann(m, k - 1))
end

local total = 0
for _ = 1, 3 do
  total = total + ackermann(3, n)
  for k = 0, 40 do
    local result = ackermann(2, k)
    if result ~= 2 * k + 3 then error("wrong result for m = 2: " .. result) end
    total = total + result
  end
end
if total ~= 3 * (2 ^ (n + 3) - 3 + 41 * 43) then error("wrong result: " .. total) end
print(total)
