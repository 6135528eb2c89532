-- table.sort of numbers, of strings, and of records with a comparison function in Lua.
-- quick: 2000
local n = tonumber(arg and arg[1]) or 100000

local seed = 5
local function random(limit)
  seed = seed * 16807 % 2147483647
  return seed % limit
end

local numbers, strings, records = {}, {}, {}
for i = 1, n do
  numbers[i] = random(1000000)
  strings[i] = string.format("%06d-%d", random(1000000), i)
  records[i] = { year = 1900 + random(120), name = "name" .. random(5000), place = i }
end

table.sort(numbers)
for i = 2, n do
  if numbers[i - 1] > numbers[i] then error("numbers are not sorted at " .. i) end
end

table.sort(strings)
for i = 2, n do
  if strings[i - 1] >= strings[i] then error("strings are not sorted at " .. i) end
end

local function less(a, b)
  if a.year ~= b.year then return a.year > b.year end
  if a.name ~= b.name then return a.name < b.name end
  return a.place < b.place
end
table.sort(records, less)
local sum = 0
for i = 1, n do
  sum = sum + records[i].place
  if i > 1 and less(records[i], records[i - 1]) then error("records are not sorted at " .. i) end
end
if sum ~= n * (n + 1) / 2 then error("records are lost") end
print(n, sum)
