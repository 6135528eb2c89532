-- The longest Collatz chain below a limit: integer arithmetic, as far as the engine has integers.
-- quick: 3000
local n = tonumber(arg and arg[1]) or 250000

local function chainLength(start)
  local length, value = 1, start
  while value ~= 1 do
    if value % 2 == 0 then value = value / 2 else value = 3 * value + 1 end
    length = length + 1
  end
  return length
end

-- With Lua 5.3's integer division where there is one, so that values stay integers.
if math.type then
  chainLength = assert(load([[
    return function(start)
      local length, value = 1, start
      while value ~= 1 do
        if value % 2 == 0 then value = value // 2 else value = 3 * value + 1 end
        length = length + 1
      end
      return length
    end]]))()
end

local longest, best, total = 0, 0, 0
for start = 1, n do
  local length = chainLength(start)
  total = total + length
  if length > longest then longest, best = length, start end
end
local known = { [1000] = { 179, 871 }, [10000] = { 262, 6171 }, [100000] = { 351, 77031 } }
if known[n] and (longest ~= known[n][1] or best ~= known[n][2]) then error("wrong chain: " .. best .. " " .. longest) end
if chainLength(837799) ~= 525 then error("wrong length of the chain from 837799") end
print(best, longest, total)
