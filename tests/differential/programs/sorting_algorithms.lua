-- Several sorting algorithms against table.sort, on several kinds of input.
local state = 7
local function random(n)
  state = state * 6364136223846793005 + 1442695040888963407
  return (state >> 33) % n
end
local algorithms = {}
function algorithms.insertion(t)
  for i = 2, #t do
    local value, j = t[i], i - 1
    while j >= 1 and t[j] > value do
      t[j + 1] = t[j]
      j = j - 1
    end
    t[j + 1] = value
  end
  return t
end
function algorithms.quick(t)
  local function sort(low, high)
    while low < high do
      local pivot, i, j = t[(low + high) // 2], low, high
      repeat
        while t[i] < pivot do i = i + 1 end
        while pivot < t[j] do j = j - 1 end
        if i <= j then
          t[i], t[j] = t[j], t[i]
          i, j = i + 1, j - 1
        end
      until i > j
      if j - low < high - i then
        sort(low, j)
        low = i
      else
        sort(i, high)
        high = j
      end
    end
  end
  sort(1, #t)
  return t
end
function algorithms.merge(t)
  if #t < 2 then return t end
  local left, right = {}, {}
  for i = 1, #t do
    local side = i <= #t // 2 and left or right
    side[#side + 1] = t[i]
  end
  left, right = algorithms.merge(left), algorithms.merge(right)
  local i, j = 1, 1
  for k = 1, #t do
    if j > #right or (i <= #left and left[i] <= right[j]) then
      t[k], i = left[i], i + 1
    else
      t[k], j = right[j], j + 1
    end
  end
  return t
end
function algorithms.heap(t)
  local function sift(root, last)
    while root * 2 <= last do
      local child = root * 2
      if child < last and t[child] < t[child + 1] then child = child + 1 end
      if t[root] >= t[child] then return end
      t[root], t[child] = t[child], t[root]
      root = child
    end
  end
  for i = #t // 2, 1, -1 do sift(i, #t) end
  for last = #t, 2, -1 do
    t[1], t[last] = t[last], t[1]
    sift(1, last - 1)
  end
  return t
end
function algorithms.shell(t)
  local gap = #t // 2
  while gap > 0 do
    for i = gap + 1, #t do
      local value, j = t[i], i
      while j > gap and t[j - gap] > value do
        t[j] = t[j - gap]
        j = j - gap
      end
      t[j] = value
    end
    gap = gap // 2
  end
  return t
end
local inputs = {
  random = function(i) return random(1000) end,
  rising = function(i) return i end,
  falling = function(i) return -i end,
  equal = function() return 5 end,
  floats = function() return random(1000) / 8 end,
  mixed = function(i) return i % 2 == 0 and random(100) or random(100) + 0.5 end,
  strings = function() return string.char(97 + random(26), 97 + random(26)) end,
}
local names, kinds = {}, {}
for name in pairs(algorithms) do names[#names + 1] = name end
for kind in pairs(inputs) do kinds[#kinds + 1] = kind end
table.sort(names)
table.sort(kinds)
for _, kind in ipairs(kinds) do
  local original = {}
  for i = 1, 120 do original[i] = inputs[kind](i) end
  local expected = { table.unpack(original) }
  table.sort(expected)
  print(kind, table.concat(expected, " ", 1, 10), "...", expected[#expected])
  for _, name in ipairs(names) do
    local sorted = algorithms[name]({ table.unpack(original) })
    local same = true
    for i = 1, #expected do same = same and sorted[i] == expected[i] end
    print("  " .. name, same)
  end
end
