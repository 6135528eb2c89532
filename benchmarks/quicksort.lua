-- Quicksort written in Lua with a comparison function given by the caller: calls of a closure in a hot loop.
-- quick: 2000
local n = tonumber(arg and arg[1]) or 120000

local floor = math.floor

local function sortRange(array, low, high, less)
  while high - low > 12 do
    local middle = floor((low + high) / 2)
    if less(array[middle], array[low]) then array[middle], array[low] = array[low], array[middle] end
    if less(array[high], array[middle]) then array[high], array[middle] = array[middle], array[high] end
    if less(array[middle], array[low]) then array[middle], array[low] = array[low], array[middle] end
    local pivot, i, j = array[middle], low, high
    while i <= j do
      while less(array[i], pivot) do i = i + 1 end
      while less(pivot, array[j]) do j = j - 1 end
      if i <= j then
        array[i], array[j] = array[j], array[i]
        i, j = i + 1, j - 1
      end
    end
    -- Recursion into the smaller part only, so that the depth is logarithmic.
    if j - low < high - i then
      sortRange(array, low, j, less)
      low = i
    else
      sortRange(array, i, high, less)
      high = j
    end
  end
  for i = low + 1, high do
    local value, j = array[i], i - 1
    while j >= low and less(value, array[j]) do
      array[j + 1] = array[j]
      j = j - 1
    end
    array[j + 1] = value
  end
end

local seed = 99
local array = {}
for i = 1, n do
  seed = seed * 16807 % 2147483647
  array[i] = { key = seed % 10007, place = i }
end

local function check(less)
  for i = 2, n do
    if less(array[i], array[i - 1]) then error("not sorted at " .. i) end
  end
end

local comparisons = 0
local function byKey(a, b)
  comparisons = comparisons + 1
  if a.key ~= b.key then return a.key < b.key end
  return a.place < b.place
end
local function byPlace(a, b) return a.place < b.place end
local function byKeyDescending(a, b) return a.key > b.key end

sortRange(array, 1, n, byKey)
check(byKey)
sortRange(array, 1, n, byKeyDescending)
check(byKeyDescending)
sortRange(array, 1, n, byPlace)
for i = 1, n do
  if array[i].place ~= i then error("wrong element at " .. i) end
end
print(n, comparisons > n)
