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

-- What metamethods and comparisons see of a sort, and what is left when it fails. The expected values are checksums of the
-- reference's reads, stores and comparisons.
do
  local state = 12345
  local function random(n) state = (state * 1103515245 + 12345) & 0x7fffffff return state % n + 1 end
  local function mix(h, x) return ((h * 31) ~ x) & 0xffffffffffff end
  local results = {}
  -- reads and writes seen by a proxy
  for _, size in ipairs { 1, 2, 3, 4, 5, 10, 50, 99, 100, 101, 102, 300 } do
    local data, log = {}, 7
    for i = 1, size do data[i] = random(50) end
    local proxy = setmetatable({}, { __len = function() return size end,
      __index = function(_, k) log = mix(log, k * 2) return data[k] end,
      __newindex = function(_, k, v) log = mix(mix(log, k * 2 + 1), v) data[k] = v end })
    table.sort(proxy)
    table.sort(proxy, function(a, b) log = mix(log, a * 1000 + b) return a > b end)
    assert(next(proxy) == nil)
    results[#results + 1] = log
  end
  -- no __newindex, never less: nothing is stored
  local o = setmetatable({}, { __len = function() return 2 end, __index = function(_, i) return i end })
  table.sort(o, function() return false end) assert(next(o) == nil)
  -- a comparison that writes to the table
  for _, size in ipairs { 3, 10, 60, 150 } do
    local t = {} for i = 1, size do t[i] = random(1000) end
    local calls, log = 0, 3
    local ok, e = pcall(table.sort, t, function(a, b)
      calls = calls + 1 log = mix(log, a * 1024 + b)
      if calls % 7 == 0 then t[calls % size + 1] = calls end
      return a < b
    end)
    for i = 1, size do log = mix(log, t[i]) end
    results[#results + 1] = mix(log, ok and 1 or 0)
    if not ok then assert(e:find("invalid order function", 1, true), e) end
  end
  -- that takes elements away
  do
    local t = {} for i = 1, 40 do t[i] = (i * 17) % 41 end
    local calls = 0
    local ok, e = pcall(table.sort, t, function(a, b) calls = calls + 1 if calls == 30 then for i = 1, 40 do t[i] = nil end collectgarbage() end return a < b end)
    results[#results + 1] = ok and "ok" or e:gsub("^.-:%d+: ", "")
    local log = 1 for i = 1, 40 do log = mix(log, t[i] or 99) end results[#results + 1] = log
  end
  -- errors in the middle, invalid orders, NaN: what is left
  for _, limit in ipairs { 1, 2, 5, 17, 60 } do
    local t = {} for i = 1, 60 do t[i] = (i * 23) % 61 end
    local calls = 0
    pcall(table.sort, t, function(a, b) calls = calls + 1 if calls == limit then error("stop") end return a < b end)
    local log = 1 for i = 1, 60 do log = mix(log, t[i]) end results[#results + 1] = log
  end
  for _, f in ipairs { function() return true end, function(a, b) return a <= b end, function(a, b) return (a + b) % 3 ~= 0 end } do
    local t = {} for i = 1, 60 do t[i] = (i * 23) % 7 end
    local ok, e = pcall(table.sort, t, f)
    local log = ok and 1 or 2 for i = 1, 60 do log = mix(log, t[i]) end results[#results + 1] = log
  end
  do
    local t = {} for i = 1, 60 do t[i] = i % 7 == 0 and 0/0 or (i * 23) % 61 + 0.5 end
    local ok = pcall(table.sort, t)
    local log = ok and 1 or 2 for i = 1, 60 do log = mix(log, t[i] ~= t[i] and 777 or math.floor(t[i])) end results[#results + 1] = log
    t = {5, "x", 3, 2, 1} ok = pcall(table.sort, t) results[#results + 1] = tostring(ok) .. table.concat(t, ",")
    t = {3, 1, 2.5, 2, 9, 0.5} table.sort(t) results[#results + 1] = table.concat(t, ",")
  end
  local expected = {
    7,
    22188819049646,
    238946377816102,
    102257936051248,
    17279521107801,
    122767351987925,
    82341658242586,
    230761566159672,
    119497414138729,
    265091657265151,
    45739561843198,
    5073761707093,
    15476790272349,
    191209705496603,
    70517035412018,
    142355676655700,
    "attempt to compare nil with number",
    248239783491432,
    125107580854307,
    125107580854307,
    214633762774003,
    81922608110039,
    70168035945857,
    191594323458485,
    71509678652849,
    116625262794109,
    238765607989816,
    "false1,x,2,3,5",
    "0.5,1,2,2.5,3,9",
  }
  for i, result in ipairs(expected) do assert(results[i] == result, i .. ": " .. tostring(results[i])) end
  assert(#results == #expected)
end
