-- Variable numbers of arguments and results: select, forwarding, packing, unpacking.
-- quick: 3000
local n = tonumber(arg and arg[1]) or 500000

local select = select
local unpack = table.unpack or unpack

local function sumBySelect(...)
  local sum = 0
  for i = 1, select("#", ...) do sum = sum + (select(i, ...)) end
  return sum
end

local function sumByTable(...)
  local list, sum = { ... }, 0
  for i = 1, #list do sum = sum + list[i] end
  return sum
end

local function sumByRecursion(first, ...)
  if not first then return 0 end
  return first + sumByRecursion(...)
end

local function forward(f, ...) return f(...) end
local function bind(f, bound)
  return function(...) return f(bound, ...) end
end
local function rotate(first, ...)
  local list = { ... }
  list[#list + 1] = first
  return unpack(list)
end
local function both(a, b) return a + b, a - b end

local bound = bind(sumBySelect, 100)
local total = 0
for i = 1, n do
  local a, b = both(i, 1)
  total = total + sumBySelect(a, b, 3) - sumByTable(i, i, 3)
  total = total + forward(sumByRecursion, 1, 2, 3, 4) + bound(i) - i
  local x, _, z = rotate(i, 2, 3)
  total = total + x - z + i
end
if total ~= n * (0 + 10 + 100 + 2) then error("wrong total: " .. total) end
print(total)
