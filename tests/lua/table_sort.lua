-- table.sort (manual 6.6).

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(tostring(message), text, 1, true), message)
end

local function isSorted(t, less)
  for i = 2, #t do
    if less then
      if less(t[i], t[i - 1]) then return false end
    elseif t[i] < t[i - 1] then
      return false
    end
  end
  return true
end

-- A generator of our own, so that every run sorts the same arrays.
local state = 12345
local function random(n)
  state = (state * 1103515245 + 12345) & 0x7fffffff
  return state % n + 1
end

local makers = {
  integers = function() return random(1000) end,
  floats = function() return random(1000) / 7 end,
  mixed = function() return random(2) == 1 and random(100) or random(100) + 0.5 end,
  strings = function() return tostring(random(100000)) end,
  longStrings = function() return ("x"):rep(50) .. random(1000) end,
  few = function() return random(3) end,
}
for _, maker in pairs(makers) do
  for _, size in ipairs { 0, 1, 2, 3, 4, 5, 10, 99, 100, 101, 1000 } do
    local t, counts = {}, {}
    for i = 1, size do
      t[i] = maker()
      counts[t[i]] = (counts[t[i]] or 0) + 1
    end
    local copy = table.move(t, 1, #t, 1, {})
    table.sort(t)
    assert(#t == size and isSorted(t))
    for _, v in ipairs(t) do counts[v] = counts[v] - 1 end
    for _, n in pairs(counts) do assert(n == 0) end
    local function greater(a, b) return a > b end
    table.sort(copy, greater)
    assert(#copy == size and isSorted(copy, greater))
    for i = 1, size do assert(copy[i] == t[size + 1 - i]) end
  end
end

-- Orders that are bad for a naive choice of pivots.
for _, shape in ipairs { function(i) return i end, function(i) return -i end, function() return 0 end,
                         function(i) return i % 2 end, function(i) return i < 500 and i or 1000 - i end } do
  local t = {}
  for i = 1, 1000 do t[i] = shape(i) end
  local comparisons = 0
  table.sort(t, function(a, b) comparisons = comparisons + 1 return a < b end)
  assert(isSorted(t) and comparisons < 100000)
end

-- Where equal elements end up is the reference's.
do
  local t = {}
  for i = 1, 40 do t[i] = { key = i * 7 % 5, id = i } end
  table.sort(t, function(a, b) return a.key < b.key end)
  local ids = {}
  for i, v in ipairs(t) do ids[i] = v.id end
  local expected = "40 25 15 30 35 10 20 5 8 23 28 18 13 3 33 38 31 26 36 " ..
                   "21 1 16 11 6 29 39 14 24 4 9 19 34 37 2 12 27 32 7 17 22"
  assert(table.concat(ids, " ") == expected, table.concat(ids, " "))
end

-- Metamethods of elements and of the table.
do
  local mt = { __lt = function(a, b) return a.n < b.n end }
  local t = {}
  for i = 1, 50 do t[i] = setmetatable({ n = (i * 17) % 50 }, mt) end
  table.sort(t)
  for i = 1, 50 do assert(t[i].n == i - 1) end
  local storage = { 5, 3, 4, 1, 2 }
  table.sort(setmetatable({}, { __index = storage, __len = function() return 5 end,
                                __newindex = function(_, i, v) storage[i] = v end }))
  assert(table.concat(storage) == "12345")
end

-- Errors.
failsWith("attempt to compare", table.sort, { 1, 2, "x" })
failsWith("attempt to compare two table values", table.sort, { {}, {} })
failsWith("attempt to compare", table.sort, { 1, nil, 3 })
failsWith("function expected, got number", table.sort, { 1, 2 }, 1)
failsWith("table expected, got no value", table.sort)
failsWith("array too big", table.sort, setmetatable({}, { __len = function() return math.maxinteger end }))
failsWith("invalid order function for sorting", table.sort, { 3, 1, 2, 5, 4 }, function() return true end)
failsWith("mine", table.sort, { 1, 2, 3 }, function() error "mine" end)
table.sort({ 1 }, 1)

-- Not-a-number and comparison functions without any order end, with an error or without.
do
  local t = {}
  for i = 1, 200 do t[i] = i % 7 == 0 and 0 / 0 or random(100) end
  pcall(table.sort, t)
  assert(#t == 200)
  pcall(table.sort, t, function() return random(2) == 1 end)
  assert(#t == 200)
end

-- A comparison function that changes the table, makes garbage, and fails half-way.
do
  local t = {}
  for i = 1, 300 do t[i] = { random(1000) } end
  local calls = 0
  pcall(table.sort, t, function(a, b)
    calls = calls + 1
    if calls == 50 then for i = 1, 300 do t[i] = nil end collectgarbage() end
    local garbage = { {}, {}, {} }
    return #garbage == 3 and a[1] < b[1]
  end)
  assert(calls >= 50)
  local u = { 3, 2, 1, 5, 4 }
  calls = 0
  assert(not pcall(table.sort, u, function(a, b)
    calls = calls + 1
    if calls == 4 then error "enough" end
    return a < b
  end))
  assert(#u == 5)
end

-- Nested sorts.
do
  local t = {}
  for i = 1, 20 do t[i] = { random(9), random(9), random(9) } end
  table.sort(t, function(a, b)
    table.sort(a)
    table.sort(b)
    return table.concat(a) < table.concat(b)
  end)
  for i = 2, 20 do assert(table.concat(t[i - 1]) <= table.concat(t[i])) end
end
