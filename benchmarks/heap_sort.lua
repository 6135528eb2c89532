-- Heap sort of random floats: array reads and writes at computed places.
-- quick: 3000
local n = tonumber(arg and arg[1]) or 400000

local seed = 1
local function random()
  seed = seed * 16807 % 2147483647
  return seed / 2147483647
end

local function siftDown(array, root, last)
  local value = array[root]
  while true do
    local child = root * 2
    if child > last then break end
    if child < last and array[child] < array[child + 1] then child = child + 1 end
    if value >= array[child] then break end
    array[root] = array[child]
    root = child
  end
  array[root] = value
end

local function heapSort(array)
  local size = #array
  for root = math.floor(size / 2), 1, -1 do siftDown(array, root, size) end
  for last = size, 2, -1 do
    array[1], array[last] = array[last], array[1]
    siftDown(array, 1, last - 1)
  end
end

local array, sum = {}, 0
for i = 1, n do
  array[i] = random()
  sum = sum + array[i]
end
heapSort(array)
local sorted = array[1]
for i = 2, n do
  if array[i - 1] > array[i] then error("not sorted at " .. i) end
  sorted = sorted + array[i]
end
if math.abs(sum - sorted) > 1e-6 then error("the elements have changed") end
print(string.format("%.6f", sum))
