-- Takeuchi's function: recursion with three parameters, four calls in each step.
-- quick: 12
local n = tonumber(arg and arg[1]) or 24

local function tak(x, y, z)
  if y >= x then return z end
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y))
end

local z = math.floor(n / 3)
local x, y = n, 2 * z
local result
for _ = 1, 10 do result = tak(x, y, z) end
if n % 3 == 0 and n > 6 and result ~= z + 1 then error("wrong result: " .. result) end
print(result)
