-- next and pairs (manual 6.1): every key exactly once, the array part in order, assignments to existing fields and
-- clearing while a traversal runs.

local n = os.getenv "SELVAGE_GC_STRESS" and 60 or 1000

local function failsWith(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error raised")
  assert(string.find(message, text, 1, true), message)
end

-- Compares a traversal with the expected contents.
local function check(t, expected)
  local seen, count = {}, 0
  for k, v in pairs(t) do
    assert(seen[k] == nil and v ~= nil)
    seen[k] = v
    count = count + 1
  end
  local size = 0
  for k, v in pairs(expected) do
    size = size + 1
    assert(seen[k] == v, tostring(k))
  end
  assert(count == size, count .. " ~= " .. size)
  -- The same by next alone.
  local k, v = next(t)
  while k ~= nil do
    assert(seen[k] == v)
    seen[k] = nil
    k, v = next(t, k)
  end
  assert(next(seen) == nil)
end

-- Empty, and one of each kind of key.
check({}, {})
do
  local key, f = {}, function() end
  local t = { 1, 2, 3, x = "x", [0] = 0, [-1] = -1, [1.5] = 1.5, [true] = true, [false] = false, [key] = "key", [f] = "f", [1 << 40] = "big" }
  local expected = {}
  for _, k in ipairs { 1, 2, 3, "x", 0, -1, 1.5, true, false, key, f, 1 << 40 } do expected[k] = t[k] end
  check(t, expected)
  assert(next({ 5 }) == 1 and next({ x = 1 }) == "x" and next {} == nil and select("#", next {}) == 1)
end

-- Keys 1..n come first and in order after plain appends.
do
  local t = {}
  for i = 1, n do t[i] = i end
  t.x, t.y = "x", "y"
  local expected = 1
  for k in pairs(t) do
    if expected <= n then assert(k == expected) end
    expected = expected + 1
  end
  assert(expected == n + 3)
end

-- Shapes: every field of an object, in the array-less case too; removed fields are skipped; the order is stable.
do
  local t = {}
  for i = 1, 20 do t["f" .. i] = i end
  check(t, { f1 = 1, f2 = 2, f3 = 3, f4 = 4, f5 = 5, f6 = 6, f7 = 7, f8 = 8, f9 = 9, f10 = 10, f11 = 11, f12 = 12, f13 = 13,
    f14 = 14, f15 = 15, f16 = 16, f17 = 17, f18 = 18, f19 = 19, f20 = 20 })
  for i = 1, 20, 2 do t["f" .. i] = nil end
  check(t, { f2 = 2, f4 = 4, f6 = 6, f8 = 8, f10 = 10, f12 = 12, f14 = 14, f16 = 16, f18 = 18, f20 = 20 })
  t.f1 = "again"
  check(t, { f1 = "again", f2 = 2, f4 = 4, f6 = 6, f8 = 8, f10 = 10, f12 = 12, f14 = 14, f16 = 16, f18 = 18, f20 = 20 })
  local first, second = {}, {}
  for k in pairs(t) do first[#first + 1] = k end
  for k in pairs(t) do second[#second + 1] = k end
  assert(table.concat(first, " ") == table.concat(second, " "))
end

-- A mixture under random mutation, compared with a model kept as two parallel lists.
do
  local state = 12345
  local function random(limit)
    state = (state * 1103515245 + 12345) & 0x7fffffff
    return (state >> 8) % limit
  end
  local keys = {}
  for i = 1, 40 do keys[#keys + 1] = i end
  for i = 1, 40 do keys[#keys + 1] = "key" .. i end
  for i = 1, 10 do keys[#keys + 1] = i + 0.5 end
  for i = 1, 10 do keys[#keys + 1] = {} end
  keys[#keys + 1] = true
  local t, values = {}, {}
  for round = 1, n do
    local index = random(#keys) + 1
    local value = random(3) > 0 and round or nil
    t[keys[index]] = value
    values[index] = value or false
    if round % 50 == 0 then
      local count = 0
      for index, key in ipairs(keys) do
        assert(t[key] == (values[index] or nil))
        if values[index] then count = count + 1 end
      end
      local seen = 0
      local once = {}
      for k, v in pairs(t) do
        assert(not once[k] and t[k] == v)
        once[k] = true
        seen = seen + 1
      end
      assert(seen == count)
    end
  end
end

-- Clearing during the traversal: the current key, other keys already or not yet visited.
do
  local function build()
    local t = {}
    for i = 1, 30 do
      t[i] = i
      t["s" .. i] = i
      t[i + 0.5] = i
    end
    return t
  end
  local t = build()
  local visited = 0
  for k in pairs(t) do
    t[k] = nil
    visited = visited + 1
  end
  assert(visited == 90 and next(t) == nil)
  t = build()
  visited = 0
  for k, v in pairs(t) do
    visited = visited + 1
    t[v], t["s" .. v], t[v + 0.5] = nil, nil, nil
  end
  assert(next(t) == nil and visited >= 30 and visited <= 90)
  t = build()
  for k, v in pairs(t) do
    if v % 2 == 0 then t[k] = nil else t[k] = -v end
  end
  local sum, count = 0, 0
  for _, v in pairs(t) do
    sum = sum + v
    count = count + 1
  end
  assert(count == 45 and sum == -3 * 225)
  -- With collections in between.
  t = build()
  visited = 0
  for k in pairs(t) do
    t[k] = nil
    visited = visited + 1
    if visited % 10 == 0 then collectgarbage() end
  end
  assert(visited == 90 and next(t) == nil)
  -- Object keys that nothing but the table holds.
  t = {}
  for i = 1, 30 do t[{}] = i end
  visited = 0
  for k in pairs(t) do
    t[k] = nil
    k = nil
    visited = visited + 1
    if visited % 7 == 0 then collectgarbage() end
  end
  assert(visited == 30)
end

-- Two traversals of one table at once, nested and interleaved; traversal by hand from a given key.
do
  local t = { a = 1, b = 2, c = 3, 10, 20, 30 }
  local pairsCount = 0
  for _ in pairs(t) do
    for _ in pairs(t) do pairsCount = pairsCount + 1 end
  end
  assert(pairsCount == 36)
  local k1, k2 = next(t), next(t)
  local steps = 0
  while k1 do
    assert(k1 == k2)
    k1, k2 = next(t, k1), next(t, k2)
    steps = steps + 1
  end
  assert(steps == 6 and k2 == nil)
  assert(next({ 1, 2, 3 }, 2) == 3 and next({ 1, 2, 3 }, 3) == nil)
end

-- Errors.
failsWith("table expected, got no value", next)
failsWith("table expected, got nil", next, nil)
failsWith("invalid key to 'next'", next, {}, "absent")
failsWith("invalid key to 'next'", next, { 1, 2, 3 }, 4.5)
failsWith("bad argument #1 to 'for iterator' (table expected, got nil)", function() for _ in pairs(nil) do end end)

-- ipairs stops at the first nil, sees changes, respects metamethods.
do
  local t = { 1, 2, 3 }
  local seen = {}
  for i, v in ipairs(t) do
    seen[i] = v
    if i < 6 then t[i + 3] = i + 3 end
  end
  assert(#seen == 8 and seen[8] == 8)
  seen = 0
  for i in ipairs { 1, nil, 3 } do seen = seen + 1 end
  assert(seen == 1)
  for _ in ipairs {} do error "no turn" end
  seen = 0
  for i in ipairs(setmetatable({ "a" }, { __index = { "x", "b", "c" } })) do seen = i end
  assert(seen == 3)
end

-- Tables from table.remove, table.insert, table.move, sort and unpack stay proper sequences for both.
do
  local t = {}
  for i = 1, 100 do table.insert(t, 1, i) end
  for i = 1, 50 do table.remove(t, 1) end
  for i = 1, 10 do table.remove(t) end
  table.sort(t)
  local count = 0
  for k, v in pairs(t) do
    count = count + 1
    assert(k == count and v == 10 + count)
  end
  assert(count == 40 and #t == 40)
end

print "ok"
